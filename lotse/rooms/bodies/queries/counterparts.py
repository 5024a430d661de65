"""Named reads of seats that are given for each other (S1-19)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, Subquery, Value

from lotse.foundation.core import clock
from lotse.foundation.core.actor import Actor
from lotse.foundation.core.collation import InOrder
from lotse.foundation.core.permissions import visible
from lotse.foundation.parties.models import Body
from lotse.rooms.bodies.models import Mandate
from lotse.rooms.bodies.permissions import not_over

VIEW, KNOW = "bodies.mandate.view", "bodies.body.view"
MOST = 1000


@dataclass(frozen=True)
class Counterpart:
    """The seat given for another one; `uuid` only for who may open its page."""

    organisation: str
    body: str
    is_over: bool
    uuid: UUID | None


def counterpart_of(mandate: Mandate, actor: Actor) -> Counterpart | None:
    """The seat that was given for this one, as far as the actor may know its body. One query, none
    where there is none."""
    if mandate.counterpart_id is None:
        return None
    opens = visible(VIEW, actor, Mandate.objects.filter(pk=OuterRef("pk")))
    known = visible(KNOW, actor, Body.objects.filter(pk=OuterRef("body")))
    rows = Mandate.objects.filter(pk=mandate.counterpart_id)
    rows = rows.annotate(opens=Exists(opens), known=Exists(known))
    found = rows.select_related("body", "organisation").first()
    if found is None or not (found.opens or found.known):
        return None
    return Counterpart(
        organisation=found.organisation.name if found.organisation else "",
        body=found.body.name,
        is_over=found.ends_on is not None and found.ends_on < clock.today(),
        uuid=found.uuid if found.opens else None,
    )


def body_of(actor: Actor | None) -> Any:
    """For lists of seats: the name of the body in which the counterpart lies, where the actor may
    know it."""
    if actor is None:
        return Value("")
    rows = visible(KNOW, actor, Body.objects.filter(pk=OuterRef("counterpart__body")))
    return Subquery(rows.values("name")[:1])


def counterparts_for(
    body: Body, actor: Actor, mandate: Mandate | None = None
) -> Mapping[str, Mandate]:
    """Seats of organisations in other bodies that the actor may see and that nothing was given for
    yet, and the one that stands there, by uuid; in the order of body and organisation. One query,
    none for a person's seat."""
    free = Q(counterpart=None) & not_over()
    if mandate is not None and mandate.organisation_id is None:
        return {}  # the seat of a person
    if mandate is not None and mandate.counterpart_id is not None:
        free |= Q(pk=mandate.counterpart_id)
    rows = Mandate.objects.filter(free, organisation__isnull=False).exclude(body=body)
    rows = visible(VIEW, actor, rows.exclude(kind=Mandate.Kind.JOINED))
    rows = rows.select_related("body", "organisation")
    rows = rows.order_by(InOrder("body__name"), InOrder("organisation__name"), "pk")
    return {str(one.uuid): one for one in rows[:MOST]}
