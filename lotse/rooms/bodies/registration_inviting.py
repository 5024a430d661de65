"""What meetings and invitations register: mail with its secret and examples, reminders, cards."""

from django.utils.translation import gettext_lazy as _

from lotse.foundation.core import hooks
from lotse.rooms.bodies import cards, mails_inviting
from lotse.rooms.bodies.services import reply_links, replying


def register() -> None:
    """Called once, from `registration.py`."""
    for kind in mails_inviting.KINDS:
        hooks.mail_kinds.register(kind)
    for sample in mails_inviting.SAMPLES:
        hooks.mail_samples.register(sample)
    secret = hooks.MailSecret(mails_inviting.REPLY_SECRET, reply_links.address_of)
    hooks.mail_secrets.register(secret)
    hooks.cards.register(cards.cards_of, order=25)
    hooks.daily_jobs.register(
        hooks.DailyJob(
            "bodies.invitation_reminders", _("Erinnerungen an Einladungen"), replying.send_due,
            hour=6,
        )
    )  # fmt: skip
