"""The list at the end of a backup: what is in it, from which version, with sums."""

import json
import re
import zipfile
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from lotse.foundation.core.backup.rows import KINDS, Table
from lotse.foundation.core.errors import Refused

FORMAT = "lotse-backup/1"
NAME = "manifest.json"
MOST_BYTES = 256 * 1024**2
_TABLE = re.compile(r"[a-z_][a-z0-9_]{0,62}")
_SUM = re.compile(r"[0-9a-f]{64}")
_BAD_PART = re.compile(r"[\x00-\x1f\x7f\\:\u200e\u200f\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True)
class Part:
    """One member of the archive."""

    name: str
    size: int
    sha256: str


@dataclass
class Manifest:
    """What `manifest.json` says. Sizes in bytes, `at` in UTC."""

    version: str
    at: str
    vendor: str
    key: str
    migrations: list[tuple[str, str]] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    last_keys: dict[str, int] = field(default_factory=dict)
    parts: list[Part] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)

    def as_json(self) -> bytes:
        content = {
            "format": FORMAT,
            "version": self.version,
            "at": self.at,
            "database": self.vendor,
            "key": self.key,
            "migrations": self.migrations,
            "tables": [
                {"name": table.name, "key": table.key, "columns": table.columns,
                 "rows": self.counts[table.name]}
                for table in self.tables
            ],
            "last_keys": self.last_keys,
            "parts": [{"name": p.name, "size": p.size, "sha256": p.sha256} for p in self.parts],
            "lost_files": self.lost,
        }  # fmt: skip
        return json.dumps(content, ensure_ascii=False, indent=1).encode()

    @property
    def files(self) -> list[Part]:
        return [part for part in self.parts if part.name.startswith("files/")]


def part_of(table: str) -> str:
    return f"tables/{table}.copy"


def is_safe(name: str) -> bool:
    """Whether a member may be written below the target folder (T23): a plain relative path."""
    path = PurePosixPath(name)
    return (
        not _BAD_PART.search(name)
        and not path.is_absolute()
        and str(path) == name
        and len(name.encode("utf-8", "replace")) <= 1000
        and all(part not in ("", ".", "..") and len(part.encode("utf-8", "replace")) <= 255
                for part in path.parts)
    )  # fmt: skip


def read(archive: zipfile.ZipFile) -> Manifest:
    """The manifest of an archive. Raises Refused for one that is none of ours or not whole."""
    try:
        info = archive.getinfo(NAME)
    except KeyError:
        raise Refused(
            "Das ist keine Sicherung von Lotse, oder sie ist nicht vollständig."
        ) from None
    if info.file_size > MOST_BYTES:
        raise Refused("Das Verzeichnis der Sicherung ist zu groß.")
    with archive.open(info) as source:
        text = source.read(MOST_BYTES + 1)
    try:
        manifest = _parsed(json.loads(text))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as fault:
        raise Refused("Das Verzeichnis der Sicherung lässt sich nicht lesen.") from fault
    _check_members(archive, manifest)
    return manifest


def _parsed(content: dict[str, Any]) -> Manifest:
    if content.get("format") != FORMAT:
        raise Refused(
            f"Diese Sicherung hat die Form {str(content.get('format'))[:40]}. Diese Version von "
            f"Lotse liest {FORMAT}."
        )
    manifest = Manifest(
        version=str(content["version"]),
        at=str(content["at"]),
        vendor=str(content["database"]),
        key=str(content["key"]),
        migrations=[(str(app), str(name)) for app, name in content["migrations"]],
        last_keys={str(table): int(last) for table, last in content["last_keys"].items()},
        lost=[str(name) for name in content["lost_files"]],
    )
    for row in content["tables"]:
        columns = tuple((str(name), str(kind)) for name, kind in row["columns"])
        table = Table(str(row["name"]), columns, str(row["key"]))
        if not _TABLE.fullmatch(table.name) or not {k for _n, k in columns} <= KINDS:
            raise ValueError("table")
        manifest.tables.append(table)
        manifest.counts[table.name] = int(row["rows"])
    for row in content["parts"]:
        part = Part(str(row["name"]), int(row["size"]), str(row["sha256"]))
        if part.size < 0 or not _SUM.fullmatch(part.sha256):
            raise ValueError("part")
        manifest.parts.append(part)
    return manifest


def _check_members(archive: zipfile.ZipFile, manifest: Manifest) -> None:
    """Archive and list name the same members, once each, all with names that stay inside."""
    members = [info.filename for info in archive.infolist() if info.filename != NAME]
    listed = [part.name for part in manifest.parts]
    if len(set(members)) != len(members) or set(members) != set(listed):
        raise Refused("Inhalt und Verzeichnis der Sicherung passen nicht zusammen.")
    allowed = {part_of(table.name) for table in manifest.tables} | {"keys/secret_key"}
    for name in members:
        if not is_safe(name) or not (name in allowed or name.startswith("files/")):
            raise Refused(f"In der Sicherung steht ein Name, der nicht hineingehört: {name[:80]!r}")
    sizes = {part.name: part.size for part in manifest.parts}
    for info in archive.infolist():
        if info.filename != NAME and info.file_size != sizes[info.filename]:
            raise Refused(f"Die Größe stimmt nicht: {info.filename[:80]}")


def version_of(text: str) -> tuple[int, ...]:
    """A version such as 0.1.0 as numbers, to compare it. Raises ValueError for anything else."""
    return tuple(int(part) for part in text.split("."))
