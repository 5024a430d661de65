"""Lock files of killed workers go; those of the living and of the newly started stay (T42)."""

import os
import time
from pathlib import Path
from typing import Any

import pytest

from lotse.foundation.core import db, workers


@pytest.mark.django_db
def test_only_old_locks_of_the_dead_are_cleared(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path
    if db.is_postgres():
        pytest.skip("PostgreSQL knows no lock files")
    alive = workers.LifeLock("w-alive")
    alive.take()
    try:
        folder = tmp_path / "locks"
        for name in ("w-dead", "w-new"):
            (folder / f"{name}.lock").touch()
        old = time.time() - 7200
        for name in ("w-dead", "w-alive"):
            os.utime(folder / f"{name}.lock", (old, old))
        assert workers.clear_locks() == 1
        assert {file.stem for file in folder.iterdir()} == {"w-alive", "w-new"}
    finally:
        alive.release()
