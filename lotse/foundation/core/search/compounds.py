"""German compounds: the parts a long word is made of, by the dictionary alone.

A split needs a known head and a known noun as tail, of four letters or more (a reviewed list has
the shorter ones). Of several splits the one with the plainest head is taken, then the one with the
longest. What the rule gets wrong stands in the lists in `data`.
"""

from functools import lru_cache
from pathlib import Path

from lotse.foundation.core.search import dictionary

_DATA = Path(__file__).parent / "data"


def read_words(name: str) -> frozenset[str]:
    """A list of words from `data`: one or more in a line, after # a remark."""
    lines = (_DATA / name).read_text(encoding="utf-8").splitlines()
    return frozenset(word for line in lines for word in line.split("#")[0].split())


_WHOLE = read_words("compounds-never.de.txt")
_NO_HEAD = read_words("compounds-no-head.de.txt")
_NO_TAIL = read_words("compounds-no-tail.de.txt")
_SHORT = read_words("compounds-short.de.txt")
_LEAST = 4
# Letters between the parts; the longer first, for "ns" is no "n" and "s".
_LINKS = ("", "s", "n", "en", "es", "er", "ns", "e")


@lru_cache(maxsize=2048)
def splits(word: str) -> tuple[tuple[str, str], ...]:
    """The ways to part a compound in two, as lemmas, the longest head first; empty where it is
    none. "Jugendfeuerwehr" has two ways, for "Jugendfeuer" is a word as well. No query."""
    lower = word.lower()
    if len(lower) < 7 or len(lower) > 60 or _is_whole(lower):
        return ()
    found: dict[str, tuple[int, str, str]] = {}
    for place in range(len(lower) - 3, 2, -1):
        tail = _tail(lower[place:])
        head = tail and _head(lower[:place])
        # Of one head the plainest way, and the shortest tail: "Arbeitstag" has a day in it, no
        # stag; "Steuererklärung" is no "Klärung".
        if tail and head and (head[1] not in found or head[0] < found[head[1]][0]):
            found[head[1]] = head[0], head[1], tail
    plainest = min((rank for rank, _, _ in found.values()), default=0)
    return tuple((head, tail) for rank, head, tail in found.values() if rank == plainest)


def parts(word: str) -> list[str]:
    """All parts of a compound down to the smallest, as lemmas; without the word itself."""
    halves = (half for pair in splits(word) for half in pair)
    return list(dict.fromkeys(part for half in halves for part in (half, *parts(half))))


def _is_whole(lower: str) -> bool:
    return lower in _WHOLE or (dictionary.noun(lower) or "").lower() in _WHOLE


@lru_cache(maxsize=2048)
def _tail(text: str) -> str | None:
    if text in _NO_TAIL or (len(text) < _LEAST and text not in _SHORT):
        return None
    lemma = dictionary.noun(text)
    if lemma is None or not lemma[:1].isupper() or lemma.lower() in _NO_TAIL:
        return None
    return lemma if len(lemma) >= _LEAST or lemma.lower() in _SHORT else None


@lru_cache(maxsize=2048)
def _head(text: str) -> tuple[int, str] | None:
    """How plain a head is (0 is plainest), and its lemma."""
    for link in _LINKS:
        stem = text[: len(text) - len(link)]
        if text.endswith(link) and _may_head(stem):
            lemma = dictionary.noun(stem)
            # A link stands behind the word itself, no link behind any of its forms.
            if lemma and lemma[:1].isupper() and (not link or lemma.lower() == stem):
                return int(link not in {"", "s"}), lemma
    if not _may_head(text):
        return None
    # "Schul-" of Schule, "groß-", "Prüf-" of prüfen.
    lemma = dictionary.noun(f"{text}e")
    if lemma and lemma[:1].isupper():
        return 2, lemma
    if dictionary.known(text) == text or text in _SHORT:
        return 2, text
    for ending in ("en", "n"):
        if dictionary.known(text + ending) == text + ending:
            return 3, text + ending
    return None


def _may_head(text: str) -> bool:
    return text not in _NO_HEAD and (len(text) >= _LEAST or text in _SHORT)
