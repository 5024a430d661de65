"""Everything a meeting left behind, loaded at once for its minutes."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import chain
from typing import Any
from uuid import UUID

from django.db.models import Count, F, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from lotse.foundation.core.ref import Ref
from lotse.foundation.measures.models import Helper, Measure
from lotse.foundation.parties.models import Body, Organisation, Person
from lotse.rooms.bodies.models import (
    AgendaItem,
    Annex,
    AnnexVersion,
    Attendance,
    GroupCluster,
    GroupResult,
    GroupTable,
    Mandate,
    Meeting,
    NoteBlock,
    Outcome,
    Presence,
    Presenter,
)
from lotse.rooms.bodies.queries import agenda
from lotse.rooms.bodies.queries.presence import (
    Present,
    Stay,
    entitled_on,
    last_moment,
    present_of,
)
from lotse.rooms.bodies.queries.quorum import seats_kept


@dataclass(frozen=True)
class Paper:
    """An annex with the name and checksum of its newest file; None while it is to follow."""

    number: int
    title: str
    item_id: int | None
    name: str | None
    sha256: str | None


@dataclass
class Material:
    """Rows by the key of what they hang on. `measures` are by the uuid of their origin;
    `adoptions` are who adopts a decision, too, and the day."""

    meeting: Meeting
    points: list[agenda.Point]
    present: Present
    attendances: list[Attendance] = field(default_factory=list)
    presences: dict[int, list[Presence]] = field(default_factory=dict)
    presenters: dict[int, list[Presenter]] = field(default_factory=dict)
    notes: dict[int, list[str]] = field(default_factory=dict)
    outcomes: dict[int, list[Outcome]] = field(default_factory=dict)
    adoptions: dict[int, list[tuple[str, Any]]] = field(default_factory=dict)
    measures: dict[UUID, list[Measure]] = field(default_factory=dict)
    helpers: dict[int, list[Helper]] = field(default_factory=dict)
    shares: dict[int, int] = field(default_factory=dict)
    tables: dict[int, list[GroupTable]] = field(default_factory=dict)
    results: dict[int, list[GroupResult]] = field(default_factory=dict)
    clusters: dict[int, list[GroupCluster]] = field(default_factory=dict)
    papers: list[Paper] = field(default_factory=list)

    @property
    def numbers(self) -> dict[int, str]:
        """Key of an item -> its printed number."""
        return {point.item.pk: point.number for point in agenda.flat(self.points)}


def material_of(meeting: Meeting) -> Material:
    """What the minutes of a meeting are made of. Five queries, one more with outcomes or group
    work each, the same number for one item and for many. Load the meeting with its body, charter,
    network and host."""
    items = list(meeting.items.order_by("position", "pk"))
    found = attending(meeting)
    found.points = agenda.agenda_of(meeting, items)
    _at_items(found, items)
    _outcomes(found, items)
    _tables(found, items)
    _measures(found)
    return found


def attending(meeting: Meeting) -> Material:
    """Only the people: who was invited, who was there and when, the quorum. One query, one more
    where nobody was invited."""
    moment = last_moment(meeting)
    day, kept = timezone.localdate(moment), seats_kept(meeting)
    rows: Any = Attendance.objects.filter(meeting=meeting).select_related(
        "person", "mandate", "stands_for__mandate"
    )
    # One line for each stay, and one for who never came.
    rows = rows.annotate(
        stay=F("presences__pk"), came=F("presences__from_at"), went=F("presences__to_at"),
        entitled=entitled_on(day, meeting.body_id),
    ).order_by("organisation", "name", "pk", "came", "stay")  # fmt: skip
    attendances: dict[int, Attendance] = {}
    presences: dict[int, list[Presence]] = {}
    stays, entitled = [], None
    for row in rows:
        one = attendances.setdefault(row.pk, row)
        entitled = row.entitled or 0
        if row.stay is None:
            continue
        stay = Presence(pk=row.stay, attendance=one, from_at=row.came, to_at=row.went)
        presences.setdefault(one.pk, []).append(stay)
        if row.came <= moment and (row.went is None or row.went > moment):
            seat = _seat(one, kept, day)
            stays.append(Stay(one.pk, one.person_id, one.name, one.organisation, one.part, seat,
                              row.came))  # fmt: skip
    present = present_of(meeting, stays, day, entitled)
    return Material(meeting, [], present, list(attendances.values()), presences)


def _seat(one: Attendance, kept: set[int] | None, day: Any) -> int | None:
    """The seat with a vote somebody is there for, on that day or as it was kept."""
    mandate: Mandate | None = one.mandate or (one.stands_for.mandate if one.stands_for else None)
    if mandate is None:
        return None
    if kept is not None:
        return mandate.pk if mandate.pk in kept else None
    holds = mandate.starts_on <= day and (mandate.ends_on is None or mandate.ends_on >= day)
    return mandate.pk if holds and mandate.with_vote else None


_PRESENTER, _NOTE, _CLUSTER, _ANNEX = "presenter", "note", "cluster", "annex"
_COLUMNS = ("what", "at_item", "place", "row", "uuid", "who", "one", "two", "three")


def _at_items(found: Material, items: list[AgendaItem]) -> None:
    """What hangs on the items with a few words each: who presents, notes, bundles of group work,
    annexes. One query for all of them."""
    keys = [item.pk for item in items]
    parts = [
        _lines(Presenter.objects.filter(item__in=keys), _PRESENTER, place=F("position"),
               who=Coalesce("person", 0), one=F("name"), two=F("organisation"),
               three=F("subject")),
        _annexes(found.meeting),
    ]  # fmt: skip
    if found.meeting.minutes_kind == Meeting.MinutesKind.DISCUSSION:
        parts.append(_lines(NoteBlock.objects.filter(item__in=keys), _NOTE, one=F("text")))
    if groups := _groups(items):
        rows = GroupCluster.objects.filter(item__in=groups)
        parts.append(_lines(rows, _CLUSTER, place=F("position"), one=F("title")))
    lines = list(parts[0].union(*parts[1:], all=True))
    for what, item, place, row, uuid, who, one, two, three in sorted(lines, key=_in_order):
        if what == _PRESENTER:
            found.presenters.setdefault(item, []).append(
                Presenter(pk=row, uuid=uuid, item_id=item, person_id=who or None, name=one,
                          organisation=two, subject=three)
            )  # fmt: skip
        elif what == _NOTE:
            found.notes.setdefault(item, []).append(one)
        elif what == _CLUSTER:
            cluster = GroupCluster(pk=row, uuid=uuid, item_id=item, title=one)
            found.clusters.setdefault(item, []).append(cluster)
        else:
            found.papers.append(Paper(place, one, item or None, two, three))


def _in_order(line: tuple[Any, ...]) -> tuple[int, int]:
    return (line[2], line[3])


def _lines(rows: QuerySet[Any], what: str, **columns: Any) -> QuerySet[Any, Any]:
    """The rows in the columns that all of them share; those that are not given are empty."""
    empty: dict[str, Any] = {
        "at_item": F("item"), "place": Value(0), "who": Value(0),
        "one": Value(""), "two": Value(""), "three": Value(""),
    }  # fmt: skip
    named = rows.annotate(what=Value(what), row=F("pk"), **(empty | columns))
    found: QuerySet[Any, Any] = named.order_by().values_list(*_COLUMNS)
    return found


def _annexes(meeting: Meeting) -> QuerySet[Any, Any]:
    newest = AnnexVersion.objects.filter(annex=OuterRef("pk")).order_by("-number")
    return _lines(
        Annex.objects.filter(meeting=meeting), _ANNEX, at_item=Coalesce("item", 0),
        place=F("number"), one=F("title"), two=Subquery(newest.values("document__title")[:1]),
        three=Subquery(newest.values("document__sha256")[:1]),
    )  # fmt: skip


def _groups(items: Iterable[AgendaItem]) -> list[int]:
    return [item.pk for item in items if item.kind == AgendaItem.Kind.GROUP_WORK]


def _outcomes(found: Material, items: list[AgendaItem]) -> None:
    """With who adopts a decision, too: one line for each of them. One query."""
    rows: Any = Outcome.objects.filter(item__in=[item.pk for item in items]).select_related(
        "speaker", "annex", "answer_to", "replaces"
    )
    rows = rows.annotate(
        adoption=F("adoptions__pk"), adopted_on=F("adoptions__adopted_on"),
        adopter=Coalesce("adoptions__organisation__name", "adoptions__body__name",
                         "adoptions__words"),
    )  # fmt: skip
    seen: set[int] = set()
    for row in rows.order_by("position", "pk", "adoption"):
        if row.pk not in seen:
            seen.add(row.pk)
            found.outcomes.setdefault(row.item_id, []).append(row)
        if row.adoption is not None:
            found.adoptions.setdefault(row.pk, []).append((row.adopter, row.adopted_on))


def _tables(found: Material, items: list[AgendaItem]) -> None:
    """Tables of group work with their results, one line for each. One query where there is group
    work."""
    groups = _groups(items)
    if not groups:
        return
    rows: Any = GroupTable.objects.filter(item__in=groups).annotate(
        result=F("results__pk"), result_uuid=F("results__uuid"), rank=F("results__rank"),
        words=F("results__text"), bundle=F("results__cluster__title"),
    )  # fmt: skip
    seen: set[int] = set()
    for row in rows.order_by("number", "pk"):
        if row.pk not in seen:
            seen.add(row.pk)
            found.tables.setdefault(row.item_id, []).append(row)
        if row.result is not None:
            cluster = GroupCluster(title=row.bundle) if row.bundle is not None else None
            found.results.setdefault(row.pk, []).append(
                GroupResult(pk=row.result, uuid=row.result_uuid, table_id=row.pk, rank=row.rank,
                            text=row.words, cluster=cluster)
            )  # fmt: skip
    for results in found.results.values():
        results.sort(key=lambda one: (one.rank is None, one.rank or 0, one.pk))


def _measures(found: Material) -> None:
    """Measures that come from an outcome, a result or a bundle, with who helps; of one for all
    partners the whole, not its parts. One query where there is something they can come from."""
    origins: list[Outcome | GroupResult | GroupCluster] = []
    origins += chain.from_iterable(found.outcomes.values())
    origins += chain.from_iterable(found.results.values())
    origins += chain.from_iterable(found.clusters.values())
    if not origins:
        return
    types = {Ref.to(one).type for one in origins}
    parts = Measure.objects.filter(whole=OuterRef("pk")).order_by().values("whole")
    rows: Any = Measure.objects.filter(
        origin_type__in=types, origin_uuid__in=[one.uuid for one in origins], whole=None
    ).select_related("person", "organisation", "body")
    rows = rows.annotate(
        shares=Subquery(parts.annotate(n=Count("pk")).values("n")), helper=F("helpers__pk"),
        helper_person=F("helpers__person"), helper_title=F("helpers__person__title"),
        helper_first=F("helpers__person__first_name"),
        helper_last=F("helpers__person__last_name"),
        helper_organisation=F("helpers__organisation__name"), helper_body=F("helpers__body__name"),
    )  # fmt: skip
    seen: set[int] = set()
    for row in rows.order_by("pk", "helper"):
        if row.pk not in seen:
            seen.add(row.pk)
            found.measures.setdefault(row.origin_uuid, []).append(row)
            found.shares[row.pk] = row.shares or 0
        if row.helper is not None:
            found.helpers.setdefault(row.pk, []).append(_helper(row))


def _helper(row: Any) -> Helper:
    person = organisation = body = None
    if row.helper_person is not None:
        person = Person(pk=row.helper_person, title=row.helper_title,
                        first_name=row.helper_first, last_name=row.helper_last)  # fmt: skip
    if row.helper_organisation is not None:
        organisation = Organisation(name=row.helper_organisation)
    if row.helper_body is not None:
        body = Body(name=row.helper_body)
    return Helper(pk=row.helper, measure_id=row.pk, person=person, organisation=organisation,
                  body=body)  # fmt: skip
