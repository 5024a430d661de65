"""All that the page of an entry shows, ready for it; contact data stand here and nowhere else."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.urls import reverse
from django.utils.translation import gettext as _

from lotse.foundation.core import clock
from lotse.foundation.core.actor import Actor
from lotse.foundation.parties.models import Affiliation, Organisation
from lotse.rooms.directory.content.display import Section, sections_of, value_in
from lotse.rooms.directory.content.freshness import SILENT, UNCONFIRMED, freshness_of, was_assured
from lotse.rooms.directory.models import Channel, Entry
from lotse.rooms.directory.permissions import let_through
from lotse.rooms.directory.queries.reading import (
    PersonFacts,
    Seen,
    channels_of,
    names_of,
    person_facts,
    sees_drafts,
)
from lotse.rooms.directory.queries.relay import is_reachable
from lotse.rooms.directory.queries.rows import said_of, tags_of

_APART = ("name", "short_name", "summary", "kind", "logo", "photo")
_NUMBER = re.compile(r"[+(\d][\d\s()/.\u2013-]{2,29}")
_CONTACT = ("street", "postal_code", "city", "website", "email", "phone")


@dataclass(frozen=True)
class Contact:
    """How to reach somebody, as published; a person's address only as consented."""

    street: str = ""
    postal_code: str = ""
    city: str = ""
    website: str = ""
    email: str = ""
    phone: str = ""
    message_url: str = ""

    @property
    def dialled(self) -> str:
        """The number as a telephone takes it; empty for what is more than one number."""
        number = self.phone.replace("(0)", "") if "+" in self.phone else self.phone
        return re.sub(r"[^+\d]", "", number) if _NUMBER.fullmatch(number.strip()) else ""

    @property
    def place(self) -> str:
        return f"{self.postal_code} {self.city}".strip()


@dataclass(frozen=True)
class Linked:
    """A line that leads to another entry."""

    title: str
    url: str
    text: str = ""
    lang: str = ""


@dataclass(frozen=True)
class Page:
    """One entry, ready for its page."""

    uuid: UUID
    kind: str
    kind_label: str
    title: str
    url: str
    lang: str
    summary: str
    picture_url: str
    sections: list[Section]
    contact: Contact
    tags: tuple[tuple[str, str], ...]
    assured_at: datetime
    was_assured: bool
    is_old: bool
    on_behalf: bool
    is_draft: bool
    only_members: bool
    services: list[Linked] = field(default_factory=list)
    people: list[Linked] = field(default_factory=list)
    seats: list[Linked] = field(default_factory=list)
    carrier: Linked | None = None
    actions: list[tuple[str, str]] = field(default_factory=list)
    facts: PersonFacts | None = None


def page_of(seen: Seen, actor: Actor, lang: str, *, alone: bool = False) -> Page:
    """The page of an entry that was `see`n. At most eight queries; `alone` leaves out what is
    beside it."""
    entry, content = seen.entry, seen.content
    facts = person_facts(entry, seen.channel, content) if entry.person is not None else None
    now = clock.now()
    services: list[Linked] = []
    people: list[Linked] = []
    if entry.kind == Entry.Kind.ORGANISATION and not alone:
        services, people = _services_and_people(seen, actor, lang)
    return Page(
        uuid=entry.uuid,
        kind=entry.kind,
        kind_label=_kind_of(entry, content),
        title=facts.name if facts else str(value_in(content, "name", lang)),
        url=reverse("directory:entry", args=[entry.uuid]),
        lang="" if entry.lang == lang else entry.lang,
        summary=str(value_in(content, "summary", lang)),
        picture_url=_picture_of(content, facts),
        sections=[] if alone else sections_of(
            entry.kind, content, lang, entry_lang=entry.lang, without=(*_APART, *_CONTACT)
        ),
        contact=_contact_of(seen, facts),
        tags=tags_of(entry.is_pilot, entry.is_lighthouse, entry.assured_at, now),
        assured_at=entry.assured_at,
        was_assured=was_assured(entry),
        is_old=freshness_of(entry, now) in (UNCONFIRMED, SILENT),
        on_behalf=seen.on_behalf,
        is_draft=seen.is_draft,
        only_members=not alone and _for_members_only(seen),
        services=services,
        people=people,
        seats=_seats(facts) if facts else [],
        carrier=_carrier(seen),
        actions=[] if alone else _actions(entry, actor),
        facts=facts,
    )  # fmt: skip


def _for_members_only(seen: Seen) -> bool:
    """Whether nobody else reads any of the entry. One query at most."""
    if seen.channel != Channel.MEMBERS:
        return False
    return not Entry.objects.filter(let_through(Channel.WEB), pk=seen.entry.pk).exists()


