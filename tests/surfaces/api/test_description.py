"""The description of the API: reviewed, served, and shown on a page of its own."""

import json
from pathlib import Path

import pytest
from django.test import Client

from lotse.surfaces.api.mount import api
from tests.surfaces.api.conftest import ROOT

pytestmark = pytest.mark.django_db
SNAPSHOT = Path(__file__).parents[1] / "openapi.json"


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
