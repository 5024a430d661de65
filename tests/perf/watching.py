"""Many people watch a running meeting while others work.

`python -m tests.perf.watching [--people 300] [--seconds 60] [--postgres URL]` against `lotse serve`
as it is shipped, limits on, client on the same cores. Every page asks every five seconds for the
number of the meeting and, when it rose, for its changed parts; every ten seconds the minute taker
goes on. Ten others save answers to a check, first while nobody watches, then beside the watchers.
Without `--postgres`: SQLite. Exit 1 when a limit is missed: no 5xx, p95 <= 1 s, others' saves not
slower than twice their rest.
"""

import asyncio
import os
import random
import re
import statistics
import subprocess
import sys
import time
from argparse import ArgumentParser

from tests.perf.browser import LOCAL
from tests.perf.served import ROOT, Server, Site
from tests.perf.sessions import Report, Somebody, _twenties, guarded
from tests.perf.visitors import Connection

EVERY = 5.0
STEP = 10.0
SAVERS = 10
FLOOR = 0.05  # seconds: twice a rest of a few milliseconds is no promise anybody would notice
_LIVE = re.compile(r'data-live-seen="(\d+)" data-live-ticket="([^"]+)"')


class Page(Connection):
    """A connection that also asks with headers of its own, with or without the cookies."""

    async def poll(self, path: str, headers: dict[str, str], *, cookies: bool) -> tuple[int, str]:
        """(status, body)."""
        if self._streams is None:
            self._streams = await asyncio.open_connection(LOCAL, self.port)
        reader, writer = self._streams
        sent = {"Host": f"localhost:{self.port}", "Accept-Language": "de"} | headers
        if cookies:
            sent["Cookie"] = "; ".join(f"{k}={v}" for k, v in self.cookies.items())
        lines = [f"GET {path} HTTP/1.1", *(f"{name}: {value}" for name, value in sent.items())]
        writer.write("\r\n".join([*lines, "", ""]).encode())
        await writer.drain()
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        found = {k.lower(): v for k, v in (line.split(": ", 1) for line in head[1:] if line)}
        if found.get("transfer-encoding", "").lower() == "chunked":
            content = await self._chunks(reader)
        else:
            content = await reader.readexactly(int(found.get("content-length", "0")))
        if found.get("connection", "").lower() == "close":
            self.close()
        return int(head[0].split()[1]), content.decode("utf-8", "replace")


class Watcher(Somebody):
    """Somebody with the page of the meeting open, as `meeting.js` keeps it up to date."""

    def __init__(self, number: int, address: str, port: int, meeting: str) -> None:
        super().__init__(number, address, port)
        self.connection: Page = Page(port)
        self.path = f"/gremien/sitzung/{meeting}/"
        self.seen, self.ticket = "", ""

    async def open(self, report: Report) -> None:
        page = (await self.ask(report, "open", "GET", f"{self.path}jetzt/"))[2]
        self.seen, self.ticket = _LIVE.findall(page)[0]

    async def look(self, report: Report) -> None:
        headers = {"X-Lotse-Poll": self.ticket, "If-None-Match": f'"{self.seen}"'}
        status, body = await self._timed(report, "number", f"{self.path}stand/", headers, False)
        if status == 200 and body.strip() != self.seen:
            await self._timed(
                report, "parts", f"{self.path}jetzt/", {"X-Lotse-Poll": "parts"}, True
            )
            self.seen = body.strip()

    async def _timed(
        self, report: Report, kind: str, path: str, headers: dict[str, str], cookies: bool
    ) -> tuple[int, str]:
        began = time.monotonic()
        try:
            answer = await self.connection.poll(path, headers, cookies=cookies)
        except (asyncio.IncompleteReadError, ConnectionError):
            self.connection.close()
            answer = await self.connection.poll(path, headers, cookies=cookies)
        report.note(kind, answer[0], time.monotonic() - began)
        if answer[0] not in (200, 304):
            raise ValueError(f"{path}: {answer[0]}")
        return answer


