"""Rows of the database as data a person may take along, and texts without a person's name."""

import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Model

GONE = "[entfernt]"
# What opens doors stays out of every export, even the person's own (T57).
SECRETS = frozenset(
    {"password", "token_hash", "digest", "key", "key_hash", "session_key", "session_data", "salt",
     "secret", "data", "token", "hash", "check_in_code"}
)  # fmt: skip


def row(obj: Model, *, without: Sequence[str] = ()) -> dict[str, Any]:
    """Every field of a row but keys of the database and secrets, so that no new field is
    forgotten; dates as ISO 8601."""
    left_out = SECRETS.union(without)
    return {
        field.name: plain(getattr(obj, field.name))
        for field in obj._meta.concrete_fields
        if not field.primary_key and not field.is_relation and field.name not in left_out
    }


def rows(found: Iterable[Model], *, without: Sequence[str] = ()) -> list[dict[str, Any]]:
    """The same for many."""
    return [row(one, without=without) for one in found]


def plain(value: Any) -> Any:
    """A value as JSON knows it."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, bytes | memoryview):
        return f"{len(bytes(value))} Byte"
    return str(value) if isinstance(value, UUID) else value


def without_words(value: Any, words: Sequence[str]) -> Any:
    """The value with each of the words replaced, in texts and inside lists and maps."""
    if isinstance(value, str):
        for word in words:
            value = re.sub(rf"(?<!\w){re.escape(word)}(?!\w)", GONE, value, flags=re.IGNORECASE)
        return value
    if isinstance(value, dict):
        return {key: without_words(inner, words) for key, inner in value.items()}
    if isinstance(value, list):
        return [without_words(inner, words) for inner in value]
    return value


def planned(
    what: Any, count: int, act: str, *, kind: str, reason: Any = "", until: Any = ""
) -> list[dict[str, Any]]:
    """One line of an erasure report; nothing where there is nothing. `act` is delete,
    pseudonymise or keep, `kind` the class of the policy (A to E)."""
    if not count:
        return []
    line = {"what": what, "count": count, "act": act, "class": kind, "reason": reason}
    return [{name: str(text) if name != "count" else text for name, text in line.items()}
            | {"until": str(until)}]  # fmt: skip
