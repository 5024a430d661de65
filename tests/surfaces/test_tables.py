"""The raw tables: off unless the operator switches them on; then for the operator's eyes only.

What holds while they are on is in `tables_switched_on.py`, run here in a process of its own, for
settings decide which apps there are.
"""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.test import Client

from lotse.foundation.accounts.models import Account
from lotse.foundation.core.models import LogEntry, OutboxMail
from lotse.foundation.parties.models import Invitation, Network
from lotse.surfaces.tables.shown import SHOWN, columns_of, fields_of
from tests import people

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.django_db
def test_off_there_is_nothing() -> None:
    assert not settings.ADMIN
    assert not apps.is_installed("django.contrib.admin")
    client = people.cast().client("operator")
    assert client.get("/betrieb/").status_code == 200
    assert client.get("/betrieb/tabellen/").status_code == 404
    assert Client().get("/betrieb/tabellen/").status_code == 404


def _switched_on(*command: str) -> Any:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("LOTSE_", "PYTEST_", "COV_"))}
    return subprocess.run([sys.executable, "-m", *command], cwd=ROOT, check=False, text=True,
                          capture_output=True, timeout=120,
                          env=kept | {"LOTSE_ADMIN": "1"})  # fmt: skip


def test_switched_on() -> None:
    done = _switched_on("pytest", "-p", "no:cacheprovider", "tests/surfaces/tables_switched_on.py")
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]
    assert "passed" in done.stdout or "." in done.stdout
    assert "skipped" not in done.stdout


def test_no_secret_is_shown() -> None:
    """By name what is known to be secret, and everything that is called so."""
    assert "password" not in fields_of(Account)
    assert "token_hash" not in fields_of(Invitation)
    assert not {"text", "html", "subject"} & set(fields_of(OutboxMail))
    assert not {"before", "after"} & set(fields_of(LogEntry))
    assert "logo" not in fields_of(Network)
    for model in SHOWN:
        for name in fields_of(model):
            assert not any(word in name for word in ("password", "token", "secret", "digest"))
    tables = {model._meta.label_lower for model in SHOWN}
    for closed in ("accounts.session", "accounts.apitoken", "accounts.knowndevice", "checks.answer",
                   "checks.accesslink", "checks.assessment", "core.chainpayload", "core.trashitem",
                   "mfa.authenticator", "measures.measure", "documents.document"):  # fmt: skip
        apps.get_model(closed)
        assert closed not in tables


def test_a_list_names_other_rows_by_their_key() -> None:
    assert columns_of(Invitation)[0] == "id"
    assert "network_id" in columns_of(Invitation)
    assert all(len(columns_of(model)) <= 7 for model in SHOWN)
