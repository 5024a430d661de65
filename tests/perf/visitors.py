"""Many visitors at once: each starts a check, answers all seven points, opens the result.

`python -m tests.perf.visitors [--visitors 500] [--database URL]` against `lotse serve` as it is
shipped, limits on, client on the same cores. Without `--database`: SQLite, then PostgreSQL where
LOTSE_TEST_POSTGRES_URL names one. Exit 1 when an answer is lost, the server fails, or somebody
waits more than 30 seconds.
"""

import asyncio
import os
import random
import statistics
import sys
import time
from argparse import ArgumentParser
from collections import Counter
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit

from tests.perf.browser import LOCAL, checks, hidden, levels, round_of, take_cookies
from tests.perf.served import Server, Site

POINTS = 7
SLOWEST = 30.0
PATIENCE = 60.0
WHOLE_RUN = 600.0


@dataclass
class Report:
    """What happened to all visitors together."""

    # uuid of the assessment without dashes, note -> level, of every acknowledged answer
    acknowledged: dict[tuple[str, str], str] = field(default_factory=dict)
    seconds: dict[str, list[float]] = field(default_factory=dict)
    statuses: Counter[int] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)
    arrived: int = 0

    def note(self, kind: str, status: int, seconds: float) -> None:
        self.statuses[status] += 1
        self.seconds.setdefault(kind, []).append(seconds)


class Connection:
    """HTTP/1.1 on one connection that stays open."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.cookies: dict[str, str] = {}
        self.retry_after = 0
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def request(
        self, method: str, path: str, form: dict[str, str] | None = None
    ) -> tuple[int, str, str]:
        """(status, path of Location, body)."""
        if self._streams is None:
            self._streams = await asyncio.open_connection(LOCAL, self.port)
        reader, writer = self._streams
        body = urlencode(form).encode() if form is not None else b""
        lines = [f"{method} {path} HTTP/1.1", f"Host: localhost:{self.port}", "Accept-Language: de"]
        if form is not None:
            lines.append("Content-Type: application/x-www-form-urlencoded")
        if body or form is not None:
            lines.append(f"Content-Length: {len(body)}")
        if self.cookies:
            lines.append("Cookie: " + "; ".join(f"{k}={v}" for k, v in self.cookies.items()))
        writer.write("\r\n".join([*lines, "", ""]).encode() + body)
        await writer.drain()
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = [line.split(": ", 1) for line in head[1:] if ": " in line]
        found = {name.lower(): value for name, value in headers}
        self.retry_after = int(found.get("retry-after", "0"))
        take_cookies(self.cookies, [v for k, v in headers if k.lower() == "set-cookie"])
        if found.get("transfer-encoding", "").lower() == "chunked":
            content = await self._chunks(reader)
        else:
            content = await reader.readexactly(int(found.get("content-length", "0")))
        if found.get("connection", "").lower() == "close":
            self.close()
        location = urlsplit(found.get("location", "")).path
        return int(head[0].split()[1]), location, content.decode("utf-8", "replace")

    @staticmethod
    async def _chunks(reader: asyncio.StreamReader) -> bytes:
        found = b""
        while size := int(await reader.readuntil(b"\r\n"), 16):
            found += await reader.readexactly(size)
            await reader.readexactly(2)
        await reader.readexactly(2)
        return found

    def close(self) -> None:
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None


class Visitor:
    """One person with a browser of their own."""

    def __init__(self, number: int, port: int, report: Report) -> None:
        self.number = number
        self.connection = Connection(port)
        self.report = report
        self.rng = random.Random(number)

    async def visit(self) -> None:
        """From the list of checks to the result; whatever breaks is noted."""
        try:
            await self._visit()
            self.report.arrived += 1
        except (OSError, EOFError, TimeoutError, LookupError, ValueError) as fault:
            self.report.broken.append(f"visitor {self.number}: {fault!r}")
        finally:
            self.connection.close()

    async def _visit(self) -> None:
        check = await self._first_check()
        page = await self._ask("page", "GET", check)
        form = hidden(page[2]) | {"scope": "organisation",
                                  "organisation_name": f"Verein {self.number}"}  # fmt: skip
        _status, path, _text = await self._ask("start", "POST", check, form)
        assessment = round_of(path).replace("-", "")
        for number in range(1, POINTS + 1):
            path = await self._answer(assessment, number, path)
        if not path.endswith("/ergebnis/"):
            raise ValueError(f"the last answer led to {path}")
        await self._ask("result", "GET", path)

    async def _first_check(self) -> str:
        text = (await self._ask("page", "GET", "/checks/"))[2]
        return next(path for path, points in checks(text).items() if points == POINTS)

    async def _answer(self, assessment: str, number: int, path: str) -> str:
        """Answers one point; returns where the server leads next."""
        page = (await self._ask("page", "GET", path))[2]
        level = self.rng.choice(levels(page))
        note = f"Besucher {self.number}, Punkt {number}: „Ja, aber“ <{self.rng.random()}>"
        sent = {name: value for name, value in hidden(page).items()
                if name in ("csrfmiddlewaretoken", "_key", "version")}  # fmt: skip
        sent |= {"level": level, "note": note, "own": "", "go": "next"}
        _status, onward, _text = await self._ask("answer", "POST", path, sent)
        self.report.acknowledged[assessment, note] = level
        return onward

    async def _ask(
        self, kind: str, method: str, path: str, form: dict[str, str] | None = None
    ) -> tuple[int, str, str]:
        began = time.monotonic()
        answer = await asyncio.wait_for(self.connection.request(method, path, form), PATIENCE)
        self.report.note(kind, answer[0], time.monotonic() - began)
        if answer[0] != (302 if method == "POST" else 200):
            raise ValueError(f"{method} {path}: {answer[0]}")
        return answer


async def all_at_once(visitors: int, port: int) -> Report:
    """Sends all visitors off together; ends when the last one is through."""
    report = Report()
    people = [Visitor(number, port, report) for number in range(visitors)]
    await asyncio.wait_for(asyncio.gather(*(p.visit() for p in people)), WHOLE_RUN)
    return report


def stored(site: Site) -> dict[tuple[str, str], str]:
    """What the database holds of the visitors' answers."""
    rows = site.rows(
        "SELECT s.uuid, a.note, a.level FROM checks_answer a "
        "JOIN checks_assessment s ON s.id = a.assessment_id "
        "WHERE a.note LIKE 'Besucher %'"
    )
    return {(uuid, note): level for uuid, note, level in rows}


