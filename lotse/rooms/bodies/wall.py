"""Days and times as they stand on the wall clock of Europe/Berlin, and moments (T49)."""

from datetime import UTC, date, datetime, time

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from lotse.foundation.core.errors import Refused


def moment(day: date, at: time) -> datetime:
    """The moment in UTC. An hour that comes twice means its first time.

    Raises Refused for one that the change to summer time leaves out.
    """
    naive = datetime.combine(day, at)
    found = naive.replace(tzinfo=timezone.get_default_timezone()).astimezone(UTC)
    if timezone.localtime(found).replace(tzinfo=None) != naive:
        raise Refused(
            _("Am %(day)s gibt es %(time)s Uhr nicht: In dieser Nacht wird die Uhr vorgestellt.")
            % {"day": date_format(day, "SHORT_DATE_FORMAT"), "time": at.strftime("%H:%M")}
        )
    return found


def day_words(begin: datetime) -> str:
    """`Mittwoch, 18.03.2026`."""
    local = timezone.localtime(begin)
    return f"{date_format(local, 'l')}, {date_format(local, 'SHORT_DATE_FORMAT')}"


def clock_words(at: datetime) -> str:
    """`13:00`."""
    return timezone.localtime(at).strftime("%H:%M")


def span_words(begin: datetime, end: datetime) -> str:
    """`Mittwoch, 18.03.2026, 13:00–17:00 Uhr`; of several days both are named."""
    if timezone.localdate(begin) == timezone.localdate(end):
        values = {"day": day_words(begin), "from": clock_words(begin), "to": clock_words(end)}
        return _("%(day)s, %(from)s–%(to)s Uhr") % values
    values = {"day": day_words(begin), "from": clock_words(begin), "last": day_words(end),
              "to": clock_words(end)}  # fmt: skip
    return _("%(day)s, %(from)s Uhr bis %(last)s, %(to)s Uhr") % values
