"""What the API gives to whom, and how its lists are walked (T02, T08)."""

import json
from typing import Any

import pytest
from django.test import Client

from lotse.foundation.core.actor import COMMAND
from lotse.foundation.measures import services as measures
from lotse.foundation.parties.models import Network, Organisation
from lotse.foundation.topics.models import Region, Topic
from lotse.rooms.checks import format as check_format
from tests import make, people
from tests.surfaces.api.conftest import ROOT, is_problem
from tests.trust import site as sites

pytestmark = pytest.mark.django_db

# --- who reads what ---


def test_everybody_reads_what_is_public(site: sites.Site, client: Client) -> None:
    found = client.get(ROOT + "networks").json()["items"]
    assert {row["uuid"] for row in found} == {
        str(uuid) for uuid in Network.objects.values_list("uuid", flat=True)
    }
    detail = client.get(f"{ROOT}networks/{site.network.uuid}").json()
    assert detail["name"] == site.network.name
    assert "contact_email" not in json.dumps(detail)
    is_problem(client.get(ROOT + "organisations"), 401, "unauthenticated")
    is_problem(client.get(ROOT + "measures"), 401, "unauthenticated")


def test_a_check_is_given_in_its_format(site: sites.Site, client: Client) -> None:
    [row] = client.get(ROOT + "checks").json()["items"]
    detail = client.get(f"{ROOT}checks/{row['uuid']}").json()
    assert detail["content"]["format"] == "lotse-check/1"
    assert check_format.digest(detail["content"]) == detail["sha256"] == row["sha256"]
    content = client.get(f"{ROOT}checks/{row['uuid']}/content").content
    assert content == check_format.canonical(detail["content"])


def test_an_unpublished_check_is_not_there(site: sites.Site, client: Client) -> None:
    type(site.check).objects.update(current=None)
    assert client.get(ROOT + "checks").json()["items"] == []
    is_problem(client.get(f"{ROOT}checks/{site.check.uuid}"), 404, "not-found")


def test_no_way_to_reach_anybody_in_any_answer(site: sites.Site, as_role: Any) -> None:
    """Lists and details carry no mail address and no telephone number (T08)."""
    type(site.cast["member"]).objects.update(phone="+49 40 123456")
    client = as_role("operator")
    for name in sites.all_names():
        if name.startswith("api:"):
            text = client.get(site.url(name)).content.decode()
            assert "@" not in text, name
            assert "123456" not in text, name


def test_organisations_are_narrowed(site: sites.Site, as_role: Any) -> None:
    cast = site.cast
    land = Region.objects.create(key="01", name="Küstenland", kind="land")
    kreis = Region.objects.create(key="01051", name="Kreis", kind="kreis", parent=land)
    group = Topic.objects.create(code="gesund", name={"de": "Gesund"})
    topic = Topic.objects.create(code="ruecken", name={"de": "Rücken"}, parent=group)
    cast.org_a.topics.add(topic)
    Organisation.objects.filter(pk=cast.org_a.pk).update(region=kreis, city="Möwenhafen")
    client = as_role("office")

    def names(query: str) -> list[str]:
        return [row["name"] for row in client.get(f"{ROOT}organisations?{query}").json()["items"]]

    both = [cast.org_a.name, cast.org_b.name]
    assert names("") == both
    for query in ("region=01", "region=01051", "topic=gesund", "topic=ruecken", "q=ahrens",
                  "q=Möwen+hilft", f"network={cast.network.uuid}&q=ahr"):  # fmt: skip
        assert names(query) == both[:1], query
    assert names("region=00") == both
    assert names("kind=firm") == []
    assert names("region=02") == names("topic=nichts") == names("q=gibtesnicht") == []
    assert names(f"network={cast.other.uuid}") == []


def test_measures_are_those_of_the_pages(site: sites.Site, as_role: Any) -> None:
    for role in ("editor_a", "adviser", "member"):
        rows = as_role(role).get(ROOT + "measures").json()["items"]
        assert [row["uuid"] for row in rows] == [str(site.measure.uuid)], role
    for role in ("registered", "editor_b", "office", "coordinator", "auditor", "operator", "former",
                 "foreign_office"):  # fmt: skip
        rows = as_role(role).get(ROOT + "measures").json()["items"]
        assert str(site.measure.uuid) not in [row["uuid"] for row in rows], role
        detail = as_role(role).get(f"{ROOT}measures/{site.measure.uuid}")
        is_problem(detail, 404, "not-found")


