"""What of meetings hangs in matters: items, outcomes, papers, minutes, ideas, procedures, measures.

One statement for all things of the room, one for measures, whatever hangs there (issue 5, C.2).
"""

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import (
    Case,
    CharField,
    DateTimeField,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)  # fmt: skip
from django.db.models.functions import Cast, Coalesce
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from lotse.foundation.core import clock, text
from lotse.foundation.core.actor import Actor
from lotse.foundation.core.permissions import visible
from lotse.foundation.core.ref import Ref
from lotse.foundation.matters.lines import Line, Source, Tied
from lotse.foundation.matters.models import Matter
from lotse.foundation.measures import links
from lotse.foundation.measures.queries import with_parties
from lotse.foundation.parties.models import Body
from lotse.foundation.procedures.models import ObjectionPeriod
from lotse.rooms.bodies.models import (
    AgendaItem,
    Annex,
    AnnexVersion,
    Appointment,
    GroupCluster,
    GroupResult,
    Idea,
    Meeting,
    Minutes,
    Outcome,
)

ITEM, OUTCOME, ANNEX = "bodies.agendaitem", "bodies.outcome", "bodies.annex"
MINUTES, IDEA, APPOINTMENT = "bodies.minutes", "bodies.idea", "bodies.appointment"
PERIOD, MEASURE = "procedures.objectionperiod", "measures.measure"
RESULT, CLUSTER = "bodies.groupresult", "bodies.groupcluster"
MOST = 500
# What follows an item by itself; notes of the talk do not.
_FOLLOWS = (
    Outcome.Kind.DECISION, Outcome.Kind.CONSENTED_SUMMARY, Outcome.Kind.PARKED,
    Outcome.Kind.AGREED_ACTION, Outcome.Kind.REQUEST, Outcome.Kind.RECOMMENDATION,
)  # fmt: skip
# Order among things of one moment: the item, its paper, what came of it, the minutes.
_PLACES = {IDEA: 0, ITEM: 1, ANNEX: 2, OUTCOME: 3, MINUTES: 5, PERIOD: 6}


class _Row(NamedTuple):
    """One row of the statement, the same columns for each kind of thing."""

    type: str
    uuid: UUID
    title: str
    word: str
    state: str
    at: datetime
    body: str
    meeting: str
    page: UUID
    part: UUID | None
    network: int
    opens: bool


def _word(value: str) -> Value:
    return Value(value, output_field=CharField())


def _columns(
    rows: QuerySet[Any], type_: str, *, title: str, word: Any, state: Any, at: Any, of: str,
    meeting: Any, page: str, opens: Any, body: str = "", part: str = "uuid",
) -> QuerySet[Any]:  # fmt: skip
    yes = Value(True)
    found: QuerySet[Any] = (
        rows.order_by()
        .annotate(
            m_type=_word(type_),
            m_title=Cast(F(title), CharField()),
            m_word=Cast(word, CharField()),
            m_state=Cast(state, CharField()),
            m_at=at,
            m_body=Cast(F(body or f"{of}name"), CharField()),
            m_meeting=Cast(meeting, CharField()),
            m_page=F(page),
            m_part=F(part),
            m_network=F(f"{of}network" if of != "network__" else "network"),
            m_opens=Case(When(opens, then=yes), default=Value(False)),
        )
        .values_list(
            "m_type", "uuid", "m_title", "m_word", "m_state", "m_at", "m_body", "m_meeting",
            "m_page", "m_part", "m_network", "m_opens",
        )
    )  # fmt: skip
    return found


def _inside(actor: Actor, meeting: str) -> Exists:
    return Exists(
        visible("bodies.meeting.view", actor, Meeting.objects.filter(pk=OuterRef(meeting)))
    )


def _published(actor: Actor, meeting: str) -> Exists:
    rows = Minutes.objects.filter(meeting=OuterRef(meeting), state=Minutes.State.PUBLISHED)
    return Exists(visible("bodies.minutes.view", actor, rows))


