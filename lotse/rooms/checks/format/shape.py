"""The first check: does the data have the shape of the JSON Schema? Its errors in plain German."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from .faults import Finding, Path, did_you_mean, hint, shown
from .schema import FORMAT, Schema, resolved, schema, schema_of

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError

# A file of 50,000 wrong nodes must not cost 50,000 sentences.
MAX_ERRORS = 400


def findings(content: dict[str, Any]) -> list[Finding]:
    """Return what the schema has against the data, one finding per cause, at most `MAX_ERRORS`."""
    if foreign := _foreign_format(content):
        return [foreign]
    found = list(islice(_all_findings(content), MAX_ERRORS))
    # A mistyped key is one cause, not two: do not also report the right key as missing.
    explained = {
        (*finding.path[:-1], _near_key(finding, content))
        for finding in found
        if finding.code == "unknown-key"
    }
    return [
        finding
        for finding in found
        if not (finding.code == "missing-key" and finding.path in explained)
    ]


def _foreign_format(content: dict[str, Any]) -> Finding | None:
    """Of a file in another format, only that is worth saying."""
    named = content.get("format", FORMAT)
    if named == FORMAT:
        return None
    message = _(
        "Die Datei nennt als Format „%(named)s“. Hier wird „%(format)s“ gelesen. Bitte prüfen "
        "Sie, ob es die richtige Datei ist."
    ) % {"named": shown(named), "format": FORMAT}
    return Finding(("format",), "format", message)


def _all_findings(content: dict[str, Any]) -> Iterator[Finding]:
    seen: set[tuple[Path, str]] = set()
    for error in _validator().iter_errors(content):
        for finding in _translated(error):
            # jsonschema reports each missing key of an object, we each time all of them.
            if (finding.path, finding.code) not in seen:
                seen.add((finding.path, finding.code))
                yield finding


@cache
def _validator() -> Any:
    # Late: it takes 3 MB, and few processes are ever handed a check.
    from jsonschema import Draft202012Validator, validators

    checker = Draft202012Validator.TYPE_CHECKER.redefine("integer", _is_whole)
    extend: Any = validators.extend  # untyped in the library
    strict = extend(Draft202012Validator, {"pattern": _pattern}, type_checker=checker)
    return strict(_without_references(schema()))


def _without_references(part: Any) -> Any:
    # The schema is not recursive; following `$ref` at each node would double the time.
    if isinstance(part, list):
        return [_without_references(one) for one in part]
    if not isinstance(part, dict):
        return part
    target = resolved(part)
    return {key: _without_references(below) for key, below in target.items() if key != "$defs"}


def _is_whole(_checker: Any, value: Any) -> bool:
    # JSON Schema lets 1.0 pass as an integer; stored JSON would then differ for one number.
    return isinstance(value, int) and not isinstance(value, bool)


def _pattern(_validator: Any, pattern: str, value: Any, _schema: Any) -> Iterator[ValidationError]:
    # In ECMA-262, which JSON Schema means, `$` is the very end; in Python also before a last \n.
    if isinstance(value, str) and ("\n" in value or not re.search(pattern, value)):
        from jsonschema.exceptions import ValidationError

        yield ValidationError("pattern")


def _near_key(finding: Finding, content: dict[str, Any]) -> str:
    """Return the key that was probably meant, among those the object does not have yet."""
    value: Any = content
    part = schema()
    for step in finding.path[:-1]:
        value, part = value[step], _below(part, step)
    free = [key for key in part.get("properties", {}) if key not in value]
    return did_you_mean(str(finding.path[-1]), free)


def _below(part: Schema, step: str | int) -> Schema:
    return schema_of(step, part) if isinstance(step, str) else resolved(part.get("items"))


def _translated(error: Any) -> Iterator[Finding]:
    path: Path = tuple(error.absolute_path)
    keyword, value = error.validator, error.instance
    if keyword == "required":
        yield from _missing_keys(error, path)
    elif keyword == "additionalProperties":
        yield from _unknown_keys(error, path)
    elif keyword == "type":
        yield _wrong_type(error, path)
    elif keyword == "enum":
        yield _not_in_list(error, path)
    elif keyword == "pattern":
        yield _wrong_form(str(error.schema.get("title", "")), value, path)
    elif keyword is None:
        # The one `false` in the schema: `items` of an example that is an item itself.
        message = _(
            "Beispiele dürfen nur einmal untergliedert werden. Bitte ziehen Sie diese eine Ebene "
            "höher."
        )
        # jsonschema leaves the last step of the path out for `false`.
        below = path if path[-1:] == ("items",) else (*path, "items")
        yield Finding(below, "example-depth", message)
    else:
        yield _out_of_bounds(str(keyword), error.validator_value, value, path)


def _missing_keys(error: Any, path: Path) -> Iterator[Finding]:
    for key in error.validator_value:
        if key in error.instance:
            continue
        if key == "changes":
            message = _(
                "Ab Revision 2 gehört in die Datei der Abschnitt „changes“. Er sagt, was aus jedem "
                "Checkpunkt der vorigen Revision wurde."
            )
        else:
            message = _("Hier fehlt die Angabe „%(key)s“. Bitte ergänzen Sie sie.") % {"key": key}
        yield Finding((*path, key), "missing-key", message)


def _unknown_keys(error: Any, path: Path) -> Iterator[Finding]:
    part = error.schema
    title = str(part.get("title", ""))
    known = [key for key in part.get("properties", {}) if key not in error.instance]
    patterns = [re.compile(pattern) for pattern in part.get("patternProperties", {})]
    for key in error.instance:
        if key in part.get("properties", {}) or any(pattern.search(key) for pattern in patterns):
            continue
        here = (*path, key)
        near = did_you_mean(key, known)
        if error.instance[key] is None and title in ("", "text map") and not near:
            yield _torn_text(here)
        elif title in ("text map", "languages"):
            yield _wrong_form("language", key, here)
        elif not part.get("properties"):
            yield _wrong_form("key", key, here)
        else:
            message = _("Der Schlüssel „%(key)s“ ist hier nicht bekannt.") % {"key": shown(key)}
            own = "" if near else " " + _("Eigene Angaben beginnen mit „x-“.")
            yield Finding(here, "unknown-key", message + hint(near) + own)


def _torn_text(path: Path) -> Finding:
    """`{de: Erst planen, dann handeln}`: YAML takes the second half for a key without value."""
    message = _(
        "„%(key)s“ steht hier als Schlüssel ohne Wert. Wenn es zum Text davor gehört: In "
        "geschweiften Klammern trennt ein Komma; bitte setzen Sie den Text in Anführungszeichen."
    ) % {"key": shown(path[-1])}
    return Finding(path, "unknown-key", message)


def _wrong_type(error: Any, path: Path) -> Finding:
    value, expected = error.instance, error.validator_value
    expected = expected if isinstance(expected, list) else [expected]
    if value is None:
        return Finding(path, "no-value", _no_value(path[-1]))
    message = _("Hier steht %(found)s, erwartet wird %(expected)s.") % {
        "found": _kind_of(value),
        "expected": _kind_named(expected, str(error.schema.get("title", ""))),
    }
    return Finding(path, "wrong-type", f"{message}{_type_hint(value, expected, error.schema)}")


def _no_value(step: str | int) -> str:
    if isinstance(step, int):
        return _("Hier steht nichts. Bitte ergänzen Sie den Eintrag oder löschen Sie die Zeile.")
    return _(
        "Nach „%(key)s“ steht nichts. Bitte ergänzen Sie den Wert oder löschen Sie die Zeile."
    ) % {"key": shown(step)}


def _kind_of(value: Any) -> str:
    if isinstance(value, bool):
        return _("ein Ja-Nein-Wert (true oder false)")
    if isinstance(value, int | float):
        return _("eine Zahl") if isinstance(value, int) else _("eine Kommazahl")
    if isinstance(value, str):
        return _("ein Text")
    if isinstance(value, list):
        return _("eine Liste")
    return _("ein Block aus „Schlüssel: Wert“")


def _kind_named(expected: list[str], title: str) -> str:
    if title == "text map":
        return _("ein Text je Sprache")
    names = {
        "object": _("ein Block aus „Schlüssel: Wert“"),
        "array": _("eine Liste"),
        "string": _("ein Text"),
        "integer": _("eine ganze Zahl"),
        "boolean": _("true oder false"),
    }
    return next(names[kind] for kind in expected if kind in names)


def _type_hint(value: Any, expected: list[str], part: Any) -> str:
    if part.get("title") == "text map" and isinstance(value, str):
        return " " + _("Schreiben Sie zum Beispiel „de: …“ in eine eigene, eingerückte Zeile.")
    if "string" in expected and isinstance(value, int | float):
        return " " + _("Bitte setzen Sie den Wert in Anführungszeichen.")
    if "integer" in expected and isinstance(value, str) and value.isdecimal():
        return " " + _("Bitte lassen Sie die Anführungszeichen weg.")
    if "string" in expected and "object" not in expected and isinstance(value, dict | list):
        return " " + _(
            "Ein Text mit geschweiften oder eckigen Klammern am Anfang gehört in Anführungszeichen."
        )
    if "array" in expected:
        return " " + _("Jeder Eintrag einer Liste beginnt mit „- “.")
    return ""


def _not_in_list(error: Any, path: Path) -> Finding:
    allowed = [str(one) for one in error.validator_value]
    message = _("„%(value)s“ ist hier nicht möglich. Erlaubt: %(allowed)s.") % {
        "value": _("(leer)") if error.instance is None else shown(error.instance),
        "allowed": ", ".join(allowed),
    }
    return Finding(path, "not-allowed", message)


_FORM_CODES = {
    "key": "id",
    "id": "id",
    "check id": "check-id",
    "language": "language-code",
    "license": "license",
    "date": "date",
    "address": "address",
}


def _wrong_form(title: str, value: Any, path: Path) -> Finding:
    message = _("„%(value)s“ passt hier nicht.") % {"value": shown(value)}
    return Finding(path, _FORM_CODES[title], f"{message} {_form_rule(title, str(value))}")


def _form_rule(title: str, value: str) -> str:
    if title == "key" and value.startswith("x-"):
        return _("Kennungen von Skalen und Stufen beginnen nicht mit „x-“.")
    if title in ("key", "id"):
        return _(
            "Kennungen bestehen aus höchstens 40 Kleinbuchstaben (a bis z), Ziffern und "
            "Bindestrichen und beginnen nicht mit einem Bindestrich."
        )
    if title == "check id":
        return _(
            "Die Kennung eines Checks besteht aus Herausgeber, Punkt und Name in Kleinbuchstaben, "
            "Ziffern und Bindestrichen, zum Beispiel „mein-verein.zusammenarbeit“."
        )
    if title == "language":
        return _("Eine Sprache wird mit zwei Kleinbuchstaben genannt, zum Beispiel „de“ oder „en“.")
    if title == "license":
        return _(
            "Nennen Sie die Lizenz als SPDX-Kürzel, zum Beispiel „CC-BY-4.0“, oder als eigene "
            "Kennung, die mit „LicenseRef-“ beginnt."
        )
    return date_rule() if title == "date" else _("Eine Adresse beginnt mit „https://“.")


def date_rule() -> str:
    """Return the sentence on how a date is written."""
    return _("Ein Datum wird als Jahr-Monat-Tag geschrieben, zum Beispiel „2027-12-31“.")


def _out_of_bounds(keyword: str, limit: Any, value: Any, path: Path) -> Finding:
    if keyword == "minLength":
        return Finding(path, "text-empty", empty_text())
    if keyword == "maxLength":
        message = _(
            "Der Text ist %(length)s Zeichen lang, höchstens %(limit)s sind möglich. Bitte kürzen "
            "oder teilen Sie ihn."
        ) % {"length": len(value), "limit": limit}
        return Finding(path, "too-long", message)
    if keyword in ("minItems", "minProperties"):
        message = _("Zahl der Einträge hier: %(count)s; nötig sind mindestens: %(limit)s.")
        return Finding(path, "too-few", message % {"count": len(value), "limit": limit})
    if keyword == "maxItems":
        message = _("Hier stehen %(count)s Einträge, höchstens %(limit)s sind möglich.")
        return Finding(path, "too-many", message % {"count": len(value), "limit": limit})
    if keyword == "minimum":
        message = _("%(value)s ist zu klein, mindestens %(limit)s ist möglich.")
    else:
        message = _("%(value)s ist zu groß, höchstens %(limit)s ist möglich.")
    return Finding(path, "out-of-range", message % {"value": value, "limit": limit})


def empty_text() -> str:
    """Return the sentence on a text in which there is nothing to see."""
    return _("Der Text ist leer. Bitte ergänzen Sie ihn oder löschen Sie die Zeile.")
