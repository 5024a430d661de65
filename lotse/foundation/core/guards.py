"""Rows that are written once: the database itself refuses to change or delete them (T39, T40)."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection

# Names of SQLite's triggers against deleting, as LIKE finds them.
DELETING = "%\\_guard\\_delete"
_GUARD_DOWN_SQLITE = "DROP TRIGGER IF EXISTS {table}_guard_{act}"
_GUARD_UP_SQLITE = """CREATE TRIGGER IF NOT EXISTS {table}_guard_{act} BEFORE {act} ON {table}
     BEGIN SELECT RAISE(ABORT, 'rows of {table} are never changed or deleted'); END"""
# What is removed as a whole says so for its own transaction; rows are still never changed.
_GUARD_POSTGRES = """CREATE OR REPLACE FUNCTION core_guarded_refuse() RETURNS trigger
     LANGUAGE plpgsql AS $$ BEGIN
       IF TG_OP = 'DELETE' AND current_setting('lotse.removing', true) = 'on' THEN
         RETURN OLD;
       END IF;
       RAISE EXCEPTION USING MESSAGE = 'rows of ' || TG_TABLE_NAME
         || ' are never changed or deleted';
     END $$"""
_GUARD_UP_POSTGRES = """CREATE TRIGGER {table}_guard BEFORE UPDATE OR DELETE ON {table}
     FOR EACH ROW EXECUTE FUNCTION core_guarded_refuse()"""


def guard_rows(table: str) -> Callable[[Any, Any], None]:
    """Migration step: the database itself refuses to change or delete a row of this table (T39).

    A later migration that lets SQLite build the table anew must repeat it.
    """

    def guard(apps: Any, schema_editor: Any) -> None:
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(_GUARD_POSTGRES)
            schema_editor.execute(_GUARD_UP_POSTGRES.format(table=table))
            return
        for act in ("update", "delete"):
            schema_editor.execute(_GUARD_UP_SQLITE.format(table=table, act=act))

    return guard


def unguard_rows(table: str) -> Callable[[Any, Any], None]:
    """The way back of `guard_rows`."""

    def unguard(apps: Any, schema_editor: Any) -> None:
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(f"DROP TRIGGER IF EXISTS {table}_guard ON {table}")
            return
        for act in ("update", "delete"):
            schema_editor.execute(_GUARD_DOWN_SQLITE.format(table=table, act=act))

    return unguard


@contextmanager
def removing() -> Iterator[None]:
    """Lets guarded rows go with all that they belong to: a network, the examples. Inside the
    transaction of the act; records of a chain stay guarded. Two queries, on SQLite two a table."""
    if connection.vendor == "postgresql":
        _set_removing("on")
        try:
            yield
        finally:
            if not connection.needs_rollback:
                _set_removing("off")
        return
    with sqlite_unguarded(connection, DELETING):
        yield


def _set_removing(value: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lotse.removing', %s, true)", [value])


@contextmanager
def sqlite_unguarded(conn: Any, like: str) -> Iterator[None]:
    """Takes these triggers away for a while; what is rolled back comes back by itself."""
    with conn.cursor() as cursor:
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' "
                       "AND name LIKE %s ESCAPE '\\'", [like])  # fmt: skip
        found = cursor.fetchall()
        for name, _sql in found:
            cursor.execute(f"DROP TRIGGER {conn.ops.quote_name(name)}")
    try:
        yield
    finally:
        if not conn.needs_rollback:
            with conn.cursor() as cursor:
                for _name, sql in found:
                    cursor.execute(sql)
