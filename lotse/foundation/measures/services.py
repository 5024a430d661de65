"""Every write to measures from the room that owns the origin: it authorises before it calls.

What people do on the pages of their own measures is in `work`.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from lotse.foundation.core import actionlog, clock
from lotse.foundation.core.actor import Actor
from lotse.foundation.core.db import update_versioned
from lotse.foundation.core.errors import Refused
from lotse.foundation.core.models import Entity
from lotse.foundation.core.ref import Ref
from lotse.foundation.measures import whole
from lotse.foundation.measures.models import Helper, Measure, ProgressNote
from lotse.foundation.measures.parties import Party
from lotse.foundation.parties.models import Body, Organisation, Person

FIELDS = ("title", "reason", "responsible", "due_on", "due_words", "urgency", "status",
          "delay_reason", "controller", "control_on", "person_id", "organisation_id", "body_id",
          "controller_person_id")  # fmt: skip
_BY_KEY = {"person_id": Person, "organisation_id": Organisation, "body_id": Body,
           "controller_person_id": Person}  # fmt: skip
MOST_PER_ORIGIN = 500


@transaction.atomic
def create_measure(
    *,
    actor: Actor,
    origin: Ref,
    title: str,
    part: str = "",
    suggestion: str = "",
    level_before: str = "",
    helpers: Sequence[Party] = (),
    **fields: Any,
) -> Measure:
    """A new measure, with who helps. Raises Refused above 500 measures of one origin."""
    siblings = Measure.objects.filter(origin_type=origin.type, origin_uuid=origin.uuid, whole=None)
    if siblings.count() >= MOST_PER_ORIGIN:
        raise Refused(_("Mehr als 500 Maßnahmen sind hier nicht vorgesehen."))
    measure = Measure.objects.create(
        origin_type=origin.type,
        origin_uuid=origin.uuid,
        origin_part=part,
        suggestion=suggestion,
        title=title,
        level_before=level_before,
        **fields,
    )
    actionlog.record(
        "measures.measure.created",
        measure,
        actor=actor,
        after=_loggable({"title": title, **fields}),
        subject=origin.uuid,
    )
    if helpers:
        set_helpers(measure, helpers, actor=actor)
    return measure


@transaction.atomic
def set_helpers(measure: Measure, parties: Sequence[Party], *, actor: Actor) -> None:
    """Those who take care together with whoever is named first, and nobody else (S1-10)."""
    first = Party(measure.person_id, measure.organisation_id, measure.body_id)
    wanted = [one for one in dict.fromkeys(parties) if one not in (first, Party())]
    held = {
        Party(row.person_id, row.organisation_id, row.body_id): row
        for row in measure.helpers.order_by("pk")
    }
    if set(held) == set(wanted):
        return
    gone = [row.pk for party, row in held.items() if party not in wanted]
    Helper.objects.filter(pk__in=gone).delete()
    Helper.objects.bulk_create(
        Helper(measure=measure, **one.fields) for one in wanted if one not in held
    )
    actionlog.record(
        "measures.measure.helpers_changed", measure, actor=actor,
        before={"helpers": len(held)}, after={"helpers": len(wanted)},
        subject=measure.origin_uuid,
    )  # fmt: skip


@transaction.atomic
def change_measure(
    measure: Measure, *, actor: Actor, expected: int, changes: dict[str, Any]
) -> bool:
    """Writes the given fields; returns whether the measure became done by this.

    `done_on` follows the status. Raises Conflict when somebody saved in between, Refused for a part
    that is taken up again while its whole is dropped.
    """
    changed = {
        name: value
        for name, value in changes.items()
        if name in FIELDS and getattr(measure, name) != value
    }
    became_done = changed.get("status") == Measure.Status.DONE
    before = {name: getattr(measure, name) for name in changed}
    if "status" in changed:
        changed["done_on"] = clock.today() if became_done else None
        changed["rated_at"] = None  # done anew asks for a rating anew
    if "control_on" in changed:
        changed["controlled_on"] = None  # another day, another look
    if "status" in changed:
        whole.hold_for(measure, changed["status"])
    update_versioned(measure, expected=expected, **changed)
    if changed:
        actionlog.record(
            "measures.measure.changed",
            measure,
            actor=actor,
            before=_loggable(before),
            after=_loggable(changed),
            subject=measure.origin_uuid,
        )
    if "status" in changed:
        whole.pass_on(measure, before["status"])
        whole.settle(measure.whole_id)
    return became_done


@transaction.atomic
def record_effect(measure: Measure, *, actor: Actor, before: str, after: str) -> None:
    """Keeps the level of need before and after a measure (checks: effect of what was done)."""
    update_versioned(
        measure,
        expected=measure.version,
        level_before=before,
        level_after=after,
        rated_at=clock.now(),
    )
    actionlog.record(
        "measures.measure.effect_recorded",
        measure,
        actor=actor,
        before={"level": before},
        after={"level": after},
        subject=measure.origin_uuid,
    )


@transaction.atomic
def add_note(measure: Measure, *, actor: Actor, text: str, author: str = "") -> ProgressNote:
    """Adds a progress note; it names who is signed in, else whoever the author says it is."""
    person = None if author else actor.person
    note = ProgressNote.objects.create(measure=measure, text=text, author=author, person_id=person)
    actionlog.record(
        "measures.note.added", note, actor=actor, after={"text": text}, subject=measure.origin_uuid
    )
    return note


@transaction.atomic
def delete_measure(measure: Measure, *, actor: Actor) -> None:
    """Deletes a measure with its notes; its files are the caller's to delete."""
    actionlog.record(
        "measures.measure.deleted",
        measure,
        actor=actor,
        before={"title": measure.title},
        subject=measure.origin_uuid,
    )
    measure.delete()


def delete_of_origin(origin: Ref) -> int:
    """Deletes all measures of an object that goes as a whole; call inside its transaction."""
    found = Measure.objects.filter(origin_type=origin.type, origin_uuid=origin.uuid)
    ProgressNote.objects.filter(measure__in=found).delete()
    return found.delete()[0]


def _loggable(values: dict[str, Any]) -> dict[str, Any]:
    """Values as the log keeps them: people and organisations by uuid, never by name."""
    return {name.removesuffix("_id"): _plain(name, value) for name, value in values.items()}


def _plain(name: str, value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if name in _BY_KEY and value is not None:
        found = _BY_KEY[name]._default_manager.filter(pk=value).values_list("uuid", flat=True)
        return str(found[0]) if found else None
    if isinstance(value, Entity):
        return str(value.uuid)
    return str(value) if isinstance(value, UUID) else value
