"""The command line: help, wrong use, doctor, mail as files."""

import json
from email import message_from_bytes
from pathlib import Path
from typing import Any

import pytest
from django.core.mail import EmailMessage, get_connection
from django.core.management import call_command

from lotse import cli


def test_help_and_wrong_use(capsys: Any) -> None:
    with pytest.raises(SystemExit) as stop:
        cli.main([])
    assert stop.value.code == 2
    with pytest.raises(SystemExit) as stop:
        cli.main(["--help"])
    assert stop.value.code == 0
    assert "lotse serve" in capsys.readouterr().out


@pytest.mark.django_db
def test_doctor_says_what_is_missing(capsys: Any, settings: Any, tmp_path: Path) -> None:
    settings.STATIC_ROOT = tmp_path
    with pytest.raises(SystemExit) as stop:
        call_command("doctor", "--json")
    assert stop.value.code == 1
    rows = {row["what"]: row for row in json.loads(capsys.readouterr().out)}
    assert rows["Datenbank auf dem Stand dieser Version"]["ok"]
    assert rows["Schriften der Papiere"]["ok"]
    assert rows["Statische Dateien"]["todo"] == "lotse collectstatic --noinput"
    with pytest.raises(SystemExit):
        call_command("doctor")
    assert "lotse collectstatic" in capsys.readouterr().out


def test_serve_needs_its_static_files(settings: Any, tmp_path: Path) -> None:
    from django.core.management import CommandError

    settings.STATIC_ROOT = tmp_path
    with pytest.raises(CommandError, match="collectstatic"):
        call_command("serve")


def test_mail_of_the_embedded_installation_is_a_readable_file(
    settings: Any, tmp_path: Path
) -> None:
    settings.EMAIL_FILE_PATH = tmp_path / "mail"
    connection = get_connection("lotse.foundation.core.mail.FolderBackend")
    message = EmailMessage("Betreff", "Grüße", "von@x.example", ["an@x.example"])
    assert connection.send_messages([message, message]) == 2
    files = list((tmp_path / "mail").glob("*.eml"))
    assert len(files) == 2
    assert files[0].stat().st_mode & 0o077 == 0
    parsed = message_from_bytes(files[0].read_bytes())
    assert parsed["To"] == "an@x.example"
    assert parsed.get_payload(decode=True).decode() == "Grüße"


@pytest.mark.django_db
def test_accounts_know_their_address_without_case() -> None:
    from django.db import IntegrityError, transaction

    from lotse.foundation.accounts.models import Account

    account = Account.objects.create_user("Frau@Verein.Example", "ein langes passwort")
    assert Account.objects.get_by_natural_key("FRAU@verein.example") == account
    assert account.check_password("ein langes passwort")
    with pytest.raises(IntegrityError), transaction.atomic():
        Account.objects.create(email="FRAU@verein.example")


def test_argon2id_is_what_hashes_passwords() -> None:
    from django.contrib.auth.hashers import check_password, make_password

    from lotse import settings as product
    from lotse.foundation.accounts.hashers import Argon2id

    assert product.PASSWORD_HASHERS == ["lotse.foundation.accounts.hashers.Argon2id"]
    hasher = Argon2id()
    encoded = hasher.encode("geheim", hasher.salt())
    assert encoded.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")
    assert hasher.verify("geheim", encoded)
    assert not hasher.verify("falsch", encoded)
    assert check_password("x", make_password("x"))
