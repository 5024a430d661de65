"""Everything a meeting left behind, loaded at once for its minutes."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import chain
from uuid import UUID

from django.db.models import Count

from lotse.foundation.core.ref import Ref
from lotse.foundation.measures.models import Helper, Measure
from lotse.rooms.bodies.models import (
    AgendaItem,
    Annex,
    AnnexVersion,
    Attendance,
    GroupCluster,
    GroupResult,
    GroupTable,
    JointAdoption,
    Meeting,
    NoteBlock,
    Outcome,
    Presence,
    Presenter,
)
from lotse.rooms.bodies.queries import agenda
from lotse.rooms.bodies.queries.presence import Present, present_at


@dataclass
class Material:
    """Rows by the key of what they hang on. `measures` are by the uuid of their origin."""

    meeting: Meeting
    points: list[agenda.Point]
    present: Present
    attendances: list[Attendance] = field(default_factory=list)
    presences: dict[int, list[Presence]] = field(default_factory=dict)
    presenters: dict[int, list[Presenter]] = field(default_factory=dict)
    notes: dict[int, list[NoteBlock]] = field(default_factory=dict)
    outcomes: dict[int, list[Outcome]] = field(default_factory=dict)
    adoptions: dict[int, list[JointAdoption]] = field(default_factory=dict)
    measures: dict[UUID, list[Measure]] = field(default_factory=dict)
    helpers: dict[int, list[Helper]] = field(default_factory=dict)
    shares: dict[int, int] = field(default_factory=dict)
    tables: dict[int, list[GroupTable]] = field(default_factory=dict)
    results: dict[int, list[GroupResult]] = field(default_factory=dict)
    clusters: dict[int, list[GroupCluster]] = field(default_factory=dict)
    annexes: list[Annex] = field(default_factory=list)
    files: dict[int, AnnexVersion] = field(default_factory=dict)

    @property
    def numbers(self) -> dict[int, str]:
        """Key of an item -> its printed number."""
        return {point.item.pk: point.number for point in agenda.flat(self.points)}


def material_of(meeting: Meeting) -> Material:
    """What the minutes of a meeting are made of. At most sixteen queries, the same number for one
    item and for many; what an agenda has no use for is not asked. Load the meeting with its body,
    charter, network and host."""
    items = list(meeting.items.order_by("position", "pk"))
    found = attending(meeting)
    found.points = agenda.agenda_of(meeting, items)
    _what_was_said(found, items)
    _group_work(found, items)
    _measures(found)
    _annexes(found)
    return found


def attending(meeting: Meeting) -> Material:
    """Only the people: who was invited, who was there and when, the quorum. Four queries."""
    found = Material(meeting, [], present_at(meeting))
    rows = Attendance.objects.filter(meeting=found.meeting)
    found.attendances = list(
        rows.select_related("mandate", "stands_for__mandate").order_by("organisation", "name", "pk")
    )
    presences = Presence.objects.filter(attendance__meeting=found.meeting)
    for one in presences.order_by("from_at", "pk"):
        found.presences.setdefault(one.attendance_id, []).append(one)
    return found


def _what_was_said(found: Material, items: list[AgendaItem]) -> None:
    keys = [item.pk for item in items]
    for presenter in Presenter.objects.filter(item__in=keys).order_by("position", "pk"):
        found.presenters.setdefault(presenter.item_id, []).append(presenter)
    if found.meeting.minutes_kind == Meeting.MinutesKind.DISCUSSION:
        for block in NoteBlock.objects.filter(item__in=keys).order_by("pk"):
            found.notes.setdefault(block.item_id, []).append(block)
    outcomes = Outcome.objects.filter(item__in=keys).select_related("speaker", "annex", "answer_to")
    decisions = []
    for outcome in outcomes.order_by("position", "pk"):
        found.outcomes.setdefault(outcome.item_id, []).append(outcome)
        if outcome.kind == Outcome.Kind.DECISION:
            decisions.append(outcome.pk)
    if decisions:
        adoptions = JointAdoption.objects.filter(outcome__in=decisions)
        for one in adoptions.select_related("organisation", "body").order_by("pk"):
            found.adoptions.setdefault(one.outcome_id, []).append(one)


def _group_work(found: Material, items: list[AgendaItem]) -> None:
    keys = [item.pk for item in items if item.kind == AgendaItem.Kind.GROUP_WORK]
    if not keys:
        return
    for table in GroupTable.objects.filter(item__in=keys).order_by("number", "pk"):
        found.tables.setdefault(table.item_id, []).append(table)
    results = GroupResult.objects.filter(table__item__in=keys).select_related("cluster")
    for result in sorted(results, key=lambda one: (one.rank is None, one.rank or 0, one.pk)):
        found.results.setdefault(result.table_id, []).append(result)
    for cluster in GroupCluster.objects.filter(item__in=keys).order_by("position", "pk"):
        found.clusters.setdefault(cluster.item_id, []).append(cluster)


def _measures(found: Material) -> None:
    """Measures that come from an outcome, a result or a bundle; of one for all partners the whole,
    not its parts."""
    origins: list[Outcome | GroupResult | GroupCluster] = []
    origins += chain.from_iterable(found.outcomes.values())
    origins += chain.from_iterable(found.results.values())
    origins += chain.from_iterable(found.clusters.values())
    if not origins:
        return
    types = {Ref.to(one).type for one in origins}
    rows = Measure.objects.filter(
        origin_type__in=types, origin_uuid__in=[one.uuid for one in origins], whole=None
    )
    rows = rows.select_related("person", "organisation", "body").annotate(shares=Count("parts"))
    measures = list(rows.order_by("pk"))
    for measure in measures:
        found.measures.setdefault(measure.origin_uuid, []).append(measure)
        found.shares[measure.pk] = measure.shares
    if measures:
        helpers = Helper.objects.filter(measure__in=measures)
        for helper in helpers.select_related("person", "organisation", "body").order_by("pk"):
            found.helpers.setdefault(helper.measure_id, []).append(helper)


def _annexes(found: Material) -> None:
    found.annexes = list(Annex.objects.filter(meeting=found.meeting).order_by("number"))
    if found.annexes:
        versions = AnnexVersion.objects.filter(annex__in=found.annexes).select_related("document")
        for version in _newest(versions):
            found.files[version.annex_id] = version


def _newest(versions: Iterable[AnnexVersion]) -> list[AnnexVersion]:
    newest: dict[int, AnnexVersion] = {}
    for version in sorted(versions, key=lambda one: one.number):
        newest[version.annex_id] = version
    return list(newest.values())
