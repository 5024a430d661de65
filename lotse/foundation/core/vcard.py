"""Contact cards (vCard 4.0, RFC 6350): what a value and a line look like, and a card of lines."""

from collections.abc import Sequence

from lotse.foundation.core import text

MEDIA_TYPE = "text/vcard; charset=utf-8"
_ESCAPED = str.maketrans({"\\": "\\\\", ",": "\\,", ";": "\\;", "\n": "\\n"})
_LINE = 75


def plain(value: str) -> str:
    """A value as it stands in a card: one line, the signs of the format escaped."""
    return text.clean_line(value).translate(_ESCAPED)


def compound(*parts: str) -> str:
    """A value of several parts, such as a name or an address; an unused part is empty."""
    return ";".join(map(plain, parts))


def card(lines: Sequence[str]) -> str:
    """One card around the lines of its properties; their values are escaped already."""
    whole = ("BEGIN:VCARD", "VERSION:4.0", *lines, "END:VCARD")
    return "".join(f"{_folded(line)}\r\n" for line in whole)


def _folded(line: str) -> str:
    """Lines of at most 75 bytes; the next begins with a blank, no character is cut."""
    parts: list[str] = []
    held = ""
    for sign in line:
        if len((held + sign).encode()) > _LINE - (1 if parts else 0):
            parts.append(held)
            held = ""
        held += sign
    return "\r\n ".join([*parts, held])
