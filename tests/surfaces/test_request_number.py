"""A refusal names its number, so that somebody can ask the office about it."""

import re
from typing import Any

import pytest
from django.core import mail
from django.db import OperationalError
from django.test import Client
from django.urls import reverse

from lotse.foundation.accounts import sessions
from lotse.foundation.core import health
from lotse.foundation.core.logs import number_in
from lotse.foundation.core.mail import deliver_due
from lotse.foundation.parties.models import Report
from tests import make, people

pytestmark = pytest.mark.django_db
HIDDEN_PARTS = re.compile(r'value="[A-Za-z0-9]{64}"|/checks/bewertung/[0-9a-f-]{36}/')


def shown(response: Any) -> str:
    """The page, which must name the number of its answer."""
    text: str = response.content.decode()
    assert response["X-Request-Id"] in text
    return text


def alike(response: Any) -> str:
    """The page without what differs by request: number, form token, address."""
    text = shown(response).replace(response["X-Request-Id"], "NUMBER")
    return HIDDEN_PARTS.sub("X", text.replace("%2F", "/"))


def test_every_refusal_names_its_number() -> None:
    cast = people.cast()
    client = Client()
    assert client.get("/gibt-es-nicht/").status_code == 404
    pages = {
        404: client.get("/gibt-es-nicht/"),
        405: client.get("/sprache/"),
        400: client.post("/sprache/", {f"x{n}": "1" for n in range(2100)}),
        403: cast.client("member").get("/betrieb/"),
        413: client.post("/sprache/", CONTENT_LENGTH=str(2 * 1024**3)),
    }
    for status, page in pages.items():
        assert page.status_code == status
        assert f"Vorgangsnummer {page['X-Request-Id']}:" in shown(page)
    strict = Client(enforce_csrf_checks=True).post("/sprache/")
    assert strict.status_code == 403
    shown(strict)


def test_so_do_the_plain_pages(client: Any, monkeypatch: Any) -> None:
    faults = {503: OperationalError("gone"), 507: OSError(28, "full"), 500: ZeroDivisionError()}
    client.raise_request_exception = False
    for status, fault in faults.items():

        def broken(fault: Exception = fault) -> Any:
            raise fault

        monkeypatch.setattr(health, "state", broken)
        page = client.get("/gesund/")
        assert page.status_code == status
        assert f"Vorgangsnummer: {page['X-Request-Id']}" in shown(page)


def test_a_database_that_is_away_for_the_session_is_said_too(monkeypatch: Any) -> None:
    client = people.cast().client("member")
    client.raise_request_exception = False

    def gone(*_: Any) -> Any:
        raise OperationalError("gone")

    monkeypatch.setattr(sessions.SessionStore, "load", gone)
    for path in ("/gesund/", "/heute/", "/"):
        page = client.get(path)
        assert (page.status_code, page["Retry-After"]) == (503, "60"), path
        shown(page)


def test_hidden_and_missing_differ_by_nothing_but_the_number() -> None:
    make.network()
    assessment, client = make.assessment(), Client()
    hidden = client.get(reverse("checks:result", args=[assessment.uuid]))
    missing = client.get(reverse("checks:result", args=["00000000-0000-4000-8000-000000000000"]))
    again = client.get(reverse("checks:result", args=[assessment.uuid]))
    assert hidden.status_code == missing.status_code == 404
    assert alike(hidden) == alike(missing) == alike(again)
    assert len({page["X-Request-Id"] for page in (hidden, missing, again)}) == 3


def test_an_ordinary_page_names_none(client: Any) -> None:
    make.network()
    page = client.get("/")
    assert page["X-Request-Id"] not in page.content.decode()
    assert "vorgang" not in page.content.decode().lower()


def test_the_form_for_reports_takes_it_over(client: Any) -> None:
    cast = people.cast()
    refused = client.get("/gibt-es-nicht/")
    number = refused["X-Request-Id"]
    link = re.search(r'href="(/barriere-melden/[^"]+)"', shown(refused))
    assert link
    form = client.get(link[1].replace("&amp;", "&"))
    assert f'value="{number}"' in form.content.decode()
    sent = {"text": "Seite fehlt", "page": "/gibt-es-nicht/", "number": number, "reply_to": ""}
    wrong = client.post("/barriere-melden/", sent | {"text": ""})
    assert wrong.status_code == 422
    assert f'value="{number}"' in wrong.content.decode(), "what was there stays"
    assert client.post("/barriere-melden/", sent).status_code == 302
    report = Report.objects.get()
    assert report.request_number == number
    deliver_due()
    assert f"Vorgangsnummer: {number}" in str(mail.outbox[-1].body)
    page = cast.client("office").get(reverse("desk:report", args=[report.uuid]))
    assert number in page.content.decode()


@pytest.mark.parametrize(
    "value", ["", "x", "a" * 13, "A" * 12, '"><script>', "12345678901é", "0" * 999]
)
def test_only_a_number_is_filled_in(client: Any, value: str) -> None:
    make.network()
    assert number_in(value) == ""
    page = client.get("/barriere-melden/", {"vorgang": value}).content.decode()
    assert "Vorgangsnummer" not in page


def test_a_number_typed_wrong_keeps_nobody_from_reporting(client: Any) -> None:
    make.network()
    sent = {"text": "x", "number": "Zwölf 12", "page": "", "reply_to": ""}
    assert client.post("/barriere-melden/", sent).status_code == 302
    assert Report.objects.get().request_number == "Zwölf 12"
    assert client.post("/barriere-melden/", sent | {"number": "n" * 41}).status_code == 422
