"""The database goes away and comes back: clean 503, then pages again, no restart (T44, T45)."""

import contextlib
import selectors
import socket
import threading
import time
from dataclasses import dataclass, field
from urllib.parse import urlsplit, urlunsplit

import pytest

from tests.perf.browser import Browser
from tests.perf.served import Server, Site, free_port, wait_for
from tests.robust.cluster import Cluster

pytestmark = pytest.mark.slow


class Road:
    """A way to PostgreSQL that can be cut: what a restart of the server looks like from here."""

    def __init__(self, host: str, port: int) -> None:
        self.target = (host, port)
        self.port = free_port()
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        self._ended = threading.Event()
        self._listener: socket.socket | None = None

    def open(self) -> None:
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", self.port))
        listener.listen(64)
        listener.settimeout(0.2)
        self._listener, self._ended = listener, threading.Event()
        threading.Thread(target=self._accept, args=(listener, self._ended), daemon=True).start()

    def cut(self) -> None:
        """Ends all connections and takes no more."""
        self._ended.set()
        if self._listener is not None:
            self._listener.close()
        for pair in self._pairs:
            for end in pair:
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
        self._pairs.clear()

    def _accept(self, listener: socket.socket, ended: threading.Event) -> None:
        while not ended.is_set():
            try:
                here, _address = listener.accept()
            except TimeoutError:
                continue
            except OSError:
                return
            there = socket.create_connection(self.target, timeout=5)
            self._pairs.append((here, there))
            threading.Thread(target=_carry, args=(here, there), daemon=True).start()


def _carry(here: socket.socket, there: socket.socket) -> None:
    with selectors.DefaultSelector() as both, here, there:
        both.register(here, selectors.EVENT_READ, there)
        both.register(there, selectors.EVENT_READ, here)
        while True:
            for key, _mask in both.select(60):
                try:
                    data = key.fileobj.recv(65536)  # type: ignore[union-attr]  # a socket
                    if not data:
                        return
                    key.data.sendall(data)
                except OSError:
                    return


def test_a_database_that_goes_away_comes_back(site: Site) -> None:
    if not site.database:
        pytest.skip("SQLite does not go away")
    parts = urlsplit(site.database)
    road = Road(parts.hostname or "127.0.0.1", parts.port or 5432)
    road.open()
    user = parts.netloc.rpartition("@")[0]
    direct, site.database = (
        site.database,
        urlunsplit(parts._replace(netloc=f"{user}@127.0.0.1:{road.port}")),
    )
    try:
        with Server(site) as server:
            browser = server.browser()
            assert browser.get("/gesund/").status == 200
            assert browser.get("/checks/").status == 200
            road.cut()
            for path in ("/gesund/", "/checks/", "/gesund/"):
                assert browser.get(path).status == 503, path
            road.open()
            wait_for(lambda: browser.get("/gesund/").status == 200, 10, "health again")
            assert browser.get("/checks/").status == 200
            assert len(server.web_children()) == 2, "nothing had to be restarted"
    finally:
        road.cut()
        site.database = direct


@dataclass
class Person:
    """Somebody who answers a check on and on, and sends the same again until it is taken."""

    browser: Browser
    acknowledged: list[str] = field(default_factory=list)
    refused: int = 0
    faults: list[str] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.thread = threading.Thread(target=self._answer, daemon=True)
        self.thread.start()

    def goes_on(self) -> None:
        """Waits for some more answers that are taken."""
        enough = len(self.acknowledged) + 5
        wait_for(lambda: self.faults or len(self.acknowledged) > enough, 5, "answers")
        assert not self.faults, self.faults

    def finish(self) -> None:
        self.ended.set()
        self.thread.join(20)
        assert not self.thread.is_alive()
        assert not self.faults, self.faults

    def _answer(self) -> None:
        try:
            while not self.ended.is_set():
                step = len(self.acknowledged)
                path = self.browser.path(f"punkt/{step % 7 + 1}/")
                form = self._form(step % 7 + 1) | {"note": f"Antwort {step}"}
                while self._send(path, form) != 302:
                    self.refused += 1
                    time.sleep(0.05)
                self.acknowledged.append(form["note"])
        except Exception as fault:
            self.faults.append(repr(fault))

    def _form(self, number: int) -> dict[str, str]:
        while True:
            with contextlib.suppress(AssertionError):
                return self.browser.form_of(number)
            self.refused += 1
            time.sleep(0.05)

    def _send(self, path: str, form: dict[str, str]) -> int:
        reply = self.browser.post(path, form)
        if reply.status not in (302, 503):
            raise AssertionError(f"{reply.status}: {reply.text[-400:]}")
        return reply.status


def test_a_restart_of_postgresql_loses_nothing_acknowledged() -> None:
    """Stopped in order and once by pulling the plug, under a server that is not restarted (T44)."""
    with Cluster() as cluster:
        site = Site.make(cluster.url)
        try:
            with Server(site) as server:
                children = {process.pid for process in server.web_children()}
                person, other = Person(_begun(server)), _begun(server)
                for turn, how in enumerate(("fast", "immediate"), start=1):
                    person.goes_on()
                    path = other.path(f"punkt/{turn}/")
                    form = other.form_of(turn, note="unterbrochen")
                    cluster.stop(how)
                    _says_so(other, path, form)
                    cluster.start()
                    wait_for(lambda: other.get("/gesund/").status == 200, 10, "health again")
                    assert other.get("/checks/").status == 200
                    assert other.post(path, form).status == 302, "sent again, as the page says"
                person.goes_on()
                person.finish()
                assert person.refused
                assert {process.pid for process in server.web_children()} == children
                _check_stored(site, other, ["unterbrochen"] * 2)
                _check_stored(site, person.browser, person.acknowledged)
        finally:
            site.database = ""  # it goes with the cluster
            site.drop()


def _begun(server: Server) -> Browser:
    browser = server.browser()
    browser.start_check()
    return browser


def _says_so(browser: Browser, path: str, form: dict[str, str]) -> None:
    """While the database is away: 503 everywhere, and on a page what to do."""
    assert browser.get("/gesund/").status == 503
    for reply in (browser.get("/checks/"), browser.post(path, form)):
        assert (reply.status, reply.headers["retry-after"]) == (503, "60")
        assert "Ihre Eingabe steht noch dort" in reply.text
        assert f"Vorgangsnummer: {reply.headers['x-request-id']}" in reply.text


def _check_stored(site: Site, browser: Browser, acknowledged: list[str]) -> None:
    """Each acknowledged answer is stored, and once: its row was changed just as often."""
    key = browser.assessment.replace("-", "")
    rows = site.rows(
        "SELECT a.note, a.version, s.uuid FROM checks_answer a "
        "JOIN checks_assessment s ON s.id = a.assessment_id"
    )
    mine = [(note, version) for note, version, uuid in rows if uuid == key]
    assert {note for note, _version in mine} == set(acknowledged[-7:])
    assert sum(version for _note, version in mine) == len(acknowledged)
