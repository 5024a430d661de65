"""Finding: all words first; when that gives too little, one step wider, and it is said.

Nothing is ranked by anything that could be bought or that grows with the length of a text: hits
stand by where the words are met, equal ones in an order that changes from day to day (S2-24).
"""

import hashlib
import heapq
import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence

from lotse.foundation.core import clock, fulltext, hooks
from lotse.foundation.core.fulltext import ANYWHERE, MEANT, NEAR, TITLE, Row, Scope, Wanted
from lotse.foundation.core.search import facets
from lotse.foundation.core.search.analysis import Group, fold
from lotse.foundation.core.search.index import ANY_LANG, SPOTS, WEB
from lotse.foundation.core.search.question import MOST, Asked, ask, everything, groups_of, wanted
from lotse.foundation.core.search.reasons import reasons
from lotse.foundation.core.search.results import ANYBODY, Hit, Results, Viewer

_MOST_RECOUNTED = 3
_WORD = re.compile(r"[^\W_]+")


def find(
    question: str,
    *,
    lang: str,
    viewer: Viewer = ANYBODY,
    kinds: Sequence[str] = (),
    chosen: Mapping[str, Sequence[str]] | None = None,
    page: int = 1,
    per_page: int = 20,
    order: str = "match",
) -> Results:
    """One page of what a person may see of what they typed, also of a whole sentence.

    Without a question everything, by name. `chosen` are facets: several values of one key widen,
    several keys narrow. `order` is "match" or "name". Four queries as a rule, eight at most.
    """
    scope = _scope(viewer, lang, kinds)
    choices = facets.choices(chosen or {})
    groups = groups_of(question, lang)
    if not groups and question.strip():
        return Results()
    if groups:
        asked = ask(groups, scope)
    else:
        # With choices only what meets them is read.
        asked = Asked((), (), [], capped=True) if choices else everything(scope)
    search = _Search(asked, scope, choices, "match" if groups and order == "match" else "name")
    return search.results(max(1, page), per_page)


def _scope(viewer: Viewer, lang: str, kinds: Sequence[str]) -> Scope:
    known = tuple(kind.key for kind in hooks.search_kinds if not kinds or kind.key in kinds)
    seen = sorted((network, bits) for network, bits in viewer.networks.items() if bits)
    return Scope(tuple(seen), (lang, ANY_LANG), known, clock.now(), everybody=WEB)


