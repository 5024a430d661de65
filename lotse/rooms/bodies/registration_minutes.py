"""What minutes register when the apps are loaded."""

from django.utils.translation import gettext_lazy as _

from lotse.foundation.core import hooks
from lotse.foundation.parties.privacy import purposes
from lotse.rooms.bodies import mails_minutes, privacy_guests
from lotse.rooms.bodies.queries.minutes import PURPOSE
from lotse.rooms.bodies.services import recording
from lotse.rooms.bodies.services.settling import settle_due

JOB = hooks.DailyJob(
    "bodies.minutes", _("Protokolle nach Ablauf der Frist genehmigen"), settle_due, hour=0
)


def register() -> None:
    """Mails with their examples and links, the daily job, the consent, checks of the chain, the
    period for addresses of guests."""
    for kind in mails_minutes.KINDS:
        hooks.mail_kinds.register(kind)
    for sample in mails_minutes.SAMPLES:
        hooks.mail_samples.register(sample)
    hooks.mail_secrets.register(mails_minutes.SECRET)
    hooks.daily_jobs.register(JOB)
    privacy_guests.register()
    for check in recording.CHECKS:
        hooks.record_checks.register(check)
    purposes.register(purposes.Purpose(
        PURPOSE, _("In Protokollen nennen"), ("web", "members"),
        {"de": "Mein Name darf in veröffentlichten Protokollen von Gremien stehen, in denen ich "
               "mitwirke.",
         "en": "My name may appear in published minutes of bodies in which I take part."},
        "2026-11",
    ))  # fmt: skip
