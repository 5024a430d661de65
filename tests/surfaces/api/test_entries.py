"""Entries of the directory over the API: as published, never more; no collection of addresses."""

from datetime import timedelta

import pytest
from django.test import Client

from lotse.foundation.core import clock
from lotse.foundation.core.actor import COMMAND
from lotse.rooms.directory.services import entries, publishing
from tests import make, people
from tests.surfaces.api.conftest import ROOT, is_problem

pytestmark = pytest.mark.django_db
BARE = {"topics": [], "regions": []}


NAME, OTHER = "Cramer berät e. V.", "Dorn GmbH"


@pytest.fixture
def public(site):
    made = people.organisation(site.cast.network, NAME)
    return make.entry(made, channels=("web",), **BARE)


@pytest.fixture
def for_members(site):
    made = people.organisation(site.cast.network, OTHER)
    return make.entry(made, channels=("members",), **BARE)


def names(client, query="", kind="organisation"):
    query = f"{query}&kind={kind}" if query else f"?kind={kind}"
    response = client.get(f"{ROOT}entries{query}")
    assert response.status_code == 200, response.content
    # Others are there, too: those of the site that all tests of surfaces share.
    known = (NAME, OTHER, "Erstgespräch")
    return [row["name"] for row in response.json()["items"] if row["name"] in known]


def test_everybody_reads_what_is_public(public, for_members, client: Client):
    assert names(client) == [NAME]
    shown = client.get(f"{ROOT}entries/{public.uuid}").json()
    assert shown["content"]["offers"] == make.ORGANISATION["offers"]
    assert (shown["channel"], shown["revision"], shown["on_behalf"]) == ("web", 2, True)
    entries.save(public, actor=COMMAND, expected=public.version,
                 content={**public.latest.content, "offers": "Geheimes"})  # fmt: skip
    assert "Geheimes" not in client.get(f"{ROOT}entries/{public.uuid}").content.decode()


def test_members_read_more_with_a_token(public, for_members, client: Client, as_role):
    other = for_members
    assert names(as_role("member"), "?channel=members") == [OTHER]
    assert names(as_role("registered"), "?channel=members") == []
    assert names(client, "?channel=members") == []
    assert as_role("member").get(f"{ROOT}entries/{other.uuid}").json()["channel"] == "members"
    is_problem(client.get(f"{ROOT}entries/{other.uuid}"), 404, "not-found")
    is_problem(as_role("foreign_office").get(f"{ROOT}entries/{other.uuid}"), 404, "not-found")


def test_no_answer_holds_a_way_to_reach_anybody(public, client: Client):
    assert "@" not in client.get(f"{ROOT}entries").content.decode()
    shown = client.get(f"{ROOT}entries/{public.uuid}").json()
    assert {"email", "phone"}.isdisjoint(shown["content"])
    assert shown["content"]["city"] == "Mannheim"


def test_it_can_be_narrowed_down(site, public, client: Client):
    make.entry(public.organisation, service=True, channels=("web",), **BARE)
    assert names(client, kind="service") == ["Erstgespräch"]
    assert names(client, f"?network={site.cast.other.uuid}") == []
    later = (clock.now() + timedelta(minutes=1)).isoformat().replace("+00:00", "Z")
    assert names(client, f"?modified_after={later}") == []
    is_problem(client.get(f"{ROOT}entries?kind=king"), 400, "malformed")
    is_problem(client.get(f"{ROOT}entries?channel=brochure"), 400, "malformed")


def test_what_was_taken_back_is_gone(site, public, client: Client):
    publishing.unpublish(public, actor=COMMAND, channel="web", expected=public.version)
    assert names(client) == []
    is_problem(client.get(f"{ROOT}entries/{public.uuid}"), 404, "not-found")


def test_queries(site, public, as_role, count_queries):
    client, counts = as_role("member"), []
    client.get(f"{ROOT}entries")  # the token is noted as used
    for _more in range(2):
        with count_queries() as queries:
            client.get(f"{ROOT}entries")
        counts.append(queries.count)
        make.entry(public.organisation, service=True, channels=("web",), **BARE)
        make.entry(public.organisation, service=True, channels=("web",), **BARE)
    assert counts[0] == counts[1] <= 8
    person = make.entry(site.cast["adviser"], channels=("web",), **BARE)
    for entry in (public, person):
        with count_queries() as queries:
            assert client.get(f"{ROOT}entries/{entry.uuid}").status_code == 200
        assert queries.count <= 12, entry.kind
