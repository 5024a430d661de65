"""ICS: every date-bound thing can go into a calendar (RFC 5545)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from icalendar import Alarm, Calendar, Event, vText

from lotse.foundation.core import clock
from lotse.foundation.core.text import clean, clean_line


@dataclass(frozen=True)
class DayEvent:
    """Something due on a day; `uid` stays the same through changes, so calendars update it."""

    uid: UUID
    day: date
    title: str
    text: str = ""
    url: str = ""
    sequence: int = 0


def calendar(name: str, events: Iterable[DayEvent], *, host: str) -> bytes:
    """A calendar of all-day events with a reminder the day before."""
    result = Calendar()
    result.add("prodid", "-//Lotse//lotse//DE")
    result.add("version", "2.0")
    result.add("method", "PUBLISH")
    result.add("x-wr-calname", vText(clean_line(name)))
    for entry in events:
        event = Event()
        event.add("uid", f"{entry.uid}@{host}")
        event.add("sequence", entry.sequence)
        event.add("dtstamp", clock.now())
        event.add("dtstart", entry.day)
        event.add("dtend", entry.day + timedelta(days=1))
        event.add("transp", "TRANSPARENT")
        event.add("summary", clean_line(entry.title))
        if entry.text:
            event.add("description", clean(entry.text))
        if entry.url:
            event.add("url", entry.url)
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", clean_line(entry.title))
        alarm.add("trigger", timedelta(hours=-15))
        event.add_component(alarm)
        result.add_component(event)
    return bytes(result.to_ical())
