"""Deadlines are days on the wall clock of Europe/Berlin: they end when the day does (T49)."""

from datetime import date, datetime, time, timedelta

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _


def end_of(day: date) -> datetime:
    """The moment at which the day is over, the first of the next one: right also on the two days
    of a year that have 23 or 25 hours."""
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min))


def last_day(moment: datetime) -> date:
    """The last day before a deadline of `end_of`."""
    return timezone.localdate(moment - timedelta(microseconds=1))


def deadline_words(moment: datetime) -> str:
    """`18.12.2026, 24:00 Uhr`."""
    day = date_format(last_day(moment), "SHORT_DATE_FORMAT")
    return _("%(day)s, 24:00 Uhr") % {"day": day}
