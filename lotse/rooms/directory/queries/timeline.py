"""When which revision of an entry is read by whom: what holds now and what is announced.

The search keeps a document for each span, so that an announced text is found from its moment on,
by the clock and without a job.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.db.models import Q

from lotse.foundation.core import clock
from lotse.foundation.core.search import MEMBERS, OFFICE, WEB
from lotse.foundation.parties.models import Consent, Network
from lotse.rooms.directory.models import Channel, Entry, Publication
from lotse.rooms.directory.permissions import is_withheld

CHANNELS = (Channel.WEB, Channel.MEMBERS)


class Live(NamedTuple):
    """A revision in a channel, from when and until when."""

    revision: int
    start: datetime
    end: datetime | None


@dataclass(frozen=True)
class Span:
    """A revision that these readers (bits of the search) see in this time."""

    revision: int
    audience: int
    from_at: datetime | None
    until_at: datetime | None
    # The revision of the organisation that the same readers see then, for a service.
    carrier: int | None = None


Lines = Mapping[tuple[int, str], Sequence[Live]]


def lines_of(entries: Iterable[int]) -> Lines:
    """(entry, channel) -> what holds and what is to come, in order. One query."""
    rows = Publication.objects.filter(
        Q(ended_at=None) | Q(ended_at__gt=clock.now()), entry__in=list(entries),
        channel__in=CHANNELS,
    ).order_by("effective_at", "pk")  # fmt: skip
    lines: dict[tuple[int, str], list[Live]] = {}
    for entry, channel, revision, start, end in rows.values_list(
        "entry", "channel", "revision", "effective_at", "ended_at"
    ):
        lines.setdefault((entry, channel), []).append(Live(revision, start, end))
    return lines


def consented(entries: Iterable[Entry]) -> set[tuple[int, str]]:
    """(entry, channel) of the people who agreed to be shown there. One query where there are
    people."""
    # A person may have an entry in each of several networks: one's consent is not the other's.
    people = [
        (entry.pk, entry.person.pk, entry.network_id)
        for entry in entries if entry.person is not None
    ]  # fmt: skip
    if not people:
        return set()
    rows = Consent.objects.filter(
        person__in={person for _entry, person, _network in people}, purpose="profile",
        channel__in=CHANNELS, withdrawn_at=None, person__erased_at=None,
        person__restricted_at=None, person__merged_into=None,
    )  # fmt: skip
    given: set[tuple[int, int | None, str]] = set(rows.values_list("person", "network", "channel"))
    return {
        (entry, channel)
        for entry, person, network in people
        for channel in CHANNELS
        if (person, None, channel) in given or (person, network, channel) in given
    }


def is_gone(entry: Entry) -> bool:
    """Archived, of a network that ended, of a person who is erased, restricted or became one with
    another: nowhere."""
    person = entry.person
    return (
        entry.archived_at is not None
        or entry.network.state == Network.State.ENDED
        or (person is not None and is_withheld(person))
    )


def spans_of(
    entry: Entry, lines: Lines, allowed: set[tuple[int, str]], carrier: Entry | None = None
) -> list[Span]:
    """Who reads which revision from when on. No query.

    At each moment every group of readers has at most one revision: those who look after the
    directory the latest, members what is let through for them, else what is public.
    """
    if is_gone(entry) or entry.latest_id is None:
        return []
    of = {channel: lines.get((entry.pk, channel), ()) for channel in CHANNELS}
    if entry.kind == Entry.Kind.PERSON:
        of = {channel: live if (entry.pk, channel) in allowed else ()
              for channel, live in of.items()}  # fmt: skip
    above = None
    if entry.kind == Entry.Kind.SERVICE:
        if carrier is None or carrier.archived_at is not None:
            return []
        above = {channel: lines.get((carrier.pk, channel), ()) for channel in CHANNELS}
    edges = _edges([*of.values(), *(above or {}).values()])
    spans: list[Span] = []
    for start, end in zip([None, *edges], [*edges, None], strict=True):
        read = _read(entry, of, above, carrier, start or clock.now())
        groups: dict[tuple[int, int | None], int] = {}
        for bit, what in read.items():
            groups[what] = groups.get(what, 0) | bit
        spans += [Span(own, bits, start, end, over) for (own, over), bits in groups.items()]
    return spans


def read_now(entry: Entry, lines: Lines) -> dict[int, int]:
    """Group of readers (bit) -> the revision of a service it sees at this moment, whatever holds
    for its organisation. No query."""
    of = {channel: lines.get((entry.pk, channel), ()) for channel in CHANNELS}
    read = _read(entry, of, None, None, clock.now())
    return {bit: revision for bit, (revision, _over) in read.items()}


def _edges(rows: Iterable[Sequence[Live]]) -> list[datetime]:
    now = clock.now()
    moments = {at for live in rows for one in live for at in (one.start, one.end) if at}
    return sorted(at for at in moments if at > now)


def _read(
    entry: Entry,
    of: Mapping[Channel, Sequence[Live]],
    above: Mapping[Channel, Sequence[Live]] | None,
    carrier: Entry | None,
    moment: datetime,
) -> dict[int, tuple[int, int | None]]:
    """Group of readers -> (revision, that of the organisation above) at a moment."""

    def seen(channel: Channel) -> tuple[int, int | None] | None:
        own = _live(of[channel], moment)
        over = _live(above[channel], moment) if above is not None else None
        return None if own is None or (above is not None and over is None) else (own, over)

    public = seen(Channel.WEB)
    found = {WEB: public, MEMBERS: seen(Channel.MEMBERS) or public}
    if entry.latest_id is not None:
        over = carrier.latest_id if carrier is not None else None
        found[OFFICE] = (entry.latest_id, over)
    return {bit: what for bit, what in found.items() if what is not None}


def _live(rows: Sequence[Live], moment: datetime) -> int | None:
    held = [one for one in rows if one.start <= moment and (one.end is None or one.end > moment)]
    return held[-1].revision if held else None
