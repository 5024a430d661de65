"""Every write to entries: made, saved as a new revision, kept, archived, marked.

A save never changes what readers see; `publishing` does.
"""

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from lotse.foundation.core import actionlog, clock, once, text
from lotse.foundation.core.actor import Actor
from lotse.foundation.core.db import update_versioned
from lotse.foundation.core.errors import Conflict, Refused
from lotse.foundation.core.permissions import has, require
from lotse.foundation.parties.models import Network, Organisation, Person
from lotse.rooms.directory import searching
from lotse.rooms.directory.content.cleaning import Faulty, clean_content
from lotse.rooms.directory.content.known import Known
from lotse.rooms.directory.models import Announcement, Entry, Picture, Revision, Template
from lotse.rooms.directory.services import base_data

REASON_MOST = 300


@transaction.atomic
def ensure_organisation_entry(organisation: Organisation, *, actor: Actor) -> Entry:
    """The entry of an organisation, made from its base data where there is none yet.

    Called for every new organisation; asks for no right of its own. One query where it exists.
    """
    found = Entry.objects.filter(organisation=organisation, kind=Entry.Kind.ORGANISATION).first()
    if found is not None:
        return found
    return _create_once(
        Entry(
            network=organisation.network,
            kind=Entry.Kind.ORGANISATION,
            organisation=organisation,
            is_demo=organisation.is_demo,
        ),
        _cleaned_base(organisation),
        actor=actor,
    )


def _cleaned_base(organisation: Organisation) -> dict[str, Any]:
    """The base data as content; what was stored before there were rules and breaks them is left
    out, and stays with the organisation."""
    raw, known = base_data.content_of(organisation), Known()
    try:
        return clean_content("organisation", raw, known=known)
    except Faulty as faulty:
        kept = {key: value for key, value in raw.items() if key not in faulty.faults}
        return clean_content("organisation", {**kept, "name": organisation.name,
                                              "kind": organisation.kind}, known=known)  # fmt: skip


@transaction.atomic
def create_person_entry(person: Person, network: Network, *, actor: Actor) -> Entry:
    """The entry of a person in a network, empty at first and seen by nobody else; the one there is
    where there is one.

    The person, and the office on behalf. Raises NotAllowed.
    """
    if actor.person != person.pk and not actor.trusted:
        require("parties.person.edit", actor, person)
        require("directory.network.manage", actor, network)
    found = Entry.objects.filter(person=person, network=network, kind=Entry.Kind.PERSON).first()
    if found is not None:
        return found
    entry = Entry(network=network, kind=Entry.Kind.PERSON, person=person, is_demo=person.is_demo)
    return _create_once(entry, {}, actor=actor)


@transaction.atomic
def create_service(
    organisation: Organisation, *, actor: Actor, content: Mapping[str, Any], key: str = ""
) -> Entry:
    """A service of an organisation (HSDS `service`), with its first revision.

    Raises NotAllowed, Faulty. The same key again gives the first one.
    """
    own = ensure_organisation_entry(organisation, actor=actor)
    require("directory.entry.edit", actor, own)
    cleaned = clean_content("service", content, lang=own.lang)
    claim = once.claim(key or once.new_key(), scope=f"directory.service:{organisation.uuid}")
    if claim.repeated:
        return Entry.objects.get(uuid=claim.answer)
    entry = _create(
        Entry(
            network=organisation.network,
            kind=Entry.Kind.SERVICE,
            organisation=organisation,
            lang=own.lang,
            is_demo=organisation.is_demo,
        ),
        cleaned,
        actor=actor,
    )
    claim.remember(str(entry.uuid))
    return entry


def _create_once(entry: Entry, content: dict[str, Any], *, actor: Actor) -> Entry:
    """A new entry, or the one that somebody else made of the same organisation or person in the
    same moment."""
    try:
        with transaction.atomic():
            return _create(entry, content, actor=actor)
    except IntegrityError:
        found = Entry.objects.filter(
            network=entry.network, kind=entry.kind, organisation=entry.organisation,
            person=entry.person,
        ).first()  # fmt: skip
        if found is None:
            raise
        return found


