"""Signed-in people over minutes, then a burst of sign-ins (T53).

`python -m tests.perf.sessions [--people 500] [--minutes 5] [--database URL]` against `lotse serve`
as it is shipped, limits on, client on the same cores. People think 10 to 30 seconds between pages;
four of five look, one of five writes. Then as many others, whose page to sign in is open, press
the button at the same moment while a hundred go on looking. Exit 1 when a limit is missed.
"""

import asyncio
import json
import os
import random
import re
import statistics
import sys
import time
from argparse import ArgumentParser
from collections import Counter
from dataclasses import dataclass, field

from tests.perf.browser import hidden, levels
from tests.perf.crowd import PASSWORD
from tests.perf.served import Server, Site
from tests.perf.visitors import Connection

SIGN_IN = "/konto/anmelden/"
PATIENCE = 90.0
READS = ("/heute/", "/heute/massnahmen/", "/checks/", "/", "/suche/?q=ausbildung", "/konto/")
_ASSESSMENT = re.compile(r"/checks/bewertung/([0-9a-f-]{36})/")


@dataclass
class Report:
    """Seconds and statuses of one phase."""

    seconds: dict[str, list[float]] = field(default_factory=dict)
    statuses: Counter[int] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)

    def note(self, kind: str, status: int, seconds: float) -> None:
        self.statuses[status] += 1
        self.seconds.setdefault(kind, []).append(seconds)

    def every(self) -> list[float]:
        return [each for found in self.seconds.values() for each in found]

    def quantile(self, share: float) -> float:
        found = sorted(self.every())
        return found[min(len(found) - 1, int(share * len(found)))] if found else 0.0


class Somebody:
    """One signed-in person with a browser of their own."""

    def __init__(self, number: int, address: str, port: int) -> None:
        self.address = address
        self.connection = Connection(port)
        self.rng = random.Random(number)
        self.assessment = ""
        self.page = ""

    async def ask(
        self, report: Report, kind: str, method: str, path: str, form: dict[str, str] | None = None
    ) -> tuple[int, str, str]:
        began = time.monotonic()
        try:
            answer = await asyncio.wait_for(self.connection.request(method, path, form), PATIENCE)
        except (asyncio.IncompleteReadError, ConnectionError):
            # The server closed a connection that was idle: browsers open another and go on.
            self.connection.close()
            answer = await asyncio.wait_for(self.connection.request(method, path, form), PATIENCE)
        report.note(kind, answer[0], time.monotonic() - began)
        if answer[0] not in (200, 302, 303) and (kind, answer[0]) != ("sign in", 429):
            raise ValueError(f"{method} {path}: {answer[0]}")
        return answer

    async def open_form(self, report: Report) -> None:
        self.page = (await self.ask(report, "form", "GET", SIGN_IN))[2]

    async def sign_in(self, report: Report) -> None:
        """As the page does it: it waits for its place, and again when it was refused."""
        page, status, onward = self.page, 429, ""
        while status == 429:
            await asyncio.sleep(self.connection.retry_after)
            place = (await self.ask(report, "place", "GET", SIGN_IN + "platz/"))[2]
            await asyncio.sleep(json.loads(place)["seconds"])
            wanted = ("csrfmiddlewaretoken", "_key")  # the page's `next` is that of the language
            form = {name: value for name, value in hidden(page).items() if name in wanted}
            form |= {"login": self.address, "password": PASSWORD}
            status, onward, page = await self.ask(report, "sign in", "POST", SIGN_IN, form)
        if onward != "/heute/":
            raise ValueError(f"{self.address}: sign-in led to {onward or 'the form again'}")

    async def step(self, report: Report) -> None:
        """One page: four of five times a look, else an answer to a checkpoint."""
        if self.rng.random() < 0.8:
            text = (await self.ask(report, "read", "GET", self.rng.choice(READS)))[2]
            found = _ASSESSMENT.search(text)
            self.assessment = self.assessment or (found[1] if found else "")
            return
        if not self.assessment:
            text = (await self.ask(report, "read", "GET", "/checks/"))[2]
            self.assessment = _ASSESSMENT.findall(text)[0]
        path = f"/checks/bewertung/{self.assessment}/punkt/{self.rng.randint(1, 7)}/"
        page = (await self.ask(report, "read", "GET", path))[2]
        form = {name: value for name, value in hidden(page).items()
                if name in ("csrfmiddlewaretoken", "_key", "version")}  # fmt: skip
        form |= {"level": self.rng.choice(levels(page)), "note": str(self.rng.random()),
                 "own": "", "go": "next"}  # fmt: skip
        await self.ask(report, "write", "POST", path, form)


