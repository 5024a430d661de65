"""Which passwords are taken, and how they are kept (T29)."""

import unicodedata

import pytest
from django.contrib.auth.password_validation import CommonPasswordValidator

from lotse.foundation.accounts import passwords
from lotse.foundation.accounts.models import Account
from tests.trust.signin.conftest import PASSWORD, attempt, browser


class TestPasswords:
    """T29."""

    @pytest.mark.parametrize("length", [12, 14, 15, 64, 128])
    def test_length_is_what_counts(self, account: Account, length: int) -> None:
        typed = ("wgzkx hqvbn trmop lsdjf " * 6)[: length - 1] + "!"
        assert len(typed) == length
        client = browser()
        attempt(client, PASSWORD)
        assert client.post("/konto/passwort/", {"password1": typed}).status_code == 302
        assert attempt(browser(), typed).status_code == 302
        assert attempt(browser(), typed[:-1]).status_code == 422

    @pytest.mark.parametrize(("length", "said"), [(7, "mindestens 12"), (8, "mindestens 12"),
                                                  (11, "mindestens 12"), (129, "höchstens 128"),
                                                  (200, "höchstens 128")])  # fmt: skip
    def test_too_short_or_long_is_said(self, account: Account, length: int, said: str) -> None:
        client = browser()
        attempt(client, PASSWORD)
        typed = ("wgzkx hqvbn trmop lsdjf " * 10)[:length]
        response = client.post("/konto/passwort/", {"password1": typed.replace(" ", "x")})
        assert response.status_code == 422
        assert said in response.content.decode()

    def test_composed_and_decomposed_letters_are_the_same(self, account: Account) -> None:
        client = browser()
        attempt(client, PASSWORD)
        typed = "Grüße über Österreich, schön"
        client.post("/konto/passwort/", {"password1": unicodedata.normalize("NFD", typed)})
        assert attempt(browser(), unicodedata.normalize("NFC", typed)).status_code == 302
        assert attempt(browser(), unicodedata.normalize("NFD", typed)).status_code == 302

    def test_blanks_count(self, account: Account) -> None:
        client = browser()
        attempt(client, PASSWORD)
        typed = "  zwölf Enten auf dem Dach  "
        assert client.post("/konto/passwort/", {"password1": typed}).status_code == 302
        assert attempt(browser(), typed).status_code == 302
        assert attempt(browser(), typed.strip()).status_code == 422

    def test_common_ones_are_refused(self) -> None:
        common = sorted(CommonPasswordValidator().passwords)
        assert len(common) > 3000
        assert [word for word in common if not passwords.faults(word)] == []

    @pytest.mark.parametrize(
        "typed",
        ["password1234", "Passwort12345", "Musterregion2026", "Werkbank-2026-Werkbank",
         "lotselotselotse", "Netzwerk Beispielregion", "aaaaaaaaaaaaaaaa", "123412341234"],
    )  # fmt: skip
    def test_obvious_ones_are_refused(self, account: Account, typed: str) -> None:
        client = browser()
        attempt(client, PASSWORD)
        response = client.post("/konto/passwort/", {"password1": typed})
        assert response.status_code == 422, typed
        assert "leicht zu erraten" in response.content.decode()

    def test_no_rules_of_composition(self) -> None:
        assert passwords.faults("nurkleinebuchstabenhier") == []
        assert passwords.faults("пароль из русских слов") == []

    def test_hashing(self) -> None:
        """Argon2id, 19 MiB, two passes, one lane."""
        from lotse.foundation.accounts.hashers import Argon2id

        assert Argon2id().encode("x", "somesalt").startswith("argon2$argon2id$v=19$m=19456,t=2,p=1")
