"""What an account may do at this moment: seats, roles, and the roles of people it stands in for."""

from dataclasses import replace
from datetime import date
from typing import Any

from django.db.models import F, Q, QuerySet

from lotse.foundation.core import clock
from lotse.foundation.core.actor import Actor, Grant, Seat
from lotse.foundation.parties.models import (
    Absence,
    Affiliation,
    Network,
    RoleGrant,
    default_mfa_roles,
)


def holds_today(today: date, prefix: str = "") -> Q:
    """Seats, roles and absences that hold on this day: from the first to the last one given."""
    return Q(**{f"{prefix}starts_on__lte": today}) & (
        Q(**{f"{prefix}ends_on": None}) | Q(**{f"{prefix}ends_on__gte": today})
    )


def absences_today(today: date) -> QuerySet[Absence]:
    """Absences that hand roles on: those of suspended people do not, their roles rest too."""
    return Absence.objects.filter(holds_today(today)).exclude(person__account__is_active=False)


def stand(actor: Actor, *, account: Any, strong: bool) -> Actor:
    """The actor with person, seats and grants as they are now. Two queries, none without person.

    A role that the network demands a second factor for is left out while the session has none
    (`strong` false): the gate fails closed (T14). Seats are the person's own; roles include those
    of people who are away and named this person their deputy. `account` comes with its person.
    """
    today = clock.today()
    person = getattr(account, "person", None)
    if person is None or person.erased_at is not None:
        return actor
    stood_for = absences_today(today).filter(deputy=person.pk).values("person")
    grants = (
        RoleGrant.objects.filter(_own_or_stood_for(person.pk, stood_for))
        .filter(holds_today(today), ended_at=None)
        .values("role", "network", "held_in_uuid", mfa=F("network__mfa_roles"))
    )
    seats = Affiliation.objects.filter(holds_today(today), person=person.pk).values(
        "organisation", "may_edit", "may_publish", "may_represent", of=F("organisation__network")
    )
    return replace(
        actor,
        person=person.pk,
        person_uuid=person.uuid,
        grants=frozenset(
            Grant(row["role"], row["network"], row["held_in_uuid"])
            for row in grants
            if strong or not demands_second_factor(row["role"], row["mfa"])
        ),
        seats=frozenset(_seat(row) for row in seats),
    )


def _own_or_stood_for(person: int, stood_for: Any) -> Q:
    """The operator's role is nobody's to hand on: only whoever was granted it has it."""
    return Q(person=person) | (Q(person__in=stood_for) & ~Q(role=RoleGrant.Role.OPERATOR))


def demands_second_factor(role: str, mfa_roles: list[str] | None) -> bool:
    """Whether the role needs a second factor, as its network decided; for the operator's, which
    has no network, the default network decides. One query for that."""
    if mfa_roles is None:
        named = Network.objects.filter(is_default=True).values_list("mfa_roles", flat=True).first()
        mfa_roles = default_mfa_roles() if named is None else named
    return role in mfa_roles


def _seat(row: Any) -> Seat:
    return Seat(
        row["organisation"],
        row["of"],
        may_edit=row["may_edit"],
        may_publish=row["may_publish"],
        may_represent=row["may_represent"],
    )


def needs_second_factor(account: Any) -> bool:
    """Whether the account holds a role, or stands in for one, that demands a second factor."""
    today = clock.today()
    stood_for = absences_today(today).filter(deputy__account=account).values("person")
    grants = RoleGrant.objects.filter(
        Q(person__account=account) | Q(person__in=stood_for), holds_today(today), ended_at=None
    ).values_list("role", "network__mfa_roles")
    return any(demands_second_factor(role, mfa) for role, mfa in grants)
