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
    """The source of an item that goes waits again. Up to two queries."""
    if item.source_uuid is None:
        return
    if item.source_type == carrying.MATTER:
        Knot.objects.filter(ref_type=carrying.ITEM, ref_uuid=item.uuid).delete()
    if item.source_type == carrying.IDEA:
        idea = Idea.objects.filter(uuid=item.source_uuid, state=Idea.State.TAKEN).first()
        if idea is not None:
            state = Idea.State.PLANNED if idea.programme else Idea.State.OPEN
            update_versioned(idea, expected=idea.version, state=state)
    elif item.source_type == carrying.OUTCOME:
        outcome = Outcome.objects.filter(uuid=item.source_uuid).first()
        if outcome is not None and outcome.settled_at is not None:
            update_versioned(outcome, expected=outcome.version, settled_at=None)
