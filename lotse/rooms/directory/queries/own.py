"""What somebody may edit or publish, ready for the page "Meine Steckbriefe" and for its state."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _

from lotse.foundation.core import clock
from lotse.foundation.core.actor import Actor
from lotse.foundation.core.collation import InOrder
from lotse.foundation.core.permissions import NOBODY
from lotse.foundation.parties.models import Consent, Network, Organisation, Person
from lotse.rooms.directory.content.cleaning import missing_fields
from lotse.rooms.directory.content.freshness import freshness_of, was_assured
from lotse.rooms.directory.models import (
    Announcement,
    Channel,
    Entry,
    Publication,
    Revision,
    Template,
)

CONSENTED = "profile"


def title_of(entry: Entry) -> str:
    """What an entry is called inside: the latest name, a person's own."""
    if entry.person is not None:
        return entry.person.name
    named = entry.latest.content.get("name", "") if entry.latest else ""
    return str(named) or (entry.organisation.name if entry.organisation else "")


def own_entries(actor: Actor) -> QuerySet[Entry]:
    """The person's own entry, those of the organisations they edit or publish for, and their
    services. The office, which edits all on behalf, finds the rest at its desk."""
    seats = actor.organisations(edit=True) | actor.organisations(publish=True)
    mine = (Q(organisation__in=seats) if seats else NOBODY) | (
        Q(person=actor.person) if actor.person else NOBODY
    )
    rows = Entry.objects.filter(mine, archived_at=None).exclude(network__state=Network.State.ENDED)
    return rows.select_related("organisation", "person", "network", "latest").order_by(
        "organisation__name", "kind", "pk"
    )


@dataclass(frozen=True)
class Seen:
    """What readers of a channel see of an entry now, and what is to come there."""

    channel: str
    title: str
    publication: Publication | None = None
    coming: Publication | None = None
    is_consented: bool = True
    is_carried: bool = True
    is_current: bool = False

    @property
    def is_seen(self) -> bool:
        return self.publication is not None and self.is_consented and self.is_carried

    @property
    def kind(self) -> str:
        """The shape beside the words: as in `ui.need`."""
        if not self.is_seen:
            return "open"
        return "none" if self.is_current else "some"

    @property
    def said(self) -> str:
        """Where and what, in words."""
        if self.is_seen and self.is_current:
            state = _("veröffentlicht")
        elif self.is_seen and self.publication is not None:
            state = _("frühere Fassung (%(n)s)") % {"n": self.publication.revision.number}
        elif self.coming is not None:
            state = _("angekündigt")
        elif self.publication is None:
            state = _("nicht veröffentlicht")
        elif not self.is_consented:
            state = _("verdeckt, die Einwilligung fehlt")
        else:
            state = _("verdeckt, die Organisation ist dort nicht zu lesen")
        return f"{self.title[:1].upper()}{self.title[1:]}: {state}"


def seen_of(entries: Sequence[Entry]) -> dict[int, list[Seen]]:
    """Entry -> its channels, in their order. Two queries, three with people or services."""
    keys = [one.pk for one in entries]
    carriers = _carriers(entries)
    now = clock.now()
    held: dict[tuple[int, str], Publication] = {}
    coming: dict[tuple[int, str], Publication] = {}
    rows = (
        Publication.objects.filter(
            Q(ended_at=None) | Q(ended_at__gt=now), entry__in=[*keys, *carriers.values()]
        )
        .select_related("revision")
        .defer("revision__content")
        .order_by("effective_at", "pk")
    )
    for one in rows:
        place = (one.entry_id, one.channel)
        (held if one.effective_at <= now else coming)[place] = one
    consented = _consented(entries)
    return {
        entry.pk: [_seen(entry, channel, held, coming, consented, carriers) for channel in Channel]
        for entry in entries
    }


