"""Cross-checks after the schema: unique ids, order, references between the parts of a check."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _

from . import changes, texts
from .faults import Finding, Path, did_you_mean, hint, shown
from .parts import Row, checkpoints, examples, ids_of, keyed, level_ids, rows, unknown_scales
from .reading import Source


def findings(
    source: Source, previous: Mapping[str, Any] | None, retired: frozenset[str]
) -> Iterator[Finding]:
    """Check a file that was read, against itself and against the previous revision."""
    points = checkpoints(source.content)
    yield from _provenance(source)
    yield from _scales(source)
    yield from _unique(source, points)
    yield from _in_order(points, "number", 1)
    yield from _scales_used(source.content, points)
    for point in points:
        yield from _checkpoint(source, point)
    yield from texts.findings(source.content)
    yield from changes.findings(source.content, previous, retired)


# Ids and order


def _unique(source: Source, entries: Iterable[Row]) -> Iterator[Finding]:
    first: dict[str, Path] = {}
    for path, row in entries:
        one = row.get("id")
        if not isinstance(one, str):
            continue
        if one not in first:
            first[one] = (*path, "id")
            continue
        message = _(
            "Die Kennung „%(id)s“ ist schon vergeben (Zeile %(line)s). Bitte wählen Sie eine "
            "andere."
        ) % {"id": shown(one), "line": source.line(first[one])}
        yield Finding((*path, "id"), "duplicate-id", message)


def _in_order(entries: list[Row], key: str, start: int) -> Iterator[Finding]:
    """Numbers must count up without gap. Only the first slip counts: the rest follows from it."""
    for expected, (path, row) in enumerate(entries, start):
        found = row.get(key)
        if not isinstance(found, int) or isinstance(found, bool):
            return
        if found != expected:
            message = _(
                "Die Zählung stimmt nicht: Hier steht %(found)s, erwartet wird %(expected)s. "
                "Gezählt wird ab %(start)s der Reihe nach und ohne Lücke."
            ) % {"found": found, "expected": expected, "start": start}
            yield Finding((*path, key), f"{key}-order", message)
            return


def _listed(
    value: Any, known: Mapping[str, None], path: Path, code: str, message: str
) -> Iterator[Finding]:
    """Check a list of ids: each known, none twice."""
    seen: set[str] = set()
    for index, word in enumerate(value if isinstance(value, list) else []):
        if not isinstance(word, str):
            continue
        if word not in known:
            suggestion = hint(did_you_mean(word, known))
            yield Finding((*path, index), code, message % {"id": shown(word)} + suggestion)
        elif word in seen:
            twice = _("„%(id)s“ steht in dieser Liste doppelt.") % {"id": shown(word)}
            yield Finding((*path, index), "listed-twice", twice)
        seen.add(word)


# The parts of a check


def _provenance(source: Source) -> Iterator[Finding]:
    provenance = source.content.get("provenance")
    if isinstance(provenance, dict):
        for part in ("publishers", "sources"):
            yield from _unique(source, rows(provenance.get(part), ("provenance", part)))


def _scales(source: Source) -> Iterator[Finding]:
    for path, scale in keyed(source.content.get("scales"), ("scales",)):
        levels = rows(scale.get("levels"), (*path, "levels"))
        yield from _unique(source, levels)
        yield from _in_order(levels, "rank", 0)


def _checkpoint(source: Source, point: Row) -> Iterator[Finding]:
    path, row = point
    groups = rows(row.get("example_groups"), (*path, "example_groups"))
    all_examples = [example for group in groups for example in examples(group)]
    measures = rows(row.get("measures"), (*path, "measures"))
    footnotes = rows(row.get("footnotes"), (*path, "footnotes"))
    for entries in (groups, all_examples, measures, footnotes):
        yield from _unique(source, entries)
    yield from _report_phrases(source.content, point)
    yield from _sources(source.content, all_examples)
    yield from _from_examples(measures, dict.fromkeys(ids_of(all_examples)))


def _scales_used(content: Mapping[str, Any], points: list[Row]) -> Iterator[Finding]:
    """One finding per unknown scale, at its first use: mostly the scale is what is missing."""
    first: dict[str, Path] = {}
    for path, row in points:
        if isinstance(name := row.get("scale"), str):
            first.setdefault(name, (*path, "scale"))
    for name in unknown_scales(content, first):
        message = _("Die Skala „%(id)s“ gibt es in „scales“ nicht.") % {"id": shown(name)}
        suggestion = hint(did_you_mean(name, content["scales"]))
        yield Finding(first[name], "unknown-scale", message + suggestion)


def _report_phrases(content: Mapping[str, Any], point: Row) -> Iterator[Finding]:
    path, row = point
    known = dict.fromkeys(level_ids(content, row.get("scale")) or ())
    phrases = row.get("report_phrase")
    for level in phrases if known and isinstance(phrases, dict) else ():
        if level not in known and not level.startswith("x-"):
            message = _("Die Stufe „%(level)s“ gibt es in der Skala „%(scale)s“ nicht.") % {
                "level": shown(level),
                "scale": shown(row["scale"]),
            }
            suggestion = hint(did_you_mean(level, known))
            yield Finding((*path, "report_phrase", level), "unknown-level", message + suggestion)


def _sources(content: Mapping[str, Any], all_examples: list[Row]) -> Iterator[Finding]:
    provenance = content.get("provenance")
    listed = provenance.get("sources") if isinstance(provenance, dict) else None
    known = dict.fromkeys(ids_of(rows(listed)))
    unknown = _("Die Quelle „%(id)s“ steht nicht in „provenance.sources“.")
    for path, example in all_examples:
        if "sources" in example:
            here = (*path, "sources")
            yield from _listed(example["sources"], known, here, "unknown-source", unknown)


def _from_examples(measures: list[Row], known: Mapping[str, None]) -> Iterator[Finding]:
    unknown = _("Das Beispiel „%(id)s“ gibt es in diesem Checkpunkt nicht.")
    for path, measure in measures:
        if "from_examples" in measure:
            here = (*path, "from_examples")
            yield from _listed(measure["from_examples"], known, here, "unknown-example", unknown)
