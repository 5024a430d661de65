"""The URL x role matrix (T01) and how a room joins it.

A new URL joins by one row in `matrix.csv`:
  1. If its arguments are new, one line in `VALUES` or `SPECIAL` of `site.py`.
  2. `.venv/bin/python -m tests.trust.matrix` prints what every role gets at URLs without a row and
     where a row differs from what happens; `--write` adds the missing rows, `--take NAME` (or
     `--take 'desk:*'` for a namespace) also replaces rows that differ.
  3. Read each cell of the new rows against the rules before they are committed: the table is what
     was *decided*, the command only types it.

A kind of thing that lists, API, exports, feeds or the search show joins T02 by one line, see the
top of `reach/kinds.py`.

A cell is `GET/POST`, or `GET/POST/PATCH` where a path takes PATCH. All other methods must be
refused at every URL.
"""

import copy
import csv
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.shortcuts import resolve_url
from django.test import Client

from lotse.foundation.accounts.services import tokens
from lotse.foundation.accounts.tokens import SCOPES
from lotse.foundation.core.actor import EDIT, READ
from tests import make, people
from tests.trust import site as sites

TABLE = Path(__file__).parent / "matrix.csv"
# Visitors with a secret link of the assessment; a stranger opened that of another one.
LINKS = ("stranger", "reader", "editor")
# The office of another network: what it may at home it may not here.
PEOPLE = (*people.ROLES[1:], "foreign_office")
ROLES = ("anonymous", *LINKS, *PEOPLE)
COLUMNS = ("name", *ROLES)
REFUSED = (403, 404, 405)
OTHER = ("PUT", "PATCH", "DELETE")
THOROUGH = ("anonymous", "editor_a", "operator")
FORM = {"_key": "k" * 20}


def table() -> dict[str, dict[str, str]]:
    """name -> row of the reviewed table."""
    with TABLE.open(newline="") as file:
        return {row["name"]: row for row in csv.DictReader(file)}


def write(rows: dict[str, dict[str, str]]) -> None:
    """Writes the table anew, sorted."""
    with TABLE.open("w", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        for name in sorted(rows):
            writer.writerow(rows[name])


def token_of(person: Any, *, scopes: Any = tuple(SCOPES), strong: bool = True) -> str:
    """The secret of a new token of the person for the API."""
    _token, secret = tokens.create_token(
        person.account, name="Prüfung", scopes=list(scopes), days=30, strong=strong
    )
    return secret


def api_client(person: Any, **options: Any) -> Client:
    """A program with a token of the person."""
    return Client(headers={"authorization": f"Bearer {token_of(person, **options)}"})


def browser(site: sites.Site, role: str, *, client_class: Any = Client, **options: Any) -> Any:
    """A client as the role: signed in, with a token for the API, or with a secret link opened."""
    if role in PEOPLE:
        bearer = {"authorization": f"Bearer {token_of(site.cast[role])}"}
        client = client_class(headers=bearer, **options)
        return people.sign_in(client, site.cast[role])
    client = client_class(**options)
    if role == "stranger":
        make.open_as(client, make.assessment(site.check))
    if role in {"reader", "editor"}:
        make.open_as(client, site.assessment, EDIT if role == "editor" else READ)
    return client


@dataclass
class Walk:
    """Asks every address as every role; after each request everything is as before."""

    site: sites.Site
    clients: dict[str, Any] = field(default_factory=dict)

    def client(self, role: str) -> Any:
        if role not in self.clients:
            self.clients[role] = browser(self.site, role, raise_request_exception=False)
        return self.clients[role]

    def ask(self, role: str, method: str, url: str) -> Any:
        """The answer; sessions, cookies and rows are taken back."""
        client = self.client(role)
        cookies = copy.deepcopy(client.cookies)
        untouched = transaction.savepoint()
        try:
            if method == "GET":
                response = client.get(url)
            elif url.startswith("/api/"):
                headers = {"if-match": "*"}
                response = client.generic(method, url, b"{}", "application/json", headers=headers)
            elif method == "POST":
                response = client.post(url, FORM)
            else:
                response = client.generic(method, url)
            make.body(response)
            return response
        finally:
            transaction.savepoint_rollback(untouched)
            client.cookies = cookies

    def cell(self, role: str, name: str, url: str) -> str:
        """What the table should hold, by what happens."""
        found = [str(self.ask(role, method, url).status_code) for method in ("GET", "POST")]
        if name in sites.with_patch():
            found.append(str(self.ask(role, "PATCH", url).status_code))
        return "/".join(found)

    def others(self, role: str, name: str, url: str) -> list[str]:
        """Methods nobody has, where they are not refused. They are refused before anybody asks who
        it is, so a visitor, an editor and the operator try them for all."""
        wrong = []
        for method in OTHER if role in THOROUGH else ():
            if method == "PATCH" and name in sites.with_patch():
                continue
            response = self.ask(role, method, url)
            to_login = response.status_code == 302 and response.url.startswith(
                resolve_url(settings.LOGIN_URL)
            )
            if response.status_code not in REFUSED and not to_login:
                wrong.append(f"{role} {method} {name}: {response.status_code}")
        return wrong
