"""PDF of the room: accessible (T61), harmless (T22), whole in German and English, fast enough."""

import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pikepdf
import pytest
import typst

from lotse.foundation.core import pdf
from lotse.rooms.checks.exports import papers
from tests.make import check_content
from tests.papers import assert_accessible, elements, text_of
from tests.rooms.checks import report_sample as sample
from tools import fontchars

ROOT = Path(pdf.__file__).parent.parent.parent
TEMPLATES = sorted(ROOT.rglob("*.typ"))
pytestmark = pytest.mark.usefixtures("no_warnings")


def report_of(points: int, lang: str = "de") -> bytes:
    report = sample.report(check_content(points), lang=lang)
    return papers.report_pdf(report, lang=lang, network=sample.NETWORK, notes=sample.notes(report))


def form_of(points: int, lang: str = "de") -> bytes:
    view = sample.view(check_content(points), lang)
    return papers.form_pdf(view, lang=lang, network=sample.NETWORK, moment=sample.MOMENT)


PAPERS = [
    pytest.param(make, points, lang, id=f"{name}-{points}-{lang}")
    for name, make in (("report", report_of), ("form", form_of))
    for points in (7, 70)
    for lang in ("de", "en")
]


@pytest.mark.parametrize(("make", "points", "lang"), PAPERS)
def test_pdf_is_accessible(make: Any, points: int, lang: str) -> None:
    title = {"de": "Zusammenarbeit mit Betrieben", "en": "Working with local businesses"}
    assert_accessible(make(points, lang), title[lang], lang=lang)


def test_same_report_same_bytes() -> None:
    report = sample.report()
    first, second = (papers.report_pdf(report, lang="de", network=sample.NETWORK) for _ in range(2))
    assert first == second


def test_foreign_text_carries_its_language() -> None:
    """An English paper of a check that exists in German only (T64)."""
    content = check_content(2)
    german = {**content, "checkpoints": [_only_german(p) for p in content["checkpoints"]]}
    report = sample.report(german, lang="en")
    with pikepdf.open(
        io.BytesIO(papers.report_pdf(report, lang="en", network=sample.NETWORK))
    ) as paper:
        assert str(paper.Root.Lang) == "en-GB"
        spans = [
            str(element.Lang)
            for element in elements(paper.Root.StructTreeRoot)
            if "/Lang" in element
        ]
        assert "de" in spans


def _only_german(value: Any) -> Any:
    if isinstance(value, dict):
        kept = {"de": value["de"]} if "de" in value else value
        return {key: _only_german(item) for key, item in kept.items()}
    return [_only_german(item) for item in value] if isinstance(value, list) else value


def test_report_says_everything() -> None:
    report = sample.report()
    text = " ".join(text_of(report_of(7), "-layout").split())
    for row in report.points:
        assert row.point.title in text
        assert row.label in text
    for said in ("Netzwerk Beispielregion", "Verein Beispiel e. V. · Team Jugend", "02.03.2026",
                 "Sommerfest", "Frau Sommer", "30.06.2026", "dringend", "Vorstand",
                 "2 Checkpunkte besser, 1 schlechter", "EUPL-1.2", "Lotse-Projekt",
                 "Seite 1 von", "eur-lex.europa.eu", "Revision 1", "Grund der Verspätung",
                 "und 1 ältere Notiz"):  # fmt: skip
        assert said in text


def test_empty_parts_are_left_out() -> None:
    """A check nobody answered: no plan, no comparison, no course."""
    view = sample.view(check_content(3))
    report = sample.report(check_content(3), previous=False)
    bare = [sample.point_row(point, 6, []) for point in view.checkpoints]
    empty = type(report)(report.assessment, view, "", bare, [], [], None, report.drawn_at)
    content = papers.report_pdf(empty, lang="de", network="")
    with pikepdf.open(io.BytesIO(content)) as paper, paper.open_outline() as outline:
        titles = [item.title for item in outline.root[0].children]
    assert titles == ["Checkpunkte", "Noch offen", "Herkunft und Rechte"]


