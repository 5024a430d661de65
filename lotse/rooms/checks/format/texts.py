"""Cross-checks of the texts: languages, HTML, inline references, real dates."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from .faults import Finding, Path, did_you_mean, hint, shown
from .scalars import is_visible
from .schema import Place, places
from .shape import date_rule, empty_text

_LANGUAGE = re.compile(r"[a-z]{2}")
# What a browser takes for a tag or comment (WHATWG HTML, 13.2.5.6); "< 250" and "a < b" are not.
_TAG = re.compile(r"<(?:/?[A-Za-z]|[!?])")
# {cp:planen}, {fn:f1}, and everything that looks as if it should be one.
_REFERENCE = re.compile(r"\{\s*([A-Za-z]{1,20})\s*:([^{}\n]{0,80})(\}?)")


def findings(content: dict[str, Any]) -> Iterator[Finding]:
    """Check every text of the check (not those in `x-*`)."""
    known = list(places(content))
    maps = [place for place in known if place.title == "text map" and isinstance(place.value, dict)]
    yield from _languages(content, maps)
    for place in known:
        if place.title in ("text", "line") and isinstance(place.value, str):
            yield from _text(place)
        elif place.title == "date" and isinstance(place.value, str):
            yield from _date(place)
    yield from _references(content, known)


def _text(place: Place) -> Iterator[Finding]:
    if not is_visible(place.value):
        yield Finding(place.path, "text-empty", empty_text())
    elif match := _TAG.search(place.value):
        message = _(
            "Der Text enthält HTML („%(tag)s“). Bitte löschen Sie es; fett schreiben Sie mit "
            "**…**. Für „kleiner als“ setzen Sie ein Leerzeichen nach "
            "„<“."
        ) % {"tag": shown(place.value[match.start() : match.start() + 20])}
        yield Finding(place.path, "html", message)


def _date(place: Place) -> Iterator[Finding]:
    try:
        date.fromisoformat(place.value)
    except ValueError:
        message = _("„%(value)s“ ist kein Datum im Kalender.") % {"value": shown(place.value)}
        yield Finding(place.path, "date", f"{message} {date_rule()}")


# Languages


def _languages(content: dict[str, Any], maps: list[Place]) -> Iterator[Finding]:
    check = content.get("check")
    default = check.get("default_lang") if isinstance(check, dict) else None
    if not isinstance(check, dict) or not isinstance(default, str) or not _is_language(default):
        return  # the schema has said so; without it every text would be wrong
    declared = check.get("languages")
    states = declared if isinstance(declared, dict) else {}
    if states and default not in states:
        message = _("Die Hauptsprache „%(lang)s“ fehlt in „languages“. Bitte ergänzen Sie sie.")
        here = ("check", "languages", default)
        yield Finding(here, "language-default", message % {"lang": default})
    used = {lang for place in maps for lang in place.value}
    final = [lang for lang, state in states.items() if state == "final" and _is_language(lang)]
    main = [default] if not states or default in states else []
    for lang in dict.fromkeys([*main, *final]):
        if lang not in used:
            yield _unused_language(lang, default)
        else:
            yield from _missing_language(maps, lang, default)
    if states:
        yield from _undeclared_languages(maps, {default, *states})


def _is_language(word: Any) -> bool:
    return isinstance(word, str) and bool(_LANGUAGE.fullmatch(word))


def _unused_language(lang: str, default: str) -> Finding:
    """Of a language in which there is not a single text, one line is wrong and not every text."""
    if lang == default:
        path: Path = ("check", "default_lang")
        message = _("In der Hauptsprache „%(lang)s“ gibt es keinen einzigen Text.")
    else:
        path = ("check", "languages", lang)
        message = _(
            "Die Sprache „%(lang)s“ ist als fertig („final“) gemeldet, es gibt in ihr aber keinen "
            "einzigen Text."
        )
    return Finding(path, "language-unused", message % {"lang": lang})


def _missing_language(maps: list[Place], lang: str, default: str) -> Iterator[Finding]:
    if lang == default:
        message = _("Hier fehlt der Text in der Hauptsprache „%(lang)s“.")
    else:
        message = _(
            "Hier fehlt der Text in der Sprache „%(lang)s“, die als fertig („final“) gemeldet ist. "
            "Bitte ergänzen Sie ihn oder setzen Sie die Sprache auf „draft“."
        )
    for place in maps:
        # A mistyped language is reported already; probably it is the missing one.
        mistyped = any(not _is_language(key) and not key.startswith("x-") for key in place.value)
        if lang not in place.value and not mistyped:
            yield Finding((*place.path, lang), "language-missing", message % {"lang": lang})


def _undeclared_languages(maps: list[Place], known: set[str]) -> Iterator[Finding]:
    """One finding per language, at its first text: it is one line that is missing."""
    first: dict[str, Path] = {}
    for place in maps:
        for lang in place.value:
            if _is_language(lang) and lang not in known:
                first.setdefault(lang, (*place.path, lang))
    for lang, path in first.items():
        message = _(
            "Die Sprache „%(lang)s“ kommt in Texten vor, steht aber nicht in „check.languages“. "
            "Bitte tragen Sie sie dort ein."
        ) % {"lang": lang}
        yield Finding(path, "language-undeclared", message)


# Inline references


def _references(content: dict[str, Any], known: list[Place]) -> Iterator[Finding]:
    checkpoints = content.get("checkpoints")
    rows = checkpoints if isinstance(checkpoints, list) else []
    points = _ids(rows)
    notes = [_ids(row.get("footnotes")) if isinstance(row, dict) else set() for row in rows]
    for place in known:
        if place.title != "text" or not isinstance(place.value, str) or "{" not in place.value:
            continue
        own = notes[int(place.path[1])] if place.path[0] == "checkpoints" else set()
        for match in _REFERENCE.finditer(place.value):
            yield from _reference(match, place.path, points, own)


def _ids(rows: Any) -> set[str]:
    if not isinstance(rows, list):
        return set()
    return {str(row["id"]) for row in rows if isinstance(row, dict) and "id" in row}


def _reference(
    match: re.Match[str], path: Path, points: set[str], notes: set[str]
) -> Iterator[Finding]:
    kind, target, end = match.groups()
    values = {"reference": shown(match[0])}
    if kind not in ("cp", "fn"):
        message = _(
            "Den Verweis „%(reference)s“ gibt es nicht. Möglich sind {cp:Checkpunkt} und "
            "{fn:Fußnote}; für anderes nehmen Sie bitte runde Klammern."
        )
        yield Finding(path, "reference-kind", message % values)
        return
    known = points if kind == "cp" else notes
    if match[0] == f"{{{kind}:{target}}}" and target in known:
        return
    if not end:
        message = _("Im Verweis „%(reference)s“ fehlt die schließende Klammer.")
    elif kind == "cp":
        message = _("Der Verweis „%(reference)s“ geht ins Leere: Diesen Checkpunkt gibt es nicht.")
    else:
        message = _(
            "Der Verweis „%(reference)s“ geht ins Leere: Diese Fußnote gibt es im selben "
            "Checkpunkt nicht."
        )
    suggestion = did_you_mean(target.strip(), known) if end else ""
    code = "reference-checkpoint" if kind == "cp" else "reference-footnote"
    yield Finding(path, code, message % values + hint(suggestion))
