"""How long a large installation takes to back up and to restore: `python -m tests.perf.backup`.

By default 1 GB: 700 MB of files and 300 MB of rows. Figures (issue 3): backup <= 60 s for 1 GB;
backup and restore together <= 5 min for 100 MB.
"""

import argparse
import json
import os
import subprocess
import sys
import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path

from tests.perf.served import ROOT, Site

_SQLITE = """
WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < {rows})
INSERT INTO core_logentry (at, actor, code, object_type, object_uuid, before, after)
SELECT '2026-01-01 12:00:00.000001', 'guest', 'perf.row', 'x', lower(hex(randomblob(16))), NULL,
       json_object('text', hex(randomblob(440)), 'n', n) FROM c
"""
_POSTGRES = """
INSERT INTO core_logentry (at, actor, code, object_type, object_uuid, before, after)
SELECT '2026-01-01 12:00:00.000001Z', 'guest', 'perf.row', 'x', gen_random_uuid(), NULL,
       jsonb_build_object('text', (SELECT string_agg(md5(n::text || k::text), '')
                                   FROM generate_series(1, 27) k), 'n', n)
FROM generate_series(1, {rows}) n
"""


@dataclass
class Figures:
    """Seconds and bytes of one run."""

    backup: float = 0
    restore: float = 0
    size: int = 0
    said: dict[str, object] = field(default_factory=dict)


def grow(site: Site, *, megabytes: int) -> None:
    """Seven tenths as files of 1 MB, three tenths as rows of about a kilobyte."""
    rows = megabytes * 300
    if site.database:
        import psycopg

        with psycopg.connect(site.database) as conn:
            conn.execute(_POSTGRES.format(rows=rows))  # type: ignore[arg-type]  # a number
    else:
        import sqlite3

        conn = sqlite3.connect(site.folder / "lotse.sqlite3", timeout=20)
        conn.execute(_SQLITE.format(rows=rows))
        conn.commit()
        conn.close()
    for _ in range(megabytes * 7 // 10):
        name = uuid.uuid4().hex
        file = site.folder / "files" / "documents" / name[:2] / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(os.urandom(1024 * 1024))


def run(site: Site, *arguments: str, seconds: float) -> tuple[float, dict[str, object]]:
    """(seconds, what it printed) of one `lotse` command with `--json`."""
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "lotse.cli", *arguments, "--json"], cwd=ROOT, timeout=seconds,
        env=site.environment(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise AssertionError(done.stderr[-2000:])
    return time.monotonic() - began, json.loads(done.stdout)


def measure(old: Site, new: Site, file: Path) -> Figures:
    """Backs one site up and restores it into the other, which is replaced."""
    figures = Figures()
    figures.backup, figures.said = run(old, "backup", str(file), seconds=280)
    figures.size = file.stat().st_size
    figures.restore, _said = run(new, "restore", str(file), "--force", seconds=280)
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, default=1000)
    parser.add_argument("--postgres", default="", help="address of a server to make databases on")
    options = parser.parse_args()
    old, new = Site.make(options.postgres), Site.make(options.postgres)
    try:
        grow(old, megabytes=options.megabytes)
        figures = measure(old, new, new.folder / "perf.zip")
        print(f"{options.megabytes} MB: backup {figures.backup:.1f} s, restore "
              f"{figures.restore:.1f} s, file {figures.size / 1e6:.0f} MB")  # fmt: skip
    finally:
        old.drop()
        new.drop()


if __name__ == "__main__":
    main()
