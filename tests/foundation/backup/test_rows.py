"""How rows and names stand in a backup."""

from uuid import UUID

import pytest
from django.apps import apps

from lotse.foundation.core.backup import manifest as listing
from lotse.foundation.core.backup import rows
from lotse.foundation.core.backup.rows import Table
from tests.foundation.backup.conftest import NASTY


def test_every_field_of_every_model_has_a_form() -> None:
    tables = rows.tables_of(apps)
    assert {table.name for table in tables} >= {"core_logentry", "accounts_account"}
    assert all(table.columns for table in tables)


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
