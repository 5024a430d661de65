"""DOCX: one writer for every paper: styles, language, page numbers, tables with a head (T61)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

from docx import Document
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from lotse.foundation.core import processes

# A text: a string, or text and language where it is foreign to the paper.
Text = str | dict[str, str]

FACE = "Arial"
INK, MUTED, RULE, HUE = "191B2D", "454B6B", "C0C3D5", "F3F4F7"
TONES = {"none": "00684A", "some": "653700", "urgent": "B3001B", "open": MUTED}
_SIZES = {1: 22, 2: 15, 3: 11.5}
# What XML 1.0 cannot hold.
_ILLEGAL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True)
class Run:
    """A piece of a paragraph; `tone` is the colour of a level of need."""

    text: Text
    bold: bool = False
    quiet: bool = False
    tone: str = ""


Piece = Run | Text


class Writer:
    """A document with the house style; `frame` is the same as for the PDF."""

    def __init__(self, frame: dict[str, Any], *, moment: datetime) -> None:
        self.document = Document()
        # What is written goes before the properties of the last section.
        self._end: Any = self.document.element.body.sectPr
        self._properties(frame, moment)
        self._styles(frame)
        self._sheet(frame)

    def content(self) -> bytes:
        """The file. What it took in memory is handed back."""
        out = BytesIO()
        self.document.save(out)
        del self.document, self._end
        processes.hand_back()
        return out.getvalue()

    def heading(self, text: Text, level: int, *, before: str = "") -> None:
        """A heading, 1 to 3; `before` is its number."""
        self._put(_paragraph([before, text], f"Heading{level}"))

    def paragraph(self, *pieces: Piece, keep: bool = False) -> None:
        """A paragraph; `keep` holds it together with the next one."""
        self._put(_paragraph(pieces, "", keep=keep))

    def bullets(self, items: Sequence[Sequence[Piece]]) -> None:
        """A list."""
        for item in items:
            self._put(_paragraph(item, "ListBullet"))

    def table(
        self,
        head: Sequence[Text],
        rows: Sequence[Sequence[Sequence[Sequence[Piece]]]],
        widths: Sequence[int],
    ) -> None:
        """A table whose head repeats on every page; a cell is a list of paragraphs; widths in
        millimetres. Empty paragraphs are left out."""
        self._put(_table(head, rows, widths))
        self._put(_paragraph([], ""))

    def _put(self, element: Any) -> None:
        self._end.addprevious(element)

    def _properties(self, frame: dict[str, Any], moment: datetime) -> None:
        properties = self.document.core_properties
        properties.title = _clean(frame["title"])[:255]
        properties.author = properties.last_modified_by = frame["author"]
        properties.language = _language(frame)
        properties.comments = ""
        # Word keeps UTC without saying so.
        properties.created = properties.modified = moment.astimezone(UTC).replace(tzinfo=None)

    def _styles(self, frame: dict[str, Any]) -> None:
        styles = self.document.styles
        defaults = styles.element.find(qn("w:docDefaults"))
        language = defaults.find(f".//{qn('w:lang')}")
        if language is None:
            language = _add(defaults.find(f".//{qn('w:rPr')}"), "lang")
        language.set(qn("w:val"), _language(frame))
        normal = styles["Normal"]
        _face(normal, 10, INK)
        _add(normal.element.get_or_add_rPr(), "lang", val=_language(frame))
        normal.paragraph_format.space_after = Pt(4)
        styles["List Bullet"].paragraph_format.space_after = Pt(2)
        for level, size in _SIZES.items():
            style = styles[f"Heading {level}"]
            _face(style, size, INK)
            style.font.bold = True
            style.paragraph_format.space_before = Pt(18 - 4 * level)
            style.paragraph_format.space_after = Pt(4)
            style.paragraph_format.keep_with_next = True

    def _sheet(self, frame: dict[str, Any]) -> None:
        section = self.document.sections[0]
        section.page_width, section.page_height = Mm(210), Mm(297)
        section.left_margin = section.right_margin = Mm(22)
        section.top_margin, section.bottom_margin = Mm(25), Mm(22)
        section.header.paragraphs[0].text = _clean(f"{frame['network']} · {frame['running']}")
        foot = section.footer.paragraphs[0]._p
        before, rest = frame["page"].split("{page}", 1)
        between, after = rest.split("{pages}", 1)
        _runs(foot, [f"{frame['foot']} · {before}"])
        _field(foot, "PAGE")
        _runs(foot, [between])
        _field(foot, "NUMPAGES")
        _runs(foot, [after])


def _language(frame: dict[str, Any]) -> str:
    return "-".join(filter(None, [frame["lang"], frame["region"]]))


def _face(style: Any, size: float, colour: str) -> None:
    style.font.name = FACE
    style.font.size = Pt(size)
    style.font.color.rgb = RGBColor.from_string(colour)
    fonts = style.element.rPr.rFonts
    for name in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{name}"), None)
    for name in ("eastAsia", "cs"):
        fonts.set(qn(f"w:{name}"), FACE)


def _clean(text: str) -> str:
    return _ILLEGAL.sub("", text)


def _add(parent: Any, name: str, **attributes: str) -> Any:
    child = OxmlElement(f"w:{name}")
    for key, value in attributes.items():
        child.set(qn(f"w:{key}"), value)
    parent.append(child)
    return child


def _paragraph(pieces: Sequence[Piece], style: str, *, keep: bool = False) -> Any:
    paragraph = OxmlElement("w:p")
    if style or keep:
        properties = _add(paragraph, "pPr")
        if style:
            _add(properties, "pStyle", val=style)
        if keep:
            _add(properties, "keepNext")
    _runs(paragraph, pieces)
    return paragraph


def _runs(paragraph: Any, pieces: Sequence[Piece]) -> None:
    for piece in pieces:
        run = piece if isinstance(piece, Run) else Run(piece)
        text = run.text if isinstance(run.text, str) else run.text["text"]
        if text:
            element = _add(paragraph, "r")
            _look(element, run)
            _letters(element, _clean(text))


def _look(element: Any, run: Run) -> None:
    """Bold, colour and language, in the order that the schema asks for."""
    language = "" if isinstance(run.text, str) else run.text["lang"]
    colour = TONES.get(run.tone) or (MUTED if run.quiet else "")
    if not (run.bold or colour or language):
        return
    properties = _add(element, "rPr")
    if run.bold:
        _add(properties, "b")
    if colour:
        _add(properties, "color", val=colour)
    if language:
        _add(properties, "lang", val=language)


def _letters(element: Any, text: str) -> None:
    for number, line in enumerate(text.replace("\r\n", "\n").replace("\r", "\n").split("\n")):
        if number:
            _add(element, "br")
        letters = _add(element, "t")
        letters.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
        letters.text = line


def _field(paragraph: Any, name: str) -> None:
    """A field that Word counts, such as the page number."""
    field = _add(paragraph, "fldSimple", instr=name)
    _letters(_add(field, "r"), "1")


def _table(head: Sequence[Text], rows: Sequence[Any], widths: Sequence[int]) -> Any:
    table = OxmlElement("w:tbl")
    properties = _add(table, "tblPr")
    _add(properties, "tblStyle", val="TableGrid")
    _add(properties, "tblW", w="5000", type="pct")
    borders = _add(properties, "tblBorders")
    for side in ("top", "left", "bottom", "right", "insideH", "insideV"):
        value = "nil" if side in ("left", "right", "insideV") else "single"
        _add(borders, side, val=value, sz="4", space="0", color=RULE)
    _add(properties, "tblLayout", type="fixed")
    _add(properties, "tblLook", val="0020", firstRow="1", lastRow="0", firstColumn="0",
         lastColumn="0", noHBand="1", noVBand="1")  # fmt: skip
    grid = _add(table, "tblGrid")
    for width in widths:
        _add(grid, "gridCol", w=_twips(width))
    _row(table, [[[Run(text, bold=True)]] for text in head], widths, head=True)
    for row in rows:
        _row(table, row, widths)
    return table


def _row(table: Any, cells: Sequence[Any], widths: Sequence[int], *, head: bool = False) -> None:
    row = _add(table, "tr")
    properties = _add(row, "trPr")
    _add(properties, "cantSplit")
    if head:
        _add(properties, "tblHeader")
    for cell, width in zip(cells, widths, strict=True):
        element = _add(row, "tc")
        look = _add(element, "tcPr")
        _add(look, "tcW", w=_twips(width), type="dxa")
        if head:
            _add(look, "shd", val="clear", color="auto", fill=HUE)
        paragraphs = [_paragraph(pieces, "") for pieces in cell if any(map(_text, pieces))]
        element.extend(paragraphs or [_paragraph([], "")])


def _text(piece: Piece) -> str:
    text = piece.text if isinstance(piece, Run) else piece
    return text if isinstance(text, str) else text["text"]


def _twips(millimetres: int) -> str:
    return str(round(millimetres * 1440 / 25.4))
