"""Typing errors in names: words that occur nowhere, one letter away from a word of a title."""

import re
from collections import Counter
from collections.abc import Callable, Sequence

from lotse.foundation.core import fulltext
from lotse.foundation.core.search.analysis import Group, title_words

SHORTEST = 3
_MOST_TITLES = 200
_WORD = re.compile(r"[^\W_]+")


def corrected(
    groups: Sequence[Group], scope: fulltext.Scope, *, read: Callable[[str], Sequence[Group]]
) -> dict[Group, Group]:
    """For each word that has one: what `read` makes of the name that was meant, so that it finds
    what the right spelling does. One query.

    Only names of what may be seen now are looked at, so that no hidden name is given away.
    """
    asked = {group: word for group in groups if (word := _word(group))}
    if not asked:
        return {}
    keys = sorted({key for word in asked.values() for key in neighbours(word)})
    titles = fulltext.names_near(keys, scope, limit=_MOST_TITLES)
    known = Counter(word for _title, words in titles for word in words.split())
    found = {}
    for group, word in asked.items():
        near = [name for name in known if _is_meant(word, name)]
        if near:
            best = min(near, key=lambda name: (name[0] != word[0], -known[name], name))
            written = _as_written(best, titles)
            right = read(written)
            found[group] = right[0] if len(right) == 1 else Group(written, ((best,),))
    return found


def _is_meant(word: str, name: str) -> bool:
    """A short word ("Mol") is taken for the beginning of a name only."""
    if word == name or not is_near(word, name):
        return False
    return len(word) > SHORTEST or name.startswith(word)


def _word(group: Group) -> str:
    words = title_words(group.word)
    return words[0] if len(words) == 1 and len(words[0]) >= SHORTEST else ""


def _as_written(name: str, titles: list[tuple[str, str]]) -> str:
    for title, words in titles:
        if name in words.split():
            for written in _WORD.findall(title):
                if title_words(written) == [name]:
                    return str(written)
    return name


def neighbours(word: str) -> set[str]:
    """The word, and the word with one letter left out: what the index keeps of a name as well."""
    return {word, *(word[:i] + word[i + 1 :] for i in range(len(word)))}


def is_near(one: str, other: str) -> bool:
    """Whether one letter added, left out, changed, or two neighbours swapped make them equal."""
    if len(one) > len(other):
        one, other = other, one
    if len(other) - len(one) > 1:
        return False
    at = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), len(one))
    if len(one) < len(other):
        return one[at:] == other[at + 1 :]
    rest = one[at + 1 :] == other[at + 1 :]
    swapped = one[at : at + 2] == other[at : at + 2][::-1] and one[at + 2 :] == other[at + 2 :]
    return rest or swapped
