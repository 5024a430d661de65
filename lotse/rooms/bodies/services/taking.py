"""What an agenda takes over from elsewhere, and gives back (issue: the chain of a matter)."""

from lotse.foundation.core import clock
from lotse.foundation.core.actor import Actor
from lotse.foundation.core.db import update_versioned
from lotse.foundation.core.ref import Ref
from lotse.foundation.matters import services as matters
from lotse.foundation.matters.models import Knot, Matter
from lotse.rooms.bodies.models import AgendaItem, Idea, Outcome
from lotse.rooms.bodies.queries import carrying
from lotse.rooms.bodies.queries.carrying import Suggestion


def mark(found: Suggestion, item: AgendaItem, actor: Actor) -> None:
    """The source knows that it is on an agenda. Call inside the transaction.

    Raises NotAllowed for a matter where the actor may not keep matters.
    """
    if found.type == carrying.IDEA:
        idea = Idea.objects.get(uuid=found.uuid)
        update_versioned(idea, expected=idea.version, state=Idea.State.TAKEN)
    elif found.type == carrying.OUTCOME:
        outcome = Outcome.objects.get(uuid=found.uuid)
        update_versioned(outcome, expected=outcome.version, settled_at=clock.now())
    elif found.type == carrying.MATTER:
        matters.tie(Matter.objects.get(uuid=found.uuid), actor=actor, ref=Ref.to(item))


def release(item: AgendaItem) -> None:
    """The source of an item that goes waits again, unless another agenda has it as well: then it
    stays that one's. Up to three queries."""
    if item.source_uuid is None:
        return
    if item.source_type == carrying.MATTER:
        Knot.objects.filter(ref_type=carrying.ITEM, ref_uuid=item.uuid).delete()
    elif item.source_type == carrying.IDEA:
        taken = Idea.objects.filter(uuid=item.source_uuid, state=Idea.State.TAKEN)
        # Two items of one source that go at once: the second sees that it is the last.
        idea = taken.select_for_update(no_key=True).first()
        if idea is not None and not _is_elsewhere(item):
            state = Idea.State.PLANNED if idea.programme else Idea.State.OPEN
            update_versioned(idea, expected=idea.version, state=state)
    elif item.source_type == carrying.OUTCOME:
        settled = Outcome.objects.filter(uuid=item.source_uuid, settled_at__isnull=False)
        outcome = settled.select_for_update(no_key=True).first()
        if outcome is not None and not _is_elsewhere(item):
            update_versioned(outcome, expected=outcome.version, settled_at=None)


def _is_elsewhere(item: AgendaItem) -> bool:
    return carrying.taken_by(item.source_uuid).exclude(pk=item.pk).exists()