def _items(actor: Actor, tied: Tied) -> QuerySet[Any]:
    """Tied items, and those made from something tied or from its outcomes: the matter goes on."""
    all_tied = [uuid for uuids in tied.values() for uuid in uuids]
    parked = Outcome.objects.filter(item__uuid__in=tied.get(ITEM, ()))
    rows = AgendaItem.objects.filter(
        Q(uuid__in=tied.get(ITEM, ()))
        | Q(source_uuid__in=all_tied, source_type__in=list(tied))
        | Q(source_uuid__in=parked.order_by().values("uuid"), source_type=OUTCOME)
    ).filter(Q(_inside(actor, "meeting")) | Q(_published(actor, "meeting")))
    return _columns(
        rows, ITEM, title="title", word=F("kind"), state=F("state"), at=F("meeting__starts_at"),
        of="meeting__body__", meeting=F("meeting__title"), page="meeting__uuid",
        opens=Q(_inside(actor, "meeting")),
    )  # fmt: skip


def _outcomes(actor: Actor, tied: Tied) -> QuerySet[Any]:
    rows = Outcome.objects.filter(
        Q(uuid__in=tied.get(OUTCOME, ())) | Q(item__uuid__in=tied.get(ITEM, ()), kind__in=_FOLLOWS)
    ).filter(Q(_inside(actor, "item__meeting")) | Q(_published(actor, "item__meeting")))
    return _columns(
        rows, OUTCOME, title="text", word=F("kind"), state=F("result"),
        at=F("item__meeting__starts_at"), of="item__meeting__body__",
        meeting=F("item__meeting__title"), page="item__meeting__uuid",
        opens=Q(_inside(actor, "item__meeting")), part="item__uuid",
    )  # fmt: skip


def _annexes(actor: Actor, tied: Tied) -> QuerySet[Any]:
    rows = Annex.objects.filter(
        Q(uuid__in=tied.get(ANNEX, ())) | Q(item__uuid__in=tied.get(ITEM, ()))
    ).filter(Q(_inside(actor, "meeting")))
    there = Q(Exists(AnnexVersion.objects.filter(annex=OuterRef("pk"))))
    return _columns(
        rows, ANNEX, title="title", word=_word(""),
        state=Case(When(there, then=_word("")), default=_word("missing")),
        at=F("meeting__starts_at"), of="meeting__body__", meeting=F("meeting__title"),
        page="meeting__uuid", opens=Q(pk__isnull=False), part="item__uuid",
    )  # fmt: skip


def _minutes(actor: Actor, tied: Tied) -> QuerySet[Any]:
    rows = Minutes.objects.filter(uuid__in=tied.get(MINUTES, ()))
    return _columns(
        visible("bodies.minutes.view", actor, rows), MINUTES, title="meeting__title",
        word=_word(""), state=F("state"),
        at=Coalesce("published_at", "adopted_at", "circulated_at", "meeting__ends_at"),
        of="meeting__body__", meeting=F("meeting__title"), page="meeting__uuid",
        opens=Q(pk__isnull=False),
    )  # fmt: skip


def _periods(actor: Actor, tied: Tied) -> QuerySet[Any]:
    """Procedures about minutes: tied ones, and those about minutes that are tied."""
    about = Minutes.objects.filter(uuid=OuterRef("subject_uuid"))
    seen = Exists(visible("bodies.minutes.view", actor, about))
    now = Value(clock.now(), output_field=DateTimeField())
    rows = ObjectionPeriod.objects.filter(
        Q(uuid__in=tied.get(PERIOD, ()))
        | Q(subject_type=MINUTES, subject_uuid__in=tied.get(MINUTES, ()))
    ).filter(Q(seen), subject_type=MINUTES)
    rows = rows.annotate(
        p_meeting=Subquery(about.values("meeting__uuid")[:1]),
        p_title=Subquery(about.values("meeting__title")[:1]),
        p_body=Subquery(about.values("meeting__body__name")[:1]),
    )
    states = ObjectionPeriod.State
    state = Case(
        When(ended_at__lte=now, then=_word(states.ENDED)),
        When(opens_at__gt=now, then=_word(states.COMING)),
        When(closes_at__gt=now, then=_word(states.RUNNING)),
        default=_word(states.LAPSED),
    )
    return _columns(
        rows, PERIOD, title="p_title", word=_word(""), state=state, at=F("opens_at"),
        of="network__", meeting=F("p_title"), page="p_meeting", opens=Q(pk__isnull=False),
        body="p_body",
    )  # fmt: skip


