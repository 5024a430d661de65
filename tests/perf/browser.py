"""A small browser over real connections: cookies, forms, redirects by hand. One per thread."""

import random
import re
from dataclasses import dataclass
from html import unescape
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlencode, urlsplit

LOCAL = "127.0.0.1"
_HIDDEN = re.compile(r'<input type="hidden" name="(\w+)"(?: id="\w+")? value="([^"]*)"')
_LEVEL = re.compile(r'name="level" value="([\w-]+)"')
_ROW = re.compile(r'<a href="(/checks/[0-9a-f-]{36}/)">.*?(\d+) Punkte', re.DOTALL)
_ROUND = re.compile(r"/checks/bewertung/([0-9a-f-]{36})/")
_TEXT = re.compile(r'<textarea name="note"[^>]*>\n?(.*?)</textarea>', re.DOTALL)
TITLES = ("Gespräch mit dem Vorstand", "Sprechstunde einrichten", "Protokoll verschicken")


@dataclass(frozen=True)
class Reply:
    """An answer of the server."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")

    @property
    def location(self) -> str:
        return urlsplit(self.headers.get("location", "")).path


def hidden(page: str) -> dict[str, str]:
    """The hidden fields of the forms of a page; the last of each name."""
    return {name: unescape(value) for name, value in _HIDDEN.findall(page)}


def levels(page: str) -> list[str]:
    """The levels a checkpoint offers."""
    return _LEVEL.findall(page)


def checks(page: str) -> dict[str, int]:
    """Path and number of points of the checks on the list of checks."""
    return {path: int(points) for path, points in _ROW.findall(page)}


def round_of(path: str) -> str:
    """The uuid of the assessment in an address, or nothing."""
    found = _ROUND.search(path)
    return found[1] if found else ""


def note_of(page: str) -> str:
    """The text in the field of the note, as a person sees it."""
    found = _TEXT.search(page)
    return unescape(found[1]) if found else ""


def take_cookies(jar: dict[str, str], lines: list[str]) -> None:
    """Keeps what Set-Cookie lines say, as browsers do."""
    for line in lines:
        pair, *rest = line.split(";")
        name, _, value = pair.strip().partition("=")
        if any(part.strip().lower() == "max-age=0" for part in rest):
            jar.pop(name, None)
        else:
            jar[name] = value.strip('"')


class Browser:
    """Cookies and one connection that stays open."""

    def __init__(self, port: int, cookies: dict[str, str] | None = None) -> None:
        self.port = port
        self.cookies: dict[str, str] = dict(cookies or {})
        self.assessment = ""
        self._connection: HTTPConnection | None = None

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def request(self, method: str, path: str, form: dict[str, str] | None = None) -> Reply:
        """One request; an OSError or HTTPException when no answer came."""
        body = urlencode(form).encode() if form is not None else None
        headers = {"Host": f"localhost:{self.port}", "Accept-Language": "de"}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{k}={v}" for k, v in self.cookies.items())
        if self._connection is None:
            self._connection = HTTPConnection(LOCAL, self.port, timeout=30)
        try:
            self._connection.request(method, path, body, headers)
            response = self._connection.getresponse()
            content = response.read()
        except BaseException:
            self.close()
            raise
        take_cookies(self.cookies, response.headers.get_all("Set-Cookie") or [])
        if response.headers.get("Connection", "").lower() == "close":
            self.close()
        return Reply(response.status, {k.lower(): v for k, v in response.headers.items()}, content)

    def get(self, path: str) -> Reply:
        return self.request("GET", path)

    def post(self, path: str, form: dict[str, str]) -> Reply:
        return self.request("POST", path, form)

    def start_check(self, points: int = 7) -> str:
        """Begins a check with so many points; returns the uuid of the assessment."""
        path = next(p for p, n in checks(self.get("/checks/").text).items() if n == points)
        form = hidden(self.get(path).text) | {"scope": "organisation", "organisation_name": "Test"}
        reply = self.post(path, form)
        if reply.status != 302:
            raise AssertionError(f"start: {reply.status} {reply.text[:500]}")
        self.assessment = round_of(reply.location)
        return self.assessment

    def path(self, rest: str = "") -> str:
        """An address of the begun assessment."""
        return f"/checks/bewertung/{self.assessment}/{rest}"

    def form_of(self, number: int, **fields: Any) -> dict[str, str]:
        """The form of a checkpoint as its page shows it, with some fields changed."""
        page = self.get(self.path(f"punkt/{number}/"))
        if page.status != 200:
            raise AssertionError(f"checkpoint {number}: {page.status}")
        wanted = {name: value for name, value in hidden(page.text).items()
                  if name in ("csrfmiddlewaretoken", "_key", "version")}  # fmt: skip
        return wanted | {"level": levels(page.text)[0], "go": "next"} | fields

    def visit(self, kind: str, rng: random.Random, step: int) -> int:
        """One step of somebody who looks around; returns the status of the last answer."""
        paths = {
            "/": "/",
            "list": "/checks/",
            "search": "/suche/?q=ausbildung",
            "find": f"/verzeichnis/?q={rng.choice(('Beratung', 'Ausbildung', 'Kammer'))}",
            "result": self.path("ergebnis/"),
            "plan": self.path("plan/"),
            "pdf": self.path("ergebnis.pdf"),
            "docx": self.path("ergebnis.docx"),
            "xlsx": self.path("plan.xlsx"),
            "point": self.path(f"punkt/{rng.randint(1, 7)}/"),
        }
        if kind == "paper":
            start = next(iter(checks(self.get("/checks/").text)))
            return self.get(f"{start}papierbogen.pdf").status
        if kind != "answer":
            return self.get(paths[kind]).status
        number = rng.randint(1, 7)
        form = self.form_of(number, note=f"Schritt {step}: {rng.choice(TITLES)}")
        return self.post(self.path(f"punkt/{number}/"), form).status
