"""Topics and regions as contents name them: by code and by official key, old codes included."""

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

from lotse.foundation.core import text
from lotse.foundation.topics.models import Region, Topic

_COUNTRY = "00"
_BEFORE: dict[str, tuple[str, ...]] = {
    Region.Kind.DISTRICT: ("Kreis", "Landkreis"),
    Region.Kind.CITY: ("Stadt",),
}


class Known:
    """What is read once for many contents: a query for the topics, and one for the regions, that
    were not asked for before."""

    def __init__(self) -> None:
        self._topics: dict[str, Topic | None] = {}
        self._regions: dict[str, Region | None] = {}

    def topics(self, codes: Iterable[str]) -> dict[str, Topic]:
        """Code -> the topic that holds now: of one that was retired its successor; not there where
        it has none. One more query for each further step of a succession."""
        wanted = set(codes)
        lacking = wanted - self._topics.keys()
        if lacking:
            rows = Topic.objects.order_by().filter(code__in=lacking).select_related("successor")
            found = {one.code: _holding(one) for one in rows}
            self._topics.update({code: found.get(code) for code in lacking})
        return {code: one for code in wanted if (one := self._topics[code]) is not None}

    def topics_of(self, content: Mapping[str, Any]) -> list[Topic]:
        """The topics a content names, as they hold now, each once, in the order of the content."""
        codes = content.get("topics") or ()
        held = self.topics(codes)
        return list({held[code].pk: held[code] for code in codes if code in held}.values())

    def regions(self, keys: Iterable[str]) -> dict[str, Region]:
        """Official key -> region, for those that exist."""
        wanted = set(keys)
        lacking = wanted - self._regions.keys()
        if lacking:
            found = {one.key: one for one in Region.objects.order_by().filter(key__in=lacking)}
            self._regions.update({key: found.get(key) for key in lacking})
        return {key: one for key in wanted if (one := self._regions[key]) is not None}

    def regions_of(self, content: Mapping[str, Any]) -> list[Region]:
        """The regions a content names, in its order, each Kreis with its Land behind it."""
        keys = [key for own in content.get("regions") or () for key in (own, own[:2])]
        found = self.regions(keys)
        return [found[key] for key in dict.fromkeys(keys) if key in found]

    @cached_property
    def topic_words(self) -> dict[str, str]:
        """Names and synonyms of topics in both languages, without case -> the code that holds."""
        rows = Topic.objects.order_by().select_related("successor")
        self._topics.update({one.code: _holding(one) for one in rows})
        holding = {one.pk: one for one in self._topics.values() if one}.values()
        words: dict[str, str] = {}
        for topic in holding:
            for names in topic.synonyms.values():
                for word in names:
                    words.setdefault(text.clean_line(word).casefold(), topic.code)
        # A name goes before a synonym of another topic.
        for topic in holding:
            for name in topic.name.values():
                words[text.clean_line(name).casefold()] = topic.code
        return words

    @cached_property
    def region_words(self) -> dict[str, str]:
        """Names of regions, without case -> key. Of a town and a Kreis of one name the town."""
        rows = sorted(Region.objects.order_by("key"), key=_plainness, reverse=True)
        self._regions.update({one.key: one for one in rows})
        words = {
            name.casefold(): one.key for one in rows for name in (one.name_en, one.name) if name
        }
        for one in rows:
            for before in _BEFORE.get(one.kind, ()):
                words.setdefault(f"{before} {one.name}".casefold(), one.key)
        return words | {"bundesweit": _COUNTRY}


def _plainness(region: Region) -> int:
    order = (Region.Kind.CITY, Region.Kind.STATE, Region.Kind.COUNTRY, Region.Kind.DISTRICT)
    return order.index(Region.Kind(region.kind))


def _holding(topic: Topic) -> Topic | None:
    """The topic itself, or what follows it; None where nothing does."""
    seen = {topic.pk}
    while topic.retired_at is not None:
        if topic.successor is None or topic.successor.pk in seen:
            return None
        topic = topic.successor
        seen.add(topic.pk)
    return topic
