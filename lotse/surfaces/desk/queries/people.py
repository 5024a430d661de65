"""Named reads for the desk: organisations, people, seats, roles, invitations of a network."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django.db.models import CharField, Exists, OuterRef, Q, QuerySet, Subquery, Value

from lotse.foundation.core import clock
from lotse.foundation.core.actor import Actor
from lotse.foundation.core.collation import InOrder
from lotse.foundation.core.permissions import visible
from lotse.foundation.parties.models import (
    Affiliation,
    Body,
    Invitation,
    Network,
    Organisation,
    Person,
    RoleGrant,
)
from lotse.foundation.parties.privacy.retention import alive
from lotse.foundation.parties.standing import holds_on

SOON_DAYS = 30
MOST_CHOICES = 1000


def organisations_of(network: Network, actor: Actor) -> QuerySet[Organisation]:
    """Organisations of the network that the actor may see, with `contact` and `editor`: whether
    somebody with an open account holds that place today."""
    today = clock.today()
    held = Affiliation.objects.filter(holds_on(today), organisation=OuterRef("pk"))
    able = held.filter(person__account__is_active=True)
    return (
        visible("parties.organisation.view", actor, Organisation.objects.filter(network=network))
        .annotate(contact=Exists(held.filter(is_contact=True)), editor=Exists(able.filter(
            may_edit=True)))
        .order_by(InOrder("name"), "pk")
    )  # fmt: skip


def orphaned(network: Network) -> QuerySet[Organisation]:
    """Organisations of the network that nobody can edit today."""
    able = Affiliation.objects.filter(
        holds_on(clock.today()), organisation=OuterRef("pk"), may_edit=True,
        person__account__is_active=True,
    )  # fmt: skip
    return Organisation.objects.filter(network=network).exclude(Exists(able))


def people_of(network: Network, actor: Actor) -> QuerySet[Person]:
    """People with home, seat or role in the network, as far as the actor may see them."""
    seats = Affiliation.objects.filter(person=OuterRef("pk"), organisation__network=network)
    grants = RoleGrant.objects.filter(person=OuterRef("pk"), network=network)
    belongs = Q(home=network) | Q(Exists(seats)) | Q(Exists(grants))
    if actor.is_operator and network.is_default:
        # People without any network, the operator among them, are found in one place.
        nowhere = Q(home=None) & ~Q(Exists(Affiliation.objects.filter(person=OuterRef("pk"))))
        belongs |= nowhere
    return (
        visible("parties.person.view", actor, Person.objects.filter(belongs))
        .filter(erased_at=None, merged_into=None)
        .order_by(InOrder("last_name"), InOrder("first_name"), "pk")
    )


def named(people: QuerySet[Person], words: str) -> QuerySet[Person]:
    """People whose name or address holds every word."""
    for word in words.split()[:6]:
        people = people.filter(
            Q(last_name__icontains=word)
            | Q(first_name__icontains=word)
            | Q(email__icontains=word)
            | Q(account__email__icontains=word)
        )
    return people


def places_of(people: Sequence[Person]) -> dict[int, dict[str, list[str]]]:
    """Organisations and roles of today by person. One query for all of them."""
    today, keys = clock.today(), [person.pk for person in people]
    seats = Affiliation.objects.filter(holds_on(today), person__in=keys).values_list(
        "person_id", Value("seat", output_field=CharField()), "organisation__name"
    )
    roles = RoleGrant.objects.filter(holds_on(today), person__in=keys, ended_at=None).values_list(
        "person_id", Value("role", output_field=CharField()), "role"
    )
    found: dict[int, dict[str, list[str]]] = {}
    for person, kind, name in seats.union(roles):
        found.setdefault(person, {"seat": [], "role": []})[kind].append(name)
    return found


def choices_of(people: QuerySet[Person]) -> list[tuple[str, str]]:
    """(uuid, "Nachname, Vorname") to choose from. One query; at most 1000."""
    rows = people.values_list("uuid", "last_name", "first_name")[:MOST_CHOICES]
    return [(str(uuid), f"{last}, {first}" if first else last) for uuid, last, first in rows]


def organisation_choices(network: Network) -> list[tuple[str, str]]:
    """(uuid, name). One query."""
    rows = Organisation.objects.filter(network=network).order_by(InOrder("name"))
    found = rows.values_list("uuid", "name")[:MOST_CHOICES]
    return [(str(uuid), name) for uuid, name in found]


def seats_of(**owner: Any) -> QuerySet[Affiliation]:
    """Seats of an organisation or a person, present ones first."""
    return Affiliation.objects.filter(**owner).select_related(
        "person", "organisation", "successor"
    ).order_by(
        InOrder("person__last_name"), InOrder("organisation__name"), "-starts_on"
    )  # fmt: skip


def is_over(ends_on: date | None) -> bool:
    return ends_on is not None and ends_on < clock.today()


def grants_of(network: Network, actor: Actor) -> QuerySet[RoleGrant]:
    """Roles in the network, ended ones too, with `body`: the name of the body a role is held in;
    for the operator the operator's own as well."""
    held_in = Body.objects.filter(uuid=OuterRef("held_in_uuid")).values("name")
    of = Q(network=network)
    if actor.is_operator:
        of |= Q(network=None)
    return (
        visible("parties.role.view", actor, RoleGrant.objects.filter(of))
        .select_related("person")
        .annotate(body=Subquery(held_in[:1]))
        .order_by("role", InOrder("person__last_name"), "pk")
    )


def held_now() -> Q:
    return holds_on(clock.today()) & Q(ended_at=None)


def ending_soon() -> Q:
    """Roles that end within 30 days."""
    today = clock.today()
    return held_now() & Q(ends_on__lte=today + timedelta(days=SOON_DAYS))


def open_invitations() -> Q:
    return Q(accepted_at=None, revoked_at=None, expires_at__gt=clock.now())


def invitations_of(network: Network, actor: Actor) -> QuerySet[Invitation]:
    """Invitations the actor may manage, newest first."""
    found = visible("parties.invitation.manage", actor, Invitation.objects.filter(network=network))
    return (
        alive(found, network)
        .select_related("organisation", "accepted_by")
        .order_by("-created_at", "-pk")
    )


def names_of(refs: Sequence[str]) -> dict[str, str]:
    """Names behind "account:<uuid>", as the log and grants keep them. One query."""
    uuids = {ref.partition(":")[2] for ref in refs if ref.startswith("account:")}
    if not uuids:
        return {}
    people = Person.objects.filter(account__uuid__in=uuids, erased_at=None)
    return {f"account:{p.account.uuid}": p.name for p in people.select_related("account")
            if p.account}  # fmt: skip
