"""A lost second factor takes two people, and one person is not two (trust.md 2)."""

from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.db import IntegrityError, transaction

from lotse.foundation.accounts.models import ApiToken, KnownDevice, Session
from lotse.foundation.accounts.services import tokens
from lotse.foundation.core import clock, records
from lotse.foundation.core.actor import COMMAND
from lotse.foundation.core.errors import Conflict, Refused
from lotse.foundation.core.models import ChainRecord, LogEntry, OutboxMail
from lotse.foundation.parties.models import Absence, FactorReset, Invitation
from lotse.foundation.parties.services import factor_resets, invitations, roles
from tests import people as cast_of
from tests.foundation.factor_resets.conftest import ask, confirm, has_factor

pytestmark = pytest.mark.django_db


class TestTwoPeople:
    def test_one_asks_another_confirms(self, cast: cast_of.Cast) -> None:
        person = cast["member"]
        for kind in (Authenticator.Type.WEBAUTHN, Authenticator.Type.RECOVERY_CODES):
            Authenticator.objects.create(user=person.account, type=kind, data={"name": "x"})
        token, _secret = tokens.create_token(
            person.account, name="P", scopes=["checks:read"], days=9, strong=True
        )
        cast.client("member")
        cast.client("editor_a")
        for one in (person, cast["office"]):
            KnownDevice.objects.create(account=one.account, digest="d" * 64)
        reset = ask(cast)
        assert has_factor(person)
        confirm(reset, cast)
        assert not has_factor(person)
        assert not Session.objects.filter(account=person.account).exists()
        assert Session.objects.filter(account=cast["editor_a"].account).exists()
        assert has_factor(cast["office"])
        assert not KnownDevice.objects.filter(account=person.account).exists()
        assert KnownDevice.objects.filter(account=cast["office"].account).count() == 1
        assert not ApiToken.objects.get(pk=token.pk).strong
        reset.refresh_from_db()
        assert reset.state == "done"
        assert {reset.asked_by, reset.confirmed_by} == {
            cast.actor(role).ref for role in ("office", "office_2")
        }

    def test_the_open_session_ends_at_the_next_request(self, cast: cast_of.Cast) -> None:
        client = cast.client("member")
        assert client.get("/konto/").status_code == 200
        confirm(ask(cast), cast)
        assert client.get("/konto/").status_code == 302

    def test_the_person_is_told_both_times(self, cast: cast_of.Cast) -> None:
        reset = ask(cast)
        found = OutboxMail.objects.get(code="parties.factors.asked")
        assert (found.address, found.mail_class) == ("member@beispiel.test", "security")
        assert found.reply_to == cast.network.contact_email
        assert "Telefon" not in found.text
        confirm(reset, cast)
        assert "abgemeldet" in OutboxMail.objects.get(code="parties.factors.reset").text

    def test_log_and_record_name_both(self, cast: cast_of.Cast) -> None:
        confirm(ask(cast), cast)
        asked, done = (
            LogEntry.objects.get(code=f"parties.factors.{what}") for what in ("asked", "reset")
        )
        assert (asked.actor, done.actor) == (cast.actor("office").ref, cast.actor("office_2").ref)
        assert LogEntry.objects.filter(
            code="accounts.account.factors_reset", actor=done.actor
        ).exists()
        assert LogEntry.objects.filter(code="accounts.token.weakened").count() == 0
        record = ChainRecord.objects.get(action="parties.factors.reset")
        assert record.actor == done.actor
        assert record.payload.payload == {
            "person": str(cast["member"].uuid), "asked_by": asked.actor,
        }, "no words that outlive the request"  # fmt: skip
        assert not any(one.fault for one in records.verify())

    def test_whoever_asked_does_not_confirm(self, cast: cast_of.Cast) -> None:
        for by in ("office", "operator"):
            reset = ask(cast, by=by)
            with pytest.raises(Refused, match="bestätigt ihn nicht selbst"):
                confirm(reset, cast, by)
            factor_resets.withdraw(reset, actor=cast.actor(by), expected=reset.version)
        assert has_factor(cast["member"])

    def test_a_command_is_one_person_too(self, cast: cast_of.Cast) -> None:
        reset = factor_resets.ask(
            cast["member"], actor=COMMAND, network=None, reason="x", identity="y"
        )
        with pytest.raises(Refused):
            factor_resets.confirm(reset, actor=COMMAND, expected=reset.version)
        confirm(reset, cast, "operator")

    def test_the_database_knows_that_it_takes_two(self, cast: cast_of.Cast) -> None:
        reset = ask(cast)
        with pytest.raises(IntegrityError), transaction.atomic():
            FactorReset.objects.filter(pk=reset.pk).update(confirmed_by=reset.asked_by)

    def test_twice_at_once_is_done_once(self, cast: cast_of.Cast) -> None:
        reset = ask(cast)
        same = FactorReset.objects.get(pk=reset.pk)
        confirm(reset, cast)
        with pytest.raises(Conflict):
            confirm(same, cast, "operator")
        with pytest.raises(Refused):
            confirm(reset, cast, "operator")

    def test_the_second_person_may_refuse(self, cast: cast_of.Cast) -> None:
        reset = ask(cast)
        factor_resets.withdraw(reset, actor=cast.actor("office_2"), expected=reset.version)
        with pytest.raises(Refused, match="abgeschlossen"):
            confirm(reset, cast)
        assert has_factor(cast["member"])
        assert LogEntry.objects.filter(code="parties.factors.withdrawn").exists()


