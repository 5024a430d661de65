"""What a line of a list says of entries beyond the hit itself: kind, place, signs."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.db.models.expressions import Case, Combinable, When
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from lotse.foundation.core import clock
from lotse.foundation.core.actor import Actor
from lotse.foundation.parties.models import Organisation
from lotse.rooms.directory.content.display import value_in
from lotse.rooms.directory.content.freshness import SILENT, UNCONFIRMED, freshness_at
from lotse.rooms.directory.models import Channel, Entry, Revision
from lotse.rooms.directory.permissions import READERS
from lotse.rooms.directory.queries.reading import current_revision

_UNCONFIRMED = (UNCONFIRMED, SILENT)
_NAMES = ("person__last_name", "person__title", "person__first_name")


@dataclass(frozen=True)
class Extra:
    """What stands beside the name of one entry."""

    kind: str
    place: str
    tags: tuple[tuple[str, str], ...]
    lang: str = ""
    by_surname: str = ""  # of people: as a list sorts them


def seen_by(actor: Actor) -> Combinable:
    """The revision of an entry that the actor reads: that for members where it belongs to the
    network, else the public one; the latest where nothing is let through, for those who see
    drafts. No query of its own."""
    web = current_revision(Channel.WEB)
    if actor.operates:
        return Coalesce(current_revision(Channel.MEMBERS), web, F("latest_id"))
    if not actor.own_networks:
        return web
    members = Coalesce(current_revision(Channel.MEMBERS), web)
    read = Case(When(network__in=actor.own_networks, then=members), default=web)
    own = actor.organisations(edit=True) | actor.organisations(publish=True)
    inside = Q(network__in=actor.networks_as(*READERS)) | Q(organisation__in=own)
    return Coalesce(read, Case(When(inside, then=F("latest_id"))))


def extras_of(
    uuids: Iterable[UUID], actor: Actor, lang: str, *, services: Iterable[UUID]
) -> dict[str, Extra]:
    """Kind, place and signs of entries the search found. One query; `services` are those of them
    that are one, whose organisations come along: their name is the place of a service."""
    wanted = Q(uuid__in=list(uuids))
    if services := list(services):
        behind = Entry.objects.filter(uuid__in=services).order_by().values("organisation")
        wanted |= Q(kind=Entry.Kind.ORGANISATION, organisation__in=behind)
    rows = said_of(Entry.objects.filter(wanted), actor, *_NAMES)
    carriers = {
        row["organisation_id"]: str(value_in(row["said"], "name", lang))
        for row in rows
        if row["kind"] == Entry.Kind.ORGANISATION
    }
    now, labels = clock.now(), dict(Organisation.Kind.choices)
    return {
        str(row["uuid"]): Extra(
            _kind_of(row, labels),
            _place_of(row, carriers),
            tags_of(row["is_pilot"], row["is_lighthouse"], row["assured_at"], now),
            "" if row["lang"] == lang else row["lang"],
            _by_surname(row),
        )
        for row in rows
    }


def said_of(entries: QuerySet[Entry], actor: Actor, *more: str) -> list[dict[str, Any]]:
    """Entries, each with the content that the actor reads of it, as `said`. One query."""
    said = Revision.objects.filter(pk=OuterRef("shown")).values("content")[:1]
    rows = entries.annotate(shown=seen_by(actor)).annotate(said=Subquery(said)).order_by()
    found = rows.values(
        "uuid", "kind", "lang", "organisation_id", "is_pilot", "is_lighthouse", "assured_at",
        "said", *more,
    )  # fmt: skip
    return [{**row, "said": row["said"] or {}} for row in found]


def _by_surname(row: Mapping[str, Any]) -> str:
    last, *before = (row[name] or "" for name in _NAMES)
    return ", ".join(filter(None, (last, " ".join(filter(None, before)))))


def _kind_of(row: Mapping[str, Any], labels: Mapping[str, Any]) -> str:
    if row["kind"] == Entry.Kind.ORGANISATION and row["said"].get("kind") in labels:
        return str(labels[row["said"]["kind"]])
    return str(Entry.Kind(row["kind"]).label)


def _place_of(row: Mapping[str, Any], carriers: Mapping[int, str]) -> str:
    if row["kind"] == Entry.Kind.SERVICE:
        return carriers.get(row["organisation_id"], "")
    return str(row["said"].get("city", ""))


def tags_of(
    pilot: bool, lighthouse: bool, assured_at: datetime, now: datetime
) -> tuple[tuple[str, str], ...]:
    """Signs as (words, tone): pilot, lighthouse (S4-13), and since when nobody confirmed."""
    tags = []
    if lighthouse:
        tags.append((_("Leuchtturm"), "good"))
    if pilot:
        tags.append((_("Pilotpartner"), "good"))
    if freshness_at(assured_at, now) in _UNCONFIRMED:
        day = date_format(timezone.localtime(assured_at), "SHORT_DATE_FORMAT")
        tags.append((_("nicht bestätigt seit %(day)s") % {"day": day}, "warn"))
    return tuple(tags)