def _ideas(actor: Actor, tied: Tied) -> QuerySet[Any]:
    """Tied ideas, and those that a tied item was made from."""
    origins = AgendaItem.objects.filter(uuid__in=tied.get(ITEM, ()), source_type=IDEA)
    rows = Idea.objects.filter(
        Q(uuid__in=tied.get(IDEA, ())) | Q(uuid__in=origins.order_by().values("source_uuid"))
    )
    return _columns(
        visible("bodies.idea.view", actor, rows), IDEA, title="title", word=_word(""),
        state=F("state"), at=Cast("proposed_on", DateTimeField()), of="body__",
        meeting=_word(""), page="uuid", opens=Q(pk__isnull=False),
    )  # fmt: skip


def _appointments(actor: Actor, tied: Tied) -> QuerySet[Any]:
    rows = Appointment.objects.filter(uuid__in=tied.get(APPOINTMENT, ()))
    called_off = Q(cancelled_at__isnull=False)
    return _columns(
        visible("bodies.appointment.view", actor, rows), APPOINTMENT, title="title",
        word=_word(""), state=Case(When(called_off, then=_word("off")), default=_word("")),
        at=F("starts_at"), of="network__", meeting=F("place"), page="uuid",
        opens=Q(pk__isnull=False),
    )  # fmt: skip


_PARTS = {
    ITEM: _items, OUTCOME: _outcomes, ANNEX: _annexes, MINUTES: _minutes, PERIOD: _periods,
    IDEA: _ideas, APPOINTMENT: _appointments,
}  # fmt: skip


def read_room(actor: Actor, tied: Tied) -> Iterator[Line]:
    """The room's source for matters. One query."""
    first, *others = (part(actor, tied) for part in _PARTS.values())
    for values in first.union(*others, all=True)[:MOST]:
        yield _line(_Row(*values))


def _line(row: _Row) -> Line:
    return Line(
        ref=Ref(row.type, row.uuid), kind=_kind(row), title=_title(row), at=row.at,
        network=row.network, url=_page(row), where=_where(row), state=_state(row),
        place=_PLACES.get(row.type, 4),
    )  # fmt: skip


def _kind(row: _Row) -> str:
    if row.type == ITEM:
        return _("TOP")
    if row.type == OUTCOME:
        return str(Outcome.Kind(row.word).label)
    words = {
        ANNEX: _("Anlage"), MINUTES: pgettext("Sitzung", "Protokoll"),
        PERIOD: _("Frist für Einwände"),
        IDEA: _("Thema"), APPOINTMENT: _("Gemeinsamer Termin"),
    }  # fmt: skip
    return words[row.type]


def _title(row: _Row) -> str:
    if row.type == MINUTES:
        return _("Protokoll: %(meeting)s") % {"meeting": row.title}
    if row.type == PERIOD:
        return _("Einwände zum Protokoll: %(meeting)s") % {"meeting": row.title}
    return text.shorten(text.clean_line(row.title), 200)


_STATES: dict[str, Any] = {
    ITEM: AgendaItem.State, OUTCOME: Outcome.Result, MINUTES: Minutes.State,
    PERIOD: ObjectionPeriod.State, IDEA: Idea.State,
}  # fmt: skip


