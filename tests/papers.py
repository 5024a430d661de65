"""What every paper must be (T61): asserted in one place, for each kind of paper."""

import io
import re
import shutil
import subprocess
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import docx
import pikepdf
import pytest
from docx.oxml.ns import qn

REGION = {"de": "de-DE", "en": "en-GB"}


def elements(node: Any) -> Iterator[Any]:
    """All structure elements of a tagged PDF, in reading order."""
    if isinstance(node, pikepdf.Array):
        for child in node:
            yield from elements(child)
    elif isinstance(node, pikepdf.Dictionary):
        if "/S" in node:
            yield node
        if "/K" in node:
            yield from elements(node.K)


def attributes(element: Any) -> dict[str, Any]:
    found = element.get("/A", pikepdf.Array())
    parts = found if isinstance(found, pikepdf.Array) else [found]
    return {key: value for part in parts for key, value in part.items()}


def text_of(content: bytes, *options: str) -> str:
    """What a reader can copy; line breaks and break opportunities are taken out."""
    if not shutil.which("pdftotext"):
        pytest.skip("pdftotext is not installed")
    run = subprocess.run(
        ["pdftotext", *options, "-", "-"], input=content, capture_output=True, check=True
    )
    return run.stdout.decode()


def words_of(content: bytes) -> str:
    """All words of a PDF in one line, as a reader copies them."""
    return " ".join(text_of(content, "-layout").replace("\u200b", "").split())


def assert_accessible(content: bytes, title: str, *, lang: str = "de", tables: bool = True) -> None:
    """Tagged, with language, title, one first heading, no skipped level, heads of tables."""
    with pikepdf.open(io.BytesIO(content)) as paper:
        root = paper.Root
        assert root.MarkInfo.Marked
        assert str(root.Lang) == REGION[lang]
        assert root.ViewerPreferences.DisplayDocTitle
        with paper.open_metadata() as metadata:
            assert title in metadata["dc:title"]
            assert metadata["pdfuaid:part"] == "1"
            assert (metadata["pdfaid:part"], metadata["pdfaid:conformance"]) == ("2", "A")
        found = list(elements(root.StructTreeRoot))
        levels = [int(str(e.S)[2:]) for e in found if re.fullmatch(r"/H[1-6]", str(e.S))]
        assert levels.count(1) == 1
        assert levels[0] == 1
        assert all(after <= before + 1 for before, after in pairwise(levels))
        assert all(e.get("/Alt") for e in found if e.S == "/Figure")
        heads = [attributes(e) for e in found if e.S == "/TH"]
        assert bool(heads) == tables
        assert {str(head["/Scope"]) for head in heads} <= {"/Column"}
        if len(paper.pages) > 10:
            with paper.open_outline() as outline:
                assert len(outline.root[0].children) >= 4
        _assert_own_fonts(paper)


def _assert_own_fonts(paper: Any) -> None:
    fonts = [
        font.DescendantFonts[0].FontDescriptor
        for page in paper.pages
        for font in page.Resources.get("/Font", {}).values()
    ]
    assert fonts
    assert all("/FontFile2" in font or "/FontFile3" in font for font in fonts)
    assert all("FiraSans" in str(font.FontName) for font in fonts)


def assert_inside(content: bytes, margin: float = 56) -> None:
    """No word beyond the edges of its page."""
    width = 0.0
    for line in text_of(content, "-bbox").splitlines():
        if page := re.search(r'<page width="([\d.]+)"', line):
            width = float(page[1])
        if word := re.search(r'xMin="([\d.-]+)".* xMax="([\d.]+)"', line):
            assert float(word[1]) > margin
            assert float(word[2]) < width - margin


def assert_word_file(content: bytes, title: str, *, lang: str = "de") -> Any:
    """Author, title, language, headings in order, heads of tables that repeat; the document."""
    document = docx.Document(io.BytesIO(content))
    properties = document.core_properties
    assert properties.author == "Lotse"
    assert title in properties.title
    assert properties.language == REGION[lang]
    styles = document.styles.element
    for place in (styles.find(qn("w:docDefaults")), document.styles["Normal"].element):
        assert place.find(f".//{qn('w:lang')}").get(qn("w:val")) == REGION[lang]
    names = [p.style.name for p in document.paragraphs if p.style.name.startswith("Heading")]
    levels = [int(name[-1]) for name in names]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert document.tables
    for table in document.tables:
        assert table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None
    return document


def foot_of(document: Any) -> str:
    """What stands at the foot of every page of a Word file."""
    return " ".join(p.text for p in document.sections[0].footer.paragraphs)


def text_in(document: Any) -> str:
    """All words of a Word file in one line, tables too."""
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return " ".join(" ".join([*(p.text for p in document.paragraphs), *cells]).split())
