"""The register of processing: every table, field and period in words."""

from io import BytesIO

from django.apps import apps
from django.urls import reverse
from docx import Document
from openpyxl import load_workbook

from lotse.foundation.core import hooks
from lotse.foundation.parties.privacy import checklists, coverage, fields, register, rows
from tests import make


class TestRegister:
    def test_every_table_is_placed_exactly_once(self) -> None:
        assert coverage.misplaced() == {}

    def test_a_missing_table_would_be_found(self, monkeypatch) -> None:
        monkeypatch.delitem(coverage.NOT_PERSONAL, "topics.topic")
        monkeypatch.setitem(coverage.NOT_PERSONAL, "parties.person", "x")
        monkeypatch.setitem(coverage.NOT_PERSONAL, "gone.model", "x")
        assert coverage.misplaced() == {"topics.topic": 0, "parties.person": 2, "gone.model": 1}

    def test_it_names_every_activity_with_its_data(self, cast, count_queries) -> None:
        client = cast.client("auditor")
        with count_queries() as queries:
            html = client.get(reverse("privacy:register")).content.decode()
        assert queries.count <= 8
        for part in hooks.personal_data:
            assert str(part.title) in html
            assert all((str(part.purpose), str(part.legal_basis), str(part.retention)))
        for word in ("Telefon", "Stiftung Beispiel", "Art. 30 DSGVO", "Fassung des Wortlauts"):
            assert word in html

    def test_every_field_has_a_name_in_words(self) -> None:
        assert "Checkpunkt" in register.fields_of(("checks.answer",))
        raw = {
            field.name
            for part in hooks.personal_data
            for table in part.models
            for field in apps.get_model(table)._meta.concrete_fields
            if field.name not in fields.TECHNICAL | rows.SECRETS | set(fields.NAMES)
            and str(field.verbose_name) == field.name.replace("_", " ")
        }
        assert raw == set()

    def test_it_can_be_taken_along(self, cast) -> None:
        response = cast.client("office").get(reverse("privacy:register-xlsx"))
        book = load_workbook(BytesIO(make.body(response)))
        assert len(book.sheetnames) == 4
        titles = [row[0].value for row in book[book.sheetnames[0]].iter_rows(min_row=2)]
        assert "Maßnahmen" in titles

    def test_it_is_a_word_file_too(self, cast) -> None:
        response = cast.client("office").get(reverse("privacy:register-docx"))
        assert response["Content-Disposition"].endswith('.docx"')
        paper = Document(BytesIO(make.body(response)))
        headings = [p.text for p in paper.paragraphs if p.style.name.startswith("Heading")]
        assert headings[0] == "Verzeichnis der Verarbeitungen"
        assert {"Allgemein", "Maßnahmen", "Fristen"} <= set(headings)
        cells = {cell.text for table in paper.tables for row in table.rows for cell in row.cells}
        assert {cast.network.carrier, "365 Tage", "Art. 17 Abs. 1 DSGVO"} <= cells
        english = cast.client("office").get(
            reverse("privacy:register-docx"), headers={"accept-language": "en"}
        )
        assert Document(BytesIO(make.body(english))).core_properties.language == "en-GB"

    def test_the_checklists_name_their_source(self) -> None:
        for kind in ("imprint", "privacy", "accessibility"):
            assert len(checklists.checklist(kind)) >= 6
            assert all(source for _what, source in checklists.checklist(kind))
        assert checklists.checklist("x") == []
        assert "keine Rechtsberatung" in str(checklists.NOTICE)