class _Search:
    """One search on its way from what is asked to the page."""

    def __init__(self, asked: Asked, scope: Scope, chosen: list[facets.Choice], order: str) -> None:
        self.asked, self.scope, self.chosen, self.order = asked, scope, chosen, order
        self.tokens = tuple(tokens for _key, tokens in chosen)
        self.capped = asked.capped
        self.full = 0

    def results(self, page: int, per_page: int) -> Results:
        rows, counts = self._narrowed()
        total = MOST if self.capped else len(rows)
        pages = max(1, math.ceil(total / per_page))
        page = min(page, pages)
        begin, end = (page - 1) * per_page, min(page * per_page, total)
        keys = self._first(end) if self.capped else self._ordered(rows, end)
        return Results(
            hits=_hits(keys[begin:end], self.asked.groups),
            total=total,
            capped=self.capped,
            page=page,
            pages=pages,
            words=[group.word for group in self.asked.groups],
            left_out=[group.word for group in self.asked.left_out],
            full=total if not self.asked.left_out else self.full,
            corrected=self.asked.corrected,
            facets=counts,
        )

    def _narrowed(self) -> tuple[list[Row], dict[str, dict[str, int]]]:
        """(hits with all choices, counts by facet)."""
        if not self.asked.capped:
            rows, near = facets.narrowed(self.asked.rows, self.chosen)
            counts = facets.counted(rows)
            more = {key: counts + facets.counted(lacking) for key, lacking in near.items()}
            return rows, facets.tallied(counts, more)
        if not self.chosen:
            return self.asked.rows, {}
        rows = self._pushed(self.tokens)
        self.capped = len(rows) > MOST
        if self.capped:
            return rows, {}
        return rows, facets.tallied(facets.counted(rows), self._recounted())

    def _recounted(self) -> dict[str, Counter[str] | None]:
        """Where there is too much to read without the choices: for each key of them, the hits that
        meet the others. A query each, for the first few."""
        found: dict[str, Counter[str] | None] = {}
        for number, (key, _tokens) in enumerate(self.chosen):
            others = tuple(tokens for name, tokens in self.chosen if name != key)
            asked = number < _MOST_RECOUNTED and (others or not self.asked.groups)
            rows = self._pushed(others) if asked else []
            found[key] = facets.counted(rows) if rows and len(rows) <= MOST else None
        return found

    def _pushed(self, tokens: tuple[tuple[str, ...], ...]) -> list[Row]:
        return fulltext.hits(wanted(self.asked.wider, tokens), self.scope, limit=MOST + 1)

    def _ordered(self, rows: list[Row], end: int) -> list[int]:
        """The first hits in their order. One query for "match"."""
        if self.order == "name":
            named = ((name, spot, key) for key, _facets, spot, name in rows)
            return [key for _name, _spot, key in heapq.nsmallest(end, named)]
        factor = turn()
        if not self.asked.left_out:
            # The wider place first, so that the narrower one is what stays.
            best = {key: place for place, key in sorted(self._places(), reverse=True)}
            turned = ((best.get(k, ANYWHERE), spot * factor % SPOTS, k) for k, _f, spot, _n in rows)
            return [key for _place, _turn, key in heapq.nsmallest(end, turned)]
        return self._widened(rows, factor)

    def _widened(self, rows: list[Row], factor: int) -> list[int]:
        """Those with all words first, then by how many are missing; counts the former."""
        base, marks, placed = len(self.asked.left_out), self._marks(), []
        for key, _facets, spot, _name in rows:
            held = marks.get(key, ())
            missing = base - sum(mark >= _HAS for mark in held)
            first = 0 if missing else _FULL
            places = [mark - first for mark in held if first < mark <= first + MEANT]
            placed.append((missing, min(places, default=ANYWHERE), spot * factor % SPOTS, key))
        placed.sort()
        self.full = sum(not missing for missing, *_rest in placed)
        return [key for *_rest, key in placed]

    def _places(self) -> list[tuple[int, int]]:
        wider = wanted(self.asked.wider)
        return fulltext.places([(place, wider, place) for place in _narrow(wider)])

    def _marks(self) -> dict[int, list[int]]:
        """For each hit where all words are met, and which of the words left out it has."""
        wider, absent = self.asked.wider, self.asked.absent
        found_by = wanted(wider)
        asked = [(place, found_by, place) for place in _narrow(found_by)]
        left = [group for group in self.asked.left_out if group not in absent]
        asked += [(_HAS + n, wanted([*wider, g]), ANYWHERE) for n, g in enumerate(left)]
        if left and not absent:
            every = wanted(self.asked.groups)
            asked += [(_FULL + place, every, place) for place in _narrow(every)]
        found: dict[int, list[int]] = {}
        for mark, key in fulltext.places(asked):
            found.setdefault(key, []).append(mark)
        return found

    def _first(self, end: int) -> list[int]:
        """The first hits where there are too many to read: one to four queries."""
        what = wanted(self.asked.wider, self.tokens)
        if self.order == "name":
            return fulltext.first(what, self.scope, limit=end)
        day = (turn(), SPOTS)
        keys: list[int] = []
        if self.asked.left_out and not self.asked.absent:
            every = wanted(self.asked.groups, self.tokens)
            keys = fulltext.first(every, self.scope, limit=MOST, turn=day)
            self.full = len(keys)
            end += self.full
        but = 0
        for place in (*_narrow(what), ANYWHERE):
            if len(keys) < end:
                more = end - len(keys)
                keys += fulltext.first(what, self.scope, limit=more, turn=day, place=place, but=but)
            but = place
        return [*dict.fromkeys(keys)]


_FULL, _HAS = 10, 100


def _narrow(what: Wanted) -> tuple[int, ...]:
    """The places to tell apart: where no word means another, NEAR and MEANT are one."""
    return (TITLE, NEAR, MEANT) if what.words else (TITLE, NEAR)


def turn() -> int:
    """What the day makes of the fixed places of equal hits: another order, fair to all (S2-24)."""
    day = clock.today().isoformat().encode()
    return int.from_bytes(hashlib.sha256(day).digest()[:8], "big") % (SPOTS - 1) + 1


def suggest(
    prefix: str, *, lang: str, viewer: Viewer = ANYBODY, kinds: Sequence[str] = (), limit: int = 8
) -> list[Hit]:
    """Titles with words that begin like what was typed so far (two letters at least): first those
    that begin so themselves, in the order of the alphabet. Three queries at most."""
    words = [word for word in map(fold, _WORD.findall(prefix)) if word]
    if sum(map(len, words)) < 2:
        return []
    scope = _scope(viewer, lang, kinds)
    return _hits(fulltext.beginning(" ".join(words), words[:12], scope, limit=limit), ())


def _hits(keys: Sequence[int], groups: Sequence[Group]) -> list[Hit]:
    titles = {kind.key: str(kind.title) for kind in hooks.search_kinds}
    rows = fulltext.shown(keys)
    return [_hit(rows[key], titles, groups) for key in keys if key in rows]


def _hit(row: fulltext.Shown, titles: Mapping[str, str], groups: Sequence[Group]) -> Hit:
    why, missing = reasons(row, groups) if groups else ([], [])
    return Hit(
        kind=row.kind,
        kind_title=titles.get(row.kind, row.kind),
        ref=row.ref,
        title=row.title,
        summary=row.summary,
        url=row.url,
        lang=row.lang,
        key=row.key,
        why=why,
        missing=missing,
    )
