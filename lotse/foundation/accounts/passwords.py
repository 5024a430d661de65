"""What makes a password acceptable: length and not being an obvious one; no composition (T29)."""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

MIN_LENGTH = 12
MAX_LENGTH = 128
_LEFT_OVER = 6
_NOT_A_WORD = re.compile(r"[\W\d_]+")


@lru_cache(maxsize=1)
def _common() -> frozenset[str]:
    return frozenset(CommonPasswordValidator().passwords)


def faults(password: str, *, words: Iterable[str] = ()) -> list[str]:
    """What speaks against a password, in words; empty when nothing does.

    Counted is what is stored (NFC). `words` are those of the network: a password that is made of
    them, or a common one with digits around it, is as easy to guess as the word.
    """
    password = unicodedata.normalize("NFC", password)
    if len(password) < MIN_LENGTH:
        return [
            _("Bitte nehmen Sie mindestens %(least)d Zeichen; es sind %(given)d.")
            % {"least": MIN_LENGTH, "given": len(password)}
        ]
    if len(password) > MAX_LENGTH:
        return [
            _("Bitte nehmen Sie höchstens %(most)d Zeichen; es sind %(given)d.")
            % {"most": MAX_LENGTH, "given": len(password)}
        ]
    if _obvious(password.lower().strip(), words):
        return [_("Dieses Passwort ist leicht zu erraten. Nehmen Sie mehrere Wörter, die nicht "
                  "zusammengehören.")]  # fmt: skip
    return []


def _obvious(password: str, words: Iterable[str]) -> bool:
    bare = _NOT_A_WORD.sub("", password)
    if password in _common() or (bare in _common() and len(bare) < MIN_LENGTH):
        return True
    if len(set(password)) < 5:
        return True
    rest = bare
    own = {part for word in ["lotse", *words] for part in _parts(word)}
    for part in sorted(own, key=len, reverse=True):
        rest = rest.replace(part, "")
    # Digits alone do not save a password that is otherwise the network's name.
    return rest != bare and len(rest) < _LEFT_OVER


def _parts(word: str) -> list[str]:
    lowered = unicodedata.normalize("NFC", word).lower()
    return [part for part in _NOT_A_WORD.split(lowered) if len(part) >= 4]


class Validator:
    """For Django's list of validators: commands and forms meet the same rule."""

    def validate(self, password: str, user: Any = None) -> None:
        name = str(getattr(user, "email", "") or "").partition("@")[0]
        found = faults(password, words=[name] if name else [])
        if found:
            raise ValidationError(found, code="password")

    def get_help_text(self) -> str:
        return _("Mindestens 12 Zeichen, besser 15 oder mehr. Alle Zeichen und Leerzeichen gehen.")
