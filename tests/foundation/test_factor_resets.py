"""A lost second factor: two people, reach, seven days, and what is gone afterwards (trust.md 2)."""

from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.db import IntegrityError, transaction

from lotse.foundation.accounts.models import ApiToken, KnownDevice, Session
from lotse.foundation.accounts.services import accounts, tokens
from lotse.foundation.core import clock, records
from lotse.foundation.core.actor import COMMAND
from lotse.foundation.core.errors import Conflict, NotAllowed, Refused
from lotse.foundation.core.models import ChainRecord, LogEntry, OutboxMail
from lotse.foundation.parties.models import (
    Absence,
    FactorReset,
    Invitation,
    Network,
    Person,
    RoleGrant,
    SupportSession,
)
from lotse.foundation.parties.privacy import erasure
from lotse.foundation.parties.services import (
    factor_resets,
    invitations,
    merging,
    people,
    roles,
    suspension,
)
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
        third = cast_of.person("Bea Trieb")
        roles.grant_role(third, "operator", actor=COMMAND, network=cast.network, reason="Prüfung")
        cast.people["operator_3"] = third
        reset = ask(cast, "operator", "operator_2")
        assert reset.network is None
        with pytest.raises(NotAllowed):
            confirm(reset, cast)
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


class TestOwner:
    """Who still has the second factor stops a request nobody should have made."""

    PAGE, STOP = "/konto/zwei-faktor/", "/konto/zwei-faktor/antrag/beenden/"

    def test_the_owner_stops_it(self, cast: cast_of.Cast) -> None:
        client = cast.client("member")
        assert self.STOP not in client.get(self.PAGE).content.decode()
        assert client.post(self.STOP).status_code == 404
        reset = ask(cast)
        html = client.get(self.PAGE).content.decode()
        assert "Antrag beenden" in html
        assert self.STOP in html
        assert client.get(self.STOP).status_code == 405
        assert client.post(self.STOP)["Location"] == self.PAGE
        reset.refresh_from_db()
        assert reset.state == "withdrawn"
        assert LogEntry.objects.get(code="parties.factors.withdrawn").actor == (
            cast.actor("member").ref
        )
        assert "bleibt" in client.get(self.PAGE).content.decode()
        with pytest.raises(Refused, match="abgeschlossen"):
            confirm(reset, cast)

    def test_only_with_a_second_factor_and_only_the_own(self, cast: cast_of.Cast) -> None:
        reset = ask(cast)
        weak = cast.client("member", strong=False)
        html = weak.get(self.PAGE).content.decode()
        assert "soll entfernt werden" in html
        assert self.STOP not in html
        assert weak.post(self.STOP).status_code == 403
        assert cast.client("editor_a").post(self.STOP).status_code == 404
        for actor in (cast.actor("editor_a"), cast.actor("office"), COMMAND):
            with pytest.raises(NotAllowed):
                factor_resets.stop(reset, actor=actor, strong=True)
        reset.refresh_from_db()
        assert reset.state == "asked"

    def test_a_withdrawal_is_told(self, cast: cast_of.Cast) -> None:
        reset = ask(cast)
        factor_resets.withdraw(reset, actor=cast.actor("office_2"), expected=reset.version)
        found = OutboxMail.objects.get(code="parties.factors.withdrawn")
        assert (found.address, found.mail_class) == ("member@beispiel.test", "security")
        assert "nichts entfernt" in found.text

    @pytest.mark.parametrize("how", ["session", "log"])
    def test_a_sign_in_with_the_factor_since_refuses(self, cast: cast_of.Cast, how: str) -> None:
        account = cast["member"].account
        assert account is not None
        cast.client("member")
        accounts.note_signed_in(account, strong=True)
        reset = ask(cast)
        if how == "session":
            cast.client("member")
        else:
            accounts.note_signed_in(account, strong=False)
            assert factor_resets.may_confirm(reset, cast.actor("office_2"))
            accounts.note_signed_in(account, strong=True)
        with pytest.raises(Refused, match="nicht verloren"):
            confirm(reset, cast)
        assert has_factor(cast["member"])

    def test_an_operator_answers_to_the_default_network(self, cast: cast_of.Cast) -> None:
        reset = ask(cast, "operator", "operator_2")
        Network.objects.update(contact_email="", is_default=False)
        factor_resets.withdraw(reset, actor=cast.actor("operator_2"), expected=reset.version)
        found = OutboxMail.objects.get(code="parties.factors.withdrawn")
        assert found.reply_to == ""
        assert "Antworten Sie" not in found.text
        assert "Rufen Sie" in found.text
        Network.objects.filter(pk=cast.network.pk).update(
            contact_email="stelle@beispiel.test", is_default=True
        )
        OutboxMail.objects.all().delete()
        ask(cast, "operator", "operator_2")
        found = OutboxMail.objects.get(code="parties.factors.asked")
        assert found.reply_to == "stelle@beispiel.test"
        assert found.network_uuid is None, "only the operator reads about an operator"
        assert "Antworten Sie" in found.text


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

    def test_rows_of_merged_entries_count_too(self, cast: cast_of.Cast) -> None:
        from lotse.foundation.parties.privacy import parties_data

        reset = ask(cast)
        keep, now = cast_of.person("Mats Zwo", account=False, home=cast.network), clock.now()
        for operator, person in ((cast["operator"], cast["member"]),
                                 (cast["member"], cast["editor_b"])):  # fmt: skip
            SupportSession.objects.create(
                operator=operator, person=person, reason="Geheim", ends_at=now
            )
        before = parties_data.preview(cast["member"].pk)
        merging.merge(keep, cast["member"], actor=COMMAND)
        found = parties_data.export(keep.pk)
        assert [len(found[name]) for name in ("factor_resets", "support_sessions",
                                              "support_given")] == [1, 1, 1]  # fmt: skip
        for what in ("Anträge zum zweiten Faktor", "Sitzungen zur Unterstützung"):
            counts = [[line["count"] for line in lines if line["what"] == what]
                      for lines in (before, parties_data.preview(keep.pk))]  # fmt: skip
            assert counts[0] == counts[1] != []
        keep.refresh_from_db()
        with transaction.atomic():
            erasure.erase_person(keep, COMMAND)
        old, reset = reset, FactorReset.objects.get()
        assert (reset.state, reset.reason, reset.identity) == ("withdrawn", "", "")
        assert reset.version > old.version
        assert not SupportSession.objects.exclude(reason="").exists()
