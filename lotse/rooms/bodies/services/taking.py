"""What an agenda takes over from elsewhere, and gives back (issue: the chain of a matter)."""

from lotse.foundation.core import clock
from lotse.foundation.core.db import update_versioned
from lotse.rooms.bodies.models import AgendaItem, Idea, Outcome
from lotse.rooms.bodies.queries import carrying
from lotse.rooms.bodies.queries.carrying import Suggestion


def mark(found: Suggestion) -> None:
    """The source knows that it is on an agenda. Up to two queries; call inside the transaction."""
    if found.type == carrying.IDEA:
        idea = Idea.objects.get(uuid=found.uuid)
        update_versioned(idea, expected=idea.version, state=Idea.State.TAKEN)
    elif found.type == carrying.OUTCOME:
        outcome = Outcome.objects.get(uuid=found.uuid)
        update_versioned(outcome, expected=outcome.version, settled_at=clock.now())


def release(item: AgendaItem) -> None:
    """The source of an item that goes waits again. Up to two queries."""
    if item.source_uuid is None:
        return
    if item.source_type == carrying.IDEA:
        idea = Idea.objects.filter(uuid=item.source_uuid, state=Idea.State.TAKEN).first()
        if idea is not None:
            state = Idea.State.PLANNED if idea.programme else Idea.State.OPEN
            update_versioned(idea, expected=idea.version, state=state)
    elif item.source_type == carrying.OUTCOME:
        outcome = Outcome.objects.filter(uuid=item.source_uuid).first()
        if outcome is not None and outcome.settled_at is not None:
            update_versioned(outcome, expected=outcome.version, settled_at=None)
