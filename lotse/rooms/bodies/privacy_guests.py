"""How long the mail addresses of guests are kept after a meeting: they are for inviting them and
for sending them the minutes, and nothing else."""

from datetime import datetime, timedelta

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lotse.foundation.core import clock
from lotse.foundation.parties.models import Network
from lotse.foundation.parties.privacy import periods, retention
from lotse.rooms.bodies.models import Attendance, Meeting, Minutes

KEPT = "bodies.guests"
_DAYS = 180
_TITLE = gettext_lazy("Mailadressen von Gästen nach der Sitzung")
# Minutes that nobody adopts must not keep an address for ever.
_AT_MOST = timedelta(days=365)


def _overdue(now: datetime, network: Network | None = None) -> Q:
    """Lines without an account whose time is over: it counts from the adoption of the minutes, of
    a meeting that was called off from its planned end, and of one whose minutes are not adopted
    from a year after its end."""
    final = (Minutes.State.ADOPTED, Minutes.State.PUBLISHED)
    before = [state for state in Minutes.State.values if state not in final]
    adopted = Q(meeting__minutes__state__in=final)
    not_adopted = Q(meeting__minutes=None) | Q(meeting__minutes__state__in=before)
    since_adoption = periods.overdue(KEPT, "meeting__minutes__adopted_at", now, network)
    since_end = periods.overdue(KEPT, "meeting__ends_at", now, network)
    called_off = Q(meeting__state=Meeting.State.CANCELLED) & since_end
    never_adopted = periods.overdue(KEPT, "meeting__ends_at", now - _AT_MOST, network)
    return Q(person=None) & ~Q(email="") & (
        (adopted & since_adoption) | called_off | (not_adopted & never_adopted)
    )  # fmt: skip


def forget_addresses() -> int:
    """Empties the addresses of guests whose time is over, with the link of their invitation and
    what they wrote to it; returns how many. Their names stay in the records of the meeting."""
    rows = Attendance.objects.filter(_overdue(clock.now()))
    return rows.update(email="", token_hash="", reply_note="")


def register() -> None:
    """The period and the class of data; the daily work comes with the class."""
    if KEPT in periods.PERIODS:
        return
    periods.PERIODS[KEPT] = periods.Period(
        KEPT, _TITLE, lambda: _DAYS, 30, 365,
        gettext_lazy("Für Rückfragen zum Protokoll; gezählt ab seiner Genehmigung. Danach ist der "
                     "Zweck erreicht (Art. 5 Abs. 1 Buchst. e DSGVO)."),
        network="meeting__body__network",
    )  # fmt: skip
    retention.CLASSES.append(
        retention.Retention(
            KEPT, _TITLE, lambda: _("%(count)s Tage") % {"count": _DAYS}, Attendance, _overdue,
            forget_addresses,
        )
    )  # fmt: skip
