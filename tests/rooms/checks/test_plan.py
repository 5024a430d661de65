"""The plan: measures in one click, all states, effect, evidence, filters."""

from datetime import date, timedelta
from io import BytesIO

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from lotse.foundation.core import clock
from lotse.foundation.core.actor import READ
from lotse.foundation.documents.models import Document
from lotse.foundation.measures.models import Measure, ProgressNote
from lotse.rooms.checks.models import Answer, Assessment, Rating
from tests import make

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.7\n1 0 obj<<>>endobj\n"


@pytest.fixture(autouse=True)
def _files(settings, tmp_path) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def assessment(client) -> Assessment:
    make.network()
    found = make.assessment()
    make.open_as(client, found)
    return found


def url(name: str, assessment: Assessment, *more: object) -> str:
    return reverse(f"checks:{name}", args=[assessment.uuid, *more])


def add(client, assessment, **fields: str) -> Measure:
    form = {"_key": "", "title": "Ein Blatt schreiben", "urgency": "2", "point": "planen"} | fields
    assert client.post(url("measure-new", assessment), form).status_code == 302
    return Measure.objects.latest("id")


def change(client, assessment, measure, **fields: str):
    form = {"title": measure.title, "urgency": "2", "status": measure.status,
            "version": str(measure.version)} | fields  # fmt: skip
    return client.post(url("measure", assessment, measure.uuid), form)


