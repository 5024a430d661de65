"""Keys for programs, invited accounts, two accounts merged."""

import re
from datetime import timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.urls import reverse
from django.utils.translation import override

from lotse.foundation.accounts import services
from lotse.foundation.accounts.models import Account, ApiToken
from lotse.foundation.accounts.services import tokens
from lotse.foundation.accounts.tokens import actor_for
from lotse.foundation.core import clock
from lotse.foundation.core.actor import ANONYMOUS, COMMAND, Actor, Grant
from lotse.foundation.core.errors import NotAllowed, Refused
from lotse.foundation.core.models import LogEntry, OutboxMail
from tests.foundation.accounts.conftest import ADDRESS, PASSWORD, code_in, sign_in, signed_in

FORM = {"name": "Kalender", "scopes": ["checks:read"], "days": "30"}


def made(client: Any) -> str:
    """A new key, as the page shows it once."""
    page = client.post("/konto/schluessel/", FORM).content.decode()
    found = re.search(r'id="token-secret">(lotse_[\w-]+)<', page)
    assert found
    return found[1]


def test_is_shown_once_and_kept_as_a_hash(account: Account, visit: Any) -> None:
    client = visit()
    sign_in(client)
    secret = made(client)
    assert secret not in client.get("/konto/schluessel/").content.decode()
    assert not any(secret in str(row) for row in ApiToken.objects.values_list())
    actor = actor_for(secret)
    assert actor is not None
    assert actor.uuid == account.uuid
    assert actor.scopes == {"checks:read"}


def test_ends(account: Account, visit: Any, monkeypatch: Any) -> None:
    """Revoked, run out, account suspended: it opens nothing."""
    client = visit()
    sign_in(client)
    revoked, late, suspended = made(client), made(client), made(client)
    rows = list(ApiToken.objects.order_by("pk"))
    client.post(reverse("accounts:token-revoke", args=[rows[0].uuid]))
    assert actor_for(revoked) is None
    assert actor_for(late) is not None
    later = clock.now() + timedelta(days=31)
    with monkeypatch.context() as patch:
        patch.setattr(clock, "now", lambda: later)
        assert actor_for(late) is None
    services.suspend(account, actor=COMMAND)
    assert actor_for(suspended) is None
    assert actor_for("lotse_" + "x" * 43) is None
    assert actor_for("") is None


def test_of_others_cannot_be_revoked(account: Account, visit: Any) -> None:
    services.create_account(actor=COMMAND, email="jan@werkstatt.example", password=PASSWORD)
    mine, theirs = visit(), visit()
    sign_in(mine)
    sign_in(theirs, "jan@werkstatt.example")
    secret = made(theirs)
    token = ApiToken.objects.get()
    assert mine.post(reverse("accounts:token-revoke", args=[token.uuid])).status_code == 404
    assert actor_for(secret) is not None


def test_only_keys_that_hold_count_for_the_limit(account: Account, monkeypatch: Any) -> None:
    made = {"name": "Kalender", "scopes": ["checks:read"], "strong": False}
    for _number in range(tokens.MOST_TOKENS):
        tokens.create_token(account, days=1, **made)
    with pytest.raises(Refused):
        tokens.create_token(account, days=1, **made)
    later = clock.now() + timedelta(days=2)
    monkeypatch.setattr(clock, "now", lambda: later)
    row, _secret = tokens.create_token(account, days=1, **made)
    assert row.expires_at > later


def test_a_reset_of_the_password_revokes_the_keys(account: Account, visit: Any) -> None:
    """T28: of this account, and of no other."""
    other = services.create_account(actor=COMMAND, email="jan@werkstatt.example")
    made = {"name": "Kalender", "scopes": ["checks:read"], "days": 30, "strong": False}
    _row, mine = tokens.create_token(account, **made)
    _row, theirs = tokens.create_token(other, **made)
    client = visit()
    client.post("/konto/passwort/vergessen/", {"email": ADDRESS})
    client.post("/konto/passwort/vergessen/code/", {"code": code_in()})
    page = "/konto/passwort/vergessen/neu/"
    assert "Schlüssel für Programme" in client.get(page).content.decode()
    assert client.post(page, {"password1": "kurz"}).status_code == 422
    assert actor_for(mine) is not None
    assert client.post(page, {"password1": "Sieben Enten im Nebel"}).status_code == 302
    assert actor_for(mine) is None
    assert actor_for(theirs) is not None
    assert LogEntry.objects.filter(code="accounts.token.revoked").count() == 1


def test_a_wrong_form_says_what(account: Account, visit: Any) -> None:
    client = visit()
    sign_in(client)
    response = client.post("/konto/schluessel/", {"name": "", "days": "30"})
    assert response.status_code == 422
    assert "Bitte wählen Sie, was der Schlüssel darf." in response.content.decode()


class TestInvited:
    def test_a_new_account_without_password(self, network: Any) -> None:
        account = services.account_for_invited(" Neu@Werkstatt.example ")
        assert account.email == "neu@werkstatt.example"
        assert not account.has_usable_password()
        address = EmailAddress.objects.get(user=account)
        assert (address.verified, address.primary) == (True, True)
        assert services.account_for_invited("neu@werkstatt.example") == account

    def test_finds_the_account_by_a_further_address(self, account: Account) -> None:
        EmailAddress.objects.create(user=account, email="zweite@werkstatt.example", verified=True)
        assert services.account_for_invited("zweite@werkstatt.example") == account

    def test_a_suspended_account_is_refused(self, account: Account) -> None:
        services.suspend(account, actor=COMMAND)
        with pytest.raises(Refused):
            services.account_for_invited(ADDRESS)


def test_two_accounts_become_one(account: Account, visit: Any) -> None:
    other = services.create_account(
        actor=COMMAND, email="m.vogt@alt.example", password="Blaue Hüte am Freitag 9"
    )
    client = visit()
    sign_in(client, "m.vogt@alt.example", "Blaue Hüte am Freitag 9")
    office = Actor("account", uuid=account.uuid, grants=frozenset([Grant("office", 1)]))
    for nobody in (ANONYMOUS, office):  # an account is a way in: no office redirects one by itself
        with pytest.raises(NotAllowed):
            services.merge(account, other, nobody)
    with override("de"):  # of whoever merges
        services.merge(account, other, COMMAND, langs=("en", "de"))
    told = OutboxMail.objects.filter(code="accounts.merged").values_list("address", flat=True)
    assert set(told) == {ADDRESS, "m.vogt@alt.example"}
    heads = OutboxMail.objects.filter(code="accounts.merged")
    assert dict(heads.values_list("address", "lang")) == {ADDRESS: "en", "m.vogt@alt.example": "de"}
    assert "Zwei Konten" not in heads.get(address=ADDRESS).subject
    assert "Zwei Konten" in heads.get(lang="de").subject
    assert not signed_in(client)
    assert not other.is_active
    again = visit()
    sign_in(again, "m.vogt@alt.example", "Blaue Hüte am Freitag 9")
    assert not signed_in(again)
    sign_in(again, "m.vogt@alt.example", PASSWORD)
    assert signed_in(again)
    with pytest.raises(Refused):
        services.merge(account, account, COMMAND)


def test_daily_cleaning(account: Account, visit: Any, monkeypatch: Any) -> None:
    from lotse.foundation.accounts.models import KnownDevice
    from lotse.foundation.accounts.services import upkeep

    client = visit()
    sign_in(client)
    made(client)
    assert upkeep.delete_old() == 0
    later = clock.now() + timedelta(days=500)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert upkeep.delete_old() == 2
    assert not KnownDevice.objects.exists()
