"""Word file, spreadsheet, calendar and all data: whole, harmless, readable by other programs."""

import io
import json
import uuid
import zipfile
from datetime import date, datetime
from itertools import pairwise
from typing import Any

import docx
import icalendar
import openpyxl
import pytest
from docx.oxml.ns import qn

from lotse.foundation.core import spreadsheet
from lotse.foundation.documents.models import Document
from lotse.foundation.measures.models import Measure
from lotse.rooms.checks.exports.dates import dates_ics
from lotse.rooms.checks.exports.everything import everything
from lotse.rooms.checks.exports.table import plan_xlsx
from lotse.rooms.checks.exports.worddoc import report_docx
from lotse.rooms.checks.models import Rating
from tests.make import check_content
from tests.rooms.checks import report_sample as sample

FORMULAS = ["=1+1", "+49 30", "-5", "@SUM(A1)", "\t=1", "007", '=HYPERLINK("http://x")', "Größe"]


def word_file(lang: str = "de", text: str = "", content: Any = None) -> Any:
    report = sample.report(content, lang=lang, text=text)
    notes = sample.notes(report, text or "Notiz")
    made = report_docx(report, lang=lang, network=sample.NETWORK, notes=notes)
    return docx.Document(io.BytesIO(made))


def book(text: str = "", lang: str = "de") -> Any:
    made = plan_xlsx(sample.report(lang=lang, text=text), lang=lang)
    return openpyxl.load_workbook(io.BytesIO(made))


def cells(workbook: Any) -> list[Any]:
    return [cell for sheet in workbook for row in sheet.iter_rows() for cell in row]


@pytest.mark.parametrize("lang", ["de", "en"])
def test_docx_has_headings_language_and_table_heads(lang: str) -> None:
    document = word_file(lang)
    region = {"de": "de-DE", "en": "en-GB"}[lang]
    title = {"de": "Ihr Ergebnis: ", "en": "Your result: "}[lang]
    properties = document.core_properties
    assert properties.author == "Lotse"
    assert properties.title.startswith(title)
    assert properties.language == region
    styles = document.styles.element
    for place in (styles.find(qn("w:docDefaults")), document.styles["Normal"].element):
        assert place.find(f".//{qn('w:lang')}").get(qn("w:val")) == region
    names = [p.style.name for p in document.paragraphs if p.style.name.startswith("Heading")]
    levels = [int(name[-1]) for name in names]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert len(document.tables) == 4
    for table in document.tables:
        assert table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None


def test_docx_says_what_the_pdf_says() -> None:
    document = word_file()
    text = "\n".join(p.text for p in document.element.body.iter(qn("w:p")))
    for said in ("Zusammenarbeit mit Betrieben", "Verein Beispiel e. V. · Team Jugend",
                 "Dringender Handlungsbedarf", "Sommerfest", "Noch offen", "Maßnahmenplan",
                 "Frau Sommer", "Grund der Verspätung", "2 Checkpunkte besser, 1 schlechter",
                 "Aus früheren Runden noch offen", "EUPL-1.2", "eur-lex.europa.eu"):  # fmt: skip
        assert said in text
    foot = document.sections[0].footer._element
    fields = [field.get(qn("w:instr")) for field in foot.iter(qn("w:fldSimple"))]
    assert fields == ["PAGE", "NUMPAGES"]
    assert "Stand: 12.03.2026" in document.sections[0].footer.paragraphs[0].text


@pytest.mark.parametrize("text", [*sample.NASTY.values(), sample.LONG_WORD, "a\ufffeb"])
def test_docx_takes_every_text(text: str) -> None:
    content = sample.nasty_content(text[:4000])
    body = word_file(text=text, content=content).element.body
    shown = "".join(body.itertext())
    visible = "".join(c for c in text if c.isalnum() and c.isascii())
    assert visible in "".join(c for c in shown if c.isalnum() and c.isascii())


def test_docx_marks_foreign_text() -> None:
    content = check_content(1)
    del content["checkpoints"][0]["title"]["en"]
    languages = {
        element.get(qn("w:val"))
        for element in word_file("en", content=content).element.body.iter(qn("w:lang"))
    }
    assert languages == {"de"}


@pytest.mark.parametrize("text", FORMULAS)
def test_xlsx_has_no_formula_and_loses_nothing(text: str) -> None:
    workbook = book(text)
    found = cells(workbook)
    assert all(cell.data_type != "f" for cell in found)
    typed = [cell for cell in found if cell.value == text]
    # Plan: title, reason, responsible, delay, controller; checkpoints: note, own examples.
    assert len(typed) > 20
    assert all(cell.data_type == "s" for cell in typed)
    assert all(cell.quotePrefix == text.startswith(("=", "+", "-", "@", "\t")) for cell in typed)


def test_xlsx_keeps_dates_as_dates_and_long_texts() -> None:
    workbook = book("x" * 5000)
    assert workbook.sheetnames == ["Plan", "Checkpunkte", "Über den Check"]
    plan = workbook["Plan"]
    due = [row[4].value for row in plan.iter_rows(min_row=2)]
    assert all(isinstance(value, datetime) for value in due)
    assert plan["E2"].number_format == "DD.MM.YYYY"
    assert plan["A2"].value == "x" * 5000
    assert plan.freeze_panes == "A2"
    assert book(lang="en")["Plan"]["E2"].number_format == "DD/MM/YYYY"


