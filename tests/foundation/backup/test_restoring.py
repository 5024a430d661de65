"""A restore brings back everything, on both databases and from one to the other (T50, T52)."""

import json
import zipfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection

from lotse.foundation.core import clock, hooks
from lotse.foundation.core.backup import manifest as listing
from lotse.foundation.core.backup import restoring, writing
from lotse.foundation.core.models import LogEntry, OutboxMail
from lotse.foundation.parties.models import Network
from tests import make
from tests.foundation.backup.conftest import files, fill, rewritten, with_list


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
    from lotse.foundation.core import search

    return [str(hit.ref) for hit in search.find(word, lang="de", kinds=["topic"]).hits]


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
