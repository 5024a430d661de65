"""The action log: every write of a service leaves one line in the same transaction."""

from typing import Any
from uuid import UUID

from lotse.foundation.core import hooks
from lotse.foundation.core.actor import Actor
from lotse.foundation.core.models import Entity, LogEntry


def record(
    code: str,
    obj: Entity,
    *,
    actor: Actor,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    subject: UUID | None = None,
) -> None:
    """Writes one line. Call inside the transaction of the act. One query (T41)."""
    LogEntry.objects.create(
        actor=actor.ref,
        code=code,
        object_type=obj._meta.label_lower,
        object_uuid=obj.uuid,
        subject_uuid=subject,
        before=before,
        after=after,
    )


def name(code: str) -> str:
    """What a code or a kind of thing is called on the screen; itself where nobody named it."""
    found: str = next((str(names[code]) for names in hooks.action_names if code in names), code)
    return found


def codes_like(words: str) -> list[str]:
    """The codes whose name or own text holds the words."""
    wanted = words.casefold()
    return [
        code for names in hooks.action_names for code, said in names.items()
        if wanted in str(said).casefold() or wanted in code
    ]  # fmt: skip


def forget(subject: UUID) -> int:
    """Deletes all lines that belong to a deleted object; returns how many."""
    return LogEntry.objects.filter(subject_uuid=subject).delete()[0]
