"""A real `lotse serve` with its own data folder, database and port, for load, kill and race tests.

Everything binds to and asks 127.0.0.1 only. Only processes started here are ever signalled; a
server is the leader of a session of its own, which is how all that belongs to it is found.
"""

import contextlib
import json
import os
import random
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from tests.perf.browser import LOCAL, Browser

ROOT = Path(__file__).resolve().parents[2]


def free_port() -> int:
    """A port nobody listens on at this moment, below those the system gives to clients."""
    for port in random.sample(range(20_000, 30_000), 50):
        with socket.socket() as sock, contextlib.suppress(OSError):
            sock.bind((LOCAL, port))
            return port
    raise AssertionError("no free port")


def wait_for(condition: Any, seconds: float, what: str) -> Any:
    """The first true value of `condition()`, looked at twenty times a second.

    `seconds` is what an idle machine needs at most; a busy one gets four times as long.
    """
    end = time.monotonic() + 4 * seconds
    while True:
        if value := condition():
            return value
        if time.monotonic() > end:
            raise AssertionError(f"after {seconds} s still waiting: {what}")
        time.sleep(0.05)


@dataclass
class Site:
    """A data folder with static files and the demo network, and the database that goes with it."""

    folder: Path
    database: str = ""
    more: dict[str, str] = field(default_factory=dict)

    @classmethod
    def make(cls, server: str = "") -> "Site":
        """A new site in a temporary folder; `server` is a PostgreSQL address, else SQLite."""
        folder = Path(tempfile.mkdtemp(prefix="lotse-served-"))
        site = cls(folder, new_database(server) if server else "")
        try:
            site.lotse("migrate", "--verbosity", "0")
            site.lotse("loaddemo")
            site.lotse("collectstatic", "--noinput", "--verbosity", "0")
        except BaseException:
            site.drop()
            raise
        return site

    def copy(self) -> "Site":
        """The same site once more; nothing may be running on this one."""
        folder = Path(tempfile.mkdtemp(prefix="lotse-served-"))
        shutil.copytree(self.folder, folder, dirs_exist_ok=True)
        database = new_database(self.database, template=True) if self.database else ""
        return Site(folder, database, dict(self.more))

    def drop(self) -> None:
        """Removes folder and database."""
        if self.database:
            drop_database(self.database)
        shutil.rmtree(self.folder, ignore_errors=True)

    def environment(self) -> dict[str, str]:
        """The environment of the product's processes: nothing of the caller's settings."""
        dropped = ("LOTSE_", "DJANGO_", "PYTEST_", "PYTHON", "COV_", "PORT")
        kept = {k: v for k, v in os.environ.items() if not k.startswith(dropped)}
        return kept | {
            "LOTSE_DATA_DIR": str(self.folder),
            "LOTSE_DATABASE_URL": self.database,
            "PYTHONUNBUFFERED": "1",
            **self.more,
        }

    def lotse(self, *arguments: str) -> str:
        """Runs one subcommand; raises with what it said when it fails."""
        return self.python("-m", "lotse.cli", *arguments)

    def python(self, *arguments: str) -> str:
        """Runs Python in the environment of the site; returns what it printed."""
        done = subprocess.run(
            [sys.executable, *arguments], cwd=ROOT, env=self.environment(), timeout=60,
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            raise AssertionError(f"{' '.join(arguments)}: {done.stderr[-2000:]}")
        return done.stdout

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        """Reads the database from outside. UUIDs come as 32 hex digits on both."""
        if not self.database:
            connection = sqlite3.connect(self.folder / "lotse.sqlite3", timeout=20)
            with contextlib.closing(connection):
                return [tuple(map(_same, row)) for row in connection.execute(statement)]
        import psycopg

        with psycopg.connect(self.database) as conn:
            return [tuple(map(_same, row)) for row in conn.execute(statement)]  # type: ignore[arg-type]

    def count(self, table: str, where: str = "1 = 1") -> int:
        """How many rows."""
        return int(self.rows(f"SELECT COUNT(*) FROM {table} WHERE {where}")[0][0])


def _same(value: Any) -> Any:
    if isinstance(value, uuid.UUID):
        return value.hex
    return bytes(value) if isinstance(value, memoryview) else value


def as_json(value: Any) -> Any:
    """A JSON column: SQLite hands it over as text."""
    return json.loads(value) if isinstance(value, str) else value


def new_database(url: str, *, template: bool = False) -> str:
    """The address of a new, empty database of ours; with `template` a copy of the one given."""
    parts = urlsplit(url)
    name = f"lotse_served_{uuid.uuid4().hex[:12]}"
    like = f' TEMPLATE "{parts.path.lstrip("/")}"' if template else ""
    _server(url, f'CREATE DATABASE "{name}"{like}')
    return urlunsplit(parts._replace(path=f"/{name}"))


def drop_database(url: str) -> None:
    """Drops a database made by `new_database`."""
    name = urlsplit(url).path.lstrip("/")
    if not name.startswith("lotse_served_"):
        raise ValueError(f"not one of ours: {name}")
    _server(url, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _server(url: str, statement: str) -> None:
    import psycopg

    address = urlunsplit(urlsplit(url)._replace(path="/postgres"))
    with psycopg.connect(address, autocommit=True) as conn:
        conn.execute(statement)  # type: ignore[arg-type]  # a name made here


@dataclass(frozen=True)
class Process:
    """One line of the process table."""

    pid: int
    parent: int
    session: int
    command: str
    ticks: int
    state: str


def processes(session: int) -> list[Process]:
    """All living processes of a session, whoever their parent is now."""
    found = []
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            stat = (folder / "stat").read_text().rpartition(")")[2].split()
            command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except (OSError, UnicodeDecodeError):
            continue
        if int(stat[3]) == session and stat[0] != "Z":
            found.append(Process(int(folder.name), int(stat[1]), session, command,
                                 int(stat[11]) + int(stat[12]), stat[0]))  # fmt: skip
    return found


class Server:
    """`lotse serve` on a site; a context manager that leaves nothing behind."""

    def __init__(self, site: Site, *, web: int = 2, worker: bool = True) -> None:
        self.site = site
        self.port = free_port()
        self.web, self.worker = web, worker
        self.log = site.folder / "server.log"
        self._main: subprocess.Popen[bytes] | None = None
        self._sessions: list[int] = []
        self._browsers: list[Browser] = []

    def __enter__(self) -> "Server":
        self.start()
        return self

    def __exit__(self, *_: Any) -> None:
        for browser in self._browsers:
            browser.close()
        if self._main is not None and self._main.poll() is None:
            self.stop()
        for session in self._sessions:
            for process in processes(session):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(process.pid, signal.SIGKILL)

    def browser(self, cookies: dict[str, str] | None = None) -> Browser:
        """A browser on this server, closed with it."""
        browser = Browser(self.port, cookies)
        self._browsers.append(browser)
        return browser

    @property
    def pid(self) -> int:
        if self._main is None:
            raise AssertionError("the server was never started")
        return self._main.pid

    def start(self, *, wait: bool = True, seconds: float = 20) -> float:
        """Starts it; returns the seconds until the first answer."""
        if self._main is not None and self._main.poll() is None:
            raise AssertionError("the server is running already")
        began = time.monotonic()
        command = [sys.executable, "-m", "lotse.cli", "serve", "--port", str(self.port),
                   "--workers", str(self.web)]  # fmt: skip
        command += [] if self.worker else ["--no-worker"]
        env = self.site.environment()
        env.setdefault("LOTSE_BASE_URL", f"http://localhost:{self.port}")
        with self.log.open("ab") as log:
            self._main = subprocess.Popen(
                command, cwd=ROOT, env=env, stdout=log, stderr=log, start_new_session=True
            )
        self._sessions.append(self._main.pid)
        if wait:
            wait_for(self.answers, seconds, f"first answer ({self.said()[-500:]})")
        return time.monotonic() - began

    def answers(self) -> bool:
        """Whether a page comes; fails at once when the server has ended."""
        if self._main is not None and self._main.poll() is not None:
            raise AssertionError(f"lotse serve ended: {self.said()[-2000:]}")
        connection = HTTPConnection(LOCAL, self.port, timeout=10)
        try:
            connection.request("GET", "/robots.txt")
            return connection.getresponse().status == 200
        except (OSError, HTTPException):
            return False
        finally:
            connection.close()

    def said(self) -> str:
        """All that the server wrote so far."""
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def processes(self) -> list[Process]:
        """Main process, web children, worker."""
        return processes(self.pid)

    def web_children(self) -> list[Process]:
        """The web processes."""
        return [
            process for process in self.processes()
            if process.parent == self.pid and " serve " in process.command
        ]  # fmt: skip

    def workers(self) -> list[Process]:
        """The background worker; more than one only while they change."""
        return [p for p in self.processes() if p.command.rstrip().endswith("lotse.cli worker")]

    def stop(self, sign: int = signal.SIGTERM, *, group: bool = True, seconds: float = 30) -> int:
        """Ends it politely; returns the exit code."""
        if self._main is None:
            raise AssertionError("the server was never started")
        (os.killpg if group else os.kill)(self._main.pid, sign)
        return self._main.wait(seconds)

    def kill(self, *, seconds: float = 5) -> None:
        """kill -9 of the main process; waits until nothing of the server is left."""
        if self._main is None:
            raise AssertionError("the server was never started")
        self._main.kill()
        self._main.wait(seconds)
        try:
            wait_for(lambda: not self.processes(), seconds, "the children end with their parent")
        except AssertionError as error:
            left = [f"{p.pid} of {p.parent}: {p.command}" for p in self.processes()]
            raise AssertionError(f"{error}: {left}\n{self.said()[-2000:]}") from None


@contextlib.contextmanager
def serving(site: Site, **options: Any) -> Iterator[Server]:
    """A running server on a site that is dropped afterwards."""
    try:
        with Server(site, **options) as server:
            yield server
    finally:
        site.drop()
