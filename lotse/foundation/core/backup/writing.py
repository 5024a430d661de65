"""Writing a backup while people work: one moment of the database, and every file it names."""

import hashlib
import json
import os
import shutil
import tempfile
import time
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from datetime import UTC
from pathlib import Path
from typing import Any, BinaryIO

from django.apps import apps
from django.conf import settings
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from lotse import __version__
from lotse.foundation.core import clock, hooks
from lotse.foundation.core.backup import manifest as listing
from lotse.foundation.core.backup import migrations, snapshot
from lotse.foundation.core.backup.manifest import Manifest, Part
from lotse.foundation.core.backup.rows import Table, tables_of
from lotse.foundation.core.errors import Refused

NOTE = "backup.json"
_PORTION = 1024 * 1024
_TRIES = 3


class Vanished(Exception):
    """A file that a row names was deleted before it was held fast: a new moment is needed."""


def fingerprint(key: str) -> str:
    """What tells whether two installations have the same key, and nothing about the key."""
    return hashlib.sha256(f"lotse-backup|{key}".encode()).hexdigest()[:16]


def write(target: Path) -> dict[str, Any]:
    """Writes a backup to `target`, readable by the owner only; returns what is in it.

    The file appears under its name when it is whole. Raises Refused when the name is taken or the
    database is empty, OSError when the disk is full.
    """
    began = time.monotonic()
    if target.exists():
        raise Refused(f"{target} gibt es schon. Eine Sicherung überschreibt nichts.")
    if not target.parent.is_dir():
        raise Refused(f"Den Ordner {target.parent} gibt es nicht.")
    if "django_migrations" not in connection.introspection.table_names():
        raise Refused("Die Datenbank ist leer: bitte `lotse migrate` ausführen.")
    part = target.with_name(target.name + ".part")
    try:
        manifest = _insist(part)
        os.replace(part, target)
    finally:
        part.unlink(missing_ok=True)
    _sync(target.parent)
    found = {
        "file": str(target),
        "at": manifest.at,
        "size": target.stat().st_size,
        "seconds": round(time.monotonic() - began, 1),
        "tables": len(manifest.tables),
        "rows": sum(manifest.counts.values()),
        "files": len(manifest.files),
        "lost_files": manifest.lost,
    }
    note = settings.DATA_DIR / NOTE
    note.write_text(json.dumps(found, ensure_ascii=False), encoding="utf-8")
    note.chmod(0o600)
    return found


def _insist(part: Path) -> Manifest:
    """Tries again with a new moment while files vanish; one that stays away is lost and listed."""
    lost: set[str] = set()
    for last in [*[False] * (_TRIES - 1), True]:
        try:
            with _opened(part) as out:
                with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
                    manifest = _fill(archive, lost, last=last)
                out.flush()
                os.fsync(out.fileno())
            return manifest
        except Vanished as vanished:
            lost = set(vanished.args[0])
    raise AssertionError("the last try never gives up")


def _opened(part: Path) -> BinaryIO:
    part.unlink(missing_ok=True)
    descriptor = os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    return os.fdopen(descriptor, "w+b")


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _fill(archive: zipfile.ZipFile, lost_before: set[str], *, last: bool) -> Manifest:
    with ExitStack() as stack:
        held = stack.enter_context(HeldFiles(Path(settings.MEDIA_ROOT)))
        moment = snapshot.take()
        stack.callback(moment.close)
        held.hold()  # once more: what came between the first look and the moment
        applied = moment.migrations()
        tables = _tables(applied)
        named = _named_files(moment, {table.name for table in tables})
        lost = {name for name in named if not held.has(name)}
        if lost - lost_before and not last:
            raise Vanished(lost)
        manifest = Manifest(
            version=__version__,
            at=clock.now().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            vendor=connection.vendor,
            key=fingerprint(settings.SECRET_KEY),
            migrations=applied,
            tables=tables,
            last_keys=moment.last_keys(),
        )
        for table in manifest.tables:
            _write_table(archive, manifest, moment, table)
        moment.close()
        for name, file in held.files():
            try:
                _write_part(archive, manifest, f"files/{name}", file)
            except FileNotFoundError:  # only where the file system knows no links
                if name in named and not last:
                    raise Vanished(lost) from None
                lost |= {name} & named
        manifest.lost = sorted(lost)
        key = settings.DATA_DIR / "secret_key"
        if key.exists():
            _write_part(archive, manifest, "keys/secret_key", key)
        archive.writestr(listing.NAME, manifest.as_json(), zipfile.ZIP_DEFLATED)
    return manifest


