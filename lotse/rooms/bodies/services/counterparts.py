"""Writes to seats that are given for each other (S1-19)."""

from django.utils.translation import gettext as _

from lotse.foundation.core import actionlog
from lotse.foundation.core.actor import Actor
from lotse.foundation.core.db import update_versioned
from lotse.foundation.core.errors import Conflict, Refused
from lotse.foundation.core.permissions import require
from lotse.rooms.bodies.models import Mandate


def tie(mandate: Mandate, other: Mandate | None, *, actor: Actor, expected: int) -> None:
    """Each of the two seats names the other from now on; without one, none does. Call inside the
    transaction of an act on `mandate` that writes its version, before it is written. A form of the
    other seat goes stale by it.

    Raises NotAllowed for a seat the actor may not see, Conflict for one that is gone or was saved
    in between, Refused for one of the same body, of a person, or given for another seat.
    """
    before = mandate.counterpart_id
    if before == (other.pk if other else None):
        return
    if other is not None:
        require("bodies.mandate.view", actor, other)
        if other.body_id == mandate.body_id:
            raise Refused(_("Ein Gegensitz liegt in einem anderen Gremium."))
        if None in (other.organisation_id, mandate.organisation_id):
            raise Refused(_("Einen Gegensitz haben nur Mandate von Organisationen."))
    # In one order: two offices may name each other's seats at once.
    keys = [one for one in (mandate.pk, before, other.pk if other else None) if one is not None]
    rows = Mandate.objects.select_for_update(no_key=True, of=("self",)).filter(pk__in=keys)
    held = {row.pk: row for row in rows.select_related("body").order_by("pk")}
    if mandate.pk not in held or held[mandate.pk].version != expected:
        raise Conflict(held.get(mandate.pk))
    if before in held:
        _name(held[before], None, actor)
    if other is not None:
        _check_free(held.get(other.pk), mandate)
        _name(held[other.pk], mandate, actor)
    Mandate.objects.filter(pk=mandate.pk).update(counterpart=other)
    mandate.counterpart = other
    _record(mandate, other, actor)


def _check_free(other: Mandate | None, mandate: Mandate) -> None:
    if other is None:
        raise Conflict(None)
    if other.counterpart_id not in (None, mandate.pk):
        raise Refused(_("Dieser Sitz ist schon der Gegensitz eines anderen Mandats."))


def _name(seat: Mandate, other: Mandate | None, actor: Actor) -> None:
    update_versioned(seat, expected=seat.version, counterpart=other)
    _record(seat, other, actor)


def _record(seat: Mandate, other: Mandate | None, actor: Actor) -> None:
    actionlog.record(
        "bodies.mandate.tied", seat, actor=actor, subject=seat.body.uuid,
        after={"counterpart": str(other.uuid) if other else None},
    )  # fmt: skip
