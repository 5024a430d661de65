"""How fresh an entry is: told by the clock from the day somebody last said that it is true.

Never set by a job, and nothing is deleted for it (issue "Freshness"): after a year it is due, two
weeks later shown as not confirmed, half a year later left out of suggestions.
"""

from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from lotse.rooms.directory.models import Entry

FRESH, DUE, UNCONFIRMED, SILENT = "fresh", "due", "unconfirmed", "silent"
DUE_AFTER = timedelta(days=365)
UNCONFIRMED_AFTER = timedelta(days=426)
SAME_MOMENT = timedelta(seconds=1)
SILENT_AFTER = timedelta(days=548)
# From the oldest down: the first that is reached holds.
STEPS = ((SILENT, SILENT_AFTER), (UNCONFIRMED, UNCONFIRMED_AFTER), (DUE, DUE_AFTER))

LABELS: dict[str, Any] = {
    FRESH: _("bestätigt"),
    DUE: _("Bestätigung fällig"),
    UNCONFIRMED: _("nicht bestätigt"),
    SILENT: _("lange nicht bestätigt"),
}


def freshness_at(assured_at: datetime, now: datetime) -> str:
    """fresh, due, unconfirmed or silent: after 12, 14 and 18 months. No query."""
    age = now - assured_at
    return next((name for name, after in STEPS if age >= after), FRESH)


def was_assured(entry: Entry) -> bool:
    """Whether anybody who may has confirmed or released the entry since it was made: until then
    the day is that of its making, set in the same moment. No query."""
    return entry.assured_at - entry.created_at > SAME_MOMENT


def freshness_of(entry: Entry, now: datetime) -> str:
    """The same for an entry. No query."""
    return freshness_at(entry.assured_at, now)
