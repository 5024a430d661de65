"""What the demo's meetings brought about, the measures of it, and the matters it belongs to."""

from datetime import date, datetime, timedelta
from typing import Any

from lotse.foundation.core.actor import COMMAND
from lotse.foundation.core.models import Entity
from lotse.foundation.core.ref import Ref
from lotse.foundation.matters.models import Knot
from lotse.foundation.measures.models import Helper, Measure
from lotse.foundation.parties.models import Organisation
from lotse.rooms.bodies.demo.names import Names, demo_uuid
from lotse.rooms.bodies.models import (
    AgendaItem,
    GroupCluster,
    GroupResult,
    GroupTable,
    JointAdoption,
    Outcome,
)

_AS_IT_IS = ("kind", "text", "result", "method", "yes", "no", "abstain", "trigger", "trigger_on",
             "on_day", "review_on", "title_before", "title_after")  # fmt: skip


def load(item: AgendaItem, row: dict[str, Any], names: Names) -> None:
    """Outcomes and group work of one item."""
    if "matter" in row:
        _tie(item, item.title, item.meeting.starts_at, row["matter"], names)
    question: Outcome | None = None
    for position, entry in enumerate(row.get("outcomes", []), start=1):
        outcome = _outcome(item, position, entry, question, names)
        if outcome.kind == Outcome.Kind.QUESTION:
            question = outcome
    _group_work(item, row, names)


def _outcome(
    item: AgendaItem, position: int, entry: dict[str, Any], question: Outcome | None, names: Names
) -> Outcome:
    values = {name: entry[name] for name in _AS_IT_IS if name in entry}
    if entry["kind"] == Outcome.Kind.DECISION:
        decided = Outcome.objects.filter(item__meeting=item.meeting, kind="decision").count()
        values["number"] = f"{item.meeting.number}/{decided + 1}"
    outcome = Outcome.objects.create(
        uuid=demo_uuid("outcome", f"{item.uuid}:{position}"), item=item, position=position,
        speaker=names.attribution(entry["speaker"]) if "speaker" in entry else None,
        answer_to=question if entry["kind"] == Outcome.Kind.ANSWER else None,
        created_at=item.meeting.starts_at, **values,
    )  # fmt: skip
    for adopted in entry.get("adoptions", []):
        JointAdoption.objects.create(
            outcome=outcome, organisation=names.organisation(adopted["organisation"]),
            adopted_on=adopted["day"],
        )  # fmt: skip
    if "matter" in entry:
        _tie(outcome, outcome.text, item.meeting.starts_at, entry["matter"], names)
    if "measure" in entry:
        made = _measure(outcome, item, entry, names)
        if "matter" in entry:
            _tie(made, made.title, item.meeting.ends_at, entry["matter"], names)
    return outcome


def _tie(obj: Entity, title: str, at: datetime, key: str, names: Names) -> None:
    ref = Ref.to(obj)
    Knot.objects.create(
        matter=names.matters[key], ref_type=ref.type, ref_uuid=ref.uuid, at=at, title=title[:300],
        added_by=COMMAND.ref,
    )  # fmt: skip


def _measure(origin: Entity, item: AgendaItem, entry: dict[str, Any], names: Names) -> Measure:
    given = entry["measure"]
    due: date | None = given.get("due")
    status = given.get("status", Measure.Status.OPEN)
    whole = Measure.objects.create(
        uuid=demo_uuid("measure", str(origin.uuid)), network=names.network,
        origin_type=Ref.to(origin).type, origin_uuid=origin.uuid,
        title=(given.get("title") or entry["text"]).rstrip(".")[:200], due_on=due, status=status,
        due_words=given.get("due_words", ""), delay_reason=given.get("delay", ""),
        done_on=due - timedelta(days=5) if due and status == Measure.Status.DONE else None,
        created_at=item.meeting.ends_at, **_held(given.get("who", [])[:1], names),
    )  # fmt: skip
    for who in given.get("who", [])[1:]:
        Helper.objects.create(measure=whole, **_held([who], names))
    if entry.get("everyone"):
        _parts(whole, given.get("answered", 0), names.all_organisations())
    return whole


def _parts(whole: Measure, answered: int, organisations: list[Organisation]) -> None:
    """A part for each partner; the first ones answered."""
    for place, organisation in enumerate(organisations):
        done = place < answered
        Measure.objects.create(
            uuid=demo_uuid("part", f"{whole.uuid}:{organisation.uuid}"), whole=whole,
            network=whole.network, organisation=organisation, title=whole.title,
            origin_type=whole.origin_type, origin_uuid=whole.origin_uuid, due_on=whole.due_on,
            status=Measure.Status.DONE if done else Measure.Status.OPEN,
            done_on=whole.due_on if done else None, created_at=whole.created_at,
            delay_reason="" if done else "Noch keine Antwort.",
        )  # fmt: skip


def _held(who: list[str], names: Names) -> dict[str, Any]:
    """`org:key` or `body:key` as the field of a measure."""
    for each in who:
        kind, _colon, key = each.partition(":")
        if kind == "body":
            return {"body": names.bodies[key]}
        return {"organisation": names.organisation(key)}
    return {}


def _group_work(item: AgendaItem, row: dict[str, Any], names: Names) -> None:
    results: dict[str, GroupResult] = {}
    for entry in row.get("tables", []):
        table = GroupTable.objects.create(
            item=item, number=entry["number"], question=entry["question"],
            sub_question=entry.get("sub_question", ""), moderators=entry["moderators"],
        )  # fmt: skip
        for rank, text in enumerate(entry["results"], start=1):
            results[text] = GroupResult.objects.create(table=table, text=text, rank=rank)
    for position, entry in enumerate(row.get("clusters", []), start=1):
        cluster = GroupCluster.objects.create(item=item, position=position, title=entry["title"])
        for text in entry["results"]:
            GroupResult.objects.filter(pk=results[text].pk).update(cluster=cluster)
        if "measure" in entry:
            _measure(cluster, item, {"text": entry["title"], "measure": entry["measure"]}, names)
