"""Measures made and changed through the API: keys, states, fields, bodies (T03, T04, T37, T38)."""

from typing import Any

import pytest

from lotse.foundation.measures.models import Measure
from tests.surfaces.api.conftest import ROOT, is_problem, patch, post
from tests.trust import harness
from tests.trust import site as sites

pytestmark = pytest.mark.django_db


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
