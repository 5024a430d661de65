"""What announcements and the yearly question bring to the rest of the product."""

from django.utils.translation import gettext_lazy as _

from lotse.foundation.core import hooks
from lotse.rooms.directory import mails, privacy_letters
from lotse.rooms.directory.queries import letters
from lotse.rooms.directory.services import confirming, reminding


def register() -> None:
    """Mail with its secret and examples, the daily jobs, the cards of "Heute"."""
    for kind in mails.KINDS:
        hooks.mail_kinds.register(kind)
    for sample in mails.SAMPLES:
        hooks.mail_samples.register(sample)
    hooks.mail_secrets.register(mails.SECRET)
    privacy_letters.register()
    hooks.cards.register(letters.cards_of, order=30)
    hooks.daily_jobs.register(
        hooks.DailyJob(
            "directory.reminders",
            _("Erinnerungen an Ankündigungen"),
            reminding.send_due,
            hour=6,
        )
    )
    hooks.daily_jobs.register(
        hooks.DailyJob(
            "directory.confirmations", _("Jährliche Bestätigung"), confirming.send_due, hour=6
        )
    )
