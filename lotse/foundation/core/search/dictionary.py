"""The German dictionary: from a form to its lemma, on disk, mapped into memory.

simplemma brings the forms. Loaded as it comes it takes 105 MB of every process; here it is written
once as a trie of 4.6 MB whose values are edits of the key, and each process maps the same pages.
"""

import os
import subprocess
import sys
from functools import cache
from importlib.metadata import version
from itertools import takewhile
from pathlib import Path

from django.conf import settings
from marisa_trie import BytesTrie

_LONGEST = 40


def _name() -> str:
    return f"de-{version('simplemma')}-1.trie"


def places() -> list[Path]:
    """Where the dictionary may lie: with the installation, or among the data."""
    return [Path(settings.WORDS_DIR) / _name(), Path(settings.DATA_DIR) / "words" / _name()]


def build() -> Path:
    """Writes the dictionary, into the first place that can be written; takes some seconds and
    150 MB for that time. Raises OSError when no place can be written."""
    from simplemma.strategies.dictionaries import DefaultDictionaryFactory

    forms = DefaultDictionaryFactory().get_dictionary("de")
    trie = BytesTrie(
        (form, _edit(form, lemma)) for form, lemma in forms.items() if len(form) <= _LONGEST
    )
    failed: OSError | None = None
    for path in places():
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            # Another process may be building too: each writes its own, the last one stays.
            draft = path.with_name(f"{path.name}.{os.getpid()}")
            trie.save(str(draft))
            draft.replace(path)
        except OSError as error:
            failed = error
        else:
            return path
    raise failed or OSError("no place for the dictionary")


def _edit(form: str, lemma: str) -> bytes:
    """How a form becomes its lemma: so many letters off the end, then these on."""
    same = sum(
        1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(form, lemma, strict=False))
    )
    return bytes([len(form) - same]) + lemma[same:].encode()


@cache
def _trie() -> BytesTrie:
    path = next((path for path in places() if path.exists()), None)
    if path is None:
        # In a process of its own: the memory that building takes is given back.
        command = [sys.executable, "-m", "lotse.cli", "buildwords"]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)  # noqa: S603  our own
        path = next(path for path in places() if path.exists())
    return BytesTrie().mmap(str(path))


def known(form: str) -> str | None:
    """The lemma of a form written exactly so, None where the dictionary does not have it."""
    value = _trie().get(form)
    if not value:
        return None
    edit: bytes = value[0]
    return form[: len(form) - edit[0]] + edit[1:].decode()


def noun(form: str) -> str | None:
    """The lemma of a form taken as a noun, whatever its case; None where it is none."""
    return known(form[:1].upper() + form[1:].lower())


def masculine(lemma: str) -> str:
    """The general form of a word for women ("Beraterin" -> "Berater"), so that both meet; a word
    that only ends so ("Termin") stays. Words in -in have a plural in -innen."""
    if not lemma.endswith("in") or known(f"{lemma}nen") != lemma:
        return lemma
    root = lemma[:-2]
    plain = root.translate(_PLAIN)
    for form in (f"{root}e", root, f"{plain}e", plain):
        if known(form) == form:
            return form
    return lemma


_PLAIN = str.maketrans("äöüÄÖÜ", "aouAOU")
