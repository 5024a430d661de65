"""Regions and topics, ready for the pages that browse."""

from collections.abc import Mapping
from dataclasses import dataclass

from lotse.foundation.core import text
from lotse.foundation.topics.models import Region, Topic
from lotse.rooms.directory.content.labels import region_name


def states_of(lang: str) -> dict[str, str]:
    """The sixteen Länder by their keys. One query."""
    rows = Region.objects.filter(kind=Region.Kind.STATE).values_list("key", "name", "name_en")
    return {key: name_en if lang != "de" and name_en else name for key, name, name_en in rows}


def districts_of(lang: str, land: str = "") -> dict[str, list[tuple[str, str]]]:
    """Land -> its Kreise and towns by name, as (key, name); of one Land or of all. One query."""
    rows = Region.objects.filter(kind__in=(Region.Kind.DISTRICT, Region.Kind.CITY))
    rows = rows.filter(key__startswith=land)
    found: dict[str, list[tuple[str, str]]] = {}
    for key, name, name_en, kind in rows.values_list("key", "name", "name_en", "kind"):
        found.setdefault(key[:2], []).append((key, region_name(name, name_en, kind, lang)))
    for held in found.values():
        held.sort(key=lambda row: sorted_as(row[1]))
    return found


def sorted_as(name: str) -> str:
    """As a German list sorts: ä stands with a."""
    return name.casefold().translate(_PLAIN)


_PLAIN = str.maketrans({"ä": "a", "ö": "o", "ü": "u", "ß": "ss"})


@dataclass(frozen=True)
class TopicGroup:
    """A group with its topics: (code, name, how many)."""

    code: str
    name: str
    count: int
    topics: list[tuple[str, str, int]]


def topic_groups(lang: str, counts: Mapping[str, int]) -> list[TopicGroup]:
    """Topics in use by group, each with its count. One query."""
    rows = Topic.objects.filter(retired_at=None).values_list("pk", "parent_id", "code", "name")
    named = [(pk, parent, code, text.pick(name, lang)) for pk, parent, code, name in rows]
    groups = {
        pk: TopicGroup(code, name, counts.get(code, 0), [])
        for pk, parent, code, name in named
        if parent is None
    }
    for _pk, parent, code, name in named:
        if parent in groups:
            groups[parent].topics.append((code, name, counts.get(code, 0)))
    return list(groups.values())
