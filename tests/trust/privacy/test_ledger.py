"""T50: the ledger of erasures outlives a backup."""

from pathlib import Path
from typing import Any

import pytest

from lotse.foundation.parties.models import Person
from lotse.foundation.parties.privacy import erasure, ledger
from tests import people


class TestLedger:
    def test_a_restored_person_is_erased_again(self, cast: people.Cast, tmp_path: Path) -> None:
        """T50: the ledger outlives the backup."""
        person = cast["member"]
        before = Person.objects.filter(pk=person.pk).values().get()
        asked = erasure.ask(person, actor=cast.actor("member"), network=cast.network)
        erasure.confirm(asked, actor=cast.actor("office"), expected=asked.version)
        file = tmp_path / "erasures.log"
        assert file.stat().st_mode & 0o077 == 0
        assert str(person.uuid) not in file.read_text()
        assert ledger.count() == 1
        assert erasure.replay() == 0
        Person.objects.filter(pk=person.pk).update(
            **{key: before[key] for key in ("first_name", "last_name", "email", "erased_at")}
        )
        assert erasure.replay() == 1
        assert Person.objects.get(pk=person.pk).last_name == "ehemalige Person"
        assert cast["editor_a"].name == Person.objects.get(pk=cast["editor_a"].pk).name

    def test_a_torn_line_and_a_foreign_file_do_no_harm(self, cast: people.Cast) -> None:
        uuid = cast["member"].uuid
        assert ledger.contains([uuid]) == set()
        ledger.add(uuid)
        with ledger.path().open("a") as out:
            out.write("2026-11-2")
        assert ledger.contains([uuid, cast["adviser"].uuid]) == {uuid}
        ledger.path().write_text("something else\n")
        assert ledger.contains([uuid]) == set()

    def test_if_the_ledger_cannot_be_written_nothing_is_erased(
        self, cast: people.Cast, settings: Any, tmp_path: Path
    ) -> None:
        asked = erasure.ask(cast["member"], actor=cast.actor("member"), network=cast.network)
        settings.DATA_DIR = tmp_path / "missing"
        with pytest.raises(OSError, match="missing"):
            erasure.confirm(asked, actor=cast.actor("office"), expected=asked.version)
        assert Person.objects.get(pk=cast["member"].pk).erased_at is None
