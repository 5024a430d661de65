"""Another secret key: what the old one locked stays open, and moves to the new one."""

from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from lotse import environment
from lotse.foundation.accounts.models import Account, Session
from lotse.foundation.accounts.services import rekey
from lotse.foundation.accounts.sessions import SessionStore
from lotse.foundation.core import doctor, keys, mail
from lotse.foundation.core.actor import COMMAND, EDIT
from lotse.foundation.core.models import ALL_NETWORKS
from lotse.foundation.parties.services import invitations
from lotse.rooms.checks.services import links
from tests import make, people

OLD, NEW = "the-first-key-of-this-installation-0123456789", "the-next-key-" + "9" * 40
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
pytestmark = pytest.mark.django_db


@pytest.fixture
def old(settings: Any) -> None:
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = OLD, []


def change(settings: Any, *fallbacks: str) -> None:
    """The operator sets a new key and keeps the old one for a while, or does not."""
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = NEW, list(fallbacks)


@pytest.fixture
def person(old: None) -> Any:
    """Somebody with an app and recovery codes."""
    found = people.person("Kim Schlüssel")
    TOTP.activate(found.account, SECRET)
    RecoveryCodes.activate(found.account)
    return found


def factors(person: Any) -> tuple[str, list[str]]:
    """What app and recovery codes say, read from the database."""
    from lotse.foundation.accounts.factors import Adapter

    rows = {row.type: row for row in Authenticator.objects.filter(user=person.account)}
    secret = Adapter().decrypt(rows["totp"].data["secret"])
    return secret, rows["recovery_codes"].wrap().get_unused_codes()


def test_sessions_go_on_and_outlive_the_old_key(person: Any, settings: Any) -> None:
    client = people.sign_in(Client(), person)
    guest = Client()
    assessment = make.assessment()
    make.open_as(guest, assessment)
    page = reverse("checks:result", args=[assessment.uuid])
    change(settings, OLD)
    assert guest.get(page).status_code == 200
    assert rekey.rekey().sessions == Session.objects.count() == 2
    assert rekey.rekey().sessions == 0, "nothing is left to do"
    change(settings)
    assert client.get("/konto/").status_code == 200
    assert guest.get(page).status_code == 200


def test_a_session_moves_when_it_is_used(old: None, settings: Any) -> None:
    client = people.sign_in(Client(), people.person("Mo Ohne"))
    change(settings, OLD)
    assert client.get("/konto/").status_code == 200
    change(settings)
    assert client.get("/konto/").status_code == 200


def test_a_session_that_was_only_signed_anew_moves(person: Any, settings: Any) -> None:
    """A page that never asked who is there wrote it with the new key, with the old hash inside."""
    client = people.sign_in(Client(), person)
    row, store = Session.objects.get(), SessionStore()
    change(settings, OLD)
    Session.objects.filter(pk=row.pk).update(data=store.encode(store.decode(row.data)))
    assert rekey.rekey().sessions == 1
    assert rekey.rekey().sessions == 0
    change(settings)
    assert client.get("/konto/").status_code == 200


def test_without_the_old_key_sessions_end(person: Any, settings: Any) -> None:
    client = people.sign_in(Client(), person)
    change(settings)
    assert client.get("/konto/").status_code == 302


def test_a_session_that_a_new_password_ended_stays_ended(person: Any, settings: Any) -> None:
    client = people.sign_in(Client(), person)
    account = Account.objects.get(pk=person.account.pk)
    account.set_password("Ein-anderes-Kennwort-8")
    account.save()
    change(settings, OLD)
    rekey.rekey()
    assert client.get("/konto/").status_code == 302


def test_second_factors_are_read_with_both_and_move(person: Any, settings: Any) -> None:
    before = factors(person)
    assert before[0] == SECRET
    change(settings, OLD)
    assert factors(person) == before
    assert rekey.rekey() == rekey.Moved(factors=2, sessions=0, unreadable=0)
    assert rekey.rekey() == rekey.Moved(factors=0, sessions=0, unreadable=0)
    change(settings)
    assert factors(person) == before


