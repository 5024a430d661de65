"""T02: pages, API, exports, search and calendar show the same, as `kinds.py` lists them."""

from typing import Any

import pytest
from django.db.models import Q

from lotse.foundation.parties.models import Affiliation, Network, Organisation, Person, RoleGrant
from tests.trust import site as sites
from tests.trust.reach.kinds import KINDS, ROLES, Kind, Reader, populate

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_every_way_shows_what_the_rule_says(site: sites.Site, browser: Any, kind: Kind) -> None:
    populate(site)
    opened, seen = set(), set()
    for role in ROLES:
        actor = site.cast.actor(role)
        expected = {str(uuid) for uuid in kind.allowed(actor).values_list("uuid", flat=True)}
        seen.add(frozenset(expected))
        here = _of_network(kind, expected, site.network)
        client = browser(role)
        for reader in kind.readers:
            found = reader.read(site, client, kind)
            if found is None:
                continue
            opened.add(reader.name)
            right = here if reader.here else expected
            assert found <= right if reader.part else found == right, (role, reader.name)
    assert opened == {reader.name for reader in kind.readers}
    everything = kind.model.objects.count()
    assert len(seen) > 1 or {len(one) for one in seen} == {everything} or kind.name == "checks"


def _of_network(kind: Kind, uuids: set[str], network: Network) -> set[str]:
    if not any(reader.here for reader in kind.readers):
        return uuids
    rows = kind.model.objects.filter(uuid__in=uuids)
    rows = (
        _people_in(rows, network) if kind.model is Person
        else rows.filter(**{kind.network: network})
    )  # fmt: skip
    return {str(uuid) for uuid in rows.values_list("uuid", flat=True)}


def _people_in(rows: Any, network: Network) -> Any:
    """People with a seat or role in the network, ever, or at home in it; people without any are
    found at the default network, by the operator alone."""
    seats = Affiliation.objects.filter(organisation__network=network).values("person")
    grants = RoleGrant.objects.filter(network=network).values("person")
    nowhere = Q(home=None) & ~Q(pk__in=Affiliation.objects.values("person"))
    return rows.filter(Q(home=network) | Q(pk__in=seats) | Q(pk__in=grants) | nowhere)


def test_a_list_that_shows_too_much_is_noticed(site: sites.Site, browser: Any) -> None:
    """The harness itself can fail: a reader that leaks one thing is caught."""
    populate(site)
    leaky = Reader("leck", lambda site, client, kind: kind.named_in("Verein Nebenan"))
    kind = Kind("organisations", "parties.organisation.view", Organisation, [leaky])
    with pytest.raises(AssertionError):
        test_every_way_shows_what_the_rule_says(site, browser, kind)