async def watch(report: Report, who: Watcher, until: float) -> None:
    await asyncio.sleep(who.rng.uniform(0, EVERY))
    while time.monotonic() < until:
        await guarded(report, who, who.look(report))  # type: ignore[arg-type]  # a coroutine
        await asyncio.sleep(EVERY * who.rng.uniform(0.85, 1.15))


async def save(report: Report, who: Somebody, until: float) -> None:
    """Answers one checkpoint after the other, with a breath in between."""
    who.rng = _Writing(who.address)
    while time.monotonic() < until:
        await guarded(report, who, who.step(report))  # type: ignore[arg-type]  # a coroutine
        await asyncio.sleep(random.uniform(0.5, 1.5))


class _Writing(random.Random):
    """Dice with which `Somebody.step` always writes."""

    def random(self) -> float:
        return 0.8 + super().random() / 5


async def go_on(site: Site, meeting: str, until: float) -> None:
    """The minute taker, in a process of their own: another item, over and over."""
    command = [sys.executable, "-m", "tests.perf.watching", "--steps", meeting,
               "--seconds", str(max(0.0, until - time.monotonic()))]  # fmt: skip
    process = await asyncio.create_subprocess_exec(
        *command, cwd=ROOT, env=site.environment(), stderr=subprocess.DEVNULL
    )
    await process.wait()


async def phases(
    site: Site, watchers: list[Watcher], savers: list[Somebody], meeting: str, seconds: float
) -> list[Report]:
    """(signing in, saves at rest, watching, saves meanwhile)."""
    first, rest, watching, meanwhile = Report(), Report(), Report(), Report()
    for group in _twenties([*watchers, *savers]):
        await asyncio.gather(*(guarded(first, p, p.open_form(first)) for p in group))  # type: ignore[arg-type]  # coroutines
        await asyncio.gather(*(guarded(first, p, p.sign_in(first)) for p in group))  # type: ignore[arg-type]  # coroutines
    until = time.monotonic() + seconds / 2
    await asyncio.gather(*(save(rest, one, until) for one in savers))
    for some in _twenties(list(watchers)):
        await asyncio.gather(*(guarded(first, p, p.open(first)) for p in some))  # type: ignore[arg-type, attr-defined]  # coroutines
    until = time.monotonic() + seconds
    await asyncio.gather(
        go_on(site, meeting, until),
        *(watch(watching, one, until) for one in watchers),
        *(save(meanwhile, one, until) for one in savers),
    )
    return [first, rest, watching, meanwhile]


def run(name: str, server: str, people: int, seconds: float) -> bool:
    """One run on one database; prints what happened, returns whether all limits were kept."""
    site = Site.make(server)
    try:
        addresses = site.python("-m", "tests.perf.crowd", str(people + SAVERS)).split()
        meeting = site.python("-m", "tests.perf.watching", "--seat", str(people)).strip()
        with Server(site) as running:
            watchers = [
                Watcher(n, address, running.port, meeting)
                for n, address in enumerate(addresses[:people])
            ]
            savers = [Somebody(n, a, running.port) for n, a in enumerate(addresses[people:])]
            found = asyncio.run(phases(site, watchers, savers, meeting, seconds))
            said = running.said()
    finally:
        site.drop()
    return _told(name, people, seconds, found, said)


def _told(name: str, people: int, seconds: float, found: list[Report], said: str) -> bool:
    _first, rest, watching, meanwhile = found
    print(f"\n{name}: {people} people watch for {seconds:g} s")
    titles = ("sign in", "saves at rest", "watching", "saves meanwhile")
    for title, report in zip(titles, found, strict=True):
        for kind, times in sorted(report.seconds.items()):
            one = Report(seconds={kind: times})
            print(
                f"  {title:16} {kind:8} {len(times):6} requests  "
                f"p50 {statistics.median(times):6.3f} s  p95 {one.quantile(0.95):6.3f} s  "
                f"p99 {one.quantile(0.99):6.3f} s"
            )
        print(f"  {title:16} {dict(sorted(report.statuses.items()))}")
        for line in report.broken[:5]:
            print(f"    {line}")
    complaints = [line for line in said.splitlines() if " ERROR " in line]
    for line in complaints[:5]:
        print(f"    {line}")
    before, beside = (statistics.median(r.seconds.get("write", [0])) for r in (rest, meanwhile))
    ok = {
        "no 5xx": not any(s >= 500 for report in found for s in report.statuses),
        "nothing broke off": not any(report.broken for report in found),
        "watching p95 <= 1 s": watching.quantile(0.95) <= 1,
        f"others' saves: {before * 1000:.0f} ms at rest, {beside * 1000:.0f} ms beside, at most "
        f"twice": 0 < beside <= 2 * max(before, FLOOR),
        "no error in the server's log": not complaints and "Traceback" not in said,
    }  # fmt: skip
    for what, good in ok.items():
        print(f"  {'ok    ' if good else 'MISSED'}  {what}")
    return all(ok.values())


