"""The one source of time: stored in UTC, shown and reckoned in Europe/Berlin."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.utils import timezone

ZONE = ZoneInfo("Europe/Berlin")


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return timezone.now()


def today() -> date:
    """Today's date on the wall clock of Europe/Berlin: deadlines are dates there (T49)."""
    return timezone.localdate(now())
