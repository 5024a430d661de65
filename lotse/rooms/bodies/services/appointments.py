"""Writes to joint appointments of several partners in one region (S2-15)."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from lotse.foundation.core import actionlog, clock, once
from lotse.foundation.core import text as texts
from lotse.foundation.core.actor import Actor
from lotse.foundation.core.db import update_versioned
from lotse.foundation.core.errors import NotAllowed, Refused
from lotse.foundation.core.permissions import require
from lotse.foundation.parties.models import Network, Organisation
from lotse.foundation.topics.models import Region
from lotse.rooms.bodies.models import Appointment

EDIT = "bodies.appointment.edit"
FEWEST = 2


def may_make(actor: Actor, network: Network) -> bool:
    """Office and coordination, and whoever edits an organisation of the network. No query."""
    if actor.operates or network.pk in actor.networks_as("office", "coordinator"):
        return True
    return any(seat.may_edit and seat.network == network.pk for seat in actor.seats)


@transaction.atomic
def create_appointment(
    network: Network, *, actor: Actor, organisations: Collection[Organisation], key: str = "",
    **values: Any,
) -> Appointment:  # fmt: skip
    """A new appointment. `values` are title, text, starts_at, ends_at, place, region.

    Raises NotAllowed, Refused for fewer than two organisations, none of the actor's own, an end
    before the beginning.
    """
    if not may_make(actor, network):
        raise NotAllowed(EDIT)
    claim = once.claim(
        key or once.new_key(), scope=f"bodies.appointment:{network.uuid}:{actor.ref}"
    )
    if claim.repeated:
        return Appointment.objects.get(uuid=claim.answer)
    checked = _checked(network, actor, organisations, **values)
    made = Appointment.objects.create(network=network, made_by=actor.ref, **checked)
    made.organisations.set(organisations)
    actionlog.record(
        "bodies.appointment.created", made, actor=actor, after=_plain(checked, organisations)
    )
    claim.remember(str(made.uuid))
    return made


@transaction.atomic
def change_appointment(
    appointment: Appointment, *, actor: Actor, expected: int,
    organisations: Collection[Organisation], **values: Any,
) -> None:  # fmt: skip
    """Another time, place or circle; calendars follow. Raises NotAllowed, Conflict, Refused."""
    require(EDIT, actor, appointment)
    _require_on(appointment)
    checked = _checked(appointment.network, actor, organisations, **values)
    before = _plain(
        {name: getattr(appointment, name) for name in checked},
        appointment.organisations.order_by("pk"),
    )
    update_versioned(appointment, expected=expected, sequence=appointment.sequence + 1, **checked)
    appointment.organisations.set(organisations)
    actionlog.record(
        "bodies.appointment.changed", appointment, actor=actor, before=before,
        after=_plain(checked, organisations),
    )  # fmt: skip


@transaction.atomic
def cancel_appointment(appointment: Appointment, *, actor: Actor, expected: int) -> None:
    """Called off: it stays to be read, and calendars take it out. Raises NotAllowed, Conflict,
    Refused for one that is called off."""
    require(EDIT, actor, appointment)
    _require_on(appointment)
    update_versioned(
        appointment, expected=expected, sequence=appointment.sequence + 1,
        cancelled_at=clock.now(),
    )  # fmt: skip
    actionlog.record("bodies.appointment.cancelled", appointment, actor=actor)


def _require_on(appointment: Appointment) -> None:
    if appointment.cancelled_at is not None:
        raise Refused(_("Dieser Termin ist abgesagt. Legen Sie einen neuen an."))


def _checked(
    network: Network, actor: Actor, organisations: Collection[Organisation], *, title: str,
    starts_at: datetime, ends_at: datetime, text: str = "", place: str = "",
    region: Region | None = None,
) -> dict[str, Any]:  # fmt: skip
    if ends_at <= starts_at:
        raise Refused(_("Das Ende liegt nicht nach dem Beginn."))
    if len(organisations) < FEWEST:
        raise Refused(_("Ein gemeinsamer Termin hat mindestens zwei Organisationen."))
    if any(each.network_id != network.pk for each in organisations):
        raise Refused(_("Bitte wählen Sie nur Organisationen dieses Netzwerks."))
    own = actor.organisations(edit=True)
    at_large = actor.operates or network.pk in actor.networks_as("office", "coordinator")
    if not at_large and not any(each.pk in own for each in organisations):
        raise Refused(_("Eine der Organisationen muss Ihre eigene sein."))
    return {"title": _line(title), "text": texts.clean(text), "starts_at": starts_at,
            "ends_at": ends_at, "place": _line(place), "region": region}  # fmt: skip


def _line(value: str) -> str:
    return texts.shorten(texts.clean_line(value), 200)


def _plain(values: dict[str, Any], organisations: Any) -> dict[str, Any]:
    def one(value: Any) -> Any:
        if isinstance(value, datetime):
            return value.isoformat()
        return value.key if isinstance(value, Region) else value

    found = {name: one(value) for name, value in values.items()}
    return found | {"organisations": sorted(str(each.uuid) for each in organisations)}
