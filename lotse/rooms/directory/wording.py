"""The words under which an entry is found, class by class, and its facets.

What a field gives is said by the list of fields: nothing of what stands under limits, nothing of
how to reach anybody.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from django.urls import reverse
from django.utils import translation
from django.utils.text import capfirst

from lotse.foundation.core import clock, search, text
from lotse.foundation.core.search import MEMBERS, OFFICE, WEB
from lotse.foundation.core.search.analysis import fold
from lotse.foundation.parties.models import Person
from lotse.foundation.topics.facets import pairs_of_regions
from lotse.rooms.directory import facets
from lotse.rooms.directory.content import choices
from lotse.rooms.directory.content import fields as of
from lotse.rooms.directory.content.fields import Field
from lotse.rooms.directory.content.freshness import freshness_of
from lotse.rooms.directory.content.known import Known
from lotse.rooms.directory.content.labels import Labels, lines_of
from lotse.rooms.directory.models import Channel, Entry
from lotse.rooms.directory.queries import reading
from lotse.rooms.directory.queries.timeline import Span

_READS = {WEB: Channel.WEB, MEMBERS: Channel.MEMBERS, OFFICE: reading.DRAFT}
SUMMARY_MOST = 300
OTHER_LETTERS = "0"
# Where a hit comes from, beside the keys of fields; the page has words for them (ui.finding).
TOPIC, PLACE, KEYWORD, SERVICE, SEAT, CARRIER = (
    "topic", "place", "keyword", "service", "seat", "carrier",
)  # fmt: skip


def narrowest(audience: int) -> int:
    """The group among these readers that may know least."""
    return next(bit for bit in (WEB, MEMBERS, OFFICE) if audience & bit)


def seats_for(entries: list[Entry]) -> dict[tuple[int, int], list[reading.Seat]]:
    """(entry, group of readers) -> what the person is now, as that group may know it. Six queries
    where there are people."""
    people = [entry for entry in entries if entry.person is not None]
    if not people:
        return {}
    found = {}
    for bit, channel in _READS.items():
        seats = reading.seats_of(people, channel)
        for entry in people:
            found[entry.pk, bit] = seats.get(entry.pk, [])
    return found


def doc_of(
    entry: Entry,
    span: Span,
    *,
    part: str,
    content: Mapping[str, Any],
    carrier: Mapping[str, Any],
    services: Sequence[Mapping[str, Any]],
    seats: Sequence[reading.Seat],
    known: Known,
) -> search.Doc:
    """One document of an entry; `carrier` is the content of a service's organisation, `services`
    those of an organisation's services, `seats` what a person is."""
    content = _inherited(entry, content, carrier)
    with translation.override(entry.lang):
        texts = {one.key: _text(one, content, known) for one in of.fields_of(entry.kind)}
        title = _title(entry, content)
        sort = by_surname(entry.person) if entry.person is not None else ""
        words = [
            *_by_place(entry, texts, of.DESCRIBING),
            *((key[:-3], str(content[key])) for key in ("name_en", "summary_en") if key in content),
            *((SERVICE, str(one.get("name", ""))) for one in services),
            *((SEAT, f"{seat.function} {seat.organisation}") for seat in seats),
            (CARRIER, str(carrier.get("name", ""))),
        ]
    return search.Doc(
        kind=entry.kind,
        ref=entry.uuid,
        part=part,
        lang=search.ANY_LANG,
        text_lang=entry.lang,
        title=title,
        url=reverse("directory:entry", args=[entry.uuid]),
        summary=_summary(content, seats),
        words=_gathered(words),
        fields=_gathered(_by_place(entry, texts, of.TEXTUAL)),
        network=entry.network.uuid,
        audience=span.audience,
        from_at=span.from_at,
        until_at=span.until_at,
        facets=list(_facets(entry, content, sort or title, known)),
        names=entry.kind != Entry.Kind.SERVICE,
        key=entry.organisation.key if entry.organisation and entry.kind == "organisation" else "",
        sort=sort,
    )


