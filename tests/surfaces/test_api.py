"""The API: what it gives to whom, pages, states, keys, refusals (T02, T05, T18, T38, T55)."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from lotse.foundation.accounts.models import ApiToken
from lotse.foundation.accounts.services import tokens
from lotse.foundation.core import clock
from lotse.foundation.core.actor import COMMAND
from lotse.foundation.measures import services as measures
from lotse.foundation.measures.models import Measure
from lotse.foundation.parties.models import Affiliation, Network, Organisation, RoleGrant
from lotse.foundation.parties.services import people as people_services
from lotse.foundation.topics.models import Region, Topic
from lotse.rooms.checks import format as check_format
from lotse.surfaces.api.mount import api
from tests import make, people
from tests.trust import harness
from tests.trust import site as sites
from tests.trust.test_nasty import NASTY

pytestmark = pytest.mark.django_db
SNAPSHOT = Path(__file__).parent / "openapi.json"
ROOT = "/api/v1/"


@pytest.fixture
def site(settings: Any, tmp_path: Any) -> sites.Site:
    settings.MEDIA_ROOT = tmp_path
    return sites.build()


@pytest.fixture
def as_role(site: sites.Site) -> Any:
    return lambda role: harness.api_client(site.cast[role])


def post(client: Client, path: str, data: Any, **headers: str) -> Any:
    body = data if isinstance(data, str | bytes) else json.dumps(data)
    return client.post(ROOT + path, body, content_type="application/json", headers=headers)


def patch(client: Client, path: str, data: Any, **headers: str) -> Any:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.patch(
        ROOT + path, json.dumps(data), content_type="application/json", headers=named
    )


def is_problem(response: Any, status: int, code: str) -> Any:
    body = json.loads(response.content)
    assert response.status_code == status, body
    assert response["Content-Type"] == "application/problem+json"
    assert body["status"] == status
    assert body["type"].endswith(f"/api/#problem-{code}")
    assert body["title"]
    return body


# --- the description ---


def test_the_description_is_the_reviewed_one() -> None:
    """A change of the API is seen in review. To renew the file on purpose:
    `.venv/bin/python -m tests.surfaces.openapi`"""
    now = json.loads(json.dumps(api.get_openapi_schema()))
    assert now == json.loads(SNAPSHOT.read_text(encoding="utf-8")), (
        "The API changed. If that is meant: .venv/bin/python -m tests.surfaces.openapi"
    )


def test_the_description_is_served(client: Client) -> None:
    document = client.get(ROOT + "openapi.json").json()
    assert document["openapi"].startswith("3.1")
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            assert operation["security"], (path, method)
            assert "401" in operation["responses"], (path, method)
    patched = document["paths"]["/api/v1/measures/{uuid}"]["patch"]
    assert {"412", "428", "413"} <= set(patched["responses"])


def test_the_page_of_the_api_needs_no_other_host(client: Client) -> None:
    html = client.get("/api/").content.decode()
    assert "GET /api/v1/organisations" in html
    assert 'id="problem-precondition"' in html
    assert "https://" not in html.replace("https://localhost", "")


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
        assert as_role(role).get(ROOT + "measures").json()["items"] == [], role
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
    person.account.is_active = False  # type: ignore[union-attr]  # it has one
    person.account.save()  # type: ignore[union-attr]
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


# --- writing ---


def test_a_measure_is_made_once_with_one_key(site: sites.Site, as_role: Any) -> None:
    """T38."""
    client = as_role("editor_a")
    data = {"assessment": str(site.assessment.uuid), "title": " Ein  Blatt ",
            "due_on": "2026-12-01", "urgency": 3, "checkpoint": "planen",
            "status": "running"}  # fmt: skip
    first = post(client, "measures", data, **{"idempotency-key": "a b c 1"})
    assert first.status_code == 201
    made = first.json()
    assert made["title"] == "Ein Blatt"
    assert (made["due_on"], made["urgency"], made["status"]) == ("2026-12-01", 3, "running")
    assert made["checkpoint"] == "planen"
    assert first["Location"] == f"{ROOT}measures/{made['uuid']}"
    again = post(client, "measures", data, **{"idempotency-key": "a b c 1"})
    assert (again.status_code, again.json()) == (201, made)
    assert again["Idempotency-Replayed"] == "true"
    other = post(client, "measures", {**data, "title": "Y"}, **{"idempotency-key": "a b c 1"})
    is_problem(other, 422, "key-reused")
    assert Measure.objects.filter(origin_uuid=site.assessment.uuid).count() == 2
    assert post(client, "measures", data).json()["uuid"] != made["uuid"]
    Measure.objects.filter(uuid=made["uuid"]).delete()
    gone = post(client, "measures", data, **{"idempotency-key": "a b c 1"})
    is_problem(gone, 404, "not-found")
    for key in ("ä", "x" * 201, "a\tb"):
        is_problem(post(client, "measures", data, **{"idempotency-key": key}), 400, "malformed")


def test_the_key_of_one_person_is_not_that_of_another(site: sites.Site, as_role: Any) -> None:
    data = {"assessment": str(site.assessment.uuid), "title": "X"}
    first = post(as_role("editor_a"), "measures", data, **{"idempotency-key": "k"})
    assert first.status_code == 201
    for role, status in (("editor_b", 404), ("adviser", 403), ("member", 404), ("office", 404)):
        refused = post(as_role(role), "measures", data, **{"idempotency-key": "k"})
        assert refused.status_code == status, role


def test_a_change_names_the_state_it_changes(site: sites.Site, as_role: Any) -> None:
    """T37: nobody overwrites what they have not read."""
    client = as_role("editor_a")
    path = f"measures/{site.measure.uuid}"
    is_problem(patch(client, path, {"title": "Neu"}), 428, "precondition")
    tag = client.get(ROOT + path)["ETag"]
    changed = patch(client, path, {"title": "Neu", "due_on": None}, if_match=tag)
    assert changed.status_code == 200
    assert (changed.json()["title"], changed.json()["due_on"]) == ("Neu", None)
    assert changed["ETag"] != tag
    is_problem(patch(client, path, {"title": "Alt"}, if_match=tag), 412, "changed")
    site.measure.refresh_from_db()
    assert site.measure.title == "Neu"
    assert patch(client, path, {}, if_match=changed["ETag"]).json() == changed.json()
    assert patch(client, path, {"status": "done"}, if_match="*").json()["done_on"]
    assert client.get(ROOT + path)["ETag"] not in (tag, changed["ETag"])


def test_a_save_in_between_is_a_conflict(
    site: sites.Site, as_role: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from lotse.surfaces.api import services

    client = as_role("editor_a")
    path = f"measures/{site.measure.uuid}"
    real = services._change

    def late(*arguments: Any, **options: Any) -> None:
        Measure.objects.filter(pk=site.measure.pk).update(version=9)
        real(*arguments, **options)

    monkeypatch.setattr(services, "_change", late)
    answer = patch(client, path, {"title": "Neu"}, if_match=client.get(ROOT + path)["ETag"])
    is_problem(answer, 409, "conflict")


def test_who_takes_care_reports_and_no_more(site: sites.Site, as_role: Any) -> None:
    """As on the pages: the person in charge says how it stands, no more (T03)."""
    client = as_role("member")
    path = f"measures/{site.measure.uuid}"
    done = patch(client, path, {"status": "waiting", "delay_reason": "Urlaub"}, if_match="*")
    assert (done.status_code, done.json()["status"]) == (200, "waiting")
    is_problem(patch(client, path, {"title": "Meins"}, if_match="*"), 403, "not-allowed")
    is_problem(
        patch(as_role("adviser"), path, {"status": "done"}, if_match="*"), 403, "not-allowed"
    )
    is_problem(patch(as_role("editor_b"), path, {"status": "done"}, if_match="*"), 404, "not-found")
    reader = harness.api_client(site.cast["editor_a"], scopes=["measures:read"])
    is_problem(patch(reader, path, {"status": "done"}, if_match="*"), 403, "scope")


@pytest.mark.parametrize(
    "field",
    ["uuid", "id", "pk", "version", "network", "network_id", "origin_uuid", "origin_type",
     "person_id", "organisation_id", "created_at", "done_on", "assessment", "is_operator", "role",
     "rated_at", "level_before", "actor", "__class__"],
)  # fmt: skip
def test_no_field_but_the_named_ones_is_taken(site: sites.Site, as_role: Any, field: str) -> None:
    """T04."""
    client = as_role("editor_a")
    before = Measure.objects.filter(pk=site.measure.pk).values().get()
    answer = patch(
        client, f"measures/{site.measure.uuid}", {field: "1", "title": "X"}, if_match="*"
    )
    body = is_problem(answer, 422, "invalid")
    assert body["errors"][0]["pointer"] == f"#/{field}"
    assert Measure.objects.filter(pk=site.measure.pk).values().get() == before
    if field != "assessment":
        data = {"assessment": str(site.assessment.uuid), "title": "X", field: "1"}
        is_problem(post(client, "measures", data), 422, "invalid")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"[]", 400),
        (b'"x"', 400),
        (b"null", 400),
        (b"\xff\xfe", 400),
        (b'{"title": "\\ud800"}', 400),
        (b'{"title": "a", "title": "b"}', 400),
        (b'{"urgency": NaN}', 400),
        (b'{"urgency": 1e309}', 422),
        (b'{"urgency": ' + b"9" * 5000 + b"}", 400),
        (b'{"a":' * 1000 + b"1" + b"}" * 1000, 400),
        (b"[" * 100_000, 400),
        (b'{"title": "' + b"x" * 1_000_000 + b'"}', 413),
        (b'{"title": ["a"]}', 422),
        (b'{"title": 1}', 422),
        (b'{"title": null}', 422),
        (b'{"title": "  "}', 422),
        (b'{"title": "\\u0000"}', 422),
        (b'{"urgency": true}', 422),
        (b'{"urgency": "2"}', 422),
        (b'{"due_on": 20261201}', 422),
        (b'{"due_on": "2026-02-31"}', 422),
        (b'{"due_on": "0001-01-01"}', 422),
        (b'{"due_on": "2026-W10-1"}', 422),
        (b'{"status": "offen"}', 422),
    ],
)
def test_a_body_that_is_none(site: sites.Site, as_role: Any, body: bytes, status: int) -> None:
    client = as_role("editor_a")
    sent = client.patch(
        f"{ROOT}measures/{site.measure.uuid}",
        body,
        content_type="application/json",
        headers={"if-match": "*"},
    )
    assert sent.status_code == status, sent.content
    assert sent["Content-Type"] == "application/problem+json"
    new = client.post(f"{ROOT}measures", body, content_type="application/json")
    assert 400 <= new.status_code < 500
    site.measure.refresh_from_db()
    assert site.measure.title == "Ein Blatt schreiben"


def test_only_json_is_read(site: sites.Site, as_role: Any) -> None:
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
        answer = as_role("editor_a").post(f"{ROOT}measures", b"{}", content_type=kind)
        is_problem(answer, 415, "media-type")


def test_an_unknown_point_is_said(site: sites.Site, as_role: Any) -> None:
    data = {"assessment": str(site.assessment.uuid), "title": "X", "checkpoint": "gibt-es-nicht"}
    body = is_problem(post(as_role("editor_a"), "measures", data), 422, "invalid")
    assert body["errors"][0]["pointer"] == "#/checkpoint"


# --- refusals ---


def test_refusals_speak_the_language_asked_for(client: Client) -> None:
    german = client.get(ROOT + "organisations", headers={"accept-language": "de"}).json()
    assert german["title"] == "Der Schlüssel fehlt oder gilt nicht"
    english = client.get(ROOT + "organisations", headers={"accept-language": "en"}).json()
    assert english["title"] == "The key is missing or not valid"


@pytest.mark.parametrize(
    "path", ["", "networks/", "gibt-es-nicht", "networks/keine-uuid", "networks/%00", "../x"]
)
def test_addresses_that_do_not_exist(client: Client, path: str) -> None:
    is_problem(client.get(ROOT + path), 404, "not-found")
    is_problem(client.post(ROOT + path, b"x", content_type="text/plain"), 404, "not-found")


def test_other_methods_name_the_allowed_ones(client: Client) -> None:
    refused = client.delete(ROOT + "measures")
    is_problem(refused, 405, "method")
    assert refused["Allow"] == "GET, POST"


def test_a_database_that_does_not_answer(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    from django.db import OperationalError

    from lotse.surfaces.api import networks

    def broken(*arguments: Any, **options: Any) -> None:
        raise OperationalError("database or disk is full")

    monkeypatch.setattr(networks, "page_of", broken)
    response = client.get(ROOT + "networks")
    is_problem(response, 507, "full")
    assert response["Retry-After"] == "60"


def test_a_fault_of_the_program_is_no_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    from lotse.surfaces.api import networks

    def broken(*arguments: Any, **options: Any) -> None:
        raise RuntimeError("geheim")

    monkeypatch.setattr(networks, "page_of", broken)
    response = Client(raise_request_exception=False).get(ROOT + "networks")
    assert response.status_code == 500
    assert "geheim" not in response.content.decode()


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


# --- the forty nasty inputs ---


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("networks", ["limit", "cursor"]),
        ("checks", ["limit", "cursor"]),
        ("organisations", ["limit", "cursor", "network", "kind", "region", "topic", "q"]),
        ("measures", ["limit", "cursor", "assessment", "status"]),
    ],
)
def test_nasty_parameters(as_role: Any, settings: Any, path: str, names: list[str]) -> None:
    """T55: every parameter takes every input without a fault of the program."""
    settings.LIMITS = dict.fromkeys(settings.LIMITS, (10**6, 60))
    client = as_role("operator")
    for name in names:
        for value in NASTY:
            sent = value[:20_000]
            status = client.get(ROOT + path, {name: sent}).status_code
            assert status in (200, 400), (name, value[:30])


BODY = ["title", "reason", "responsible", "due_on", "urgency", "status", "delay_reason",
        "controller", "control_on"]  # fmt: skip


@pytest.mark.parametrize("field", BODY)
def test_nasty_fields(site: sites.Site, as_role: Any, settings: Any, field: str) -> None:
    settings.LIMITS = dict.fromkeys(settings.LIMITS, (10**6, 60))
    client = as_role("editor_a")
    path = f"measures/{site.measure.uuid}"
    for value in [*NASTY, None, 1, -1, 2**63, 1.5, True, [], {}, ["x"], {"a": 1}, "\ud800"]:
        answer = patch(client, path, {field: value}, if_match="*")
        assert answer.status_code in (200, 400, 413, 422), (field, str(value)[:30])
        if answer.status_code == 200:
            assert answer.json() == client.get(ROOT + path).json()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=40),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3)
    ),
    max_leaves=8,
)


@hypothesis_settings(
    max_examples=80, deadline=None, suppress_health_check=list(HealthCheck), database=None
)
@given(
    data=st.dictionaries(
        st.sampled_from([*BODY, "assessment", "checkpoint", "x"]), JSON, max_size=4
    ),
    title=st.text(max_size=210),
    query=st.text(max_size=60),
)
def test_any_json_is_taken_or_refused(
    site: sites.Site, data: dict[str, Any], title: str, query: str
) -> None:
    """What is stored is what the next reading gives; nothing ends in 5xx (T18, T55)."""
    client = harness.api_client(site.cast["editor_a"])
    path = f"measures/{site.measure.uuid}"
    for body in (data, {**data, "title": title}):
        answer = patch(client, path, body, if_match="*")
        assert answer.status_code in (200, 400, 422)
        if answer.status_code == 200:
            assert answer.json() == client.get(ROOT + path).json()
        new = post(client, "measures", {"assessment": str(site.assessment.uuid), **body})
        assert new.status_code in (201, 400, 404, 422)
    assert client.get(ROOT + "organisations", {"q": query}).status_code in (200, 400)
    ApiToken.objects.all().delete()
