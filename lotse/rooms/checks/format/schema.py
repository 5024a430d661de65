"""The JSON Schema of lotse-check/1, and a walk over a check along its schema.

The schema is the only list of places: what is a text with languages, in which order keys are
written. A new text field in `schema.json` is checked and written without another line here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path as FilePath
from typing import Any, NamedTuple

from .faults import Path

FORMAT = "lotse-check/1"

Schema = dict[str, Any]


@cache
def schema() -> Schema:
    """Return the JSON Schema (2020-12) of lotse-check/1."""
    text = FilePath(__file__).with_name("schema.json").read_text(encoding="utf-8")
    loaded: Schema = json.loads(text)
    return loaded


def resolved(part: Any) -> Schema:
    """Follow `$ref` of a subschema; `true`, `false` and nothing become an empty schema."""
    if not isinstance(part, dict):
        return {}
    if "$ref" in part:
        found: Schema = schema()["$defs"][part["$ref"].removeprefix("#/$defs/")]
        return found
    return part


def schema_of(key: str, part: Schema) -> Schema:
    """Return the subschema of a key in an object with schema `part`."""
    if key in part.get("properties", {}):
        return resolved(part["properties"][key])
    for pattern, below in part.get("patternProperties", {}).items():
        if re.search(pattern, key):
            return resolved(below)
    return {}


class Place(NamedTuple):
    """A value of a check with its path and its schema's title (see `schema.json`)."""

    path: Path
    value: Any
    title: str


def places(value: Any, part: Schema | None = None, path: Path = ()) -> Iterator[Place]:
    """Yield every value that the schema knows, outside in; extensions (`x-*`) are left out.

    Wrong types are no obstacle: the walk goes only where value and schema fit together.
    """
    part = schema() if part is None else part
    if not part:
        return
    yield Place(path, value, part.get("title", ""))
    if isinstance(value, dict):
        for key, below in value.items():
            yield from places(below, schema_of(key, part), (*path, key))
    elif isinstance(value, list):
        for index, below in enumerate(value):
            yield from places(below, resolved(part.get("items")), (*path, index))