@pytest.mark.parametrize("text", sample.NASTY.values(), ids=sample.NASTY)
def test_nothing_typed_can_break_a_paper(text: str) -> None:
    content = sample.nasty_content(text)
    report = sample.report(content, text=text)
    paper = papers.report_pdf(report, lang="de", network=text, notes=sample.notes(report, text))
    form = papers.form_pdf(sample.view(content), lang="de", network=text, moment=sample.MOMENT)
    wanted = " ".join(pdf.printable(text).split())
    for made in (paper, form):
        assert wanted in " ".join(text_of(made, "-layout").split())


def test_characters_without_glyph_become_question_marks() -> None:
    assert pdf.printable("Tee ☕\ufe0f für 2\u202f€") == "Tee ? für 2\u00a0€"
    assert pdf.printable("u\u0308ber\u2011all\r\nja\u00adwohl") == "über-all\njawohl"


def test_list_of_characters_fits_the_fonts() -> None:
    """After a new version of the font package: `python tools/fontchars.py`."""
    assert json.loads(fontchars.TARGET.read_text()) == fontchars.ranges(fontchars.common_codes())


def test_long_words_stay_on_the_page() -> None:
    text = sample.LONG_WORD
    content = sample.nasty_content(text[:4000])
    report = sample.report(content, text=text)
    paper = papers.report_pdf(report, lang="de", network="N", notes=sample.notes(report, text))
    form = papers.form_pdf(sample.view(content), lang="de", network="N", moment=sample.MOMENT)
    for made in (paper, form):
        _assert_inside(text_of(made, "-bbox"))


def _assert_inside(boxes: str) -> None:
    """No word beyond the edges of its page, 20 mm from the paper's."""
    width = 0.0
    for line in boxes.splitlines():
        if page := re.search(r'<page width="([\d.]+)"', line):
            width = float(page[1])
        if word := re.search(r'xMin="([\d.-]+)".* xMax="([\d.]+)"', line):
            assert float(word[1]) > 56
            assert float(word[2]) < width - 56


def test_templates_read_nothing_but_their_data() -> None:
    assert len(TEMPLATES) >= 3
    for template in TEMPLATES:
        code = re.sub(r"(?m)^\s*//.*$", "", template.read_text())
        assert "@preview" not in code
        assert not re.search(
            r"\b(read|eval|plugin|csv|yaml|toml|xml|cbor|image|bibliography)\(", code
        )
        assert re.findall(r"\bjson\((.*)\)", code) in ([], ["bytes(sys.inputs.data)"])
        imports = re.findall(r"#(?:import|include)\s+(\S+)", code)
        assert all(re.match(r'"/foundation/core/papers/\w+\.typ":?$', path) for path in imports)
        assert not re.search(r"[äöüÄÖÜß]", code), "words come from the data"


def test_engine_cannot_leave_its_root(tmp_path: Path, settings: Any) -> None:
    (tmp_path / "root").mkdir()
    (tmp_path / "secret.txt").write_text("geheim")
    settings.PAPER_ROOT = tmp_path / "root"
    for source in ("../secret.txt", "/etc/passwd"):
        template = tmp_path / "root" / "paper.typ"
        template.write_text(f'#set document(title: "x")\n= x\n#read("{source}")')
        with pytest.raises(typst.TypstError):
            pdf.render(template, {}, moment=sample.MOMENT)


WORST = """
import django, re
django.setup()
from lotse.rooms.checks.exports import papers
from tests.rooms.checks import report_sample as sample
from tools import fontchars
text = "w" * 4000
content = sample.nasty_content(text)
report = sample.report(content, text=text)
papers.report_pdf(report, lang="de", network=text, notes=sample.notes(report, text))
papers.form_pdf(sample.view(content), lang="de", network=text, moment=sample.MOMENT)
print(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1])
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="peak memory is read on Linux")
def test_worst_texts_keep_within_bounds() -> None:
    """T22: at most 30 s and 500 MB for texts of the greatest length in every field."""
    run = subprocess.run(
        [sys.executable, "-c", WORST],
        cwd=ROOT.parent,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"},
        capture_output=True,
        check=True,
        timeout=30,
    )
    assert int(run.stdout) < 500 * 1024
