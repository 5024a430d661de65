"""How long one-time links that are over are kept: they hold addresses."""

from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lotse.foundation.core import clock
from lotse.foundation.parties.models import Network
from lotse.foundation.parties.privacy import periods, retention
from lotse.rooms.directory.models import Letter

KEPT = "directory.letters"
_DAYS = 180
_TITLE = gettext_lazy("Links zu Steckbriefen nach ihrem Ablauf")


def _overdue(now: datetime, network: Network | None = None) -> Q:
    return periods.overdue(KEPT, "expires_at", now, network)


def delete_old() -> int:
    """Deletes letters when their network's time after their end is over; returns how many. What
    was answered stays with the announcement."""
    return Letter.objects.filter(_overdue(clock.now())).delete()[0]


def register() -> None:
    """The period and the class of data; the daily work comes with the class."""
    if KEPT in periods.PERIODS:
        return
    periods.PERIODS[KEPT] = periods.Period(
        KEPT, _TITLE, lambda: _DAYS, 30, 365,
        gettext_lazy("Sie zeigen, wen eine Ankündigung erreicht hat; für Rückfragen genügt ein "
                     "Jahr (Art. 5 Abs. 1 Buchst. e DSGVO)."),
        network="entry__network",
    )  # fmt: skip
    retention.CLASSES.append(
        retention.Retention(
            KEPT, _TITLE, lambda: _("%(count)s Tage") % {"count": _DAYS}, Letter, _overdue,
            delete_old,
        )
    )  # fmt: skip
