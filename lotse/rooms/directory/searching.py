"""Entries in the search: one document for each group of readers who read the same.

Each group of readers (public, members, those who look after the directory) finds an entry by what
it may read of it, and by nothing else: what is let through later has its own document with its
time. What an entry says under limits is never given to the search.
"""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from itertools import chain
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from lotse.foundation.core import clock, search
from lotse.foundation.core.models import SearchDoc
from lotse.foundation.parties.models import Affiliation, Network
from lotse.rooms.directory import wording
from lotse.rooms.directory.content.freshness import STEPS
from lotse.rooms.directory.content.known import Known
from lotse.rooms.directory.models import Entry, Publication, Revision
from lotse.rooms.directory.queries import timeline

PORTION = 500
KINDS = tuple(Entry.Kind.values)


def docs_of(entry: Entry) -> list[search.Doc]:
    """All documents of one entry. At most ten queries."""
    return list(_docs([entry], Known()))


def reindex(entries: Iterable[Entry]) -> int:
    """Puts these entries into the search as they stand now, and what is shown with them: services
    hang on their organisation, the names of its services are among its words. Returns how many
    documents. About fifteen queries for each 500 entries, fewer where there are no people."""
    return reindex_only(touched_by(entries))


def reindex_only(entries: Iterable[Entry]) -> int:
    """The same for these entries alone: after a save, which changes nothing of what is let
    through."""
    found, known = list({entry.pk: entry for entry in entries}.values()), Known()
    return sum(
        _put(found[start : start + PORTION], known) for start in range(0, len(found), PORTION)
    )


def reindex_where(**conditions: object) -> int:
    """The same for all entries of which this holds."""
    return reindex_rows(Entry.objects.filter(**conditions))


def reindex_rows(rows: QuerySet[Entry]) -> int:
    """The same for the entries of a query, in portions, so that memory stays small."""
    count, last, known = 0, 0, Known()
    rows = rows.select_related("network", "organisation", "person", "latest").order_by("pk")
    while portion := list(rows.filter(pk__gt=last)[:PORTION]):
        count += _put(portion, known)
        last = portion[-1].pk
    return count


def reindex_all() -> int:
    """All entries anew, for `hooks.search_kinds`."""
    for kind in KINDS:
        search.drop_kind(kind)
    return reindex_rows(Entry.objects.all())


def reindex_network(network: Network) -> int:
    """All entries of a network, after it ended or began again."""
    return reindex_where(network=network)


def touched_by(entries: Iterable[Entry]) -> list[Entry]:
    """The entries, those of the same organisations, and of the people who work there: their rows
    name the organisation as far as it can be read. One query where there are any."""
    found = {entry.pk: entry for entry in entries}
    organisations = {entry.organisation_id for entry in found.values()} - {None}
    if not organisations:
        return list(found.values())
    near = Entry.objects.filter(_named_with(organisations)).exclude(pk__in=found)
    return [*found.values(), *near.select_related("network", "organisation", "person", "latest")]


def _named_with(organisations: Any) -> Q:
    """Entries of these organisations and of the people with a seat there."""
    seats = Affiliation.objects.filter(organisation__in=organisations).values("person")
    return Q(organisation__in=organisations) | Q(person__in=seats)


def follow_person(person: int) -> None:
    """A name, a seat, a restriction changed: the entries of the person are indexed anew."""
    reindex_where(person=person)


def follow_consent(person: int, purpose: str, channel: str) -> None:
    """A consent was given or withdrawn: the search follows in the same transaction (T59)."""
    if purpose == "profile":
        reindex_where(person=person)


def follow_clock() -> int:
    """What the clock alone changed since yesterday: seats that began or ended, entries that grew
    old, organisations and services that came or went in a channel, with all that names them. A
    daily job."""
    now, today = clock.now(), clock.today()
    days = timedelta(days=2)
    aged = Q()
    for _state, after in STEPS:
        aged |= Q(assured_at__lte=now - after, assured_at__gt=now - after - days)
    seats = Q(person__affiliations__ends_on__range=(today - days, today)) | Q(
        person__affiliations__starts_on__range=(today - days, today)
    )
    turned = Publication.objects.filter(
        Q(effective_at__gt=now - days, effective_at__lte=now)
        | Q(ended_at__gt=now - days, ended_at__lte=now),
        entry__organisation__isnull=False,
    ).values("entry__organisation")
    keys = Entry.objects.filter(aged | seats | _named_with(turned)).values("pk")
    return reindex_rows(Entry.objects.filter(pk__in=keys))


