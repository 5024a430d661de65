"""How long minutes of thirty items take as PDF: `python -m tests.perf.minutes`.

Prints medians of ten warm runs, beside those of minutes without any item, which cost what every
paper costs. Figure (issue 5): PDF <= 200 ms on an idle machine; on a busy one look at the CPU time.
In `--json` one document on standard output.
"""

import argparse
import json
import os
import statistics
import time
from collections.abc import Callable

MOST = 200.0
RUNS = 10


def median_ms(act: Callable[[int], object]) -> tuple[float, float]:
    """Milliseconds on the wall and of CPU, the middle ones of ten runs; two before them warm up."""
    times = []
    for run in range(RUNS + 2):
        wall, work = time.perf_counter(), time.process_time()
        act(run)
        times.append((time.perf_counter() - wall, time.process_time() - work))
    found = [statistics.median(column) * 1000 for column in zip(*times[2:], strict=True)]
    return found[0], found[1]


def measure(items: int) -> dict[str, tuple[float, float]]:
    """Medians of PDF and Word file; no two runs draw the same paper."""
    from lotse.rooms.bodies.exports.minutes import minutes_docx, minutes_pdf
    from tests.rooms.bodies import minutes_sample as sample

    def record(run: int) -> dict[str, object]:
        found = sample.long_record(30)
        meeting = found["meeting"] | {"title": f"Sitzung {run}"}
        rows = found["items"][:items]
        for row in rows:
            row["title"] = f"{row['title']} {run}"
        return found | {"items": rows, "meeting": meeting}

    made = [record(run) for run in range(RUNS + 2)]
    return {
        "pdf": median_ms(lambda run: minutes_pdf(made[run], moment=sample.MOMENT)),
        "docx": median_ms(lambda run: minutes_docx(made[run], moment=sample.MOMENT)),
    }


def main() -> int:
    """Exit 1 where the PDF takes longer than promised."""
    parser = argparse.ArgumentParser(description="Measures the papers of minutes.")
    parser.add_argument("--json", action="store_true", help="one JSON document")
    options = parser.parse_args()
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"

    import django

    django.setup()
    found = {name: measure(items) for name, items in (("no item", 0), ("30 items", 30))}
    if options.json:
        print(json.dumps(found))
    else:
        for name, values in found.items():
            for kind, (wall, work) in values.items():
                print(f"{name:10} {kind:5} {wall:6.0f} ms   CPU {work:6.0f} ms")
    return int(found["30 items"]["pdf"][0] > MOST)


if __name__ == "__main__":
    raise SystemExit(main())