class TestMeasure:
    def test_from_a_suggestion_in_one_click(self, client, assessment) -> None:
        Answer.objects.create(assessment=assessment, checkpoint="planen", level="urgent")
        page = client.get(url("result", assessment)).content.decode()
        assert 'name="suggestion" value="m1"' in page
        form = {"_key": "k" * 20, "point": "planen", "suggestion": "m1"}
        for _ in range(2):
            assert client.post(url("suggestion", assessment), form).status_code == 302
        measure = Measure.objects.get()
        assert measure.urgency == Measure.Urgency.HIGH
        assert measure.due_on == clock.today() + timedelta(days=30)
        assert measure.level_before == "urgent"
        assert measure.origin.uuid == assessment.uuid

    @pytest.mark.parametrize("form", [{"point": "x", "suggestion": "m1"}, {"point": "planen"}])
    def test_an_unknown_suggestion_is_not_found(self, client, assessment, form) -> None:
        assert client.post(url("suggestion", assessment), form).status_code == 404

    def test_the_form_of_an_urgent_point_starts_urgent(self, client, assessment) -> None:
        Answer.objects.create(assessment=assessment, checkpoint="planen", level="urgent")
        html = client.get(url("measure-new", assessment) + "?punkt=planen").content.decode()
        assert '<option value="3" selected>' in html
        assert (clock.today() + timedelta(days=30)).isoformat() in html

    def test_all_fields_and_all_states(self, client, assessment) -> None:
        measure = add(client, assessment)
        for status in Measure.Status.values:
            measure.refresh_from_db()
            change(client, assessment, measure, status=status, responsible="Frau Beispiel",
                   due_on="31.12.2026", reason="Damit es hilft", controller="Vorstand",
                   control_on="2027-01-15", delay_reason="Krank")  # fmt: skip
            measure.refresh_from_db()
            assert measure.status == status
        assert measure.due_on == date(2026, 12, 31)
        assert measure.control_on == date(2027, 1, 15)
        assert measure.responsible == "Frau Beispiel"

    @pytest.mark.parametrize(
        "fields",
        [{"title": ""}, {"title": "   "}, {"title": "x" * 201}, {"due_on": "31.02.2026"},
         {"due_on": "0001-01-01"}, {"due_on": "9999-12-31"}, {"due_on": "٣"}, {"urgency": "9"},
         {"urgency": ""}],
    )  # fmt: skip
    def test_bad_input_comes_back_filled_in(self, client, assessment, fields) -> None:
        form = {"title": "Titel bleibt", "responsible": "Herr Bleibt", "urgency": "2"} | fields
        response = client.post(url("measure-new", assessment), form)
        assert response.status_code == 422
        assert "Herr Bleibt" in response.content.decode()
        assert Measure.objects.count() == 0

    def test_done_asks_for_a_new_rating_and_keeps_before_and_after(self, client, assessment):
        Answer.objects.create(assessment=assessment, checkpoint="planen", level="urgent")
        measure = add(client, assessment)
        response = change(client, assessment, measure, status="done")
        assert response.url == url("measure-rate", assessment, measure.uuid)
        assert client.get(response.url).status_code == 200
        assert client.post(response.url, {"level": "erfunden"}).status_code == 422
        assert client.post(response.url, {"level": "none"}).status_code == 302
        measure.refresh_from_db()
        assert (measure.level_before, measure.level_after) == ("urgent", "none")
        assert measure.done_on == clock.today()
        assert Answer.objects.get().level == "none"
        assert Rating.objects.get().measure_uuid == measure.uuid
        assert "Dringend" in client.get(url("measure", assessment, measure.uuid)).content.decode()

    def test_done_twice_by_a_double_click_still_asks_and_done_anew_asks_anew(
        self, client, assessment
    ) -> None:
        measure = add(client, assessment)
        rate = url("measure-rate", assessment, measure.uuid)
        for _ in range(2):
            response = change(client, assessment, measure, status="done", _key="d" * 20)
            assert response.url == rate
        client.post(rate, {"level": "none"})
        for status in ("running", "done"):
            measure.refresh_from_db()
            change(client, assessment, measure, status=status)
        page = client.get(url("plan", assessment)).content.decode()
        assert "Checkpunkt neu bewerten" in page

    def test_two_tabs_lose_nothing(self, client, assessment) -> None:
        measure = add(client, assessment)
        change(client, assessment, measure, reason="Fassung eins", controller="Kassenprüfung")
        response = change(client, assessment, measure, reason="Fassung zwei")
        html = response.content.decode()
        assert response.status_code == 409
        assert "Fassung eins" in html
        assert "Fassung zwei" in html
        assert "Kassenprüfung" in html

    def test_notes(self, client, assessment) -> None:
        measure = add(client, assessment)
        target = url("measure-note", assessment, measure.uuid)
        form = {"_key": "n" * 20, "text": "Angefangen", "author": "Ich"}
        for _ in range(2):
            assert client.post(target, form).status_code == 302
        assert ProgressNote.objects.get().text == "Angefangen"
        assert client.post(target, {"text": ""}).status_code == 422

    def test_deleting_asks_and_takes_notes_and_files_along(self, client, assessment) -> None:
        measure = add(client, assessment)
        client.post(url("measure-note", assessment, measure.uuid), {"text": "x"})
        file = SimpleUploadedFile("a.pdf", PDF)
        client.post(url("measure-evidence", assessment, measure.uuid), {"file": file})
        target = url("measure-delete", assessment, measure.uuid)
        assert "Notizen (1)" in client.get(target).content.decode()
        assert client.post(target).status_code == 302
        assert not Measure.objects.exists()
        assert not Document.objects.exists()

    def test_a_measure_of_another_assessment_is_not_found(self, client, assessment) -> None:
        other = make.assessment(assessment.revision.check_ref)
        measure = add(client, assessment)
        make.open_as(client, other)
        assert client.get(url("measure", other, measure.uuid)).status_code == 404


