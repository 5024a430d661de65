"""From a word to its terms: lemma, stem, umlauts written out.

Umlauts that the lemma keeps stay ("Förderung" is not "Forderung"), those of inflection go with it
("Häuser", "Haus"). Snowball alone would lose both.
"""

import unicodedata
from functools import cache, lru_cache
from typing import NamedTuple

import Stemmer

from lotse.foundation.core.search import compounds, dictionary, spelling

_STOP = {lang: compounds.read_words(f"stopwords.{lang}.txt") for lang in ("de", "en")}
_FOLD = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
LONGEST = 60
_LONGEST_CAPITALS = 6


class Reading(NamedTuple):
    """One way to read a word: its term, what it means as a word of its own, the ways it is parted
    in two, all its parts.

    `sense` is the term where the word is a noun; what is none ("helfen") keeps its lemma, so that
    it does not mean what a noun of the same stem does ("Helfer").
    """

    term: str
    sense: str
    pairs: tuple[tuple[str, str], ...] = ()
    parts: tuple[str, ...] = ()


def fold(word: str) -> str:
    """A word without case and accents, umlauts written out; letters and digits only, cut where no
    word of a language goes on: one sign may stand for eighteen, and PostgreSQL has its bounds."""
    # Signs such as "𝒜" have their case only when they are taken apart.
    folded = unicodedata.normalize("NFKD", word.casefold().translate(_FOLD)).casefold()
    return "".join(c for c in folded if c.isalnum())[:LONGEST]


def is_stop_word(word: str, lang: str, *, loud: bool = False) -> bool:
    """Whether a word says nothing; "IT" is no "it", but where a whole text is `loud`."""
    if word.casefold() not in _STOP.get(lang, _STOP["de"]):
        return False
    return loud or len(word) == 1 or not word.isupper()


@cache
def _stemmer(lang: str) -> Stemmer.Stemmer:
    # Snowball's own cache has no use beside ours.
    return Stemmer.Stemmer("german" if lang == "de" else "english", 0)


def stem(folded: str, lang: str) -> str:
    """The stem of a folded word. Snowball takes "ae" for an umlaut and makes "a" of it: what it
    took out of the middle is put back."""
    cut = _stemmer(lang).stemWord(folded)
    if folded.startswith(cut):
        return str(cut)
    kept, place = [], 0
    for letter in cut:
        if place < len(folded) and folded[place] == "e" != letter:
            kept.append("e")
            place += 1
        if place >= len(folded) or folded[place] != letter:
            return str(cut)
        kept.append(letter)
        place += 1
    return "".join(kept)


@lru_cache(maxsize=6000)
def readings(word: str, lang: str) -> tuple[Reading, ...]:
    """The ways to read a word, the likeliest first; empty for what has no letters or digits.

    A German word in small letters is read as a noun too, for so people type ("betrieb" is a form
    of "betreiben" as well). About 30 µs when it is new, 1 µs when not.
    """
    if len(word) > LONGEST or not (plain := fold(word)):
        return ()
    letters = word.rstrip("s")
    if letters.isupper() and 1 < len(letters) <= _LONGEST_CAPITALS:
        short = fold(letters) if len(word) - len(letters) == 1 else plain
        return (Reading(short, short),)
    if plain.isdigit() or lang != "de":
        term = stem(plain, lang)
        return (Reading(term, term),)
    return tuple(dict.fromkeys(_german(spelling.umlauts(word))))


def _german(word: str) -> list[Reading]:
    noun = dictionary.noun(word)
    if word[:1].isupper():
        return [_reading(word, noun or dictionary.known(word.lower()))]
    other = dictionary.known(word)
    if other and noun and noun.lower() != other:
        return [_reading(word, other), _reading(word, noun)]
    return [_reading(word, other or noun)]


def _reading(word: str, lemma: str | None) -> Reading:
    noun = lemma is None or lemma[:1].isupper()
    pairs = compounds.splits(word) if noun else ()
    if lemma is None and pairs:
        # A compound that the dictionary does not have is inflected as its tail is.
        lemma = word[: spelling.tail_place(word)] + pairs[0][1]
    term = _term(lemma or word)
    return Reading(
        term,
        term if noun else f"~{fold(lemma or word)}",
        tuple(dict.fromkeys((_term(head), _term(tail)) for head, tail in pairs)),
        tuple(dict.fromkeys(_term(part) for part in compounds.parts(word))) if pairs else (),
    )


@lru_cache(maxsize=2048)
def _term(lemma: str) -> str:
    return stem(fold(dictionary.masculine(lemma)), "de")
