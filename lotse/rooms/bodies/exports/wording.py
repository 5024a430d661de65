"""What all papers of the room share: their frame, days, times, names and paragraphs in words."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from lotse.foundation.core.collation import german_key
from lotse.foundation.core.paperframe import frame

TEMPLATES = Path(__file__).parent.parent / "papers"
# A text of a paper: a string, or text and language where it is foreign to the paper.
Text = str | dict[str, str]
# A paragraph ({"text"}) or a list ({"items"}).
Block = dict[str, Any]

CONTENT = "de"
_WEEKDAY = {"de": "l, j. F Y", "en": "l, j F Y"}
_BULLET = re.compile(r"^\s*[-*•–]\s+")
_PARTS = re.compile(r"[,;\n]")


@dataclass(frozen=True)
class Voice:
    """In which language a paper speaks, and in which its content was written (T64)."""

    paper: str
    content: str = CONTENT

    def text(self, value: str | None) -> Text:
        """What somebody typed, marked where its language is not the paper's."""
        value = (value or "").strip()
        foreign = self.content.split("-", maxsplit=1)[0]
        return {"text": value, "lang": foreign} if value and foreign != self.paper else value

    def prose(self, value: str | None) -> list[Block]:
        """Paragraphs and lists of a longer text: blank lines part, hyphens begin an entry."""
        blocks: list[Block] = []
        for part in re.split(r"\n\s*\n", (value or "").strip()):
            for line in part.split("\n"):
                self._line(blocks, line)
            blocks.append({})
        return [block for block in blocks if block]

    def _line(self, blocks: list[Block], line: str) -> None:
        last = blocks[-1] if blocks else {}
        if _BULLET.match(line):
            entry = self.text(_BULLET.sub("", line))
            if "items" in last:
                last["items"].append(entry)
            else:
                blocks.append({"items": [entry]})
        elif "text" in last:
            last["text"] = self.text(f"{plain(last['text'])}\n{line.strip()}")
        elif line.strip():
            blocks.append({"text": self.text(line)})


@dataclass(frozen=True)
class Letter:
    """What a body prints around its papers; `draft` is the word for what is not yet valid."""

    letterhead: str = ""
    footer: str = ""
    taker: str = ""
    draft: str = ""


def letter_frame(
    title: str, *, running: str, voice: Voice, network: str, moment: datetime, letter: Letter
) -> dict[str, Any]:
    """The frame of a body's paper: on each page its name, the page, who took the minutes (S4-17).

    Call inside `translation.override`.
    """
    running = " · ".join(filter(None, [letter.draft, running]))
    found = frame(running, running=running, lang=voice.paper, network=network, moment=moment)
    taker = _("Mitschrift: %(names)s") % {"names": letter.taker} if letter.taker else ""
    return found | {
        "title": " · ".join(filter(None, [letter.draft, title])),
        "foot": short(title),
        "taker": short(taker),
        "draft": letter.draft,
        "footer": letter.footer.strip(),
        "letterhead": [line.strip() for line in letter.letterhead.splitlines() if line.strip()],
    }


def short(value: str, most: int = 90) -> str:
    """What stands on every page keeps to a line."""
    value = " ".join(value.split())
    return value if len(value) <= most else value[: most - 1] + "…"


def plain(value: Text) -> str:
    """The text without its language."""
    return value if isinstance(value, str) else value["text"]


def entries(*found: tuple[str, Text | Sequence[str]]) -> list[list[Any]]:
    """Label and text of what is known."""
    return [[label, text] for label, text in found if text]


def parts_of(value: str) -> list[str]:
    """Several names or functions in one field: parted by commas, semicolons or lines."""
    return [part.strip() for part in _PARTS.split(value or "") if part.strip()]


def moment_of(value: str | datetime | None) -> datetime | None:
    """A moment, from the ISO text of a canonical record too, on the clock of Europe/Berlin."""
    found = datetime.fromisoformat(value) if isinstance(value, str) and value else value
    return timezone.localtime(found) if isinstance(found, datetime) else None


def day_of(value: str | date | None) -> date | None:
    """A day, from ISO text too."""
    if isinstance(value, str):
        return date.fromisoformat(value[:10]) if value else None
    return value


def day_words(day: date | None, lang: str) -> str:
    """ "Mittwoch, 18. März 2026"."""
    return date_format(day, _WEEKDAY.get(lang, _WEEKDAY["de"])) if day else ""


def day_short(value: str | date | None) -> str:
    """ "18.03.2026"."""
    day = day_of(value)
    return date_format(day, "SHORT_DATE_FORMAT") if day else ""


def clock_time(moment: datetime | None) -> str:
    """ "13:00 Uhr"."""
    return _("%(time)s Uhr") % {"time": f"{moment:%H:%M}"} if moment else ""


def time_span(begin: datetime | None, end: datetime | None) -> str:
    """ "13:00 bis 17:00 Uhr"; the day of the end where it is another one."""
    if begin is None or end is None:
        return clock_time(begin or end)
    until = clock_time(end)
    if end.date() != begin.date():
        until = f"{day_short(end.date())}, {until}"
    return _("%(begin)s bis %(end)s") % {"begin": f"{begin:%H:%M}", "end": until}


def ordinal(number: int | None) -> str:
    """ "5. Sitzung"."""
    return _("%(number)s. Sitzung") % {"number": number} if number else ""


def by_surname(name: str) -> tuple[tuple[str, str], tuple[str, str]]:
    """The place of a name in a list: by its last word, as German lists have it."""
    words = name.split() or [""]
    return german_key(words[-1]), german_key(name)


def with_organisation(name: str, organisation: str) -> str:
    """ "Name (Organisation)"."""
    if not name or not organisation or organisation in name:
        return name or organisation
    return f"{name} ({organisation})"


def joined(*values: str, by: str = ", ") -> str:
    """What is not empty, in one line."""
    return by.join(value for value in values if value)
