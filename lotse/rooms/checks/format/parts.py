"""The parts of a check as the cross-checks see them: rows with their path, whatever else is wrong.

Each check looks only at what has the right type; wrong types are the schema's business. So both
can run over the same file and a mistake is reported once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from .faults import Path

# As in the schema. Looking into thousands of them would cost a hostile file's reader seconds.
MAX_CHECKPOINTS = 99

Row = tuple[Path, dict[str, Any]]


def rows(value: Any, path: Path = ()) -> list[Row]:
    """Return the entries of a list that are mappings, each with its path."""
    if not isinstance(value, list):
        return []
    return [((*path, index), row) for index, row in enumerate(value) if isinstance(row, dict)]


def keyed(value: Any, path: Path = ()) -> list[Row]:
    """Return the mappings kept under ids (not those under `x-*`), each with its path."""
    if not isinstance(value, dict):
        return []
    return [
        ((*path, key), row)
        for key, row in value.items()
        if isinstance(row, dict) and not key.startswith("x-")
    ]


def words(value: Any) -> list[str]:
    """Return the texts of a list."""
    return [word for word in value if isinstance(word, str)] if isinstance(value, list) else []


def ids_of(entries: Iterable[Row]) -> list[str]:
    """Return the ids of rows, as far as they have one."""
    return words([row.get("id") for _path, row in entries])


def checkpoints(content: Mapping[str, Any]) -> list[Row]:
    """Return the checkpoints of a check, as many as it may have (more is the schema's fault)."""
    return rows(content.get("checkpoints"), ("checkpoints",))[:MAX_CHECKPOINTS]


def examples(group: Row) -> Iterator[Row]:
    """Yield the examples of a group and those below them, in the order of reading."""
    path, row = group
    for example in rows(row.get("items"), (*path, "items")):
        yield example
        yield from rows(example[1].get("items"), (*example[0], "items"))


def unknown_scales(content: Mapping[str, Any], names: Iterable[str]) -> list[str]:
    """Return the names that are no scale. A scale with a misspelt key is the schema's business."""
    scales = content.get("scales")
    if not isinstance(scales, dict):
        return []
    meant = {*scales, *map(str.lower, scales)}
    return [name for name in names if name not in meant]


def level_ids(content: Mapping[str, Any], scale: Any) -> list[str] | None:
    """Return the ids of the levels of a scale, or None when there is no such scale."""
    scales = content.get("scales")
    found = scales.get(scale) if isinstance(scales, dict) and isinstance(scale, str) else None
    return ids_of(rows(found.get("levels"))) if isinstance(found, dict) else None
