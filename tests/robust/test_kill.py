"""What was acknowledged is stored, whatever is killed; and a polite end is quick (T42)."""

import email
import email.policy
import hashlib
import os
import signal
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path

import pytest

from tests.perf.browser import Browser, Reply, checks, hidden, levels, round_of
from tests.perf.served import Server, Site, as_json, wait_for

pytestmark = pytest.mark.slow

THREADS = 8
EACH = 25
PATIENCE = 40.0
HERE = Path(__file__).parent


@dataclass(frozen=True)
class Sent:
    """One answer as it was sent."""

    assessment: str
    number: int
    key: str
    level: str


@dataclass
class Crowd:
    """Eight people who answer on and on; each tries again where no answer came."""

    server: Server
    sent: dict[str, Sent] = field(default_factory=dict)
    acknowledged: list[str] = field(default_factory=list)
    started: list[str] = field(default_factory=list)
    retries: int = 0
    faults: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.browsers = [self.server.browser() for _ in range(THREADS)]
        self.threads = [
            threading.Thread(target=self._person, args=(n,), daemon=True) for n in range(THREADS)
        ]

    def start(self) -> None:
        for thread in self.threads:
            thread.start()

    def until(self, acknowledged: int) -> None:
        """Waits until so many answers were acknowledged."""
        wait_for(lambda: self.faults or len(self.acknowledged) >= acknowledged, PATIENCE,
                 f"{acknowledged} answers")  # fmt: skip

    def finish(self) -> None:
        """Waits for all; a fault of anybody is a fault of the test."""
        for thread in self.threads:
            thread.join(PATIENCE)
        assert not self.faults, self.faults[:3]
        assert len(self.acknowledged) == THREADS * EACH

    def _person(self, person: int) -> None:
        """Two checks one after the other; some answers are changed later."""
        browser = self.browsers[person]
        try:
            for step in range(EACH):
                if step in (0, EACH // 2):
                    self._start(browser, f"Person {person}, Schritt {step}")
                self._answer(browser, f"Person {person}, Schritt {step}", step % 7 + 1)
        except Exception as fault:
            self.faults.append(repr(fault))

    def _start(self, browser: Browser, name: str) -> None:
        listed = checks(self._insist(browser, "GET", "/checks/", None).text)
        path = next(path for path, points in listed.items() if points == 7)
        form = hidden(self._insist(browser, "GET", path, None).text)
        form |= {"scope": "organisation", "organisation_name": name}
        reply = self._insist(browser, "POST", path, form)
        assert reply.status == 302, (reply.status, reply.text[-600:])
        browser.assessment = round_of(reply.location)
        self.started.append(name)

    def _answer(self, browser: Browser, text: str, number: int) -> None:
        page = self._insist(browser, "GET", browser.path(f"punkt/{number}/"), None)
        assert page.status == 200, page.status
        offered = levels(page.text)
        form = {name: value for name, value in hidden(page.text).items()
                if name in ("csrfmiddlewaretoken", "_key", "version")}  # fmt: skip
        form |= {"level": offered[len(text) % len(offered)], "note": text, "go": "next"}
        self.sent[text] = Sent(browser.assessment, number, form["_key"], form["level"])
        reply = self._insist(browser, "POST", browser.path(f"punkt/{number}/"), form)
        assert reply.status == 302, (reply.status, reply.text[-600:])
        self.acknowledged.append(text)

    def _insist(
        self, browser: Browser, method: str, path: str, form: dict[str, str] | None
    ) -> Reply:
        """Sends the very same again until an answer comes, as a person reloads."""
        end = time.monotonic() + PATIENCE
        while True:
            try:
                reply = browser.request(method, path, form)
                if not (reply.status == 409 and "retry-after" in reply.headers):
                    return reply
            except (OSError, HTTPException):
                if time.monotonic() > end:
                    raise
            self.retries += 1
            time.sleep(0.1)


def check_stored(site: Site, crowd: Crowd) -> None:
    """Everything acknowledged is there once; nothing is there by half."""
    names = Counter(row[0] for row in site.rows(
        "SELECT organisation_name FROM checks_assessment WHERE organisation_name LIKE 'Person %'"
    ))  # fmt: skip
    assert names == Counter(crowd.started), "a check that was begun is lost, or there twice"

    points = _points(site, crowd)
    sent: dict[tuple[str, str], list[str]] = {}
    for text, one in crowd.sent.items():
        sent.setdefault((one.assessment, points[one.assessment][one.number - 1]), []).append(text)
    assert sum(map(len, sent.values())) == len(crowd.acknowledged)
    mine = {where[0].replace("-", ""): where[0] for where in sent}
    stored = {
        (mine[assessment], checkpoint): (thing, note, level, version)
        for thing, note, level, version, assessment, checkpoint in site.rows(
            "SELECT a.uuid, a.note, a.level, a.version, s.uuid, a.checkpoint FROM checks_answer a "
            "JOIN checks_assessment s ON s.id = a.assessment_id"
        )
        if assessment in mine
    }
    assert set(stored) == set(sent), "an acknowledged answer is lost"

    logged: dict[str, list[tuple[str, str]]] = {}
    for thing, before, after in site.rows(
        "SELECT object_uuid, before, after FROM core_logentry WHERE code = 'checks.answer.saved'"
        " ORDER BY id"
    ):
        change = (as_json(before) or {}).get("level", ""), as_json(after)["level"]
        logged.setdefault(thing, []).append(change)
    assert set(logged) == {row[0] for row in stored.values()}, "answer and log line go together"
    digests = {row[0] for row in site.rows("SELECT digest FROM core_firstanswer")}
    ratings: Counter[tuple[str, str]] = Counter(
        (mine[assessment], checkpoint)
        for assessment, checkpoint in site.rows(
            "SELECT s.uuid, r.checkpoint FROM checks_rating r "
            "JOIN checks_assessment s ON s.id = r.assessment_id"
        )
        if assessment in mine
    )
    for where, texts in sent.items():
        thing, note, level, version = stored[where]
        last = crowd.sent[texts[-1]]
        assert (note, level) == (texts[-1], last.level)
        assert version == len(logged[thing]) == len(texts), "saved once for each time sent"
        assert ratings[where] == sum(1 for old, new in logged[thing] if new and new != old)
        for text in texts:
            scope = f"checks.answer:{where[0]}:{where[1]}|{crowd.sent[text].key}"
            assert hashlib.sha256(scope.encode()).digest() in digests


def _points(site: Site, crowd: Crowd) -> dict[str, list[str]]:
    """assessment -> ids of its checkpoints in their order."""
    wanted = {one.assessment.replace("-", ""): one.assessment for one in crowd.sent.values()}
    return {
        wanted[uuid]: [point["id"] for point in as_json(content)["checkpoints"]]
        for uuid, content in site.rows(
            "SELECT s.uuid, r.content FROM checks_assessment s "
            "JOIN checks_checkrevision r ON r.id = s.revision_id"
        )
        if uuid in wanted
    }


def test_a_killed_server_loses_nothing_acknowledged(site: Site) -> None:
    with Server(site) as server:
        crowd = Crowd(server)
        crowd.start()
        for border in (60, 130):
            crowd.until(border)
            server.kill()
            server.start()
        crowd.finish()
        assert crowd.retries
        server.stop()
        check_stored(site, crowd)


def test_a_killed_web_process_comes_back_and_loses_nothing(site: Site) -> None:
    with Server(site) as server:
        crowd = Crowd(server)
        crowd.start()
        crowd.until(60)
        victim = server.web_children()[0].pid
        os.kill(victim, signal.SIGKILL)
        wait_for(
            lambda: len(server.web_children()) == 2
            and victim not in {process.pid for process in server.web_children()},
            10, "a new web process",
        )  # fmt: skip
        crowd.finish()
        server.stop()
        check_stored(site, crowd)


def enqueue(site: Site, file: Path, seconds: float) -> None:
    """Queues the slow task from outside."""
    site.python(
        "-c",
        "import os, django; os.environ['DJANGO_SETTINGS_MODULE'] = 'lotse.settings'\n"
        "django.setup()\n"
        "from slow_task import write_slowly\n"
        f"write_slowly.enqueue(file={str(file)!r}, seconds={seconds})",
    )


def lines(file: Path, word: str) -> list[str]:
    """The lines of the slow task that begin with a word."""
    if not file.exists():
        return []
    return [line for line in file.read_text().splitlines() if line.startswith(word)]


def statuses(site: Site) -> list[str]:
    """The states of the queued tasks."""
    return [row[0] for row in site.rows("SELECT status FROM django_tasks_database_dbtaskresult")]


def test_a_task_whose_worker_was_killed_runs_again(site: Site) -> None:
    site.more["PYTHONPATH"] = str(HERE)
    file = site.folder / "slow.txt"
    with Server(site) as server:
        enqueue(site, file, 3)
        wait_for(lambda: lines(file, "begun"), 15, "the task begins")
        assert statuses(site) == ["RUNNING"]
        (worker,) = server.workers()
        os.kill(worker.pid, signal.SIGKILL)
        wait_for(lambda: lines(file, "done"), 25, "the task runs again")
        wait_for(lambda: statuses(site) == ["SUCCESSFUL"], 5, "the task is marked done")
        pids = [int(line.split()[1]) for line in lines(file, "begun")]
        assert len(pids) == 2
        assert pids[0] == worker.pid != pids[1]
        assert lines(file, "done") == [f"done {pids[1]}"]


def test_a_polite_end_lets_the_running_task_finish(site: Site) -> None:
    site.more["PYTHONPATH"] = str(HERE)
    file = site.folder / "slow.txt"
    with Server(site) as server:
        enqueue(site, file, 3)
        wait_for(lambda: lines(file, "begun"), 15, "the task begins")
        assert server.stop(signal.SIGINT, seconds=15) == 0
        assert len(lines(file, "done")) == 1
        assert statuses(site) == ["SUCCESSFUL"]
        assert not server.processes()


def test_reports_are_mailed_although_the_worker_is_killed(site: Site) -> None:
    reports = 9
    with Server(site) as server:
        browser = server.browser()
        for number in range(reports):
            form = hidden(browser.get("/barriere-melden/").text)
            reply = browser.post("/barriere-melden/", {
                "csrfmiddlewaretoken": form["csrfmiddlewaretoken"], "text": f"Meldung {number}",
                "page": "/", "reply_to": "",
            })  # fmt: skip
            assert reply.status == 302
            if number in (3, 6):
                for worker in wait_for(server.workers, 10, "a worker"):
                    os.kill(worker.pid, signal.SIGKILL)
        wait_for(lambda: set(mail_states(site)) <= {"sent", "unclear"}, 20, "all mail is done")
        mails = [
            email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
            for file in (site.folder / "mail").glob("*.eml")
        ]
    assert site.count("parties_report") == reports
    kept = mail_states(site)
    assert sum(kept.values()) == reports
    assert kept["unclear"] <= 2, "at most one in doubt per kill"
    found = Counter(str(mail["Message-ID"]) for mail in mails)
    assert kept["sent"] <= len(found) <= reports
    assert set(found.values()) == {1}, "no mail went twice"


def mail_states(site: Site) -> Counter[str]:
    """The states of the outbox with their numbers."""
    return Counter(row[0] for row in site.rows("SELECT state FROM core_outboxmail"))


@pytest.mark.parametrize("whom", ["group", "main process"])
@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_a_polite_end_is_quick_and_leaves_nothing(site: Site, sign: int, whom: str) -> None:
    with Server(site) as server:
        browser = server.browser()
        browser.start_check()  # its connection stays open
        wait_for(server.workers, 10, "the worker")
        assert server.stop(sign, group=whom == "group", seconds=15) == 0
        assert not server.processes()
        assert "Traceback" not in server.said()


@pytest.mark.parametrize("after", [0.4, 0.7, 1.0, 1.5])
def test_a_kill_during_the_start_leaves_nothing(site: Site, after: float) -> None:
    with Server(site) as server:
        server.stop()
        server.start(wait=False)
        time.sleep(after)
        server.kill()
        assert not server.processes()
