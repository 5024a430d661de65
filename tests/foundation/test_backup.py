"""Backup and restore: whole, checked, on both databases and from one to the other (T50, T52)."""

import json
import os
import shutil
import sqlite3
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.apps import apps
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection, connections, transaction

from lotse import environment
from lotse.foundation.core import actionlog, clock, hooks, records
from lotse.foundation.core.actor import COMMAND, SYSTEM
from lotse.foundation.core.backup import manifest as listing
from lotse.foundation.core.backup import restoring, rows, writing
from lotse.foundation.core.backup.rows import Table
from lotse.foundation.core.errors import Refused
from lotse.foundation.core.models import FirstAnswer, LogEntry, OutboxMail, SearchDoc
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


@pytest.fixture(scope="module", autouse=True)
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
    SearchDoc.objects.create(kind="x", ref=network.uuid, lang="de", title=NASTY, summary=NASTY,
                             url="/", title_terms="auental", body_terms="gemeinsam")  # fmt: skip
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


def everything() -> dict[str, list[Any]]:
    """Every row of every table as the program sees it."""
    found = {}
    for model in apps.get_models(include_auto_created=True):
        fields = [field.attname for field in model._meta.local_fields]
        values = model._default_manager.order_by("pk").values_list(*fields)
        found[model._meta.label] = [
            tuple(bytes(v) if isinstance(v, memoryview) else v for v in row) for row in values
        ]
    return found


def files(place: Place) -> dict[str, bytes]:
    folder = place.folder / "files"
    found = [path for path in folder.rglob("*") if path.is_file()]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


def sums(file: Path) -> dict[str, str]:
    with zipfile.ZipFile(file) as archive:
        return {part.name: part.sha256 for part in listing.read(archive).parts}


@pytest.mark.parametrize("target", ["sqlite", "postgresql"])
@pytest.mark.parametrize("source", ["sqlite", "postgresql"])
def test_a_backup_comes_back_row_by_row_and_file_by_file(
    place: Any, tmp_path: Path, source: str, target: str
) -> None:
    file = tmp_path / "lotse.zip"
    with place(source).here() as old:
        fill(old)
        before, held = everything(), files(old)
        last = LogEntry.objects.create(actor="x", code="x", object_type="x", object_uuid=uuid4())
        key = last.pk
        last.delete()
        done = writing.write(file)
        assert done["rows"] == sum(map(len, before.values()))
        assert done["lost_files"] == []
    assert file.stat().st_mode & 0o777 == 0o600
    assert not list(tmp_path.glob("*.part"))
    assert not list(old.folder.glob("backup-*"))
    assert json.loads((old.folder / "backup.json").read_text())["file"] == str(file)
    with place(target).here() as new:
        found = restoring.restore(file, force=False)
        assert found["chain_faults"] == []
        assert found["files"] == 1
        assert not found["other_key"]
        assert everything() == before
        assert files(new) == held
        assert (new.folder / "secret_key").read_text() == "k" * 60
        assert (new.folder / "secret_key").stat().st_mode & 0o777 == 0o600
        assert {p.name for p in new.folder.iterdir()} <= {
            "files", "secret_key", "lotse.sqlite3", "lotse.sqlite3-wal", "lotse.sqlite3-shm",
            "locks",
        }  # fmt: skip
        # It works on: search, keys that were given out before, the guard of the records.
        assert search("auental") == [str(Network.objects.get().uuid)]
        fresh = LogEntry.objects.create(actor="x", code="x", object_type="x", object_uuid=uuid4())
        assert fresh.pk > key, "the key of a deleted row is not given out again"
        fresh.delete()
        again = tmp_path / "again.zip"
        writing.write(again)
        if source == target:
            assert sums(again) == sums(file)


def search(word: str) -> list[str]:
    from lotse.foundation.core import db

    keys = db.find_docs([word], every=True, lang="de", network=None, limit=5)
    return [str(ref) for ref in SearchDoc.objects.filter(pk__in=keys).values_list("ref", flat=True)]


def test_every_field_of_every_model_has_a_form() -> None:
    tables = rows.tables_of(apps)
    assert {table.name for table in tables} >= {"core_logentry", "accounts_account"}
    assert all(table.columns for table in tables)


def test_a_filled_target_needs_force(place: Any, tmp_path: Path) -> None:
    file = tmp_path / "lotse.zip"
    with place("sqlite").here() as old:
        fill(old)
        writing.write(file)
    with place("sqlite").here() as new:
        fill(new)
        Network.objects.update(claim={"de": "anders"})
        (new.folder / "files" / "fremd").write_bytes(b"x")
        with pytest.raises(Refused, match="nicht leer"):
            restoring.restore(file, force=False)
        assert Network.objects.get().claim == {"de": "anders"}
        connection.close()
        restoring.restore(file, force=True)
        assert Network.objects.get().claim != {"de": "anders"}
        assert "fremd" not in files(new)