def seat(number: int) -> str:
    """A running meeting of thirty items, with a seat for each of the first people of the crowd;
    returns its uuid. Runs in the environment of the site."""
    from datetime import timedelta

    from lotse.foundation.core import clock
    from lotse.foundation.core.actor import COMMAND
    from lotse.foundation.core.ref import Ref
    from lotse.foundation.parties.models import Body, Network, Person, RoleGrant
    from lotse.rooms.bodies.models import AgendaItem, Attendance, Meeting, Outcome, Presence
    from lotse.rooms.bodies.services import bodies

    network = Network.objects.get(is_default=True)
    body = bodies.create_body(
        network, actor=COMMAND, name="Plenum der Lasttests", kind=Body.Kind.COUNCIL
    )
    now = clock.now()
    meeting = Meeting.objects.create(
        body=body, title="Große Sitzung", number=1, starts_at=now, opened_at=now,
        ends_at=now + timedelta(hours=4), state=Meeting.State.RUNNING, invited_at=now,
    )  # fmt: skip
    items = AgendaItem.objects.bulk_create(
        AgendaItem(meeting=meeting, position=n, title=f"Punkt {n}", proposal="Der Vorschlag gilt.")
        for n in range(30)
    )
    Outcome.objects.bulk_create(
        Outcome(item=item, kind="note", text=f"Festgehalten {n}.") for item in items for n in (1, 2)
    )
    people = list(Person.objects.filter(last_name__startswith="Last ").order_by("pk")[:number])
    RoleGrant.objects.bulk_create(
        RoleGrant(person=person, role=RoleGrant.Role.DELEGATE, network=network,
                  held_in_type=Ref.to(body).type, held_in_uuid=body.uuid, reason="Lasttest")
        for person in people
    )  # fmt: skip
    there = Attendance.objects.bulk_create(
        Attendance(meeting=meeting, person=person, name=person.name) for person in people
    )
    Presence.objects.bulk_create(Presence(attendance=one, by="command") for one in there)
    return str(meeting.uuid)


def steps(meeting: str, seconds: float) -> None:
    """Goes from item to item until the time is over. Runs in the environment of the site."""
    from lotse.foundation.core.actor import COMMAND
    from lotse.rooms.bodies.models import Meeting
    from lotse.rooms.bodies.services import holding

    until, number = time.monotonic() + seconds, 0
    while time.monotonic() < until:
        found = Meeting.objects.select_related("body").get(uuid=meeting)
        items = list(found.items.order_by("position", "pk"))
        holding.call_item(found, items[number % len(items)], actor=COMMAND)
        number += 1
        time.sleep(max(0.0, min(STEP, until - time.monotonic())))


def main(argv: list[str] | None = None) -> int:
    parser = ArgumentParser(prog="python -m tests.perf.watching", description=__doc__)
    parser.add_argument("--people", type=int, default=300)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--postgres", default="", help="address of a PostgreSQL server")
    parser.add_argument("--seat", type=int, default=0, help="used by the script itself")
    parser.add_argument("--steps", default="", help="used by the script itself")
    options = parser.parse_args(argv)
    if options.seat or options.steps:
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lotse.settings")
        import django

        django.setup()
        print(seat(options.seat)) if options.seat else steps(options.steps, options.seconds)
        return 0
    name = "PostgreSQL" if options.postgres else "SQLite"
    return 0 if run(name, options.postgres, options.people, options.seconds) else 1


if __name__ == "__main__":
    sys.exit(main())
