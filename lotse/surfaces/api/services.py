"""Writes of the API: the services of the rooms, with a key that makes sending again safe."""

import hashlib
import json
from typing import Any

from django.db import transaction
from django.http import Http404

from lotse.foundation.core import once
from lotse.foundation.core.actor import Actor
from lotse.foundation.core.errors import NotAllowed
from lotse.foundation.core.permissions import visible
from lotse.foundation.measures import work
from lotse.foundation.measures.models import Measure
from lotse.rooms.checks.content import Checkpoint
from lotse.rooms.checks.models import Assessment
from lotse.rooms.checks.services import plan
from lotse.surfaces.api.problems import Problem

ORIGIN = "checks.assessment"
REPORTED = {"status", "delay_reason"}


@transaction.atomic
def create_measure(
    assessment: Assessment,
    *,
    actor: Actor,
    key: str,
    sent: dict[str, Any],
    checkpoint: Checkpoint | None,
    fields: dict[str, Any],
) -> tuple[Measure, bool]:
    """(measure, whether it is new). The same key again gives the first measure, the same key with
    another content is refused.

    Raises NotAllowed, Refused, InProgress, Problem (key-reused).
    """
    claim = once.claim(key or once.new_key(), scope=f"api.measures:{actor.uuid}")
    digest = _digest(sent)
    if claim.repeated:
        first, uuid = claim.answer
        if first != digest:
            raise Problem("key-reused")
        known = Measure.objects.filter(uuid=uuid).first()
        if known is None:
            raise Http404  # deleted meanwhile
        return known, False
    status = fields.pop("status", Measure.Status.OPEN)
    measure = plan.add_measure(
        assessment, actor=actor, key=once.new_key(), checkpoint=checkpoint, **fields
    )
    if measure is None:
        raise RuntimeError("a new key cannot be known")
    if status != Measure.Status.OPEN:
        _change(assessment, measure, actor=actor, changes={"status": status})
    claim.remember([digest, str(measure.uuid)])
    return measure, True


@transaction.atomic
def change_measure(measure: Measure, *, actor: Actor, changes: dict[str, Any]) -> None:
    """Writes the changes on the state that was read.

    Whoever takes care of a measure may report how it stands; the rest is changed by those who may
    edit the assessment it comes from, as on the pages. Raises NotAllowed, Conflict.
    """
    if set(changes) <= REPORTED:
        state = {name: changes.get(name, getattr(measure, name)) for name in REPORTED}
        work.report_state(
            measure, actor=actor, key=once.new_key(), expected=measure.version, **state
        )
        return
    rows = Assessment.objects.all() if measure.origin_type == ORIGIN else Assessment.objects.none()
    found = visible("checks.assessment.edit", actor, rows).filter(uuid=measure.origin_uuid).first()
    if found is None:
        raise NotAllowed("checks.assessment.edit")
    _change(found, measure, actor=actor, changes=changes)


def _change(
    assessment: Assessment, measure: Measure, *, actor: Actor, changes: dict[str, Any]
) -> None:
    plan.change_measure(
        assessment,
        measure,
        actor=actor,
        key=once.new_key(),
        expected=measure.version,
        changes=changes,
    )


def _digest(sent: dict[str, Any]) -> str:
    text = json.dumps(sent, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