def test_what_is_new_is_locked_with_the_new_key(person: Any, settings: Any) -> None:
    change(settings, OLD)
    other = people.person("Nele Neu")
    TOTP.activate(other.account, SECRET)
    client = people.sign_in(Client(), other)
    change(settings)
    assert Authenticator.objects.get(user=other.account).wrap().validate_code("000000") is False
    assert client.get("/konto/").status_code == 200


def test_secret_links_stay_the_same_while_the_old_key_is_set(old: None, settings: Any) -> None:
    assessment = make.assessment()
    token = links.tokens_of(assessment)[EDIT]
    change(settings, OLD)
    assert links.tokens_of(assessment)[EDIT] == token
    change(settings)
    shown = links.tokens_of(assessment)[EDIT]
    assert shown != token
    for one in (token, shown):
        assert Client().get(reverse("checks:open", args=[one])).status_code == 303


def test_invitations_stay_open(old: None, settings: Any) -> None:
    network = make.network()
    invitation = invitations.invite(
        network, actor=COMMAND, email="neu@beispiel.test", role="auditor", reason="Prüfung"
    )
    path = invitations.path_of(invitation)
    change(settings, OLD)
    assert invitations.path_of(invitation) == path
    assert (invitations.address_of(str(invitation.uuid)) or "").endswith(path)
    change(settings)
    assert Client().get(path, follow=True).status_code == 200, "what was mailed works on"
    assert invitations.path_of(invitation) == ""
    assert invitations.address_of(str(invitation.uuid)) is None, "no mail with a dead link"


def test_switching_mail_off_needs_the_key_it_was_signed_with(old: None, settings: Any) -> None:
    wish = mail.Wish("a@verein.example", ALL_NETWORKS, "test.news")
    token = mail.token_of(wish)
    change(settings, OLD)
    assert mail.read_token(token) == wish
    change(settings)
    assert mail.read_token(token) is None


def test_the_command_says_what_it_did_and_what_is_missing(
    person: Any, settings: Any, capsys: Any
) -> None:
    with pytest.raises(CommandError, match="nichts umzustellen"):
        call_command("rekey")
    assert rekey.daily() == 0
    change(settings, OLD)
    call_command("rekey")
    assert "2 zweite Faktoren" in capsys.readouterr().out
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "third" * 12, ["wrong" * 12]
    with pytest.raises(CommandError, match="2 zweite Faktoren öffnet keiner"):
        call_command("rekey")


def test_the_daily_work_moves_too(person: Any, settings: Any) -> None:
    change(settings, OLD)
    assert rekey.daily() == 2
    assert rekey.daily() == 0


def test_doctor_reminds_of_the_old_key(settings: Any) -> None:
    def found() -> str:
        return next(f.state for f in doctor.findings() if f.what == "Kein alter Schlüssel gesetzt")

    assert found() == "ok"
    change(settings, OLD)
    assert found() == "check"


def test_a_token_is_worked_out_again_only_with_its_key(old: None, settings: Any) -> None:
    token = keys.token_of(b"test", b"one")
    digest = keys.digest_of(token)
    assert keys.token_with(digest, b"test", b"one") == token
    assert keys.token_with(digest, b"test", b"two") is None
    assert keys.token_with(digest, b"other", b"one") is None
    assert keys.token_with("", b"test", b"one") is None


def test_old_keys_from_the_environment(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    name = "LOTSE_SECRET_KEY_FALLBACKS"
    monkeypatch.delenv(name, raising=False)
    assert environment.secret_key_fallbacks() == []
    monkeypatch.setenv(name, " one, two ,")
    assert environment.secret_key_fallbacks() == ["one", "two"]
    (tmp_path / "old").write_text("with,comma\n\n  next  \n")
    monkeypatch.setenv(f"{name}_FILE", str(tmp_path / "old"))
    assert environment.secret_key_fallbacks() == ["with,comma", "next"]
