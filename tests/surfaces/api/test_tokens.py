"""What a token opens, how long, and how often (T05, T06, T12, T14)."""

from typing import Any

import pytest
from django.test import Client

from lotse.foundation.accounts.models import Account, ApiToken
from lotse.foundation.accounts.services import tokens
from lotse.foundation.core import clock
from lotse.foundation.core.actor import COMMAND
from lotse.foundation.parties.models import Affiliation, RoleGrant
from lotse.foundation.parties.services import people as people_services
from tests.surfaces.api.conftest import ROOT, is_problem, post
from tests.trust import harness
from tests.trust import site as sites

pytestmark = pytest.mark.django_db

# --- tokens ---


def test_a_token_has_scopes_and_an_end(site: sites.Site) -> None:
    office = site.cast["office"]
    client = harness.api_client(office, scopes=["networks:read"])
    assert client.get(ROOT + "networks").status_code == 200
    refused = client.get(ROOT + "organisations")
    body = is_problem(refused, 403, "scope")
    assert "organisations:read" in body["detail"]
    assert "insufficient_scope" in refused["WWW-Authenticate"]
    ApiToken.objects.update(expires_at=clock.now())
    is_problem(client.get(ROOT + "networks"), 401, "unauthenticated")


@pytest.mark.parametrize(
    "header",
    ["Bearer", "Bearer ", "Bearer lotse_falsch", "Basic bG90c2U6eA==", "lotse_x", "Bearer \x00",
     "Bearer lotse_" + "x" * 5000, "Bearer lotse_ä"],
)  # fmt: skip
def test_a_wrong_token_is_refused_even_for_what_is_public(site: sites.Site, header: str) -> None:
    client = Client(headers={"authorization": header})
    is_problem(client.get(ROOT + "networks"), 401, "unauthenticated")


def test_a_revoked_token_and_a_suspended_account_end_at_once(site: sites.Site) -> None:
    """At the next request (T05)."""
    person = site.cast["editor_a"]
    client = harness.api_client(person)
    assert client.get(ROOT + "organisations").status_code == 200
    token = ApiToken.objects.get(account=person.account)
    tokens.revoke_token(person.account, uuid=token.uuid)
    is_problem(client.get(ROOT + "organisations"), 401, "unauthenticated")
    client = harness.api_client(person)
    Account.objects.filter(person=person).update(is_active=False)
    is_problem(client.get(ROOT + "organisations"), 401, "unauthenticated")


def test_a_lost_seat_is_lost_at_the_next_request(site: sites.Site, as_role: Any) -> None:
    """T05: the token goes on, the rights do not."""
    client = as_role("editor_a")
    seat = Affiliation.objects.get(person=site.cast["editor_a"])
    assert len(client.get(ROOT + "organisations").json()["items"]) == 2
    people_services.end_seat(seat, actor=COMMAND, expected=seat.version)
    assert client.get(ROOT + "organisations").json()["items"] == []
    assert client.get(ROOT + "measures").json()["items"] == []
    is_problem(
        post(client, "measures", {"assessment": str(site.assessment.uuid), "title": "X"}),
        404,
        "not-found",
    )


def test_a_role_that_demands_a_second_factor_needs_a_strong_token(site: sites.Site) -> None:
    """Fail closed (T14): a token made without the second factor carries no such role."""
    weak = harness.api_client(site.cast["office"], strong=False)
    assert weak.get(ROOT + "organisations").json()["items"] == []
    strong = harness.api_client(site.cast["office"])
    assert len(strong.get(ROOT + "organisations").json()["items"]) == 2


def test_a_token_of_one_network_shows_nothing_of_another(site: sites.Site, as_role: Any) -> None:
    """T06."""
    foreign = as_role("foreign_office")
    assert foreign.get(ROOT + "organisations").json()["items"] == []
    is_problem(foreign.get(f"{ROOT}organisations/{site.cast.org_a.uuid}"), 404, "not-found")
    RoleGrant.objects.filter(person=site.cast["foreign_office"]).update(network=site.network)
    assert foreign.get(f"{ROOT}organisations/{site.cast.org_a.uuid}").status_code == 200


# --- limits ---


def test_a_token_reads_so_often_and_no_more(site: sites.Site, as_role: Any, settings: Any) -> None:
    settings.LIMITS = {**settings.LIMITS, "api": (30, 60)}
    client = as_role("editor_a")
    answers = [client.get(ROOT + "networks") for _n in range(60)]
    statuses = [answer.status_code for answer in answers]
    assert statuses[:30] == [200] * 30
    is_problem(answers[-1], 429, "too-many")
    assert 0 < int(answers[-1]["Retry-After"]) <= 60
    assert as_role("editor_b").get(ROOT + "networks").status_code == 200


def test_guessing_tokens_is_limited_by_address(site: sites.Site, settings: Any) -> None:
    """T12: a forged X-Forwarded-For does not help."""
    settings.LIMITS = {**settings.LIMITS, "api.failed": (10, 600)}
    statuses = []
    for number in range(12):
        client = Client(
            headers={
                "authorization": f"Bearer lotse_{number}",
                "x-forwarded-for": f"10.0.0.{number}",
            }
        )
        statuses.append(client.get(ROOT + "networks").status_code)
    assert statuses == [401] * 10 + [429] * 2
    assert harness.api_client(site.cast["office"]).get(ROOT + "networks").status_code == 200
