"""What stands at the end of minutes: who signs them, and to whom they go.

Both come from the rules of the body, where anything can be typed, names too. So each line is kept
as an attribution like a name: the canonical form holds its uuid, and an erasure takes the name out.
Revisions from before hold the lines as text; for these an attribution is made at an erasure, under
a uuid that is worked out of the line.
"""

import re
import textwrap
from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid5

from lotse.foundation.core import text

Json = dict[str, Any]
PARTS = ("signatures", "distribution")
MOST = 200  # what the name of an attribution holds
_BETWEEN = {"signatures": re.compile(r"[,;\n]"), "distribution": re.compile(r"\n")}


def lines_of(part: str, typed: str) -> list[str]:
    """The lines of one part; a very long one is broken between words."""
    found: list[str] = []
    for line in _BETWEEN[part].split(typed):
        found += textwrap.wrap(text.clean_line(line), MOST)
    return found


def old_lines(content: Mapping[str, Any]) -> dict[str, str]:
    """Uuid -> line, of a revision that holds its lines as text."""
    return {
        _key(content, line): line
        for part in PARTS if isinstance(content.get(part), str)
        for line in lines_of(part, content[part])
    }  # fmt: skip


def with_keys(content: Json) -> Json:
    """The content as it would be written today: lines by their uuid."""
    return content | {
        part: [{"attribution": _key(content, line)} for line in lines_of(part, content[part])]
        for part in PARTS if isinstance(content.get(part), str)
    }  # fmt: skip


def _key(content: Mapping[str, Any], line: str) -> str:
    return str(uuid5(UUID(content["body"]["uuid"]), line))
