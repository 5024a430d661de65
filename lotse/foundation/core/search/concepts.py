"""Concepts: phrases that mean the same, so that a question finds what is said in other words.

They come from the topics with their synonyms (`hooks.search_concepts`) and from
`content/words.yaml` (abbreviations, the languages of firms and of nonprofits). A text in which a
phrase stands gets the token of its concept into the index; a question in which one stands asks for
that token too.
"""

import re
import threading
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from uuid import uuid4

import yaml
from django.conf import settings
from django.core.cache import cache
from django.db import transaction

from lotse.foundation.core import hooks, tasks
from lotse.foundation.core.search import spelling, stems
from lotse.foundation.core.search.stems import Reading

# How long a process goes on with what it knows of the concepts.
SECONDS = 60
_TOKEN = "k0"  # noqa: S105  # no secret
_EQUAL = f"{_TOKEN}equal0"
_MARK = "search.concepts"
_QUEUED = "search.concepts.queued"


@dataclass
class Table:
    """The phrases of one language: single words by their sense, longer ones by their first term."""

    words: dict[str, list[str]] = field(default_factory=dict)
    phrases: dict[str, dict[tuple[str, ...], list[str]]] = field(default_factory=dict)

    def add(self, phrase: Sequence[Reading], token: str) -> None:
        if len(phrase) == 1:
            tokens = self.words.setdefault(phrase[0].sense, [])
        else:
            terms = tuple(reading.term for reading in phrase)
            tokens = self.phrases.setdefault(terms[0], {}).setdefault(terms, [])
        if token not in tokens:
            tokens.append(token)

    def at(self, text: Sequence[Sequence[Reading]], place: int) -> Iterable[tuple[int, list[str]]]:
        """The phrases that begin at a place of a text: (number of words, tokens)."""
        for reading in text[place]:
            if reading.sense in self.words:
                yield 1, self.words[reading.sense]
            for terms, tokens in self.phrases.get(reading.term, {}).items():
                rest = text[place : place + len(terms)]
                if len(rest) == len(terms) and all(map(_reads, rest, terms)):
                    yield len(terms), tokens


def _reads(readings: Sequence[Reading], term: str) -> bool:
    return any(reading.term == term for reading in readings)


Source = list[tuple[str, tuple[str, ...]]]


class _Known:
    """What this process knows of the concepts, and the mark under which it learned that."""

    def __init__(self) -> None:
        self.source: Source = []
        self.tables: dict[str, Table] = {}
        self.phrases: dict[str, tuple[str, ...]] = {}
        self.mark = ""
        self.lock = threading.Lock()


_known = _Known()


def token(key: str) -> str:
    """The term that stands for a concept in the index; no word of a text has its form."""
    return _TOKEN + "0".join(filter(None, map(stems.fold, re.split(r"\W+", key))))


def is_token(term: str) -> bool:
    """Whether a term of the index stands for a concept."""
    return term.startswith(_TOKEN)


def phrase_in(token: str, terms: Collection[str], langs: Iterable[str]) -> str:
    """The phrase of a concept that is said with these terms, as the concept has it, the name of a
    topic first; "" where there is none. No query."""
    for phrase in _known.phrases.get(token, ()):
        for lang in langs:
            if any(all(one.term in terms for one in form) for form in _forms(phrase, lang)):
                return phrase
    return ""


def is_topic(token: str) -> bool:
    """Whether a token stands for a concept of a room, not for a group of equal words."""
    return not token.startswith(_EQUAL)


def table(lang: str) -> Table:
    """The phrases of a language.

    A mark in the cache says how long that holds: once in a minute, and after `forget`, the rooms
    are asked whether theirs changed (a query for each that has concepts); otherwise no query.
    """
    mark = cache.get(_MARK)
    if mark is None or mark != _known.mark:
        _learn(mark or uuid4().hex)
    tables = _known.tables
    if lang not in tables:
        tables[lang] = _built(_known.source, lang)
    return tables[lang]


def _learn(mark: str) -> None:
    with _known.lock:
        source = _read()
        if source != _known.source:
            _known.source, _known.tables = source, {}
            _known.phrases = {token(key): phrases for key, phrases in source}
        _known.mark = mark
        cache.add(_MARK, mark, SECONDS)


def forget() -> None:
    """Has the concepts read anew the next time: they changed."""
    cache.delete(_MARK)


def changed() -> None:
    """Called in the transaction that changed concepts: a task puts all texts into the index anew,
    when each process has learned of the change. One query."""
    forget()
    transaction.on_commit(forget)
    if cache.get(_QUEUED) is None:  # else one that is still to run takes this change along
        put_anew.enqueue(delay=timedelta(seconds=2 * SECONDS))
        transaction.on_commit(lambda: cache.set(_QUEUED, True, 2 * SECONDS - 5))


@tasks.task()
def put_anew() -> None:
    """Puts all texts into the index with the concepts of now; run twice it does no more."""
    from lotse.foundation.core.search import index

    forget()
    index.reindex()


def _read() -> Source:
    rooms = [(key, tuple(phrases)) for source in hooks.search_concepts for key, phrases in source()]
    return rooms + _own_words(str(settings.CONTENT_DIR))


@lru_cache(maxsize=2)
def _own_words(folder: str) -> Source:
    """The groups of `content/words.yaml`; each is called after its first word."""
    with (Path(folder) / "words.yaml").open("rb") as file:
        groups = yaml.safe_load(file)["words"]
    return [(f"equal {group[0]}", tuple(group)) for group in groups]


def _built(source: Source, lang: str) -> Table:
    built = Table()
    for key, phrases in source:
        for phrase in phrases:
            for form in _forms(phrase, lang):
                built.add(form, token(key))
    return built


@lru_cache(maxsize=1024)
def _forms(phrase: str, lang: str) -> list[tuple[Reading, ...]]:
    """A phrase with and without the words that say nothing, its hyphens joined and parted."""
    found = spelling.words(phrase, lang)
    whole = [word.text for word in found]
    parted = [piece for word in found for piece in word.pieces or (word.text,)]
    content = [word.text for word in found if not stems.is_stop_word(word.text, lang)]
    forms = [whole, parted] + ([content] if len(content) > 1 else [])
    return list(dict.fromkeys(read for form in forms if (read := _read_all(form, lang))))


def _read_all(words: list[str], lang: str) -> tuple[Reading, ...]:
    return tuple(found[0] for word in words if (found := stems.readings(word, lang)))
