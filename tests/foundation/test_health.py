"""`/gesund/`: what monitoring is told, and nothing more (T44)."""

from typing import Any

import pytest
from django.core.management import call_command
from django.db import OperationalError, connection

from lotse.foundation.core import health
from tests.perf.served import wait_for

pytestmark = pytest.mark.django_db


def ask(client: Any) -> tuple[int, dict[str, Any], Any]:
    response = client.get("/gesund/")
    return response.status_code, response.json(), response


def test_all_is_well_without_cookie_and_without_a_place_in_caches(client: Any) -> None:
    status, said, response = ask(client)
    assert status == 200
    assert said["ok"] is True
    assert said["database"] == said["disk"] == said["migrations"] == "ok"
    assert set(said) == {"ok", "database", "disk", "migrations", "worker"}
    assert response["Cache-Control"] == "no-store"
    assert not response.cookies
    assert client.post("/gesund/").status_code == 405


def test_few_queries_and_no_session(client: Any, count_queries: Any) -> None:
    ask(client)
    with count_queries() as queries:
        ask(client)
    assert queries.count <= 2
    assert not [sql for sql in queries.counted if "session" in sql]


def test_a_silent_database_is_503_and_comes_back(client: Any, monkeypatch: Any) -> None:
    def silent(*_: Any, **__: Any) -> None:
        raise OperationalError("could not connect: password=geheim")

    with monkeypatch.context() as patch:
        patch.setattr(connection, "cursor", silent)
        patch.setattr(connection, "close", lambda: None)
        status, said, response = ask(client)
    assert (status, said["ok"], said["database"]) == (503, False, "fehlt")
    assert response["Retry-After"] == "10"
    assert "geheim" not in response.content.decode()
    assert ask(client)[0] == 200


def test_a_full_disk_is_503(client: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(health, "free_bytes", lambda: 0)
    status, said, _response = ask(client)
    assert (status, said["disk"]) == (503, "fehlt")


def test_a_folder_that_cannot_be_written_counts_as_full(settings: Any, tmp_path: Any) -> None:
    settings.DATA_DIR = tmp_path / "gone"
    assert health.free_bytes() == 0


def test_a_missing_worker_is_said(client: Any, settings: Any, tmp_path: Any) -> None:
    from lotse.foundation.core.workers import LifeLock

    settings.DATA_DIR = tmp_path
    assert ask(client)[1]["worker"] == "fehlt"
    lock = LifeLock("w-here")
    lock.take()
    try:
        status, said, _response = ask(client)
    finally:
        lock.release()
    assert (status, said["worker"]) == (200, "ok")
    # PostgreSQL lets go of the lock a moment after the connection is closed.
    wait_for(lambda: ask(client)[1]["worker"] == "fehlt", 5, "the lock is gone")


def test_the_command_asks_the_server(capsys: Any) -> None:
    """Nobody listens there."""
    with pytest.raises(SystemExit) as stop:
        call_command("health", "--port", "1")
    assert stop.value.code == 1
    assert "Keine Antwort" in capsys.readouterr().err
