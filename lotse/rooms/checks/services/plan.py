"""The action plan of an assessment: measures with the assessment as their origin."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from lotse.foundation.core import clock, once
from lotse.foundation.core.actor import Actor
from lotse.foundation.core.errors import Refused
from lotse.foundation.core.ref import Ref
from lotse.foundation.measures import basket, evidence
from lotse.foundation.measures import services as measures
from lotse.foundation.measures.models import Measure
from lotse.rooms.checks.content import Checkpoint
from lotse.rooms.checks.models import Answer, Assessment
from lotse.rooms.checks.services.answers import rate_again
from lotse.rooms.checks.services.assessments import authorise


@transaction.atomic
def add_measure(
    assessment: Assessment,
    *,
    actor: Actor,
    key: str,
    checkpoint: Checkpoint | None,
    title: str,
    suggestion: str = "",
    **fields: Any,
) -> Measure | None:
    """A measure from a checkpoint or of its own; None when the form was already worked on.

    An urgent checkpoint makes an urgent measure, due as the check's scale says.
    """
    authorise(assessment, actor)
    claim = once.claim(key, scope=f"checks.measure:{assessment.uuid}")
    if claim.repeated:
        return None
    level = ""
    if checkpoint is not None:
        level = _level_of(assessment, checkpoint)
        fields = _defaults(checkpoint, level) | fields
    return measures.create_measure(
        actor=actor,
        origin=Ref.to(assessment),
        part=checkpoint.id if checkpoint else "",
        title=title,
        suggestion=suggestion,
        level_before=level,
        **fields,
    )


def _level_of(assessment: Assessment, checkpoint: Checkpoint) -> str:
    answered = Answer.objects.filter(assessment=assessment, checkpoint=checkpoint.id)
    return answered.values_list("level", flat=True).first() or ""


def defaults_for(assessment: Assessment, checkpoint: Checkpoint | None) -> dict[str, Any]:
    """What a new measure of a checkpoint starts with. One query."""
    return _defaults(checkpoint, _level_of(assessment, checkpoint)) if checkpoint else {}


def _defaults(checkpoint: Checkpoint, level_id: str) -> dict[str, Any]:
    level = checkpoint.level(level_id)
    if level is None or level.kind != "urgent":
        return {}
    due = level.due_within_days
    return {
        "urgency": Measure.Urgency.HIGH,
        "due_on": clock.today() + timedelta(days=due) if due else None,
    }


@transaction.atomic
def change_measure(
    assessment: Assessment,
    measure: Measure,
    *,
    actor: Actor,
    key: str,
    expected: int,
    changes: dict[str, Any],
) -> bool:
    """Whether the measure became done by this. Raises Conflict, NotAllowed."""
    authorise(assessment, actor)
    claim = once.claim(key, scope=f"checks.measure:{measure.uuid}")
    if claim.repeated:
        return bool(claim.answer)
    done = measures.change_measure(measure, actor=actor, expected=expected, changes=changes)
    claim.remember(done)
    return done


@transaction.atomic
def add_note(
    assessment: Assessment, measure: Measure, *, actor: Actor, key: str, text: str, author: str
) -> None:
    """A progress note; the same form sent twice adds one."""
    authorise(assessment, actor)
    if not once.claim(key, scope=f"checks.note:{measure.uuid}").repeated:
        measures.add_note(measure, actor=actor, text=text, author=author)


@transaction.atomic
def rate_after(
    assessment: Assessment,
    measure: Measure,
    *,
    actor: Actor,
    key: str,
    checkpoint: Checkpoint,
    level: str,
) -> None:
    """The new rating of the checkpoint after its measure, with before and after on the measure."""
    if checkpoint.level(level) is None:
        raise Refused(_("Bitte wählen Sie eine der Stufen."))
    if once.claim(key, scope=f"checks.rate:{measure.uuid}").repeated:
        return
    before = rate_again(
        assessment, actor=actor, checkpoint=checkpoint.id, level=level, measure=measure.uuid
    )
    measures.record_effect(measure, actor=actor, before=before or measure.level_before, after=level)


@transaction.atomic
def add_evidence(
    assessment: Assessment, measure: Measure, *, actor: Actor, key: str, upload: "UploadedFile[Any]"
) -> None:
    """A file that shows what was done. Raises Refused (type, size, more than 20 files)."""
    authorise(assessment, actor)
    if once.claim(key, scope=f"checks.evidence:{measure.uuid}").repeated:
        return
    evidence.keep(measure, upload, actor=actor)


@transaction.atomic
def delete_evidence(
    assessment: Assessment, measure: Measure, *, actor: Actor, document: UUID
) -> None:
    """Deletes one file of a measure."""
    authorise(assessment, actor)
    evidence.drop(measure, document, actor=actor)


@transaction.atomic
def delete_measure(assessment: Assessment, measure: Measure, *, actor: Actor) -> None:
    """Puts a measure with its notes and files into the waste basket."""
    authorise(assessment, actor)
    basket.throw_measure(measure, actor=actor)
    measures.delete_measure(measure, actor=actor)


@transaction.atomic
def bring_back(assessment: Assessment, *, actor: Actor, item: UUID) -> None:
    """Brings back what lies in the waste basket of this round. Raises NotAllowed, Refused."""
    authorise(assessment, actor)
    basket.restore(assessment.uuid, item, actor=actor)
