"""Installations to back up and restore, filled with what is hard to carry over."""

import json
import os
import shutil
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import connection, connections, transaction

from lotse import environment
from lotse.foundation.core import actionlog, records
from lotse.foundation.core.actor import COMMAND, SYSTEM
from lotse.foundation.core.backup import writing
from lotse.foundation.core.models import FirstAnswer, LogEntry, SearchDoc, SearchText
from lotse.foundation.documents.models import Document
from lotse.foundation.parties.models import Network
from tests import make
from tests.perf.served import drop_database, new_database

POSTGRES = os.environ.get("LOTSE_TEST_POSTGRES_URL") or os.environ.get("LOTSE_TEST_DATABASE_URL")
NASTY = "Tab\tZeile\nCR\rRück\\wärts \\N \\. „ß“ 𝔘 \x0b\x0c\x08 Ende\\"


class Place:
    """One installation: a data folder and a database of its own."""

    def __init__(self, folder: Path, url: str, settings: Any) -> None:
        self.folder, self.url, self.settings = folder, url, settings
        folder.mkdir(mode=0o700, exist_ok=True)
        config = connections["default"].settings_dict | environment.database(url, folder)
        self.config = config | {"TIME_ZONE": None, "ATOMIC_REQUESTS": False, "AUTOCOMMIT": True}

    @contextmanager
    def here(self) -> Iterator["Place"]:
        """Everything inside works on this installation."""
        from django.utils.module_loading import import_string

        before = connections["default"]
        wrapper = import_string(self.config["ENGINE"] + ".base.DatabaseWrapper")
        connections["default"] = wrapper(self.config, "default")
        self.settings.SECRET_KEY = "k" * 60
        self.settings.DATA_DIR = self.folder
        self.settings.MEDIA_ROOT = self.folder / "files"
        try:
            yield self
        finally:
            connections["default"].close()
            connections["default"] = before

    @property
    def vendor(self) -> str:
        return "postgresql" if self.url else "sqlite"


@pytest.fixture
def place(
    tmp_path: Path, settings: Any, django_db_setup: None, django_db_blocker: Any
) -> Iterator[Callable[[str], Place]]:
    """`place("sqlite")`, `place("postgresql")`: new empty installations, gone after the test."""
    made: list[str] = []

    def new(vendor: str) -> Place:
        url = ""
        if vendor == "postgresql":
            if not POSTGRES:
                pytest.skip("LOTSE_TEST_POSTGRES_URL is not set")
            url = new_database(POSTGRES)
            made.append(url)
        return Place(tmp_path / f"place{uuid4().hex[:6]}", url, settings)

    with django_db_blocker.unblock():
        yield new
        for url in made:
            drop_database(url)


_KEPT: dict[str, Path] = {}


@pytest.fixture(scope="session", autouse=True)
def _kept(tmp_path_factory: Any) -> Iterator[None]:
    """The filled SQLite installation is made once and copied: migrating takes its time."""
    _KEPT["folder"] = tmp_path_factory.mktemp("kept")
    yield
    _KEPT.clear()


def fill(place: Place) -> None:
    """A network with a check, log, records, files, and everything that is hard to carry over."""
    kept = _KEPT["folder"] / "place"
    if place.url:
        _fill(place)
        return
    if not kept.exists():
        _fill(place)
        connection.close()
        shutil.copytree(place.folder, kept)
    connection.close()
    shutil.copytree(kept, place.folder, dirs_exist_ok=True)


def _fill(place: Place) -> None:
    call_command("migrate", verbosity=0)
    network = make.network(name="Netzwerk ß Ä İ", carrier=NASTY[:60].replace("\x08", ""))
    make.check()
    with transaction.atomic():
        records.append(network.uuid, action="x.y", obj=network, actor=SYSTEM, payload={"ä": "ß\n"})
        actionlog.record("a.b", network, actor=COMMAND, before={"text": NASTY}, after={"n": 1.5})
    FirstAnswer.objects.create(digest=bytes(range(32)), result={"a": [1, None, True, NASTY]})
    doc = SearchDoc.objects.create(kind="topic", ref=network.uuid, lang="de", title=NASTY, url="/")
    SearchText.objects.create(doc=doc, summary=NASTY, title_terms="auental",
                              title_words="auental", body_terms="gemeinsam")  # fmt: skip
    gone = LogEntry.objects.create(actor="x", code="x", object_type="x", object_uuid=uuid4())
    gone.delete()  # its key is never given out again
    document(network, b"%PDF-1.7 Nachweis")
    (place.folder / "secret_key").write_text("k" * 60)


def document(network: Network, content: bytes) -> Document:
    found = Document.objects.create(
        owner_type="x", owner_uuid=network.uuid, subject_uuid=network.uuid, title="a.pdf",
        media_type="application/pdf", size=len(content), sha256="0" * 64,
    )  # fmt: skip
    default_storage.save(found.stored_name, ContentFile(content))
    return found


def files(place: Place) -> dict[str, bytes]:
    folder = place.folder / "files"
    found = [path for path in folder.rglob("*") if path.is_file()]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


@pytest.fixture
def small(place: Any, tmp_path: Path) -> Iterator[Path]:
    """A whole backup, and the installation to restore it into is the place of the test."""
    file, kept = tmp_path / "small.zip", _KEPT["folder"] / "small.zip"
    if not kept.exists():
        with place("sqlite").here() as old:
            fill(old)
            writing.write(kept)
    shutil.copyfile(kept, file)
    with place("sqlite").here():
        yield file


def rewritten(file: Path, change: Callable[[dict[str, bytes]], None]) -> Path:
    """The same archive with other members; the list stays as `change` leaves it."""
    with zipfile.ZipFile(file) as archive:
        members = {info.filename: archive.read(info) for info in archive.infolist()}
    change(members)
    other = file.with_name("changed.zip")
    with zipfile.ZipFile(other, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return other


def with_list(**changes: Any) -> Callable[[dict[str, bytes]], None]:
    def change(members: dict[str, bytes]) -> None:
        content = json.loads(members["manifest.json"]) | changes
        members["manifest.json"] = json.dumps(content).encode()

    return change
