"""T08: the directory is not read off."""

from typing import Any

import pytest
from django.test import Client

from tests.trust import harness
from tests.trust import site as sites

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("role", ["member", "office"])
def test_details_of_organisations_are_limited(site: sites.Site, role: str) -> None:
    client = harness.api_client(site.cast[role])
    addresses = [f"/api/v1/organisations/{org.uuid}" for org in (site.cast.org_a, site.cast.org_b)]
    statuses = [client.get(addresses[n % 2]).status_code for n in range(300)]
    assert statuses[0] == 200
    assert statuses[-1] == 429
    assert statuses.count(200) <= 130
    assert client.get("/api/v1/organisations").status_code == 200


@pytest.mark.parametrize("name", ["desk:organisation", "desk:person"])
def test_the_pages_are_limited_like_the_api(site: sites.Site, browser: Any, name: str) -> None:
    """One count for all ways to a detail: what was read by the API is read."""
    program = harness.api_client(site.cast["office"])
    for _n in range(100):
        program.get(f"/api/v1/organisations/{site.cast.org_a.uuid}")
    client = browser("office")
    statuses = [client.get(site.url(name)).status_code for _n in range(35)]
    assert statuses[0] == 200
    assert statuses[-1] == 429


def test_another_token_does_not_help(site: sites.Site) -> None:
    """The account is counted, not the token."""
    statuses = [
        harness.api_client(site.cast["member"])
        .get(f"/api/v1/organisations/{site.cast.org_a.uuid}")
        .status_code
        for _n in range(15)
    ]
    assert set(statuses) == {200}
    client = harness.api_client(site.cast["member"])
    address = f"/api/v1/organisations/{site.cast.org_a.uuid}"
    assert [client.get(address).status_code for _n in range(130)][-1] == 429


def test_nobody_looks_up_without_a_token(site: sites.Site, client: Client) -> None:
    address = f"/api/v1/organisations/{site.cast.org_a.uuid}"
    statuses = [client.get(address).status_code for _n in range(300)]
    assert set(statuses) == {401, 429}
    assert statuses[-1] == 429
