"""From a text to its words: gender forms, hyphens and shortened pairs made plain."""

import re
import unicodedata
from typing import NamedTuple

from lotse.foundation.core.search import compounds, dictionary

_WORD = re.compile(r"[^\W_]+(?:-[^\W_]+)*")
_SOFT_HYPHEN = "\u00ad"
_LINE_END = re.compile(r"(?<=[^\W\d_])-[ \t]*\r?\n[ \t]*(?=[a-zäöüß])")
_GENDER = (
    # Berater(in), Mitarbeiter(innen)
    ("(", re.compile(r"(?<=[^\W\d_])\((in|innen)\)"), r"\1"),
    # Berater*in, Berater:innen, Berater_in, Berater/in, Berater/-innen, jede*r, gute/-n
    ("*:_/", re.compile(r"(?<=[^\W\d_])[*:_/]-?(in|innen|r|n|s)\b", re.IGNORECASE), r"\1"),
    # BeraterInnen, LehrerIn
    ("I", re.compile(r"(?<=[a-zäöüß])In(nen)?(?![^\W\d_])"), r"in\1"),
)
_DASHES = str.maketrans("‐‑–—−", "-----")
_LETTERS = r"[^\W\d_]+"
_AND = r"(?:,| und| oder| bzw\.?| sowie|\s?/|\s?&)"
# "Aus-, Fort- und Weiterbildung": the first word, and behind it the one that has the tail.
_TAIL_SHARED = re.compile(rf"\b({_LETTERS})-(?={_AND}\s*(?:{_LETTERS}-{_AND}\s*)*({_LETTERS}))")
_HEAD_SHARED = re.compile(rf"\b({_LETTERS})({_AND}\s*)-({_LETTERS})")
_UMLAUTS = re.compile("ae|oe|ue|ss|Ae|Oe|Ue")
# "Strass" is a word too, so that the dictionary does not take offence.
_STREET = re.compile("([Ss])trasse")
_WRITTEN = {
    "ae": "ä", "oe": "ö", "ue": "ü", "ss": "ß", "Ae": "Ä", "Oe": "Ö", "Ue": "Ü",
}  # fmt: skip


class Word(NamedTuple):
    """A word without its hyphens, as it is written, and its pieces where hyphens part it."""

    text: str
    shown: str
    pieces: tuple[str, ...] = ()


def words(text: str, lang: str) -> list[Word]:
    """The words of a text in order. "Aus- und Weiterbildung" gives "Ausbildung" and
    "Weiterbildung", "Berater:in" "Beraterin"."""
    text = unicodedata.normalize("NFC", text).replace(_SOFT_HYPHEN, "").translate(_DASHES)
    if "-" in text:
        text = _LINE_END.sub("", text)
    if lang == "de":
        text = _plain(text)
    return [_word(match) for match in _WORD.findall(text)]


def _plain(text: str) -> str:
    """Without marks of gender and shortened pairs; a pattern runs where its sign is in the text."""
    for signs, form, plain in _GENDER:
        if any(sign in text for sign in signs):
            text = form.sub(plain, text)
    if "-" in text:
        text = _HEAD_SHARED.sub(_with_head, _TAIL_SHARED.sub(_with_tail, text))
    return text


def _word(match: str) -> Word:
    if "-" not in match:
        return Word(match, match)
    pieces = tuple(match.split("-"))
    return Word("".join(pieces), match, pieces)


def _with_tail(match: re.Match[str]) -> str:
    """The first word of "Aus- und Weiterbildung", with the tail of the last one."""
    first, last = match[1], match[2]
    for place in range(2, len(last) - 2):
        whole = first + last[place:].lower()
        if dictionary.noun(whole):
            return whole
    return first + last[tail_place(last) :].lower()


def _with_head(match: re.Match[str]) -> str:
    """The second word of "Gesundheitsschutz und -förderung", with the head of the first."""
    first, between, tail = match[1], match[2], match[3]
    return f"{first}{between}{first[: tail_place(first) % len(first)]}{tail.lower()}"


def tail_place(word: str) -> int:
    """Where the tail of a compound begins; its length where it is none."""
    pairs = compounds.splits(word)
    places = range(len(word) - 2, 2, -1) if pairs else ()
    return next((i for i in places if dictionary.noun(word[i:]) == pairs[0][1]), len(word))


def umlauts(word: str) -> str:
    """A word typed with ae, oe, ue or ss for umlauts, as the dictionary has it; else as it was."""
    word = _STREET.sub(r"\1traße", word)
    places = list(_UMLAUTS.finditer(word))[:3]
    if not places or _is_known(word):
        return word
    written = [
        _replaced(word, [place for bit, place in enumerate(places) if choice >> bit & 1])
        for choice in range(1, 1 << len(places))
    ]
    found = next((form for form in written if _is_known(form)), None)
    if found is None and not compounds.splits(word):
        found = next((form for form in written if compounds.splits(form)), None)
    return found or word


def _replaced(word: str, places: list[re.Match[str]]) -> str:
    for place in reversed(places):
        word = word[: place.start()] + _WRITTEN[place[0]] + word[place.end() :]
    return word


def _is_known(word: str) -> bool:
    return bool(dictionary.noun(word) or dictionary.known(word.lower()))
