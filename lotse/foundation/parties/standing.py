"""What an account may do at this moment: seats, roles, and the roles of people it stands in for."""

from dataclasses import replace
from datetime import date
from typing import Any

from django.db.models import BigIntegerField, DateField, Q, QuerySet

from lotse.foundation.core import clock
from lotse.foundation.core.actor import Actor, Grant, Seat
from lotse.foundation.core.prepared import Prepared, Slot
from lotse.foundation.parties.models import (
    Absence,
    Affiliation,
    Network,
    RoleGrant,
    default_mfa_roles,
)


def holds_on(day: date | Slot, prefix: str = "") -> Q:
    """Seats, roles and absences that hold on this day: from the first to the last one given."""
    return Q(**{f"{prefix}starts_on__lte": day}) & (
        Q(**{f"{prefix}ends_on": None}) | Q(**{f"{prefix}ends_on__gte": day})
    )


def absences_today(today: date | Slot) -> QuerySet[Absence]:
    """Absences that hand roles on: those of suspended people do not, their roles rest too."""
    return Absence.objects.filter(holds_on(today)).exclude(person__account__is_active=False)


_TODAY = Slot("today", DateField())
_PERSON = Slot("person", BigIntegerField())


def _grants() -> QuerySet[RoleGrant, Any]:
    """The operator's role is nobody's to hand on: only whoever was granted it has it."""
    stood_for = absences_today(_TODAY).filter(deputy=_PERSON).values("person")
    handed_on = Q(person__in=stood_for) & ~Q(role=RoleGrant.Role.OPERATOR)
    rows = RoleGrant.objects.filter(Q(person=_PERSON) | handed_on, ended_at=None)
    return rows.filter(holds_on(_TODAY)).values_list(
        "role", "network", "held_in_uuid", "network__mfa_roles"
    )


def _seats() -> QuerySet[Affiliation, Any]:
    rows = Affiliation.objects.filter(holds_on(_TODAY), person=_PERSON)
    return rows.values_list(
        "organisation", "organisation__network", "may_edit", "may_publish", "may_represent"
    )


_GRANTS, _SEATS = Prepared(_grants), Prepared(_seats)


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
    return replace(
        actor,
        person=person.pk,
        person_uuid=person.uuid,
        grants=frozenset(
            Grant(role, network, held_in)
            for role, network, held_in, mfa in _GRANTS.rows(today=today, person=person.pk)
            if strong or not demands_second_factor(role, mfa)
        ),
        seats=frozenset(Seat(*row) for row in _SEATS.rows(today=today, person=person.pk)),
    )


def demands_second_factor(role: str, mfa_roles: list[str] | None) -> bool:
    """Whether the role needs a second factor, as its network decided; for the operator's, which
    has no network, the default network decides. One query for that."""
    if mfa_roles is None:
        named = Network.objects.filter(is_default=True).values_list("mfa_roles", flat=True).first()
        mfa_roles = default_mfa_roles() if named is None else named
    return role in mfa_roles


def needs_second_factor(account: Any) -> bool:
    """Whether the account holds a role, or stands in for one, that demands a second factor. One
    query."""
    grants = _DEMANDING.rows(today=clock.today(), account=account.pk)
    return any(demands_second_factor(role, mfa) for role, mfa in grants)


def _demanding() -> QuerySet[RoleGrant, Any]:
    account = Slot("account", BigIntegerField())
    stood_for = absences_today(_TODAY).filter(deputy__account=account).values("person")
    rows = RoleGrant.objects.filter(
        Q(person__account=account) | Q(person__in=stood_for), holds_on(_TODAY), ended_at=None
    )
    return rows.values_list("role", "network__mfa_roles")


_DEMANDING = Prepared(_demanding)
