"""Writes to the steps of a matter: its road map (S4-05), the route of a paper (S2-21)."""

from datetime import date
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from lotse.foundation.core import actionlog, once
from lotse.foundation.core.actor import Actor
from lotse.foundation.core.db import update_versioned
from lotse.foundation.core.errors import Conflict, Refused
from lotse.foundation.core.permissions import require
from lotse.foundation.matters.models import Matter, Step
from lotse.foundation.matters.services import KEEP, next_place, require_open
from lotse.foundation.parties.models import Body

MOST_STEPS = 60


@transaction.atomic
def add_step(matter: Matter, *, actor: Actor, key: str = "", **values: Any) -> Step:
    """A step or station at the end. Raises NotAllowed, Refused."""
    require(KEEP, actor, matter)
    require_open(matter)
    claim = once.claim(key or once.new_key(), scope=f"matters.step:{matter.uuid}:{actor.ref}")
    if claim.repeated:
        return Step.objects.get(uuid=claim.answer)
    _check(matter, values)
    if matter.steps.count() >= MOST_STEPS:
        raise Refused(_("Mehr als %(most)s Schritte sind nicht vorgesehen.") % {"most": MOST_STEPS})
    step = Step.objects.create(matter=matter, position=next_place(matter), **values)
    actionlog.record(
        "matters.step.added", step, actor=actor, subject=matter.uuid, after=_plain(values)
    )
    claim.remember(str(step.uuid))
    return step


@transaction.atomic
def change_step(step: Step, *, actor: Actor, expected: int, **values: Any) -> None:
    """Other words, another day, or what came of it. Raises NotAllowed, Conflict, Refused."""
    require(KEEP, actor, step.matter)
    require_open(step.matter)
    _check(step.matter, values)
    before = _plain({name: getattr(step, name) for name in values})
    update_versioned(step, expected=expected, **values)
    actionlog.record(
        "matters.step.changed", step, actor=actor, subject=step.matter.uuid, before=before,
        after=_plain(values),
    )  # fmt: skip


@transaction.atomic
def place_step(step: Step, *, actor: Actor, up: bool, key: str = "") -> None:
    """One place up or down among the steps of its kind; at the end it stays. The same form sent
    twice moves it once. Raises NotAllowed, Conflict for a step that is gone, Refused."""
    require(KEEP, actor, step.matter)
    require_open(step.matter)
    if once.claim(key or once.new_key(), scope=f"matters.place:{step.uuid}").repeated:
        return
    rows = list(step.matter.steps.filter(kind=step.kind).order_by("position", "pk"))
    if step not in rows:
        raise Conflict(None)
    at = rows.index(step)
    other = at - 1 if up else at + 1
    if not 0 <= other < len(rows):
        return
    places = [row.position for row in rows]
    if len(set(places)) < len(places):
        places = list(range(len(rows)))
    rows[at], rows[other] = rows[other], rows[at]
    for row, place in zip(rows, sorted(places), strict=True):
        if row.position != place:
            update_versioned(row, expected=row.version, position=place)
    actionlog.record("matters.step.placed", step, actor=actor, subject=step.matter.uuid)


@transaction.atomic
def remove_step(step: Step, *, actor: Actor, expected: int) -> None:
    """Takes a step out of the plan. Raises NotAllowed, Conflict, Refused for one that was done."""
    require(KEEP, actor, step.matter)
    require_open(step.matter)
    if step.done_on is not None:
        raise Refused(_("Was geschehen ist, bleibt stehen."))
    update_versioned(step, expected=expected)
    actionlog.record(
        "matters.step.removed", step, actor=actor, subject=step.matter.uuid,
        before={"title": step.title},
    )  # fmt: skip
    step.delete()


def _check(matter: Matter, values: dict[str, Any]) -> None:
    body = values.get("body")
    if isinstance(body, Body) and body.network_id != matter.network_id:
        raise Refused(_("Dieses Gremium gehört zu einem anderen Netzwerk."))


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    def one(value: Any) -> Any:
        if isinstance(value, date):
            return value.isoformat()
        return str(value.uuid) if isinstance(value, Body) else value

    return {name: one(value) for name, value in values.items()}