def _seen(
    entry: Entry,
    channel: Channel,
    held: Mapping[tuple[int, str], Publication],
    coming: Mapping[tuple[int, str], Publication],
    consented: set[tuple[int, str]],
    carriers: Mapping[int, int],
) -> Seen:
    now = held.get((entry.pk, channel))
    person: int | None = entry.person_id
    is_service = entry.kind == Entry.Kind.SERVICE
    return Seen(
        channel=str(channel),
        title=str(channel.label),
        publication=now,
        coming=coming.get((entry.pk, channel)),
        is_consented=person is None or (entry.pk, str(channel)) in consented,
        is_carried=not is_service or (carriers.get(entry.pk, 0), str(channel)) in held,
        is_current=now is not None and now.revision_id == entry.latest_id,
    )


def _carriers(entries: Sequence[Entry]) -> dict[int, int]:
    """Service -> the entry of its organisation. No query for those that are among the entries."""
    services = {one.pk: one.organisation_id for one in entries
                if one.kind == Entry.Kind.SERVICE}  # fmt: skip
    found = {one.organisation_id: one.pk for one in entries
             if one.kind == Entry.Kind.ORGANISATION and one.archived_at is None}  # fmt: skip
    if lacking := set(services.values()) - set(found):
        rows = Entry.objects.filter(
            kind=Entry.Kind.ORGANISATION, organisation__in=lacking, archived_at=None
        )
        found |= dict(rows.values_list("organisation", "pk"))
    return {pk: found[of] for pk, of in services.items() if of in found}


def _consented(entries: Iterable[Entry]) -> set[tuple[int, str]]:
    """(entry, channel) to which the person says yes now."""
    people = {one.person_id: one for one in entries if one.person_id is not None}
    if not people:
        return set()
    rows = Consent.objects.filter(
        person__in=people, purpose=CONSENTED, withdrawn_at=None,
        person__erased_at=None, person__restricted_at=None,
    ).values_list("person", "network", "channel")  # fmt: skip
    given = set(rows)
    return {
        (one.pk, channel)
        for one in entries
        if one.person_id is not None
        for channel in Channel.values
        for network in (None, one.network_id)
        if (one.person_id, network, channel) in given
    }


def released(entry: Entry) -> dict[int, list[str]]:
    """Revision -> the channels it is let through for now, consents aside. One query."""
    now = clock.now()
    rows = Publication.objects.filter(
        Q(ended_at=None) | Q(ended_at__gt=now), entry=entry, effective_at__lte=now
    ).order_by("effective_at", "pk")
    held = dict(rows.values_list("channel", "revision"))
    found: dict[int, list[str]] = {}
    for channel in Channel:
        if channel in held:
            found.setdefault(held[channel], []).append(str(channel.label))
    return found


def last_let_through(entry: Entry) -> dict[str, Revision]:
    """Channel -> the revision that was let through there last, whether it still is or not. One
    query."""
    rows = (
        Publication.objects.filter(
            Q(ended_at=None) | Q(ended_at__gt=F("effective_at")),
            entry=entry,
            effective_at__lte=clock.now(),
        )
        .select_related("revision")
        .defer("revision__content")
        .order_by("effective_at", "pk")
    )
    return {one.channel: one.revision for one in rows}


def services_of(entry: Entry) -> list[Entry]:
    """The services of the organisation whose entry this is. One query, none for other kinds."""
    if entry.kind != Entry.Kind.ORGANISATION:
        return []
    rows = Entry.objects.filter(
        kind=Entry.Kind.SERVICE,
        organisation=entry.organisation_id,
        archived_at=None,
    )
    found = rows.select_related("organisation", "person", "latest")
    return sorted(found, key=lambda one: title_of(one).casefold())


def _templates(networks: Iterable[int]) -> dict[tuple[int, str], Template]:
    """(network, kind) -> the template that holds. One query."""
    rows = Template.objects.filter(network__in=networks, state=Template.State.ADOPTED)
    return {(one.network_id, one.kind): one for one in rows.order_by("number")}


def announced(entries: Iterable[int]) -> dict[int, Announcement]:
    """Entry -> what the office announced and nobody answered yet. One query."""
    rows = Announcement.objects.filter(
        entry__in=list(entries), state=Announcement.State.OPEN, deadline__gt=clock.now()
    ).select_related("revision").defer("revision__content")  # fmt: skip
    return {one.entry_id: one for one in rows}


