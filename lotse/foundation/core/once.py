"""Idempotency: a form sent twice is worked on once and answered the same (T38)."""

import hashlib
import re
import secrets
from typing import Any

from lotse.foundation.core import db
from lotse.foundation.core.errors import InProgress
from lotse.foundation.core.models import FirstAnswer

FIELD = "_key"
_FORM = re.compile(r"[A-Za-z0-9_-]{16,64}")


def new_key() -> str:
    """A key for one rendering of a form."""
    return secrets.token_urlsafe(18)


def key_from(data: Any) -> str:
    """The key of a submitted form; a missing or malformed one counts as a form of its own."""
    key = data.get(FIELD, "")
    return key if isinstance(key, str) and _FORM.fullmatch(key) else new_key()


class Claim:
    """The right to answer a key first. `answer` is set when somebody already did."""

    def __init__(self, row: int | None, answer: Any) -> None:
        self._row = row
        self.answer = answer

    @property
    def repeated(self) -> bool:
        return self._row is None

    def remember(self, result: Any) -> None:
        """Keeps what the repeated request will be answered. One query."""
        if self._row is not None:
            FirstAnswer.objects.filter(pk=self._row).update(result=result)


def claim(key: str, *, scope: str) -> Claim:
    """Claims `key` for `scope`; call first inside the transaction of the act. One query.

    Raises InProgress while another transaction works on the same key (PostgreSQL; on SQLite the
    second transaction waits and then finds the answer).
    """
    digest = hashlib.sha256(f"{scope}|{key}".encode()).digest()
    row = db.claim_first_answer(digest)
    if row is not None:
        return Claim(row, None)
    found = FirstAnswer.objects.filter(digest=digest).values_list("result", flat=True)
    if not found:
        raise InProgress
    return Claim(None, found[0])


def is_finished(key: str, *, scope: str) -> bool:
    """Whether a form with this key was already worked on. One query."""
    digest = hashlib.sha256(f"{scope}|{key}".encode()).digest()
    return FirstAnswer.objects.filter(digest=digest).exists()