def _state(row: _Row) -> str:
    if row.type == ANNEX:
        return _("wird nachgeliefert") if row.state else ""
    if row.type == APPOINTMENT:
        return _("abgesagt") if row.state else ""
    return str(_STATES[row.type](row.state).label) if row.state else ""


def _where(row: _Row) -> str:
    if row.type in (PERIOD, MINUTES):
        return row.body
    if row.type == APPOINTMENT:
        return row.meeting
    return ", ".join(filter(None, [row.body, row.meeting]))


def _page(row: _Row) -> str:
    """To the item in its meeting for who may view that, to the published minutes for everybody
    else."""
    if row.type == IDEA:
        return reverse("bodies:idea", args=[row.page])
    if row.type == APPOINTMENT:
        return reverse("bodies:appointment", args=[row.page])
    if row.type in (MINUTES, PERIOD):
        return reverse("bodies:minutes", args=[row.page])
    page = reverse("bodies:meeting" if row.opens else "bodies:minutes", args=[row.page])
    return f"{page}#top-{row.part}" if row.part else page


def _origins(tied: Tied) -> Q:
    """Measures that came out of what is tied: of a decision, of any outcome or result of an
    item."""
    items: Collection[UUID] = tied.get(ITEM, ())
    outcomes = Outcome.objects.filter(Q(uuid__in=tied.get(OUTCOME, ())) | Q(item__uuid__in=items))
    results = GroupResult.objects.filter(table__item__uuid__in=items)
    clusters = GroupCluster.objects.filter(item__uuid__in=items)
    found = Q(pk__in=())
    for type_, rows in ((OUTCOME, outcomes), (RESULT, results), (CLUSTER, clusters)):
        found |= Q(origin_type=type_, origin_uuid__in=rows.order_by().values("uuid"))
    # Of a measure for all partners the whole stands here, not the part of each.
    return found & Q(whole=None)


def read_measures(actor: Actor, tied: Tied) -> Iterator[Line]:
    """Measures, tied or out of a tied item or decision. One query."""
    origin = Outcome.objects.filter(uuid=OuterRef("origin_uuid"))
    # Whoever has to do it need not be allowed to know the body that said so.
    known = Q(item__meeting__body__in=visible("bodies.body.view", actor, Body.objects.all()))
    rows = visible(
        "measures.measure.view", actor,
        with_parties().filter(Q(uuid__in=tied.get(MEASURE, ())) | _origins(tied)),
    ).annotate(
        m_at=Coalesce(Subquery(origin.values("item__meeting__starts_at")[:1]), "created_at"),
        m_body=Subquery(origin.filter(known).values("item__meeting__body__name")[:1]),
        m_network=Subquery(origin.values("item__meeting__body__network")[:1]),
    )  # fmt: skip
    today = clock.today()
    for measure in rows.select_related("body").order_by("pk")[:MOST]:
        state = [measure.get_status_display()]
        if measure.is_late(today):
            state.append(_("überfällig"))
        yield Line(
            ref=Ref.to(measure), kind=_("Maßnahme"), title=measure.title, at=measure.m_at,
            network=measure.m_network or measure.network_id or 0,
            url=links.page_of(measure.uuid),
            where=", ".join(filter(None, [measure.m_body, measure.who])),
            state=", ".join(state), place=4,
        )  # fmt: skip


ROOM = Source(frozenset(_PARTS), read_room)
MEASURES = Source(frozenset({MEASURE}), read_measures)


def steps_of(matter: Matter, actor: Actor) -> list[Any]:
    """The steps of a matter in order; `body_known` is the name of the body where the actor may know
    it. One query."""
    known = visible("bodies.body.view", actor, Body.objects.filter(pk=OuterRef("body")))
    rows = matter.steps.annotate(body_known=Subquery(known.values("name")[:1]))
    return list(rows.order_by("position", "pk"))
