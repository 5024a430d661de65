"""Organisations out of a table, found again by their key: a second run changes nothing."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from lotse.foundation.core import clock
from lotse.foundation.core.actor import COMMAND, Actor
from lotse.foundation.core.errors import NotAllowed, Refused
from lotse.foundation.core.models import LogEntry
from lotse.foundation.core.permissions import require
from lotse.foundation.parties.models import Network, Organisation
from lotse.rooms.directory import searching
from lotse.rooms.directory.content import table
from lotse.rooms.directory.content.cleaning import Faulty
from lotse.rooms.directory.content.known import Known
from lotse.rooms.directory.content.table import Row
from lotse.rooms.directory.models import Channel, Entry, Publication, Revision, Template
from lotse.rooms.directory.services import base_data, entries, publishing

# So many rows in one transaction: others are not kept waiting for long.
PORTION = 250


@dataclass
class Outcome:
    """What became of the rows; those that were refused with line, key and reasons."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0
    refused: list[dict[str, Any]] = field(default_factory=list)
    # Not let through, because the organisation has its entry in its own hands.
    kept: int = 0


def import_organisations(
    raw: bytes, *, actor: Actor, network: Network, channels: Sequence[str] = ()
) -> Outcome:
    """Takes in all rows of the file that are right; the others are in the answer, with reasons.

    Each organisation gets its entry, written on behalf. Without `channels` nothing of it is
    public; only the operator's own command gives any: the office announces. What an organisation
    wrote, released or took back itself stays as it is for readers. Every 250 rows are one
    transaction. Raises NotAllowed, and Refused for what is no such table or a channel there is
    not.
    """
    require("directory.network.manage", actor, network)
    if channels and not actor.trusted:
        raise NotAllowed("directory.entry.publish")
    if not set(channels) <= set(Channel.values):
        raise Refused(_("Bitte wählen Sie, wo der Steckbrief zu lesen sein soll."))
    rows, outcome, known = table.read_table(raw), Outcome(), Known()
    rows = list(_named_once(rows, outcome))
    for start in range(0, len(rows), PORTION):
        with transaction.atomic():
            _take_in(rows[start : start + PORTION], actor, network, channels, known, outcome)
    outcome.refused.sort(key=lambda one: one["line"])
    return outcome


def _named_once(rows: Iterable[Row], outcome: Outcome) -> Iterable[Row]:
    """Rows with a key of their own; the first of two with one key counts."""
    seen: dict[str, int] = {}
    for row in rows:
        if not row.key:
            _refuse(outcome, row, [_("Der Schlüssel (key) fehlt.")])
        elif len(row.key) > table.KEY_MOST:
            _refuse(outcome, row, [_("Der Schlüssel (key) hat mehr als %(most)d Zeichen.")
                                   % {"most": table.KEY_MOST}])  # fmt: skip
        elif row.key in seen:
            _refuse(outcome, row, [_("Dieser Schlüssel steht schon in Zeile %(line)d.")
                                   % {"line": seen[row.key]}])  # fmt: skip
        else:
            seen[row.key] = row.line
            yield row


def _refuse(outcome: Outcome, row: Row, messages: list[str]) -> None:
    outcome.refused.append({"line": row.line, "key": row.key, "messages": messages})


def _take_in(
    rows: Sequence[Row],
    actor: Actor,
    network: Network,
    channels: Sequence[str],
    known: Known,
    outcome: Outcome,
) -> None:
    held = _held(network, [row.key for row in rows])
    shown = publishing.shown_in(held.values()) if channels else {}
    own = _in_own_hands(held.values(), actor) if channels else {}
    new: list[tuple[Row, dict[str, Any]]] = []
    for row in rows:
        entry = held.get(row.key)
        latest = entry.latest if entry else None
        try:
            content = table.content_of(row, latest.content if latest else {}, known)
        except Faulty as faulty:
            _refuse(outcome, row, table.titled(faulty.faults))
            continue
        if entry is None:
            new.append((row, content))
        else:
            kept = own.get(entry.pk, set())
            free = [one for one in channels if one not in kept]
            outcome.kept += len(free) < len(channels)
            if _renew(entry, content, actor, free, shown):
                outcome.changed += 1
            else:
                outcome.unchanged += 1
    _create(new, actor, network, channels, known)
    outcome.created += len(new)


def _held(network: Network, keys: Iterable[str]) -> dict[str, Entry]:
    """Key -> entry of the organisations there are; one without entry gets it. Two queries."""
    organisations = Organisation.objects.filter(network=network, key__in=list(keys))
    rows = Entry.objects.filter(
        kind=Entry.Kind.ORGANISATION, organisation__in=organisations
    ).select_related("network", "latest", "organisation__region")
    found = {entry.organisation.key: entry for entry in rows if entry.organisation}
    for one in organisations.select_related("network", "region").exclude(key__in=found):
        entry = entries.ensure_organisation_entry(one, actor=COMMAND)
        found[one.key] = entry
    return found


