"""T06: a token is for one purpose in one network."""

from datetime import timedelta
from typing import Any

import pytest

from lotse.foundation.core import clock
from lotse.foundation.core.actor import ANONYMOUS, COMMAND
from lotse.foundation.core.errors import Conflict, NotAllowed, Refused
from lotse.foundation.parties.models import Affiliation, Invitation
from lotse.foundation.parties.services import invitations
from tests.trust import site as sites

pytestmark = pytest.mark.django_db


@pytest.fixture
def invitation(site: sites.Site) -> tuple[Invitation, str]:
    """An invitation to organisation A, and its token."""
    made = invitations.invite(
        site.network, actor=COMMAND, email="Registered@beispiel.test", organisation=site.cast.org_a
    )
    address = invitations.address_of(str(made.uuid))
    assert address is not None
    return made, address.rstrip("/").rpartition("/")[2]


def test_an_invitation_works_once_and_where_it_was_meant(
    site: sites.Site, invitation: tuple[Invitation, str]
) -> None:
    made, token = invitation
    person = site.cast["registered"]
    found = invitations.find(token)
    assert found is not None
    with pytest.raises(Refused):
        invitations.accept(found, actor=ANONYMOUS, person=person, address="andere@beispiel.test")
    assert not Affiliation.objects.filter(person=person).exists()
    actor = site.cast.actor("registered")
    invitations.accept(found, actor=actor, person=person, address="registered@beispiel.test")
    seat = Affiliation.objects.get(person=person)
    assert (seat.organisation, seat.may_edit) == (site.cast.org_a, False)
    assert site.cast.actor("registered").own_networks == {site.network.pk}
    assert invitations.find(token) is None
    with pytest.raises(Conflict):
        invitations.accept(made, actor=actor, person=person, address="registered@beispiel.test")
    assert Affiliation.objects.filter(person=person).count() == 1


@pytest.mark.parametrize("change", [{"revoked_at": 0}, {"expires_at": 0}, {"accepted_at": 0}])
def test_an_invitation_that_ended_opens_nothing(
    site: sites.Site, invitation: tuple[Invitation, str], change: dict[str, Any]
) -> None:
    moment = clock.now() - timedelta(seconds=1)
    Invitation.objects.update(**dict.fromkeys(change, moment))
    assert invitations.find(invitation[1]) is None
    assert invitations.find("x" * 43) is None


def test_an_office_invites_only_into_its_own_network(site: sites.Site) -> None:
    foreign = site.cast.actor("foreign_office")
    for options in ({"organisation": site.cast.org_a}, {"role": "office", "reason": "G"}, {}):
        for network in (site.network, site.cast.other):
            if network == site.cast.other and "organisation" not in options:
                continue
            with pytest.raises(NotAllowed):
                invitations.invite(network, actor=foreign, email="a@beispiel.test", **options)
