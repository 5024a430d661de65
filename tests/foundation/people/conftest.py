"""The cast, as it is now in the database; roles and deputies given past the services."""

from datetime import date, timedelta
from typing import Any

import pytest

from lotse.foundation.accounts.models import Account
from lotse.foundation.core import clock
from lotse.foundation.core.actor import Actor
from lotse.foundation.parties.models import Absence, Network, Person, RoleGrant
from lotse.foundation.parties.standing import stand
from tests import people as cast_of

LONG_AGO = {"starts_on": date(2020, 1, 1), "ends_on": date(2020, 2, 1)}


@pytest.fixture
def cast(common_cast: cast_of.Cast) -> cast_of.Cast:
    return common_cast


def fresh(person: Person) -> Person:
    return Person.objects.select_related("account").get(pk=person.pk)


def actor_of(person: Person) -> Actor:
    account = Account.objects.select_related("person").get(person=person)
    return stand(Actor("account", uuid=account.uuid), account=account, strong=True)


def grant(person: Person, role: str, network: Network | None, **span: Any) -> RoleGrant:
    return RoleGrant.objects.create(
        person=person, role=role, network=network, reason="Prüfung", granted_by="command", **span
    )


def away(person: Person, deputy: Person, days: int = 0) -> Absence:
    today = clock.today()
    return Absence.objects.create(
        person=person, deputy=deputy, starts_on=today, ends_on=today + timedelta(days=days)
    )
