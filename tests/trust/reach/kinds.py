"""The kinds of things, and everything that shows them (T02).

A room joins T02 by one line in `KINDS`: the kind, its rule, its model, and who shows it. A reader
is `listed` (API), `page` (HTML, by uuid), `each` (one such page for each body), `sheet` (XLSX, by
name), `text` (ICS, feeds, by name) or `opened` (an address of its own that opens or does not);
`part=True` where it shows only some of what may be seen, `here=True` where only those of the
network of this host. A reader a role may not open shows nothing; that is for the matrix to judge.

An act that can be done in several ways joins T03, see the top of `test_acts.py`.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

import openpyxl
from django.db.models import QuerySet
from django.urls import reverse

from lotse.foundation.core import clock
from lotse.foundation.core.actor import COMMAND, Actor
from lotse.foundation.core.permissions import visible
from lotse.foundation.core.ref import Ref
from lotse.foundation.matters.models import Matter
from lotse.foundation.measures import services as measures
from lotse.foundation.measures.models import Measure
from lotse.foundation.parties.models import Body, Network, Organisation, Person
from lotse.rooms.bodies.models import (
    Annex,
    Appointment,
    Idea,
    Mandate,
    Meeting,
    Minutes,
)
from lotse.rooms.checks.models import Assessment, Check, CheckRevision
from lotse.rooms.checks.services import library
from lotse.rooms.directory.models import Entry
from tests import make, people
from tests.trust import harness
from tests.trust import site as sites
from tests.trust.reach import bodies

ROLES = ("anonymous", *harness.PEOPLE)


@dataclass(frozen=True)
class Reader:
    """One way to see things of a kind: the names or uuids it shows, None where it is closed."""

    name: str
    read: Callable[[sites.Site, Any, "Kind"], set[str] | None]
    part: bool = False
    here: bool = False


@dataclass(frozen=True)
class Kind:
    """A kind of thing, the rule for seeing it, and everything that shows it. `of` says by what a
    thing without a rule of its own is seen: (model of the rule, the thing's way there); `network`
    is a thing's way to its network."""

    name: str
    code: str
    model: Any
    readers: list[Reader]
    title: str = "name"
    known: dict[str, str] = field(default_factory=dict)
    of: tuple[Any, str] | None = None
    network: str = "network"

    def allowed(self, actor: Actor) -> QuerySet[Any]:
        """What the rule lets the actor see."""
        if self.of is None:
            return visible(self.code, actor, self.model.objects.all())
        model, way = self.of
        seen = visible(self.code, actor, model.objects.all())
        found: QuerySet[Any] = self.model.objects.filter(**{f"{way}__in": seen})
        return found

    def found_in(self, text: str) -> set[str]:
        """Uuids of all things whose uuid stands in the text."""
        there = set(re.findall(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", text))
        return there & {str(uuid) for uuid in self.model.objects.values_list("uuid", flat=True)}

    def named_in(self, text: str) -> set[str]:
        """Uuids of all things whose name stands in the text."""
        rows = self.model.objects.values_list("uuid", self.title)
        return {str(uuid) for uuid, name in rows if name in text}


def listed(address: str, **options: Any) -> Reader:
    """A list of the API, walked to its end."""

    def read(site: sites.Site, client: Any, kind: Kind) -> set[str] | None:
        found, following = set(), f"/api/v1/{address}?limit=2"
        while following:
            response = client.get(following)
            if response.status_code != 200:
                return None
            found |= {row["uuid"] for row in response.json()["items"]}
            following = response.json()["next"]
        return found

    return Reader(f"API {address}", read, **options)


def page(name: str, query: str = "", **options: Any) -> Reader:
    """A page that links to each thing."""

    def read(site: sites.Site, client: Any, kind: Kind) -> set[str] | None:
        response = client.get(site.url(name) + query)
        return kind.found_in(response.content.decode()) if response.status_code == 200 else None

    return Reader(name + query, read, **options)


def text(name: str, query: str = "", **options: Any) -> Reader:
    """A calendar, feed or CSV that names each thing."""

    def read(site: sites.Site, client: Any, kind: Kind) -> set[str] | None:
        response = client.get(site.url(name) + query)
        if response.status_code != 200:
            return None
        return kind.named_in(make.body(response).decode().replace("\r\n ", ""))

    return Reader(name + query, read, **options)


def sheet(name: str, query: str = "", **options: Any) -> Reader:
    """A workbook that names each thing."""

    def read(site: sites.Site, client: Any, kind: Kind) -> set[str] | None:
        response = client.get(site.url(name) + query)
        if response.status_code != 200:
            return None
        book = openpyxl.load_workbook(BytesIO(make.body(response)))
        cells = (cell for one in book for row in one.iter_rows(values_only=True) for cell in row)
        return kind.named_in("\n".join(str(cell) for cell in cells if cell is not None))

    return Reader(name + query, read, **options)


def each(name: str, query: str = "", **options: Any) -> Reader:
    """A page of each body that links to its things."""

    def read(site: sites.Site, client: Any, kind: Kind) -> set[str] | None:
        found: set[str] | None = None
        for uuid in Body.objects.values_list("uuid", flat=True):
            response = client.get(reverse(name, args=[uuid]) + query)
            if response.status_code == 200:
                found = (found or set()) | kind.found_in(make.body(response).decode())
        return found

    return Reader(name + query, read, **options)


def opened(name: str, way: str = "uuid", *more: Any, **options: Any) -> Reader:
    """An address of each thing, made from `way`: seen is what opens."""

    def read(site: sites.Site, client: Any, kind: Kind) -> set[str] | None:
        found = set()
        for uuid, key in kind.model.objects.values_list("uuid", way):
            response = client.get(reverse(name, args=[key, *more]))
            if response.status_code == 200 and make.body(response):
                found.add(str(uuid))
        return found

    return Reader(name, read, **options)


def searched(questions: Callable[[], list[str]], **options: Any) -> Reader:
    """The box, asked for every thing by its name."""

    def read(site: sites.Site, client: Any, kind: Kind) -> set[str] | None:
        found: set[str] = set()
        for question in questions():
            response = client.get(site.url("home:search"), {"q": question})
            found |= kind.found_in(response.content.decode())
        return found

    return Reader("home:search", read, **options)


def _titles_of_checks() -> list[str]:
    return sorted({title["de"] for title in CheckRevision.objects.values_list("title", flat=True)})


def _names_of_entries() -> list[str]:
    named = Entry.objects.values_list("latest__content__name", "person__last_name")
    return sorted({name or last for name, last in named if name or last})


KINDS = [
    Kind("networks", "parties.network.view", Network, [listed("networks")]),
    Kind("organisations", "parties.organisation.view", Organisation,
         [listed("organisations"), page("desk:organisations", here=True),
          text("desk:organisations", "?als=csv", here=True),
          sheet("desk:organisations", "?als=xlsx", here=True)]),
    Kind("people", "parties.person.view", Person,
         [page("desk:people", here=True), sheet("desk:people", "?als=xlsx", here=True)],
         title="last_name"),
    # Lists show what was let through; drafts have their own pages.
    Kind("entries", "directory.entry.view", Entry,
         [listed("entries", part=True), page("directory:find", part=True, here=True),
          searched(_names_of_entries, part=True, here=True)]),
    Kind("checks", "checks.check.view", Check,
         [listed("checks"), page("checks:list"), searched(_titles_of_checks)]),
    Kind("assessments", "checks.assessment.view", Assessment, [page("checks:list")]),
    Kind("measures", "measures.measure.view", Measure,
         [listed("measures"), page("today:measures", part=True), page("checks:plan", part=True),
          text("checks:dates", part=True), sheet("checks:plan-xlsx", part=True),
          text("today:dates", part=True)], title="title"),
    Kind("bodies", "bodies.body.view", Body,
         [page("bodies:bodies", here=True), text("bodies:bodies", "?als=csv", here=True),
          sheet("bodies:bodies", "?als=xlsx", here=True), opened("bodies:body")]),
    Kind("seats", "bodies.mandate.view", Mandate,
         [opened("bodies:mandate"), each("bodies:members", part=True)], network="body__network"),
    Kind("meetings", "bodies.meeting.view", Meeting,
         [opened("bodies:meeting"), opened("bodies:meeting-ics"),
          each("bodies:meetings", part=True), page("bodies:calendar", part=True),
          text("bodies:calendar-file", part=True), text("today:dates", part=True)],
         title="title", network="body__network"),
    Kind("papers", "bodies.meeting.view", Annex,
         [opened("bodies:paper"), opened("bodies:paper-file", "uuid", 1)],
         title="title", of=(Meeting, "meeting"), network="meeting__body__network"),
    Kind("minutes", "bodies.minutes.view", Minutes,
         [opened("bodies:minutes", "meeting__uuid"),
          opened("bodies:minutes-docx", "meeting__uuid")],
         network="meeting__body__network"),
    Kind("subjects", "bodies.idea.view", Idea,
         [opened("bodies:idea"), each("bodies:ideas")], title="title", network="body__network"),
    Kind("appointments", "bodies.appointment.view", Appointment,
         [opened("bodies:appointment"), page("bodies:appointments", here=True)], title="title"),
    Kind("matters", "matters.matter.view", Matter,
         [opened("bodies:matter"), page("bodies:matters", here=True),
          text("bodies:matters", "?als=csv", here=True),
          sheet("bodies:matters", "?als=xlsx", here=True)], title="title"),
]  # fmt: skip


def populate(site: sites.Site) -> None:
    """Things of every kind that some roles see and others do not."""
    cast = site.cast
    bodies.populate(site)
    people.organisation(cast.other, "Verein Nebenan")
    make.long_check(1, code="test.oeffentlich")
    hidden = make.check_content(1, code="test.verborgen")
    library.import_check(_yaml(hidden), actor=COMMAND)
    bare: dict[str, Any] = {"topics": [], "regions": []}
    make.entry(cast.org_a, channels=("web",), **bare)
    make.entry(cast.org_a, service=True, channels=("web", "members"), **bare)
    make.entry(cast.org_b, channels=("members",), **bare)
    make.entry(cast.org_b, service=True, channels=("web",), **bare)
    make.entry(cast["member"], channels=("web",), **bare)
    make.entry(cast["editor_a"], channels=("members",), **bare)
    make.entry(cast["editor_b"], **bare)
    theirs = make.assessment(site.check, organisation_name="Fremde")
    for title, origin, fields in (
        ("Plan der Fremden", Ref.to(theirs), {}),
        ("Sache des Netzwerks", Ref.to(site.network), {"network": site.network}),
        ("Sache von Brandt", Ref.to(theirs), {"organisation": cast.org_b}),
        ("Sache von Nebenan", Ref.to(cast.other), {"network": cast.other}),
        ("Geprüft von Ordu", Ref.to(theirs), {"controller_person": cast["coordinator"]}),
    ):
        measures.create_measure(
            actor=COMMAND, origin=origin, title=title, due_on=clock.today(), **fields
        )


def _yaml(content: dict[str, Any]) -> bytes:
    import json

    return json.dumps(content, ensure_ascii=False).encode()
