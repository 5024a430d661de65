"""Named reads of measures: those of a body, the load of each partner, whom a body may ask."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import (
    Case,
    Count,
    Exists,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from lotse.foundation.core import clock
from lotse.foundation.core.actor import Actor
from lotse.foundation.core.permissions import visible
from lotse.foundation.measures import whole
from lotse.foundation.measures.models import Helper, Measure
from lotse.foundation.measures.parties import Choices, Party
from lotse.foundation.measures.queries import with_helpers, with_parties
from lotse.foundation.parties.models import Body, Organisation, Person
from lotse.rooms.bodies.measures_origin import SOURCES, of_meetings
from lotse.rooms.bodies.models import AgendaItem, Holder, Mandate, Meeting
from lotse.rooms.bodies.permissions import holds_now

ACTIVE = Measure.ACTIVE


def all_of(body: Body) -> QuerySet[Measure]:
    """Measures the body takes care of, alone or with others, and those its meetings brought about;
    of a measure for many partners the whole, not its parts."""
    helped = Helper.objects.filter(measure=OuterRef("pk"), body=body)
    here = of_meetings(Meeting.objects.filter(body=body))
    return with_parties().filter(Q(body=body) | Q(Exists(helped)) | here, whole=None)


def open_of(body: Body) -> QuerySet[Measure]:
    """What is still to be done, for the next agenda: without a date first, then the earliest."""
    return all_of(body).filter(status__in=ACTIVE).order_by(*_order())


@dataclass(frozen=True)
class Overview:
    """The measures of a body as far as they are counted and narrowed by: open ones first, of these
    those without a date; `hit` says that the word was found, `meeting` where it was agreed. The
    rest of those on a page is read by `shown`. `meetings` by uuid, the latest first."""

    measures: list[Any]
    meetings: dict[UUID, str]

    @property
    def counts(self) -> dict[str, int]:
        """How they stand, by the filter that lists them. No query."""
        names = ("active", "late", "undated", "done")
        return {name: sum(stands(one, name) for one in self.measures) for name in names}


def overview_of(body: Body, actor: Actor, word: str = "") -> Overview:
    """All measures of a body that the actor may see, with the meetings of the body in which some
    came about. One query."""
    still_to_do = Case(When(status__in=ACTIVE, then=0), default=1)
    rows = visible("measures.measure.view", actor, all_of(body).select_related(None))
    rows = rows.only("uuid", "status", "due_on").annotate(
        hit=Case(When(says(word), then=True), default=False) if word else Value(True),
        meeting=_of_meeting(body, "uuid"), held_at=_of_meeting(body, "starts_at"),
        held_as=_of_meeting(body, "title"),
    )  # fmt: skip
    found = list(rows.order_by(still_to_do, *_order()))
    held = [one for one in found if one.meeting]
    held.sort(key=lambda one: (one.held_at, one.meeting), reverse=True)
    return Overview(found, {one.meeting: _words(one.held_at, one.held_as) for one in held})


def _of_meeting(body: Body, name: str) -> Any:
    """Something of the meeting of the body in which a measure came about."""
    found = []
    for model, path in SOURCES.values():
        rows = model._default_manager.filter(
            uuid=OuterRef("origin_uuid"), **{f"{path}__body": body}
        )
        found.append(Subquery(rows.values(f"{path}__{name}")[:1]))
    return Coalesce(*found)


def _words(at: datetime, title: str) -> str:
    return f"{date_format(timezone.localdate(at), 'SHORT_DATE_FORMAT')} {title}"


def stands(measure: Measure, state: str) -> bool:
    """Whether it stands as a list is narrowed to: a status, or active, late, undated."""
    if state == "active":
        return measure.is_active
    if state == "late":
        return measure.is_late(clock.today())
    if state == "undated":
        return measure.is_active and measure.due_on is None
    return measure.status == state


def says(word: str) -> Q:
    """Measures whose title or reason has this word, or the name of who takes care."""
    return (
        Q(title__icontains=word)
        | Q(reason__icontains=word)
        | Q(responsible__icontains=word)
        | Q(organisation__name__icontains=word)
        | Q(body__name__icontains=word)
    )


def shown(measures: Sequence[Any]) -> dict[int, Any]:
    """Those of an overview that stand on a page, by key, with who takes care and helps and how many
    parts were answered. Two queries."""
    rows = with_parties().filter(pk__in=[one.pk for one in measures])
    return {one.pk: one for one in with_helpers(with_tally(rows))}


def with_tally(rows: QuerySet[Measure]) -> QuerySet[Measure]:
    """Measures with how many partners were asked (`parts_all`), and how many of them answered
    (`parts_answered`)."""
    return rows.annotate(parts_all=_parts(Q()), parts_answered=_parts(whole.answered()))


def _order() -> tuple[Any, ...]:
    return (F("due_on").asc(nulls_first=True), "-urgency", "pk")


def _parts(wanted: Q) -> Any:
    rows = Measure.objects.filter(wanted, whole=OuterRef("pk")).order_by().values("whole")
    counted = rows.annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted, output_field=IntegerField()), Value(0))


def source_of(measure: Measure) -> Any:
    """The outcome, result or cluster a measure comes from, with its item, meeting and body; None
    where it is gone. One query."""
    model, path = SOURCES[measure.origin_type]
    rows = model._default_manager.filter(uuid=measure.origin_uuid)
    return rows.select_related(f"{path}__body__network").first()


@dataclass(frozen=True)
class Load:
    """What one partner has to do at the moment."""

    uuid: UUID
    name: str
    kind: str
    open: int
    late: int
    undated: int
    next_on: date | None


@dataclass
class _Tally:
    open: int = 0
    late: int = 0
    undated: int = 0
    next_on: date | None = None

    def add(self, due_on: date | None, today: date) -> None:
        self.open += 1
        self.undated += due_on is None
        if due_on is not None:
            self.late += due_on < today
            self.next_on = min(due_on, self.next_on or due_on)


KINDS = ("organisation", "person", "body")


def open_in(network: int) -> QuerySet[Measure]:
    """Open measures of the network itself, those for many partners as the parts of each; what
    people and organisations plan for themselves is not among them (T01)."""
    parts = Measure.objects.filter(whole=OuterRef("pk"))
    return Measure.objects.filter(~Exists(parts), network=network, status__in=ACTIVE)


def loads_of(network: int, actor: Actor) -> list[Load]:
    """Open measures of each organisation, person and body, the fullest first. Three queries."""
    today = clock.today()
    tallies: dict[str, dict[int, _Tally]] = {kind: {} for kind in KINDS}
    rows = open_in(network)
    helping = Helper.objects.filter(measure__in=rows)
    seen: set[tuple[str, int, int]] = set()
    named: dict[tuple[str, int], tuple[UUID, str]] = {}
    for row in [*_plain(rows, ""), *_plain(helping, "measure__")]:
        for kind in KINDS:
            key, one = row[kind], (kind, row[kind], row["measure_key"])
            if key is None or one in seen:
                continue
            seen.add(one)
            tallies[kind].setdefault(key, _Tally()).add(row["due"], today)
            if kind != "person":
                named[kind, key] = (row[f"{kind}__uuid"], row[f"{kind}__name"])
    for person in _nameable(actor).filter(pk__in=tallies["person"]):
        named["person", person.pk] = (person.uuid, person.name)
    found = [
        Load(uuid, name, kind, tally.open, tally.late, tally.undated, tally.next_on)
        for (kind, key), (uuid, name) in named.items()
        for tally in [tallies[kind][key]]
    ]
    return sorted(found, key=lambda one: (-one.open, -one.late, one.name.casefold(), one.kind))


def _plain(rows: Any, prefix: str) -> Any:
    more = [f"{kind}__{name}" for kind in ("organisation", "body") for name in ("uuid", "name")]
    return rows.values(
        *KINDS, *more, measure_key=F(f"{prefix}pk"), due=F(f"{prefix}due_on")
    )  # fmt: skip


def _nameable(actor: Actor) -> QuerySet[Person]:
    """People who can be named to the actor: restricted ones only to the office (GDPR art. 18)."""
    return visible("parties.person.view", actor, Person.objects.filter(erased_at=None))


def party_of(network: int, uuid: UUID, actor: Actor) -> tuple[str, Any] | None:
    """The organisation, person or body of a row of `loads_of`. Up to three queries."""
    near: dict[str, QuerySet[Any]] = {
        "organisation": Organisation.objects.filter(network=network),
        "body": Body.objects.filter(network=network),
        "person": _nameable(actor),
    }
    for kind, rows in near.items():
        if (found := rows.filter(uuid=uuid).first()) is not None:
            return kind, found
    return None


def open_for(network: int, kind: str, key: int) -> QuerySet[Measure]:
    """Open measures of one partner, its own and those it helps with; without a date first."""
    helped = Helper.objects.filter(measure=OuterRef("pk"), **{kind: key})
    rows = open_in(network).filter(Q(**{kind: key}) | Q(Exists(helped)))
    return with_helpers(
        rows.select_related("person", "organisation", "body", "controller_person")
    ).order_by(*_order())


def parties_for(body: Body, actor: Actor) -> Choices:
    """Whom who runs a body may put in charge: bodies the actor may know and organisations of the
    network, people on its seats. Three queries."""
    found = Choices()
    bodies = _working(body.network_id, actor)
    _offer(found, _("Gremien"), [
        (f"g-{one.uuid}", one.name, Party(body=one.pk)) for one in bodies.order_by("name", "pk")
    ])  # fmt: skip
    seats = Mandate.objects.filter(holds_now(), body=body, organisation__isnull=False)
    sitting = seats.filter(organisation=OuterRef("pk"))
    organisations = Organisation.objects.filter(network=body.network_id)
    organisations = organisations.annotate(sits=Exists(sitting)).order_by("name", "pk")
    named = [(f"o-{o.uuid}", o.name, Party(organisation=o.pk), o.sits) for o in organisations]
    _offer(found, _("Organisationen mit Mandat"), [row[:3] for row in named if row[3]])
    people = _sitting(body)
    _offer(found, _("Personen im Gremium"), people)
    found.people = [(value, label) for value, label, _party in people]
    _offer(found, _("Weitere Organisationen"), [row[:3] for row in named if not row[3]])
    return found


@dataclass(frozen=True)
class Group:
    """Organisations a measure can be shared out to: all of the network, or those in a body."""

    body: Body | None
    size: int


def groups_for(body: Body, actor: Actor) -> list[Group]:
    """All partners first, then the members of each body of the network the actor may know, the own
    one first. Two queries."""
    seats = Mandate.objects.filter(
        holds_now(), body=OuterRef("pk"), organisation__isnull=False
    ).exclude(kind=Mandate.Kind.GUEST)
    counted = seats.order_by().values("body").annotate(n=Count("organisation", distinct=True))
    bodies = (
        _working(body.network_id, actor)
        .annotate(size=Subquery(counted.values("n"), output_field=IntegerField()))
        .filter(size__gt=0)
        .order_by(Case(When(pk=body.pk, then=0), default=1), "name", "pk")
    )
    partners = Organisation.objects.filter(network=body.network_id).count()
    return [Group(None, partners), *(Group(one, one.size) for one in bodies)]


def _working(network: int, actor: Actor) -> QuerySet[Body]:
    """Bodies of the network that have not ended, as far as the actor may know them."""
    rows = Body.objects.filter(network=network).exclude(state=Body.State.ENDED)
    return visible("bodies.body.view", actor, rows)


def _sitting(body: Body) -> list[tuple[str, str, Party]]:
    holders = Holder.objects.filter(
        holds_now(), holds_now("mandate__"), mandate__body=body, person__erased_at=None,
        person__restricted_at=None,
    ).select_related("person", "mandate__organisation")  # fmt: skip
    rows: dict[str, tuple[str, str, Party]] = {}
    for one in holders.order_by("person__last_name", "person__first_name", "pk"):
        of = one.mandate.organisation
        value = f"p-{one.person.uuid}"
        label = f"{one.person.name} ({of.name})" if of else one.person.name
        rows.setdefault(value, (value, label, Party(person=one.person_id)))
    return list(rows.values())


def _offer(found: Choices, title: str, entries: list[tuple[str, str, Party]]) -> None:
    if entries:
        found.parties.append((title, [(value, label) for value, label, _party in entries]))
        found.meaning |= {value: party for value, _label, party in entries}


def item_of(source: Any) -> AgendaItem:
    """The item of the agenda an outcome, result or cluster belongs to; loaded with it."""
    item: AgendaItem = source.table.item if hasattr(source, "table") else source.item
    return item