def _put(entries: list[Entry], known: Known) -> int:
    docs = list(_docs(entries, known))
    wanted: dict[UUID, set[str]] = {entry.uuid: set() for entry in entries}
    for doc in docs:
        wanted[doc.ref].add(doc.part)
    there = SearchDoc.objects.filter(kind__in=KINDS, ref__in=wanted).values_list("ref", "part")
    # Only what no document takes the place of is dropped: most saves replace what is there.
    for ref in {ref for ref, part in there if part not in wanted[ref]}:
        search.drop(ref)
    return search.put(docs)


def _docs(entries: list[Entry], known: Known) -> Iterator[search.Doc]:
    above, below = _carriers(entries), _services(entries)
    keys = {one.pk for one in (*entries, *above.values(), *chain.from_iterable(below.values()))}
    lines, allowed = timeline.lines_of(keys), timeline.consented(entries)
    spans = {
        entry.pk: timeline.spans_of(entry, lines, allowed, above.get(entry.pk)) for entry in entries
    }
    offers = {key: _offers(services, lines) for key, services in below.items()}
    contents = _contents(chain.from_iterable(spans.values()), offers.values())
    people = wording.seats_for(entries)
    for entry in entries:
        for number, span in enumerate(spans[entry.pk]):
            reader = wording.narrowest(span.audience)
            offered = offers.get(entry.pk, {}).get(reader, ())
            yield wording.doc_of(
                entry,
                span,
                part=f"{number}-{span.audience}",
                content=contents[span.revision],
                carrier=contents.get(span.carrier or 0, {}),
                services=[contents[key] for key in offered],
                seats=people.get((entry.pk, reader), []),
                known=known,
            )


def _carriers(entries: list[Entry]) -> dict[int, Entry]:
    """Service -> the entry of its organisation. At most one query."""
    services = [entry for entry in entries if entry.kind == Entry.Kind.SERVICE]
    if not services:
        return {}
    rows = Entry.objects.filter(
        kind=Entry.Kind.ORGANISATION,
        organisation__in={one.organisation_id for one in services},
    )
    of = {one.organisation_id: one for one in rows}
    return {one.pk: of[one.organisation_id] for one in services if one.organisation_id in of}


def _services(entries: list[Entry]) -> dict[int, list[Entry]]:
    """Organisation's entry -> its services. At most one query."""
    of = {
        one.organisation_id: one.pk for one in entries if one.kind == Entry.Kind.ORGANISATION
    }  # fmt: skip
    found: dict[int, list[Entry]] = {}
    if of:
        rows = Entry.objects.filter(kind=Entry.Kind.SERVICE, organisation__in=of, archived_at=None)
        for one in rows.order_by("pk"):
            found.setdefault(of[one.organisation_id], []).append(one)
    return found


def _offers(services: list[Entry], lines: timeline.Lines) -> dict[int, list[int]]:
    """For each group of readers the revisions of services it sees now. The organisation's own
    entry is the one being indexed, so it is not asked whether that can be read."""
    found: dict[int, list[int]] = {}
    for one in services:
        for bit, revision in timeline.read_now(one, lines).items():
            found.setdefault(bit, []).append(revision)
    return found


def _contents(
    spans: Iterable[timeline.Span], offers: Iterable[dict[int, list[int]]]
) -> dict[int, dict[str, Any]]:
    """Revision -> content. One query."""
    keys = {key for span in spans for key in (span.revision, span.carrier) if key is not None}
    keys |= {key for some in offers for revisions in some.values() for key in revisions}
    return dict(Revision.objects.filter(pk__in=keys).values_list("pk", "content"))
