"""Dates of all bodies: meetings, appointments of partners, external dates that were mentioned."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from lotse.foundation.core import clock, text
from lotse.foundation.core.actor import Actor
from lotse.foundation.core.permissions import visible
from lotse.foundation.parties.models import Body, Network, RoleGrant
from lotse.foundation.parties.standing import holds_on
from lotse.rooms.bodies.models import Appointment, Attendance, Meeting, Outcome
from lotse.rooms.bodies.permissions import INSIDE

if TYPE_CHECKING:
    from lotse.foundation.core.ical import DayEvent, MeetingEvent

PAST = timedelta(days=400)
FEED_PAST = timedelta(days=90)
MOST = 2000
MEETING, APPOINTMENT, EXTERNAL = "meeting", "appointment", "external"


@dataclass(frozen=True)
class Entry:
    """A date: of a meeting, an appointment, or a whole `day`. What only members may read (title,
    place, link) is empty for everybody else."""

    kind: str
    uid: UUID
    title: str
    day: date
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    body: str = ""
    place: str = ""
    link: str = ""
    text: str = ""
    url: str = ""
    state: str = ""
    sequence: int = 0
    cancelled: bool = False

    @property
    def month(self) -> str:
        return self.day.isoformat()[:7]

    @property
    def until(self) -> date:
        """The last day of it."""
        return self.day if self.ends_at is None else timezone.localdate(self.ends_at)


@dataclass(frozen=True)
class NextDates:
    """What the latest meeting of a body said about next dates, also of others (S1-21)."""

    body: str
    meeting: str
    day: date
    url: str
    words: str


@dataclass(frozen=True)
class Calendar:
    """Dates in order, and what was said about next ones."""

    entries: list[Entry]
    announced: list[NextDates]


def calendar_of(network: Network, actor: Actor) -> Calendar:
    """Dates of a network from a year ago on, as far as the actor may know them. Three queries.

    Of a meeting that is none of theirs, people learn the body and the time, and only once it is
    called: a day in preparation may still move.
    """
    since = clock.now() - PAST
    meetings = list(_known_meetings(network, actor, since))
    appointments = visible(
        "bodies.appointment.view", actor,
        Appointment.objects.filter(network=network, ends_at__gte=since),
    )  # fmt: skip
    entries = [
        *(_meeting(meeting) for meeting in meetings),
        *(of_appointment(one) for one in appointments[:MOST]),
        *_external(network, actor, since.date()),
    ]
    return Calendar(sorted(entries, key=_order), _announced(meetings))


def _order(entry: Entry) -> Any:
    begin = entry.starts_at or datetime.combine(entry.day, datetime.min.time(), clock.ZONE)
    return (begin, entry.title, entry.uid)


def _marked(actor: Actor, rows: QuerySet[Meeting]) -> QuerySet[Meeting]:
    """Meetings with `inside`: whether the actor may read them."""
    inside = visible("bodies.meeting.view", actor, Meeting.objects.filter(pk=OuterRef("pk")))
    return rows.select_related("body").annotate(inside=Exists(inside)).order_by("starts_at", "pk")


def _known_meetings(network: Network, actor: Actor, since: datetime) -> QuerySet[Meeting]:
    known = visible("bodies.body.view", actor, Body.objects.filter(pk=OuterRef("body")))
    rows = _marked(actor, Meeting.objects.filter(body__network=network, ends_at__gte=since))
    called = Q(Exists(known)) & ~Q(state=Meeting.State.PLANNED)
    return rows.filter(Q(inside=True) | called)[:MOST]


def _meeting(meeting: Any) -> Entry:
    """A meeting as far as `inside` lets it be read."""
    cancelled = meeting.state == Meeting.State.CANCELLED
    of = meeting.body.short_name or meeting.body.name
    title, place, link, words, url = _("Sitzung: %(body)s") % {"body": of}, "", "", "", ""
    if meeting.inside:
        title = f"{of}: {meeting.title}"
        place = ", ".join(filter(None, [meeting.place, meeting.room, meeting.address]))
        link, url = meeting.link, reverse("bodies:meeting", args=[meeting.uuid])
        words = _("Teilnahme: %(link)s") % {"link": link} if link else ""
    return Entry(
        MEETING, meeting.uuid, title, timezone.localdate(meeting.starts_at),
        meeting.starts_at, meeting.ends_at, body=meeting.body.name, place=place, link=link,
        text=words, url=url, sequence=meeting.sequence, cancelled=cancelled,
        state=meeting.get_state_display() if meeting.inside or cancelled else "",
    )  # fmt: skip


def of_appointment(one: Appointment) -> Entry:
    """An appointment; all of it is for everybody who may see it."""
    off = one.cancelled_at is not None
    return Entry(
        APPOINTMENT, one.uuid, one.title, timezone.localdate(one.starts_at), one.starts_at,
        one.ends_at, place=one.place, text=one.text, sequence=one.sequence, cancelled=off,
        url=reverse("bodies:appointment", args=[one.uuid]), state=_("abgesagt") if off else "",
    )  # fmt: skip


def _external(network: Network, actor: Actor, since: date) -> Iterator[Entry]:
    """Days of others that a meeting mentioned, for those who may read the meeting."""
    meetings = visible("bodies.meeting.view", actor, Meeting.objects.filter(body__network=network))
    rows = Outcome.objects.filter(
        kind=Outcome.Kind.EXTERNAL_DATE, on_day__gte=since, item__meeting__in=meetings
    ).select_related("item__meeting__body").order_by("on_day", "pk")  # fmt: skip
    for row in rows[:MOST]:
        if row.on_day is not None:
            meeting = row.item.meeting
            yield Entry(
                EXTERNAL, row.uuid, text.shorten(text.clean_line(row.text), 200), row.on_day,
                body=meeting.body.name, text=row.source,
                url=reverse("bodies:meeting", args=[meeting.uuid]),
            )  # fmt: skip


def _announced(meetings: Iterable[Any]) -> list[NextDates]:
    """Of each body the latest meeting that was held and names next dates. No query."""
    latest: dict[str, NextDates] = {}
    for meeting in meetings:
        if meeting.inside and meeting.next_dates and meeting.state == Meeting.State.HELD:
            latest[meeting.body.name] = NextDates(
                meeting.body.name, meeting.title, timezone.localdate(meeting.starts_at),
                reverse("bodies:meeting", args=[meeting.uuid]), meeting.next_dates,
            )  # fmt: skip
    return [latest[name] for name in sorted(latest)]


def own_entries(actor: Actor) -> list[Entry]:
    """Meetings of the bodies one sits in or is invited to, and appointments of one's
    organisations. Two queries.

    A role that demands a second factor does not come with the secret link of a calendar (T14). Who
    holds such a role in a body (by default the minute taker) still finds the body and the time
    there, as everybody who may know the body does; title, place and link only with a seat, an
    invitation, or a role without that demand.
    """
    if actor.person is None:
        return []
    since = clock.now() - FEED_PAST
    held = RoleGrant.objects.filter(
        holds_on(clock.today()), person=actor.person, ended_at=None,
        role__in=RoleGrant.OF_BODIES, held_in_uuid__isnull=False,
    )  # fmt: skip
    invited = Attendance.objects.filter(
        meeting=OuterRef("pk"), person=actor.person, invited_at__isnull=False
    )
    own = Q(body__uuid__in=held.values("held_in_uuid")) | Q(Exists(invited))
    if stood_for := actor.things_as(*INSIDE):
        own |= Q(body__uuid__in=stood_for)
    meetings = _marked(actor, Meeting.objects.filter(own, ends_at__gte=since))[:MOST]
    entries = [_meeting(meeting) for meeting in meetings]
    if seats := actor.organisations():
        taking_part = Appointment.organisations.through.objects.filter(
            appointment=OuterRef("pk"), organisation__in=seats
        )
        rows = Appointment.objects.filter(Exists(taking_part), ends_at__gte=since)
        entries += [of_appointment(one) for one in rows[:MOST]]
    return sorted(entries, key=_order)


def event_of(entry: Entry) -> "DayEvent | MeetingEvent":
    """A date as calendar programs read it; `uid` and `sequence` are those of the invitation."""
    # What writes calendars takes time to load; no other page needs it.
    from lotse.foundation.core.ical import DayEvent, MeetingEvent

    url = settings.BASE_URL + entry.url if entry.url else ""
    if entry.starts_at is None or entry.ends_at is None:
        return DayEvent(entry.uid, entry.day, entry.title, entry.text, url)
    return MeetingEvent(
        entry.uid, entry.starts_at, entry.ends_at, entry.title, entry.text, entry.place, url,
        entry.sequence, entry.cancelled,
    )  # fmt: skip


def own_events(actor: Actor) -> "list[DayEvent | MeetingEvent]":
    """The own dates for a calendar program (`hooks.calendar_events`)."""
    return [event_of(entry) for entry in own_entries(actor)]


def host() -> str:
    """What stands after the @ of an entry's lasting name."""
    return settings.BASE_URL.partition("://")[2].partition(":")[0]
