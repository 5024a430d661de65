"""ICS: every date-bound thing can go into a calendar (RFC 5545), every meeting into an invitation
that updates and cancels itself there (RFC 5546). icalendar is loaded when one is written."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from lotse.foundation.core import clock
from lotse.foundation.core.clock import ZONE
from lotse.foundation.core.text import clean, clean_line

if TYPE_CHECKING:
    from icalendar import Calendar, Event, vCalAddress

REQUEST, CANCEL, PUBLISH = "REQUEST", "CANCEL", "PUBLISH"


@dataclass(frozen=True)
class DayEvent:
    """Something due on a day; `uid` stays the same through changes, so calendars update it."""

    uid: UUID
    day: date
    title: str
    text: str = ""
    url: str = ""
    sequence: int = 0


@dataclass(frozen=True)
class MeetingEvent:
    """Something from one moment to another; of one `uid` the highest `sequence` holds."""

    uid: UUID
    starts_at: datetime
    ends_at: datetime
    title: str
    text: str = ""
    place: str = ""
    url: str = ""
    sequence: int = 0
    cancelled: bool = False


@dataclass(frozen=True)
class Address:
    """Somebody in a calendar entry."""

    email: str
    name: str = ""

    def as_value(self, **parameters: str) -> "vCalAddress":
        from icalendar import vCalAddress, vText

        value = vCalAddress(f"mailto:{self.email}")
        for key, word in {"cn": clean_line(self.name), **parameters}.items():
            if word:
                value.params[key] = vText(word)
        return value


def calendar(name: str, events: Iterable[DayEvent | MeetingEvent], *, host: str) -> bytes:
    """A calendar to read: all-day events with a reminder the day before, meetings at their time."""
    from icalendar import vText

    result = _calendar(PUBLISH)
    result.add("x-wr-calname", vText(clean_line(name)))
    for entry in events:
        result.add_component(
            _day(entry, host) if isinstance(entry, DayEvent) else _meeting(entry, host)
        )
    return _bytes(result)


class Invitation:
    """A meeting for the calendars of many: only the line of who is invited differs, so the rest,
    with its zone of time, is written once (20 ms)."""

    def __init__(self, entry: MeetingEvent, *, host: str, organizer: Address) -> None:
        self.method = method_of(entry)
        result = _calendar(self.method)
        event = _meeting(entry, host)
        event["organizer"] = organizer.as_value()
        result.add_component(event)
        # What people typed cannot stand alone on a line, so the first such line is ours.
        end = b"\r\nEND:VEVENT\r\n" if entry.cancelled else b"\r\nBEGIN:VALARM\r\n"
        self._before, self._end, self._after = _bytes(result).partition(end)

    def to(self, attendee: Address, *, answer: str = "") -> bytes:
        """The invitation of one person, or its cancellation where the entry is cancelled.

        The calendar program of the person takes changes over by `uid` and `sequence`. `answer` is
        what the person said: accepted, declined, or nothing yet.
        """
        from icalendar.parser import Contentline

        said = answer.upper() if answer else "NEEDS-ACTION"
        value = attendee.as_value(partstat=said, role="REQ-PARTICIPANT", rsvp="FALSE")
        line = bytes(Contentline.from_parts("ATTENDEE", value.params, value).to_ical())
        return self._before + b"\r\n" + line + self._end + self._after


def method_of(entry: MeetingEvent) -> str:
    """What a mail with this entry asks of the calendar program."""
    return CANCEL if entry.cancelled else REQUEST


def _calendar(method: str) -> "Calendar":
    from icalendar import Calendar

    result = Calendar()
    result.add("prodid", "-//Lotse//lotse//DE")
    result.add("version", "2.0")
    result.add("method", method)
    return result


def _bytes(result: "Calendar") -> bytes:
    result.add_missing_timezones()
    return bytes(result.to_ical())


def _base(entry: DayEvent | MeetingEvent, host: str) -> "Event":
    from icalendar import Event

    event = Event()
    event.add("uid", f"{entry.uid}@{host}")
    event.add("sequence", entry.sequence)
    event.add("dtstamp", clock.now())
    event.add("summary", clean_line(entry.title))
    if entry.text:
        event.add("description", clean(entry.text))
    if entry.url:
        event.add("url", entry.url)
    return event


def _day(entry: DayEvent, host: str) -> "Event":
    event = _base(entry, host)
    event.add("dtstart", entry.day)
    event.add("dtend", entry.day + timedelta(days=1))
    event.add("transp", "TRANSPARENT")
    _remind(event, entry.title, timedelta(hours=-15))
    return event


def _meeting(entry: MeetingEvent, host: str) -> "Event":
    event = _base(entry, host)
    # Wall-clock time with its zone: a change of summer time moves no meeting (T49).
    event.add("dtstart", entry.starts_at.astimezone(ZONE))
    event.add("dtend", entry.ends_at.astimezone(ZONE))
    if entry.place:
        event.add("location", clean_line(entry.place))
    event.add("status", "CANCELLED" if entry.cancelled else "CONFIRMED")
    if not entry.cancelled:
        _remind(event, entry.title, timedelta(days=-1))
    return event


def _remind(event: Any, title: str, before: timedelta) -> None:
    from icalendar import Alarm

    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", clean_line(title))
    alarm.add("trigger", before)
    event.add_component(alarm)
