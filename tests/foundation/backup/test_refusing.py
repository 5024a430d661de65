"""A restore that is refused changes nothing: a target in use, a damaged, newer or hostile file."""

import json
import shutil
import sqlite3
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from lotse.foundation.core.backup import restoring, writing
from lotse.foundation.core.errors import Refused
from lotse.foundation.parties.models import Network
from tests.foundation.backup.conftest import files, fill, rewritten, with_list

# --- the target ---


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


def test_too_little_space_is_said_first(small: Path, monkeypatch: Any) -> None:
    usage = shutil.disk_usage("/")._replace(free=1000)
    monkeypatch.setattr(restoring.shutil, "disk_usage", lambda _path: usage)
    with pytest.raises(Refused, match="Platz reicht nicht"):
        restoring.restore(small, force=False)


# --- the file ---


@pytest.mark.parametrize("where", [0.1, 0.5, 0.9])
def test_a_damaged_backup_changes_nothing(small: Path, where: float) -> None:
    with zipfile.ZipFile(small) as archive:
        # What a reader never looks at, as the time in a header, may be damaged.
        largest = max(archive.infolist(), key=lambda info: info.compress_size)
    begin = largest.header_offset + 30 + len(largest.filename.encode())
    content = bytearray(small.read_bytes())
    content[begin + int(largest.compress_size * where)] ^= 0xFF
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
