"""How far an office reaches: to people who hold nothing outside its networks."""

from django.db.models import Q

from lotse.foundation.core import clock
from lotse.foundation.core.actor import Actor
from lotse.foundation.core.errors import NotAllowed
from lotse.foundation.parties.models import Absence, Affiliation, Person, RoleGrant


def require_reach(person: Person, actor: Actor, code: str) -> None:
    """An office acts on a whole person only if that person holds nothing outside its networks.

    Counted are roles (the person's own and those it stands in for, now or later) and seats. An
    ended seat lets an office see a person; it must not open the person's other networks. Raises
    NotAllowed with `code`; operator and commands pass. Three queries at most.
    """
    if actor.operates:
        return
    own, today = actor.networks_as("office"), clock.today()
    stood = Absence.objects.filter(deputy=person, ends_on__gte=today).values("person")
    grants = RoleGrant.objects.filter(
        Q(person=person) | (Q(person__in=stood) & ~Q(role=RoleGrant.Role.OPERATOR)),
        ended_at=None,
    )
    seats = Affiliation.objects.filter(Q(ends_on=None) | Q(ends_on__gte=today), person=person)
    # The operator's role has no network and is never within an office's: NULL counts as outside.
    outside = grants.filter(Q(network=None) | ~Q(network__in=own))
    if outside.exists() or seats.exclude(organisation__network__in=own).exists():
        raise NotAllowed(code)
