"""The only place for SQL of our own, with `core.fulltext` and `core.guards` beside it: what the two
databases do in different ways."""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection
from django.db.models import F, Model

from lotse.foundation.core import clock, guards
from lotse.foundation.core.errors import Conflict

_CLAIM_SQLITE = """
    INSERT INTO core_firstanswer (digest, result, created_at) VALUES (%s, NULL, %s)
    ON CONFLICT (digest) DO NOTHING RETURNING id
"""
# The advisory lock is what tells "being worked on" from "finished": without it the second
# INSERT would wait for the first transaction instead of answering at once.
_CLAIM_POSTGRES = """
    INSERT INTO core_firstanswer (digest, result, created_at)
    SELECT %s, NULL, %s WHERE pg_try_advisory_xact_lock(%s)
    ON CONFLICT (digest) DO NOTHING RETURNING id
"""


def is_postgres() -> bool:
    return connection.vendor == "postgresql"


def has_collation(name: str) -> bool:
    """Whether PostgreSQL knows an order by this name. One query."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_collation WHERE collname = %s", [name])
        return cursor.fetchone() is not None


def moment(value: datetime) -> Any:
    """A moment as the ORM writes it, so that raw and ORM values compare."""
    return connection.ops.adapt_datetimefield_value(value)


def _as_datetime(value: Any) -> datetime:
    """A moment out of a raw query: SQLite's driver hands back text in UTC."""
    when = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    return when if when.tzinfo else when.replace(tzinfo=UTC)


def claim_first_answer(digest: bytes) -> int | None:
    """The key of a new row in `FirstAnswer`, or None if the digest is taken. One query."""
    with connection.cursor() as cursor:
        if is_postgres():
            lock = int.from_bytes(digest[:8], "big", signed=True)
            cursor.execute(_CLAIM_POSTGRES, [digest, moment(clock.now()), lock])
        else:
            cursor.execute(_CLAIM_SQLITE, [digest, moment(clock.now())])
        row = cursor.fetchone()
    return row[0] if row else None


_COUNT = """
    INSERT INTO core_limitcounter (digest, hits, window_ends) VALUES (%s, %s, %s)
    ON CONFLICT (digest) DO UPDATE SET
      hits = CASE WHEN core_limitcounter.window_ends <= %s THEN excluded.hits
                  ELSE core_limitcounter.hits + excluded.hits END,
      window_ends = CASE WHEN core_limitcounter.window_ends <= %s THEN excluded.window_ends
                         ELSE core_limitcounter.window_ends END
    RETURNING hits, window_ends
"""


def count_hit(digest: bytes, window_ends: datetime, *, hits: int = 1) -> tuple[int, datetime]:
    """Counts one hit, or several at once, and returns (hits, end of the window). Atomic on both
    databases, one query."""
    now = moment(clock.now())
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [digest, hits, moment(window_ends), now, now])
        row = cursor.fetchone()
    return row[0], _as_datetime(row[1])


def update_versioned(obj: Model, *, expected: int, **changes: Any) -> None:
    """Writes `changes` if the stored version is `expected`, and raises the version (T37).

    One conditional UPDATE, so two simultaneous saves cannot both win. Raises Conflict with the
    object as it stands now; `obj` itself is brought up to date on success.
    """
    now = clock.now()
    model = type(obj)
    rows = model._default_manager.filter(pk=obj.pk, version=expected).update(
        version=F("version") + 1, updated_at=now, **changes
    )
    if not rows:
        raise Conflict(model._default_manager.filter(pk=obj.pk).first())
    for name, value in changes.items():
        setattr(obj, name, value)
    obj.version = expected + 1  # type: ignore[attr-defined]  # every Entity has it
    obj.updated_at = now  # type: ignore[attr-defined]