def test_a_target_in_use_is_left_alone(place: Any, tmp_path: Path) -> None:
    file = tmp_path / "lotse.zip"
    with place("sqlite").here() as old:
        fill(old)
        writing.write(file)
        other = sqlite3.connect(old.folder / "lotse.sqlite3")
        try:
            other.execute("SELECT 1 FROM core_logentry").fetchall()
            with pytest.raises(Refused, match="läuft noch"):
                restoring.restore(file, force=True)
        finally:
            other.close()
        assert Network.objects.count() == 1


def test_a_living_worker_hinders_a_restore(place: Any, tmp_path: Path) -> None:
    from lotse.foundation.core.workers import LifeLock

    file = tmp_path / "lotse.zip"
    with place("sqlite").here() as old:
        fill(old)
        writing.write(file)
        lock = LifeLock("w-test")
        lock.take()
        try:
            with pytest.raises(Refused, match="läuft noch"):
                restoring.restore(file, force=True)
        finally:
            lock.release()


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


@pytest.mark.parametrize("where", [0.1, 0.5, 0.9])
def test_a_damaged_backup_changes_nothing(small: Path, where: float) -> None:
    content = bytearray(small.read_bytes())
    content[int(len(content) * where)] ^= 0xFF
    small.write_bytes(content)
    with pytest.raises(Refused, match=r"beschädigt|Verzeichnis|Größe|keine Sicherung|Name|Inhalt"):
        restoring.restore(small, force=True)
    assert connection.introspection.table_names() == []


