"""Four eyes: who is really somebody else than whoever asked (trust.md 2, T05).

Two accounts are not two people: with a deputy or a role given away, one person has both. So the
second one holds a role of its own, from before the request, that whoever asked did not give.
"""

from datetime import datetime

from django.db.models import Exists, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from lotse.foundation.core import clock
from lotse.foundation.core.actor import Actor
from lotse.foundation.parties.models import Network, Person, RoleGrant
from lotse.foundation.parties.standing import holds_on

Role = RoleGrant.Role
_ACCOUNT = "account:"


def seconds(
    asked_by: str, asked_at: datetime, *, network: Network | None, about: Person | None
) -> QuerySet[Person]:
    """People who may be the second pair of eyes: operators, and the office of `network`.

    Each by an own role (never as a deputy) that began before the request and does not come from
    whoever asked, directly or through others. An office person also must not have given whoever
    asked that role, and whoever asked as a deputy needs an operator: else the same person acts
    once by the other account. What a person asks for itself, and what a command asks, knows no
    such ties. Queries: one for each step between giver and taken, mostly three, and the answer's.
    """
    grants = RoleGrant.objects.filter(
        holds_on(clock.today()), ended_at=None, created_at__lt=asked_at,
        starts_on__lte=timezone.localdate(asked_at),
    )  # fmt: skip
    role = Q(role=Role.OPERATOR)
    office = Q(role=Role.OFFICE, network=network, held_in_uuid=None) if network else Q(pk__in=[])
    if asked_by.startswith(_ACCOUNT) and not _is_of(asked_by, about):
        grants = grants.exclude(granted_by__in=_below(asked_by))
        own = RoleGrant.objects.filter(
            role | office, holds_on(clock.today()), ended_at=None,
            person__account__uuid=_uuid(asked_by),
        )  # fmt: skip
        givers = [_uuid(ref) for ref in _above(asked_by)]
        office &= Exists(own) & ~Q(person__account__uuid__in=givers)
    found = Person.objects.filter(
        pk__in=grants.filter(role | office).values("person"),
        account__is_active=True,
        erased_at=None,
    )
    if about is not None:
        found = found.exclude(pk=about.pk)
    if asked_by.startswith(_ACCOUNT):
        found = found.exclude(account__uuid=_uuid(asked_by))
    return found


def is_second(
    actor: Actor,
    asked_by: str,
    asked_at: datetime,
    *,
    network: Network | None,
    about: Person | None,
) -> bool:
    """Whether this actor is such a second person; a command is one for what people asked."""
    if actor.ref == asked_by:
        return False
    if actor.trusted:
        return True
    return seconds(asked_by, asked_at, network=network, about=about).filter(
        pk=actor.person or 0
    ).exists()  # fmt: skip


def not_second() -> str:
    """What somebody is told who is not."""
    return _("Sie zählen hier nicht als zweite Person. Bestätigen kann nur, wer die eigene Rolle "
             "schon vor dem Antrag hatte und sie nicht von der ersten Person hat; eine Vertretung "
             "genügt nicht. Bitten Sie den Betrieb.")  # fmt: skip


def _uuid(ref: str) -> str:
    return ref.removeprefix(_ACCOUNT)


def _is_of(ref: str, person: Person | None) -> bool:
    account = person.account if person is not None else None
    return account is not None and ref == f"{_ACCOUNT}{account.uuid}"


def _deciding() -> QuerySet[RoleGrant]:
    """Ended ones too: what somebody gave does not become another's when it ends."""
    return RoleGrant.objects.filter(role__in=(Role.OFFICE, Role.OPERATOR))


def _below(ref: str) -> set[str]:
    """Who gives, and all who have a deciding role from there; an accepted invitation counts as
    given by its sender. One query a step."""
    found, level = {ref}, {ref}
    while level:
        taken = _deciding().filter(granted_by__in=level).exclude(person__account=None)
        uuids = taken.values_list("person__account__uuid", flat=True)
        level = {f"{_ACCOUNT}{uuid}" for uuid in uuids} - found
        found |= level
    return found


def _above(ref: str) -> set[str]:
    """Accounts a deciding role came from, and theirs before. One query a step."""
    found: set[str] = set()
    level = {ref}
    while level:
        held = _deciding().filter(person__account__uuid__in=[_uuid(one) for one in level])
        refs = held.filter(granted_by__startswith=_ACCOUNT).values_list("granted_by", flat=True)
        level = set(refs) - found
        found |= level
    return found
