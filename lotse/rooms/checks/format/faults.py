"""What is wrong with a file: one fault per cause, with its place and a sentence for people."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

Path = tuple[str | int, ...]

MAX_FAULTS = 200
_MAX_SHOWN = 60
_MAX_COMPARED = 100


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault of a file.

    `path` names the place (`checkpoints[2].title.de`, empty for the whole file), also of a thing
    that is missing; `line` counts from 1; `code` is stable and for programs; `message` is a
    German sentence (translated) saying what is wrong and what to do.
    """

    path: str
    line: int | None
    code: str
    message: str

    def as_dict(self) -> dict[str, Any]:
        """Return the fault as plain data for JSON."""
        return asdict(self)


class Refused(Exception):
    """A file that cannot be accepted. `faults` says why."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults: tuple[Fault, ...] = tuple(faults)
        super().__init__(" ".join(fault.message for fault in self.faults[:3]))


class Finding(NamedTuple):
    """A fault before its line is known: checks look at data, not at the file."""

    path: Path
    code: str
    message: str


def path_text(path: Path) -> str:
    """Write a path as people read it: `checkpoints[2].title.de`."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        else:
            text += f".{shown(step)}" if text else shown(step)
    return text


def shown(value: object) -> str:
    """Shorten a value of the file for a message, so that a message stays a sentence."""
    text = str(value).replace("\n", " ")
    return text if len(text) <= _MAX_SHOWN else text[: _MAX_SHOWN - 1] + "…"


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return the known word closest to `word`, or an empty string."""
    # difflib is slow: no long words, no long lists, or a hostile file buys minutes with it.
    if len(word) > _MAX_SHOWN:
        return ""
    few = [one for one in islice(known, _MAX_COMPARED) if len(one) <= _MAX_SHOWN]
    close = difflib.get_close_matches(word.lower(), few, n=1, cutoff=0.7)
    return close[0] if close else ""


def hint(suggestion: str) -> str:
    """Return the sentence that goes behind a fault when a near word is known, or nothing."""
    if not suggestion:
        return ""
    return " " + _("Meinten Sie „%(suggestion)s“?") % {"suggestion": suggestion}


def ordered(faults: Iterable[Fault], *, more: bool = False) -> list[Fault]:
    """Sort by line, drop repetitions, keep at most `MAX_FAULTS`.

    When faults are left out (or `more` says that the search was broken off), the last one says so.
    """
    unique: Sequence[Fault] = sorted(
        dict.fromkeys(faults), key=lambda fault: (fault.line or 0, fault.path, fault.code)
    )
    if len(unique) <= MAX_FAULTS and not more:
        return list(unique)
    kept = list(unique[: MAX_FAULTS - 1])
    message = _(
        "Es gibt mehr Fehler, als hier stehen (gezeigt: %(count)s). Bitte beheben Sie zuerst "
        "diese und prüfen Sie die Datei dann erneut."
    ) % {"count": len(kept)}
    return [*kept, Fault("", kept[-1].line if kept else None, "more-faults", message)]