@dataclass(frozen=True)
class OwnRow:
    """One entry on the page of one's own."""

    uuid: UUID
    title: str
    kind: str
    kind_title: str
    channels: list[Seen]
    missing: list[str]
    freshness: str
    assured_at: datetime
    was_assured: bool = True
    deadline: datetime | None = None
    waits: bool = False
    may_edit: bool = True
    may_publish: bool = False
    services: list["OwnRow"] = field(default_factory=list)
    network: str = ""


@dataclass(frozen=True)
class Own:
    """The page: one's own entries, those of organisations, and what could be made."""

    person: list[OwnRow]
    organisations: list[OwnRow]
    without: list[Organisation]
    may_create_own: bool


def own_page(actor: Actor, network: Network | None) -> Own:
    """Everything on the page "Meine Steckbriefe". At most four queries, whatever their number."""
    entries = list(own_entries(actor))
    channels = seen_of(entries)
    templates = _templates({one.network_id for one in entries})
    now = clock.now()
    rows = {one.pk: _row(one, actor, channels[one.pk], templates, now) for one in entries}
    mine = [one for one in entries if one.kind == Entry.Kind.PERSON]
    carriers = {one.organisation_id: rows[one.pk] for one in entries
                if one.kind == Entry.Kind.ORGANISATION}  # fmt: skip
    for one in entries:
        of: int | None = one.organisation_id
        if one.kind == Entry.Kind.SERVICE and of in carriers:
            carriers[of].services.append(rows[one.pk])
    belongs = network is not None and network.pk in actor.own_networks
    has_own = network is not None and any(one.network == network for one in mine)
    return Own(
        person=[rows[one.pk] for one in mine],
        organisations=list(carriers.values()),
        without=_without(actor, carriers),
        may_create_own=actor.person is not None and belongs and not has_own,
    )


def _without(actor: Actor, carriers: Mapping[Any, Any]) -> list[Organisation]:
    """Organisations of the person that have no entry yet. No query where all have one."""
    lacking = actor.organisations(edit=True) - set(carriers)
    return (
        list(Organisation.objects.filter(pk__in=lacking).order_by(InOrder("name")))
        if lacking
        else []
    )


def _row(
    entry: Entry,
    actor: Actor,
    channels: list[Seen],
    templates: Mapping[tuple[int, str], Template],
    now: datetime,
) -> OwnRow:
    content = entry.latest.content if entry.latest else {}
    of: int | None = entry.organisation_id
    template = templates.get((entry.network_id, entry.kind))
    return OwnRow(
        uuid=entry.uuid,
        title=title_of(entry),
        kind=entry.kind,
        kind_title=str(entry.get_kind_display()),
        channels=channels,
        missing=[str(one.title) for one in missing_fields(entry.kind, content, template)],
        freshness=freshness_of(entry, now),
        assured_at=entry.assured_at,
        was_assured=was_assured(entry),
        deadline=min((one.coming.effective_at for one in channels if one.coming), default=None),
        waits=waits_for_release(entry, channels),
        may_edit=of is None or of in actor.organisations(edit=True),
        may_publish=of is None or of in actor.organisations(publish=True),
        network=entry.network.name,
    )


def waits_for_release(entry: Entry, channels: Iterable[Seen]) -> bool:
    """Whether there is something newer than what is let through, or nothing was let through."""
    return entry.latest is not None and not any(one.is_current for one in channels)


def names_of(refs: Iterable[str]) -> dict[str, str]:
    """`account:<uuid>` -> name of the person, as the revisions keep their authors; of nobody whose
    data are restricted. One query."""
    uuids = {ref.partition(":")[2] for ref in refs if ref.startswith("account:")}
    if not uuids:
        return {}
    people = Person.objects.filter(
        account__uuid__in=uuids, restricted_at=None, erased_at=None
    ).select_related("account")
    return {f"account:{one.account.uuid}": one.name for one in people if one.account}


def author_in(names: Mapping[str, str], ref: str) -> str:
    """Who it was, in words."""
    if ref in names:
        return names[ref]
    if ref.startswith("account:"):
        return _("eine Person, deren Angaben gelöscht oder eingeschränkt sind")
    said = {
        "letter": _("über einen Link aus einer Mail"),
        "command": _("aus einer Liste übernommen"),
    }
    return said.get(ref.partition(":")[0], _("das System"))
