"""T14: roles that demand a second factor; every way in ends in the question for it."""

import re
import time
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value

from lotse.foundation.accounts import services, signin
from lotse.foundation.accounts.models import Account, Session
from lotse.foundation.accounts.tokens import actor_for
from lotse.foundation.core.models import LogEntry
from lotse.foundation.parties.models import Person, RoleGrant
from tests.foundation.accounts.conftest import ADDRESS, code_in, mails, sign_in, signed_in

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def app_code(secret: str = SECRET, step: int = 0) -> str:
    """What the app on the telephone shows."""
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // 30 + step)))


@pytest.fixture
def factor(account: Account) -> Any:
    """The account's app."""
    return TOTP.activate(account, SECRET).instance


@pytest.fixture
def office(account: Account, network: Any) -> RoleGrant:
    """A role that demands a second factor."""
    person = Person.objects.create(account=account, last_name="Vogt", home=network)
    return RoleGrant.objects.create(
        person=person, role="office", network=network, reason="Test", granted_by="command"
    )


def by_password(client: Any, account: Account) -> None:
    sign_in(client)


def by_code(client: Any, account: Account) -> None:
    client.post("/konto/anmelden/code/", {"email": ADDRESS})
    client.post("/konto/anmelden/code/eingeben/", {"code": code_in()})


def by_reset(client: Any, account: Account) -> None:
    client.post("/konto/passwort/vergessen/", {"email": ADDRESS})
    client.post("/konto/passwort/vergessen/code/", {"code": code_in()})
    client.post("/konto/passwort/vergessen/neu/", {"password1": "Sieben Enten im Nebel"})


def by_unproved_address(client: Any, account: Account) -> None:
    EmailAddress.objects.filter(user=account).update(verified=False)
    sign_in(client)
    client.post("/konto/adresse/bestaetigen/", {"code": code_in()})


def by_invitation(client: Any, account: Account) -> None:
    """What the page of an invitation does, without its page."""
    from allauth.core import context
    from django.test import RequestFactory

    from lotse.foundation.accounts.sessions import SessionStore

    client.get("/konto/anmelden/")
    request = RequestFactory().get("/")
    request.session = store = SessionStore()
    request.user = account_of_nobody()
    with context.request_context(request):
        signin.start(request, services.account_for_invited(ADDRESS), method="invitation")
    store.save()
    client.cookies["lotse"] = store.session_key


def account_of_nobody() -> Any:
    from django.contrib.auth.models import AnonymousUser

    return AnonymousUser()


WAYS = [by_password, by_code, by_reset, by_unproved_address, by_invitation]


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_every_way_in_asks_for_the_second_factor(
    account: Account, factor: Any, visit: Any, way: Any
) -> None:
    """T14: nobody is signed in before it, whatever came first."""
    client = visit()
    way(client, account)
    assert not signed_in(client)
    assert not Session.objects.filter(account=account).exists()
    for path in ("/konto/sitzungen/", "/konto/zwei-faktor/", "/konto/passwort/", "/konto/adresse/"):
        assert client.get(path)["Location"].startswith("/konto/anmelden/"), path
    page = client.get("/konto/anmelden/zweiter-faktor/")
    assert page.status_code == 200
    wrong = client.post("/konto/anmelden/zweiter-faktor/", {"code": "000000"})
    assert wrong.status_code == 422
    client.post("/konto/anmelden/zweiter-faktor/", {"code": app_code()})
    assert signed_in(client)
    assert Session.objects.get(account=account).strong


def test_a_fault_in_the_question_lets_nobody_in(
    account: Account, factor: Any, visit: Any, monkeypatch: Any
) -> None:
    """T14: fail closed."""
    from lotse.foundation.accounts.factors import Adapter

    def broken(*args: Any, **kwargs: Any) -> bool:
        raise RuntimeError("provider not loaded")

    client = visit(raise_request_exception=False)
    monkeypatch.setattr(Adapter, "is_mfa_enabled", broken)
    assert sign_in(client).status_code == 500
    monkeypatch.undo()
    assert not signed_in(client)


def test_a_code_of_the_app_is_good_once(account: Account, factor: Any, visit: Any) -> None:
    """T14: also for another process, which shares no cache."""
    from django.core.cache import cache

    code = app_code()
    first, second = visit(), visit()
    for client in (first, second):
        sign_in(client)
        cache.clear()
        client.post("/konto/anmelden/zweiter-faktor/", {"code": code})
    assert signed_in(first)
    assert not signed_in(second)


