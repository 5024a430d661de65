"""Filling the tables of a migrated database from a backup, in one transaction."""

import io
import zipfile
from collections.abc import Iterator
from itertools import islice
from typing import Any

from django.db import IntegrityError, connection, transaction

from lotse.foundation.core import db
from lotse.foundation.core.backup import rows
from lotse.foundation.core.backup.manifest import Manifest, part_of
from lotse.foundation.core.backup.rows import Table, quoted
from lotse.foundation.core.errors import Refused

_PORTION = 1024 * 1024


def load(archive: zipfile.ZipFile, manifest: Manifest) -> None:
    """Fills all tables and compares the counts. Raises Refused, and nothing is changed, when the
    rows do not fit or a row names one that is missing."""
    try:
        with transaction.atomic(), db.records_unguarded(connection):
            _empty([table.name for table in manifest.tables])
            for table in manifest.tables:
                _check_columns(table)
                with archive.open(part_of(table.name)) as source:
                    _fill(table, io.BufferedReader(source, _PORTION))
            connection.check_constraints()
            _compare(manifest)
            _set_keys(manifest)
    except (IntegrityError, ValueError) as fault:
        raise Refused(f"Die Daten der Sicherung passen nicht zusammen: {fault}") from fault


def drop_tables(names: list[str]) -> None:
    """Removes tables with all that hangs on them (PostgreSQL). OperationalError after ten
    seconds while others use them."""
    if names:
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '10s'")
            cursor.execute(f"DROP TABLE {', '.join(map(quoted, names))} CASCADE")


def _empty(names: list[str]) -> None:
    """Migrations may have put rows in."""
    with connection.cursor() as cursor:
        if db.is_postgres():
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute(f"TRUNCATE {', '.join(map(quoted, names))} CASCADE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
            return
        for name in names:
            cursor.execute(f"DELETE FROM {quoted(name)}")  # noqa: S608  # checked by the list


def _check_columns(table: Table) -> None:
    with connection.cursor() as cursor:
        there = {
            column.name
            for column in connection.introspection.get_table_description(cursor, table.name)
        }
    if not set(table.names) <= there:
        raise ValueError(table.name)


def _fill(table: Table, lines: Any) -> None:
    columns = ", ".join(map(quoted, table.names))
    if db.is_postgres():
        with (
            connection.cursor() as cursor,
            cursor.copy(f"COPY {quoted(table.name)} ({columns}) FROM STDIN") as out,
        ):
            while portion := lines.read(_PORTION):
                out.write(portion)
        return
    marks = ", ".join("?" * len(table.names))
    statement = f"INSERT INTO {quoted(table.name)} ({columns}) VALUES ({marks})"  # noqa: S608  # names checked
    with connection.cursor() as cursor:
        raw = cursor.connection.cursor()
        for portion in _portions(rows.decode(table, lines)):
            raw.executemany(statement, portion)


def _portions(found: Iterator[tuple[Any, ...]]) -> Iterator[list[tuple[Any, ...]]]:
    while portion := list(islice(found, rows.PORTION)):
        yield portion


def _compare(manifest: Manifest) -> None:
    for table in manifest.tables:
        there = db.count_rows(table.name)
        if there != manifest.counts[table.name]:
            raise ValueError(f"{table.name}: {there} statt {manifest.counts[table.name]} Zeilen")


def _set_keys(manifest: Manifest) -> None:
    """No key is given out twice, not even that of a row deleted before the backup."""
    for table in manifest.tables:
        db.raise_last_key(table.name, table.key, manifest.last_keys.get(table.name, 0))
