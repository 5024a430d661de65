"""A passkey gets the name its owner knows it by."""

from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client

from lotse.foundation.accounts.models import Account
from lotse.foundation.accounts.queries import passkey_key
from lotse.foundation.accounts.services import factors
from lotse.foundation.core.errors import Refused
from lotse.foundation.core.models import LogEntry
from tests.foundation.accounts.conftest import sign_in

pytestmark = pytest.mark.django_db
INDEX = "/konto/zwei-faktor/"


@pytest.fixture
def passkey(account: Account) -> Authenticator:
    return Authenticator.objects.create(
        user=account,
        type=Authenticator.Type.WEBAUTHN,
        data={"name": "Mein Passkey", "credential": {"id": "abc"}},
    )


@pytest.fixture
def client(account: Account, visit: Any) -> Client:
    """Signed in just now; the passkey comes later, so no second factor is asked for."""
    found: Client = visit()
    sign_in(found)
    return found


def page_of(passkey: Authenticator) -> str:
    return f"{INDEX}passkey/{passkey_key(passkey)}/umbenennen/"


def name_of(passkey: Authenticator) -> str:
    passkey.refresh_from_db()
    return str(passkey.wrap().name)


def test_it_gets_another_name(client: Client, passkey: Authenticator) -> None:
    assert page_of(passkey) in client.get(INDEX).content.decode()
    assert 'value="Mein Passkey"' in client.get(page_of(passkey)).content.decode()
    response = client.post(page_of(passkey), {"name": "  Telefon \n von Maren "})
    assert (response.status_code, response["Location"]) == (302, INDEX)
    assert name_of(passkey) == "Telefon von Maren"
    assert passkey.data["credential"] == {"id": "abc"}
    assert "Telefon von Maren" in client.get(INDEX).content.decode()


def test_the_log_says_that_not_how(
    client: Client, passkey: Authenticator, account: Account
) -> None:
    client.post(page_of(passkey), {"name": "Telefon"})
    line = LogEntry.objects.get(code="accounts.factor.webauthn.renamed")
    assert (line.actor, line.before, line.after) == (f"account:{account.uuid}", None, None)


@pytest.mark.parametrize("name", ["", "   ", "x" * 61])
def test_what_is_no_name_is_refused_and_kept(
    client: Client, passkey: Authenticator, name: str
) -> None:
    response = client.post(page_of(passkey), {"name": name})
    assert response.status_code == 422
    assert name.strip() in response.content.decode()
    assert name_of(passkey) == "Mein Passkey"


def test_a_name_is_never_markup(client: Client, passkey: Authenticator) -> None:
    client.post(page_of(passkey), {"name": "<script>alert(1)</script>"})
    for page in (INDEX, page_of(passkey), page_of(passkey).replace("umbenennen", "entfernen")):
        assert "<script>alert" not in client.get(page).content.decode()


def test_nobody_names_the_passkey_of_somebody_else(
    client: Client, passkey: Authenticator, network: Any
) -> None:
    other = Account.objects.create_user("anders@werkstatt.example")
    theirs = Authenticator.objects.create(
        user=other, type=Authenticator.Type.WEBAUTHN, data={"name": "Deren"}
    )
    for answer in (client.get(page_of(theirs)), client.post(page_of(theirs), {"name": "x"})):
        assert answer.status_code == 404
    with pytest.raises(Refused):
        factors.rename_passkey(passkey.user, theirs, name="x")
    assert name_of(theirs) == "Deren"


def test_it_asks_who_is_there(
    client: Client, passkey: Authenticator, monkeypatch: pytest.MonkeyPatch
) -> None:
    from lotse.foundation.accounts import reauth

    monkeypatch.setattr(reauth, "recent", lambda request: False)
    assert client.post(page_of(passkey), {"name": "Telefon"}).status_code == 302
    assert name_of(passkey) == "Mein Passkey"
