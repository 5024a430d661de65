"""Restoring a backup: checked before anything is touched, whole or not at all.

SQLite: a new database is made beside the old one and takes its place when it is complete.
PostgreSQL: everything in one transaction; foreign keys are checked at its end (Django makes them
deferrable), so tables come in any order and no superuser is needed.
"""

import hashlib
import os
import shutil
import sqlite3
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import OperationalError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader

from lotse import __version__, environment
from lotse.foundation.core import clock, db, health, hooks, records
from lotse.foundation.core.backup import loading, migrations
from lotse.foundation.core.backup import manifest as listing
from lotse.foundation.core.backup.manifest import Manifest, Part
from lotse.foundation.core.backup.rows import tables_of
from lotse.foundation.core.backup.writing import fingerprint
from lotse.foundation.core.errors import Refused
from lotse.foundation.core.mail import sending
from lotse.foundation.core.models import OutboxMail

_PORTION = 1024 * 1024
# Tables that a fresh installation fills by itself.
_FILLED_BY_ITSELF = {
    "auth_permission", "core_jobrun", "core_limitcounter", "django_content_type",
    "django_migrations", "django_session", "django_tasks_database_dbtaskresult",
}  # fmt: skip
_RUNNING = "Lotse läuft noch. Bitte halten Sie Webserver und Hintergrunddienst an."
Say = Callable[[str], None]


def restore(source: Path, *, force: bool, say: Say = lambda _text: None) -> dict[str, Any]:
    """Restores a backup and returns what came of it.

    Raises Refused, with the database and files as they were, for a damaged or newer backup, for a
    target that is not empty (unless `force`), and while Lotse is running.
    """
    began = time.monotonic()
    with _opened(source) as archive:
        manifest = listing.read(archive)
        _check_version(manifest)
        say(f"Sicherung vom {manifest.at}, Lotse {manifest.version}: Prüfsummen werden verglichen.")
        _check_sums(archive, manifest)
        _check_target(manifest, force)
        say("Dateien werden ausgepackt.")
        staged = _unpack_files(archive, manifest)
        try:
            say("Die Datenbank wird geladen.")
            load = _into_postgres if db.is_postgres() else _into_sqlite
            load(archive, manifest)
        except BaseException:
            shutil.rmtree(staged, ignore_errors=True)
            raise
        _take_place(staged, Path(settings.MEDIA_ROOT))
        _restore_key(archive, manifest)
    if db.is_postgres():
        call_command("migrate", verbosity=0)
    held = _hold_old_mail(manifest)
    replayed = sum(replay() for replay in hooks.after_restore)
    faults = [one.fault for one in records.verify() if one.fault is not None]
    return {
        "at": manifest.at,
        "version": manifest.version,
        "seconds": round(time.monotonic() - began, 1),
        "tables": len(manifest.tables),
        "rows": sum(manifest.counts.values()),
        "files": len(manifest.files),
        "lost_files": manifest.lost,
        "held_mails": held,
        "replayed": replayed,
        "chain_faults": [f"{f.chain}, {f.seq}: {f.reason}" for f in faults],
        "other_key": _has_other_key(manifest),
    }


@contextmanager
def _opened(source: Path) -> Iterator[zipfile.ZipFile]:
    if not source.is_file():
        raise Refused(f"Die Datei {source} gibt es nicht.")
    try:
        with zipfile.ZipFile(source) as archive:
            yield archive
    except (zipfile.BadZipFile, zipfile.LargeZipFile, EOFError, NotImplementedError) as fault:
        raise Refused("Die Sicherung ist beschädigt oder unvollständig.") from fault


def _check_version(manifest: Manifest) -> None:
    try:
        newer = listing.version_of(manifest.version) > listing.version_of(__version__)
    except ValueError:
        newer = True
    missing = migrations.unknown(MigrationLoader(None), manifest.migrations)
    if newer or missing:
        raise Refused(
            f"Diese Sicherung kommt von Lotse {manifest.version}, hier läuft {__version__}. Bitte "
            "installieren Sie zuerst die neuere Version, dann spielen Sie die Sicherung ein."
        )


def _check_sums(archive: zipfile.ZipFile, manifest: Manifest) -> None:
    """Reads every member once, and never more of it than the list says (T25)."""
    for part in manifest.parts:
        digest, size = hashlib.sha256(), 0
        try:
            for portion in _portions(archive, part):
                size += len(portion)
                digest.update(portion)
        except (zipfile.BadZipFile, OSError, EOFError, ValueError, RuntimeError) as fault:
            raise _damaged(part) from fault
        except Exception as fault:  # zlib.error and its kin have no common base
            if type(fault).__module__ not in {"zlib", "_lzma"}:
                raise
            raise _damaged(part) from fault
        if size != part.size or digest.hexdigest() != part.sha256:
            raise _damaged(part)


def _damaged(part: Part) -> Refused:
    return Refused(f"Die Sicherung ist beschädigt: {part.name}. Es wurde nichts verändert.")


def _portions(archive: zipfile.ZipFile, part: Part) -> Iterator[bytes]:
    left = part.size + 1
    with archive.open(part.name) as source:
        while left > 0 and (portion := source.read(min(_PORTION, left))):
            left -= len(portion)
            yield portion


def _check_target(manifest: Manifest, force: bool) -> None:
    size = sum(part.size for part in manifest.parts)
    free = shutil.disk_usage(settings.DATA_DIR).free
    if size > free:
        raise Refused(
            f"Der Platz reicht nicht: nötig sind {size // 1024**2} MB, frei {free // 1024**2} MB."
        )
    if is_filled() and not force:
        raise Refused(
            "Diese Installation ist nicht leer. Mit --force wird ersetzt, was hier liegt; sichern "
            "Sie es vorher mit `lotse backup`."
        )
    if health.worker_is_alive():
        raise Refused(_RUNNING)


