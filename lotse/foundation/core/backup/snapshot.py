"""One moment of the database, held while others go on writing."""

import sqlite3
from collections.abc import Iterator
from typing import Any, Protocol

from django.db import connection

from lotse.foundation.core import db
from lotse.foundation.core.backup import rows
from lotse.foundation.core.backup.rows import Table


class Snapshot(Protocol):
    """What both databases answer."""

    def lines(self, table: Table) -> Iterator[bytes]:
        """The rows of a table as text, in portions."""

    def values(self, table: str, column: str) -> Iterator[str]:
        """All values of one column, UUIDs as 32 hex digits."""

    def last_keys(self) -> dict[str, int]:
        """table -> the last key it gave out: no key is given twice, also after a restore."""

    def migrations(self) -> list[tuple[str, str]]:
        """(app, name) of all migrations that were applied."""

    def close(self) -> None:
        """Ends it."""


_MIGRATIONS = "SELECT app, name FROM django_migrations ORDER BY id"


class SqliteSnapshot:
    """A reading transaction of its own; with WAL nobody waits for it."""

    def __init__(self, name: str) -> None:
        self._connection = sqlite3.connect(
            name, timeout=20, isolation_level=None, uri=name.startswith("file:")
        )
        self._connection.execute("BEGIN")
        self._connection.execute("SELECT 1 FROM django_migrations LIMIT 1").fetchone()

    def lines(self, table: Table) -> Iterator[bytes]:
        return rows.encode(table, self._connection.execute(rows.select_sqlite(table)))

    def values(self, table: str, column: str) -> Iterator[str]:
        found = self._connection.execute(
            f"SELECT {rows.quoted(column)} FROM {rows.quoted(table)}"  # noqa: S608  # names of our models
        )
        return (row[0] for row in found)

    def last_keys(self) -> dict[str, int]:
        return dict(self._connection.execute("SELECT name, seq FROM sqlite_sequence").fetchall())

    def migrations(self) -> list[tuple[str, str]]:
        return self._connection.execute(_MIGRATIONS).fetchall()

    def close(self) -> None:
        self._connection.close()


class PostgresSnapshot:
    """A connection of its own in REPEATABLE READ; rows come by COPY."""

    def __init__(self) -> None:
        self._wrapper: Any = connection.copy()
        self._wrapper.ensure_connection()
        self._connection = self._wrapper.connection
        for statement in (
            "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
            "SET LOCAL statement_timeout = 0",
            "SET LOCAL idle_in_transaction_session_timeout = 0",
            "SET LOCAL DateStyle = 'ISO'",
            "SET LOCAL bytea_output = 'hex'",
            "SELECT 1",
        ):
            self._connection.execute(statement)

    def lines(self, table: Table) -> Iterator[bytes]:
        with self._connection.cursor().copy(
            f"COPY ({rows.select_postgres(table)}) TO STDOUT"
        ) as out:
            for portion in out:
                yield bytes(portion)

    def values(self, table: str, column: str) -> Iterator[str]:
        found = self._connection.execute(
            f"SELECT replace({rows.quoted(column)}::text, '-', '') FROM {rows.quoted(table)}"  # noqa: S608  # names of our models
        )
        return (row[0] for row in found)

    def last_keys(self) -> dict[str, int]:
        return dict(self._connection.execute(db.LAST_KEYS_POSTGRES).fetchall())

    def migrations(self) -> list[tuple[str, str]]:
        return [tuple(row) for row in self._connection.execute(_MIGRATIONS).fetchall()]

    def close(self) -> None:
        self._wrapper.close()


def take() -> Snapshot:
    """The database as it stands now."""
    if db.is_postgres():
        return PostgresSnapshot()
    return SqliteSnapshot(str(connection.settings_dict["NAME"]))