class TestPlanPage:
    def test_filters_and_order(self, client, assessment) -> None:
        add(client, assessment, title="Bald", due_on="2030-01-01", responsible="Anna")
        add(client, assessment, title="Sehr dringend", urgency="3", point="kontakte")
        late = add(client, assessment, title="Zu spät", due_on="2020-01-01", responsible="Ben")

        def titles(query: str) -> list[str]:
            html = client.get(url("plan", assessment) + query).content.decode()
            found = [t for t in ("Bald", "Sehr dringend", "Zu spät") if f">{t}</a>" in html]
            return sorted(found, key=lambda t: html.index(f">{t}</a>"))

        assert titles("") == ["Zu spät", "Bald", "Sehr dringend"]
        assert titles("?sortierung=urgency")[0] == "Sehr dringend"
        assert titles("?sortierung=who") == ["Bald", "Zu spät", "Sehr dringend"]
        assert titles("?stand=late") == ["Zu spät"]
        assert titles("?punkt=kontakte") == ["Sehr dringend"]
        assert titles("?wer=anna") == ["Bald"]
        assert titles("?suche=bald") == ["Bald"]
        assert titles("?stand=quatsch&sortierung=quatsch") == ["Zu spät", "Bald", "Sehr dringend"]
        change(client, assessment, late, status="done")
        assert titles("?stand=active") == ["Bald", "Sehr dringend"]
        assert titles("?stand=done") == ["Zu spät"]

    def test_the_same_queries_for_one_and_three(self, client, assessment, count_queries) -> None:
        counts = {}
        for n in (1, 2, 3):
            add(client, assessment, title=f"M{n}")
            for page in ("plan", "result"):
                with count_queries() as queries:
                    client.get(url(page, assessment))
                counts.setdefault(page, set()).add(queries.count)
        assert all(len(found) == 1 for found in counts.values())
        assert max(max(found) for found in counts.values()) <= 8

    def test_what_is_open_is_said(self, client, assessment) -> None:
        Answer.objects.create(assessment=assessment, checkpoint="planen", level="urgent")
        html = client.get(url("result", assessment)).content.decode()
        assert "Checkpunkt 3 ist dringend und hat keine Maßnahme." in html
        add(client, assessment, title="Blatt")
        html = client.get(url("result", assessment)).content.decode()
        assert "Checkpunkt 3 ist dringend" not in html
        assert "„Blatt“ hat weder Zuständige noch einen Termin." in html


