"""The page of minutes: the same words as on paper, with what one can do about each item."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Any

from django.utils.html import format_html
from django.utils.translation import gettext as _

from lotse.foundation.core import clock
from lotse.rooms.bodies.exports import minutes_data
from lotse.rooms.bodies.exports.minutes_data import Proof
from lotse.rooms.bodies.exports.minutes_items import walk

Json = Mapping[str, Any]
KEPT, ADDED, REMOVED = "kept", "added", "removed"


def shown(resolved: Json, *, lang: str, proof: Proof) -> dict[str, Any]:
    """What the page says, made of the same data as the paper. No query."""
    data: dict[str, Any] = _marked(
        minutes_data.minutes(resolved, lang=lang, moment=clock.now(), proof=proof)
    )
    for row, (item, depth) in zip(data["items"], walk(resolved.get("items")), strict=True):
        row["uuid"], row["depth"] = item["uuid"], depth
    data["sections"] = [{"key": key, "it": data[key]} for key in _SECTIONS if data[key]]
    return data


_SECTIONS = ("measures", "pending", "annexes", "dates", "distribution", "people")


def _marked(value: Any) -> Any:
    """Texts in another language than the page's say so."""
    if isinstance(value, list | tuple):
        return [_marked(part) for part in value]
    if not isinstance(value, dict):
        return value
    if set(value) == {"text", "lang"}:
        return format_html('<span lang="{}">{}</span>', value["lang"], value["text"])
    if set(value) == {"items"}:
        return {"entries": _marked(value["items"])}  # `.items` means something else in templates
    return {key: _marked(part) for key, part in value.items()}


@dataclass(frozen=True)
class Part:
    """A stretch of a line that stayed, came or went."""

    kind: str
    text: str


@dataclass
class Change:
    """A part of the minutes that says something else."""

    title: str
    lines: list[list[Part]] = field(default_factory=list)


def changes_between(old: Json, new: Json, lang: str) -> list[Change]:
    """What two resolved revisions say differently, part by part and word by word."""
    before, after = _sections(old, lang), _sections(new, lang)
    found = []
    for key in dict.fromkeys([*after, *before]):
        was, now = before.get(key), after.get(key)
        if (was[1] if was else []) != (now[1] if now else []):
            title = (now or was or ("", []))[0]
            found.append(Change(title, _compare(was[1] if was else [], now[1] if now else [])))
    return found


def _sections(resolved: Json, lang: str) -> dict[str, tuple[str, list[str]]]:
    """Key -> (title, lines) of head, items and lists."""
    data = minutes_data.minutes(resolved, lang=lang, moment=clock.now(), proof=Proof())
    found = {"about": (_("Kopf"), [f"{row[0]}: {_words(row[1])}" for row in data["about"]])}
    for row, (item, _depth) in zip(data["items"], walk(resolved.get("items")), strict=True):
        parts = {key: row[key] for key in ("state", "presenters", "goal", "questions", "notes",
                                           "outcomes", "work")}  # fmt: skip
        title = f"{item.get('number') or ''} {item['title']}".strip()
        found[str(item["uuid"])] = (title, list(_lines(parts)))
    for key in ("corrections", "annexes", "dates", "distribution", "people"):
        if data[key]:
            heading = str(data[key]["heading"])
            rest = {name: part for name, part in data[key].items() if name in _READ}
            found[key] = (heading, list(_lines(rest)))
    return found


_READ = ("rows", "blocks", "tables", "more")
# What a column or a heading is called says nothing about the content.
_FRAME = {"widths", "head", "heading", "kind", "label", "clusters_label", "measures_label", "none"}


def _lines(value: Any) -> Iterable[str]:
    if isinstance(value, str):
        yield from (line for line in value.split("\n") if line.strip())
    elif isinstance(value, list) and value and all(isinstance(one, list) for one in value):
        if any(isinstance(cell, list) for row in value for cell in row):
            for row in value:
                yield " · ".join(filter(None, (" ".join(_lines(cell)) for cell in row)))
        else:
            for row in value:
                yield from _lines(row)
    elif isinstance(value, list):
        for part in value:
            yield from _lines(part)
    elif isinstance(value, dict):
        yield from _dict_lines(value)


def _dict_lines(value: dict[str, Any]) -> Iterable[str]:
    if set(value) == {"text", "lang"}:
        yield from _lines(value["text"])
    elif {"label", "text", "result"} <= set(value):
        speaker = f" ({value['speaker']})" if value["speaker"] else ""
        yield f"{value['label']}{speaker}"
        for name in ("text", "result", "lines", "measures"):
            yield from _lines(value[name])
    elif {"who", "what", "due"} <= set(value):
        yield " · ".join(" ".join(_lines(value[name])) for name in ("who", "what", "due"))
    else:
        for name, part in value.items():
            if name not in _FRAME:
                yield from _lines(part)


def _words(value: Any) -> str:
    return ", ".join(_lines(value))


def _compare(before: list[str], after: list[str]) -> list[list[Part]]:
    """Line by line; a line that became another is compared word by word."""
    found: list[list[Part]] = []
    for tag, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "replace" and b - a == d - c:
            found += [_in_words(x, y) for x, y in zip(before[a:b], after[c:d], strict=True)]
            continue
        if tag == "equal":
            continue
        found += [[Part(REMOVED, line)] for line in before[a:b]]
        found += [[Part(ADDED, line)] for line in after[c:d]]
    return found


def _in_words(before: str, after: str) -> list[Part]:
    old, new = before.split(), after.split()
    parts = []
    for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            parts.append(Part(KEPT, " ".join(old[a:b]) + " "))
            continue
        if b > a:
            parts.append(Part(REMOVED, " ".join(old[a:b])))
            parts.append(Part(KEPT, " "))
        if d > c:
            parts.append(Part(ADDED, " ".join(new[c:d])))
            parts.append(Part(KEPT, " "))
    return parts
