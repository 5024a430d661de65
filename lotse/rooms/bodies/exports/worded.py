"""Parts of Word files that several papers of the room have."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from lotse.foundation.core.worddoc import Piece, Run, Writer
from lotse.rooms.bodies.exports.wording import Block, joined

# What the columns of a table share on the page, in millimetres.
WIDTH = 166


def begun(data: dict[str, Any], *, moment: datetime) -> Writer:
    """A document whose foot says what that of the PDF says, with its opening."""
    frame = data["frame"]
    foot = joined(frame["page"], frame["taker"], by=" · ")
    paper = Writer(frame | {"page": joined(foot, frame["footer"], by="\n")}, moment=moment)
    _opening(paper, data)
    return paper


def _opening(paper: Writer, data: dict[str, Any]) -> None:
    """Letterhead, what the paper belongs to, its title."""
    frame = data["frame"]
    if frame["letterhead"]:
        paper.paragraph("\n".join(frame["letterhead"]))
    if frame["draft"]:
        paper.paragraph(Run(frame["draft"], bold=True))
    paper.paragraph(Run(data["over"], quiet=True), keep=True)
    paper.heading(data["heading"], 1)


def particulars(paper: Writer, rows: Iterable[Sequence[Any]]) -> None:
    """Label and text, a line each."""
    for label, value in rows:
        pieces: list[Piece] = [Run(f"{label}: ", quiet=True)]
        values = value if isinstance(value, list) else [value]
        for number, one in enumerate(values):
            pieces += ["\n", one] if number else [one]
        paper.paragraph(*pieces)


def prose(paper: Writer, blocks: Iterable[Block]) -> None:
    """Paragraphs and lists."""
    for block in blocks:
        if "items" in block:
            paper.bullets([[item] for item in block["items"]])
        else:
            paper.paragraph(block["text"])


def labelled_lines(label: str, blocks: Sequence[Block]) -> list[list[Piece]]:
    """The same after a label, where no list can stand, as in a cell of a table."""
    found: list[list[Piece]] = []
    for block in blocks:
        found += (
            [["– ", item] for item in block["items"]] if "items" in block else [[block["text"]]]
        )
    before = Run(f"{label}: ", quiet=True)
    if "text" in blocks[0]:
        return [[before, *found[0]], *found[1:]]
    return [[before], *found]


def table(paper: Writer, it: dict[str, Any] | None, level: int = 2) -> None:
    """A table of the data under its heading; nothing for none."""
    if it is None:
        return
    if it.get("heading"):
        paper.heading(it["heading"], level)
    if not it["rows"]:
        return
    rest = WIDTH - sum(it["widths"])
    free = it["widths"].count(0)
    widths = [width or rest // free for width in it["widths"]]
    rows = [[[[piece] for piece in cell] for cell in row] for row in it["rows"]]
    paper.table(it["head"], rows, widths)
