"""`make bench`: what the pages cost, as ratios to a bare Django page measured in the same run.

CPU time per request in process, production settings; then memory, packages and the start of a
real server. Exit 1 when a limit is missed.
"""

import json
import os
import random
import re
import statistics
import subprocess
import sys
import tempfile
import threading
from argparse import ArgumentParser
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.perf.browser import Browser
from tests.perf.served import ROOT, Server, Site

ROUNDS = 12
MEMORY_REQUESTS = 300
LIST_BUDGET, DETAIL_BUDGET, ANSWER_BUDGET = 8, 12, 8


@dataclass
class Line:
    """One line of the table: a figure with its unit and, where there is one, its limit."""

    what: str
    figure: float
    unit: str
    limit: float | None = None
    ratio: float | None = None
    queries: int | None = None

    @property
    def ok(self) -> bool:
        return self.limit is None or self.figure <= self.limit


class Child:
    """A process that measures a round whenever it is asked."""

    def __init__(self, module: str, environment: dict[str, str]) -> None:
        self.module = module
        self.process = subprocess.Popen(
            [sys.executable, "-m", module], cwd=ROOT, env=environment, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip
        sizes: dict[str, list[int]] = self._read()
        self.queries = {name: size[0] for name, size in sizes.items()}
        self.bytes = {name: size[1] for name, size in sizes.items()}
        self.seconds: dict[str, list[float]] = {name: [] for name in self.queries}

    def round(self, group: str, number: int) -> None:
        """One more round of every case of a group."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{group} {number}\n")
        self.process.stdin.flush()
        for name, found in self._read().items():
            self.seconds[name] += found

    def _read(self) -> Any:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"{self.module} ended with {self.process.wait(10)}")
        return json.loads(line)

    def close(self) -> None:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        self.process.stdout.close()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def pages(site: Site, folder: Path, rounds: int) -> list[Line]:
    """CPU time and queries of the pages, the bare page in between."""
    children = []
    try:
        children.append(Child("tests.perf.bare.measure", os.environ | {"BARE_DIR": str(folder)}))
        children.append(Child("tests.perf.product", site.environment()))
        bare, product = children
        for _ in range(rounds):
            bare.round("pages", 5)
            product.round("pages", 5)
            bare.round("pages", 5)
        for _ in range(rounds):
            product.round("papers", 5)
    finally:
        for child in children:
            child.close()
    seconds = {name: statistics.median(found) * 1000 for child in children
               for name, found in child.seconds.items()}  # fmt: skip
    queries = {name: number for child in children for name, number in child.queries.items()}
    lengths = {name: number for child in children for name, number in child.bytes.items()}
    return _page_lines(seconds, queries) + _meeting_lines(seconds, queries, lengths)


def _meeting_lines(
    ms: dict[str, float], queries: dict[str, int], lengths: dict[str, int]
) -> list[Line]:
    """A meeting of 30 items with notes, decisions, questions, measures and 40 people there."""
    bare = ms["bare"]

    def line(what: str, name: str, limit: float | None = None) -> Line:
        return Line(what, ms[name], "ms", limit, ms[name] / bare, queries[name])

    return [
        line("meeting, 30 items", "meeting", 3 * bare),
        Line("meeting: queries", queries["meeting"], "", DETAIL_BUDGET),
        Line("meeting: HTML", lengths["meeting"] / 1000, "kB", 60),
        line("cockpit, 30 items", "cockpit"),
        line("page of those present", "live"),
        line("PDF of minutes, 30 items", "minutes pdf", 200),
    ]


def _page_lines(ms: dict[str, float], queries: dict[str, int]) -> list[Line]:
    bare = ms["bare"]

    def line(what: str, name: str, limit: float | None = None) -> Line:
        return Line(what, ms[name], "ms", limit, ms[name] / bare, queries[name])

    lines = [line("bare page (50 rows)", "bare")]
    for size in (7, 70):
        lines += [
            line(f"first answer, {size} points", f"answer first {size}", 15),
            line(f"changed answer, {size} points", f"answer changed {size}", 15),
            line(f"draft, {size} points", f"draft {size}", 15),
        ]
    for name in ("answer first", "answer changed", "draft"):
        seven, seventy = f"{name} 7", f"{name} 70"
        lines += [
            Line(f"{name}: queries", max(queries[seven], queries[seventy]), "", ANSWER_BUDGET),
            Line(f"{name}: queries 70 - 7", abs(queries[seventy] - queries[seven]), "", 0),
            Line(f"{name}: CPU 70 / 7", ms[seventy] / ms[seven], "x", 1.25),
        ]
    lines += [
        line("page of a checkpoint, 7 points", "checkpoint 7"),
        line("page of a checkpoint, 70 points", "checkpoint 70"),
        line("result, 7 points", "result 7", 2 * bare),
        line("result, 70 points", "result 70"),
        Line("result: queries", max(queries["result 7"], queries["result 70"]), "", DETAIL_BUDGET),
        line("front page", "front page", bare),
        line("list of checks", "list", bare),
        # A returning visitor's list reads session and begun checks too: more than the limit is for.
        line("list of checks, with a begun one", "list begun", 1.5 * bare),
        Line("lists: queries", max(queries["list begun"], queries["front page"]), "", LIST_BUDGET),
        line("find among 60,000 entries", "find"),
        line("find, four facets chosen", "find chosen", 1.5 * bare),
        line("find, thousands of hits", "find common"),
        line("the directory unsearched", "find all"),
        Line("find: queries", queries["find common"], "", LIST_BUDGET),
        line("PDF, 7 points", "pdf 7", 150),
        line("PDF, 70 points", "pdf 70", 500),
    ]
    return lines


def served(site: Site) -> list[Line]:
    """Start, memory after mixed load, and that nothing was answered with 5xx."""
    with Server(site) as server:
        server.stop()
        second = server.start()
        statuses = load(server.port, MEMORY_REQUESTS)
        children = server.web_children()
        lines = [Line("second start until first answer", second, "s", 5)]
        for number, child in enumerate(children, 1):
            rss, pss = memory(child.pid)
            lines.append(Line(f"web process {number} after load, RSS", rss, "MB", 150))
            lines.append(Line(f"web process {number} after load, PSS", pss, "MB"))
        lines += [Line("background worker, RSS", memory(w.pid)[0], "MB") for w in server.workers()]
        lines.append(Line("answers 5xx under that load", sum(s >= 500 for s in statuses), "", 0))
        lines.append(Line("requests of that load", len(statuses), ""))
        if len(children) != 2:
            raise SystemExit(f"{len(children)} web processes, not 2")
    return lines


def load(port: int, most: int) -> list[int]:
    """Mixed requests by eight browsers side by side: pages, answers, papers. The statuses."""
    statuses: list[int] = []
    lock = threading.Lock()

    def one(number: int) -> None:
        rng = random.Random(number)
        browser = Browser(port)
        browser.start_check()
        for step in range(most // 8 - 2):
            kind = rng.choice(("/", "list", "search", "find", "point", "answer", "result", "pdf",
                               "docx", "xlsx", "paper", "plan"))  # fmt: skip
            if step % 6 == 0:
                browser.close()  # the next connection may lead to the other web process
            status = browser.visit(kind, rng, step)
            with lock:
                statuses.append(status)
        browser.close()
        with lock:
            statuses.extend([200, 302])

    threads = [threading.Thread(target=one, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return statuses


def memory(pid: int) -> tuple[float, float]:
    """(resident, proportional) memory of a process in MB."""
    text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    found = dict(re.findall(r"^(Rss|Pss):\s+(\d+) kB", text, re.MULTILINE))
    return int(found["Rss"]) / 1024, int(found["Pss"]) / 1024


def packages() -> Line:
    """How many packages run in production, direct and indirect."""
    text = (ROOT / "requirements" / "base.txt").read_text()
    return Line("packages at run time", len(re.findall(r"^[\w.-]+==", text, re.MULTILINE)), "", 60)


def table(lines: list[Line]) -> str:
    """What, figure, ratio to the bare page, queries, limit, ok."""
    rows = [("what", "figure", "ratio", "queries", "limit", "ok")]
    for line in lines:
        limit = "" if line.limit is None else f"{_number(line.limit)} {line.unit}".strip()
        rows.append(
            (
                line.what,
                f"{_number(line.figure)} {line.unit}".strip(),
                "" if line.ratio is None else f"{line.ratio:.2f} x",
                "" if line.queries is None else str(line.queries),
                limit,
                "" if line.limit is None else ("ok" if line.ok else "MISSED"),
            )
        )
    widths = [max(len(row[n]) for row in rows) for n in range(6)]
    return "\n".join(
        "  ".join(cell.ljust(w) if n == 0 else cell.rjust(w) for n, (cell, w) in
                  enumerate(zip(row, widths, strict=True))).rstrip()
        for row in rows
    )  # fmt: skip


def _number(value: float) -> str:
    return str(int(value)) if float(value).is_integer() else f"{value:.2f}"


def main(argv: list[str] | None = None) -> int:
    parser = ArgumentParser(prog="python -m tests.perf.bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="of five requests each")
    parser.add_argument("--pages-only", action="store_true", help="without memory and start")
    options = parser.parse_args(argv)
    site = Site.make()
    try:
        with tempfile.TemporaryDirectory(prefix="lotse-bare-") as folder:
            lines = pages(site, Path(folder), options.rounds)
        if not options.pages_only:
            lines += served(site)
        lines.append(packages())
    finally:
        site.drop()
    print(table(lines))
    missed = [line.what for line in lines if not line.ok]
    print(f"missed: {', '.join(missed)}" if missed else "all limits kept")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
