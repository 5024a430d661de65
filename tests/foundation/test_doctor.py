"""`lotse doctor`: says what is missing, in three groups, and what to do."""

import json
import smtplib
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import OperationalError, connection

from lotse.foundation.core import clock, doctor
from lotse.foundation.core.hooks import Finding
from lotse.foundation.core.models import LogEntry
from tests import make

pytestmark = pytest.mark.django_db


def look() -> dict[str, Finding]:
    return {finding.what: finding for finding in doctor.findings()}


def note(settings: Any, tmp_path: Path, days: float) -> None:
    settings.DATA_DIR = tmp_path
    at = (clock.now() - timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")
    (tmp_path / "backup.json").write_text(json.dumps({"at": at}))


def test_the_three_groups_and_the_end(capsys: Any, settings: Any, tmp_path: Path) -> None:
    note(settings, tmp_path, 5)
    with pytest.raises(SystemExit) as stop:
        call_command("doctor")
    assert stop.value.code == 1
    said = capsys.readouterr().out
    assert said.index("fehlt:") < said.index("prüfen:") < said.index("in Ordnung:")
    assert "Letzte Sicherung jünger als zwei Tage: Sie ist 5 Tage alt" in said
    assert "Adresse mit https: LOTSE_BASE_URL=https://… setzen" in said


def test_as_json_for_monitoring(capsys: Any) -> None:
    with pytest.raises(SystemExit):
        call_command("doctor", "--json")
    rows = json.loads(capsys.readouterr().out)
    assert {row["state"] for row in rows} <= {"missing", "check", "ok"}
    assert all(
        row["ok"] == (row["state"] == "ok") and bool(row["todo"]) != row["ok"] for row in rows
    )


@pytest.mark.parametrize(("days", "state"), [(0.1, "ok"), (3, "check"), (31, "missing")])
def test_the_age_of_the_backup(settings: Any, tmp_path: Path, days: float, state: str) -> None:
    note(settings, tmp_path, days)
    assert look()["Letzte Sicherung jünger als zwei Tage"].state == state


def test_never_backed_up(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path
    assert "Noch nie" in look()["Letzte Sicherung jünger als zwei Tage"].todo


def test_behind_https_the_proxies_want_counting(settings: Any) -> None:
    settings.HTTPS, settings.PROXIES = True, 0
    assert look()["Vorgeschaltete Webserver gezählt"].state == "check"
    settings.PROXIES = 1
    assert look()["Vorgeschaltete Webserver gezählt"].state == "ok"


def test_the_key(settings: Any, tmp_path: Path, monkeypatch: Any) -> None:
    what = "Geheimer Schlüssel nur für den Dienst lesbar"
    settings.DATA_DIR, settings.SECRET_KEY = tmp_path, "x" * 60
    file = tmp_path / "secret_key"
    file.write_text("x" * 60)
    file.chmod(0o644)
    assert look()[what].todo == f"chmod 600 {file}"
    file.chmod(0o600)
    assert look()[what].state == "ok"
    settings.SECRET_KEY = "short"
    assert "zu kurz" in look()[what].todo
    monkeypatch.setenv("LOTSE_SECRET_KEY", "x" * 60)
    assert "LOTSE_SECRET_KEY_FILE" in look()[what].todo


def test_a_mail_server_that_does_not_answer(settings: Any, monkeypatch: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    finding = look()["Mailserver antwortet"]
    assert (finding.state, "ConnectionRefusedError" in finding.todo) == ("missing", True)

    def refused(self: Any) -> None:
        raise smtplib.SMTPAuthenticationError(535, b"user erika@x.example refused")

    monkeypatch.setattr("django.core.mail.backends.smtp.EmailBackend.open", refused)
    assert "erika" not in look()["Mailserver antwortet"].todo


def test_a_silent_database_is_the_first_thing(monkeypatch: Any) -> None:
    def silent(*_: Any, **__: Any) -> None:
        raise OperationalError("no")

    monkeypatch.setattr(connection, "cursor", silent)
    monkeypatch.setattr(connection, "close", lambda: None)
    assert doctor.findings()[0].what == "Datenbank antwortet"
    assert doctor.findings()[0].state == "missing"


def test_a_clock_that_went_back(monkeypatch: Any) -> None:
    assert look()["Uhr geht richtig"].state == "ok"
    network = make.network()
    LogEntry.objects.create(actor="x", code="x", object_type="x", object_uuid=network.uuid,
                            at=clock.now() + timedelta(hours=3))  # fmt: skip
    assert look()["Uhr geht richtig"].state == "missing"


def test_demo_data_are_named() -> None:
    assert look()["Keine Demodaten"].state == "ok"
    network = make.network()
    type(network).objects.update(is_demo=True)
    assert look()["Keine Demodaten"].state == "missing"
