"""What the public pages bring to the rest of the product."""

from lotse.foundation.core import hooks
from lotse.rooms.directory import hooks as joined
from lotse.rooms.directory import mails_message


def register() -> None:
    """The door of the front page, the entry of the menu, the mail of a message passed on."""
    hooks.doors.register(joined.door, order=20)
    hooks.doors.register(joined.join_door, order=120)
    hooks.menu.register(joined.menu, order=10)
    hooks.footer.register(joined.join_link)
    hooks.mail_kinds.register(mails_message.MESSAGE)
    hooks.mail_samples.register(hooks.MailSample(mails_message.MESSAGE.code, mails_message.sample))
