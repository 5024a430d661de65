"""Logs: one event a line, findable by the number of the request, nothing personal (T32)."""

import json
import logging
import sys
from typing import Any

import pytest

from lotse import environment
from lotse.foundation.core import logs

TOKEN = "aB3dE5gH7jK9mN1pQ3sT5vW7yZ9bC1dE3fG5hJ7kL9m"
SECRETS = {
    "password": "password=Sommer2026!Haus",
    "quoted": "{'password': 'Sommer2026!Haus', 'email': 'x'}",
    "mail": "refused: erika.beispiel@verein.example",
    "link": "/checks/zugang/8mttqkQ-0jj6AjBrldZg2Z/",
    "token": f"/einladung/{TOKEN}/",
    "bearer": f"Authorization: Bearer {TOKEN}",
    "cookie": "Cookie: lotse=abcdefgh12345",
    "code": "code: 48213377",
    "row": "duplicate key\nDETAIL:  Key (lower(email))=(Sommer2026!Haus) already exists.",
}


def line(message: str, *arguments: Any, json_form: bool = False, fault: bool = False) -> str:
    """What a handler would write."""
    record = logging.LogRecord("lotse.test", logging.ERROR, "x", 1, message, arguments, None)
    if fault:
        record.exc_info = sys.exc_info()
    logs.Redact().filter(record)
    return (logs.JsonLine() if json_form else logs.Line()).format(record)


@pytest.mark.parametrize("json_form", [False, True])
@pytest.mark.parametrize("name", sorted(SECRETS))
def test_planted_secrets_do_not_appear(name: str, json_form: bool) -> None:
    said = line("Fehler: %s", SECRETS[name], json_form=json_form)
    for word in ("Sommer2026", "erika", "8mttqk", TOKEN[:12], "abcdefgh", "48213377"):
        assert word not in said
    try:
        raise ValueError(SECRETS[name])
    except ValueError:
        said = line("Fehler", json_form=json_form, fault=True)
    assert "Traceback" in said
    for word in ("Sommer2026", "erika", "8mttqk", TOKEN[:12], "abcdefgh", "48213377"):
        assert word not in said


@pytest.mark.parametrize("json_form", [False, True])
def test_user_text_makes_no_second_line_and_no_colour(json_form: bool) -> None:
    said = line(
        "Seite: %s", "/a\r\n2026 ERROR gefälscht\x1b[31m\u2028x\u202e\x85", json_form=json_form
    )
    assert len(said.splitlines()) == 1
    assert "\x1b" not in said
    assert "\u202e" not in said


def test_what_helps_stays() -> None:
    uuid = "0f4f2c52-6a7e-4a2b-9df0-2b8a6a1f7c11"
    said = line(
        "checks.assessment %s %s gespeichert", uuid, "lotse.foundation.core.housekeeping_run"
    )
    assert uuid in said
    assert "housekeeping_run" in said


def test_a_json_line_is_one_object() -> None:
    token = logs.request_id.set("abc123")
    try:
        raise OSError("kaputt")
    except OSError:
        entry = json.loads(line("Grüße %s", "ß", json_form=True, fault=True))
    finally:
        logs.request_id.reset(token)
    assert entry["message"] == "Grüße ß"
    assert (entry["level"], entry["logger"], entry["request"]) == ("ERROR", "lotse.test", "abc123")
    assert entry["time"].endswith("+00:00")
    assert entry["error"] == "OSError"
    assert "kaputt" in entry["traceback"]


@pytest.mark.django_db
def test_every_answer_has_a_number_of_its_own(client: Any) -> None:
    numbers = {
        client.get(path, headers={"X-Request-Id": "mine\r\nX: y"})["X-Request-Id"]
        for path in ("/gesund/", "/gibt-es-nicht/", "/robots.txt", "/gesund/")
    }
    assert len(numbers) == 4
    assert all(len(number) == 12 and number.isalnum() for number in numbers)
    assert logs.request_id.get() == ""


@pytest.mark.django_db
def test_the_log_line_carries_the_number_of_the_answer(client: Any, monkeypatch: Any) -> None:
    from lotse.foundation.core import health

    said: list[str] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            said.append(logs.Line().format(record))

    def broken() -> dict[str, Any]:
        raise ZeroDivisionError

    handler = Keep()
    logging.getLogger("django.request").addHandler(handler)
    monkeypatch.setattr(health, "state", broken)
    client.raise_request_exception = False
    try:
        response = client.get("/gesund/")
    finally:
        logging.getLogger("django.request").removeHandler(handler)
    assert response.status_code == 500
    assert response["X-Request-Id"] in response.content.decode(), "to be named in a report"
    assert f"[{response['X-Request-Id']}]" in said[0]


def test_the_form_of_lines_is_chosen_by_name(monkeypatch: Any) -> None:
    monkeypatch.setenv("LOTSE_LOG_FORMAT", "JSON")
    assert environment.chosen("LOTSE_LOG_FORMAT", ("line", "json")) == "json"
    monkeypatch.setenv("LOTSE_LOG_FORMAT", "xml")
    with pytest.raises(ValueError, match="LOTSE_LOG_FORMAT must be one of line, json"):
        environment.chosen("LOTSE_LOG_FORMAT", ("line", "json"))
