"""Entries of the directory: public ones for everybody, those for members with a token. The last
revision that was let through, and of people only what they consented to."""

from dataclasses import asdict
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Field, Query, Router, Schema

from lotse.foundation.core import clock
from lotse.foundation.core.actor import Actor
from lotse.foundation.parties.here import actor_in
from lotse.rooms.directory.content.freshness import freshness_of
from lotse.rooms.directory.models import Channel, Entry, Revision
from lotse.rooms.directory.queries import reading
from lotse.rooms.directory.queries.reading import PersonFacts, Seen
from lotse.surfaces.api.access import needs
from lotse.surfaces.api.paging import PageQuery, page_of, reply

router = Router()
Kind = Literal["organisation", "person", "service"]
_CONTACT = ("email", "phone")


class EntryRow(Schema):
    """An entry in a list. `channel` says whose revision it is: web, members, empty for a draft;
    `published_at` since when it is read there. Never a way to reach anybody (T08)."""

    uuid: UUID
    network: UUID
    kind: Kind
    name: str
    summary: str
    city: str
    topics: list[str]
    regions: list[str]
    lang: str
    channel: str
    on_behalf: bool
    is_pilot: bool
    is_lighthouse: bool
    assured_at: datetime
    freshness: Literal["fresh", "due", "unconfirmed", "silent"]
    revision: int
    published_at: datetime | None
    is_demo: bool


class SeatRow(Schema):
    """What a person is; the organisation where its entry can be read."""

    function: str
    organisation: str
    entry: UUID | None


class EntryDetail(EntryRow):
    """An entry with its content by the keys of its fields: without ways to reach anybody, which
    stand on its page alone (T08); of a person the photo with consent only."""

    organisation: UUID | None
    content: dict[str, Any]
    functions: list[SeatRow]


class EntryList(Schema):
    """A page of entries."""

    items: list[EntryRow]
    next: str | None


class EntryQuery(PageQuery):
    """What a list of entries is narrowed to. `channel` members needs a token of a member."""

    network: UUID | None = None
    kind: Kind | None = None
    channel: Literal["web", "members"] = "web"
    modified_after: datetime | None = Field(None, description="Let through after this moment")


@router.get("entries", response=EntryList, summary="Entries of the directory by age")
@needs("directory:read", public=True)
def entries(request: HttpRequest, response: HttpResponse, wanted: Query[EntryQuery]) -> Any:
    actor = actor_in(request)
    found = _readable(actor, wanted.channel)
    if wanted.network:
        found = found.filter(network__uuid=wanted.network)
    if wanted.kind:
        found = found.filter(kind=wanted.kind)
    if wanted.modified_after:
        found = found.filter(published_at__gt=wanted.modified_after)
    shown = page_of(found, wanted, order=("created_at", "uuid"))
    revisions = Revision.objects.in_bulk([entry.revision_id for entry in shown.rows])
    items = [
        _row(entry, revisions[entry.revision_id], wanted.channel, entry.published_at)
        for entry in shown.rows
    ]
    return reply(request, response, shown, items)


def _readable(actor: Actor, channel: str) -> Any:
    rows = reading.readable(channel, None).select_related("network", "person")
    rows = rows.annotate(published_at=reading.current_moment(channel))
    if channel == Channel.MEMBERS and not actor.operates:
        rows = rows.filter(network__in=actor.own_networks)
    return rows


@router.get("entries/{uuid:uuid}", response=EntryDetail, summary="One entry with its content")
@needs("directory:read", public=True, counted="directory.entry")
def entry(request: HttpRequest, uuid: UUID) -> Any:
    seen = reading.see(actor_in(request), uuid)
    facts = None
    if seen.entry.person is not None:
        facts = reading.person_facts(seen.entry, seen.channel, seen.content)
    return _detail(seen, facts)


def _detail(seen: Seen, facts: PersonFacts | None) -> dict[str, Any]:
    entry = seen.entry
    content = {key: value for key, value in seen.content.items() if key not in _CONTACT}
    if facts is not None and facts.photo is None:
        content.pop("photo", None)
    return {
        **_row(entry, seen.revision, seen.channel, seen.since),
        "organisation": entry.organisation.uuid if entry.organisation else None,
        "content": content,
        "functions": [asdict(seat) for seat in facts.functions] if facts else [],
    }


def _row(
    entry: Entry, revision: Revision | None, channel: str, since: datetime | None
) -> dict[str, Any]:
    content = revision.content if revision else {}
    return {
        "uuid": entry.uuid,
        "network": entry.network.uuid,
        "kind": entry.kind,
        "name": entry.person.name if entry.person else content.get("name", ""),
        "summary": content.get("summary", ""),
        "city": content.get("city", ""),
        "topics": content.get("topics", []),
        "regions": content.get("regions", []),
        "lang": entry.lang,
        "channel": channel,
        "on_behalf": bool(revision and revision.on_behalf),
        "is_pilot": entry.is_pilot,
        "is_lighthouse": entry.is_lighthouse,
        "assured_at": entry.assured_at,
        "freshness": freshness_of(entry, clock.now()),
        "revision": revision.number if revision else 0,
        "published_at": since,
        "is_demo": entry.is_demo,
    }
