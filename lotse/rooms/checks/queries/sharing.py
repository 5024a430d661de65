"""Whose an assessment is and with whom it is shared."""

from dataclasses import dataclass

from django.db.models import Q

from lotse.foundation.core import clock
from lotse.foundation.core.actor import EDIT, Actor
from lotse.foundation.core.collation import InOrder
from lotse.foundation.core.permissions import visible
from lotse.foundation.parties.models import Organisation, Person, RoleGrant
from lotse.foundation.parties.standing import holds_on
from lotse.rooms.checks.models import Assessment, Share


@dataclass(frozen=True)
class ShareRow:
    """One person an assessment is shared with."""

    uuid: str
    name: str
    may_edit: bool


def own_organisations(actor: Actor) -> list[Organisation]:
    """Organisations the person may edit by an own seat. No query without a seat; else one."""
    held = actor.organisations(edit=True)
    if not held:
        return []
    found = Organisation.objects.filter(pk__in=held).only("id", "uuid", "name")
    return list(found.order_by(InOrder("name")))


def shares_of(assessment: Assessment) -> list[ShareRow]:
    """With whom the series is shared, by name. One query."""
    found = Share.objects.filter(series=assessment.series, ended_at=None).select_related("person")
    rows = [ShareRow(str(s.uuid), s.person.name, s.level == EDIT) for s in found]
    return sorted(rows, key=lambda row: row.name)


def share_candidates(assessment: Assessment, actor: Actor) -> list[tuple[str, str]]:
    """(uuid, name) of people to share with: advisers of the network, and people of the own
    organisations. One query."""
    today = clock.today()
    advisers = RoleGrant.objects.filter(
        holds_on(today), role="adviser", network=assessment.network_id, ended_at=None
    ).values("person")
    colleagues = visible("parties.person.view", actor, Person.objects.filter(account__isnull=False))
    # Roles may show more people than the own organisations: sharing is no look-up.
    seats = Q(affiliations__organisation__in=actor.organisations(edit=True))
    found = (
        Person.objects.filter(Q(pk__in=advisers) | Q(pk__in=colleagues.filter(seats).values("pk")))
        .filter(erased_at=None, account__is_active=True)
        .exclude(pk=actor.person or 0)
        .order_by(InOrder("last_name"), InOrder("first_name"))
    )
    return [(str(person.uuid), person.name) for person in found[:500]]