class TestEvidence:
    def test_comes_back_as_an_attachment(self, client, assessment) -> None:
        measure = add(client, assessment)
        target = url("measure-evidence", assessment, measure.uuid)
        name = "../../böse\u202e <b>.exe"
        assert client.post(target, {"file": SimpleUploadedFile(name, PDF)}).status_code == 302
        document = Document.objects.get()
        assert "/" not in document.title
        assert document.title.endswith(".pdf")
        assert document.uuid.hex in document.stored_name
        response = client.get(url("measure-file", assessment, measure.uuid, document.uuid))
        assert b"".join(response.streaming_content) == PDF
        assert response["Content-Disposition"].startswith("attachment")
        assert response["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in response["Content-Security-Policy"]

    @pytest.mark.parametrize(
        ("name", "content"),
        [("leer.pdf", b""), ("x.html", b"<html><script>1</script></html>"),
         ("x.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>"), ("x.exe", b"MZ\x90\0"),
         ("x.zip", b"PK\x03\x04kaputt"), ("utf16.txt", "Text".encode("utf-16"))],
    )  # fmt: skip
    def test_what_is_not_taken_is_refused_in_words(self, client, assessment, name, content):
        measure = add(client, assessment)
        target = url("measure-evidence", assessment, measure.uuid)
        response = client.post(target, {"file": SimpleUploadedFile(name, content)})
        assert response.status_code == 422
        assert Document.objects.count() == 0

    def test_a_bomb_is_not_unpacked(self, client, assessment) -> None:
        import zipfile

        bomb = BytesIO()
        with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("word/document.xml", b"\0" * (201 * 1024 * 1024))
        measure = add(client, assessment)
        upload = SimpleUploadedFile("x.docx", bomb.getvalue())
        target = url("measure-evidence", assessment, measure.uuid)
        assert client.post(target, {"file": upload}).status_code == 422

    def test_too_large_is_refused(self, client, assessment, settings) -> None:
        settings.UPLOAD_MAX_BYTES = 10
        measure = add(client, assessment)
        target = url("measure-evidence", assessment, measure.uuid)
        response = client.post(target, {"file": SimpleUploadedFile("a.pdf", PDF)})
        assert response.status_code == 422
        assert "zu groß" in response.content.decode()

    def test_all_files_together_have_a_limit(self, client, assessment, settings) -> None:
        settings.UPLOAD_MAX_TOTAL = len(PDF) + 5
        measure = add(client, assessment)
        target = url("measure-evidence", assessment, measure.uuid)
        codes = [client.post(target, {"file": SimpleUploadedFile("a.pdf", PDF)}).status_code
                 for _ in range(2)]  # fmt: skip
        assert codes == [302, 422]

    def test_files_without_a_row_go(self, client, assessment, tmp_path) -> None:
        import os

        from lotse.foundation.documents.services import delete_orphans

        measure = add(client, assessment)
        target = url("measure-evidence", assessment, measure.uuid)
        client.post(target, {"file": SimpleUploadedFile("a.pdf", PDF)})
        kept = tmp_path / Document.objects.get().stored_name
        orphan, fresh = (tmp_path / "documents" / "ab" / (c * 32) for c in "ab")
        orphan.parent.mkdir(parents=True, exist_ok=True)
        for file in (orphan, fresh):
            file.write_bytes(b"x")
        for file in (orphan, kept):
            os.utime(file, (0, 0))
        assert delete_orphans() == 1
        assert (kept.exists(), fresh.exists(), orphan.exists()) == (True, True, False)

    @pytest.mark.parametrize("seed", range(40))
    def test_damaged_office_files_are_refused_not_a_fault(self, seed: int) -> None:
        import random
        import zipfile

        from lotse.foundation.documents import types

        whole = BytesIO()
        with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("mimetype", types.ODT)
            archive.writestr("content.xml", "<x/>" * 50)
        chance = random.Random(seed)
        content = bytearray(whole.getvalue())
        for _ in range(6):
            content[chance.randrange(4, len(content))] = chance.randrange(256)
        assert types.media_type_of(bytes(content)) in ("", types.ODT)

    def test_pictures_lose_their_metadata(self) -> None:
        from lotse.foundation.documents import types

        exif = b"\xff\xe1\x00\x10Exif\0\0GPS-Ort!"
        jpeg = b"\xff\xd8" + b"\xff\xe0\x00\x04ab" + exif + b"\xff\xda\x00\x04xxBILD\xff\xd9"
        assert b"GPS" not in types.without_metadata(jpeg, types.JPEG)
        assert b"BILD" in types.without_metadata(jpeg, types.JPEG)
        hidden = b"\xff" + exif
        behind = jpeg[:2] + hidden + jpeg[2:] + jpeg
        cleaned = types.without_metadata(behind, types.JPEG)
        assert b"GPS" not in cleaned
        assert cleaned.count(b"BILD") == 1
        assert types.without_metadata(cleaned, types.JPEG) == cleaned
        chunk = (8).to_bytes(4, "big") + b"tEXt" + b"Ort\0hier" + b"crc!"
        end = (0).to_bytes(4, "big") + b"IEND" + b"crc!"
        png = b"\x89PNG\r\n\x1a\n" + chunk + end
        assert types.without_metadata(png, types.PNG) == b"\x89PNG\r\n\x1a\n" + end

    def test_deleting_a_file(self, client, assessment, django_capture_on_commit_callbacks) -> None:
        measure = add(client, assessment)
        target = url("measure-evidence", assessment, measure.uuid)
        client.post(target, {"file": SimpleUploadedFile("a.pdf", PDF)})
        document = Document.objects.get()
        with django_capture_on_commit_callbacks(execute=True):
            client.post(target, {"delete": str(document.uuid)})
        assert not Document.objects.exists()
        assert default_storage.exists(document.stored_name)  # in the waste basket for 30 days
        assert client.post(target, {"delete": "kein-uuid"}).status_code == 404

    def test_readers_read_files_and_hand_in_none(self, client, assessment) -> None:
        measure = add(client, assessment)
        target = url("measure-evidence", assessment, measure.uuid)
        client.post(target, {"file": SimpleUploadedFile("a.pdf", PDF)})
        document = Document.objects.get()
        reader = type(client)()
        make.open_as(reader, assessment, READ)
        file = url("measure-file", assessment, measure.uuid, document.uuid)
        answer = reader.get(file)
        assert answer.status_code == 200
        assert make.body(answer) == PDF
        assert reader.post(target, {"file": SimpleUploadedFile("a.pdf", PDF)}).status_code == 403
        assert type(client)().get(file).status_code == 404
