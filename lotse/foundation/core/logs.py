"""Log lines without secrets, without addresses, without line breaks from user input (T32).

Each line carries the number of its request, which the answer names in `X-Request-Id` and an error
page shows: who reports a fault can say which line it is.
"""

import json
import logging
import re
import secrets
import time
import traceback
from collections.abc import Callable
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

from django.db import Error
from django.http import HttpRequest, HttpResponse

# What follows one of these path parts is a secret link.
SECRET_PATHS = (
    "zugang",
    "einladung",
    "check-in",
)
_SECRET = re.compile(rf"(/(?:{'|'.join(SECRET_PATHS)})/)[A-Za-z0-9_\-%.~]+")
# Any other long random part of a path or a value: keys, tokens, codes. A uuid is none.
_RANDOM = re.compile(
    r"(?<![\w\-])(?=[A-Za-z_\-]*[0-9])(?=[\w\-]*[A-Za-z])[A-Za-z0-9_\-]{32,}(?![\w\-])"
)
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32}", re.IGNORECASE)
_ADDRESS = re.compile(r"[^\s@<>\"'(),;:=\[\]]{1,64}@[A-Za-z0-9_\-]+(?:\.[A-Za-z0-9_\-]+)+")
_NAMED = re.compile(
    r"(?i)\b(password|passwort|passwd|token|secret|authorization|cookie|sessionid|csrfmiddlewaretoken"
    r"|api[_-]?key|code)(['\"]?\s*[=:]\s*)(?:bearer\s+|basic\s+)?(?:'[^']*'|\"[^\"]*\"|[^\s,;&}\]]+)"
)
# PostgreSQL quotes the values of the row that it refuses.
_DETAIL = re.compile(r"(?m)^(DETAIL|CONTEXT|LINE \d+):.*$")
_ODD = r"\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]"
_NUMBER = re.compile(r"[0-9a-f]{12}")
_BREAKS = re.compile(rf"[\x00-\x0a{_ODD}")
_BREAKS_BUT_LINES = re.compile(rf"[\x00-\x08{_ODD}")

request_id: ContextVar[str] = ContextVar("lotse_request_id", default="")


def redact(line: str) -> str:
    """The line with secrets of links, tokens, passwords and mail addresses blacked out."""
    line = _SECRET.sub(r"\1[…]", line)
    line = _DETAIL.sub(r"\1: […]", line)
    line = _NAMED.sub(r"\1\2[…]", line)
    line = _ADDRESS.sub("[Adresse]", line)
    return _RANDOM.sub(lambda found: found[0] if _UUID.fullmatch(found[0]) else "[…]", line)


def _of_database(fault: object) -> bool:
    drivers = {base.__module__.partition(".")[0] for base in type(fault).__mro__}
    return isinstance(fault, Error) or not drivers.isdisjoint({"psycopg", "sqlite3"})


def named(fault: BaseException) -> str:
    """A fault of the database by its class and SQLSTATE: what it says itself holds pieces of the
    statement and values, a visitor's question among them."""
    for one in (fault, fault.__cause__):
        if code := getattr(one, "sqlstate", None) or getattr(one, "sqlite_errorname", None):
            return f"{type(fault).__name__} {code}"
    return type(fault).__name__


def _told(fault: BaseException | None) -> str:
    """The traceback of a fault, those of the database in the chain without their words."""
    if fault is None:
        return "NoneType: None"
    text = "".join(traceback.format_exception(fault))
    chain: list[BaseException] = [fault]
    for one in chain:
        more = (one.__cause__, one.__context__)
        chain += [each for each in more if each is not None and each not in chain]
    # The longest first: one may hold another.
    faults = [one for one in chain if _of_database(one) and str(one)]
    for one in sorted(faults, key=lambda one: -len(str(one))):
        text = text.replace(f": {one}", f": [{named(one)}]")
    return text


def number_in(value: str) -> str:
    """The number of a request if `value` is one, else empty."""
    return value if _NUMBER.fullmatch(value) else ""


class Redact(logging.Filter):
    """Blacks out secrets in message and arguments; request objects are never printed."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(
                named(one) if isinstance(one, BaseException) and _of_database(one) else one
                for one in record.args
            )
        record.msg = redact(record.getMessage())
        record.args = None
        return True


class Line(logging.Formatter):
    """One event, one line: UTC time, level, logger, text; a traceback keeps its lines."""

    converter = time.gmtime  # type: ignore[assignment]  # the documented way to UTC

    def __init__(self) -> None:
        super().__init__("{asctime}Z {levelname} {name} {message}", style="{")

    def formatMessage(self, record: logging.LogRecord) -> str:
        record.message = _BREAKS.sub(" ", record.message)
        number = request_id.get()
        return super().formatMessage(record) + (f" [{number}]" if number else "")

    def formatException(self, ei: Any) -> str:
        return _BREAKS_BUT_LINES.sub(" ", redact(_told(ei[1]).rstrip("\n")))


class JsonLine(logging.Formatter):
    """One event, one JSON object in one line (`LOTSE_LOG_FORMAT=json`)."""

    def format(self, record: logging.LogRecord) -> str:
        entry: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": _BREAKS.sub(" ", redact(record.getMessage())),
        }
        if number := request_id.get():
            entry["request"] = number
        if record.exc_info and record.exc_info[0] is not None:
            entry["error"] = record.exc_info[0].__name__
            told = redact(_told(record.exc_info[1]))
            entry["traceback"] = _BREAKS_BUT_LINES.sub(" ", told)
        return json.dumps(entry, ensure_ascii=False)


class RequestId:
    """Gives every request a number of its own; what a visitor sends as such is not believed."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        number = secrets.token_hex(6)
        token = request_id.set(number)
        try:
            response = self.get_response(request)
        finally:
            request_id.reset(token)
        response["X-Request-Id"] = number
        return response
