"""Group work as its pages show it: tables with their results, clusters, what became a measure."""

from dataclasses import dataclass, field
from uuid import UUID

from django.db.models import F

from lotse.foundation.measures.models import Measure
from lotse.rooms.bodies.models import AgendaItem, GroupCluster, GroupResult, GroupTable


@dataclass
class Result:
    """A result ready to be shown; `measure` is the uuid of what it became."""

    uuid: UUID
    text: str
    rank: int | None
    round: int
    table: int
    cluster: str = ""
    measure: UUID | None = None
    version: int = 1


@dataclass
class Table:
    """A table with its results in its own order."""

    row: GroupTable
    results: list[Result] = field(default_factory=list)

    @property
    def too_many(self) -> bool:
        """More than are meant to be told: a hint, never a limit (S1-11)."""
        return len(self.results) > self.row.most


@dataclass
class Cluster:
    """A heading with the results under it."""

    row: GroupCluster
    results: list[Result] = field(default_factory=list)
    measure: UUID | None = None


@dataclass
class GroupWork:
    """Everything of one item."""

    tables: list[Table]
    clusters: list[Cluster]
    loose: list[Result]

    @property
    def results(self) -> list[Result]:
        """All results by table and rank."""
        return [result for table in self.tables for result in table.results]


def group_work_of(item: AgendaItem) -> GroupWork:
    """Tables, results, clusters, measures. Four queries."""
    tables = {row.pk: Table(row) for row in item.tables.order_by("number", "pk")}
    clusters = {row.pk: Cluster(row) for row in item.clusters.order_by("position", "pk")}
    rows = list(
        GroupResult.objects.filter(table__item=item).order_by(F("rank").asc(nulls_last=True), "pk")
    )
    origins = [row.uuid for row in rows] + [one.row.uuid for one in clusters.values()]
    made = dict(
        Measure.objects.filter(origin_uuid__in=origins, whole=None)
        .order_by("-pk")
        .values_list("origin_uuid", "uuid")
    )
    for cluster in clusters.values():
        cluster.measure = made.get(cluster.row.uuid)
    loose = []
    for row in rows:
        result = _result(row, tables[row.table_id].row, made.get(row.uuid))
        tables[row.table_id].results.append(result)
        home = clusters.get(row.cluster_id or 0)
        if home is not None:
            result.cluster = str(home.row.uuid)
            home.results.append(result)
        else:
            loose.append(result)
    return GroupWork(list(tables.values()), list(clusters.values()), loose)


def table_of(table: GroupTable) -> Table:
    """One table with its results. One query."""
    rows = table.results.order_by(F("rank").asc(nulls_last=True), "pk")
    return Table(table, [_result(row, table, None) for row in rows])


def _result(row: GroupResult, table: GroupTable, measure: UUID | None) -> Result:
    return Result(
        row.uuid, row.text, row.rank, row.round, table.number, measure=measure, version=row.version
    )
