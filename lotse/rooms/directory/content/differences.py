"""What changed between two revisions, field by field and word by word.

A change is marked by `ins` and `del`, which every browser draws underlined and struck, and by words
for who listens: never by colour alone.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from django.utils.translation import gettext as _

from lotse.rooms.directory.content.fields import (
    CODES,
    COUNTED,
    PICTURE,
    REGIONS,
    SECTORS,
    TOPICS,
    WORDS,
    Field,
    fields_of,
)
from lotse.rooms.directory.content.labels import Labels, lines_of

KEPT, ADDED, REMOVED = "kept", "added", "removed"
_WORDS = re.compile(r"\s+|[^\s]+")
_LISTS = (CODES, COUNTED, PICTURE, REGIONS, SECTORS, TOPICS, WORDS)
# What is ticked has no order of its own.
_UNORDERED = (CODES, REGIONS, SECTORS, TOPICS)
# Texts beyond this are compared line by line: word by word takes time with the square of length.
_MOST_WORDS = 4000


@dataclass(frozen=True)
class Part:
    """A stretch of text that stayed, came or went."""

    kind: str
    text: str


@dataclass(frozen=True)
class Change:
    """One field that says something else; `kind` is added, removed or changed. The parts stand
    in lines."""

    key: str
    title: str
    kind: str
    lines: list[list[Part]]
    old: str = ""
    new: str = ""


def changes_between(
    kind: str, old: Mapping[str, Any], new: Mapping[str, Any], labels: Labels
) -> list[Change]:
    """All fields that differ, in the order of the page. No query; `labels` names topics and
    regions of both."""
    found = []
    for one in with_twins(kind):
        before, after = old.get(one.key), new.get(one.key)
        if one.holds in _UNORDERED:
            before, after = sorted(before or ()), sorted(after or ())
        if (before or None) != (after or None):
            found.append(_change(one, lines_of(one, before, labels), lines_of(one, after, labels)))
    return found


def with_twins(kind: str) -> list[Field]:
    """The fields of a kind, each with its English twin behind it."""
    found = []
    for one in fields_of(kind):
        found.append(one)
        if one.translated:
            found.append(twin_of(one))
    return found


def twin_of(one: Field) -> Field:
    """The field that says the same in English."""
    title = _("%(title)s (englisch)") % {"title": one.title}
    return Field(f"{one.key}_en", title, one.holds, one.section, most=one.most, found=one.found)


def _change(one: Field, before: list[str], after: list[str]) -> Change:
    worded = one.holds not in _LISTS
    if one.holds == PICTURE and before and after:
        after = [_("ein anderes Bild")]
    return Change(
        key=one.key,
        title=str(one.title),
        kind="changed" if before and after else (ADDED if after else REMOVED),
        lines=compare(before, after) if worded else _listed(before, after),
        old="\n".join(before),
        new="\n".join(after),
    )


def compare(before: Sequence[str], after: Sequence[str]) -> list[list[Part]]:
    """Word by word, over line ends."""
    old, new = _WORDS.findall("\n".join(before)), _WORDS.findall("\n".join(after))
    if len(old) + len(new) > _MOST_WORDS:
        return _listed(before, after)
    parts: list[Part] = []
    for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            parts.append(Part(KEPT, "".join(old[a:b])))
            continue
        went, came = "".join(old[a:b]), "".join(new[c:d])
        if went:
            parts.append(Part(REMOVED, went))
        if went and came and not went[-1].isspace() and not came[0].isspace():
            parts.append(Part(KEPT, " "))  # the two words would be read as one
        if came:
            parts.append(Part(ADDED, came))
    return _in_lines(parts)


def _in_lines(parts: Sequence[Part]) -> list[list[Part]]:
    lines: list[list[Part]] = [[]]
    for part in parts:
        first, *rest = part.text.split("\n")
        for number, text in enumerate([first, *rest]):
            if number:
                lines.append([])
            if text:
                lines[-1].append(Part(part.kind, text))
    return [line for line in lines if line]


def _listed(before: Sequence[str], after: Sequence[str]) -> list[list[Part]]:
    """Lists have no words to compare: what is there, in the new order, then what went."""
    old, new = set(before), set(after)
    now = [[Part(KEPT if one in old else ADDED, one)] for one in after]
    return [*now, *[[Part(REMOVED, one)] for one in before if one not in new]]
