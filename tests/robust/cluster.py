"""A PostgreSQL server of a test's own, which may be stopped and started; on 127.0.0.1 only."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import pytest

from tests.perf.served import free_port

_OWNER = "postgres"
_SETTINGS = ("listen_addresses=127.0.0.1", "max_connections=40", "fsync=off")


def _programs() -> Path | None:
    """The folder of the server's programs; many systems keep them off the PATH."""
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return folders[-1].parent if folders else None


class Cluster:
    """A context manager: makes the cluster, leaves nothing behind.

    PostgreSQL never runs as root: root becomes the user `postgres` for it. Skips the test where
    programs or user are missing.
    """

    def __init__(self) -> None:
        programs = _programs()
        if programs is None:
            pytest.skip("the programs of a PostgreSQL server are not installed")
        self._programs = programs
        self._as: list[str] = []
        if os.geteuid() == 0:
            runuser = shutil.which("runuser")
            if runuser is None or not _exists(_OWNER):
                pytest.skip(f"root needs runuser and a user {_OWNER} to start PostgreSQL")
            self._as = [runuser, "-u", _OWNER, "--"]
        self.folder = Path(tempfile.mkdtemp(prefix="lotse-cluster-"))
        self.port = free_port()
        self.url = f"postgres://{_OWNER}@127.0.0.1:{self.port}/postgres"

    def __enter__(self) -> "Cluster":
        if self._as:
            shutil.chown(self.folder, _OWNER)
        try:
            self._run("initdb", "-U", _OWNER, "-A", "trust", "-E", "UTF8", "--no-sync")
            self.start()
        except BaseException:
            self._remove()
            raise
        return self

    def __exit__(self, *_: Any) -> None:
        self._remove()

    def start(self) -> None:
        """Returns when it takes connections."""
        settings = [f"-c {one}" for one in (*_SETTINGS, f"unix_socket_directories={self.folder}")]
        options = " ".join([f"-p {self.port}", *settings])
        self._run("pg_ctl", "start", "-w", "-o", options, "-l", str(self.folder / "log"))

    def stop(self, how: str = "fast") -> None:
        """Ends all connections; `immediate` is like pulling the plug."""
        self._run("pg_ctl", "stop", "-w", "-m", how)

    def _remove(self) -> None:
        if (self.folder / "data" / "postmaster.pid").exists():
            self.stop("immediate")
        shutil.rmtree(self.folder, ignore_errors=True)

    def _run(self, program: str, *arguments: str) -> None:
        command = [*self._as, str(self._programs / program), "-D", str(self.folder / "data")]
        # Not into a pipe: the server that `pg_ctl` leaves behind would keep it open.
        with (self.folder / f"{program}.out").open("w+") as out:
            done = subprocess.run([*command, *arguments], cwd=self.folder, stdout=out, stderr=out,
                                  stdin=subprocess.DEVNULL, timeout=60, check=False)  # fmt: skip
            if done.returncode:
                out.seek(0)
                raise AssertionError(f"{program}: {out.read()[-1000:]}")


def _exists(user: str) -> bool:
    import pwd

    try:
        pwd.getpwnam(user)
    except KeyError:
        return False
    return True
