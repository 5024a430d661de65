"""From a text to the words of the index: folded, without stop words, cut to their stems."""

import re
import unicodedata
from functools import lru_cache
from pathlib import Path

import Stemmer

_WORD = re.compile(r"[^\W_]+", re.UNICODE)
_GENDER = re.compile(r"(?<=\w)[*:_/](?:-?)(?=(?:in|innen|r|n)\b)", re.IGNORECASE)
MOST_TERMS = 24

_HERE = Path(__file__).parent
_STOP = {
    lang: frozenset((_HERE / f"stopwords.{lang}.txt").read_text(encoding="utf-8").split())
    for lang in ("de", "en")
}
_FOLD = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})


@lru_cache(maxsize=4)
def _stemmer(lang: str) -> Stemmer.Stemmer:
    return Stemmer.Stemmer("german" if lang == "de" else "english")


def _stem(word: str, lang: str) -> str:
    """The stem with umlauts written out, so that "Foerderung" meets "Förderung"."""
    stemmer = _stemmer(lang)
    stem = stemmer.stemWord(word)
    folded = unicodedata.normalize("NFKD", stem.translate(_FOLD))
    return "".join(c for c in folded if c.isalnum())


def terms(text: str, lang: str, *, keep_stop_words: bool = False) -> list[str]:
    """The stems of a text in order, each once.

    Gender marks are dropped ("Berater*innen" -> "beraterinnen"), numbers stay.
    """
    text = _GENDER.sub("", unicodedata.normalize("NFC", text)).casefold()
    stop = _STOP.get(lang, _STOP["de"])
    found: dict[str, None] = {}
    for word in _WORD.findall(text):
        if (word in stop and not keep_stop_words) or len(word) > 60:
            continue
        stem = _stem(word, lang)
        if stem:
            found[stem] = None
    return list(found)