def test_half_a_backup_is_refused(small: Path) -> None:
    small.write_bytes(small.read_bytes()[: small.stat().st_size // 2])
    with pytest.raises(Refused, match="beschädigt oder unvollständig"):
        restoring.restore(small, force=False)


def test_something_else_is_refused(small: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.zip"
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("a.txt", "x")
    with pytest.raises(Refused, match="keine Sicherung"):
        restoring.restore(other, force=False)
    with pytest.raises(Refused, match="gibt es nicht"):
        restoring.restore(tmp_path / "nothing.zip", force=False)


def test_a_row_that_was_changed_is_found(small: Path) -> None:
    def change(members: dict[str, bytes]) -> None:
        name = "tables/parties_network.copy"
        members[name] = members[name].replace("Ä".encode(), "Ö".encode())

    with pytest.raises(Refused, match=r"beschädigt: tables/parties_network\.copy"):
        restoring.restore(rewritten(small, change), force=False)


@pytest.mark.parametrize(
    "changes",
    [{"version": "99.0.0"}, {"version": "x"}, {"migrations": [["core", "0999_from_the_future"]]}],
)
def test_a_newer_backup_is_refused_in_plain_words(small: Path, changes: Any) -> None:
    with pytest.raises(Refused, match="installieren Sie zuerst die neuere Version"):
        restoring.restore(rewritten(small, with_list(**changes)), force=False)


@pytest.mark.parametrize(
    "name",
    [
        "files/../../escape", "../escape", "/etc/escape", "files//etc/escape", "files/./x",
        "files/a\\..\\escape", "files/C:escape", "files/\u202egnp.exe", "tables/evil.copy",
        "keys/authorized_keys", "files/" + "x" * 300, "files/..", "whatever",
    ],
)  # fmt: skip
def test_hostile_names_never_leave_the_folder(small: Path, tmp_path: Path, name: str) -> None:
    """T23."""
    import hashlib

    def change(members: dict[str, bytes]) -> None:
        members[name] = b"x"
        content = json.loads(members["manifest.json"])
        content["parts"].append(
            {"name": name, "size": 1, "sha256": hashlib.sha256(b"x").hexdigest()}
        )
        members["manifest.json"] = json.dumps(content).encode()

    before = set(tmp_path.rglob("*"))
    bad = rewritten(small, change)
    with pytest.raises(Refused):
        restoring.restore(bad, force=True)
    assert not list(tmp_path.rglob("*escape*"))
    assert {p.name for p in set(tmp_path.rglob("*")) - before} <= {"changed.zip", "lotse.sqlite3"}


def test_a_member_that_nobody_listed_is_refused(small: Path) -> None:
    with pytest.raises(Refused, match="passen nicht zusammen"):
        restoring.restore(rewritten(small, lambda m: m.update({"files/more": b"x"})), force=False)
    with pytest.raises(Refused, match="passen nicht zusammen"):
        restoring.restore(rewritten(small, lambda m: m.pop("keys/secret_key")), force=False)


def test_a_list_that_is_none_is_refused(small: Path) -> None:
    for text in (b"[]", b"{", b'{"format": "lotse-backup/1"}', b"null", b"[" * 5000):
        with pytest.raises(Refused, match=r"Verzeichnis|Form"):
            restoring.restore(
                rewritten(small, lambda m, text=text: m.update({"manifest.json": text})),
                force=False,
            )
    with pytest.raises(Refused, match="lotse-backup/9"):
        restoring.restore(rewritten(small, with_list(format="lotse-backup/9")), force=False)


def test_rows_that_name_a_missing_row_change_nothing(small: Path) -> None:
    """Sums are right, the content is not: the old database stays."""
    import hashlib

    def change(members: dict[str, bytes]) -> None:
        content = json.loads(members["manifest.json"])
        name = "tables/checks_checkrevision.copy"
        members[name] = b"".join(
            line.replace(b"\t1\t", b"\t999999\t", 1) for line in members[name].splitlines(True)
        )
        for part in content["parts"]:
            part["size"] = len(members[part["name"]])
            part["sha256"] = hashlib.sha256(members[part["name"]]).hexdigest()
        members["tables/checks_check.copy"] = b""
        for part in content["parts"]:
            if part["name"] == "tables/checks_check.copy":
                part |= {"size": 0, "sha256": hashlib.sha256(b"").hexdigest()}
        for table in content["tables"]:
            if table["name"] == "checks_check":
                table["rows"] = 0
        members["manifest.json"] = json.dumps(content).encode()

    with pytest.raises(Refused, match="passen nicht zusammen"):
        restoring.restore(rewritten(small, change), force=False)
    assert connection.introspection.table_names() == []


def test_too_little_space_is_said_first(small: Path, monkeypatch: Any) -> None:
    usage = shutil.disk_usage("/")._replace(free=1000)
    monkeypatch.setattr(restoring.shutil, "disk_usage", lambda _path: usage)
    with pytest.raises(Refused, match="Platz reicht nicht"):
        restoring.restore(small, force=False)


def test_what_must_happen_after_a_restore_happens(small: Path, monkeypatch: Any) -> None:
    hook: hooks.Hook[Callable[[], int]] = hooks.Hook("test")
    hook.register(lambda: Network.objects.count() + 1)
    monkeypatch.setattr(hooks, "after_restore", hook)
    assert restoring.restore(small, force=False)["replayed"] == 2


@pytest.mark.parametrize(("hours", "state"), [(0, "queued"), (5, "unclear")])
def test_old_mail_is_not_sent_a_second_time(
    place: Any, tmp_path: Path, hours: int, state: str
) -> None:
    file = tmp_path / "a.zip"
    with place("sqlite").here() as old:
        fill(old)
        OutboxMail.objects.create(code="x", mail_class="duty", address="a@x.example", text="x")
        OutboxMail.objects.create(code="accounts.code.login", address="a@x.example", text="1")
        writing.write(file)
    at = (clock.now() - timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%SZ")
    with place("sqlite").here():
        found = restoring.restore(rewritten(file, with_list(at=at)), force=False)
        assert found["held_mails"] == (2 if hours else 0)
        assert set(OutboxMail.objects.values_list("state", flat=True)) == {state}
        code = OutboxMail.objects.get(code="accounts.code.login")
        assert code.text == ("" if hours else "1"), "a code of an old backup is of no use"
        assert OutboxMail.objects.get(code="x").text == "x"


def test_a_given_key_is_kept_and_the_difference_is_said(small: Path, monkeypatch: Any) -> None:
    from django.conf import settings

    monkeypatch.setenv("LOTSE_SECRET_KEY", "given")
    found = restoring.restore(small, force=False)
    assert found["other_key"]
    assert not (settings.DATA_DIR / "secret_key").exists()


def test_an_older_backup_is_brought_up_to_date(place: Any, tmp_path: Path) -> None:
    """Made before the guard of the records existed; restored by the program of today."""
    file = tmp_path / "older.zip"
    with place("sqlite").here():
        call_command("migrate", "core", "0002", verbosity=0)
        call_command("migrate", "parties", "0001", verbosity=0)
        writing.write(file)
    with place("sqlite").here():
        restoring.restore(file, force=False)
        with connection.cursor() as cursor:
            cursor.execute("SELECT COUNT(*) FROM sqlite_master WHERE type = 'trigger' "
                           "AND name LIKE 'core_chainrecord%'")  # fmt: skip
            assert cursor.fetchone()[0] == 2
        assert make.network().pk


def test_a_file_that_vanishes_is_looked_for_and_a_lost_one_is_listed(
    place: Any, tmp_path: Path
) -> None:
    with place("sqlite").here() as old:
        fill(old)
        lost = document(Network.objects.get(), b"weg")
        (old.folder / "files" / lost.stored_name).unlink()
        found = writing.write(tmp_path / "a.zip")
        assert found["lost_files"] == [lost.stored_name]
        assert found["files"] == 1


def test_where_links_cannot_be_made_the_files_are_read(
    place: Any, tmp_path: Path, monkeypatch: Any
) -> None:
    def no_links(*_: Any) -> None:
        raise PermissionError("no links here")

    with place("sqlite").here() as old:
        fill(old)
        monkeypatch.setattr(writing.os, "link", no_links)
        assert writing.write(tmp_path / "a.zip")["files"] == 1


def test_nothing_is_overwritten_and_nothing_half_is_left(
    place: Any, tmp_path: Path, monkeypatch: Any
) -> None:
    with place("sqlite").here() as old:
        with pytest.raises(Refused, match="lotse migrate"):
            writing.write(tmp_path / "empty.zip")
        fill(old)
        target = tmp_path / "a.zip"
        target.write_text("x")
        with pytest.raises(Refused, match="gibt es schon"):
            writing.write(target)
        assert target.read_text() == "x"
        with pytest.raises(Refused, match="Ordner"):
            writing.write(tmp_path / "none" / "a.zip")

        def full(*_: Any) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(writing, "_write_part", full)
        with pytest.raises(CommandError, match="No space left"):
            call_command("backup", tmp_path / "full.zip")
        assert not list(tmp_path.glob("full*"))


def test_a_folder_gets_dated_backups_and_loses_old_ones(
    place: Any, tmp_path: Path, capsys: Any
) -> None:
    target = tmp_path / "backups"
    target.mkdir()
    kept = {"lotse-20990101-000000.zip", "fremd.zip", "lotse-alt.zip"}
    for name in kept | {"lotse-20200101-000000.zip"}:
        (target / name).touch()
    with place("sqlite").here() as old:
        fill(old)
        call_command("backup", str(target), "--keep-days", "30", "--json")
        found = json.loads(capsys.readouterr().out)
        assert found["removed"] == ["lotse-20200101-000000.zip"]
        assert {p.name for p in target.iterdir()} == kept | {Path(found["file"]).name}
        with pytest.raises(CommandError, match="Ordner"):
            call_command("backup", str(tmp_path / "x.zip"), "--keep-days", "3")


def test_the_commands_say_what_they_did(place: Any, tmp_path: Path, capsys: Any) -> None:
    file = tmp_path / "a.zip"
    with place("sqlite").here() as old:
        fill(old)
        call_command("backup", str(file))
        assert "Tabellen mit" in capsys.readouterr().out
        with pytest.raises(CommandError, match="nicht leer"):
            call_command("restore", str(file))
    with place("sqlite").here():
        with pytest.raises(SystemExit) as stop:
            call_command("restore", str(file))
        assert stop.value.code == 0
        said = capsys.readouterr()
        assert "Die Zahl der Zeilen stimmt." in said.out
        assert "Prüfsummen" in said.err


@pytest.mark.parametrize("value", ["", NASTY, "\\", "\\\\N", "\\t", "a\\", "é\u2028", "\\x41"])
def test_text_survives_its_line(value: str) -> None:
    table = Table("t", (("a", "text"), ("b", "int"), ("c", "bytes")), "b")
    (line,) = rows.encode(table, [(value, 7, b"\x00\\\n\xff")])
    assert line.count(b"\n") == 1
    assert list(rows.decode(table, [line])) == [(value, 7, b"\x00\\\n\xff")]


def test_nothing_is_told_from_an_empty_text() -> None:
    table = Table("t", (("a", "text"), ("b", "text")), "a")
    (line,) = rows.encode(table, [(None, "\\N")])
    assert list(rows.decode(table, [line])) == [(None, "\\N")]


def test_an_unknown_kind_of_field_is_a_fault() -> None:
    from django.db import models

    with pytest.raises(TypeError, match="DurationField"):
        rows.kind_of(models.DurationField())


def test_uuids_and_names_are_safe() -> None:
    assert listing.is_safe(f"files/documents/ab/{UUID(int=1).hex}")
    assert not listing.is_safe("")
