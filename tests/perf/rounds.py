"""Measuring inside one process: CPU time per request, handed to the parent round by round.

The parent lets several processes measure in turn, so a slow minute of the machine hits all alike
and the ratios stay true.
"""

import gc
import io
import json
import random
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

COUNTED = ("SELECT", "INSERT", "UPDATE", "DELETE", "WITH")
Environ = dict[str, Any]


@dataclass
class Answer:
    """What the application answered."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str:
        """The first header of this name, or nothing."""
        return next((v for k, v in self.headers if k.lower() == name.lower()), "")

    @property
    def cookies(self) -> dict[str, str]:
        """Cookies that the answer sets."""
        pairs = [
            v.split(";")[0].strip().split("=", 1) for k, v in self.headers if k == "Set-Cookie"
        ]
        return {pair[0]: pair[1] for pair in pairs}


@dataclass
class Case:
    """Something to measure: `prepare` makes the next request, unmeasured; `status` is expected.

    Cases of one group are measured in the same rounds.
    """

    name: str
    prepare: Callable[[], Environ]
    status: int = 200
    group: str = "pages"


def environ(
    path: str, *, method: str = "GET", cookies: dict[str, str] | None = None, body: bytes = b""
) -> Environ:
    """A request as a web server hands it over."""
    return {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": "",
        "CONTENT_TYPE": "application/x-www-form-urlencoded" if body else "",
        "CONTENT_LENGTH": str(len(body)) if body else "",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "8000",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": "localhost:8000",
        "HTTP_ACCEPT_LANGUAGE": "de-DE,de;q=0.9,en;q=0.8",
        "HTTP_COOKIE": "; ".join(f"{name}={value}" for name, value in (cookies or {}).items()),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }


def call(application: Any, request: Environ) -> Answer:
    """One request through all of the application, to the last byte and the closing."""
    started: list[Any] = []

    def start_response(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> None:
        started[:] = [int(status.split(maxsplit=1)[0]), headers]

    result = application(request, start_response)
    try:
        body = b"".join(result)
    finally:
        result.close()
    return Answer(started[0], started[1], body)


def size_of(application: Any, case: Case) -> tuple[int, int]:
    """SELECT, INSERT, UPDATE and DELETE of one request (rulings 18), and bytes of its answer."""
    from django.db import connection

    seen: list[str] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        seen.append(sql.lstrip().upper())
        return execute(sql, params, many, context)

    request = case.prepare()
    with connection.execute_wrapper(note):
        answer = call(application, request)
    _expect(case, answer)
    return sum(1 for sql in seen if sql.startswith(COUNTED)), len(answer.body)


def _expect(case: Case, answer: Answer) -> None:
    if answer.status != case.status:
        raise SystemExit(f"{case.name}: {answer.status} instead of {case.status}")


def measure(application: Any, cases: list[Case], *, warm_up: int = 10) -> None:
    """Warms up, says what each case costs in queries and bytes, then measures as each line of
    input asks: `group number` is one round of so many requests of each case of the group."""
    for case in cases:
        for _ in range(warm_up):
            _expect(case, call(application, case.prepare()))
    _say({case.name: size_of(application, case) for case in cases})
    for line in sys.stdin:
        group, number = line.split()
        found = [case for case in cases if case.group == group]
        random.shuffle(found)
        _say({case.name: _round(application, case, int(number)) for case in found})


def _round(application: Any, case: Case, number: int) -> list[float]:
    """CPU seconds of each request of one round; the first one only warms the caches again."""
    gc.collect()
    found = []
    for _ in range(number + 1):
        request = case.prepare()
        before = time.process_time()
        answer = call(application, request)
        found.append(time.process_time() - before)
        _expect(case, answer)
    return found[1:]


def _say(what: Any) -> None:
    print(json.dumps(what), flush=True)
