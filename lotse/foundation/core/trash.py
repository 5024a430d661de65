"""The waste basket: what a person deleted stays for 30 days as it was, and can come back.

A room registers a kind, calls `put` in the transaction of its deletion, before the rows go, and
leaves the files where they are. Who may bring something back is the kind's to say. What must go at
once (a visitor's "delete everything") does not come here and takes along what lies here: `forget`.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.core import serializers
from django.core.files.storage import default_storage
from django.core.serializers.json import DjangoJSONEncoder
from django.db import IntegrityError, connection, transaction
from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _

from lotse.foundation.core import actionlog, clock
from lotse.foundation.core.actor import Actor
from lotse.foundation.core.errors import NotAllowed, Refused
from lotse.foundation.core.models import Entity, TrashItem

DAYS = 30


@dataclass(frozen=True)
class Kind:
    """A kind of thing that can come back; `title` names it.

    `may_restore` decides by actor and item; without it the room authorises before it calls.
    """

    code: str
    title: Any
    may_restore: Callable[[Actor, TrashItem], bool] | None = None


_kinds: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    """Called in `apps.py`; twice the same kind is one."""
    _kinds[kind.code] = kind


def kind_of(item: TrashItem) -> Kind:
    return _kinds[item.kind]


@transaction.atomic
def put(
    objects: Sequence[Model],
    *,
    kind: str,
    title: str,
    actor: Actor,
    owner: UUID | None = None,
    network: UUID | None = None,
    files: Iterable[str] = (),
) -> TrashItem:
    """Keeps the first object and what hangs on it; call before they are deleted. One query.

    `files` are stored names, which the caller leaves on the disk. `owner` is the object whose final
    deletion takes this along. Raises KeyError for a kind nobody registered.
    """
    root = objects[0]
    if kind not in _kinds or not isinstance(root, Entity):
        raise KeyError(kind)
    return TrashItem.objects.create(
        network_uuid=network,
        kind=kind,
        object_uuid=root.uuid,
        title=title[:300],
        content={
            "objects": _plain(serializers.serialize("python", objects)),
            "files": sorted(files),
        },
        deleted_by=actor.ref,
        owner_uuid=owner,
        expires_at=clock.now() + timedelta(days=DAYS),
    )


class _Exact(DjangoJSONEncoder):
    """Django's own cuts moments to milliseconds."""

    def default(self, o: Any) -> Any:
        return o.isoformat() if isinstance(o, datetime) else super().default(o)


def _plain(objects: Any) -> Any:
    return json.loads(json.dumps(objects, cls=_Exact))


def items_of(owner: UUID) -> QuerySet[TrashItem]:
    """What lies here for an owner, the last first."""
    found = TrashItem.objects.filter(owner_uuid=owner, expires_at__gt=clock.now())
    return found.order_by("-created_at", "-id")


@transaction.atomic
def restore(item: TrashItem, *, actor: Actor) -> None:
    """Brings everything back as it was, keys included.

    Raises NotAllowed, and Refused when it is there already or what it belonged to is gone.
    """
    allowed = kind_of(item).may_restore
    if allowed is not None and not actor.trusted and not allowed(actor, item):
        raise NotAllowed(item.kind)
    # The first of two at once takes the row away; the second finds none.
    if not TrashItem.objects.filter(pk=item.pk).delete()[0]:
        raise Refused(_("Das wurde schon wiederhergestellt."))
    found = list(serializers.deserialize("python", item.content["objects"], ignorenonexistent=True))
    for one in found:
        model = type(one.object)
        if model._default_manager.filter(pk=one.object.pk).exists():
            raise Refused(_("Das gibt es schon wieder."))
        one.save(force_insert=True)
    try:
        connection.check_constraints([one.object._meta.db_table for one in found])
    except IntegrityError:
        raise Refused(_("Wozu das gehörte, gibt es nicht mehr.")) from None
    root: Any = found[0].object
    actionlog.record("core.trash.restored", root, actor=actor, subject=item.owner_uuid)


@transaction.atomic
def forget(owner: UUID) -> int:
    """Removes at once what lies here for an owner that goes for good; returns how much."""
    return _remove(TrashItem.objects.filter(owner_uuid=owner))


def empty_expired() -> int:
    """Daily work: what lay here for 30 days goes for good, with its files. Returns how much."""
    with transaction.atomic():
        return _remove(TrashItem.objects.filter(expires_at__lte=clock.now()))


def _remove(items: QuerySet[TrashItem]) -> int:
    found = list(items)
    TrashItem.objects.filter(pk__in=[item.pk for item in found]).delete()
    names = [name for item in found for name in item.content["files"]]
    transaction.on_commit(lambda: _delete_files(names))
    return len(found)


def _delete_files(names: list[str]) -> None:
    for name in names:
        default_storage.delete(name)


def held_files() -> set[str]:
    """Stored names that no row names any more but that can still come back."""
    held = TrashItem.objects.values_list("content__files", flat=True)
    return {name for names in held for name in names or []}
