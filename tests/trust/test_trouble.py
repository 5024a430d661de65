"""A full disk, a silent database, a huge body: clear answers, and nothing is lost (T25, T43)."""

import errno
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError, connection

from lotse.foundation.documents.models import Document
from lotse.rooms.checks.models import Answer
from lotse.rooms.checks.services import answers
from tests import make

pytestmark = pytest.mark.django_db


@pytest.mark.django_db(transaction=True)
def test_a_full_database_refuses_writing_and_goes_on_reading(
    transactional_db, site, browser
) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("the limit on pages is SQLite's")
    client = browser("editor")
    url = site.url("checks:checkpoint")
    with connection.cursor() as cursor:
        # Pages that earlier tests left free are taken up first.
        cursor.execute("SELECT freelist_count, page_size FROM pragma_freelist_count, "
                       "pragma_page_size")  # fmt: skip
        free, size = cursor.fetchone()
        cursor.execute("CREATE TABLE filler (b)")
        cursor.execute("INSERT INTO filler VALUES (zeroblob(%s))", [free * size])
        cursor.execute("PRAGMA page_count")
        cursor.execute(f"PRAGMA max_page_count = {cursor.fetchone()[0]}")
    try:
        codes = {
            client.post(url, make.answer_form(note="n" * 4000, version=n)).status_code
            for n in range(1, 40)
        }
        assert codes <= {302, 409, 507}
        assert 507 in codes
        assert client.get(url).status_code == 200
    finally:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA max_page_count = 1073741823")
            cursor.execute("DROP TABLE filler")
            cursor.execute("PRAGMA integrity_check")
            assert cursor.fetchone()[0] == "ok"


def test_a_full_disk_keeps_no_half_file(site, browser, monkeypatch) -> None:
    def full(*arguments: Any, **options: Any) -> str:
        raise OSError(errno.ENOSPC, "No space left on device")

    before = Document.objects.count()
    monkeypatch.setattr(default_storage, "save", full)
    upload = SimpleUploadedFile("a.pdf", b"%PDF-1.7\n")
    response = browser("editor").post(site.url("checks:measure-evidence"), {"file": upload})
    assert response.status_code == 507
    assert "Speicherplatz ist voll" in response.content.decode()
    assert Document.objects.count() == before


def test_a_silent_database_is_said(site, browser, monkeypatch) -> None:
    def silent(*arguments: Any, **options: Any) -> None:
        raise OperationalError("server closed the connection unexpectedly")

    client = browser("editor")
    before = Answer.objects.count()
    monkeypatch.setattr(answers, "save_answer", silent)
    response = client.post(site.url("checks:checkpoint"), make.answer_form())
    assert response.status_code == 503
    assert response["Retry-After"] == "60"
    assert Answer.objects.count() == before


def test_a_huge_body_is_refused_unread(client: Any) -> None:
    class Unreadable:
        def read(self, *arguments: Any) -> bytes:
            raise AssertionError("the body was read")

        readline = read

    response = client.generic(
        "POST", "/barriere-melden/", b"", CONTENT_LENGTH=str(2 * 1024**3), **{
            "wsgi.input": Unreadable(), "CONTENT_TYPE": "multipart/form-data; boundary=x"},
    )  # fmt: skip
    assert response.status_code == 413
    assert "höchstens 10 MB" in response.content.decode()
