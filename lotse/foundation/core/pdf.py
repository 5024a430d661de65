"""PDF by Typst: tagged, PDF/A-2a and PDF/UA-1; data only, never user markup (T22, T61)."""

import json
import re
import unicodedata
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import typst
from django.conf import settings

from lotse.foundation.core import processes

HERE = Path(__file__).parent / "papers"
# Typographic characters that the paper's face lacks, as their nearest relatives.
_NEAREST = str.maketrans({"\u2011": "-", "\u2010": "-", "\u202f": "\u00a0", "\u2009": "\u00a0",
                          "\u2032": "'", "\u2033": '"', "\t": " ", "\r": "\n",
                          "\u2028": "\n", "\u2029": "\n"})  # fmt: skip
# What is not seen: control characters, joiners, marks of direction, variants of emoji.
_UNSEEN = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]"
)
# A word that no rule of hyphenation divides would run off the page.
_LONG = re.compile(r"[^ \n/-]{41,}")
_PIECE = re.compile(r".{10}(?=.)")


@lru_cache(maxsize=1)
def _characters() -> frozenset[str]:
    """The characters every face of the paper has (written by `tools/fontchars.py`)."""
    ranges = json.loads((HERE / "characters.json").read_text())
    return frozenset(chr(code) for first, last in ranges for code in range(first, last + 1))


@lru_cache(maxsize=4096)
def printable(value: str) -> str:
    """The text with every character the paper's face lacks replaced by "?".

    A character without a glyph would stop the whole paper: PDF/A forbids it. Words of more than
    40 characters get places where a line may break.
    """
    value = value.replace("\r\n", "\n").translate(_NEAREST)
    value = unicodedata.normalize("NFC", _UNSEEN.sub("", value))
    known = _characters()
    value = "".join(c if c in known or c == "\n" else "?" for c in value)
    return _LONG.sub(lambda word: _PIECE.sub("\\g<0>\u200b", word.group()), value)


def _printable(value: Any) -> Any:
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, dict):
        return {key: _printable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_printable(item) for item in value]
    return value


@lru_cache(maxsize=1)
def _fonts() -> typst.Fonts:
    """The faces of the papers and no others, read once per process."""
    paths: list[Any] = [str(path) for path in settings.PAPER_FONTS]
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=paths)


def render(template: Path, data: dict[str, Any], *, moment: datetime) -> bytes:
    """One paper. `template` is a file of ours below the package; `data` is plain JSON.

    Raises typst's error for a paper without title, with a skipped heading level or an image
    without alternative text: these are faults of ours and tests see them.
    """
    try:
        return typst.compile(
            str(template),
            root=str(settings.PAPER_ROOT),
            font_paths=_fonts(),
            sys_inputs={"data": json.dumps(_printable(data), ensure_ascii=False)},
            pdf_standards=["a-2a", "ua-1"],
            timestamp=int(moment.timestamp()),
            format="pdf",
        )
    finally:
        _forget()


def _forget() -> None:
    """Makes Typst drop what it keeps of a paper for the next ten, and hands the memory back.

    Kept, it makes no other paper faster and lets a web process grow to 170 MB, with checks of 70
    points to 280 MB; so it stays at 120 MB. About 2 ms.
    """
    blank = typst.Compiler(str(HERE / "blank.typ"), font_paths=_fonts())
    for _ in range(11):
        blank.compile(format="svg")
    processes.hand_back()
