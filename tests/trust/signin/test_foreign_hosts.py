"""Foreign forms, forged hosts, and where `next` leads (T15, T16)."""

import pytest
from django.conf import settings as project

from lotse.foundation.accounts.models import Account, Session
from lotse.foundation.core.models import OutboxMail
from tests.trust.signin.conftest import KNOWN, LOGIN, PASSWORD, UNKNOWN, attempt, browser


class TestForeignForms:
    @pytest.mark.parametrize(
        "path", [LOGIN, "/konto/abmelden/", "/konto/anmelden/code/", "/konto/passwort/vergessen/",
                 "/konto/registrieren/", "/konto/anmelden/passkey/"],
    )  # fmt: skip
    def test_without_token(self, account: Account, path: str) -> None:
        """T15: sign-in and sign-out, too."""
        client = browser(enforce_csrf_checks=True)
        data = {"login": KNOWN, "email": KNOWN, "password": PASSWORD}
        assert client.post(path, data).status_code == 403
        assert not Session.objects.exclude(account=None).exists()

    def test_sign_out_is_no_link(self, account: Account) -> None:
        """T15: opening the address ends nothing."""
        client = browser()
        attempt(client, PASSWORD)
        client.get("/konto/abmelden/")
        assert client.get("/konto/").status_code == 200

    def test_another_site_is_refused(self, account: Account) -> None:
        """T15: a foreign origin, with a token all the same."""
        client = browser(enforce_csrf_checks=True)
        page = client.get(LOGIN).content.decode()
        token = page.partition('name="csrfmiddlewaretoken" value="')[2].partition('"')[0]
        data = {"login": KNOWN, "password": PASSWORD, "csrfmiddlewaretoken": token}
        foreign = client.post(LOGIN, data, headers={"Origin": "https://boese.example"})
        assert foreign.status_code == 403
        assert client.post(LOGIN, data).status_code == 302


AWAY = ["//boese.example/", "/\\boese.example", "https:boese.example", "https://boese.example/",
        "%2f%2fboese.example", "/%09/boese.example", "javascript:alert(1)", "\t//boese.example",
        "///boese.example", "boese.example"]  # fmt: skip


class TestHosts:
    @pytest.mark.parametrize("target", AWAY)
    def test_next_stays_here(self, account: Account, target: str) -> None:
        """T16: whatever `next` says, a sign-in and a sign-out lead to this host."""
        client = browser()
        data = {"login": KNOWN, "password": PASSWORD, "next": target}
        for response in (client.post(LOGIN, data), client.post("/konto/abmelden/", data)):
            location = response["Location"]
            assert location.startswith("/"), location
            assert not location.startswith(("//", "/\\")), location
            assert "boese" not in location or location.startswith("/%09"), location

    def test_next_on_this_host_is_followed(self, account: Account) -> None:
        data = {"login": KNOWN, "password": PASSWORD, "next": "/checks/"}
        assert browser().post(LOGIN, data)["Location"] == "/checks/"

    def test_a_forged_host_is_refused(self, account: Account) -> None:
        """T16."""
        response = browser().post(LOGIN, {"login": KNOWN}, headers={"Host": "boese.example"})
        assert response.status_code == 400

    def test_mails_carry_the_configured_address(self, account: Account) -> None:
        """T16: no header of the request reaches a mail."""
        headers = {"X-Forwarded-Host": "boese.example", "Host": "127.0.0.1"}
        client = browser()
        client.post("/konto/anmelden/code/", {"email": UNKNOWN}, headers=headers)
        mail = OutboxMail.objects.get(address=UNKNOWN)
        assert f"{project.BASE_URL}/konto/anmelden/" in mail.text
        for part in (mail.text, mail.html, mail.subject):
            assert "boese" not in part
            assert "127.0.0.1" not in part
