"""Cross-checks of what changed since the previous revision.

The author of a check declares the fate of every checkpoint; the answers given to the old revision
are carried over, set beside or archived by it. So nothing may be left out and nothing may be
ambiguous: a removed question took its answers along in the tools we looked at.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _

from .canonical import digest
from .faults import Finding, Path, did_you_mean, hint, shown
from .parts import Row, checkpoints, ids_of, keyed, level_ids, rows, unknown_scales, words

_ITEMS: Path = ("changes", "items")
_SCALE_MAP: Path = ("changes", "scale_map")

Content = Mapping[str, Any]


def findings(
    content: Content, previous: Content | None, retired: frozenset[str]
) -> Iterator[Finding]:
    """Check `changes` for itself, against the checkpoints, and against the previous revision.

    `previous` is the content of the newest published revision; the same content again is no
    fault. `retired` are the ids of checkpoints that earlier revisions had and `previous` has not.
    """
    declared = content.get("changes")
    section = declared if isinstance(declared, dict) else {}
    items = rows(section.get("items"), _ITEMS)
    yield from _items(content, items)
    yield from _from(content, section)
    yield from _scale_map(content, section, previous)
    yield from _retired(content, retired)
    if previous is not None and not _same(content, previous):
        yield from _identity(content, previous)
        if _whole(content, "revision") != 1:
            yield from _against_previous(content, previous, section, items)


def _check(content: Content) -> dict[str, Any]:
    check = content.get("check")
    return check if isinstance(check, dict) else {}


def _whole(content: Content, key: str) -> int | None:
    value = _check(content).get(key)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _same(content: Content, previous: Content) -> bool:
    revision = _whole(content, "revision")
    return revision == _whole(previous, "revision") and digest(content) == digest(previous)


# The items for themselves


def _items(content: Content, items: list[Row]) -> Iterator[Finding]:
    present = dict.fromkeys(ids_of(checkpoints(content)))
    seen: set[str] = set()
    taken: set[str] = set()
    for path, row in items:
        old = row.get("old")
        if isinstance(old, str):
            if old in seen:
                message = _("Der alte Checkpunkt „%(id)s“ steht hier zum zweiten Mal.")
                yield Finding((*path, "old"), "change-twice", message % {"id": shown(old)})
            else:
                yield from _id_kept(path, row, present)
            seen.add(old)
        yield from _cardinality(path, row)
        yield from _meaning(path, row)
        yield from _targets(path, row, present, taken)
        if row.get("kind") != "merged":
            taken.update(words(row.get("new")))


def _id_kept(path: Path, row: dict[str, Any], present: Mapping[str, None]) -> Iterator[Finding]:
    old, new = row["old"], words(row.get("new"))
    # A mistyped or missing successor is reported elsewhere; probably it is this checkpoint.
    clear = row.get("kind") == "retired" or (new and all(one in present for one in new))
    if clear and old in present and old not in new:
        message = _(
            "Der Checkpunkt „%(id)s“ geht hier nicht weiter, seine Kennung ist aber noch vergeben. "
            "Bitte geben Sie dem neuen Checkpunkt eine neue Kennung."
        ) % {"id": shown(old)}
        yield Finding((*path, "old"), "id-reused", message)


def _cardinality(path: Path, row: dict[str, Any]) -> Iterator[Finding]:
    kind, new = row.get("kind"), row.get("new", [])
    if not isinstance(new, list):
        return
    if kind == "retired" and new:
        message = _("„retired“ heißt: Der Checkpunkt entfällt. Dann bleibt „new“ leer.")
    elif kind == "split" and len(new) < 2:
        message = _("„split“ heißt: Aus einem werden mehrere. Bitte nennen Sie in „new“ alle.")
    elif kind in ("kept", "reworded", "replaced", "merged") and len(new) != 1:
        message = _("Bei „%(kind)s“ steht in „new“ genau ein Checkpunkt.") % {"kind": kind}
    else:
        return
    yield Finding((*path, "new"), "change-new-count", message)


def _meaning(path: Path, row: dict[str, Any]) -> Iterator[Finding]:
    kind, meaning = row.get("kind"), row.get("meaning")
    if kind in ("reworded", "replaced") and "meaning" not in row:
        message = _(
            "Bei „%(kind)s“ fehlt „meaning“: same, wenn alte Antworten weiter gelten, sonst "
            "changed."
        ) % {"kind": kind}
    elif kind == "kept" and meaning == "changed":
        message = _(
            "„kept“ heißt unverändert; dazu passt „meaning: changed“ nicht. Gemeint ist wohl "
            "„reworded“ oder „replaced“."
        )
    else:
        return
    yield Finding((*path, "meaning"), "change-meaning", message)


def _targets(
    path: Path, row: dict[str, Any], present: Mapping[str, None], taken: set[str]
) -> Iterator[Finding]:
    new = row.get("new")
    earlier: set[str] = set()
    for index, one in enumerate(new if isinstance(new, list) else []):
        if not isinstance(one, str):
            continue
        here = (*path, "new", index)
        if one not in present:
            message = _("Den Checkpunkt „%(id)s“ gibt es in dieser Revision nicht.")
            suggestion = hint(did_you_mean(one, present))
            yield Finding(here, "change-new-unknown", message % {"id": shown(one)} + suggestion)
        elif one in earlier:
            message = _("„%(id)s“ steht in dieser Liste doppelt.")
            yield Finding(here, "listed-twice", message % {"id": shown(one)})
        elif one in taken and row.get("kind") != "merged":
            message = _(
                "Der Checkpunkt „%(id)s“ geht aus mehreren hervor. Dann steht bei ihnen „merged“."
            )
            yield Finding(here, "change-new-twice", message % {"id": shown(one)})
        earlier.add(one)


# The section as a whole


def _from(content: Content, section: dict[str, Any]) -> Iterator[Finding]:
    start, revision = section.get("from"), _whole(content, "revision")
    if revision == 1 and section:
        message = _("Die erste Revision hat keinen Abschnitt „changes“. Bitte löschen Sie ihn.")
        yield Finding(("changes",), "changes-unexpected", message)
    elif isinstance(start, int) and revision is not None and 1 < revision <= start:
        message = _(
            "„from“ nennt die vorige Revision und ist kleiner als die eigene (%(revision)s)."
        ) % {"revision": revision}
        yield Finding(("changes", "from"), "change-from", message)


def _scale_map(
    content: Content, section: dict[str, Any], previous: Content | None
) -> Iterator[Finding]:
    mappings = {
        str(path[-1]): mapping for path, mapping in keyed(section.get("scale_map"), _SCALE_MAP)
    }
    used = words([row.get("scale") for _path, row in checkpoints(content)])
    for scale in unknown_scales(content, mappings.keys() - used):
        message = _("Die Skala „%(id)s“ gibt es in „scales“ nicht.") % {"id": shown(scale)}
        yield Finding((*_SCALE_MAP, scale), "unknown-scale", message)
    for scale, mapping in mappings.items():
        path, known = (*_SCALE_MAP, scale), level_ids(content, scale)
        if known is None:
            continue
        yield from _new_levels(path, mapping, known)
        if previous is not None and not _same(content, previous):
            yield from _old_levels(path, mapping, level_ids(previous, scale) or [])


def _new_levels(path: Path, mapping: dict[str, Any], known: list[str]) -> Iterator[Finding]:
    listed = set(known)
    for old, new in mapping.items():
        if isinstance(new, str) and not old.startswith("x-") and new not in listed:
            message = _("Die Stufe „%(level)s“ gibt es in der neuen Skala nicht.")
            suggestion = hint(did_you_mean(new, known))
            text = message % {"level": shown(new)} + suggestion
            yield Finding((*path, old), "unknown-level", text)


def _old_levels(path: Path, mapping: dict[str, Any], olds: list[str]) -> Iterator[Finding]:
    for old in olds:
        if old not in mapping:
            message = _(
                "Die Stufe „%(level)s“ der vorigen Revision fehlt. Bitte ordnen Sie ihr eine neue "
                "Stufe zu."
            ) % {"level": shown(old)}
            yield Finding((*path, old), "level-unmapped", message)
    for old in mapping:
        if old not in olds and not old.startswith("x-"):
            message = _("Die Stufe „%(level)s“ gab es in der vorigen Revision nicht.")
            suggestion = hint(did_you_mean(old, olds))
            text = message % {"level": shown(old)} + suggestion
            yield Finding((*path, old), "unknown-level", text)


def _retired(content: Content, retired: frozenset[str]) -> Iterator[Finding]:
    for path, row in checkpoints(content):
        if isinstance(row.get("id"), str) and row["id"] in retired:
            message = _(
                "Die Kennung „%(id)s“ gehörte einem Checkpunkt, der früher entfallen ist. Bitte "
                "wählen Sie eine neue."
            ) % {"id": shown(row["id"])}
            yield Finding((*path, "id"), "id-retired", message)


# Against the previous revision


def _identity(content: Content, previous: Content) -> Iterator[Finding]:
    own, old = _check(content).get("id"), _check(previous).get("id")
    if isinstance(own, str) and own != old:
        message = _(
            "Die Kennung eines Checks ändert sich nie. Die vorige Revision heißt „%(id)s“."
        ) % {"id": shown(old)}
        yield Finding(("check", "id"), "identity", message)
    revision, last = _whole(content, "revision"), _whole(previous, "revision") or 0
    if revision is not None and revision == last:
        message = _(
            "Revision %(revision)s gibt es schon mit anderem Inhalt. Eine veröffentlichte Revision "
            "bleibt, wie sie ist; bitte nehmen Sie die nächste Nummer."
        ) % {"revision": revision}
        yield Finding(("check", "revision"), "revision-exists", message)
    elif revision is not None and revision < last:
        message = _("Die neueste Revision ist %(last)s. Bitte nehmen Sie eine höhere Nummer.") % {
            "last": last
        }
        yield Finding(("check", "revision"), "revision-order", message)


def _against_previous(
    content: Content, previous: Content, section: dict[str, Any], items: list[Row]
) -> Iterator[Finding]:
    if not isinstance(section.get("items"), list):
        return  # the schema has said that the section is missing or wrong
    last, start = _whole(previous, "revision"), section.get("from")
    if isinstance(start, int) and start != last:
        message = _("Die vorige Revision ist %(last)s.") % {"last": last}
        yield Finding(("changes", "from"), "change-from", message)
    before, now = _by_id(previous), _by_id(content)
    yield from _olds(before, items, last)
    for path, row in items:
        yield from _carried_over(content, path, row, before, now)
    yield from _lost_levels(content, previous, section)


def _by_id(content: Content) -> dict[str, Any]:
    return {row["id"]: row for _path, row in checkpoints(content) if isinstance(row.get("id"), str)}


def _olds(before: dict[str, Any], items: list[Row], last: int | None) -> Iterator[Finding]:
    named = {}
    for path, row in items:
        if isinstance(old := row.get("old"), str):
            named[old] = path
            if old not in before:
                message = _("Den Checkpunkt „%(id)s“ gab es in der vorigen Revision nicht.")
                suggestion = hint(did_you_mean(old, before))
                text = message % {"id": shown(old)} + suggestion
                yield Finding((*path, "old"), "change-old-unknown", text)
    for old in before:
        if old not in named:
            message = _(
                "Der Checkpunkt „%(id)s“ aus Revision %(last)s ist nicht aufgeführt. Bitte sagen "
                "Sie, was aus ihm wurde: kept, reworded, replaced, split, merged oder retired."
            ) % {"id": shown(old), "last": last}
            yield Finding(_ITEMS, "change-missing", message)


def _carried_over(
    content: Content, path: Path, row: dict[str, Any], before: dict[str, Any], now: dict[str, Any]
) -> Iterator[Finding]:
    """Answers are copied for kept, and for reworded with the same meaning: check that they fit."""
    kind, new = row.get("kind"), words(row.get("new"))
    copied = kind == "kept" or (kind == "reworded" and row.get("meaning") == "same")
    if not copied or len(new) != 1 or row.get("old") not in before or new[0] not in now:
        return
    old_point, new_point = before[row["old"]], now[new[0]]
    if old_point.get("scale") != new_point.get("scale"):
        message = _(
            "Der Checkpunkt hat eine andere Skala als vorher; alte Antworten passen nicht mehr. "
            "Gemeint ist wohl „replaced“."
        )
        yield Finding((*path, "kind"), "change-scale", message)
    lang = _check(content).get("default_lang")
    if kind == "kept" and _claim(old_point, lang) != _claim(new_point, lang):
        message = _(
            "Die Aussage („claim“) lautet anders als vorher. „kept“ heißt unverändert; gemeint "
            "ist wohl „reworded“."
        )
        yield Finding((*path, "kind"), "change-not-kept", message)


def _claim(point: dict[str, Any], lang: Any) -> Any:
    claim = point.get("claim")
    return claim.get(lang) if isinstance(claim, dict) else None


def _lost_levels(content: Content, previous: Content, section: dict[str, Any]) -> Iterator[Finding]:
    """A level that is gone needs a successor, or the answers on it have no place."""
    mapped = section.get("scale_map")
    mapped = mapped if isinstance(mapped, dict) else {}
    for path, _row in keyed(previous.get("scales")):
        scale = str(path[-1])
        now, before = level_ids(content, scale), level_ids(previous, scale) or []
        lost = [level for level in before if now and level not in now]
        if lost and scale not in mapped:
            message = _(
                "In der Skala „%(scale)s“ fehlen Stufen der vorigen Revision (%(levels)s). Bitte "
                "ordnen Sie jeder alten Stufe in „scale_map“ eine neue zu."
            ) % {"scale": shown(scale), "levels": shown(", ".join(lost))}
            yield Finding((*_SCALE_MAP, scale), "scale-map-missing", message)
