"""Facets: pairs of key and value on every document, counted at the speed of the interpreter's C.

In the index a pair is one token, "key=value"; no word of a text holds "=".
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

from lotse.foundation.core import hooks
from lotse.foundation.core.fulltext import Row

_KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")
_VALUE = re.compile(r"[a-z0-9_.-]{1,64}")
MOST_VALUES = 50
Pair = tuple[str, str]
Choice = tuple[str, tuple[str, ...]]


def token(key: str, value: str) -> str:
    """A pair as it stands in the index. Raises ValueError for what is no code."""
    if not (_KEY.fullmatch(key) and _VALUE.fullmatch(value)):
        raise ValueError(f"no pair of a facet: {key!r}, {value!r}")
    return f"{key}={value}"


def settled() -> Callable[[Iterable[Pair]], str]:
    """What turns the pairs of a document into its column; for one writing of many documents.

    Costs what the facets that occur ask for once, at most one query each.
    """
    prepared: dict[str, Callable[[set[Pair]], set[Pair]]] = {}
    settling = {facet.key: facet.settle for facet in hooks.search_facets if facet.settle}

    def column(pairs: Iterable[Pair]) -> str:
        found = set(pairs)
        for key in sorted({key for key, _value in found} & settling.keys()):
            if key not in prepared:
                prepared[key] = settling[key]()
            found = prepared[key](found)
        return " ".join(sorted(token(key, value) for key, value in found))

    return column


def choices(chosen: Mapping[str, Sequence[str]]) -> list[Choice]:
    """(key, tokens of which one must be there) for each key that is registered and chosen.

    A value that is no code is met by nothing, so its choice finds nothing.
    """
    known = {facet.key: facet for facet in hooks.search_facets}
    found = []
    for key, values in chosen.items():
        facet = known.get(key)
        if facet is None or not values:
            continue
        tokens: dict[str, None] = {}
        for value in list(values)[:MOST_VALUES]:
            if _VALUE.fullmatch(value):
                pairs = facet.covers(value) if facet.covers else [(key, value)]
                tokens.update((token(*pair), None) for pair in pairs)
        found.append((key, tuple(tokens) or (f"{key}=",)))
    return sorted(found)


def narrowed(rows: list[Row], chosen: list[Choice]) -> tuple[list[Row], dict[str, list[Row]]]:
    """(what meets all choices, for each key what lacks this one only)."""
    if not chosen:
        return rows, {}
    hits: list[Row] = []
    near: dict[str, list[Row]] = {key: [] for key, _tokens in chosen}
    wanted = [(key, frozenset(tokens)) for key, tokens in chosen]
    for row in rows:
        held = row[1].split()
        lacking = [key for key, tokens in wanted if tokens.isdisjoint(held)]
        if not lacking:
            hits.append(row)
        elif len(lacking) == 1:
            near[lacking[0]].append(row)
    return hits, near


def counted(rows: Iterable[Row]) -> Counter[str]:
    """How often each token occurs."""
    return Counter(" ".join([row[1] for row in rows]).split())


def tallied(
    counts: Counter[str], more: Mapping[str, Counter[str] | None]
) -> dict[str, dict[str, int]]:
    """The counts of all registered facets: of `counts`, for a key in `more` of those instead; none
    for one that could not be counted."""
    plain = _pairs(counts)
    found = {}
    for facet in hooks.search_facets:
        own = plain
        if facet.key in more:
            other = more[facet.key]
            if other is None:
                continue
            own = _pairs(other)
        if facet.tally is not None:
            found[facet.key] = {value: n for value, n in facet.tally(own).items() if n}
        else:
            found[facet.key] = {value: n for (key, value), n in own.items() if key == facet.key}
    return found


def _pairs(counts: Counter[str]) -> dict[Pair, int]:
    found = {}
    for name, number in counts.items():
        key, _equals, value = name.partition("=")
        found[key, value] = number
    return found


def _kind_labels(values: Iterable[str], lang: str) -> dict[str, str]:
    wanted = set(values)
    return {kind.key: str(kind.title) for kind in hooks.search_kinds if kind.key in wanted}


def register() -> None:
    """The facet that needs no app: of which kind a hit is."""
    from django.utils.translation import gettext_lazy as _

    hooks.search_facets.register(hooks.SearchFacet("kind", _("Art"), _kind_labels), order=10)
