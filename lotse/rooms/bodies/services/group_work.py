"""Writes to group work (World-Café): tables, their results and ranks, clusters of all tables."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from lotse.foundation.core import actionlog, once, text
from lotse.foundation.core.actor import Actor
from lotse.foundation.core.db import update_versioned
from lotse.foundation.core.errors import Conflict, Refused
from lotse.foundation.core.models import Entity
from lotse.foundation.core.permissions import has, require
from lotse.foundation.measures.models import Measure
from lotse.foundation.measures.parties import Party
from lotse.rooms.bodies.models import AgendaItem, GroupCluster, GroupResult, GroupTable, Meeting
from lotse.rooms.bodies.services import actions_agreed, live
from lotse.rooms.bodies.services.writing import check_open, check_preparing

RUN, ATTEND = "bodies.meeting.run", "bodies.meeting.attend"
TABLE = ("question", "sub_question", "moderators", "rounds", "minutes_a_round", "most")
MOST_TABLES, MOST_RESULTS = 60, 200


@transaction.atomic
def add_table(item: AgendaItem, *, actor: Actor, key: str = "", **values: Any) -> GroupTable:
    """A new table with the next number; also before the meeting. Raises NotAllowed, Refused for an
    item that is no group work, without a question, or once minutes went out."""
    require(RUN, actor, item.meeting)
    check_preparing(item.meeting)
    if item.kind != AgendaItem.Kind.GROUP_WORK:
        raise Refused(_("Tische gibt es nur bei einem Punkt der Art „Gruppenarbeit“."))
    values = _table_values(values)
    claim = once.claim(key or once.new_key(), scope=f"bodies.table:{item.uuid}")
    if claim.repeated:
        return GroupTable.objects.get(uuid=claim.answer)
    AgendaItem.objects.select_for_update().get(pk=item.pk)
    numbers = list(item.tables.values_list("number", flat=True))
    if len(numbers) >= MOST_TABLES:
        raise Refused(_("Mehr als 60 Tische sind hier nicht vorgesehen."))
    table = GroupTable.objects.create(item=item, number=max(numbers, default=0) + 1, **values)
    _record("bodies.group.table_added", table, item, actor, after=values)
    live.touch(item.meeting.pk)
    claim.remember(str(table.uuid))
    return table


@transaction.atomic
def change_table(table: GroupTable, *, actor: Actor, expected: int, **values: Any) -> None:
    """Changes question, moderators, rounds. Raises NotAllowed, Conflict, Refused."""
    item = table.item
    require(RUN, actor, item.meeting)
    check_preparing(item.meeting)
    values = _table_values(values)
    before = {name: getattr(table, name) for name in values}
    update_versioned(table, expected=expected, **values)
    _record("bodies.group.table_changed", table, item, actor, before=before, after=values)
    live.touch(item.meeting.pk)


def _table_values(values: Mapping[str, Any]) -> dict[str, Any]:
    found = {
        name: text.clean_line(value) if isinstance(value, str) else value
        for name, value in values.items()
        if name in TABLE
    }
    if not found.get("question"):
        raise Refused(_("Bitte schreiben Sie die Frage, an der der Tisch arbeitet."))
    return found


@transaction.atomic
def delete_table(table: GroupTable, *, actor: Actor) -> None:
    """Deletes a table with its results; what became a measure stays. Raises NotAllowed, Refused."""
    item = table.item
    require(RUN, actor, item.meeting)
    check_preparing(item.meeting)
    if _measured(table.results.values_list("uuid", flat=True)):
        raise Refused(_("Aus einem Ergebnis dieses Tisches ist eine Maßnahme geworden. Der Tisch "
                        "bleibt, damit ihre Herkunft zu lesen ist."))  # fmt: skip
    _record("bodies.group.table_deleted", table, item, actor, before={"question": table.question})
    table.delete()
    live.touch(item.meeting.pk)


def _measured(uuids: Any) -> bool:
    return Measure.objects.filter(origin_uuid__in=list(uuids)).exists()


def check_may_type(meeting: Meeting, actor: Actor) -> None:
    """Who is there types results while the meeting runs, who runs it also afterwards (S1-11).

    Raises NotAllowed, Refused.
    """
    require(ATTEND, actor, meeting)
    check_open(meeting)
    running = meeting.state == Meeting.State.RUNNING
    if not running and not actor.trusted and not has(RUN, actor, meeting):
        raise Refused(_("Die Sitzung ist beendet: jetzt ändert die Ergebnisse nur noch, wer das "
                        "Protokoll führt."))  # fmt: skip


@transaction.atomic
def add_result(
    table: GroupTable, *, actor: Actor, words: str, round: int = 1, key: str = ""
) -> GroupResult:
    """A result of a table, ranked last. How many are told is the table's affair: no limit but 200.

    Raises NotAllowed, Refused without words or when it is not the time.
    """
    item = table.item
    check_may_type(item.meeting, actor)
    words = text.clean(words)
    if not words:
        raise Refused(_("Bitte schreiben Sie das Ergebnis."))
    claim = once.claim(key or once.new_key(), scope=f"bodies.result:{table.uuid}")
    if claim.repeated:
        return GroupResult.objects.get(uuid=claim.answer)
    GroupTable.objects.select_for_update().get(pk=table.pk)
    if table.results.count() >= MOST_RESULTS:
        raise Refused(_("Mehr als 200 Ergebnisse an einem Tisch sind hier nicht vorgesehen."))
    last = table.results.aggregate(most=Max("rank"))["most"] or 0
    result = GroupResult.objects.create(table=table, text=words, round=round, rank=last + 1)
    _record("bodies.group.result_added", result, item, actor, after={"text": words})
    live.touch(item.meeting.pk)
    claim.remember(str(result.uuid))
    return result


@transaction.atomic
def change_result(
    result: GroupResult, *, actor: Actor, expected: int, words: str, round: int = 1
) -> None:
    """Other words. Raises NotAllowed, Conflict, Refused."""
    item = result.table.item
    check_may_type(item.meeting, actor)
    words = text.clean(words)
    if not words:
        raise Refused(_("Bitte schreiben Sie das Ergebnis."))
    before = {"text": result.text, "round": result.round}
    update_versioned(result, expected=expected, text=words, round=round)
    _record(
        "bodies.group.result_changed", result, item, actor, before=before,
        after={"text": words, "round": round},
    )  # fmt: skip
    live.touch(item.meeting.pk)


@transaction.atomic
def rank_result(result: GroupResult, *, actor: Actor, up: bool, key: str = "") -> None:
    """One place up or down in the order of its table; the same form sent twice moves it once.
    Raises NotAllowed, Conflict for one that is gone, Refused."""
    table, item = result.table, result.table.item
    check_may_type(item.meeting, actor)
    if once.claim(key or once.new_key(), scope=f"bodies.result_rank:{result.uuid}").repeated:
        return
    GroupTable.objects.select_for_update().get(pk=table.pk)
    rows = list(ranked(table))
    at = next((n for n, row in enumerate(rows) if row.pk == result.pk), None)
    if at is None:
        raise Conflict(None)
    to = at + (-1 if up else 1)
    if not 0 <= to < len(rows):
        return
    rows[at], rows[to] = rows[to], rows[at]
    for place, row in enumerate(rows, start=1):
        row.rank = place
    GroupResult.objects.bulk_update(rows, ["rank"])
    _record("bodies.group.result_ranked", result, item, actor, after={"rank": to + 1})
    live.touch(item.meeting.pk)


def ranked(table: GroupTable) -> list[GroupResult]:
    """Results in the order of the table, unranked ones last. One query."""
    rows = table.results.order_by("pk")
    return sorted(rows, key=lambda row: (row.rank is None, row.rank or 0, row.pk))


@transaction.atomic
def delete_result(result: GroupResult, *, actor: Actor) -> None:
    """Raises NotAllowed, Refused when a measure came from it."""
    item = result.table.item
    check_may_type(item.meeting, actor)
    if _measured([result.uuid]):
        raise Refused(_("Aus diesem Ergebnis ist eine Maßnahme geworden. Es bleibt, damit ihre "
                        "Herkunft zu lesen ist."))  # fmt: skip
    _record("bodies.group.result_deleted", result, item, actor, before={"text": result.text})
    result.delete()
    live.touch(item.meeting.pk)


@transaction.atomic
def add_cluster(item: AgendaItem, *, actor: Actor, title: str, key: str = "") -> GroupCluster:
    """A heading under which results of several tables belong (S1-12). Raises NotAllowed, Refused
    without a title or for one that there is."""
    require(RUN, actor, item.meeting)
    check_open(item.meeting)
    title = _title(title)
    claim = once.claim(key or once.new_key(), scope=f"bodies.cluster:{item.uuid}")
    if claim.repeated:
        return GroupCluster.objects.get(uuid=claim.answer)
    if item.clusters.filter(title__iexact=title).exists():
        raise Refused(_("Ein Bündel „%(title)s“ gibt es schon.") % {"title": title})
    last = item.clusters.aggregate(most=Max("position"))["most"] or 0
    cluster = GroupCluster.objects.create(item=item, title=title, position=last + 1)
    _record("bodies.group.cluster_added", cluster, item, actor, after={"title": title})
    live.touch(item.meeting.pk)
    claim.remember(str(cluster.uuid))
    return cluster


@transaction.atomic
def rename_cluster(cluster: GroupCluster, *, actor: Actor, expected: int, title: str) -> None:
    """Another heading. Raises NotAllowed, Conflict, Refused."""
    item = cluster.item
    require(RUN, actor, item.meeting)
    check_open(item.meeting)
    title, before = _title(title), cluster.title
    update_versioned(cluster, expected=expected, title=title)
    _record(
        "bodies.group.cluster_changed", cluster, item, actor, before={"title": before},
        after={"title": title},
    )  # fmt: skip
    live.touch(item.meeting.pk)


@transaction.atomic
def delete_cluster(cluster: GroupCluster, *, actor: Actor) -> None:
    """Its results stay, without a heading. Raises NotAllowed, Refused when a measure came from
    it."""
    item = cluster.item
    require(RUN, actor, item.meeting)
    check_open(item.meeting)
    if _measured([cluster.uuid]):
        raise Refused(_("Aus diesem Bündel ist eine Maßnahme geworden. Es bleibt, damit ihre "
                        "Herkunft zu lesen ist."))  # fmt: skip
    _record("bodies.group.cluster_deleted", cluster, item, actor, before={"title": cluster.title})
    cluster.delete()
    live.touch(item.meeting.pk)


def _title(title: str) -> str:
    title = text.shorten(text.clean_line(title), 200)
    if not title:
        raise Refused(_("Bitte schreiben Sie eine Überschrift."))
    return title


@transaction.atomic
def sort_results(item: AgendaItem, *, actor: Actor, places: Mapping[str, str]) -> int:
    """Puts results under clusters: uuid of the result -> uuid of the cluster, or nothing to take it
    out. Returns how many moved. Five queries, and one for each place.

    Raises NotAllowed, Refused for a cluster of another item; results of others are left alone.
    """
    require(RUN, actor, item.meeting)
    check_open(item.meeting)
    clusters = {str(one.uuid): one for one in item.clusters.all()}
    if set(filter(None, places.values())) - set(clusters):
        raise Refused(_("Dieses Bündel gibt es nicht mehr: bitte wählen Sie neu."))
    rows = GroupResult.objects.select_for_update().filter(table__item=item).order_by("pk")
    moved = []
    for row in rows:
        if (wanted := places.get(str(row.uuid))) is None:
            continue
        cluster = clusters.get(wanted)
        if row.cluster_id != (cluster.pk if cluster else None):
            row.cluster = cluster
            moved.append(row)
    GroupResult.objects.bulk_update(moved, ["cluster"])
    if moved:
        after = {"places": {str(row.uuid): places[str(row.uuid)] for row in moved}}
        _record("bodies.group.sorted", item, item, actor, after=after)
        live.touch(item.meeting.pk)
    return len(moved)


@transaction.atomic
def make_measure(source: GroupResult | GroupCluster, *, actor: Actor, key: str = "") -> Measure:
    """One click: a measure of the body with this result or cluster as its origin (S1-12). Who does
    it and until when is settled at the measure; until then it has no date, and that is seen.

    Raises NotAllowed, Refused when there is one already.
    """
    item = actions_agreed.item_of(source)
    check_open(item.meeting)
    claim = once.claim(key or once.new_key(), scope=f"bodies.group_measure:{source.uuid}")
    if claim.repeated:
        return Measure.objects.get(uuid=claim.answer)
    type(source)._default_manager.select_for_update().get(pk=source.pk)
    if Measure.objects.filter(origin_uuid=source.uuid).exists():
        raise Refused(_("Daraus ist schon eine Maßnahme geworden."))
    title, reason = _measure_words(source)
    made = actions_agreed.agree(
        source, actor=actor, parties=[Party(body=item.meeting.body_id)], title=title, reason=reason
    )
    claim.remember(str(made[0].uuid))
    return made[0]


def _measure_words(source: GroupResult | GroupCluster) -> tuple[str, str]:
    if isinstance(source, GroupCluster):
        texts = source.results.order_by("rank", "pk").values_list("text", flat=True)
        return source.title, "\n".join(f"- {' '.join(one.split())}" for one in texts)
    return source.text, source.text if len(source.text) > 200 else ""


def _record(code: str, obj: Entity, item: AgendaItem, actor: Actor, **values: Any) -> None:
    actionlog.record(code, obj, actor=actor, subject=item.meeting.body.uuid, **values)
