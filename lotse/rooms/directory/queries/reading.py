"""What a reader sees of an entry: the revision that was let through for the channel, never more.

Who belongs to the network reads what is let through for members, else what is public; who may edit
an entry and those who look after it read the draft where nothing is let through for them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.http import Http404

from lotse.foundation.core import clock
from lotse.foundation.core.actor import Actor
from lotse.foundation.core.permissions import get_visible
from lotse.foundation.parties.models import Affiliation, Consent, Network
from lotse.rooms.directory.models import Channel, Entry, Picture, Publication, Revision
from lotse.rooms.directory.permissions import let_through, looks_after

DRAFT = ""


@dataclass(frozen=True)
class Seen:
    """An entry as one reader sees it. `channel` is web, members, or empty for the draft, which
    only editors and those who look after it see."""

    entry: Entry
    content: dict[str, Any]
    revision: Revision | None
    channel: str
    on_behalf: bool = False
    since: datetime | None = None  # when this revision took effect in the channel

    @property
    def is_draft(self) -> bool:
        return self.channel == DRAFT


@dataclass(frozen=True)
class Seat:
    """What a person is now, and where; the organisation only where its entry can be read, too."""

    function: str
    organisation: str = ""
    entry: UUID | None = None


@dataclass(frozen=True)
class PersonFacts:
    """What a reader of a channel may know of a person beside the content."""

    name: str
    functions: list[Seat] = field(default_factory=list)
    photo: UUID | None = None
    email: str = ""
    phone: str = ""
    reachable: bool = False  # a message form reaches the person


def readable(channel: str, network: Network | None) -> QuerySet[Any]:
    """All entries that readers of the channel see in a network (None: in all), each with
    `revision_id`, the revision they see. No query of its own."""
    rows = Entry.objects.filter(let_through(channel))
    if network is not None:
        rows = rows.filter(network=network)
    return rows.annotate(revision_id=current_revision(channel))


def current_revision(channel: str, entry: str = "pk") -> Subquery:
    """The revision of a channel that took effect last and has not ended, by the clock."""
    return Subquery(_live(channel, entry).values("revision")[:1])


def current_moment(channel: str, entry: str = "pk") -> Subquery:
    """Since when readers of the channel see this revision."""
    return Subquery(_live(channel, entry).values("effective_at")[:1])


def _live(channel: str, entry: str) -> QuerySet[Publication]:
    now = clock.now()
    return Publication.objects.filter(
        Q(ended_at=None) | Q(ended_at__gt=now),
        entry=OuterRef(entry),
        channel=channel,
        effective_at__lte=now,
    ).order_by("-effective_at", "-pk")


def see(actor: Actor, uuid: UUID) -> Seen:
    """The entry as the actor may read it. At most four queries.

    Raises Http404 where the actor may not know of it.
    """
    rows = Entry.objects.select_related("network", "organisation", "person")
    entry = get_visible("directory.entry.view", actor, uuid, rows)
    for channel in channels_of(actor, entry):
        read = readable(channel, None).filter(pk=entry.pk).values("revision_id")
        moment = current_moment(channel, "entry")
        for revision in Revision.objects.filter(pk__in=read).annotate(since=moment)[:1]:
            return Seen(
                entry, revision.content, revision, channel, revision.on_behalf, revision.since
            )
    if not sees_drafts(actor, entry):
        raise Http404
    latest = entry.latest
    return Seen(entry, latest.content if latest else {}, latest, DRAFT,
                bool(latest and latest.on_behalf))  # fmt: skip


def channels_of(actor: Actor, entry: Entry) -> tuple[str, ...]:
    """The channels the actor reads of an entry, the widest first. No query."""
    if actor.operates or entry.network.pk in actor.own_networks:
        return (Channel.MEMBERS, Channel.WEB)
    return (Channel.WEB,)


def sees_drafts(actor: Actor, entry: Entry) -> bool:
    """Whether the actor may edit or publish the entry, or looks after it. No query."""
    if looks_after(actor, entry):
        return True
    if entry.person is not None:
        return entry.person.pk == actor.person
    own = actor.organisations(edit=True) | actor.organisations(publish=True)
    return entry.organisation is not None and entry.organisation.pk in own


def person_facts(
    entry: Entry, channel: str, content: Mapping[str, Any] | None = None
) -> PersonFacts:
    """Name, present functions, photo, ways to reach a person, each only as consented for the
    channel (product rule 2). Three queries, one more without `content`.

    For the draft (`channel` empty) what there would be to show with every consent, as a preview
    for those who may see drafts.
    """
    person = entry.person
    if person is None:
        raise ValueError("not the entry of a person")
    said = _said_yes(entry, channel)
    if content is None:
        content = _content_in(entry, channel)
    photo = content.get("photo") if "photo" in said else None
    return PersonFacts(
        name=person.name,
        functions=seats_of([entry], channel).get(entry.pk, []),
        photo=UUID(photo) if photo else None,
        email=person.email if "contact" in said else "",
        phone=person.phone if "contact" in said else "",
        reachable=bool(person.email),
    )


def _said_yes(entry: Entry, channel: str) -> set[str]:
    """The purposes the person agreed to for this channel; in a draft all. One query."""
    if channel == DRAFT:
        return {"profile", "photo", "contact"}
    given = Consent.objects.filter(
        Q(network=None) | Q(network=entry.network), person=entry.person, channel=channel,
        withdrawn_at=None, person__erased_at=None, person__restricted_at=None,
        person__merged_into=None,
    )  # fmt: skip
    return set(given.values_list("purpose", flat=True))


def _content_in(entry: Entry, channel: str) -> dict[str, Any]:
    if channel == DRAFT:
        return entry.latest.content if entry.latest else {}
    key = readable(channel, None).filter(pk=entry.pk).values("revision_id")
    found = Revision.objects.filter(pk__in=key).values_list("content", flat=True)
    return next(iter(found), {})


def seats_of(entries: Iterable[Entry], channel: str) -> dict[int, list[Seat]]:
    """What people are now, by the key of their entry: their seats in organisations of the network
    of this entry, none of another. Two queries for any number.

    An organisation that readers of the channel do not see is not named.
    """
    of = {
        (entry.person.pk, entry.network_id): entry.pk
        for entry in entries if entry.person is not None
    }  # fmt: skip
    today = clock.today()
    held = (
        Affiliation.objects.filter(
            Q(ends_on=None) | Q(ends_on__gte=today),
            person__in={person for person, _network in of},
            starts_on__lte=today,
        )
        .order_by("starts_on", "pk")
        .values_list("person", "organisation", "organisation__network", "function")
    )
    here = [
        (of[person, network], organisation, function)
        for person, organisation, network, function in held
        if (person, network) in of
    ]
    named = names_of({row[1] for row in here}, channel) if here else {}
    seats: dict[int, list[Seat]] = {}
    for key, organisation, function in here:
        entry, name = named.get(organisation, (None, ""))
        if function or name:
            seats.setdefault(key, []).append(Seat(function, name, entry))
    return seats


def names_of(organisations: Iterable[int], channel: str) -> dict[int, tuple[UUID, str]]:
    """Organisation -> (entry, name), for those whose entry readers of the channel see; for the
    draft all, as their latest revision says. One query."""
    rows = Entry.objects.all() if channel == DRAFT else readable(channel, None)
    rows = rows.filter(kind=Entry.Kind.ORGANISATION, organisation__in=set(organisations))
    if channel == DRAFT:
        found = rows.values_list("organisation", "uuid", "latest__content__name")
        return {key: (uuid, name or "") for key, uuid, name in found}
    # The name as it was let through, not as somebody is about to change it.
    name = Revision.objects.filter(pk=OuterRef("revision_id")).values("content__name")[:1]
    shown = rows.annotate(shown=Subquery(name)).values_list("organisation", "uuid", "shown")
    return {key: (uuid, text or "") for key, uuid, text in shown}


def see_picture(actor: Actor, uuid: UUID) -> Picture:
    """A logo or photo, where the revision the actor reads shows it, and of people only with their
    consent for it. Raises Http404 else. At most six queries."""
    picture = Picture.objects.select_related("entry").filter(uuid=uuid).first()
    if picture is None:
        raise Http404
    seen = see(actor, picture.entry.uuid)
    if sees_drafts(actor, seen.entry):
        return picture
    if str(picture.uuid) not in (seen.content.get("logo"), seen.content.get("photo")):
        raise Http404
    if seen.entry.person is not None and "photo" not in _said_yes(seen.entry, seen.channel):
        raise Http404
    return picture
