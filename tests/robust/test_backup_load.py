"""Backups while people work, and restored elsewhere: nothing named is missing (T50)."""

import json
import re
import threading
import time
import uuid
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.perf.backup import grow, measure, run
from tests.perf.browser import Browser, hidden
from tests.perf.served import Server, Site

pytestmark = pytest.mark.slow
SECONDS = 5
PDF = b"%PDF-1.7\n" + b"Nachweis " * 2000


def upload(browser: Browser, path: str) -> int:
    """Hands in one file as a form with a file does; returns the status."""
    border = uuid.uuid4().hex
    fields = hidden(browser.get(path).text)
    parts = [
        f'--{border}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{fields[name]}\r\n'
        for name in ("csrfmiddlewaretoken", "_key")
    ]
    head = (
        f'--{border}\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n'
        "Content-Type: application/pdf\r\n\r\n"
    )
    body = "".join(parts).encode() + head.encode() + PDF + f"\r\n--{border}--\r\n".encode()
    return post_raw(browser, path + "nachweis/", body, border)


def post_raw(browser: Browser, path: str, body: bytes, border: str) -> int:
    from http.client import HTTPConnection

    connection = HTTPConnection("127.0.0.1", browser.port, timeout=30)
    try:
        cookies = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
        connection.request("POST", path, body, {
            "Content-Type": f"multipart/form-data; boundary={border}", "Cookie": cookies,
            "Host": f"localhost:{browser.port}",
        })  # fmt: skip
        return connection.getresponse().status
    finally:
        connection.close()


class People(threading.Thread):
    """Somebody who hands in files and deletes them again until told to stop."""

    def __init__(self, browser: Browser, stop: threading.Event) -> None:
        super().__init__(daemon=True)
        self.browser, self.stopping = browser, stop
        self.kept = self.deleted = 0
        self.faults: list[str] = []

    def run(self) -> None:
        try:
            self.browser.start_check()
            path = self._measure()
            while not self.stopping.is_set():
                status = upload(self.browser, path)
                if status == 302:
                    self.kept += 1
                page = self.browser.get(path).text
                found = re.findall(r'name="delete" value="([0-9a-f-]{36})"', page)
                if len(found) > 2:
                    form = {"csrfmiddlewaretoken": hidden(page)["csrfmiddlewaretoken"],
                            "delete": found[0]}  # fmt: skip
                    if self.browser.post(path + "nachweis/", form).status == 302:
                        self.deleted += 1
        except Exception as fault:
            self.faults.append(repr(fault))

    def _measure(self) -> str:
        form = hidden(self.browser.get(self.browser.path("plan/neu/")).text)
        form |= {"title": "Mit Nachweis", "urgency": "2", "reason": "", "responsible": ""}
        assert self.browser.post(self.browser.path("plan/neu/"), form).status == 302
        listed = self.browser.get(self.browser.path("plan/")).text
        found = re.search(r"/plan/([0-9a-f-]{36})/", listed)
        assert found
        return self.browser.path(f"plan/{found[1]}/")


def test_backups_under_load_hold_every_file_they_name(site: Site, tmp_path: Path) -> None:
    site.more["LOTSE_LIMIT_UPLOAD"] = "100000"
    stop = threading.Event()
    backups = []
    with Server(site) as server:
        people = [People(server.browser(), stop) for _ in range(4)]
        for one in people:
            one.start()
        end = time.monotonic() + SECONDS
        while time.monotonic() < end or len(backups) < 3:
            file = tmp_path / f"{len(backups)}.zip"
            _seconds, said = run(site, "backup", str(file), seconds=60)
            assert said["lost_files"] == []
            backups.append(file)
        stop.set()
        for one in people:
            one.join(40)
        assert not [fault for one in people for fault in one.faults]
        assert sum(one.kept for one in people) > 8
        assert sum(one.deleted for one in people) > 2
        server.stop()
    new = Site(tmp_path / "elsewhere", site.database)
    new.folder.mkdir(mode=0o700)
    for file in backups:
        # On PostgreSQL the same database is replaced: it is somewhere else by its content.
        _seconds, found = run(new, "restore", str(file), "--force", seconds=60)
        assert found["chain_faults"] == []
        rows = new.rows("SELECT uuid FROM documents_document")
        for (key,) in rows:
            assert (new.folder / "files" / "documents" / key[:2] / key).read_bytes() == PDF
    assert rows, "the last backup holds files"


def test_the_restored_site_serves_what_was_there(site: Site, tmp_path: Path) -> None:
    file = tmp_path / "a.zip"
    with Server(site) as server:
        browser = server.browser()
        browser.start_check()
        cookies = browser.cookies
        path = browser.path("ergebnis/")
        assert browser.get(path).status == 200
        run(site, "backup", str(file), seconds=60)
        server.stop()
    new = site.copy()
    try:
        run(new, "restore", str(file), "--force", seconds=60)
        with Server(new) as server:
            assert server.browser(cookies).get(path).status == 200, "same key, same session"
        again = tmp_path / "b.zip"
        run(new, "backup", str(again), seconds=60)
        first, second = (_sums(one) for one in (file, again))
        changing = {"tables/core_jobrun.copy", "tables/core_limitcounter.copy",
                    "tables/django_session.copy", "tables/accounts_session.copy"}  # fmt: skip
        assert {n: s for n, s in first.items() if n not in changing} == {
            n: s for n, s in second.items() if n not in changing
        }
    finally:
        new.drop()


def _sums(file: Path) -> dict[str, Any]:
    with zipfile.ZipFile(file) as archive:
        parts = json.loads(archive.read("manifest.json"))["parts"]
    return {part["name"]: part["sha256"] for part in parts}


@pytest.mark.measured
def test_a_hundred_megabytes_are_there_and_back_in_time(site: Site, tmp_path: Path) -> None:
    grow(site, megabytes=100)
    new = site.copy()
    try:
        figures = measure(site, new, tmp_path / "a.zip")
        print(f"100 MB: backup {figures.backup:.1f} s, restore {figures.restore:.1f} s")
        assert figures.backup <= 60
        assert figures.backup + figures.restore <= 300
        assert new.count("core_logentry", "code = 'perf.row'") == 30_000
    finally:
        new.drop()
