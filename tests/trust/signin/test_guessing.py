"""Attacks on signing in: guessing, spraying, floods of codes (T10 to T12)."""

from typing import Any

import pytest

from lotse.foundation.accounts.models import Account
from lotse.foundation.core import clock
from lotse.foundation.core.models import LimitCounter, OutboxMail
from tests.trust.signin.conftest import KNOWN, PASSWORD, UNKNOWN, attempt, browser


def mails_about(code: str) -> int:
    return OutboxMail.objects.filter(code=code).count()


class TestGuessing:
    def test_one_account(self, account: Account, monkeypatch: Any) -> None:
        """T10: 30 wrong, then the right one: paused after five, free again within 30 minutes, the
        owner mailed once, nobody elsewhere held up."""
        client = browser("10.1.1.1")
        answers = [attempt(client, f"falsch falsch {n}").status_code for n in range(30)]
        assert answers == [422] * 5 + [429] * 25
        blocked = attempt(client, PASSWORD)
        assert blocked.status_code == 429
        assert int(blocked["Retry-After"]) <= 60
        assert mails_about("accounts.blocked") == 1
        assert attempt(browser("10.1.1.2"), PASSWORD).status_code == 302
        later = clock.now() + passwords_pause()
        monkeypatch.setattr(clock, "now", lambda: later)
        assert attempt(client, PASSWORD).status_code == 302

    def test_the_pause_grows_but_ends(self, account: Account, monkeypatch: Any) -> None:
        """T10: each further failure doubles the pause, up to 15 minutes."""
        from datetime import timedelta

        client, moment, pauses = browser("10.1.1.1"), clock.now(), []
        monkeypatch.setattr(clock, "now", lambda: moment)
        for _failure in range(5):
            attempt(client, "falsch falsch falsch")
        for _round in range(3):
            pauses.append(int(attempt(client, PASSWORD)["Retry-After"]))
            moment += timedelta(seconds=pauses[-1] + 1)
            assert attempt(client, "falsch falsch falsch").status_code == 422
        assert pauses == [60, 120, 240]

    def test_a_mail_code_still_works_from_the_same_place(self, account: Account) -> None:
        """T10: the way by mail is not held up by wrong passwords."""
        import re

        client = browser("10.1.1.1")
        for _failure in range(6):
            attempt(client, "falsch falsch falsch")
        client.post("/konto/anmelden/code/", {"email": KNOWN})
        text = OutboxMail.objects.filter(code="accounts.code.login").latest("pk").text
        code = re.search(r"\d{4}-\d{4}", text)
        assert code
        client.post("/konto/anmelden/code/eingeben/", {"code": code[0]})
        assert client.get("/konto/").status_code == 200

    def test_spraying(self, account: Account) -> None:
        """T11: one address tries one password on many accounts: 20 in ten minutes."""
        client = browser("10.1.1.1")
        answers = [
            attempt(client, "Sommer2026!Sommer", f"person{n}@werkstatt.example").status_code
            for n in range(30)
        ]
        assert answers == [422] * 20 + [429] * 10
        assert attempt(browser("10.1.1.2"), PASSWORD).status_code == 302

    def test_only_failures_count(self, account: Account) -> None:
        """T11, rulings 21: a whole office behind one address signs in as often as it likes."""
        for _person in range(25):
            assert attempt(browser("10.1.1.1"), PASSWORD).status_code == 302

    def test_a_forged_header_changes_nothing(self, account: Account, settings: Any) -> None:
        """T12: without proxies X-Forwarded-For is ignored; behind one the last part counts."""
        client = browser("10.1.1.1")
        for n in range(5):
            attempt(client, "falsch falsch", HTTP_X_FORWARDED_FOR=f"10.9.9.{n}")
        again = attempt(client, PASSWORD, HTTP_X_FORWARDED_FOR="10.9.9.77")
        assert again.status_code == 429
        settings.PROXIES = 1
        LimitCounter.objects.all().delete()
        for n in range(5):
            attempt(client, "falsch falsch", HTTP_X_FORWARDED_FOR=f"10.9.9.{n}, 10.5.5.5")
        forged = "10.9.9.77, 10.5.5.5"
        assert attempt(client, PASSWORD, HTTP_X_FORWARDED_FOR=forged).status_code == 429

    def test_limits_rest_in_the_database(self, account: Account) -> None:
        """T12: a second process, or one after a restart, shares nothing but the database."""
        from django.core.cache import cache

        for _failure in range(5):
            attempt(browser("10.1.1.1"), "falsch falsch falsch")
            cache.clear()
        assert attempt(browser("10.1.1.1"), PASSWORD).status_code == 429

    @pytest.mark.parametrize("path", ["/konto/anmelden/code/", "/konto/passwort/vergessen/"])
    def test_codes_by_mail(self, account: Account, path: str) -> None:
        """T12: three mails an hour from one place to one inbox, known or not (T13)."""
        for email in (KNOWN, UNKNOWN):
            answers = [
                browser("10.2.1.1").post(path, {"email": email}).status_code for _ in range(5)
            ]
            assert answers == [302] * 3 + [429] * 2
            assert OutboxMail.objects.filter(address=email).count() == 3

    @pytest.mark.parametrize("email", [KNOWN, UNKNOWN])
    def test_nobody_uses_up_somebody_elses_codes(self, account: Account, email: str) -> None:
        """T10: a stranger who asks again and again does not hold up the owner's sign-in."""
        path = "/konto/anmelden/code/"
        for _request in range(30):
            browser("10.2.1.1").post(path, {"email": email})
        assert browser("10.3.1.1").post(path, {"email": email.upper()}).status_code == 302

    @pytest.mark.parametrize("email", [KNOWN, UNKNOWN])
    def test_an_inbox_is_not_flooded_from_many_places(self, account: Account, email: str) -> None:
        """T12: twelve an hour and inbox in all; the answer is the same for every address (T13)."""
        path = "/konto/anmelden/code/"
        answers = [
            browser(f"10.2.{n}.1").post(path, {"email": email}).status_code for n in range(14)
        ]
        assert answers == [302] * 12 + [429] * 2
        assert OutboxMail.objects.filter(address=email).count() == 12

    def test_registration(self, account: Account) -> None:
        """T12: five an hour and address."""
        answers = [
            browser().post("/konto/registrieren/", {"email": f"neu{n}@x.example"}).status_code
            for n in range(7)
        ]
        assert answers == [302] * 5 + [429] * 2


def passwords_pause() -> Any:
    """The longest time after which the right password opens again (T10: 30 minutes at most)."""
    from datetime import timedelta

    return timedelta(minutes=15, seconds=1)
