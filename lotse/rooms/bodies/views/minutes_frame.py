"""Loading minutes by the meeting they belong to, with what the reader may do and see of them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils.translation import get_language, pgettext

from lotse.foundation.core.actor import Actor
from lotse.foundation.core.errors import NotAllowed
from lotse.foundation.core.permissions import get_visible, has
from lotse.foundation.parties.here import actor_in
from lotse.foundation.parties.privacy.identity import FORMER
from lotse.foundation.procedures import queries as procedures
from lotse.foundation.procedures.models import Objection, ObjectionPeriod
from lotse.rooms.bodies.content.minutes import Json, compile_minutes
from lotse.rooms.bodies.models import Attendance, Meeting, Minutes, MinutesRevision
from lotse.rooms.bodies.permissions import INSIDE, OVERSEEING, was_there
from lotse.rooms.bodies.queries import addressees
from lotse.rooms.bodies.queries.members import withheld_from
from lotse.rooms.bodies.queries.minutes import resolved
from lotse.rooms.bodies.services import minutes as services
from lotse.rooms.bodies.services.naming import Naming
from lotse.rooms.bodies.services.objections import OBJECT
from lotse.rooms.bodies.services.recording import content_of
from lotse.rooms.bodies.views import frame
from lotse.rooms.bodies.views.forming import Way

VIEW, WRITE = "bodies.minutes.view", services.WRITE
_ROWS = ("meeting__body__charter", "meeting__body__network", "meeting__host", "adopted_in")


@dataclass
class Reading:
    """Minutes and who reads them: `writes` them, stands `inside` the body, or came by the personal
    link of an `attendance`. `period` is the latest time for objections, with its objections."""

    minutes: Minutes
    actor: Actor
    writes: bool = False
    inside: bool = False
    attendance: Attendance | None = None
    period: ObjectionPeriod | None = None
    revision: MinutesRevision | None = None
    lang: str = field(default_factory=lambda: get_language() or "de")

    @property
    def meeting(self) -> Meeting:
        return self.minutes.meeting

    @property
    def channel(self) -> str:
        """Which consent lets a name stand, for readers outside of the body."""
        network = self.meeting.body.network.pk
        return "members" if network in self.actor.own_networks else "web"

    def resolved(self, revision: MinutesRevision | None = None) -> Json:
        """The minutes with names as this reader may see them: of a draft as its items say now, else
        of the newest revision or the one given."""
        revision = revision or self.revision
        if revision is None:
            naming = Naming(self.meeting.body.network, write=False)
            content = compile_minutes(self.minutes, services.LANG, naming=naming)
            return resolved(content, self.lang, known=naming.by_uuid, withhold=self._withheld,
                            restricted=naming.restricted)  # fmt: skip
        return resolved(
            content_of(revision), self.lang, public=not self.inside, channel=self.channel,
            withhold=self._withheld,
        )  # fmt: skip

    def _withheld(self, restricted: set[int]) -> set[int]:
        own = self.attendance.person_id if self.attendance is not None else None
        return withheld_from(self.actor, self.meeting.body, restricted - {own})

    @property
    def objections(self) -> Sequence[Objection]:
        """Objections of the latest period: for who writes the minutes all, else the own."""
        rows = list(self.period.objections.all()) if self.period else []
        return rows if self.writes else [one for one in rows if self.is_own(one)]

    def is_own(self, one: Objection) -> bool:
        """Whether the reader made this objection."""
        if self.attendance is not None:
            return one.by == f"link:{self.attendance.uuid}"
        return one.person_id is not None and one.person_id == self.actor.person

    @property
    def is_running(self) -> bool:
        """Whether one can object at this moment."""
        period = self.period
        return period is not None and period.state_at() == ObjectionPeriod.State.RUNNING and (
            self.minutes.state in services.OUT)  # fmt: skip

    @property
    def lapsed(self) -> bool:
        """Whether silence has adopted them and that is not written down yet: then nothing can be
        done that adopted minutes would refuse."""
        return self.minutes.state in services.OUT and (
            procedures.silent_since(self.period) is not None
        )

    def may_object(self) -> bool:
        """Whether the reader can. One query while the period runs."""
        if not self.is_running:
            return False
        return self.attendance is not None or has(OBJECT, self.actor, self.minutes)

    @property
    def ways(self) -> list[Way]:
        """The links above the heading of a page about these minutes."""
        body, meeting = self.meeting.body, self.meeting
        found = [
            Way(pgettext("Sitzung", "Protokoll"), reverse("bodies:minutes", args=[meeting.uuid]))
        ]
        if not self.actor.signed_in or not self.inside:
            return found
        return [Way(body.name, reverse("bodies:body", args=[body.uuid])),
                Way(meeting.title, reverse("bodies:meeting", args=[meeting.uuid])),
                *found]  # fmt: skip


def load(request: HttpRequest, uuid: UUID, code: str = VIEW) -> Reading:
    """The minutes of a meeting; for who writes them also a draft nobody has touched yet. Nothing is
    written: `Reading.lapsed` says that the clock has adopted them. About seven queries.

    Raises Http404 where the actor may not know them, NotAllowed without the right.
    """
    actor = actor_in(request)
    key = Minutes.objects.filter(meeting__uuid=uuid).values_list("uuid", flat=True).first()
    if key is None:
        return _untouched(request, uuid, actor)
    rows = Minutes.objects.select_related(*_ROWS)
    held = _held(actor, uuid)
    if held is not None and code == VIEW:
        minutes = rows.get(uuid=key)
        reading = Reading(minutes, actor, inside=True, attendance=held)
    else:
        also = () if code == WRITE else (WRITE,)
        minutes = get_visible(code, actor, key, rows, also=also)
        reading = Reading(minutes, actor, writes=has(WRITE, actor, minutes))
        reading.inside = reading.writes or _is_inside(minutes, actor)
    return _with_state(reading)


def _with_state(reading: Reading) -> Reading:
    minutes = reading.minutes
    if minutes.state == Minutes.State.DRAFT:
        return reading
    if reading.inside:  # nobody else objects or reads objections
        reading.period = procedures.latest_period(minutes)
    reading.revision = minutes.revisions.order_by("-number").first()
    return reading


def _untouched(request: HttpRequest, uuid: UUID, actor: Actor) -> Reading:
    try:
        meeting = frame.load_meeting(request, uuid, frame.MEETING_RUN).obj
    except NotAllowed:
        raise Http404 from None  # to who only reads, there are none yet
    minutes = Minutes(meeting=meeting, level=meeting.body.charter.level)
    return Reading(minutes, actor, writes=True, inside=True)


def _held(actor: Actor, meeting: UUID) -> Attendance | None:
    """The place on the list of those present whose personal link this browser opened, while the
    period runs. Who is signed in reads by their own rights."""
    if actor.signed_in or not actor.keys:
        return None
    row = Attendance.objects.filter(
        uuid__in=actor.keys, meeting__uuid=meeting, presences__isnull=False,
        meeting__minutes__state__in=services.OUT,
    ).select_related("meeting__minutes").first()  # fmt: skip
    if row is None or not is_free(row):
        return None
    period = procedures.latest_period(row.meeting.minutes)
    running = period is not None and period.state_at() == ObjectionPeriod.State.RUNNING
    return row if running else None


def is_free(row: Attendance) -> bool:
    """Whether the person on the list is still there and free to act: not erased, suspended or
    restricted. At most one query."""
    if row.person_id is None:
        return row.name != str(FORMER)
    return row.person_id in addressees.reach_of([row.person_id])


def _is_inside(minutes: Minutes, actor: Actor) -> bool:
    """Whether the reader belongs to the body or its meeting, or oversees it. At most one query."""
    body = minutes.meeting.body
    if actor.operates or body.uuid in actor.things_as(*INSIDE):
        return True
    if body.network.pk in actor.networks_as(*OVERSEEING):
        return True
    if actor.person is None:
        return False
    return Attendance.objects.filter(was_there(actor), meeting=minutes.meeting).exists()


def stored(reading: Reading) -> Minutes:
    """The row of the minutes, made where nobody touched the draft yet: before an act."""
    if reading.minutes.pk is None:
        reading.minutes = services.begin(reading.meeting)
    return reading.minutes


def items_in(content: Json, depth: int = 0) -> list[tuple[dict[str, Any], str]]:
    """Items with their words for a choice, in the order of reading, without breaks."""
    found = []
    for item in content.get("items", []):
        if item["number"]:
            found.append((item, f"{item['number']} {item['title']}"))
        found += items_in(item, depth + 1)
    return found
