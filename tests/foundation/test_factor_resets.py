"""A lost second factor: two people, reach, seven days, and what is gone afterwards (trust.md 2)."""

from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.db import IntegrityError, transaction

from lotse.foundation.accounts.models import ApiToken, Session
from lotse.foundation.accounts.services import tokens
from lotse.foundation.core import clock, records
from lotse.foundation.core.actor import COMMAND
from lotse.foundation.core.errors import Conflict, NotAllowed, Refused
from lotse.foundation.core.models import ChainRecord, LogEntry, OutboxMail
from lotse.foundation.parties.models import FactorReset, Person, RoleGrant
from lotse.foundation.parties.privacy import erasure
from lotse.foundation.parties.services import factor_resets, people, roles, suspension
from tests import people as cast_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> cast_of.Cast:
    """With a second person in the office, and a member who has a second factor."""
    cast = cast_of.cast()
    for role, name in (("office_2", "Gero Stelle"), ("operator_2", "Bo Trieb")):
        cast.people[role] = cast_of.person(name)
        roles.grant_role(
            cast[role],
            role.partition("_")[0],
            actor=COMMAND,
            network=cast.network,
            reason="Prüfung",
        )
        cast_of.second_factor(cast[role])
    cast_of.second_factor(cast["member"])
    return cast


def ask(cast: cast_of.Cast, whom: str = "member", by: str = "office", **fields: Any) -> FactorReset:
    told = {"reason": "Telefon verloren", "identity": "war persönlich da", **fields}
    return factor_resets.ask(cast[whom], actor=cast.actor(by), network=cast.network, **told)


def confirm(reset: FactorReset, cast: cast_of.Cast, by: str = "office_2") -> None:
    factor_resets.confirm(reset, actor=cast.actor(by), expected=reset.version)


def has_factor(person: Person) -> bool:
    return Authenticator.objects.filter(user=person.account).exists()


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
        reset = ask(cast)
        assert has_factor(person)
        confirm(reset, cast)
        assert not has_factor(person)
        assert not Session.objects.filter(account=person.account).exists()
        assert Session.objects.filter(account=cast["editor_a"].account).exists()
        assert has_factor(cast["office"])
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
            "reason": "Telefon verloren", "identity": "war persönlich da",
        }  # fmt: skip
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


class TestWhoMay:
    @pytest.mark.parametrize(
        "by", ["anonymous", "registered", "member", "editor_a", "adviser", "coordinator",
               "auditor", "foreign_office", "former", "suspended"],
    )  # fmt: skip
    def test_nobody_but_office_and_operator(self, cast: cast_of.Cast, by: str) -> None:
        with pytest.raises(NotAllowed):
            ask(cast, by=by)
        reset = ask(cast)
        with pytest.raises(NotAllowed):
            confirm(reset, cast, by)
        with pytest.raises(NotAllowed):
            factor_resets.withdraw(reset, actor=cast.actor(by), expected=reset.version)

    @pytest.mark.parametrize("role", ["office", "operator"])
    def test_nobody_for_themselves(self, cast: cast_of.Cast, role: str) -> None:
        with pytest.raises(NotAllowed):
            ask(cast, role, role)
        reset = ask(cast, role, "operator_2")
        with pytest.raises(NotAllowed):
            confirm(reset, cast, role)
        assert not factor_resets.may_confirm(reset, cast.actor(role))
        assert has_factor(cast[role])

    def test_without_a_second_factor_shown_the_office_is_nobody(self, cast: cast_of.Cast) -> None:
        weak = cast.actor("office", strong=False)
        with pytest.raises(NotAllowed):
            factor_resets.ask(
                cast["member"], actor=weak, network=cast.network, reason="x", identity="y"
            )

    def test_an_office_resets_no_operator(self, cast: cast_of.Cast) -> None:
        with pytest.raises(NotAllowed):
            ask(cast, "operator")
        reset = ask(cast, "operator", "operator_2")
        assert reset.network is None
        with pytest.raises(NotAllowed):
            confirm(reset, cast)
        third = cast_of.person("Bea Trieb")
        roles.grant_role(third, "operator", actor=COMMAND, network=cast.network, reason="Prüfung")
        cast.people["operator_3"] = third
        confirm(reset, cast, "operator_3")
        assert not has_factor(cast["operator"])

    def test_who_holds_something_elsewhere_is_the_operators(self, cast: cast_of.Cast) -> None:
        reset = ask(cast)
        elsewhere = cast_of.organisation(cast.other, "Haus Nebenan")
        people.add_seat(cast["member"], elsewhere, actor=COMMAND)
        with pytest.raises(NotAllowed):
            confirm(reset, cast)
        with pytest.raises(NotAllowed):
            ask(cast, reason="noch einmal")
        # The office that asked reaches the person no more, so the operator asks anew.
        with pytest.raises(Refused, match="darf das inzwischen nicht mehr"):
            confirm(reset, cast, "operator")
        factor_resets.withdraw(reset, actor=cast.actor("operator"), expected=reset.version)
        confirm(ask(cast, by="operator"), cast, "operator_2")

    @pytest.mark.parametrize("how", ["role", "account"])
    def test_a_request_ends_with_the_right_to_make_it(self, cast: cast_of.Cast, how: str) -> None:
        """T05."""
        reset = ask(cast)
        if how == "role":
            RoleGrant.objects.filter(person=cast["office"]).update(ended_at=clock.now())
        else:
            suspension.suspend(cast["office"], actor=cast.actor("operator"), reason="x")
        with pytest.raises(Refused, match="darf das inzwischen nicht mehr"):
            confirm(reset, cast)
        assert has_factor(cast["member"])


