"""Who is there: counted for the quorum at any moment, and listed for the minute taker."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _

from lotse.foundation.core import clock
from lotse.foundation.core.actor import Actor
from lotse.foundation.parties.models import Body
from lotse.foundation.parties.standing import holds_on
from lotse.rooms.bodies import wall
from lotse.rooms.bodies.content import rules
from lotse.rooms.bodies.models import (
    Attendance,
    Holder,
    Mandate,
    Meeting,
    Presence,
    SpeakRequest,
)
from lotse.rooms.bodies.queries.addressees import may_answer
from lotse.rooms.bodies.queries.members import (
    no_name,
    restricted_among,
    restricted_on,
    unname_lines,
    unnamed,
    withheld_from,
)
from lotse.rooms.bodies.queries.quorum import seats_kept

PART = Attendance.Part


@dataclass(frozen=True)
class Present:
    """Who was there at one moment. `entitled` and `voting` are seats with a vote, not people: a
    delegate and a deputy of the same seat count once. `needed` and `reached` are None where the
    body has no quorum; `others` are members without a vote, `unnamed` those nobody wrote down."""

    entitled: int
    voting: int
    guests: int
    staff: int
    unnamed: int
    needed: int | None
    reached: bool | None
    others: int = 0

    @property
    def people_besides(self) -> int:
        """Everybody who is there without a vote."""
        return self.guests + self.staff + self.unnamed + self.others


def entitled_of(body: Body, day: date) -> int:
    """How many seats with a vote the body has on that day, filled or not. One query."""
    return Mandate.objects.filter(holds_on(day), body=body, with_vote=True).count()


def entitled_on(day: date, body: Any) -> Subquery:
    """The same as a column of other rows; `body` is a key or the field that holds it."""
    seats = Mandate.objects.filter(holds_on(day), body=body, with_vote=True)
    return Subquery(seats.order_by().values("body").annotate(n=Count("pk")).values("n"))


@dataclass(frozen=True)
class Stay:
    """Somebody who is there at one moment; `seat` where it has a vote, `asked` is the key of an
    open request to speak."""

    attendance: int
    person: int | None
    name: str
    organisation: str
    part: str
    seat: int | None
    from_at: datetime
    asked: int | None = None
    asked_uuid: UUID | None = None
    called: bool = False


def with_entitled(rows: QuerySet[Meeting]) -> QuerySet[Meeting]:
    """Meetings that bring along how many seats with a vote their body has today, so that counting
    those present costs one query less."""
    return rows.annotate(entitled_today=entitled_on(clock.today(), OuterRef("body")))


def present_at(meeting: Meeting, moment: datetime | None = None) -> Present:
    """How many are there at that moment; without one, now, and of a meeting that is over at its
    end.

    Somebody is there from `from_at` on and no longer at `to_at`. Of a meeting that is over, which
    seats have a vote and how many were needed is as it was at its end (`quorum.written_down`). Two
    queries, one for a meeting that is over, with the body and its charter loaded.
    """
    return stays_at(meeting, moment)[0]


def stays_at(meeting: Meeting, moment: datetime | None = None) -> tuple[Present, list[Stay]]:
    """As `present_at`, with who they are: everybody in the room reads it, so people whose data are
    restricted stay unnamed. Two queries, one for a meeting of `with_entitled` or one that is
    over."""
    kept = seats_kept(meeting)
    moment = moment or last_moment(meeting)
    day = timezone.localdate(moment)
    open_requests = SpeakRequest.objects.filter(attendance=OuterRef("attendance"), ended_at=None)
    there: Any = Presence.objects.filter(
        Q(to_at=None) | Q(to_at__gt=moment), attendance__meeting=meeting, from_at__lte=moment
    ).annotate(
        seat=Coalesce("attendance__mandate", "attendance__stands_for__mandate"),
        votes=Exists(Mandate.objects.filter(holds_on(day), pk=OuterRef("seat"), with_vote=True)),
        asked=Subquery(open_requests.values("pk")[:1]),
        asked_uuid=Subquery(open_requests.values("uuid")[:1]),
        called_at=Subquery(open_requests.values("called_at")[:1]),
    )  # fmt: skip
    stays = [
        Stay(
            line, person, no_name() if restricted else name, organisation, part,
            seat if (votes if kept is None else seat in kept) else None, from_at, asked,
            asked_uuid, called_at is not None,
        )
        for (
            line, person, restricted, name, organisation, part, seat, votes, from_at, asked,
            asked_uuid, called_at,
        ) in there.order_by("from_at", "pk").values_list(
            "attendance", "attendance__person", "attendance__person__restricted_at",
            "attendance__name", "attendance__organisation", "attendance__part", "seat", "votes",
            "from_at", "asked", "asked_uuid", "called_at",
        )
    ]  # fmt: skip
    return present_of(meeting, stays, day), stays


def present_of(
    meeting: Meeting, stays: list[Stay], day: date, entitled: int | None = None
) -> Present:
    """How many these are, against the seats of that day or those kept at the end of the meeting;
    `entitled` are the seats of the day, where they are known. One query, none where they are, and
    for a meeting that is over or of `with_entitled`."""
    kept = seats_kept(meeting)
    if kept is None:
        return _count(meeting, _entitled(meeting, day) if entitled is None else entitled, stays)
    needed, present = meeting.quorum_needed, _count(meeting, len(kept), stays)
    reached = None if needed is None else present.voting >= needed
    return replace(present, needed=needed, reached=reached)


def last_moment(meeting: Meeting) -> datetime:
    """At which moment those present are counted: at the end, before it now."""
    if meeting.closed_at is not None:
        return meeting.closed_at - timedelta(microseconds=1)
    return clock.now()


def _entitled(meeting: Meeting, day: date) -> int:
    if day == clock.today() and hasattr(meeting, "entitled_today"):
        return meeting.entitled_today or 0
    return entitled_of(meeting.body, day)


def _count(meeting: Meeting, entitled: int, stays: list[Stay]) -> Present:
    voting: set[int] = set()
    found = {PART.GUEST: 0, PART.STAFF: 0}
    others = 0
    for stay in stays:
        if stay.part in found:
            found[PART(stay.part)] += 1
        elif stay.seat is not None:
            voting.add(stay.seat)
        else:
            others += 1
    charter = meeting.body.charter
    return Present(
        entitled=entitled, voting=len(voting), guests=found[PART.GUEST],
        staff=found[PART.STAFF], unnamed=meeting.unnamed_count, others=others,
        needed=rules.quorum_needed(charter, entitled),
        reached=rules.has_quorum(charter, entitled, len(voting)),
    )  # fmt: skip


@dataclass(frozen=True)
class Expected:
    """One line of the list of those present. `value` names it in the form: `a-<uuid>` for a line
    that is stored, `h-<uuid>` for somebody on a seat who is not on the list yet."""

    value: str
    name: str
    organisation: str
    part: str
    state: str
    is_there: bool
    was_there: bool
    uuid: UUID | None


def expected_at(meeting: Meeting, actor: Actor) -> list[Expected]:
    """Everybody who may come or came: who has a seat on that day, who is invited, who was added;
    by name as far as the actor may read it. Three queries, one more where somebody's data are
    restricted."""
    rows = Attendance.objects.filter(meeting=meeting).prefetch_related("presences")
    lines = list(rows.select_related("person").order_by("name", "pk"))
    day = timezone.localdate(meeting.starts_at)
    holders = Holder.objects.filter(
        holds_on(day), holds_on(day, "mandate__"), mandate__body=meeting.body
    )
    seated = list(holders.select_related("mandate__organisation", "person").order_by("part", "pk"))
    withheld = withheld_from(actor, meeting.body, restricted_among(seated) | restricted_on(lines))
    unname_lines(lines, withheld)
    unnamed(seated, withheld)
    known = {line.person_id for line in lines if line.person_id}
    found = [_line_of(line) for line in lines]
    for holder in seated:
        if holder.person_id not in known:
            known.add(holder.person_id)
            found.append(_line_of_holder(holder))
    return sorted(found, key=lambda one: (one.organisation.casefold(), one.name.casefold()))


def _line_of(line: Attendance) -> Expected:
    stays = list(line.presences.all())
    there = next((stay for stay in stays if stay.to_at is None), None)
    if there is not None:
        state = _("da seit %(time)s Uhr") % {"time": wall.clock_words(there.from_at)}
    elif stays:
        ended = max(stay.to_at for stay in stays if stay.to_at is not None)
        state = _("gegangen um %(time)s Uhr") % {"time": wall.clock_words(ended)}
    elif line.excused:
        state = _("entschuldigt")
    else:
        state = _("nicht da")
    return Expected(
        f"a-{line.uuid}", line.name, line.organisation, str(line.get_part_display()), state,
        there is not None, bool(stays), line.uuid,
    )  # fmt: skip


def _line_of_holder(holder: Holder) -> Expected:
    organisation = holder.mandate.organisation
    part = PART.DEPUTY if holder.part == Holder.Part.DEPUTY else PART.MEMBER
    if holder.mandate.kind == Mandate.Kind.GUEST:
        part = PART.GUEST
    return Expected(
        f"h-{holder.uuid}", holder.person.name, organisation.name if organisation else "",
        str(part.label), _("nicht da"), False, False, None,
    )  # fmt: skip


def seats_of(meeting: Meeting, actor: Actor) -> list[Mandate]:
    """The seats of the body on the day of the meeting, for a deputy to choose, with their people of
    that day as far as the actor may read their names. Three queries, one more where somebody's data
    are restricted."""
    day = timezone.localdate(meeting.starts_at)
    rows = Mandate.objects.filter(holds_on(day), body=meeting.body).select_related("organisation")
    people = Holder.objects.filter(holds_on(day)).select_related("person")
    seats = list(
        rows.prefetch_related(Prefetch("holders", queryset=people))
        .order_by("organisation__name", "pk")
    )  # fmt: skip
    holders = [holder for seat in seats for holder in seat.holders.all()]
    unnamed(holders, withheld_from(actor, meeting.body, restricted_among(holders)))
    return seats


def line_by_link(actor: Actor, meeting: UUID) -> Attendance | None:
    """The line of whoever opened the link of an invitation in this browser, while it holds
    (rulings 9). At most three queries, none without such a link."""
    if not actor.keys:
        return None
    rows = (
        Attendance.objects.filter(
            meeting__uuid=meeting, uuid__in=actor.keys, invited_at__isnull=False
        )
        .select_related("meeting__body")
        .order_by("pk")
    )
    return next((row for row in rows if may_answer(row)), None)


def own_line(actor: Actor, meeting: Meeting) -> Attendance | None:
    """The actor's line in the list, by person or by link. One query, at most four."""
    if actor.person is not None:
        found = Attendance.objects.filter(meeting=meeting, person=actor.person).first()
        if found is not None:
            return found
    return line_by_link(actor, meeting.uuid)
