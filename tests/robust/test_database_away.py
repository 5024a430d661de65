"""The database goes away and comes back: clean 503, then pages again, no restart (T44, T45)."""

import contextlib
import selectors
import socket
import threading
from urllib.parse import urlsplit, urlunsplit

import pytest

from tests.perf.served import Server, Site, free_port, wait_for

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