def _in_own_hands(held: Iterable[Entry], actor: Actor) -> dict[int, set[str]]:
    """Entry -> the channels in which the import lets nothing through: where somebody else did, or
    took it back, or announced; all where somebody of the organisation wrote. Two queries."""
    keys = [entry.pk for entry in held]
    kept: dict[int, set[str]] = {}
    now = clock.now()
    last: dict[tuple[int, str], Publication] = {}
    rows = Publication.objects.filter(entry__in=keys).order_by("created_at", "pk")
    for one in rows:
        last[one.entry_id, one.channel] = one
    for (entry, channel), one in last.items():
        ended = one.ended_at is not None and one.ended_at <= now
        if ended or one.by != actor.ref:
            kept.setdefault(entry, set()).add(channel)
    written = Revision.objects.filter(entry__in=keys, on_behalf=False)
    for entry in written.values_list("entry", flat=True).distinct():
        kept[entry] = set(Channel.values)
    return kept


def _renew(
    entry: Entry,
    content: dict[str, Any],
    actor: Actor,
    channels: Sequence[str],
    shown: dict[tuple[int, str], int],
) -> bool:
    """Saves what is different, and publishes what is not read yet; whether it was different."""
    before = entry.latest
    if entry.archived_at is not None:
        return False
    revision = before
    if before is None or before.content != content:
        revision = entries.save(
            entry, actor=actor, expected=entry.version, content=content, reason=_("Eingelesen")
        )
    if channels and revision is not None:
        lacking = [one for one in channels if shown.get((entry.pk, one)) != revision.pk]
        if lacking:
            publishing.publish(entry, actor=actor, channels=lacking, expected=entry.version)
    return revision != before


def _create(
    rows: Sequence[tuple[Row, dict[str, Any]]],
    actor: Actor,
    network: Network,
    channels: Sequence[str],
    known: Known,
) -> None:
    """New organisations with their entries, as the services make them one by one, in some twenty
    queries for all."""
    if not rows:
        return
    contents = [content for _row, content in rows]
    made = Organisation.objects.bulk_create(
        _organisation(network, row.key, content, known) for row, content in rows
    )
    links = Organisation.topics.through
    links._default_manager.bulk_create(
        links(organisation_id=one.pk, topic_id=topic.pk)
        for one, content in zip(made, contents, strict=True)
        for topic in known.topics_of(content)
    )
    put = Entry.objects.bulk_create(
        Entry(network=network, kind=Entry.Kind.ORGANISATION, organisation=one) for one in made
    )
    template = entries.current_template(network, Entry.Kind.ORGANISATION)
    _first_revisions(put, contents, actor, template)
    if channels:
        _let_through(put, actor, channels)
    _log(made, put, actor, channels)
    searching.reindex_only(put)


def _organisation(
    network: Network, key: str, content: dict[str, Any], known: Known
) -> Organisation:
    first = next(iter(content.get("regions", ())), "")
    return Organisation(
        network=network,
        key=key,
        region=known.regions([first]).get(first) if first else None,
        **{name: content.get(name, "") for name in base_data.TEXTS},
    )


def _first_revisions(
    put: list[Entry], contents: list[dict[str, Any]], actor: Actor, template: Template | None
) -> None:
    revisions = Revision.objects.bulk_create(
        Revision(entry=entry, number=1, content=content, author=actor.ref, on_behalf=True,
                 reason=_("Eingelesen"), template=template)
        for entry, content in zip(put, contents, strict=True)
    )  # fmt: skip
    for entry, revision in zip(put, revisions, strict=True):
        entry.latest = revision
    Entry.objects.bulk_update(put, ["latest"])


def _let_through(put: list[Entry], actor: Actor, channels: Sequence[str]) -> None:
    now = clock.now()
    Publication.objects.bulk_create(
        Publication(entry=entry, channel=channel, revision=entry.latest, effective_at=now,
                    via=Publication.Via.RELEASED, by=actor.ref)
        for entry in put
        for channel in channels
    )  # fmt: skip


def _log(made: list[Organisation], put: list[Entry], actor: Actor, channels: Sequence[str]) -> None:
    after = {"channels": list(channels)} if channels else {}
    LogEntry.objects.bulk_create(
        LogEntry(actor=actor.ref, code=code, object_type=obj._meta.label_lower,
                 object_uuid=obj.uuid, after=said)
        for organisation, entry in zip(made, put, strict=True)
        for code, obj, said in (
            ("parties.organisation.created", organisation, {"kind": organisation.kind}),
            ("directory.entry.imported", entry, {"key": organisation.key, **after}),
        )
    )  # fmt: skip
