"""Which workers are alive: each holds a lock that dies with it, so its tasks can be taken over.

SQLite: `flock` on a file in the data folder. PostgreSQL: an advisory lock on a connection of its
own (the worker closes its usual one).
"""

import contextlib
import fcntl
import os
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.db import DatabaseError, connection
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from lotse.foundation.core import clock, db

_SPACE = 7001


class LifeLock:
    """Held from `take` to the end of the process, however it ends."""

    def __init__(self, worker_id: str) -> None:
        self.worker_id = worker_id
        self._file: IO[str] | None = None
        self._connection: Any = None

    def take(self) -> None:
        if db.is_postgres():
            self._connection = connection.copy()
            self._connection.inc_thread_sharing()  # another thread looks whether it still stands
            _advisory(self._connection, "pg_advisory_lock", self.worker_id)
        else:
            self._file = _lock_file(self.worker_id).open("w")
            fcntl.flock(self._file, fcntl.LOCK_EX)

    def is_held(self) -> bool:
        """False once the database connection that carries the lock is gone."""
        if self._connection is None:
            return True
        try:
            with self._connection.cursor() as cursor:
                cursor.execute(
                    "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()"
                )
                return cursor.fetchone() is not None
        except DatabaseError:
            return False

    def release(self) -> None:
        if self._connection is not None:
            # The server would notice the closed connection only a moment later.
            with contextlib.suppress(DatabaseError):
                _advisory(self._connection, "pg_advisory_unlock", self.worker_id)
            self._connection.close()
        if self._file is not None:
            self._file.close()
            _lock_file(self.worker_id).unlink(missing_ok=True)


def _lock_file(worker_id: str) -> Path:
    folder = settings.DATA_DIR / "locks"
    folder.mkdir(mode=0o700, exist_ok=True)
    return Path(folder / f"{os.path.basename(worker_id)}.lock")


def _advisory(conn: Any, function: str, worker_id: str) -> bool:
    number = db.advisory_number(f"worker:{worker_id}") % 2**31
    with conn.cursor() as cursor:
        cursor.execute(f"SELECT {function}(%s, %s)", [_SPACE, number])
        return bool(cursor.fetchone()[0])


def is_alive(worker_id: str) -> bool:
    """Whether the worker still holds its lock."""
    if db.is_postgres():
        free = _advisory(connection, "pg_try_advisory_lock", worker_id)
        if free:
            _advisory(connection, "pg_advisory_unlock", worker_id)
        return not free
    file = _lock_file(worker_id)
    if not file.exists():
        return False
    with file.open("r+") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def take_over() -> int:
    """Makes tasks of dead workers ready again; returns how many. A living worker's are left."""
    taken = 0
    for row in DBTaskResult.objects.filter(status=TaskResultStatus.RUNNING):
        if row.worker_ids and is_alive(row.worker_ids[-1]):
            continue
        taken += DBTaskResult.objects.filter(
            pk=row.pk, status=TaskResultStatus.RUNNING, started_at=row.started_at
        ).update(status=TaskResultStatus.READY, started_at=None)
    return taken


def clear_locks() -> int:
    """Removes the lock files of killed workers; returns how many.

    Only files older than an hour: a worker that is starting has made its file but not locked it.
    """
    border = clock.now().timestamp() - 3600
    files = (settings.DATA_DIR / "locks").glob("*.lock")
    dead = [f for f in files if f.stat().st_mtime < border and not is_alive(f.stem)]
    for file in dead:
        file.unlink(missing_ok=True)
    return len(dead)