def test_guessing_codes_is_limited(account: Account, factor: Any, visit: Any) -> None:
    """T12: five tries in 15 minutes, however many browsers and addresses."""
    answers = []
    for number in range(7):
        client = visit(ip=f"10.0.0.{number}")
        sign_in(client)
        answers.append(
            client.post("/konto/anmelden/zweiter-faktor/", {"code": "000000"}).status_code
        )
    assert answers == [422] * 5 + [429] * 2


def test_secrets_rest_encrypted(account: Account, factor: Any) -> None:
    assert SECRET not in str(Authenticator.objects.values_list("data", flat=True)[0])


def test_set_up_of_the_app_and_recovery_codes(account: Account, visit: Any) -> None:
    """The codes are shown once, can be saved, and each opens once."""
    other, client = visit(), visit()
    sign_in(other)
    sign_in(client)
    before = client.cookies["lotse"].value
    page = client.get("/konto/zwei-faktor/app/").content.decode()
    assert 'src="data:image/svg+xml;base64,' in page
    secret = re.search(r'<p class="secret">([A-Z2-7]+)</p>', page)
    assert secret
    assert client.post("/konto/zwei-faktor/app/", {"code": "000000"}).status_code == 422
    response = client.post("/konto/zwei-faktor/app/", {"code": app_code(secret[1])})
    assert response["Location"] == "/konto/zwei-faktor/codes/"
    assert client.cookies["lotse"].value != before
    assert not signed_in(other)
    assert Session.objects.get(account=account).strong
    shown = client.get("/konto/zwei-faktor/codes/").content.decode()
    codes = re.findall(r"<li>(\d{8})</li>", shown)
    assert len(codes) == 10
    file = client.post("/konto/zwei-faktor/codes/laden/", {"codes": codes})
    assert all(code in file.content.decode() for code in codes)
    assert "attachment" in file["Content-Disposition"]
    assert client.post("/konto/zwei-faktor/codes/laden/", {"codes": ["1"]}).status_code == 404
    assert codes[0] not in client.get("/konto/zwei-faktor/codes/").content.decode()
    for number, opens in ((0, True), (0, False), (1, True)):
        again = visit()
        sign_in(again)
        again.post("/konto/anmelden/zweiter-faktor/", {"code": codes[number]})
        assert signed_in(again) is opens


def test_reset_of_the_password_keeps_the_factor(account: Account, factor: Any, visit: Any) -> None:
    by_reset(visit(), account)
    assert Authenticator.objects.filter(user=account).count() == 1


class TestGate:
    """T14: an account whose role demands a second factor and that has none."""

    def test_leads_to_the_set_up_and_nowhere_else(self, office: RoleGrant, visit: Any) -> None:
        client = visit()
        sign_in(client)
        for path in ("/", "/konto/", "/checks/", "/konto/schluessel/", "/suche/?q=x"):
            assert client.get(path)["Location"].startswith("/konto/zwei-faktor/?next="), path
        assert client.post("/konto/sitzungen/andere-beenden/").status_code == 302
        assert client.get("/", headers={"HX-Request": "true"})["HX-Redirect"]
        page = client.get("/konto/zwei-faktor/")
        assert "verlangt einen zweiten Faktor" in page.content.decode()
        assert client.get("/impressum/").status_code == 200
        assert client.post("/sprache/", {"language": "en"}).status_code == 302

    def test_opens_when_the_app_is_set_up(self, office: RoleGrant, visit: Any) -> None:
        client = visit()
        sign_in(client)
        page = client.get("/konto/zwei-faktor/app/").content.decode()
        secret = re.search(r'<p class="secret">([A-Z2-7]+)</p>', page)
        assert secret
        client.post("/konto/zwei-faktor/app/", {"code": app_code(secret[1])})
        assert client.get("/").status_code == 200
        assert Session.objects.get().strong

    def test_holds_from_the_next_request_after_a_grant(
        self, account: Account, network: Any, visit: Any
    ) -> None:
        client = visit()
        sign_in(client)
        assert client.get("/").status_code == 200
        person, _made = Person.objects.get_or_create(account=account)
        RoleGrant.objects.create(
            person=person, role="office", network=network, reason="Test", granted_by="command"
        )
        assert client.get("/").status_code == 302

    def test_a_weak_session_is_asked_for_the_factor_it_has(
        self, office: RoleGrant, account: Account, visit: Any
    ) -> None:
        client = visit()
        sign_in(client)
        TOTP.activate(account, SECRET)
        ask = client.get("/")["Location"]
        assert ask == "/konto/pruefen/faktor/?next=%2F"
        assert client.post(ask, {"code": "000000"}).status_code == 422
        assert client.post(ask, {"code": app_code()})["Location"] == "/"
        assert client.get("/").status_code == 200

    def test_the_last_factor_stays(
        self, office: RoleGrant, account: Account, factor: Any, visit: Any
    ) -> None:
        client = visit()
        sign_in(client)
        client.post("/konto/anmelden/zweiter-faktor/", {"code": app_code()})
        response = client.post("/konto/zwei-faktor/app/entfernen/")
        assert response.status_code == 422
        assert Authenticator.objects.filter(user=account, type="totp").exists()
        office.delete()
        assert client.post("/konto/zwei-faktor/app/entfernen/").status_code == 302
        assert not Authenticator.objects.filter(user=account, type="totp").exists()

    def test_such_an_account_does_not_stay_signed_in(
        self, office: RoleGrant, account: Account, factor: Any, visit: Any
    ) -> None:
        client = visit()
        sign_in(client, remember="on")
        client.post("/konto/anmelden/zweiter-faktor/", {"code": app_code()})
        row = Session.objects.get(account=account)
        assert (row.strong, row.strict, row.stay) == (True, True, False)