def given_by(cast: cast_of.Cast, giver: str, name: str, role: str = "office") -> str:
    """A second account with a role from `giver`, as by an invitation; its key in the cast."""
    cast.people[name] = cast_of.person(f"Zweit {name}", home=cast.network)
    cast_of.second_factor(cast[name])
    roles.grant_role(cast[name], role, actor=COMMAND, network=cast.network, reason="Prüfung",
                     granted_by=cast.actor(giver).ref)  # fmt: skip
    return name


def away(cast: cast_of.Cast, whom: str, deputy: str) -> None:
    today = clock.today()
    Absence.objects.create(
        person=cast[whom], deputy=cast[deputy], starts_on=today, ends_on=today + timedelta(days=9)
    )


class TestOnePersonIsNotTwo:
    """T05: two accounts of one person do not make four eyes."""

    def refused(self, reset: FactorReset, cast: cast_of.Cast, by: str) -> None:
        assert not factor_resets.may_confirm(reset, cast.actor(by))
        with pytest.raises(Refused, match="nicht als zweite Person"):
            confirm(reset, cast, by)
        assert has_factor(cast["member"])

    def test_a_deputy_does_not_confirm(self, cast: cast_of.Cast) -> None:
        away(cast, "office", "registered")
        self.refused(ask(cast, by="office_2"), cast, "registered")

    def test_what_a_deputy_asked_the_operator_confirms(self, cast: cast_of.Cast) -> None:
        away(cast, "office", "registered")
        reset = ask(cast, by="registered")
        self.refused(reset, cast, "office")
        self.refused(reset, cast, "office_2")
        confirm(reset, cast, "operator")
        assert not has_factor(cast["member"])

    def test_a_role_from_the_asker_does_not_confirm(self, cast: cast_of.Cast) -> None:
        given_by(cast, "office", "second")
        given_by(cast, "second", "third")
        reset = ask(cast)
        self.refused(reset, cast, "second")
        self.refused(reset, cast, "third")
        confirm(reset, cast, "office_2")

    def test_the_office_that_gave_the_asker_the_role_does_not(self, cast: cast_of.Cast) -> None:
        given_by(cast, "office", "second")
        given_by(cast, "second", "third")
        reset = ask(cast, by="third")
        self.refused(reset, cast, "office")
        self.refused(reset, cast, "second")
        confirm(reset, cast, "operator")

    def test_the_operator_confirms_for_an_office_it_named(self, cast: cast_of.Cast) -> None:
        given_by(cast, "operator", "second")
        confirm(ask(cast, by="second"), cast, "operator")
        cast_of.second_factor(cast["editor_a"])
        self_made = given_by(cast, "operator", "operators_own", "operator")
        reset = ask(cast, "editor_a", "operator")
        assert not factor_resets.may_confirm(reset, cast.actor(self_made))
        assert not factor_resets.may_confirm(reset, cast.actor("second"))
        assert factor_resets.may_confirm(reset, cast.actor("office_2"))

    def test_nor_by_an_invitation_of_the_asker(self, cast: cast_of.Cast) -> None:
        sent = invitations.invite(
            cast.network, actor=cast.actor("office"), email="neu@beispiel.test", role="office",
            reason="Prüfung",
        )  # fmt: skip
        new = cast_of.person("Nele Neu", email="neu@beispiel.test")
        cast.people["new"] = new
        invitations.accept(
            Invitation.objects.get(pk=sent.pk), actor=cast.actor("new"), person=new,
            address="neu@beispiel.test",
        )  # fmt: skip
        cast_of.second_factor(new)
        self.refused(ask(cast), cast, "new")

    def test_a_role_younger_than_the_request_does_not(self, cast: cast_of.Cast) -> None:
        reset = ask(cast)
        given_by(cast, "operator", "late")
        self.refused(reset, cast, "late")

    def test_the_office_of_another_network_does_not(self, cast: cast_of.Cast) -> None:
        reset = ask(cast, by="operator")
        FactorReset.objects.update(network=cast.other)
        reset.refresh_from_db()
        self.refused(reset, cast, "office_2")
