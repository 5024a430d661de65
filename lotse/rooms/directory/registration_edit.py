"""What saved searches register: their mail and the daily look."""

from django.utils.translation import gettext_lazy as _

from lotse.foundation.core import hooks
from lotse.rooms.directory import mails_searches
from lotse.rooms.directory.services import searches


def register() -> None:
    """Called once, from `apps.py`."""
    hooks.mail_kinds.register(mails_searches.KIND)
    hooks.mail_samples.register(hooks.MailSample(mails_searches.KIND.code, mails_searches.sample))
    hooks.daily_jobs.register(
        hooks.DailyJob(
            "directory.searches", _("Neues zu gespeicherten Suchen"), searches.send_new, hour=6
        )
    )
