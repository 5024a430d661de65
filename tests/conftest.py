"""What holds for every test: no network, no real mail, a clean set of caches."""

import socket
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.test.utils import CaptureQueriesContext
from django.utils import translation

COUNTED = ("SELECT", "INSERT", "UPDATE", "DELETE", "WITH")


@pytest.fixture(autouse=True)
def _clean() -> None:
    """Caches of one test are not those of the next; nor is the language of its last page."""
    from lotse.foundation.parties import queries as parties
    from lotse.rooms.checks import content

    translation.deactivate()
    cache.clear()
    content.view_by_hash.cache_clear()
    parties._shipped.cache_clear()


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection to any other machine is a fault."""
    real = socket.socket.connect

    def connect(self: socket.socket, address: Any) -> Any:
        if isinstance(address, tuple) and address[0] not in ("127.0.0.1", "localhost", "::1"):
            raise AssertionError(f"connection to {address}")
        return real(self, address)

    monkeypatch.setattr(socket.socket, "connect", connect)


@pytest.fixture(autouse=True, scope="session")
def _quick_flush() -> Iterator[None]:
    """Emptying a hundred small tables row by row takes PostgreSQL a tenth of TRUNCATE's time."""
    from django.db.backends.postgresql.operations import DatabaseOperations

    def sql_flush(self: Any, style: Any, tables: list[str], **_options: Any) -> list[str]:
        # Of the record chain nobody can delete: what a test wrote there goes as a whole.
        chain = "IF EXISTS (SELECT FROM core_chainrecord) THEN TRUNCATE core_chainrecord CASCADE"
        emptied = [f"DELETE FROM {self.quote_name(t)}" for t in tables if t != "core_chainrecord"]
        return [f"DO $$ BEGIN {chain}; END IF; END $$", *emptied]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DatabaseOperations, "sql_flush", sql_flush)
        yield


class QueryCount(CaptureQueriesContext):
    """Counts SELECT, INSERT, UPDATE and DELETE; transaction commands do not count (rulings)."""

    @property
    def count(self) -> int:
        return len(self.counted)

    @property
    def counted(self) -> list[str]:
        found = (query["sql"].lstrip() for query in self.captured_queries)
        return [sql for sql in found if sql.upper().startswith(COUNTED)]


@pytest.fixture
def count_queries() -> Any:
    """`with count_queries() as queries: ...; assert queries.count <= 8`."""
    from django.db import connection

    return lambda: QueryCount(connection)