def test_xlsx_says_where_the_check_comes_from() -> None:
    rows = [[cell.value for cell in row] for row in book()["Über den Check"].iter_rows()]
    about = {row[0]: row[1] for row in rows}
    assert "Revision 1" in about["Check"]
    assert about["Lizenz"] == "EUPL-1.2"
    assert about["Datum"].date() == date(2026, 3, 12)
    assert about["Runde"] == 2


@pytest.mark.parametrize("text", [*sample.NASTY.values(), "a\ud800b\ufffe"])
def test_xlsx_takes_every_text(text: str) -> None:
    assert book(text)["Plan"].max_row > 2


def test_workbook_titles_of_sheets_are_made_valid() -> None:
    sheet = spreadsheet.Sheet("a/b: [c]" * 9, ["x"], [[1], [2.5], [None]])
    made = spreadsheet.workbook([sheet], title="t", language="xx")
    assert zipfile.ZipFile(io.BytesIO(made)).testzip() is None
    assert len(openpyxl.load_workbook(io.BytesIO(made)).sheetnames[0]) == 31


def calendar(report: Any) -> Any:
    made = dates_ics(
        report, lang="de", host="lotse.example", url_of=lambda m: f"https://lotse.example/{m.uuid}"
    )
    assert b"\r\n" in made
    return icalendar.Calendar.from_ical(made)


def test_ics_has_all_day_events_of_active_measures() -> None:
    report = sample.report()
    events = calendar(report).walk("VEVENT")
    active = [measure for measure in report.measures if measure.is_active]
    assert 0 < len(active) < len(report.measures)
    assert len(events) == 2 * len(active)
    for event in events:
        start, end = event["DTSTART"].dt, event["DTEND"].dt
        assert type(start) is date
        assert (end - start).days == 1
        assert event["URL"].startswith("https://lotse.example/")
    assert {e["DTSTART"].dt for e in events} == {
        day for measure in active for day in (measure.due_on, measure.control_on)
    }
    assert any("Verein Beispiel" in str(value) for value in calendar(report).values())


def test_ics_keeps_its_uids_and_counts_changes() -> None:
    report = sample.report()
    first = {str(event["UID"]): event for event in calendar(report).walk("VEVENT")}
    assert len(first) == len(calendar(report).walk("VEVENT"))
    changed = next(measure for measure in report.measures if measure.is_active)
    changed.due_on, changed.version = date(2027, 1, 4), 5
    second = {str(event["UID"]): event for event in calendar(report).walk("VEVENT")}
    assert set(first) == set(second)
    moved = second[f"{changed.uuid}@lotse.example"]
    assert moved["DTSTART"].dt == date(2027, 1, 4)
    assert moved["SEQUENCE"] == 4


@pytest.mark.parametrize("text", [*sample.NASTY.values(), "a\r\nATTENDEE:mailto:x@y.example"])
def test_ics_takes_every_text_and_no_new_line_of_its_own(text: str) -> None:
    events = calendar(sample.report(text=text)).walk("VEVENT")
    assert events
    assert all("ATTENDEE" not in event for event in events)


def test_everything_is_json_and_complete() -> None:
    report = sample.report()
    rated = uuid.uuid4()
    ratings = [Rating(checkpoint="nutzen", level="none", at=sample.MOMENT, measure_uuid=rated)]
    document = Document(title="Blatt.pdf", size=12, sha256="cd" * 32, media_type="application/pdf")
    data = everything(report, notes=sample.notes(report), ratings=ratings, documents=[document])
    data = json.loads(json.dumps(data, ensure_ascii=False))
    assert data["format"] == "lotse-assessment/1"
    assert data["check"] == {"id": "test.lang", "revision": 1, "sha256": "ab" * 32}
    assert data["assessment"]["round"] == 2
    assert data["assessment"]["previous"] == str(report.previous.uuid)
    assert data["assessment"]["started_at"] == "2026-03-02T09:30:00+00:00"
    assert [answer["checkpoint"] for answer in data["answers"]] == [
        row.point.id for row in report.points
    ]
    assert data["answers"][1] | {"note": ""} == {
        "checkpoint": "moeglichkeiten-1",
        "level": "need",
        "note": "",
        "marks": report.points[1].marks,
        "own_examples": ["Unser Sommerfest mit der Schreinerei"],
        "version": 1,
    }
    assert data["ratings"][0]["measure_uuid"] == str(rated)
    assert data["files"] == [{"title": "Blatt.pdf", "size": 12, "sha256": "cd" * 32}]
    stored = Measure._meta.concrete_fields
    fields = {field.name for field in stored if not field.is_relation} - {"id"}
    assert fields | {"who", "controlled_by"} < set(data["measures"][0])  # people by name, not key
    assert data["measures"][0]["due_on"] == report.measures[0].due_on.isoformat()
    assert len(data["measures"][0]["notes"]) == 4


@pytest.mark.parametrize("text", sample.NASTY.values(), ids=sample.NASTY)
def test_everything_keeps_texts_as_typed(text: str) -> None:
    data = json.loads(json.dumps(everything(sample.report(text=text), notes={}, ratings=[])))
    assert data["measures"][0]["title"] == text
    assert data["answers"][0]["note"] == text


def test_notes_are_found_by_uuid_and_by_key() -> None:
    report = sample.report()
    by_uuid = sample.notes(report)
    by_key = {measure.pk: by_uuid[measure.uuid] for measure in report.measures}
    one, other = (
        everything(report, notes=notes, ratings=[])["measures"] for notes in (by_uuid, by_key)
    )
    assert one == other
    assert one[0]["notes"]