def _create(entry: Entry, content: dict[str, Any], *, actor: Actor) -> Entry:
    entry.save()
    revision = Revision.objects.create(
        entry=entry,
        number=1,
        content=content,
        author=actor.ref,
        on_behalf=writes_on_behalf(entry, actor),
        template=current_template(entry.network, entry.kind),
    )
    Entry.objects.filter(pk=entry.pk).update(latest=revision)
    entry.latest = revision
    actionlog.record(
        "directory.entry.created",
        entry,
        actor=actor,
        after={"kind": entry.kind},
        subject=subject_of(entry),
    )
    searching.reindex_only([entry])
    return entry


@transaction.atomic
def save(
    entry: Entry,
    *,
    actor: Actor,
    expected: int,
    content: Mapping[str, Any],
    reason: str = "",
    key: str = "",
) -> Revision:
    """A new revision of an entry; the latest one where nothing is different.

    Readers go on seeing what was let through. Who has no seat and is not the person writes on
    behalf, and the revision says so. Someone who speaks for an organisation by a link acts with a
    seat in it (`Actor.seats`). Raises NotAllowed, Conflict with the entry, Faulty, Refused.
    """
    require("directory.entry.edit", actor, entry)
    if entry.archived_at is not None:
        raise Refused(_("Dieser Steckbrief ist archiviert. Holen Sie ihn zuerst zurück."))
    claim = once.claim(key or once.new_key(), scope=f"directory.entry:{entry.uuid}")
    if claim.repeated:
        return Revision.objects.get(uuid=claim.answer)
    cleaned = clean_content(entry.kind, content, lang=entry.lang)
    _check_pictures(entry, cleaned)
    if entry.version != expected:
        raise Conflict(Entry.objects.filter(pk=entry.pk).first())
    if entry.latest is not None and entry.latest.content == cleaned:
        claim.remember(str(entry.latest.uuid))
        return entry.latest
    revision = _revise(entry, cleaned, actor=actor, expected=expected, reason=reason)
    claim.remember(str(revision.uuid))
    own = entry.organisation if entry.kind == Entry.Kind.ORGANISATION else None
    if own is not None and base_data.let_through(entry) is None:
        base_data.write(own, cleaned, actor=actor)
    searching.reindex_only([entry])
    return revision


def _revise(
    entry: Entry, content: dict[str, Any], *, actor: Actor, expected: int, reason: str = ""
) -> Revision:
    """Writes the revision and its line in the log."""
    # First the entry: of two at once the second one finds another version and gives up.
    update_versioned(entry, expected=expected)
    before = entry.latest
    revision = Revision.objects.create(
        entry=entry,
        number=before.number + 1 if before else 1,
        content=content,
        author=actor.ref,
        on_behalf=writes_on_behalf(entry, actor),
        reason=text.clean_line(reason)[:REASON_MOST],
        template=current_template(entry.network, entry.kind),
    )
    Entry.objects.filter(pk=entry.pk).update(latest=revision)
    entry.latest = revision
    old = before.content if before else {}
    changed = sorted(key for key in {*old, *content} if old.get(key) != content.get(key))
    # Of people only which fields: the log would keep what an erasure has to remove.
    actionlog.record(
        "directory.entry.saved",
        entry,
        actor=actor,
        after={"revision": revision.number, "changed": changed},
        subject=subject_of(entry),
    )
    return revision


def _check_pictures(entry: Entry, content: Mapping[str, Any]) -> None:
    """A picture belongs to the entry that shows it. At most one query."""
    for key in ("logo", "photo"):
        if key in content and not Picture.objects.filter(entry=entry, uuid=content[key]).exists():
            raise Faulty({key: [_("Dieses Bild gibt es nicht.")]})


