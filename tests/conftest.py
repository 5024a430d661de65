"""What holds for every test: no network, no real mail, a clean set of caches."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from tests import grounds

COUNTED = ("SELECT", "INSERT", "UPDATE", "DELETE", "WITH")


@pytest.fixture(autouse=True)
def _clean() -> None:
    """Caches of one test are not those of the next; nor is the language of its last page."""
    from lotse.foundation.core import memo
    from lotse.foundation.parties import queries as parties
    from lotse.rooms.checks import content

    translation.deactivate()
    cache.clear()
    memo.clear_all()
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
        # Rows that are written once go only with all that they belong to.
        removing = "SELECT set_config('lotse.removing', 'on', true)"
        return [f"DO $$ BEGIN {chain}; END IF; END $$", removing, *emptied]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DatabaseOperations, "sql_flush", sql_flush)
        yield


_DATABASE = {"db", "transactional_db", "django_db_reset_sequences", "django_db_setup"}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On PostgreSQL only what asks a database: the rest has run, and would say the same again."""
    if not os.environ.get("LOTSE_TEST_DATABASE_URL"):
        return
    asking = [
        item for item in items
        if item.get_closest_marker("django_db")
        or _DATABASE & set(getattr(item, "fixturenames", ()))
        or not isinstance(item, pytest.Function)
    ]  # fmt: skip
    config.hook.pytest_deselected(items=[item for item in items if item not in set(asking)])
    items[:] = asking


@pytest.hookimpl(tryfirst=True)
def pytest_fixture_setup(fixturedef: Any, request: pytest.FixtureRequest) -> None:
    """A common ground stands around a test's transaction, so it comes before it."""
    if fixturedef.argname == "_django_db_helper":
        request.getfixturevalue("_ground_put_away")
        grounds.before_database(request)


@pytest.fixture(scope="session")
def _ground_put_away(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """What still stands at the end goes before the database does."""
    yield
    with django_db_blocker.unblock():
        grounds.put_away()


@pytest.fixture
def no_warnings(monkeypatch: pytest.MonkeyPatch) -> None:
    """A warning of Typst (unknown font, character, reference) is a fault."""
    import typst

    from lotse.foundation.core import pdf

    def compile(*args: Any, **kwargs: Any) -> bytes:
        content, warnings = typst.compile_with_warnings(*args, **kwargs)
        assert [warning.message for warning in warnings] == []
        return bytes(content)

    monkeypatch.setattr(pdf.typst, "compile", compile)


@pytest.fixture
def common_site(db: None, request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    """One prepared object behind every address: `tests/trust/site.py`."""
    return grounds.part("common_site", request, tmp_path)


@pytest.fixture
def common_topics(db: None, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    """Topics and regions as they are shipped, with what the search knows of them."""
    grounds.part("common_topics", request, tmp_path)


@pytest.fixture
def common_cast(db: None, request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    """One person per role: `tests/people.py`."""
    return grounds.part("common_cast", request, tmp_path)


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
