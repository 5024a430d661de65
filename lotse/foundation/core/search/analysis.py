"""From a text to the terms of the index, and from a question to groups of such terms.

The same analysis for both databases, here in Python: words made plain (`spelling`), lemma and stem
(`stems`), parts of compounds (`compounds`), phrases of one meaning (`concepts`).
"""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import product

from lotse.foundation.core.search import compounds, concepts, spelling, stems
from lotse.foundation.core.search.concepts import Table
from lotse.foundation.core.search.spelling import Word
from lotse.foundation.core.search.stems import Reading, fold

__all__ = ["Group", "concept_tokens", "fold", "head_asked", "index_terms", "name_keys",
           "query_groups", "title_words", "word_terms"]  # fmt: skip

Tables = Mapping[str, Table]  # by language, that of the question first
MOST_GROUPS = 12
MOST_ALTERNATIVES = 8
_LEAST_FOR_KEYS = 4
_FILLERS = {lang: compounds.read_words(f"fillers.{lang}.txt") for lang in ("de", "en")}
_CASUAL = {lang: compounds.read_words(f"casual.{lang}.txt") for lang in ("de", "en")}
_CASUAL_NOUNS = {
    lang: {word.casefold() for word in words if word[:1].isupper()}
    for lang, words in _CASUAL.items()
}
# From this many words on a question is a sentence; what else a noun of no weight must leave there.
_SENTENCE, _BESIDES = 3, 2


@dataclass(frozen=True)
class Group:
    """One word or phrase of a question: any alternative satisfies it, all terms of one together.

    The words themselves come before the tokens of what they mean. `is_noun` tells what somebody
    looks for from what is said of it.
    """

    word: str
    alternatives: tuple[tuple[str, ...], ...]
    is_concept: bool = False
    is_noun: bool = True

    @property
    def words(self) -> tuple[tuple[str, ...], ...]:
        """The alternatives that are the word itself, not what means the same."""
        return tuple(terms for terms in self.alternatives if not any(map(concepts.is_token, terms)))


def index_terms(text: str, lang: str, *, keep_stop_words: bool = False) -> list[str]:
    """The terms of a text in order, each once: stems, parts of compounds, tokens of concepts.

    No query, but for the one in a minute that `concepts.table` may ask.
    """
    words = word_terms(text, lang, keep_stop_words=keep_stop_words)
    return list(dict.fromkeys([*words, *concept_tokens(text, lang)]))


def word_terms(text: str, lang: str, *, keep_stop_words: bool = False) -> list[str]:
    """The terms of the words themselves: stems and parts of compounds. No query."""
    small, loud = _is_small(text), text.isupper()
    found: dict[str, None] = {}
    for word in spelling.words(text, lang):
        if keep_stop_words or not _says_nothing(word, lang, loud=loud):
            found.update(dict.fromkeys(_terms_of(word, lang, small=small)))
    return list(found)


def concept_tokens(text: str, lang: str) -> list[str]:
    """The tokens of what a text means. As few queries as `concepts.table`."""
    words = spelling.words(text, lang)
    tokens = _tokens_in(words, lang, small=_is_small(text), loud=text.isupper())
    return list(dict.fromkeys(tokens))


def _is_small(text: str) -> bool:
    """Where all is written small, nouns are too."""
    return not any(character.isupper() for character in text)


def title_words(text: str) -> list[str]:
    """The folded words of a title as they stand there, each once: for what begins so, for names."""
    found: dict[str, None] = {}
    for word in spelling.words(text, ""):
        found.update(dict.fromkeys(map(fold, (word.text, *word.pieces))))
    found.pop("", None)
    return list(found)


def name_keys(words: Iterable[str]) -> list[str]:
    """The folded words, and each of four letters or more with one letter left out: two words that
    are one slip apart share a key."""
    keys: dict[str, None] = {}
    for word in words:
        keys[word] = None
        if len(word) >= _LEAST_FOR_KEYS:
            keys.update((word[:place] + word[place + 1 :], None) for place in range(len(word)))
    return list(keys)


def query_groups(text: str, lang: str, *, other_lang: str = "") -> list[Group]:
    """What a question asks for, at most 12 groups; empty for what says nothing.

    Phrases of a concept make one group. With `other_lang` a word is looked for as a word of that
    language too, for entries that are written in one language only.
    """
    words = spelling.words(text, lang)
    tables = {some: concepts.table(some) for some in (lang, other_lang or lang)}
    spans = _spans(words, tables, loud=text.isupper())
    groups: dict[tuple[tuple[str, ...], ...], Group] = {}
    for span in spans:
        group = _group(span, tables)
        if group.alternatives:
            groups.setdefault(group.alternatives, group)
    return list(groups.values())[:MOST_GROUPS]


def head_asked(word: str, lang: str) -> str:
    """What a German compound is about, as a noun ("Küche" of "Küchenplan"); "" for other words."""
    pairs = compounds.splits(spelling.umlauts(word)) if lang == "de" else ()
    return pairs[0][0] if pairs else ""


def _says_nothing(word: Word, lang: str, *, loud: bool) -> bool:
    text = word.text
    return (len(text) == 1 and text.isalpha()) or stems.is_stop_word(text, lang, loud=loud)


def _readings(word: str, lang: str, *, small: bool) -> tuple[Reading, ...]:
    found = stems.readings(word, lang)
    return found if small else found[:1]