def test_who_only_takes_care_does_not_learn_where_it_comes_from(
    site: sites.Site, as_role: Any
) -> None:
    own = as_role("member").get(f"{ROOT}measures/{site.measure.uuid}").json()
    assert own["assessment"] is None
    assert own["checkpoint"] == ""
    theirs = as_role("editor_a").get(f"{ROOT}measures/{site.measure.uuid}").json()
    assert theirs["assessment"] == str(site.assessment.uuid)
    by_assessment = f"{ROOT}measures?assessment={site.assessment.uuid}"
    assert as_role("member").get(by_assessment).json()["items"] == []
    assert len(as_role("editor_a").get(by_assessment).json()["items"]) == 1
    assert as_role("editor_a").get(by_assessment + "&status=done").json()["items"] == []


# --- lists ---


@pytest.mark.parametrize("path", ["networks", "organisations", "checks", "measures"])
def test_pages_are_walked_to_the_end(site: sites.Site, as_role: Any, path: str) -> None:
    for number in range(4):
        make.network(name=f"Netz {number % 2}")
        people.organisation(site.network, f"Gleicher Name {number % 2}")
        make.long_check(1, code=f"test.seite-{number}")
        measures.create_measure(actor=COMMAND, origin=site.measure.origin, title=f"M {number}")
    client = as_role("editor_a")
    everything = client.get(ROOT + path).json()
    assert everything["next"] is None
    seen, address = [], f"{ROOT}{path}?limit=2"
    while address:
        response = client.get(address)
        seen += response.json()["items"]
        assert len(response.json()["items"]) <= 2
        address = response.json()["next"]
        assert response.get("Link", "") == (f'<{address}>; rel="next"' if address else "")
    assert seen == everything["items"]
    assert len(seen) > 4


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=201", "limit=-1", "limit=1000000", "limit=1.5", "limit=x", "limit=",
     "limit=1&limit=2", "unbekannt=1", "cursor=x", "cursor=bnVsbA", "cursor=WzEsMl0", "cursor=%00",
     "cursor=WyJhIiwgIngiXQ", "cursor=WyJcdWQ4MDAiLCAieCJd", "limit[]=1", "sort=name", "page=1",
     "cursor=WyJhXHUwMDAwIiwgIngiXQ", "limit=99999999999999999999"],
)  # fmt: skip
@pytest.mark.parametrize("path", ["networks", "organisations", "checks", "measures"])
def test_a_wrong_query_is_said_not_guessed(as_role: Any, path: str, query: str) -> None:
    body = is_problem(as_role("office").get(f"{ROOT}{path}?{query}"), 400, "malformed")
    assert body["errors"]
    assert all(error["parameter"] for error in body["errors"])


@pytest.mark.parametrize("path", ["networks", "organisations", "checks", "measures"])
def test_lists_cost_the_same_for_one_and_for_fifty(
    site: sites.Site, as_role: Any, count_queries: Any, path: str
) -> None:
    client = as_role("editor_a")
    client.get(ROOT + path)
    costs = []
    for number in (1, 3, 50):
        for step in range(number):
            make.network(name=f"Netz {number} {step}")
            made = people.organisation(site.network, f"Organisation {number} {step}")
            made.topics.add(Topic.objects.create(code=f"t-{number}-{step}", name={"de": "T"}))
            measures.create_measure(
                actor=COMMAND, origin=site.measure.origin, title="M", organisation_id=made.pk
            )
        with count_queries() as queries:
            assert client.get(f"{ROOT}{path}?limit={number}").status_code == 200
        costs.append(queries.count)
    assert max(costs) <= 8
    assert len(set(costs)) == 1, costs


def test_what_is_held_already_is_not_sent_again(site: sites.Site, as_role: Any) -> None:
    client = as_role("editor_a")
    for path in ("networks", "organisations", "measures", f"measures/{site.measure.uuid}",
                 f"checks/{site.check.uuid}", f"organisations/{site.cast.org_a.uuid}"):  # fmt: skip
        first = client.get(ROOT + path)
        again = client.get(ROOT + path, headers={"if-none-match": f'"x", {first["ETag"]}'})
        assert (again.status_code, again.content) == (304, b""), path
        assert again["ETag"] == first["ETag"]
        assert client.get(ROOT + path, headers={"if-none-match": '"x"'}).status_code == 200
        head = client.head(ROOT + path)
        assert head["ETag"] == first["ETag"]
        assert head.content == b""
        assert {"Authorization", "Accept-Language"} <= set(first["Vary"].split(", "))