def _kind_of(entry: Entry, content: Mapping[str, Any]) -> str:
    labels = dict(Organisation.Kind.choices)
    if entry.kind == Entry.Kind.ORGANISATION and content.get("kind") in labels:
        return str(labels[content["kind"]])
    return str(Entry.Kind(entry.kind).label)


def _picture_of(content: Mapping[str, Any], facts: PersonFacts | None) -> str:
    uuid = facts.photo if facts else content.get("logo")
    return reverse("directory:picture", args=[uuid]) if uuid else ""


def _contact_of(seen: Seen, facts: PersonFacts | None) -> Contact:
    content, url = seen.content, reverse("directory:message", args=[seen.entry.uuid])
    if seen.is_draft or not is_reachable(seen):
        url = ""
    if facts is not None:
        return Contact(email=facts.email, phone=facts.phone, message_url=url)
    return Contact(
        street=content.get("street", ""),
        postal_code=content.get("postal_code", ""),
        city=content.get("city", ""),
        website=content.get("website", ""),
        email=content.get("email", ""),
        phone=content.get("phone", ""),
        message_url=url,
    )


def _beside(seen: Seen, actor: Actor, also: Q | None) -> QuerySet[Entry]:
    """Entries of the network that this reader sees, whichever channel lets them through."""
    allowed = [let_through(channel) for channel in channels_of(actor, seen.entry)]
    if also is not None:
        allowed.append(also)
    return Entry.objects.filter(reduce(or_, allowed), network=seen.entry.network)


def _services_and_people(seen: Seen, actor: Actor, lang: str) -> tuple[list[Linked], list[Linked]]:
    """What the organisation offers and who works for it, each as far as this reader sees it; in a
    draft all services. People are named with their consent for their own entry only. One query."""
    today = clock.today()
    seats = Affiliation.objects.filter(
        Q(ends_on=None) | Q(ends_on__gte=today),
        organisation=seen.entry.organisation,
        starts_on__lte=today,
        person=OuterRef("person"),
    )
    service = Q(kind=Entry.Kind.SERVICE, organisation=seen.entry.organisation, archived_at=None)
    rows = _beside(seen, actor, service if seen.is_draft else None).filter(
        service | Q(Exists(seats), kind=Entry.Kind.PERSON)
    )
    rows = rows.annotate(function=Subquery(seats.order_by("pk").values("function")[:1]))
    names = ("person__title", "person__first_name", "person__last_name")
    found = said_of(rows, actor, "function", *names)
    people = [row for row in found if row["kind"] == Entry.Kind.PERSON]
    people.sort(key=lambda row: (row["person__last_name"], row["person__first_name"]))
    services = [_service(row, lang) for row in found if row["kind"] == Entry.Kind.SERVICE]
    return sorted(services, key=lambda line: line.title.casefold()), [
        Linked(
            " ".join(filter(None, (row[name] for name in names))),
            reverse("directory:entry", args=[row["uuid"]]),
            row["function"] or "",
        )
        for row in people
    ]


def _service(row: Mapping[str, Any], lang: str) -> Linked:
    return Linked(
        str(value_in(row["said"], "name", lang)),
        reverse("directory:entry", args=[row["uuid"]]),
        str(value_in(row["said"], "summary", lang)),
        "" if row["lang"] == lang else row["lang"],
    )


def _carrier(seen: Seen) -> Linked | None:
    """The organisation behind a service. One query."""
    entry = seen.entry
    if entry.kind != Entry.Kind.SERVICE or entry.organisation is None:
        return None
    named = names_of([entry.organisation.pk], seen.channel).get(entry.organisation.pk)
    if named is None:
        return None
    return Linked(named[1], reverse("directory:entry", args=[named[0]]))


def _seats(facts: PersonFacts) -> list[Linked]:
    return [
        Linked(
            seat.organisation,
            reverse("directory:entry", args=[seat.entry]) if seat.entry else "",
            seat.function,
        )
        for seat in facts.functions
    ]


def _actions(entry: Entry, actor: Actor) -> list[tuple[str, str]]:
    """Where those go who see the inside of the entry. No query."""
    if not sees_drafts(actor, entry):
        return []
    pages = [(_("Stand und Freigabe"), "directory:state"), (_("Verlauf"), "directory:history")]
    if _edits(entry, actor):
        pages.insert(0, (_("Bearbeiten"), "directory:edit"))
    return [(title, reverse(name, args=[entry.uuid])) for title, name in pages]


def _edits(entry: Entry, actor: Actor) -> bool:
    if actor.operates or entry.network.pk in actor.networks_as("office"):
        return True
    if entry.person is not None:
        return entry.person.pk == actor.person
    organisation = entry.organisation
    return organisation is not None and organisation.pk in actor.organisations(edit=True)