def advisory_number(name: str) -> int:
    """A stable 63-bit number for a name, for PostgreSQL's advisory locks."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big") >> 1


FTS_UP_SQLITE = [
    """CREATE VIRTUAL TABLE core_search_fts USING fts5(
         title_terms, body_terms, content='core_searchdoc', content_rowid='id',
         tokenize="unicode61 remove_diacritics 0", prefix='3')""",
    """CREATE TRIGGER core_search_ai AFTER INSERT ON core_searchdoc BEGIN
         INSERT INTO core_search_fts(rowid, title_terms, body_terms)
         VALUES (new.id, new.title_terms, new.body_terms); END""",
    """CREATE TRIGGER core_search_ad AFTER DELETE ON core_searchdoc BEGIN
         INSERT INTO core_search_fts(core_search_fts, rowid, title_terms, body_terms)
         VALUES ('delete', old.id, old.title_terms, old.body_terms); END""",
    """CREATE TRIGGER core_search_au AFTER UPDATE ON core_searchdoc BEGIN
         INSERT INTO core_search_fts(core_search_fts, rowid, title_terms, body_terms)
         VALUES ('delete', old.id, old.title_terms, old.body_terms);
         INSERT INTO core_search_fts(rowid, title_terms, body_terms)
         VALUES (new.id, new.title_terms, new.body_terms); END""",
]
FTS_DOWN_SQLITE = [
    "DROP TRIGGER core_search_au",
    "DROP TRIGGER core_search_ad",
    "DROP TRIGGER core_search_ai",
    "DROP TABLE core_search_fts",
]
FTS_UP_POSTGRES = [
    """ALTER TABLE core_searchdoc ADD COLUMN terms tsvector GENERATED ALWAYS AS (
         setweight(to_tsvector('simple', title_terms), 'A') ||
         setweight(to_tsvector('simple', body_terms), 'D')) STORED""",
    "CREATE INDEX core_searchdoc_terms ON core_searchdoc USING gin(terms)",
]
FTS_DOWN_POSTGRES = ["ALTER TABLE core_searchdoc DROP COLUMN terms"]


def create_full_text(apps: Any, schema_editor: Any) -> None:
    """Migration step of the first release's index; `core.fulltext` makes that of today."""
    postgres = schema_editor.connection.vendor == "postgresql"
    for statement in FTS_UP_POSTGRES if postgres else FTS_UP_SQLITE:
        schema_editor.execute(statement)


def drop_full_text(apps: Any, schema_editor: Any) -> None:
    postgres = schema_editor.connection.vendor == "postgresql"
    for statement in FTS_DOWN_POSTGRES if postgres else FTS_DOWN_SQLITE:
        schema_editor.execute(statement)


_REFUSED = "records of a chain are never changed or deleted"
RECORDS_UP_SQLITE = [
    f"""CREATE TRIGGER core_chainrecord_update BEFORE UPDATE ON core_chainrecord
         BEGIN SELECT RAISE(ABORT, '{_REFUSED}'); END""",
    f"""CREATE TRIGGER core_chainrecord_delete BEFORE DELETE ON core_chainrecord
         BEGIN SELECT RAISE(ABORT, '{_REFUSED}'); END""",
]
RECORDS_DOWN_SQLITE = [
    "DROP TRIGGER IF EXISTS core_chainrecord_update",
    "DROP TRIGGER IF EXISTS core_chainrecord_delete",
]
RECORDS_UP_POSTGRES = [
    f"""CREATE OR REPLACE FUNCTION core_chainrecord_refuse() RETURNS trigger LANGUAGE plpgsql AS
         $$ BEGIN RAISE EXCEPTION '{_REFUSED}'; END $$""",
    """CREATE TRIGGER core_chainrecord_refuse BEFORE UPDATE OR DELETE ON core_chainrecord
         FOR EACH ROW EXECUTE FUNCTION core_chainrecord_refuse()""",
]
RECORDS_DOWN_POSTGRES = [
    "DROP TRIGGER IF EXISTS core_chainrecord_refuse ON core_chainrecord",
    "DROP FUNCTION IF EXISTS core_chainrecord_refuse()",
]


def guard_records(apps: Any, schema_editor: Any) -> None:
    """Migration step: the database itself refuses to change or delete a record (T40)."""
    postgres = schema_editor.connection.vendor == "postgresql"
    for statement in RECORDS_UP_POSTGRES if postgres else RECORDS_UP_SQLITE:
        schema_editor.execute(statement)


def unguard_records(apps: Any, schema_editor: Any) -> None:
    postgres = schema_editor.connection.vendor == "postgresql"
    for statement in RECORDS_DOWN_POSTGRES if postgres else RECORDS_DOWN_SQLITE:
        schema_editor.execute(statement)


@contextmanager
def records_unguarded(conn: Any) -> Iterator[None]:
    """Lets all rows of all tables be removed at once (`lotse flush`).

    PostgreSQL empties tables without row triggers, SQLite does not.
    """
    if conn.vendor != "sqlite":
        yield
        return
    with (
        guards.sqlite_unguarded(conn, "core\\_chainrecord\\_%"),
        guards.sqlite_unguarded(conn, guards.DELETING),
    ):
        yield


class ChainRow(NamedTuple):
    """One record of a chain with its payload; without salt the payload was erased."""

    seq: int
    at: datetime
    actor: str
    action: str
    object_type: str
    object_uuid: UUID
    payload_hash: str
    prev_hash: str
    hash: str
    salt: str | None
    payload: Any


