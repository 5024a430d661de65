"""Topics and regions as facets of the search."""

from collections.abc import Callable, Iterable

from django.core.cache import cache
from django.utils.translation import gettext_lazy as _

from lotse.foundation.core import hooks, text
from lotse.foundation.core.hooks import Tally, Tokens
from lotse.foundation.topics.models import Region, Topic

TOPIC, REGION, WHOLE = "topic", "region", "whole"
COUNTRY = "00"
_KEPT_SECONDS = 300


def topic_labels(values: Iterable[str], lang: str) -> dict[str, str]:
    """Names of topics in use, groups each before its topics. One query in five minutes."""
    wanted, topics = set(values), _topics(lang)
    return {code: name for code, (name, _group) in topics.items() if code in wanted}


def above_topics(codes: Iterable[str]) -> dict[str, str]:
    """The groups of topics in use."""
    topics = _topics("de")
    return {code: topics[code][1] for code in codes if code in topics}


def above_regions(keys: Iterable[str]) -> dict[str, str]:
    """The Länder of Kreise."""
    return {key: key[:2] for key in keys if len(key) == 5}


def _topics(lang: str) -> dict[str, tuple[str, str]]:
    """Code -> (name, code of its group)."""
    key = f"facets:topics:{lang}"
    found: dict[str, tuple[str, str]] | None = cache.get(key)
    if found is None:
        from lotse.foundation.topics.queries import in_order

        topics = in_order(Topic.objects.filter(retired_at=None).select_related("parent"))
        found = {
            topic.code: (text.pick(topic.name, lang), topic.parent.code if topic.parent else "")
            for topic in topics
        }
        cache.set(key, found, _KEPT_SECONDS)
    return found


def settle_topics() -> Callable[[Tokens], Tokens]:
    """A topic brings its group along, so that the group is counted like any other. One query."""
    groups = dict(Topic.objects.exclude(parent=None).values_list("code", "parent__code"))

    def settle(pairs: Tokens) -> Tokens:
        found = {groups[value] for key, value in pairs if key == TOPIC and value in groups}
        return pairs | {(TOPIC, group) for group in found}

    return settle


def region_labels(values: Iterable[str], lang: str) -> dict[str, str]:
    """Names of regions: the country, then each Land before its Kreise. One query in five minutes.

    Of a Landkreis and a Stadt with one name, each says what it is.
    """
    wanted, names = set(values), _region_names(lang)
    return {key: name for key, name in names.items() if key in wanted}


def _region_names(lang: str) -> dict[str, str]:
    key = f"facets:regions:{lang}"
    names: dict[str, str] | None = cache.get(key)
    if names is None:
        rows = list(Region.objects.order_by("key").values_list("key", "name", "name_en", "kind"))
        named: dict[str, int] = {}
        for code, name, _english, _kind in rows:
            if len(code) == 5:
                named[name] = named.get(name, 0) + 1
        kinds = {value: str(label) for value, label in Region.Kind.choices}
        names = {}
        for code, name, english, kind in rows:
            label = english if lang == "en" and english else name
            twice = len(code) == 5 and named[name] > 1
            names[code] = f"{label} ({kinds[kind]})" if twice else label
        cache.set(key, names, _KEPT_SECONDS)
    return names


def cover_region(value: str) -> list[tuple[str, str]]:
    """A Kreis is served by what serves it, its whole Land or the country."""
    found = [(REGION, value)]
    if len(value) == 5:
        found.append((WHOLE, value[:2]))
    if value != COUNTRY:
        found.append((REGION, COUNTRY))
    return found


def tally_regions(counts: Tally) -> dict[str, int]:
    """For each region what `cover_region` would find: the pairs of a document exclude each other,
    as `settle_regions` leaves them."""
    everywhere = counts.get((REGION, COUNTRY), 0)
    found = {COUNTRY: everywhere}
    keys = {value for key, value in counts if key == REGION}
    lands = {value for key, value in counts if key == WHOLE}
    if everywhere or lands:
        keys |= {key for key in _region_names("de") if everywhere or key[:2] in lands}
    for key in keys - {COUNTRY}:
        own = counts.get((REGION, key), 0)
        whole = counts.get((WHOLE, key[:2]), 0) if len(key) == 5 else 0
        found[key] = own + whole + everywhere
    return found


def settle_regions() -> Callable[[Tokens], Tokens]:
    """Nationwide says all; a whole Land says its Kreise; a Kreis brings its Land along."""

    def settle(pairs: Tokens) -> Tokens:
        others = {pair for pair in pairs if pair[0] not in (REGION, WHOLE)}
        keys = {value for key, value in pairs if key == REGION}
        wholes = {value for key, value in pairs if key == WHOLE}
        if COUNTRY in keys:
            return others | {(REGION, COUNTRY)}
        kept = {key for key in keys if len(key) != 5 or key[:2] not in wholes}
        kept |= {key[:2] for key in kept if len(key) == 5} | wholes
        return others | {(REGION, key) for key in kept} | {(WHOLE, land) for land in wholes}

    return settle


def pairs_of_regions(keys: Iterable[str]) -> list[tuple[str, str]]:
    """The facets of what serves these regions: a Land among them is served as a whole."""
    found = []
    for key in keys:
        found.append((REGION, key))
        if len(key) == 2 and key != COUNTRY:
            found.append((WHOLE, key))
    return found


def register() -> None:
    """Registers both facets."""
    hooks.search_facets.register(
        hooks.SearchFacet(TOPIC, _("Thema"), topic_labels, settle=settle_topics,
                          above=above_topics), order=20
    )  # fmt: skip
    hooks.search_facets.register(
        hooks.SearchFacet(REGION, _("Region"), region_labels, covers=cover_region,
                          tally=tally_regions, settle=settle_regions,
                          above=above_regions), order=30
    )  # fmt: skip
