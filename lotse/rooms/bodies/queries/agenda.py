"""The agenda as it is read: numbers and times follow from order and planned minutes."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from lotse.rooms.bodies.models import AgendaItem, Meeting


@dataclass
class Point:
    """An item with its printed number ("3", "3.1", none for a break) and its planned time.

    Of an item with parts the time is that of the parts, if these are planned longer.
    """

    item: AgendaItem
    number: str
    starts_at: datetime
    ends_at: datetime
    depth: int = 0
    parts: list["Point"] = field(default_factory=list)


def agenda_of(meeting: Meeting, items: Iterable[AgendaItem] | None = None) -> list[Point]:
    """The tree of items in order. One query, none where `items` are given (all of the meeting)."""
    rows = sorted(meeting.items.all() if items is None else items,
                  key=lambda item: (item.position, item.pk))  # fmt: skip
    below: dict[int | None, list[AgendaItem]] = {}
    for row in rows:
        below.setdefault(row.parent_id, []).append(row)
    return _points(below, None, "", meeting.starts_at, 0)


def _points(
    below: dict[int | None, list[AgendaItem]], parent: int | None, prefix: str,
    begin: datetime, depth: int,
) -> list[Point]:  # fmt: skip
    points: list[Point] = []
    count, at = 0, begin
    for item in below.get(parent, []):
        number = ""
        if item.kind != AgendaItem.Kind.BREAK:
            count += 1
            number = f"{prefix}{count}"
        parts = _points(below, item.pk, f"{number}.", at, depth + 1)
        end = at + timedelta(minutes=item.minutes_planned)
        if parts:
            end = max(end, parts[-1].ends_at)
        points.append(Point(item, number, at, end, depth, parts))
        at = end
    return points


def flat(points: Iterable[Point]) -> list[Point]:
    """All points in the order of reading."""
    found: list[Point] = []
    for point in points:
        found += [point, *flat(point.parts)]
    return found
