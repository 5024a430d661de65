"""Saving and publishing in one act: both or neither."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction

from lotse.foundation.core.actor import Actor
from lotse.foundation.parties.models import Organisation
from lotse.rooms.directory.models import Entry, Revision
from lotse.rooms.directory.services import entries, publishing


@transaction.atomic
def save_and_publish(
    entry: Entry,
    *,
    actor: Actor,
    expected: int,
    content: Mapping[str, Any],
    channels: Sequence[str] = (),
    reason: str = "",
    key: str = "",
) -> Revision:
    """Saves a new revision and lets it through for the channels; none only saves.

    Raises what `entries.save` and `publishing.publish` raise: NotAllowed, Conflict, Faulty,
    Refused.
    """
    revision = entries.save(
        entry, actor=actor, expected=expected, content=dict(content), reason=reason, key=key
    )
    _let_through(entry, revision, actor=actor, channels=channels)
    return revision


@transaction.atomic
def create_and_publish(
    organisation: Organisation,
    *,
    actor: Actor,
    content: Mapping[str, Any],
    channels: Sequence[str] = (),
    key: str = "",
) -> Entry:
    """The same for a new service of an organisation."""
    entry = entries.create_service(organisation, actor=actor, content=dict(content), key=key)
    if entry.latest is not None:
        _let_through(entry, entry.latest, actor=actor, channels=channels)
    return entry


def _let_through(
    entry: Entry, revision: Revision, *, actor: Actor, channels: Sequence[str]
) -> None:
    if channels:
        entry.refresh_from_db(fields=["version", "latest"])
        if entry.latest != revision:
            # A form sent again gets its first answer: what came after must not be undone by it.
            return
        publishing.publish(
            entry, actor=actor, channels=list(channels), expected=entry.version, revision=revision
        )
