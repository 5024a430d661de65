"""What data protection registers when the apps are loaded."""

from django.utils.translation import gettext_lazy as _

from lotse.foundation.core import hooks
from lotse.foundation.parties.privacy import (
    accounts_data,
    core_data,
    erasure,
    notices,
    parties_data,
    retention,
    rights,  # noqa: F401  registers rules
)


def register() -> None:
    """Rooms come before: their rows lead to the person, whose own rows go last."""
    hooks.personal_data.register(core_data.DATA, order=700)
    hooks.personal_data.register(parties_data.DATA, order=800)
    hooks.personal_data.register(accounts_data.data(), order=900)
    for kind in notices.KINDS:
        hooks.mail_kinds.register(kind)
    for one in retention.CLASSES:
        if one.key in retention.KNOWN_JOBS:
            continue
        hooks.daily_jobs.register(
            hooks.DailyJob(retention.job_name(one), one.title, one.run, hour=4)
        )
    hooks.daily_jobs.register(
        hooks.DailyJob("privacy.erasures", _("Löschungen nach der Wartezeit"), erasure.run_due)
    )
    hooks.after_restore.register(erasure.replay)
