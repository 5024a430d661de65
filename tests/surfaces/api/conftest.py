"""A program that asks the API as one of the cast, and what a refusal must look like."""

import json
from typing import Any

import pytest
from django.test import Client

from tests.trust import harness
from tests.trust import site as sites

ROOT = "/api/v1/"


@pytest.fixture
def site(common_site: sites.Site, settings: Any, tmp_path: Any) -> sites.Site:
    settings.MEDIA_ROOT = tmp_path
    return common_site


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
