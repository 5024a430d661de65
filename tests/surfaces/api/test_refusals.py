"""Refusals of the API: their language, their addresses, a machine in trouble."""

from typing import Any

import pytest
from django.test import Client

from tests.surfaces.api.conftest import ROOT, is_problem

pytestmark = pytest.mark.django_db


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
