"""Builders for tests of letters: entries that are announced or due, and the links in the mail."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from django.test import Client

from lotse.foundation.core import clock, once
from lotse.foundation.core.actor import COMMAND, Actor
from lotse.foundation.core.models import OutboxMail
from lotse.foundation.parties.models import Affiliation, Organisation, Person
from lotse.rooms.directory.models import Announcement, Channel, Entry, Publication
from lotse.rooms.directory.services import announcing, entries
from tests import make
from tests.people import Cast

START = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
Clock = Callable[[datetime], None]


def entry_of(organisation: Organisation, **content: Any) -> Entry:
    """The entry of an organisation with what the office wrote into it on behalf."""
    entries.ensure_organisation_entry(organisation, actor=COMMAND)
    entry = Entry.objects.select_related("latest", "network", "organisation").get(
        organisation=organisation, kind=Entry.Kind.ORGANISATION
    )
    values = {
        "name": organisation.name,
        "kind": organisation.kind,
        "summary": "Wir begleiten Menschen beim Einstieg in die Ausbildung.",
        "function": "Beratung im Auftrag des Landkreises",
        "offers": "Sprechstunde im Betrieb",
        "limits": "Keine Rechtsberatung",
        "city": "Musterstadt",
        **content,
    }
    entries.save(entry, actor=COMMAND, expected=entry.version, content=values)
    return fresh(entry)


def fresh(entry: Entry) -> Entry:
    """The entry as it is stored now."""
    rows = Entry.objects.select_related("latest", "network", "organisation", "person")
    return rows.get(pk=entry.pk)


def announce(cast: Cast, entry: Entry, **given: Any) -> Announcement:
    """An announcement by the office."""
    given.setdefault("channels", [Channel.WEB, Channel.MEMBERS])
    return announcing.announce(fresh(entry), actor=cast.actor("office"), **given)


def shown(entry: Entry, channel: str = Channel.WEB) -> dict[str, Any] | None:
    """The content that readers of a channel see at this moment."""
    from lotse.rooms.directory.models import Revision
    from lotse.rooms.directory.queries.reading import readable

    row = readable(channel, None).filter(pk=entry.pk).first()
    if row is None:
        return None
    return dict(Revision.objects.get(pk=row.revision_id).content)


def mails(code: str = "directory.announcement") -> dict[str, OutboxMail]:
    """Mail of a kind by its address."""
    return {one.address: one for one in OutboxMail.objects.filter(code=code).order_by("pk")}


def link_in(sent: OutboxMail) -> str:
    """The path of the one-time link, as the mail shows it."""
    return make.link_in(sent, "/verzeichnis/zugang/")


def opened(client: Client, sent: OutboxMail) -> str:
    """The browser opens the link of a mail; the address it is led to."""
    return make.opened(client, link_in(sent))


def text_of(response: Any) -> str:
    """A page as it came."""
    return make.body(response).decode()


def form(version: int, **fields: str) -> dict[str, str]:
    """What a page of an answer sends."""

    return {"_key": once.new_key(), "version": str(version), **fields}


def seat_of(person: Person, organisation: Organisation) -> Affiliation:
    return Affiliation.objects.get(person=person, organisation=organisation)


def without_rights(organisation: Organisation) -> None:
    """Nobody publishes or represents any more."""
    Affiliation.objects.filter(organisation=organisation).update(
        may_edit=False, may_publish=False, may_represent=False
    )


def published(entry: Entry, *channels: str, by: Actor = COMMAND) -> Entry:
    """What is let through at once, without passing for a confirmation."""
    for channel in channels or (Channel.WEB, Channel.MEMBERS):
        Publication.objects.create(
            entry=entry,
            channel=channel,
            revision=entry.latest,
            effective_at=clock.now(),
            via=Publication.Via.RELEASED,
            by=by.ref,
        )
    return fresh(entry)


def last_confirmed(entry: Entry, days: int) -> Entry:
    """The entry as if somebody confirmed it so many days ago."""
    Entry.objects.filter(pk=entry.pk).update(assured_at=clock.now() - timedelta(days=days))
    return fresh(entry)