def run(name: str, server: str, visitors: int) -> bool:
    """One run on one database; prints what happened, returns whether all went well."""
    site = Site.make(server)
    try:
        with Server(site) as running:
            began = time.monotonic()
            report = asyncio.run(all_at_once(visitors, running.port))
            wall = time.monotonic() - began
            said = running.said()
        kept = stored(site)
    finally:
        site.drop()
    lost = {k for k, level in report.acknowledged.items() if kept.get(k) != level}
    failures = sum(n for status, n in report.statuses.items() if status >= 500)
    everything = [s for found in report.seconds.values() for s in found]
    slowest = max(everything, default=0.0)
    print(f"\n{name}: {visitors} visitors at once, {len(everything)} requests in {wall:.1f} s "
          f"({len(everything) / wall:.0f} a second)")  # fmt: skip
    for kind, found in report.seconds.items():
        p50, p95 = _quantiles(found)
        print(f"  {kind:8} {len(found):6}   p50 {p50:6.2f} s   p95 {p95:6.2f} s   "
              f"slowest {max(found):6.2f} s")  # fmt: skip
    print(f"  through to the result   {report.arrived}")
    print(f"  answers acknowledged    {len(report.acknowledged)}")
    print(f"  answers stored          {len(kept)}")
    print(f"  lost or other level     {len(lost)}")
    print(f"  statuses                {dict(sorted(report.statuses.items()))}")
    print(f"  broken off              {len(report.broken)}")
    complaints = [line for line in said.splitlines() if " ERROR " in line or "Error" in line]
    for line in [*report.broken[:5], *complaints[:5]]:
        print(f"    {line}")
    ok = {
        "all visitors got through": report.arrived == visitors,
        "every acknowledged answer is stored": not lost,
        "all answers": len(report.acknowledged) == len(kept) == visitors * POINTS,
        "no 5xx": failures == 0,
        f"nobody waited over {SLOWEST:.0f} s": slowest <= SLOWEST,
        "no error in the server's log": not complaints and "Traceback" not in said,
    }
    for what, good in ok.items():
        print(f"  {'ok    ' if good else 'MISSED'}  {what}")
    return all(ok.values())


def _quantiles(found: list[float]) -> tuple[float, float]:
    """(median, 95 %)."""
    if len(found) < 2:
        return (found or [0.0])[0], (found or [0.0])[0]
    cuts = statistics.quantiles(found, n=20)
    return cuts[9], cuts[18]


def main(argv: list[str] | None = None) -> int:
    parser = ArgumentParser(prog="python -m tests.perf.visitors", description=__doc__)
    parser.add_argument("--visitors", type=int, default=500)
    parser.add_argument("--database", help="address of a PostgreSQL server, or sqlite")
    options = parser.parse_args(argv)
    postgres = os.environ.get("LOTSE_TEST_POSTGRES_URL", "")
    if options.database:
        wanted = ["" if options.database.startswith("sqlite") else options.database]
    else:
        wanted = ["", postgres] if postgres else [""]
    done = [run("PostgreSQL" if url else "SQLite", url, options.visitors) for url in wanted]
    return 0 if all(done) else 1


if __name__ == "__main__":
    sys.exit(main())