def _terms_of(word: Word, lang: str, *, small: bool) -> Iterable[str]:
    for text in (word.text, *(piece for piece in word.pieces if len(piece) > 1)):
        for reading in _readings(text, lang, small=small):
            yield reading.term
            yield from reading.parts


def _tokens_in(words: Sequence[Word], lang: str, *, small: bool, loud: bool) -> Iterable[str]:
    """The tokens of the concepts that a text speaks of: with all its words, without those that say
    nothing, within words with hyphens, and in the head of a compound ("Ausbildungsmesse") that is
    no concept itself ("Ausbildungspaten" are about mentoring)."""
    table = concepts.table(lang)
    content = [word for word in words if not _says_nothing(word, lang, loud=loud)]
    texts = [[word.text for word in words]]
    if len(content) < len(words):
        texts.append([word.text for word in content])
    texts += [list(word.pieces) for word in words if word.pieces]
    for text in texts:
        ways = [_readings(word, lang, small=small) for word in text]
        for place in range(len(ways)):
            for _, tokens in table.at(ways, place):
                yield from tokens
        for way in ways:
            for reading in way:
                if reading.sense not in table.words:
                    for head, _ in reading.pairs:
                        yield from table.words.get(head, ())


@dataclass(frozen=True)
class _Span:
    """Some words of a question, those of them that say something, and the tokens of what they mean
    together."""

    words: list[Word]
    said: list[Word]
    tokens: tuple[str, ...] = ()


def _spans(words: list[Word], tables: Tables, *, loud: bool) -> list[_Span]:
    """The question in phrases and words: phrases with all words first, then what is left without
    the words that say nothing."""
    empty = _empty_words(words, list(tables), loud=loud)
    spans = _phrases(
        [_Span([word], [w for w in (word,) if w not in empty]) for word in words], tables
    )
    kept = [span for span in spans if span.said]
    lang = next(iter(tables))
    full = _without(kept, _FILLERS.get(lang, frozenset()))
    if len(words) >= _SENTENCE:
        full = _without(full, _CASUAL.get(lang, frozenset()))
        light = _without(full, _CASUAL_NOUNS.get(lang, set()))
        full = light if len(light) >= _BESIDES else full
    return _phrases(full, tables)


def _without(spans: list[_Span], words: AbstractSet[str]) -> list[_Span]:
    """Without these words, if that leaves any; phrases stay."""
    left = [s for s in spans if len(s.words) > 1 or s.words[0].text.casefold() not in words]
    return left or spans


def _phrases(spans: list[_Span], tables: Tables) -> list[_Span]:
    """Joins single words to the phrases that begin with them, the longest first."""
    texts = {
        lang: [
            stems.readings(span.words[0].text, lang) if len(span.words) == 1 else ()
            for span in spans
        ]
        for lang in tables
    }
    found, place = [], 0
    while place < len(spans):
        matches = [
            match for lang, table in tables.items() for match in table.at(texts[lang], place)
        ]
        length = max((length for length, _ in matches), default=1)
        tokens = dict.fromkeys(token for size, some in matches if size == length for token in some)
        joined = spans[place : place + length]
        words = [word for span in joined for word in span.words]
        said = [word for span in joined for word in span.said]
        known = spans[place].tokens if length == 1 else ()
        found.append(_Span(words, said, tuple(dict.fromkeys([*known, *tokens]))))
        place += length
    return found


def _empty_words(words: list[Word], langs: list[str], *, loud: bool) -> set[Word]:
    """The words that say nothing; those of the other language where it has most of them."""
    empty = [{word for word in words if _says_nothing(word, lang, loud=loud)} for lang in langs]
    return set().union(*(some for some in empty if some is empty[0] or len(some) > len(empty[0])))


def _group(span: _Span, tables: Tables) -> Group:
    ways: dict[tuple[str, ...], None] = {}
    for lang, table in tables.items():
        single = len(span.words) == 1
        found = _ways(span.words[0], lang, table) if single else _together(span, lang)
        ways.update(dict.fromkeys(found))
    tokens = [(token,) for token in span.tokens]
    return Group(
        " ".join(word.shown for word in span.words),
        (*list(ways)[:MOST_ALTERNATIVES], *tokens),
        is_concept=any(map(concepts.is_topic, span.tokens)),
        is_noun=any(_is_noun(word, next(iter(tables))) for word in span.said),
    )


def _is_noun(word: Word, lang: str) -> bool:
    return any(reading.sense == reading.term for reading in stems.readings(word.text, lang)[:1])


def _together(span: _Span, lang: str) -> list[tuple[str, ...]]:
    """A phrase said with its own words: all of them that say something."""
    said = [found[0].term for word in span.said if (found := stems.readings(word.text, lang))]
    return [tuple(dict.fromkeys(said))] if said else []


def _ways(word: Word, lang: str, table: Table) -> list[tuple[str, ...]]:
    """How one word may stand in a text: whole, in its parts, in pieces where hyphens part it."""
    found = [way for reading in stems.readings(word.text, lang) for way in _of(reading, table)]
    pieces = [
        [way for reading in stems.readings(piece, lang)[:1] for way in _of(reading, table)]
        for piece in word.pieces
        if len(piece) > 1
    ]
    if len(pieces) > 1:
        found += [tuple(term for way in ways for term in way) for ways in product(*pieces)]
    return found


def _of(reading: Reading, table: Table) -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = [(reading.term,)]
    for head, tail in reading.pairs:
        found.append((head, tail))
        found += [(token, tail) for token in table.words.get(head, ())]
    return found
