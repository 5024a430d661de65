"""The notes to an item as its panel shows them."""

from dataclasses import dataclass, field

from lotse.foundation.core.actor import Actor
from lotse.rooms.bodies.models import AgendaItem, NoteBlock


@dataclass(frozen=True)
class Block:
    """One block to write in, perhaps not yet stored. `name` is its field's name on the page."""

    name: str
    text: str = ""
    revision: int = 0


@dataclass(frozen=True)
class Others:
    """What somebody else wrote down for themselves; `who` is empty for a person who is gone."""

    who: str
    text: str


@dataclass
class Notes:
    """The shared block, the actor's own, and those of others to read."""

    item: AgendaItem
    shared: Block
    own: Block
    others: list[Others] = field(default_factory=list)


SHARED, OWN = "shared", "own"


def notes_of(item: AgendaItem, actor: Actor) -> Notes:
    """All notes to an item. One query."""
    found = Notes(item, Block(SHARED), Block(OWN))
    for block in item.notes.select_related("person").order_by("pk"):
        _sort_in(found, block, actor)
    return found


def _sort_in(found: Notes, block: NoteBlock, actor: Actor) -> None:
    if block.person is None and found.shared.revision == 0:
        found.shared = Block(SHARED, block.text, block.revision)
    elif block.person_id is not None and block.person_id == actor.person:
        found.own = Block(OWN, block.text, block.revision)
    elif block.text:
        found.others.append(Others(block.person.name if block.person else "", block.text))