_CHAIN = """
    SELECT r.seq, r.at, r.actor, r.action, r.object_type, r.object_uuid, r.payload_hash,
           r.prev_hash, r.hash, p.salt, p.payload
    FROM core_chainrecord r LEFT JOIN core_chainpayload p ON p.record_id = r.id
    WHERE r.chain = %s AND r.seq > %s ORDER BY r.seq LIMIT 2000
"""


def chain_rows(chain: UUID, *, after: int = 0) -> Iterator[ChainRow]:
    """The records of a chain in their order, in portions of 2000: one query each."""
    key: Any = chain if is_postgres() else chain.hex
    while True:
        with connection.cursor() as cursor:
            cursor.execute(_CHAIN, [key, after])
            rows = cursor.fetchall()
        for row in rows:
            uuid = row[5] if isinstance(row[5], UUID) else UUID(row[5])
            payload = json.loads(row[10]) if isinstance(row[10], str) else row[10]
            at = _as_datetime(row[1])
            yield ChainRow._make((row[0], at, *row[2:5], uuid, *row[6:10], payload))
        if len(rows) < 2000:
            return
        after = rows[-1][0]


# Table -> last value its key's sequence gave out.
LAST_KEYS_POSTGRES = """
    SELECT t.relname, CASE WHEN s.relkind = 'S' THEN COALESCE(pg_sequence_last_value(s.oid), 0) END
    FROM pg_class s
    JOIN pg_depend d ON d.objid = s.oid AND d.classid = 'pg_class'::regclass
                    AND d.deptype IN ('a', 'i')
    JOIN pg_class t ON t.oid = d.refobjid
    JOIN pg_namespace n ON n.oid = t.relnamespace AND n.nspname = current_schema()
    WHERE s.relkind = 'S'
"""


def has_rows(table: str) -> bool:
    """Whether a table holds anything. One query."""
    name = connection.ops.quote_name(table)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT 1 FROM {name} LIMIT 1")  # noqa: S608  # a table of ours
        return cursor.fetchone() is not None


def count_rows(table: str) -> int:
    """How many rows a table holds. One query."""
    name = connection.ops.quote_name(table)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT COUNT(*) FROM {name}")  # noqa: S608  # a table of ours
        return int(cursor.fetchone()[0])


def raise_last_key(table: str, column: str, last: int) -> None:
    """Lets the next key of a table be higher than `last` and than all that are there."""
    name, key = connection.ops.quote_name(table), connection.ops.quote_name(column)
    with connection.cursor() as cursor:
        if is_postgres():
            cursor.execute("SELECT pg_get_serial_sequence(%s, %s)", [name, column])
            sequence = cursor.fetchone()[0]
            if sequence is None:
                return
            cursor.execute(f"SELECT MAX({key}) FROM {name}")  # noqa: S608  # a table of ours
            last = max(last, cursor.fetchone()[0] or 0)
            if last:
                cursor.execute("SELECT setval(%s, %s)", [sequence, last])
        elif last:
            cursor.execute("UPDATE sqlite_sequence SET seq = MAX(seq, %s) WHERE name = %s",
                           [last, table])  # fmt: skip
            if cursor.rowcount == 0:
                cursor.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)",
                               [table, last])  # fmt: skip


def holds_any_advisory(space: int) -> bool:
    """Whether anybody holds an advisory lock of this space in this database (PostgreSQL)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT 1 FROM pg_locks l JOIN pg_database d ON d.oid = l.database "
            "WHERE l.locktype = 'advisory' AND l.granted AND l.classid = %s AND l.objsubid = 2 "
            "AND d.datname = current_database())",
            [space],
        )
        return bool(cursor.fetchone()[0])


def has_full_text() -> bool:
    """Whether SQLite was built with FTS5."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pragma_compile_options WHERE compile_options='ENABLE_FTS5'")
        return cursor.fetchone() is not None


def server_time() -> datetime:
    """What the clock of the database server says."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        return _as_datetime(cursor.fetchone()[0])


def database_bytes() -> int:
    """How much space the database takes. One query on PostgreSQL, two on SQLite."""
    with connection.cursor() as cursor:
        if is_postgres():
            cursor.execute("SELECT pg_database_size(current_database())")
            return int(cursor.fetchone()[0])
        cursor.execute("PRAGMA page_count")
        pages = int(cursor.fetchone()[0])
        cursor.execute("PRAGMA page_size")
        return pages * int(cursor.fetchone()[0])
