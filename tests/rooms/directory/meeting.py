"""Every way a person in the directory can be met by a reader without rights: a new way gets one
line in `PLACES`."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from io import BytesIO
from typing import Any

import openpyxl
from django.test import Client

from lotse.foundation.parties.viewing import viewer_of
from lotse.rooms.directory.models import Entry, SavedSearch
from lotse.rooms.directory.queries import reading
from lotse.rooms.directory.services import searches
from tests import make
from tests.people import Cast
from tests.trust import harness

NAME, MAIL, PHONE = "Mats Behrens", "member@beispiel.test", "0621 5550199"
BY_SURNAME = "Behrens, Mats"
WORD = "Spulenwickeln"  # nobody else says this
READERS = {"web": "anonymous", "members": "editor_b"}


@dataclass
class Reader:
    """Somebody without any right over the entry, who reads one channel; every question is a new
    request."""

    cast: Cast
    channel: str
    entry: Entry
    held: SavedSearch
    photo: str
    browser: Client = field(init=False)

    def __post_init__(self) -> None:
        role = READERS[self.channel]
        self.browser = self.cast.client(role) if role != "anonymous" else Client()

    @cached_property
    def program(self) -> Client:
        """What asks the API as this reader."""
        role = READERS[self.channel]
        return Client() if role == "anonymous" else harness.api_client(self.cast[role])

    def page(self, path: str, **query: Any) -> str:
        response = self.browser.get(f"/verzeichnis/{path}", query)
        assert response.status_code == 200, path
        return make.body(response).decode()

    def status(self, path: str) -> int:
        response = self.browser.get(f"/verzeichnis/{self.entry.uuid}/{path}")
        make.body(response)
        return int(response.status_code)

    def listed(self) -> str:
        response = self.program.get("/api/v1/entries", {"channel": self.channel})
        assert response.status_code == 200
        return response.content.decode()

    def beside(self, kind: str) -> str:
        """The page of an entry of the organisation the person works for."""
        entry = Entry.objects.get(organisation=self.cast.org_a, kind=kind)
        return self.page(f"{entry.uuid}/")

    def names(self, **query: Any) -> bool:
        return NAME in self.page("", **query)

    def workbook(self) -> str:
        response = self.browser.get("/verzeichnis/", {"als": "xlsx"})
        book = openpyxl.load_workbook(BytesIO(make.body(response)))
        return str([list(row) for one in book for row in one.iter_rows(values_only=True)])

    def watched(self) -> bool:
        """Whether a saved search would tell its owner of the entry."""
        actor = self.cast.actor("editor_b")
        viewer = searches.watcher_of(actor, self.cast.network)
        if self.channel == "web":
            viewer = viewer_of(self.cast.actor("anonymous"), self.cast.network)
        return self.entry.uuid.hex in searches.look(self.held, viewer, lang="de").refs

    def suggested(self, typed: str) -> bool:
        return NAME in self.page("vorschlaege/", q=typed)

    def picture(self) -> int:
        kept = {"If-None-Match": f'"{self.photo}"'}
        response = self.browser.get(f"/verzeichnis/bild/{self.photo}/", headers=kept)
        make.body(response)
        return int(response.status_code)

    def readable(self) -> bool:
        rows = reading.readable(self.channel, self.cast.network)
        return bool(rows.filter(pk=self.entry.pk).exists())


PLACES: dict[str, Callable[[Reader], bool]] = {
    "page": lambda r: r.status("") == 200,
    "vCard": lambda r: r.status("kontakt.vcf") == 200,
    "message form": lambda r: r.status("nachricht/") == 200,
    "picture": lambda r: r.picture() in (200, 304),
    "find all": lambda r: r.names(),
    "find by name": lambda r: r.names(q="Behrens"),
    "find by a typo": lambda r: r.names(q="Behrnes"),
    "find by word": lambda r: r.names(q=WORD),
    "find by kind": lambda r: r.names(kind="person"),
    "find by topic": lambda r: r.names(topic="gesundheit"),
    "find by region": lambda r: r.names(region="05315"),
    "facet of kinds": lambda r: 'value="person"' in r.page(""),
    "page of the box": lambda r: NAME in make.body(
        r.browser.get("/suche/", {"q": "Behrens"})).decode(),
    "suggestions": lambda r: r.suggested("Behr"),
    "suggestions by first name": lambda r: r.suggested("Ma"),
    "list in CSV": lambda r: NAME in r.page("", als="csv"),
    "list in XLSX": lambda r: NAME in r.workbook(),
    "list to print": lambda r: NAME in r.page("", als="druck"),
    "A to Z": lambda r: BY_SURNAME in r.page("a-z/"),
    "letter": lambda r: BY_SURNAME in r.page("a-z/", letter="b"),
    "count of a topic": lambda r: re.search(
        r'topic=gesundheit">[^<]*</a> <span[^>]*>1<', r.page("themen/")) is not None,
    "count of a Land": lambda r: "05" in _states(r.page("karte/")),
    "count of a Kreis": lambda r: _district(r.page("karte/", land="05"), "05315") > 0,
    "organisation": lambda r: NAME in r.beside("organisation"),
    "API list": lambda r: NAME in r.listed(),
    "API": lambda r: r.program.get(f"/api/v1/entries/{r.entry.uuid}").status_code == 200,
    "saved search": lambda r: r.watched(),
    "rows": lambda r: r.readable(),
}  # fmt: skip


def _states(html: str) -> set[str]:
    """Länder whose tile or line says more than nothing."""
    assert html.count("<rect class=") == 32
    rows = re.findall(r'href="\?land=(\d\d)#kreise">[^<]*</a></td><td[^>]*>(\d+)<', html)
    assert all(int(n) for _key, n in rows)
    return {key for key, _n in rows}


def _district(html: str, key: str) -> int:
    found = re.search(rf"region={key}\"[^>]*>[^<]*</a></td><td[^>]*>(\d+)<", html)
    assert "Kreis</th>" in html
    return int(found[1]) if found else 0


def met(reader: Reader) -> set[str]:
    return {name for name, shows in PLACES.items() if shows(reader)}