def is_filled() -> bool:
    """Whether there is anything that a restore would replace."""
    folder = Path(settings.MEDIA_ROOT)
    if folder.is_dir() and any(file.is_file() for file in folder.rglob("*")):
        return True
    tables = set(connection.introspection.django_table_names(only_existing=True))
    return any(db.has_rows(table) for table in sorted(tables - _FILLED_BY_ITSELF))


def _unpack_files(archive: zipfile.ZipFile, manifest: Manifest) -> Path:
    """The files in a folder beside the real one; names were checked with the list."""
    folder = Path(settings.MEDIA_ROOT)
    staged = folder.with_name(folder.name + ".restoring")
    shutil.rmtree(staged, ignore_errors=True)
    staged.mkdir(mode=0o700, parents=True)
    inside = staged.resolve()
    for part in manifest.files:
        target = staged / part.name.removeprefix("files/")
        if not target.resolve().is_relative_to(inside):
            raise Refused(f"In der Sicherung steht ein Name, der nicht hineingehört: {part.name!r}")
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with target.open("xb") as out:
            for portion in _portions(archive, part):
                out.write(portion)
        target.chmod(0o600)
    return staged


def _take_place(staged: Path, folder: Path) -> None:
    old = folder.with_name(folder.name + ".replaced")
    shutil.rmtree(old, ignore_errors=True)
    if folder.exists():
        folder.rename(old)
    staged.rename(folder)
    shutil.rmtree(old, ignore_errors=True)


def _restore_key(archive: zipfile.ZipFile, manifest: Manifest) -> None:
    """The drawn key comes back, unless this installation is given one by its environment."""
    if environment.text("LOTSE_SECRET_KEY"):
        return
    for part in manifest.parts:
        if part.name == "keys/secret_key":
            file = settings.DATA_DIR / "secret_key.restoring"
            file.unlink(missing_ok=True)
            descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as out:
                out.writelines(_portions(archive, part))
            os.replace(file, settings.DATA_DIR / "secret_key")


def _hold_old_mail(manifest: Manifest) -> int:
    """Mail that waited when an old backup was made has mostly left since: it is shown at the desk
    as unclear instead of being sent twice (T47). A backup of this hour, as for a move, keeps it."""
    if clock.now() - datetime.fromisoformat(manifest.at) < timedelta(hours=1):
        return 0
    waiting = OutboxMail.objects.filter(
        state__in=[OutboxMail.State.QUEUED, OutboxMail.State.SENDING, OutboxMail.State.HELD]
    )
    waiting.filter(code__startswith=sending.CODES).update(**sending.EMPTY)
    return waiting.update(state=OutboxMail.State.UNCLEAR, error="Sicherung eingespielt")


def _has_other_key(manifest: Manifest) -> bool:
    """Whether this installation will go on without the key that the backup was made with."""
    key = environment.text("LOTSE_SECRET_KEY")
    file = settings.DATA_DIR / "secret_key"
    if not key and file.exists():
        key = file.read_text().strip()
    held = [key, *environment.secret_key_fallbacks()]
    return manifest.key not in [fingerprint(one) for one in held]


def _migrate_to(manifest: Manifest) -> None:
    """Brings an empty database to where the backup's was."""
    executor = MigrationExecutor(connection)
    executor.migrate(migrations.leaves(executor.loader, manifest.migrations))


def _into_postgres(archive: zipfile.ZipFile, manifest: Manifest) -> None:
    ours = {table.name for table in [*manifest.tables, *tables_of(apps)]} | {"django_migrations"}
    with transaction.atomic():
        there = ours & set(connection.introspection.table_names())
        try:
            loading.drop_tables(sorted(there))
        except OperationalError as fault:
            raise Refused(_RUNNING) from fault
        _migrate_to(manifest)
        loading.load(archive, manifest)


def _into_sqlite(archive: zipfile.ZipFile, manifest: Manifest) -> None:
    target = Path(str(connection.settings_dict["NAME"]))
    fresh = target.with_name(target.name + ".restoring")
    _remove_database(fresh)
    connection.close()
    _end_journal(target)
    connection.settings_dict["NAME"] = str(fresh)
    try:
        _migrate_to(manifest)
        loading.load(archive, manifest)
        call_command("migrate", verbosity=0)
        connection.close()
        _end_journal(fresh)
        _end_journal(target)
        os.replace(fresh, target)
    finally:
        connection.close()
        connection.settings_dict["NAME"] = str(target)
        _remove_database(fresh)
    target.chmod(0o600)


def _end_journal(file: Path) -> None:
    """Takes the journal into the database: no old journal may meet the new database.

    Raises Refused while anybody has the database open.
    """
    if not file.exists():
        return
    conn = sqlite3.connect(file, timeout=5, isolation_level=None)
    try:
        mode = conn.execute("PRAGMA journal_mode=DELETE").fetchone()[0]
    except sqlite3.DatabaseError as fault:
        if "not a database" in str(fault):
            return  # what lies there is lost anyway
        raise Refused(_RUNNING) from fault
    finally:
        conn.close()
    if mode != "delete":
        raise Refused(_RUNNING)


def _remove_database(file: Path) -> None:
    for end in ("", "-wal", "-shm", "-journal"):
        file.with_name(file.name + end).unlink(missing_ok=True)
