"""Single values: which characters a text may hold, and what an unquoted word in YAML means.

Unquoted words follow the JSON types (YAML 1.2.2, chapter 10.2, JSON schema) with the spellings
`True`, `NULL` and `~` of the core schema. So `no`, `on`, `0123`, `+49`, `1:30` and `2026-01-01`
are texts, as an author expects, and never booleans, octal or base-60 numbers or date objects.
"""

from __future__ import annotations

import math
import re
import unicodedata

# The largest whole number that every JSON reader keeps exactly (RFC 7493, 2.2).
MAX_NUMBER = 2**53 - 1

_NONCHARACTERS = "".join(
    chr(plane * 0x10000 + low) for plane in range(17) for low in (0xFFFE, 0xFFFF)
)

# Control characters except line breaks and tab, surrogates, noncharacters, line and paragraph
# separators (line breaks for YAML 1.1 only), a byte order mark inside the file, and the
# embeddings and overrides that turn the direction of what follows (Unicode UAX 9).
FORBIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028-\u202e\ufeff\ufdd0-\ufdef"
    f"\ud800-\udfff{_NONCHARACTERS}]"
)

MAX_MARKS = 30
# No combining mark lies below U+0300.
_MAYBE_PILE = re.compile(f"[\u0300-\U0010ffff]{{{MAX_MARKS + 1},}}")

_CONSTANTS: dict[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_WHOLE = re.compile(r"-?(?:0|[1-9][0-9]*)")
_BROKEN = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
# `NaN` and `Infinity` are what Python and JavaScript write into files that should be JSON.
_NOT_FINITE = re.compile(r"[-+]?(?:\.inf|\.Inf|\.INF|Infinity)|\.nan|\.NaN|\.NAN|NaN")


class BadNumber(ValueError):
    """A number that JSON does not know or cannot keep exactly."""


def plain_value(word: str) -> str | int | float | bool | None:
    """Return the value of an unquoted word.

    Raises `BadNumber` for NaN, infinity and whole numbers beyond 2^53 - 1.
    """
    if word in _CONSTANTS:
        return _CONSTANTS[word]
    if _WHOLE.fullmatch(word):
        # The length first: converting a million digits takes seconds.
        if len(word) > 17 or abs(int(word)) > MAX_NUMBER:
            raise BadNumber(word)
        return int(word)
    if _BROKEN.fullmatch(word):
        number = float(word)
        if not math.isfinite(number):
            raise BadNumber(word)
        return number
    if _NOT_FINITE.fullmatch(word):
        raise BadNumber(word)
    return word


def refused_character(text: str) -> str:
    """Return the first character that makes a text unacceptable, or an empty string.

    Beside the forbidden ones that is the 31st combining mark in a row (Stream-Safe Text Format,
    Unicode UAX 15, 13): no script needs it, and normalising a long pile takes minutes.
    """
    if match := FORBIDDEN.search(text):
        return match[0]
    for run in _MAYBE_PILE.finditer(text):
        marks = 0
        for character in run[0]:
            marks = marks + 1 if unicodedata.combining(character) else 0
            if marks > MAX_MARKS:
                return character
    return ""


def is_plain_text(word: str) -> bool:
    """Say whether an unquoted word is read as the same text."""
    try:
        return isinstance(plain_value(word), str)
    except BadNumber:
        return False


def normal_text(text: str) -> str:
    """Return the text in the one form that is stored: NFC (Unicode UAX 15), line breaks as \\n."""
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))


def is_visible(text: str) -> bool:
    """Say whether there is anything to see: not only spaces and invisible characters."""
    return any(unicodedata.category(character)[0] not in "ZC" for character in text)
