"""A cast with two people in the office, and a request to remove a lost second factor."""

from typing import Any

import pytest
from allauth.mfa.models import Authenticator

from lotse.foundation.core.actor import COMMAND
from lotse.foundation.parties.models import FactorReset, Person
from lotse.foundation.parties.services import factor_resets, roles
from tests import people as cast_of


@pytest.fixture
def cast(common_cast: cast_of.Cast) -> cast_of.Cast:
    """With a second person in the office, and a member who has a second factor."""
    cast = common_cast
    for role, name in (("office_2", "Gero Stelle"), ("operator_2", "Bo Trieb")):
        cast.people[role] = cast_of.person(name)
        roles.grant_role(
            cast[role],
            role.partition("_")[0],
            actor=COMMAND,
            network=cast.network,
            reason="Prüfung",
        )
        cast_of.second_factor(cast[role])
    cast_of.second_factor(cast["member"])
    return cast


def ask(cast: cast_of.Cast, whom: str = "member", by: str = "office", **fields: Any) -> FactorReset:
    told = {"reason": "Telefon verloren", "identity": "war persönlich da", **fields}
    return factor_resets.ask(cast[whom], actor=cast.actor(by), network=cast.network, **told)


def confirm(reset: FactorReset, cast: cast_of.Cast, by: str = "office_2") -> None:
    factor_resets.confirm(reset, actor=cast.actor(by), expected=reset.version)


def has_factor(person: Person) -> bool:
    return Authenticator.objects.filter(user=person.account).exists()
