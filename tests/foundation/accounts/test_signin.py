"""Signing in by code, password, reset, registration; the limits of a session; devices."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from lotse.foundation.accounts import services
from lotse.foundation.accounts.models import Account, KnownDevice, Session
from lotse.foundation.accounts.sessions import device_label, hash_of
from lotse.foundation.core import clock, hooks
from lotse.foundation.core.actor import COMMAND
from lotse.foundation.core.models import LogEntry, OutboxMail
from tests.foundation.accounts.conftest import (
    ADDRESS,
    PASSWORD,
    code_in,
    mails,
    sign_in,
    signed_in,
)

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"


def test_by_password(account: Account, visit: Any) -> None:
    client = visit()
    assert "Mit Code per Mail" in client.get("/konto/anmelden/").content.decode()
    assert sign_in(client).status_code == 302
    page = client.get("/konto/").content.decode()
    assert ADDRESS in page
    assert "Abmelden" in page
    assert LogEntry.objects.filter(code="accounts.session.begun").count() == 1


def test_wrong_password_says_so_and_keeps_the_address(account: Account, visit: Any) -> None:
    response = sign_in(visit(), password="falsch falsch falsch")
    assert response.status_code == 422
    assert "passen nicht zusammen" in response.content.decode()
    assert ADDRESS in response.content.decode()


def test_by_code(account: Account, visit: Any) -> None:
    client = visit()
    response = client.post("/konto/anmelden/code/", {"email": ADDRESS.upper()})
    assert response["Location"] == "/konto/anmelden/code/eingeben/"
    assert ADDRESS in client.get(response["Location"]).content.decode()
    assert client.post(response["Location"], {"code": "0000-0001"}).status_code == 422
    assert client.post(response["Location"], {"code": code_in()}).status_code == 302
    assert signed_in(client)


def test_a_code_is_good_for_three_tries(account: Account, visit: Any) -> None:
    client = visit()
    client.post("/konto/anmelden/code/", {"email": ADDRESS})
    for _try in range(3):
        client.post("/konto/anmelden/code/eingeben/", {"code": "0000-0001"})
    client.post("/konto/anmelden/code/eingeben/", {"code": code_in()})
    assert not signed_in(client)


def test_a_code_can_be_sent_again(account: Account, visit: Any) -> None:
    client = visit()
    client.post("/konto/anmelden/code/", {"email": ADDRESS})
    first = code_in()
    client.post("/konto/anmelden/code/eingeben/", {"action": "resend"})
    assert len(mails(code="accounts.code.login")) == 2
    assert code_in() != first
    client.post("/konto/anmelden/code/eingeben/", {"code": code_in()})
    assert signed_in(client)


def test_registration_by_code(network: Any, visit: Any) -> None:
    client = visit()
    response = client.post("/konto/registrieren/", {"email": "neu@werkstatt.example"})
    assert response["Location"] == "/konto/adresse/bestaetigen/"
    assert not signed_in(client)
    code = code_in("neu@werkstatt.example")
    assert client.post("/konto/adresse/bestaetigen/", {"code": code}).status_code == 302
    assert signed_in(client)
    assert not Account.objects.get().has_usable_password()


def test_registration_is_closed_where_the_network_says_so(network: Any, visit: Any) -> None:
    type(network).objects.update(may_register=False)
    client = visit()
    assert "auf Einladung" in client.get("/konto/registrieren/").content.decode()
    client.post("/konto/registrieren/", {"email": "neu@werkstatt.example"})
    assert not Account.objects.exists()
    assert not OutboxMail.objects.exists()


def test_reset_by_code_ends_all_sessions(account: Account, visit: Any) -> None:
    other, client = visit(), visit()
    sign_in(other)
    client.post("/konto/passwort/vergessen/", {"email": ADDRESS})
    response = client.post("/konto/passwort/vergessen/code/", {"code": code_in()})
    assert response["Location"] == "/konto/passwort/vergessen/neu/"
    new = "Sieben Enten im Nebel"
    assert client.post(response["Location"], {"password1": "kurz"}).status_code == 422
    assert client.post(response["Location"], {"password1": new}).status_code == 302
    assert signed_in(client)
    assert not signed_in(other)
    assert sign_in(visit(), password=PASSWORD).status_code == 422
    assert sign_in(visit(), password=new).status_code == 302
    assert len(mails(code="accounts.changed")) == 1


def test_change_of_password_ends_the_other_sessions(account: Account, visit: Any) -> None:
    """T28: the browser that changed it goes on, all others are signed out."""
    here, there = visit(), visit()
    sign_in(here)
    sign_in(there)
    response = here.post("/konto/passwort/", {"password1": "Sieben Enten im Nebel"})
    assert response.status_code == 302
    assert signed_in(here)
    assert not signed_in(there)
    assert Session.objects.filter(account=account).count() == 1


def test_new_address_by_code_and_notice_to_the_old(account: Account, visit: Any) -> None:
    client = visit()
    sign_in(client)
    client.post("/konto/adresse/", {"email": "maren@neu.example"})
    account.refresh_from_db()
    assert account.email == ADDRESS
    code = code_in("maren@neu.example")
    assert client.post("/konto/adresse/bestaetigen/", {"code": code}).status_code == 302
    account.refresh_from_db()
    assert account.email == "maren@neu.example"
    assert "maren@neu.example" in mails(code="accounts.changed")[-1].text
    assert sign_in(visit()).status_code == 422
    assert sign_in(visit(), "maren@neu.example").status_code == 302


def test_an_address_of_somebody_else_cannot_be_taken(account: Account, visit: Any) -> None:
    services.create_account(actor=COMMAND, email="jan@werkstatt.example")
    client = visit()
    sign_in(client)
    client.post("/konto/adresse/", {"email": "jan@werkstatt.example"})
    code = code_in("jan@werkstatt.example")
    response = client.post("/konto/adresse/bestaetigen/", {"code": code})
    assert response.status_code == 422
    account.refresh_from_db()
    assert account.email == ADDRESS


def test_sensitive_pages_ask_again(account: Account, visit: Any, monkeypatch: Any) -> None:
    """After ten minutes the question comes first, then the page (step-up)."""
    from lotse.foundation.accounts import reauth

    client = visit()
    sign_in(client)
    assert client.get("/konto/passwort/").status_code == 200
    later = reauth.time.time() + 700
    monkeypatch.setattr(reauth.time, "time", lambda: later)
    for path in ("/konto/passwort/", "/konto/adresse/", "/konto/zwei-faktor/app/",
                 "/konto/schluessel/", "/konto/zwei-faktor/passkeys/neu/"):  # fmt: skip
        response = client.get(path)
        assert response["Location"] == f"/konto/pruefen/?next={path.replace('/', '%2F')}", path
    ask = "/konto/pruefen/?next=/konto/passwort/"
    assert client.post(ask, {"password": "falsch falsch"}).status_code == 422
    assert client.post(ask, {"password": PASSWORD})["Location"] == "/konto/passwort/"
    assert client.get("/konto/passwort/").status_code == 200


def test_without_password_a_mail_code_answers(network: Any, visit: Any, monkeypatch: Any) -> None:
    from lotse.foundation.accounts import reauth

    services.account_for_invited(ADDRESS)
    client = visit()
    client.post("/konto/anmelden/code/", {"email": ADDRESS})
    client.post("/konto/anmelden/code/eingeben/", {"code": code_in()})
    later = reauth.time.time() + 700
    monkeypatch.setattr(reauth.time, "time", lambda: later)
    response = client.get("/konto/passwort/")
    assert response["Location"].startswith("/konto/pruefen/code/")
    assert "Code senden" in client.get(response["Location"]).content.decode()
    client.post(response["Location"], {"action": "send"})
    assert client.post(response["Location"], {"code": "0000-0001"}).status_code == 422
    answer = client.post(response["Location"], {"code": code_in()})
    assert answer["Location"] == "/konto/passwort/"
    assert client.get("/konto/passwort/").status_code == 200


class TestSessions:
    """T28."""

    def test_the_key_changes_at_sign_in_and_is_never_stored(
        self, account: Account, visit: Any
    ) -> None:
        client = visit()
        client.post("/konto/anmelden/code/", {"email": ADDRESS})
        before = client.cookies["lotse"].value
        client.post("/konto/anmelden/code/eingeben/", {"code": code_in()})
        after = client.cookies["lotse"].value
        assert before != after
        row = Session.objects.get()
        assert row.key_hash == hash_of(after)
        assert row.account_id == account.pk
        values = [str(value) for value in Session.objects.values_list()]
        assert not any(after in value for value in values)

    def test_sign_out_ends_it_on_the_server(self, account: Account, visit: Any) -> None:
        client = visit()
        sign_in(client)
        stolen = client.cookies["lotse"].value
        assert client.get("/konto/abmelden/").status_code == 200
        client.post("/konto/abmelden/")
        thief = visit()
        thief.cookies["lotse"] = stolen
        assert not signed_in(thief)

    def test_suspension_ends_all(self, account: Account, visit: Any) -> None:
        here, there = visit(), visit()
        sign_in(here)
        sign_in(there)
        Account.objects.filter(pk=account.pk).update(is_active=False)
        assert not signed_in(here)
        assert not signed_in(there)
        assert sign_in(visit())["Location"] == "/konto/gesperrt/"

    def test_two_browsers_list_and_end(self, account: Account, visit: Any) -> None:
        here, there, third = visit(agent=FIREFOX), visit(agent="curl/8"), visit()
        for client in (here, there, third):
            sign_in(client)
        page = here.get("/konto/sitzungen/").content.decode()
        assert page.count("Angemeldet seit") == 3
        assert "Firefox auf Windows" in page
        assert page.count("dieses Gerät") == 1
        row = Session.objects.get(key_hash=hash_of(there.cookies["lotse"].value))
        here.post(reverse("accounts:session-end", args=[row.uuid]))
        assert not signed_in(there)
        assert signed_in(third)
        here.post("/konto/sitzungen/andere-beenden/")
        assert not signed_in(third)
        assert signed_in(here)

    def test_of_others_cannot_be_ended(self, account: Account, visit: Any) -> None:
        services.create_account(actor=COMMAND, email="jan@werkstatt.example", password=PASSWORD)
        mine, theirs = visit(), visit()
        sign_in(mine)
        sign_in(theirs, "jan@werkstatt.example")
        row = Session.objects.get(key_hash=hash_of(theirs.cookies["lotse"].value))
        response = mine.post(reverse("accounts:session-end", args=[row.uuid]))
        assert response.status_code == 404
        assert signed_in(theirs)

    @pytest.mark.parametrize(
        ("strict", "stay", "minutes", "lives"),
        [
            (False, False, 119, True),
            (False, False, 121, False),
            (True, False, 29, True),
            (True, False, 31, False),
            (False, True, 60 * 24 * 29, True),
            (False, True, 60 * 24 * 31, False),
            (True, True, 31, False),
        ],
    )
    def test_idle(
        self, account: Account, visit: Any, monkeypatch: Any,
        strict: bool, stay: bool, minutes: int, lives: bool,
    ) -> None:  # fmt: skip
        hooks.needs_second_factor.register(needs := lambda _account: strict)
        try:
            client = visit()
            sign_in(client, **({"remember": "on"} if stay else {}))
            later = clock.now() + timedelta(minutes=minutes)
            monkeypatch.setattr(clock, "now", lambda: later)
            page = client.get("/konto/abmelden/")
            assert (page.status_code == 200) is lives
        finally:
            hooks.needs_second_factor._entries = [
                entry for entry in hooks.needs_second_factor._entries if entry[1] is not needs
            ]

    def test_twelve_hours_at_most(self, account: Account, visit: Any, monkeypatch: Any) -> None:
        client = visit()
        sign_in(client)
        start = clock.now()
        for hour in range(1, 12):
            moment = start + timedelta(hours=hour)
            monkeypatch.setattr(clock, "now", lambda moment=moment: moment)
            assert signed_in(client), hour
        monkeypatch.setattr(clock, "now", lambda: start + timedelta(hours=12, seconds=1))
        assert not signed_in(client)

    def test_polling_does_not_prolong(self, account: Account, visit: Any, monkeypatch: Any) -> None:
        client = visit()
        sign_in(client)
        start = clock.now()
        for minutes in (50, 100):
            moment = start + timedelta(minutes=minutes)
            monkeypatch.setattr(clock, "now", lambda moment=moment: moment)
            assert client.get("/konto/", headers={"X-Lotse-Poll": "1"}).status_code == 200
        monkeypatch.setattr(clock, "now", lambda: start + timedelta(minutes=121))
        assert not signed_in(client)

    def test_seen_is_written_once_a_minute(
        self, account: Account, visit: Any, count_queries: Any, monkeypatch: Any
    ) -> None:
        client = visit()
        sign_in(client)

        def writes() -> int:
            with count_queries() as queries:
                client.get("/konto/sitzungen/")
            return sum(sql.upper().startswith("UPDATE") for sql in queries.counted)

        later = clock.now() + timedelta(seconds=61)
        monkeypatch.setattr(clock, "now", lambda: later)
        assert [writes(), writes(), writes()] == [1, 0, 0]

    def test_cleaning_takes_what_ended(
        self, account: Account, visit: Any, monkeypatch: Any
    ) -> None:
        from django.core.management import call_command

        kept, gone = visit(), visit()
        sign_in(kept, remember="on")
        sign_in(gone)
        later = clock.now() + timedelta(hours=3)
        monkeypatch.setattr(clock, "now", lambda: later)
        call_command("clearsessions")
        assert Session.objects.count() == 1
        assert signed_in(kept)

    def test_signing_in_costs_few_queries(
        self, account: Account, visit: Any, count_queries: Any
    ) -> None:
        """Session with account and person, second factor, roles, seats: four at most."""
        client, stranger = visit(), visit()
        sign_in(client)
        with count_queries() as plain:
            stranger.get("/")
        with count_queries() as own:
            client.get("/")
        assert own.count - plain.count <= 4
        for path, most in (("/konto/", 12), ("/konto/sitzungen/", 8), ("/konto/schluessel/", 8)):
            with count_queries() as queries:
                assert client.get(path).status_code == 200
            assert queries.count <= most, path

    def test_the_list_costs_the_same_for_one_and_three(
        self, account: Account, visit: Any, count_queries: Any
    ) -> None:
        client = visit()
        sign_in(client)
        with count_queries() as one:
            client.get("/konto/sitzungen/")
        for _more in range(2):
            sign_in(visit())
        with count_queries() as three:
            client.get("/konto/sitzungen/")
        assert one.count == three.count


def test_device_labels() -> None:
    assert device_label(FIREFOX) == "Firefox / Windows"
    assert device_label("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Safari/604.1") == (
        "Safari / iPhone"
    )
    assert device_label("curl/8.5") == ""
    assert device_label("<script>" * 100) == ""


def test_a_new_device_is_told(account: Account, visit: Any) -> None:
    """The first browser is known from then on; another one makes a mail, once."""
    first, second = visit(agent=FIREFOX), visit(agent="curl/8")
    sign_in(first)
    assert mails(code="accounts.device") == []
    sign_in(second)
    assert len(mails(code="accounts.device")) == 1
    second.post("/konto/abmelden/")
    sign_in(second)
    assert len(mails(code="accounts.device")) == 1
    token = second.cookies["device"].value
    assert not KnownDevice.objects.filter(digest=token).exists()
    assert second.cookies["device"]["httponly"]


def test_rooms_are_told_about_a_sign_in(account: Account, visit: Any) -> None:
    """Every way in ends in the hook; a room that fails keeps nobody out."""
    seen: list[Any] = []

    def claim(request: Any, actor: Any) -> None:
        seen.append(actor)
        raise RuntimeError("broken room")

    hooks.signed_in.register(claim)
    try:
        client = visit()
        sign_in(client)
        assert signed_in(client)
    finally:
        hooks.signed_in._entries = [e for e in hooks.signed_in._entries if e[1] is not claim]
    assert [actor.uuid for actor in seen] == [account.uuid]