def _by_place(entry: Entry, texts: Mapping[str, str], found: str) -> Iterator[tuple[str, str]]:
    """What a hit in a field is said to be: of a place, a keyword, a topic, or of the field."""
    for one in of.fields_of(entry.kind):
        if one.found != found:
            continue
        if one.holds == of.REGIONS or one.key in {"city", "postal_code"}:
            yield PLACE, texts[one.key]
        elif one.holds == of.TOPICS:
            yield TOPIC, texts[one.key]
        else:
            yield KEYWORD if one.key == "portfolio" else one.key, texts[one.key]


def _gathered(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    found: dict[str, list[str]] = {}
    for key, said in pairs:
        if said:
            found.setdefault(key, []).append(said)
    return {key: "\n".join(said) for key, said in found.items()}


def _inherited(
    entry: Entry, content: Mapping[str, Any], carrier: Mapping[str, Any]
) -> Mapping[str, Any]:
    """A service that names no region is offered where its organisation works."""
    if entry.kind == Entry.Kind.SERVICE and not content.get("regions") and carrier.get("regions"):
        return {**content, "regions": carrier["regions"]}
    return content


def _title(entry: Entry, content: Mapping[str, Any]) -> str:
    if entry.person is not None:
        return entry.person.name
    name, short = str(content.get("name", "")), str(content.get("short_name", ""))
    return f"{name} ({short})" if short and short.casefold() not in name.casefold() else name


def by_surname(person: Person) -> str:
    """A name as a list sorts it: `Birkholz, Dr. Agnes`."""
    before = " ".join(filter(None, (person.title, person.first_name)))
    return ", ".join(filter(None, (person.last_name, before)))


def _summary(content: Mapping[str, Any], seats: Sequence[reading.Seat]) -> str:
    if seats:
        said = ", ".join(filter(None, (seats[0].function, seats[0].organisation)))
        return text.shorten(capfirst(said), SUMMARY_MOST)
    found = content.get("summary") or content.get("function") or content.get("lines") or ""
    return text.shorten(" ".join(str(found).split()), SUMMARY_MOST)


def _text(one: Field, content: Mapping[str, Any], known: Known) -> str:
    """The words of a field; none of one that is never found."""
    value = content.get(one.key)
    if one.found == of.NEVER or value in (None, "", []):
        return ""
    if one.holds == of.TOPICS:
        return " ".join(_topic_words(known, content))
    if one.holds == of.REGIONS:
        return ", ".join(region.name for region in known.regions_of(content))
    if one.holds == of.SECTORS:
        value = [choices.section_of(code) for code in value]
    return "\n".join(lines_of(one, value, Labels(translation.get_language() or "de")))


def _topic_words(known: Known, content: Mapping[str, Any]) -> Iterator[str]:
    """Names in both languages. Their synonyms find them as what means the same, and do not stand
    in the entry; those of groups mean nothing of their own and are found as words."""
    for topic in known.topics_of(content):
        yield from topic.name.values()
        if topic.parent_id is None:
            for synonyms in topic.synonyms.values():
                yield from synonyms


def _facets(
    entry: Entry, content: Mapping[str, Any], title: str, known: Known
) -> Iterator[tuple[str, str]]:
    for one in of.fields_of(entry.kind):
        if one.facet:
            yield from _pairs(one, content, known)
    first = fold(title)[:1]
    yield "letter", first if "a" <= first <= "z" else OTHER_LETTERS
    if entry.is_pilot:
        yield "flag", "pilot"
    if entry.is_lighthouse:
        yield "flag", "lighthouse"
    yield "state", freshness_of(entry, clock.now())


def _pairs(one: Field, content: Mapping[str, Any], known: Known) -> Iterable[tuple[str, str]]:
    value = content.get(one.key)
    if value in (None, "", []):
        return [(one.facet, facets.ALL)] if one.facet in facets.NOTHING_IS_ALL else []
    if one.holds == of.TOPICS:
        return [(one.facet, topic.code) for topic in known.topics_of(content)]
    if one.holds == of.REGIONS:
        return pairs_of_regions(value)
    if one.holds == of.SECTORS:
        return [(one.facet, choices.section_of(code).lower()) for code in value]
    return [(one.facet, code) for code in (value if isinstance(value, list) else [value])]