class TestRequest:
    @pytest.mark.parametrize("field", ["reason", "identity"])
    @pytest.mark.parametrize("value", ["", "  ", "\t\n"])
    def test_why_and_how_checked_are_needed(
        self, cast: cast_of.Cast, field: str, value: str
    ) -> None:
        with pytest.raises(Refused):
            ask(cast, **{field: value})

    def test_only_what_is_there(self, cast: cast_of.Cast) -> None:
        with pytest.raises(Refused, match="keinen zweiten Faktor"):
            ask(cast, "editor_a")
        with pytest.raises(Refused, match="kein offenes Konto"):
            ask(cast, "suspended")

    def test_one_at_a_time_and_the_same_form_once(self, cast: cast_of.Cast) -> None:
        reset = ask(cast, key="k" * 20)
        assert ask(cast, key="k" * 20) == reset
        with pytest.raises(Refused, match="wartet schon"):
            ask(cast, by="office_2")
        assert FactorReset.objects.count() == 1

    def test_it_lapses_after_seven_days(self, cast: cast_of.Cast) -> None:
        reset = ask(cast)
        assert reset.lapses_at - reset.asked_at == pytest.approx(
            timedelta(days=7), abs=timedelta(seconds=5)
        )
        FactorReset.objects.update(lapses_at=clock.now())
        reset.refresh_from_db()
        with pytest.raises(Refused, match="verfallen"):
            confirm(reset, cast)
        assert not factor_resets.may_confirm(reset, cast.actor("office_2"))
        assert factor_resets.open_of(cast["member"]) is None
        confirm(ask(cast, by="office_2"), cast, "office")
        assert not has_factor(cast["member"])

    def test_an_account_closed_meanwhile_stays_as_it_is(self, cast: cast_of.Cast) -> None:
        reset = ask(cast)
        suspension.suspend(cast["member"], actor=cast.actor("office"), reason="x")
        with pytest.raises(Refused, match="kein offenes Konto"):
            confirm(reset, cast)
        assert has_factor(cast["member"])


class TestPersonalData:
    def test_the_person_gets_it_without_names(self, cast: cast_of.Cast) -> None:
        from lotse.foundation.parties.privacy import parties_data

        confirm(ask(cast), cast)
        (found,) = parties_data.export(cast["member"].pk)["factor_resets"]
        assert found["reason"] == "Telefon verloren"
        assert (found["asked_by"], found["confirmed_by"]) == ("eine andere Person",) * 2

    def test_an_erasure_ends_it_and_takes_the_words(self, cast: cast_of.Cast) -> None:
        ask(cast)
        with transaction.atomic():
            erasure.erase_person(cast["member"], COMMAND)
        reset = FactorReset.objects.get()
        assert (reset.state, reset.reason, reset.identity) == ("withdrawn", "", "")
