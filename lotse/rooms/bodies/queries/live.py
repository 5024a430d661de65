"""What those present see of a running meeting: one board, the same for all, worked out once.

A board is kept in the process for a short while under the meeting's `live` number: of three hundred
people who look after a change, the first pays for it. It holds nothing that only some may see;
who sees it at all is asked at every request.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.signing import BadSignature, TimestampSigner
from django.db.models import Count, F, Q, UUIDField
from django.utils.formats import date_format
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from lotse.foundation.core.memo import Memo
from lotse.foundation.core.prepared import Prepared, Slot
from lotse.foundation.measures.models import Measure
from lotse.rooms.bodies import wall
from lotse.rooms.bodies.models import (
    AgendaItem,
    GroupCluster,
    GroupResult,
    Meeting,
    Outcome,
    Presenter,
)
from lotse.rooms.bodies.queries.agenda import Point, agenda_of, flat
from lotse.rooms.bodies.queries.meetings import Paper, papers_of, presenter_line
from lotse.rooms.bodies.queries.outcomes import Row as OutcomeRow
from lotse.rooms.bodies.queries.outcomes import outcomes_of, rows_of
from lotse.rooms.bodies.queries.presence import Present, Stay, stays_at

_TICKET_HOURS = 24
_SIGNER = TimestampSigner(salt="bodies.live")
KIND = Outcome.Kind


@dataclass(frozen=True)
class Line:
    """One line of the agenda as those present see it."""

    key: int
    uuid: UUID
    number: str
    title: str
    at: str
    kind: str
    state: str
    is_part: bool
    is_current: bool
    is_open: bool


@dataclass(frozen=True)
class Speaker:
    """Somebody on the list of requests; `called` has the floor."""

    uuid: UUID | None
    attendance: int
    name: str
    organisation: str
    called: bool


@dataclass(frozen=True)
class Current:
    """The item that is dealt with now."""

    uuid: UUID
    number: str
    title: str
    kind: str
    goal: str
    questions: str
    proposal: str
    proposal_version: int
    is_group_work: bool
    presenters: list[str] = field(default_factory=list)
    papers: list[Paper] = field(default_factory=list)
    outcomes: list[OutcomeRow] = field(default_factory=list)


@dataclass(frozen=True)
class Board:
    """The whole of it."""

    lines: list[Line]
    current: Current | None
    so_far: list[tuple[Line, list[OutcomeRow]]]
    other_papers: list[Paper]
    speakers: list[Speaker]
    present: Present
    stays: list[Stay]

    @property
    def can_go_on(self) -> bool:
        """Whether an item is left that nobody called yet."""
        return any(line.is_open for line in self.lines)

    def stay_of(self, attendance: int | None, person: int | None) -> Stay | None:
        """The present stay of one person."""
        for stay in self.stays:
            if stay.attendance == attendance or (person is not None and stay.person == person):
                return stay
        return None

    def asks(self, stay: Stay | None) -> Speaker | None:
        """The open request of somebody who is there."""
        if stay is None:
            return None
        return next((one for one in self.speakers if one.attendance == stay.attendance), None)


_BOARDS: Memo[Board] = Memo(seconds=30, most=64)


def board_of(meeting: Meeting) -> Board:
    """The board of a meeting loaded with body and charter. At most five queries, none where this
    process made it a moment ago."""
    return _BOARDS.get(state_key(meeting), lambda: _board(meeting))


def state_key(meeting: Meeting) -> tuple[UUID, int, str]:
    """What the board of a meeting, and all that is drawn from it alone, depends on."""
    return meeting.uuid, meeting.live, (get_language() or "de")[:2]


def _board(meeting: Meeting) -> Board:
    items, presenters = _items(meeting)
    points = flat(agenda_of(meeting, items))
    outcomes = outcomes_of(meeting)
    lines = [_line(meeting, point, outcomes.get(point.item.pk, ())) for point in points]
    papers = papers_of(meeting, points)
    present, stays = stays_at(meeting)
    current = next((point for point in points if point.item.pk == meeting.current_id), None)
    now = current.item.pk if current is not None else None
    return Board(
        lines=lines,
        current=_current(
            current, papers, outcomes.get(current.item.pk, ()), presenters.get(current.item.pk, [])
        ) if current else None,
        so_far=[
            (line, rows_of(outcomes[line.key])) for line in lines
            if line.key in outcomes and line.key != now
        ],
        other_papers=[paper for paper in papers if paper.annex.item_id != now or now is None],
        speakers=_speakers(stays),
        present=present,
        stays=stays,
    )  # fmt: skip


def _items(meeting: Meeting) -> tuple[list[AgendaItem], dict[int, list[str]]]:
    """The items, and the lines of those who present them. One query."""
    items: dict[int, AgendaItem] = {}
    presenters: dict[int, list[str]] = {}
    rows: Any = meeting.items.annotate(
        one_name=F("presenters__name"), one_organisation=F("presenters__organisation"),
        one_subject=F("presenters__subject"),
    ).order_by("position", "pk", "presenters__position", "presenters__pk")  # fmt: skip
    for row in rows:
        items.setdefault(row.pk, row)
        if row.one_name is not None:
            one = Presenter(
                name=row.one_name, organisation=row.one_organisation, subject=row.one_subject
            )
            presenters.setdefault(row.pk, []).append(presenter_line(one))
    return list(items.values()), presenters


def _line(meeting: Meeting, point: Point, outcomes: Sequence[Outcome]) -> Line:
    item = point.item
    return Line(
        key=item.pk, uuid=item.uuid, number=point.number, title=item.title,
        at=wall.clock_words(item.started_at or point.starts_at),
        kind=str(item.get_kind_display()), state=state_words(item, outcomes),
        is_part=point.depth > 0, is_current=item.pk == meeting.current_id,
        is_open=item.state == AgendaItem.State.OPEN,
    )  # fmt: skip


def _current(
    point: Point, papers: list[Paper], outcomes: Sequence[Outcome], presenters: list[str]
) -> Current:
    item = point.item
    return Current(
        uuid=item.uuid, number=point.number, title=item.title,
        kind=str(item.get_kind_display()), goal=item.goal, questions=item.questions,
        proposal=item.proposal, proposal_version=item.proposal_version,
        is_group_work=item.kind == AgendaItem.Kind.GROUP_WORK,
        presenters=presenters,
        papers=[paper for paper in papers if paper.annex.item_id == item.pk],
        outcomes=rows_of(outcomes),
    )  # fmt: skip


def state_words(item: AgendaItem, outcomes: Sequence[Outcome]) -> str:
    """What an item came to: the result of its decisions and what was agreed, else its state."""
    said = [] if item.state != AgendaItem.State.RUNNING else [_("läuft gerade")]
    for one in outcomes:
        if one.result:
            said.append(_result_words(one))
    agreed = sum(one.kind == KIND.AGREED_ACTION for one in outcomes)
    if agreed:
        said.append(ngettext("%(n)s Vereinbarung", "%(n)s Vereinbarungen", agreed) % {"n": agreed})
    if not said and item.state != AgendaItem.State.OPEN:
        said.append(str(item.get_state_display()))
    return ", ".join(dict.fromkeys(said))


def _result_words(outcome: Outcome) -> str:
    words = str(outcome.get_result_display())
    if outcome.abstain:
        words += ", " + ngettext(
            "%(n)s Enthaltung", "%(n)s Enthaltungen", outcome.abstain
        ) % {"n": outcome.abstain}  # fmt: skip
    return words


def speakers_of(meeting: Meeting) -> list[Speaker]:
    """Who has the floor, then who waits, in the order of asking. Two queries."""
    return _speakers(stays_at(meeting)[1])


def _speakers(stays: list[Stay]) -> list[Speaker]:
    """By the key of the request: a clock may be set back, a key is not (T49)."""
    asking = sorted(
        (stay for stay in stays if stay.asked is not None),
        key=lambda stay: (not stay.called, stay.asked or 0),
    )
    return [
        Speaker(stay.asked_uuid, stay.attendance, stay.name, stay.organisation, stay.called)
        for stay in asking
    ]


@dataclass(frozen=True)
class Agreed:
    """A measure agreed today: who, what, until when."""

    uuid: UUID
    who: str
    what: str
    until: str


def agreed_in(meeting: Meeting) -> list[Agreed]:
    """Measures that came out of this meeting, in their order. One query."""
    outcomes = Outcome.objects.filter(item__meeting=meeting).values("uuid")
    results = GroupResult.objects.filter(table__item__meeting=meeting).values("uuid")
    clusters = GroupCluster.objects.filter(item__meeting=meeting).values("uuid")
    kinds = [model._meta.label_lower for model in (Outcome, GroupResult, GroupCluster)]
    rows = (
        Measure.objects.filter(origin_type__in=kinds, whole=None)
        .filter(Q(origin_uuid__in=outcomes) | Q(origin_uuid__in=results)
                | Q(origin_uuid__in=clusters))
        .select_related("person", "organisation", "body")
        .annotate(others=Count("helpers")).order_by("pk")
    )  # fmt: skip
    return [Agreed(one.uuid, _who(one, one.others), one.title, _until(one)) for one in rows]


def _who(measure: Measure, others: int) -> str:
    who = measure.who or _("noch niemand")
    if not others:
        return who
    return ngettext("%(who)s und %(n)s weitere", "%(who)s und %(n)s weitere", others) % {
        "who": who, "n": others,
    }  # fmt: skip


def _until(measure: Measure) -> str:
    if measure.due_on is not None:
        return _("bis %(day)s") % {"day": date_format(measure.due_on, "SHORT_DATE_FORMAT")}
    return measure.due_words or _("ohne Termin")


def ticket_of(meeting: Meeting) -> str:
    """What a page of this meeting carries to ask for its number without a session: it opens
    nothing but the number, and lapses after a day."""
    return _SIGNER.sign(meeting.uuid.hex)


def ticket_fits(ticket: str, uuid: UUID) -> bool:
    """Whether this ticket was given for this meeting. No query."""
    try:
        return _SIGNER.unsign(ticket, max_age=_TICKET_HOURS * 3600) == uuid.hex
    except BadSignature:
        return False


def number_of(uuid: UUID) -> int | None:
    """The number that rises with everything to be seen. One query."""
    return next((number for (number,) in _NUMBER.rows(uuid=uuid)), None)


_NUMBER = Prepared(
    lambda: Meeting.objects.filter(uuid=Slot("uuid", UUIDField())).order_by().values_list("live")
)


def time_words(moment: datetime) -> str:
    """`13:05 Uhr`, on the clock of Europe/Berlin."""
    return _("%(time)s Uhr") % {"time": wall.clock_words(moment)}