def test_a_key_for_programs_made_without_second_factor_has_no_such_role(
    office: RoleGrant, account: Account
) -> None:
    """T14: the bearer path is no way around."""
    from lotse.foundation.accounts.services import tokens

    made = {"name": "Export", "scopes": ["checks:read"], "days": 30}
    _weak, weak = tokens.create_token(account, strong=False, **made)
    _strong, strong = tokens.create_token(account, strong=True, **made)
    actors = [actor_for(weak), actor_for(strong)]
    assert [actor.holds("office") for actor in actors if actor] == [False, True]


@pytest.mark.parametrize("page", ["app/entfernen/", "codes/neu/"])
def test_a_factor_that_goes_takes_the_roles_of_the_keys_along(
    account: Account, factor: Any, visit: Any, page: str
) -> None:
    """T14: whoever held the factor may have made the key."""
    from lotse.foundation.accounts.services import tokens

    made = {"name": "Export", "scopes": ["checks:read"], "days": 30, "strong": True}
    row, secret = tokens.create_token(account, **made)
    client = visit()
    sign_in(client)
    client.post("/konto/anmelden/zweiter-faktor/", {"code": app_code()})
    row.refresh_from_db()
    assert row.strong
    assert client.post(f"/konto/zwei-faktor/{page}").status_code == 302
    row.refresh_from_db()
    assert not row.strong
    assert actor_for(secret) is not None
    assert LogEntry.objects.filter(code="accounts.token.weakened", object_uuid=row.uuid).exists()


def test_a_passkey_that_goes_does_the_same(account: Account, factor: Any, visit: Any) -> None:
    from lotse.foundation.accounts.queries import passkey_key
    from lotse.foundation.accounts.services import tokens

    passkey = Authenticator.objects.create(
        user=account, type=Authenticator.Type.WEBAUTHN, data={"name": "Schlüssel"}
    )
    row, _secret = tokens.create_token(
        account, name="Export", scopes=["checks:read"], days=30, strong=True
    )
    client = visit()
    sign_in(client)
    client.post("/konto/anmelden/zweiter-faktor/", {"code": app_code()})
    page = f"/konto/zwei-faktor/passkey/{passkey_key(passkey)}/entfernen/"
    assert client.post(page).status_code == 302
    assert not Authenticator.objects.filter(pk=passkey.pk).exists()
    row.refresh_from_db()
    assert not row.strong


def test_changes_are_mailed(account: Account, factor: Any, visit: Any) -> None:
    client = visit()
    sign_in(client)
    client.post("/konto/anmelden/zweiter-faktor/", {"code": app_code()})
    client.post("/konto/zwei-faktor/app/entfernen/")
    assert "entfernt" in mails(code="accounts.changed")[-1].text


def test_steps_of_somebody_else_do_not_count(account: Account, factor: Any, visit: Any) -> None:
    """T14: what one account showed in this browser makes no other one strong."""
    from lotse.foundation.accounts.strength import strong_in

    shown = [{"method": "mfa", "type": "totp", "at": 1.0}]
    own = {"_auth_user_id": "7", "account_authentication_methods": shown}
    assert strong_in({**own, "account_authentication_methods_user": "7"})
    assert not strong_in({**own, "account_authentication_methods_user": "8"})
    assert not strong_in(own)
    assert not strong_in({"account_authentication_methods": shown})
