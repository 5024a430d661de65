"""Whether the installation works: for monitoring, `lotse doctor` and the load balancer (T44)."""

import shutil
from typing import Any

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from lotse.foundation.core import db, workers

LEAST_FREE = 100 * 1024**2
_applied = {"all": False}


def worker_is_alive() -> bool:
    """Whether any background worker holds its lock at this moment. One query on PostgreSQL."""
    if db.is_postgres():
        return db.holds_any_advisory(workers._SPACE)
    folder = settings.DATA_DIR / "locks"
    return folder.is_dir() and any(workers.is_alive(file.stem) for file in folder.glob("*.lock"))


def database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            return bool(cursor.fetchone() == (1,))
    except (DatabaseError, InterfaceError):
        connection.close()
        return False


def is_migrated() -> bool:
    """Whether the database is at this version; once true, it stays so while the program runs."""
    if not _applied["all"]:
        executor = MigrationExecutor(connection)
        _applied["all"] = not executor.migration_plan(executor.loader.graph.leaf_nodes())
    return _applied["all"]


def free_bytes() -> int:
    """Free space where Lotse writes; 0 where it cannot."""
    try:
        probe = settings.DATA_DIR / ".health"
        probe.write_bytes(b"ok")
        probe.unlink()
        return shutil.disk_usage(settings.DATA_DIR).free
    except OSError:
        return 0


def state() -> dict[str, Any]:
    """What works: database, migrations, worker, disk. Two queries, more until all is migrated."""
    answers = database_answers()
    found = {"database": answers, "migrations": False, "worker": False,
             "disk": free_bytes() > LEAST_FREE}  # fmt: skip
    if answers:
        try:
            found |= {"migrations": is_migrated(), "worker": worker_is_alive()}
        except (DatabaseError, InterfaceError):
            connection.close()
            found["database"] = False
    return found


@require_safe
def page(request: HttpRequest) -> JsonResponse:
    """`/gesund/`: 200 while pages can be served, 503 when database or disk fail. A missing worker
    or migration is said and leaves 200, for another machine may do that work."""
    found = state()
    fine = bool(found["database"] and found["disk"])
    words = {name: "ok" if value else "fehlt" for name, value in found.items()}
    response = JsonResponse({"ok": fine, **words}, status=200 if fine else 503)
    response["Cache-Control"] = "no-store"
    if not fine:
        response["Retry-After"] = "10"
    return response
