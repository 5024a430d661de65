"""What is stored of a Steckbrief: cleaned, checked, without what is empty.

The shape of a value by what its field holds:
line, text, code, link, email, phone: text · words: list of texts · counted: list of
`{"text": "...", "count": 6 or None}` · codes, topics, regions, sectors: list of codes ·
number: int · flag: True · day: "2026-11-21" · picture: uuid as text.
A form or file may give lists as lines of one text, too.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lotse.foundation.core import text
from lotse.foundation.core.errors import Refused
from lotse.foundation.parties.models import Organisation
from lotse.rooms.directory.content import choices, fields
from lotse.rooms.directory.content.fields import Field
from lotse.rooms.directory.content.known import Known
from lotse.rooms.directory.models import Template

WORD_MOST = 160
PERSON_LINES = 5
COUNT_MOST = 100_000
_COUNTED = re.compile(r"^(?P<text>.*?)\s*[:=–-]\s*(?P<count>[0-9]{1,9})$", re.DOTALL)
_POSTAL_CODE = re.compile(r"[0-9]{5}")
_FOREIGN = re.compile(r"(?!D-|DE-)[A-Z]{1,3}-.+", re.IGNORECASE)
_PHONE = re.compile(r"[0-9+()/. -]{3,60}")
# Without these there is nothing to call the thing by: they are needed for a draft, too.
_ALWAYS = {"organisation": ("name", "kind"), "service": ("name",), "person": ()}


class Faulty(Refused):
    """Fields with faults: field key -> messages."""

    def __init__(self, faults: dict[str, list[str]]) -> None:
        super().__init__(*(message for messages in faults.values() for message in messages))
        self.faults = faults


class _Fault(Exception):
    """One value does not fit; the text says what does."""


def clean_content(
    kind: str, raw: Mapping[str, Any], *, lang: str = "de", known: Known | None = None
) -> dict[str, Any]:
    """The content as it is stored. Raises Faulty with all faults at once.

    Codes of retired topics become those of their successors. Two queries for topics and regions,
    none with `known` that was read before.
    """
    known = known or Known()
    faults: dict[str, list[str]] = {}
    cleaned: dict[str, Any] = {}
    accepted = _accepted(kind)
    for key in raw:
        if key not in accepted:
            faults[str(key)[:80]] = [_("Dieses Feld gibt es nicht.")]
    for key, one in accepted.items():
        try:
            value = _clean(one, raw.get(key), known) if key in raw else None
        except _Fault as fault:
            faults[key] = [str(line) for line in fault.args]
            continue
        if value not in (None, "", [], False):
            cleaned[key] = value
    for key in _ALWAYS[kind]:
        if key not in cleaned and key not in faults:
            faults[key] = [_("Bitte füllen Sie dieses Feld aus.")]
    _check_lines(kind, cleaned, faults)
    if wrong := postal_code_fault(cleaned.get("postal_code", "")):
        faults.setdefault("postal_code", [wrong])
    if faults:
        raise Faulty(faults)
    return cleaned


def missing_fields(kind: str, content: Mapping[str, Any], template: Template | None) -> list[Field]:
    """What is lacking until the entry is complete, as the template of the network says, without
    one as the field list does. No query."""
    asked = template.fields if template else {}
    lacking = []
    for one in fields.fields_of(kind):
        rule = asked.get(one.key, {})
        needed = rule.get("required", one.required) and rule.get("use", True)
        if needed and content.get(one.key) in (None, "", [], False):
            lacking.append(one)
    return lacking


def _accepted(kind: str) -> dict[str, Field]:
    found = {}
    for one in fields.fields_of(kind):
        found[one.key] = one
        if one.translated:
            found[f"{one.key}_en"] = one
    return found


def postal_code_fault(value: str) -> str:
    """What is wrong with a postal code, in words; nothing for a right one and for none.

    Five digits; one of another country stands with its sign, "A-6900".
    """
    code = value.strip()
    if not code or _POSTAL_CODE.fullmatch(code) or _FOREIGN.fullmatch(code):
        return ""
    return _("Die Postleitzahl hat fünf Ziffern.")


def _check_lines(kind: str, cleaned: dict[str, Any], faults: dict[str, list[str]]) -> None:
    if kind == "person" and cleaned.get("lines", "").count("\n") >= PERSON_LINES:
        faults["lines"] = [_("Bitte höchstens fünf Zeilen.")]


def _clean(one: Field, value: Any, known: Known) -> Any:
    if value is None or value == "":
        return None
    return _CLEANERS[one.holds](one, value, known)


def _line(one: Field, value: Any, known: Known) -> str:
    return _short_enough(one, text.clean_line(_text(value)))


def _long(one: Field, value: Any, known: Known) -> str:
    return _short_enough(one, text.clean(_text(value)))


def _text(value: Any) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str):
        raise _Fault(_("Hier steht ein Text."))
    return value


def _short_enough(one: Field, value: str) -> str:
    if len(value) > one.most:
        raise _Fault(
            _("Bitte höchstens %(most)d Zeichen. Es sind %(count)d.")
            % {"most": one.most, "count": len(value)}
        )
    return value


def _items(value: Any) -> list[Any]:
    if isinstance(value, str):
        return value.splitlines()
    if not isinstance(value, list | tuple):
        raise _Fault(_("Hier steht eine Liste."))
    return list(value)


def _few_enough(one: Field, items: Iterable[Any]) -> list[Any]:
    found = list(items)
    if len(found) > one.most:
        raise _Fault(
            ngettext(
                "Bitte höchstens %(most)d Angabe. Es sind %(count)d.",
                "Bitte höchstens %(most)d Angaben. Es sind %(count)d.",
                one.most,
            )
            % {"most": one.most, "count": len(found)}
        )
    return found


def _words(one: Field, value: Any, known: Known) -> list[str]:
    words = [text.clean_line(_text(item)) for item in _items(value)]
    long = [word for word in words if len(word) > WORD_MOST]
    if long:
        raise _Fault(
            _("Ein Eintrag ist zu lang, höchstens %(most)d Zeichen: %(word)s")
            % {"most": WORD_MOST, "word": text.shorten(long[0], 40)}
        )
    unique = {word.casefold(): word for word in reversed(words) if word}
    return _few_enough(one, reversed(unique.values()))


def _counted(one: Field, value: Any, known: Known) -> list[dict[str, Any]]:
    found = []
    for item in _items(value):
        name, count = _pair(item)
        if name:
            found.append({"text": name, "count": count})
    return _few_enough(one, found)


def _pair(item: Any) -> tuple[str, int | None]:
    """A group and how many it is: a map, or a line such as "Ausbildungsberatung: 6"."""
    if isinstance(item, Mapping):
        name, count = item.get("text") or item.get("name") or "", item.get("count")
    else:
        line = text.clean_line(_text(item))
        match = _COUNTED.match(line)
        name, count = (match["text"], match["count"]) if match else (line, None)
    name = text.clean_line(_text(name))
    if len(name) > WORD_MOST:
        raise _Fault(_("Ein Eintrag ist zu lang, höchstens %(most)d Zeichen: %(word)s")
                     % {"most": WORD_MOST, "word": text.shorten(name, 40)})  # fmt: skip
    return name, None if count in (None, "") else _whole_number(count, COUNT_MOST)


def _whole_number(value: Any, most: int) -> int:
    shown = str(value).strip()
    if isinstance(value, bool) or not (shown.isascii() and shown.isdigit() and len(shown) < 10):
        raise _Fault(_("Hier steht eine ganze Zahl ohne Vorzeichen."))
    number = int(shown)
    if number > most:
        raise _Fault(_("Bitte höchstens %(most)d.") % {"most": most})
    return number


def _codes(one: Field, value: Any, known: Known) -> list[str]:
    return _listed(one, value, lambda code: code if code in _choices(one) else None)


def _code(one: Field, value: Any, known: Known) -> str:
    code = text.clean_line(_text(value))
    if code not in _choices(one):
        raise _unknown([code])
    return code


def _choices(one: Field) -> Mapping[str, Any]:
    return one.codes if one.codes is not None else dict(Organisation.Kind.choices)


def _topics(one: Field, value: Any, known: Known) -> list[str]:
    codes = [text.clean_line(_text(item)) for item in _items(value)]
    found = {code: topic.code for code, topic in known.topics(filter(None, codes)).items()}
    return _listed(one, codes, found.get)


def _regions(one: Field, value: Any, known: Known) -> list[str]:
    keys = [text.clean_line(_text(item)) for item in _items(value)]
    found = known.regions(filter(None, keys))
    return _listed(one, keys, lambda key: key if key in found else None)


def _sectors(one: Field, value: Any, known: Known) -> list[str]:
    return _listed(one, value, sector_code)


def sector_code(value: str) -> str | None:
    """A section or class of the WZ as it is stored ("F", "43.2"), None for what is none."""
    code = value.strip().upper()
    try:
        choices.section_of(code)
    except KeyError:
        return None
    return code


def _listed(one: Field, value: Any, known_as: Callable[[str], str | None]) -> list[str]:
    given = [code for item in _items(value) if (code := text.clean_line(_text(item)))]
    unknown = [code for code in given if known_as(code) is None]
    if unknown:
        raise _unknown(unknown)
    return _few_enough(one, dict.fromkeys(str(known_as(code)) for code in given))


def _unknown(values: list[str]) -> _Fault:
    shown = ", ".join(text.shorten(value, 60) for value in values[:5])
    return _Fault(_("Diese Angabe gibt es nicht: %(values)s") % {"values": shown})


def _number(one: Field, value: Any, known: Known) -> int:
    return _whole_number(value, one.most)


def _flag(one: Field, value: Any, known: Known) -> bool:
    return value in (True, 1, "1", "on", "true", "ja")


def _day(one: Field, value: Any, known: Known) -> str:
    if isinstance(value, date):
        return value.isoformat()[:10]
    try:
        day = date.fromisoformat(_text(value).strip())
    except ValueError:
        raise _Fault(_("Dieser Tag ist nicht lesbar. Beispiel: 2026-11-21.")) from None
    if not 1900 <= day.year <= 2100:
        raise _Fault(_("Dieser Tag liegt zu weit weg."))
    return day.isoformat()


def _link(one: Field, value: Any, known: Known) -> str:
    """An address of the web; only http and https, a bare host name gets https."""
    link = text.clean_line(_text(value)).replace(" ", "%20")
    if "://" not in link and not re.match(r"[a-z][a-z0-9+.-]*:", link, re.IGNORECASE):
        link = f"https://{link}"
    try:
        parts = urlsplit(link)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        host = ""
    if not host or "." not in host or parts.scheme.lower() not in ("http", "https") \
            or parts.username or "\\" in link or '"' in link or "<" in link:  # fmt: skip
        raise _Fault(_("Diese Adresse ist nicht lesbar. Beispiel: https://www.beispiel.de"))
    return _short_enough(one, link)


def _email(one: Field, value: Any, known: Known) -> str:
    address = text.clean_line(_text(value))
    try:
        validate_email(address)
    except ValidationError:
        raise _Fault(
            _("Diese E-Mail-Adresse ist nicht vollständig: %(value)s")
            % {"value": text.shorten(address, 80)}
        ) from None
    return _short_enough(one, address)


def _phone(one: Field, value: Any, known: Known) -> str:
    number = _short_enough(one, text.clean_line(_text(value)))
    if not _PHONE.fullmatch(number) or not any(sign.isdigit() for sign in number):
        raise _Fault(_("Diese Telefonnummer ist nicht lesbar. Beispiel: 0711 123456"))
    return number


def _picture(one: Field, value: Any, known: Known) -> str:
    try:
        return str(UUID(str(value)))
    except ValueError:
        raise _Fault(_("Dieses Bild gibt es nicht.")) from None


_CLEANERS: dict[str, Callable[[Field, Any, Known], Any]] = {
    fields.LINE: _line, fields.TEXT: _long, fields.WORDS: _words, fields.COUNTED: _counted,
    fields.CODES: _codes, fields.TOPICS: _topics, fields.REGIONS: _regions,
    fields.SECTORS: _sectors, fields.NUMBER: _number, fields.FLAG: _flag, fields.DAY: _day,
    fields.LINK: _link, fields.EMAIL: _email, fields.PHONE: _phone, fields.PICTURE: _picture,
    fields.CODE: _code,
}  # fmt: skip