def _tables(applied: list[tuple[str, str]]) -> list[Table]:
    """The tables as they are in the database, also when the program is newer than it."""
    loader = MigrationLoader(connection)
    leaves = migrations.leaves(loader, applied)
    if set(loader.graph.leaf_nodes()) == set(leaves):
        return tables_of(apps)
    return tables_of(loader.project_state(leaves).apps)


def _named_files(moment: snapshot.Snapshot, tables: set[str]) -> set[str]:
    return {
        entry.name(value)
        for entry in hooks.named_files
        if entry.table in tables
        for value in moment.values(entry.table, entry.column)
    }


def _write_table(
    archive: zipfile.ZipFile, manifest: Manifest, moment: snapshot.Snapshot, table: Table
) -> None:
    rows = 0

    def counted() -> Iterator[bytes]:
        nonlocal rows
        for portion in moment.lines(table):
            rows += portion.count(b"\n")
            yield portion

    _stream(archive, manifest, listing.part_of(table.name), counted())
    manifest.counts[table.name] = rows


def _write_part(archive: zipfile.ZipFile, manifest: Manifest, name: str, file: Path) -> None:
    """One file as it is: evidence is mostly packed already."""
    with file.open("rb") as source:
        _stream(archive, manifest, zipfile.ZipInfo(name), iter(lambda: source.read(_PORTION), b""))


def _stream(
    archive: zipfile.ZipFile,
    manifest: Manifest,
    member: str | zipfile.ZipInfo,
    portions: Iterable[bytes],
) -> None:
    """Tables are packed a little (as the archive says), a `ZipInfo` is taken as it is."""
    name = member if isinstance(member, str) else member.filename
    digest, size = hashlib.sha256(), 0
    with archive.open(member, "w", force_zip64=True) as out:
        for portion in portions:
            digest.update(portion)
            size += len(portion)
            out.write(portion)
    manifest.parts.append(Part(name, size, digest.hexdigest()))


class HeldFiles:
    """Hard links to all files, so that none goes away while the backup runs.

    Where a file system knows no links, the files themselves are read; one that vanishes then makes
    the backup begin anew.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._links: Path | None = None
        self._found: dict[str, Path] = {}

    def __enter__(self) -> "HeldFiles":
        links = tempfile.mkdtemp(prefix="backup-", dir=settings.DATA_DIR)
        self._links = Path(links)
        self.hold()
        return self

    def __exit__(self, *_: object) -> None:
        if self._links is not None:
            shutil.rmtree(self._links, ignore_errors=True)

    def hold(self) -> None:
        """Holds every file that is not held yet."""
        for path, _folders, names in os.walk(self._folder):
            for name in names:
                file = Path(path, name)
                stored = file.relative_to(self._folder).as_posix()
                if stored not in self._found and listing.is_safe(f"files/{stored}"):
                    self._link(stored, file)

    def _link(self, stored: str, file: Path) -> None:
        if file.is_symlink() or not file.is_file():
            return
        if self._links is not None:
            link = self._links / str(len(self._found))
            try:
                os.link(file, link)
            except FileNotFoundError:
                return
            except OSError:
                self._found[stored] = file  # no links here
            else:
                self._found[stored] = link

    def has(self, stored: str) -> bool:
        return stored in self._found

    def files(self) -> list[tuple[str, Path]]:
        """(stored name, where to read it), in order of the names."""
        return sorted(self._found.items())
