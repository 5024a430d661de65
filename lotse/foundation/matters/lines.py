"""What hangs in matters, as its owners tell it: a registry of sources for types of things.

Matters know no room. A room registers a `Source` for its types; it answers with lines that the
actor may read, by the rights of the thing itself, and leaves all others out.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from lotse.foundation.core.actor import Actor
from lotse.foundation.core.hooks import Hook
from lotse.foundation.core.ref import Ref

Tied = Mapping[str, Collection[UUID]]


@dataclass(frozen=True)
class Line:
    """One thing in a matter: what, where, when, how it stands. Without `url` the actor may read
    that it is there, and not open it. `place` orders things of one moment."""

    ref: Ref
    kind: str
    title: str
    at: datetime
    network: int
    url: str = ""
    where: str = ""
    state: str = ""
    place: int = 0


@dataclass(frozen=True)
class Source:
    """Reads things of some types. `read(actor, tied)` gets all things tied to a matter by type, and
    answers with lines for those of its types and for what follows from any of them (a decision from
    its item, a measure from its decision). At most one query."""

    types: frozenset[str]
    read: Callable[[Actor, Tied], Iterable[Line]]


sources: Hook[Source] = Hook("matters.source")


def lines_of(actor: Actor, tied: Tied) -> list[Line]:
    """All lines the actor may read, in the order in which they happened. One query per source."""
    if not any(tied.values()):
        return []
    found: dict[Ref, Line] = {}
    for source in sources:
        for line in source.read(actor, tied):
            found.setdefault(line.ref, line)
    return sorted(found.values(), key=_order)


def _order(line: Line) -> Any:
    return (line.at, line.place, line.kind, line.title)


def line_of(actor: Actor, ref: Ref) -> Line | None:
    """One thing, if its type can hang in matters and the actor may read it. One query."""
    tied = {ref.type: [ref.uuid]}
    for source in sources:
        if ref.type in source.types:
            return next((one for one in source.read(actor, tied) if one.ref == ref), None)
    return None
