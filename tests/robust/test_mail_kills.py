"""Thousands of mails through three killed workers: none lost, none twice, at most one in doubt
per kill (T46, T47)."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from tests.perf.browser import LOCAL
from tests.perf.served import ROOT, Site, free_port, wait_for

pytestmark = pytest.mark.slow

MAILS = int(os.environ.get("LOTSE_KILL_MAILS", "600"))
KILLS = 3
SECONDS_PER_MAIL = 0.05
FILL = """
import os, django
os.environ["DJANGO_SETTINGS_MODULE"] = "lotse.settings"
django.setup()
from lotse.foundation.core.models import OutboxMail
OutboxMail.objects.bulk_create([
    OutboxMail(code="test.kill", mail_class="duty", address=f"a{n}@verein.example",
               subject=f"Nachricht {n}", text=f"Inhalt {n}", html=f"<p>Inhalt {n}</p>")
    for n in range(%d)
], batch_size=500)
"""


class Sink:
    """A mail server that takes everything and counts Message-IDs."""

    def __init__(self) -> None:
        self.taken: Counter[str] = Counter()

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        found = re.search(rb"(?im)^Message-ID:\s+<lotse\.([0-9a-f-]+)@", envelope.content)
        assert found is not None
        self.taken[found[1].decode().replace("-", "")] += 1
        return "250 OK"


@pytest.fixture
def sink(site: Site) -> Iterator[Sink]:
    counting = Sink()
    port = free_port()
    controller = Controller(counting, hostname=LOCAL, port=port)
    controller.start()
    site.more["LOTSE_SMTP_URL"] = f"smtp://{LOCAL}:{port}"
    try:
        yield counting
    finally:
        controller.stop()


class Workers:
    """`lotse worker` processes of this test; all are ended with it."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.running: list[subprocess.Popen[bytes]] = []
        self.log = site.folder / "worker.log"

    def start(self) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as log:
            worker = subprocess.Popen(
                [sys.executable, "-m", "lotse.cli", "worker"], cwd=ROOT,
                env=self.site.environment(), stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        self.running.append(worker)
        return worker

    def kill(self, worker: subprocess.Popen[bytes]) -> None:
        worker.kill()
        worker.wait(5)

    def __enter__(self) -> "Workers":
        return self

    def __exit__(self, *_: Any) -> None:
        for worker in self.running:
            if worker.poll() is None:
                self.kill(worker)


def states(site: Site) -> Counter[str]:
    return Counter(dict(site.rows("SELECT state, COUNT(*) FROM core_outboxmail GROUP BY state")))


def check(site: Site, sink: Sink, *, kills: int) -> None:
    """Everything went once, but for one mail in doubt per kill."""
    found = states(site)
    by_state: dict[str, set[str]] = {"sent": set(), "unclear": set()}
    for uuid, state in site.rows("SELECT uuid, state FROM core_outboxmail"):
        by_state[state].add(uuid)
    assert sum(found.values()) == MAILS
    assert set(found) <= {"sent", "unclear"}, found
    assert found["unclear"] <= kills
    assert max(sink.taken.values()) == 1, "a mail went twice"
    assert by_state["sent"] <= set(sink.taken), "a mail is marked sent and never went"
    assert set(sink.taken) <= by_state["sent"] | by_state["unclear"]


def test_mails_survive_killed_workers(site: Site, sink: Sink) -> None:
    site.python("-c", FILL % MAILS)
    began = time.monotonic()
    with Workers(site) as workers:
        for number in range(KILLS):
            worker = workers.start()
            border = MAILS * (number + 1) // (KILLS + 1)
            wait_for(
                lambda border=border: len(sink.taken) >= border,
                20 + MAILS * SECONDS_PER_MAIL, f"{border} mails ({workers.log.read_text()[-500:]})",
            )  # fmt: skip
            workers.kill(worker)
        worker = workers.start()
        wait_for(
            lambda: set(states(site)) <= {"sent", "unclear"},
            20 + MAILS * SECONDS_PER_MAIL, "all mails are done",
        )  # fmt: skip
        took = time.monotonic() - began
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(20) == 0
    check(site, sink, kills=KILLS)
    print(f"{MAILS} mails, {KILLS} kills: {took:.1f} s, {dict(states(site))}")


def test_two_workers_send_nothing_twice(site: Site, sink: Sink) -> None:
    site.python("-c", FILL % MAILS)
    with Workers(site) as workers:
        both = [workers.start() for _ in range(2)]
        wait_for(
            lambda: set(states(site)) <= {"sent", "unclear"},
            20 + MAILS * SECONDS_PER_MAIL, "all mails are done",
        )  # fmt: skip
        claimed = site.rows("SELECT COUNT(DISTINCT claimed_by) FROM core_outboxmail")
        for worker in both:
            worker.send_signal(signal.SIGTERM)
        assert [worker.wait(20) for worker in both] == [0, 0]
    check(site, sink, kills=0)
    assert claimed == [(2,)], "both took part"


def test_a_hanging_server_lets_the_worker_end(site: Site) -> None:
    """A mail server that never answers: the worker ends politely, the mail waits."""
    with socket.socket() as deaf, Workers(site) as workers:
        deaf.bind((LOCAL, 0))
        deaf.listen(5)
        site.more["LOTSE_SMTP_URL"] = f"smtp://{LOCAL}:{deaf.getsockname()[1]}"
        site.python("-c", FILL % 1)
        worker = workers.start()
        wait_for(lambda: states(site)["sending"] == 1, 15, "the mail is claimed")
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(25) == 0
        assert states(site)["queued"] == 1