@transaction.atomic
def follow_base_data(organisation: int, actor: Actor) -> None:
    """Takes over what the desk changed at an organisation, as a new revision (on behalf); makes
    the entry where there is none. Nothing where it says the same already: that ends every loop."""
    found = Organisation.objects.select_related("network", "region").get(pk=organisation)
    entry = (
        Entry.objects.select_related("latest", "network", "organisation")
        .filter(organisation=found, kind=Entry.Kind.ORGANISATION)
        .first()
    )
    if entry is None:
        ensure_organisation_entry(found, actor=actor)
        return
    held = entry.latest.content if entry.latest else {}
    said = base_data.let_through(entry) or held
    content = base_data.taken_over(held, _cleaned_base(found), said)
    if content != held:
        _revise(entry, content, actor=actor, expected=entry.version,
                reason=_("Stammdaten geändert"))  # fmt: skip
        searching.reindex_only([entry])


@transaction.atomic
def archive(entry: Entry, *, actor: Actor, expected: int) -> None:
    """Takes an entry out of all pages and of the search and ends what is announced of it; nothing
    is deleted. The office, and of a service also those who publish for its organisation. Raises
    NotAllowed, Conflict."""
    _may_archive(entry, actor)
    now = clock.now()
    update_versioned(entry, expected=expected, archived_at=now)
    running = Announcement.objects.filter(entry=entry, state=Announcement.State.OPEN)
    for announced in running.filter(deadline__gt=now):
        update_versioned(
            announced, expected=announced.version, state=Announcement.State.WITHDRAWN,
            answered_at=now, answered_by=actor.ref,
        )  # fmt: skip
        announced.publications.filter(ended_at=None).update(ended_at=now, updated_at=now)
    actionlog.record("directory.entry.archived", entry, actor=actor, subject=subject_of(entry))
    searching.reindex([entry])


@transaction.atomic
def restore(entry: Entry, *, actor: Actor, expected: int) -> None:
    """Takes an entry out of the archive; what was let through is seen again. Raises NotAllowed,
    Conflict."""
    _may_archive(entry, actor)
    update_versioned(entry, expected=expected, archived_at=None)
    actionlog.record("directory.entry.restored", entry, actor=actor, subject=subject_of(entry))
    searching.reindex([entry])


def _may_archive(entry: Entry, actor: Actor) -> None:
    if entry.kind == Entry.Kind.SERVICE and has("directory.entry.publish", actor, entry):
        return
    require("directory.entry.manage", actor, entry)


@transaction.atomic
def set_flags(
    entry: Entry, *, actor: Actor, expected: int, is_pilot: bool, is_lighthouse: bool
) -> None:
    """Marks a pilot partner or a lighthouse (S4-13). Raises NotAllowed, Conflict."""
    require("directory.entry.manage", actor, entry)
    before = {"is_pilot": entry.is_pilot, "is_lighthouse": entry.is_lighthouse}
    after = {"is_pilot": is_pilot, "is_lighthouse": is_lighthouse}
    update_versioned(entry, expected=expected, **after)
    actionlog.record(
        "directory.entry.flagged",
        entry,
        actor=actor,
        before=before,
        after=after,
        subject=subject_of(entry),
    )
    searching.reindex_only([entry])


def writes_on_behalf(entry: Entry, actor: Actor) -> bool:
    """Whether the actor writes for somebody else: neither the person nor with a seat there."""
    if entry.kind == Entry.Kind.PERSON:
        return actor.person is None or entry.person_id != actor.person
    return entry.organisation_id not in actor.organisations(edit=True)


def subject_of(entry: Entry) -> Any:
    """Whose deletion takes the lines of the log along: of a person's entry the person."""
    return entry.person.uuid if entry.person is not None else None


def current_template(network: Network, kind: str) -> Template | None:
    """The template that holds in the network for this kind. One query."""
    return (
        Template.objects.filter(network=network, kind=kind, state=Template.State.ADOPTED)
        .order_by("-number")
        .first()
    )
