"""Writing a backup: what vanishes, what is never overwritten, and what the commands say."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from lotse.foundation.core.backup import writing
from lotse.foundation.core.errors import Refused
from lotse.foundation.parties.models import Network
from tests.foundation.backup.conftest import document, fill


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
