"""Why something was found: where each word of the question stands, and how it stands there."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import NamedTuple

from lotse.foundation.core import fulltext
from lotse.foundation.core.search import concepts
from lotse.foundation.core.search.analysis import Group, word_terms
from lotse.foundation.core.search.index import ANY_LANG, BAR, SUMMARY, TITLE, TOPIC
from lotse.foundation.core.search.results import Why

_LANGS = ("de", "en")
_AROUND = "„“”»«\"'()[].,;:!?…–-/"


class _Place(NamedTuple):
    name: str
    terms: frozenset[str]


def reasons(row: fulltext.Shown, groups: Sequence[Group]) -> tuple[list[Why], list[str]]:
    """For each word the narrowest place with the word itself, else the narrowest with something
    that means the same; and the words that are met nowhere. No query."""
    places = list(_places(row))
    everything = frozenset().union(*(place.terms for place in places))
    why, missing = [], []
    for group in groups:
        itself = [tokens for tokens in group.words if everything.issuperset(tokens)]
        other = [tokens for tokens in group.alternatives if tokens not in group.words]
        other = [tokens for tokens in other if everything.issuperset(tokens)]
        met = _whole(places, itself) or _whole(places, other) or _strewn(places, itself or other)
        if met is None:
            missing.append(group.word)
        else:
            why.append(_why(row, group, *met))
    return why, missing


def _places(row: fulltext.Shown) -> Iterator[_Place]:
    """The title, then what is near to it, then the texts, each with its terms."""
    yield _Place(TITLE, frozenset(row.title_terms.split()))
    near, bar, texts = row.fields.partition("/")
    if not bar:
        near, texts = TOPIC, row.fields
    segments = [(near, row.topic_terms), (texts, row.body_terms)]
    for names, terms in segments:
        for name, some in zip(names.split(), terms.split(BAR), strict=False):
            yield _Place("" if name == "-" else name, frozenset(some.split()))


Met = tuple[_Place, tuple[str, ...]]


def _whole(places: Iterable[_Place], ways: Sequence[tuple[str, ...]]) -> Met | None:
    found = ((p, tokens) for p in places for tokens in ways if p.terms.issuperset(tokens))
    return next(found, None)


def _strewn(places: Iterable[_Place], ways: Sequence[tuple[str, ...]]) -> Met | None:
    """The parts stand in different places: the first of them counts."""
    return next(((p, ways[0]) for p in places if not p.terms.isdisjoint(ways[0])), None) \
        if ways else None  # fmt: skip


def _why(row: fulltext.Shown, group: Group, place: _Place, tokens: tuple[str, ...]) -> Why:
    langs = _LANGS if row.lang == ANY_LANG else (row.lang,)
    token = next(filter(concepts.is_token, tokens), "")
    if token:
        # What the title means stands in a place of its own, its words in the title.
        near = place.terms if place.name != TITLE else frozenset(row.title_terms.split())
        return Why(place.name, group.word, concepts.phrase_in(token, near, langs), meant=True)
    text = {TITLE: row.title, SUMMARY: row.summary}.get(place.name, "")
    return Why(place.name, group.word, _standing(text, tokens, langs) or group.word)


def _standing(text: str, tokens: Collection[str], langs: Iterable[str]) -> str:
    """The words of a text with these terms, as they stand there."""
    words = [word for part in text.split() if (word := part.strip(_AROUND))]
    for lang in langs:
        found = [
            word
            for word in words
            if not set(tokens).isdisjoint(word_terms(word, lang, keep_stop_words=True))
        ]
        if found:
            return " ".join(dict.fromkeys(found))
    return ""