async def guarded(report: Report, who: Somebody, act: "asyncio.Future[None]") -> None:
    """Whatever breaks is noted and ends nobody else's run."""
    try:
        await act
    except (OSError, EOFError, TimeoutError, LookupError, ValueError) as fault:
        report.broken.append(f"{who.address}: {fault!r}")
        who.connection.close()


async def live(report: Report, who: Somebody, until: float, think: tuple[float, float]) -> None:
    await asyncio.sleep(who.rng.uniform(0, think[1]))
    while time.monotonic() < until:
        await guarded(report, who, who.step(report))  # type: ignore[arg-type]  # a coroutine
        await asyncio.sleep(who.rng.uniform(*think))


async def phases(people: list[Somebody], late: list[Somebody], minutes: float) -> list[Report]:
    """(signing in one after the other, the minutes, the burst, the others during the burst)."""
    first, everyday, burst, others = Report(), Report(), Report(), Report()
    for group in _twenties(people):
        await asyncio.gather(*(guarded(first, p, p.open_form(first)) for p in group))  # type: ignore[arg-type]  # coroutines
        await asyncio.gather(*(guarded(first, p, p.sign_in(first)) for p in group))  # type: ignore[arg-type]  # coroutines
    for group in _twenties(late):
        await asyncio.gather(*(guarded(first, p, p.open_form(first)) for p in group))  # type: ignore[arg-type]  # coroutines
    until = time.monotonic() + minutes * 60
    await asyncio.gather(*(live(everyday, p, until, (10, 30)) for p in people))
    began = time.monotonic()
    reading = [asyncio.ensure_future(live(others, p, began + 60, (2, 6))) for p in people[:100]]
    await asyncio.gather(*(guarded(burst, p, p.sign_in(burst)) for p in late))  # type: ignore[arg-type]  # coroutines
    burst.seconds["whole burst"] = [time.monotonic() - began]
    for task in reading:
        task.cancel()
    await asyncio.gather(*reading, return_exceptions=True)
    return [first, everyday, burst, others]


def _twenties(people: list[Somebody]) -> list[list[Somebody]]:
    return [people[start : start + 20] for start in range(0, len(people), 20)]


def run(name: str, server: str, people: int, minutes: float) -> bool:
    """One run on one database; prints what happened, returns whether all limits were kept."""
    site = Site.make(server)
    try:
        addresses = site.python("-m", "tests.perf.crowd", str(2 * people)).split()
        with Server(site) as running:
            crowd = [Somebody(n, a, running.port) for n, a in enumerate(addresses)]
            found = asyncio.run(phases(crowd[:people], crowd[people:], minutes))
            said = running.said()
    finally:
        site.drop()
    _first, everyday, burst, others = found
    whole = burst.seconds["whole burst"][0]
    print(f"\n{name}: {people} people, {minutes:g} minutes")
    for title, report in zip(("sign in", "everyday", "burst", "meanwhile"), found, strict=True):
        every = report.every()
        print(f"  {title:10} {len(every):6} requests  p50 {statistics.median(every or [0]):6.2f} s"
              f"  p95 {report.quantile(0.95):6.2f} s  p99 {report.quantile(0.99):6.2f} s  "
              f"{dict(sorted(report.statuses.items()))}")  # fmt: skip
        for line in report.broken[:5]:
            print(f"    {line}")
    complaints = [line for line in said.splitlines() if " ERROR " in line]
    for line in complaints[:5]:
        print(f"    {line}")
    failures = sum(n for report in found for s, n in report.statuses.items() if s >= 500)
    ok = {
        "no 5xx": failures == 0,
        "nothing broke off": not any(report.broken for report in found),
        "everyday p95 <= 1 s": everyday.quantile(0.95) <= 1,
        "everyday p99 <= 3 s": everyday.quantile(0.99) <= 3,
        f"burst of {people} sign-ins <= 60 s ({whole:.1f} s)": whole <= 60,
        "others meanwhile p95 <= 3 s": others.quantile(0.95) <= 3,
        "no error in the server's log": not complaints and "Traceback" not in said,
    }
    for what, good in ok.items():
        print(f"  {'ok    ' if good else 'MISSED'}  {what}")
    return all(ok.values())


def main(argv: list[str] | None = None) -> int:
    parser = ArgumentParser(prog="python -m tests.perf.sessions", description=__doc__)
    parser.add_argument("--people", type=int, default=500)
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--database", default="", help="address of a PostgreSQL server")
    options = parser.parse_args(argv)
    wanted = [options.database] if options.database else ["", os.environ.get(
        "LOTSE_TEST_POSTGRES_URL", "")]  # fmt: skip
    done = [
        run("PostgreSQL" if url else "SQLite", url, options.people, options.minutes)
        for url in dict.fromkeys(wanted)
    ]
    return 0 if all(done) else 1


if __name__ == "__main__":
    sys.exit(main())
