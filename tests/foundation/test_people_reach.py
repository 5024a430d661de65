"""How far an office, a deputy, a suspended account and an old invitation reach: not too far."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError
from django.test import Client

from lotse.foundation.accounts import tokens as reading_tokens
from lotse.foundation.accounts.models import Account, Session
from lotse.foundation.accounts.services import tokens
from lotse.foundation.core import clock
from lotse.foundation.core.actor import COMMAND, Actor
from lotse.foundation.core.errors import NotAllowed, Refused
from lotse.foundation.core.models import OutboxMail
from lotse.foundation.core.permissions import visible
from lotse.foundation.measures.models import Measure
from lotse.foundation.parties.models import (
    Absence,
    Affiliation,
    Erasure,
    Invitation,
    Network,
    Organisation,
    Person,
    RoleGrant,
)
from lotse.foundation.parties.privacy import erasure
from lotse.foundation.parties.services import invitations, merging, people, roles, suspension
from lotse.foundation.parties.standing import needs_second_factor, stand
from tests import people as cast_of

pytestmark = pytest.mark.django_db

LONG_AGO = {"starts_on": date(2020, 1, 1), "ends_on": date(2020, 2, 1)}


@pytest.fixture
def cast() -> cast_of.Cast:
    return cast_of.cast()


@pytest.fixture
def elsewhere(cast: cast_of.Cast) -> Organisation:
    """An organisation of the other network."""
    return cast_of.organisation(cast.other, "Fern e. V.")


def fresh(person: Person) -> Person:
    return Person.objects.select_related("account").get(pk=person.pk)


def actor_of(person: Person) -> Actor:
    account = Account.objects.select_related("person").get(person=person)
    return stand(Actor("account", uuid=account.uuid), account=account, strong=True)


def once_here(cast: cast_of.Cast, name: str, **fields: Any) -> Person:
    """Somebody the office of the first network still sees: by a seat that ended years ago."""
    found = cast_of.person(name, home=cast.other, **fields)
    Affiliation.objects.create(person=found, organisation=cast.org_a, **LONG_AGO)
    return found


def grant(person: Person, role: str, network: Network | None, **span: Any) -> RoleGrant:
    return RoleGrant.objects.create(
        person=person, role=role, network=network, reason="Prüfung", granted_by="command", **span
    )


def away(person: Person, deputy: Person, days: int = 0) -> Absence:
    today = clock.today()
    return Absence.objects.create(
        person=person, deputy=deputy, starts_on=today, ends_on=today + timedelta(days=days)
    )


class TestReach:
    def test_no_deputy_for_the_office_of_another_network(self, cast: cast_of.Cast) -> None:
        victim = once_here(cast, "Vera Opfer")
        grant(victim, "office", cast.other)
        mate = cast_of.person("Max Mit", home=cast.network)
        today = clock.today()
        with pytest.raises(NotAllowed):
            roles.set_absence(
                victim, mate, actor=cast.actor("office"), starts_on=today, ends_on=today
            )
        assert cast.other.pk not in actor_of(mate).networks_as("office")
        roles.set_absence(
            victim, mate, actor=cast.actor("operator"), starts_on=today, ends_on=today
        )
        assert cast.other.pk in actor_of(mate).networks_as("office")

    @pytest.mark.parametrize("held", ["seat", "stands in", "operator", "later deputy"])
    def test_no_merge_with_somebody_who_holds_something_elsewhere(
        self, cast: cast_of.Cast, elsewhere: Organisation, held: str
    ) -> None:
        victim = once_here(cast, "Vera Opfer")
        boss = cast_of.person("Berta Chefin", home=cast.other)
        grant(boss, "office", cast.other)
        if held == "seat":
            Affiliation.objects.create(person=victim, organisation=elsewhere, may_edit=True)
        elif held == "operator":
            grant(victim, "operator", None)
        elif held == "stands in":
            away(boss, victim)
        else:
            later = away(boss, victim, days=30)
            Absence.objects.filter(pk=later.pk).update(starts_on=clock.today() + timedelta(days=9))
        plain = cast_of.person("Vera O.", account=False, home=cast.network)
        with pytest.raises(NotAllowed):
            merging.merge(plain, fresh(victim), actor=cast.actor("office"))
        with pytest.raises(NotAllowed):
            merging.merge(fresh(victim), plain, actor=cast.actor("office"))
        merging.merge(plain, fresh(victim), actor=cast.actor("operator"))
        assert fresh(victim).merged_into == plain

    def test_each_account_is_told_in_its_own_language(self, cast: cast_of.Cast) -> None:
        twin = cast_of.person("Zwei Konten", home=cast.network)
        Person.objects.filter(pk=twin.pk).update(lang="en")
        merging.merge(fresh(cast["member"]), fresh(twin), actor=cast.actor("operator"))
        told = OutboxMail.objects.filter(code="accounts.merged").values_list("address", "lang")
        addresses = [fresh(cast["member"]).account.email, twin.account.email]
        assert dict(told) == dict(zip(addresses, ("de", "en"), strict=True))

    def test_the_office_merges_whom_it_has_for_itself(self, cast: cast_of.Cast) -> None:
        twin = cast_of.person("M. Behrens", account=False, home=cast.network)
        merging.merge(fresh(cast["member"]), twin, actor=cast.actor("office"))
        assert fresh(twin).merged_into == cast["member"]

    def test_two_accounts_become_one_by_the_operator_only(self, cast: cast_of.Cast) -> None:
        twin = cast_of.person("M. Behrens", home=cast.network)
        with pytest.raises(NotAllowed):
            merging.merge(fresh(cast["member"]), fresh(twin), actor=cast.actor("office"))
        merging.merge(fresh(cast["member"]), fresh(twin), actor=cast.actor("operator"))
        assert fresh(twin).merged_into == cast["member"]

    @pytest.mark.parametrize("holds", ["role", "seat", "deputy"])
    def test_no_lock_out_of_somebody_who_holds_something_elsewhere(
        self, cast: cast_of.Cast, elsewhere: Organisation, holds: str
    ) -> None:
        victim = once_here(cast, "Vera Opfer")
        if holds == "role":
            grant(victim, "coordinator", cast.other)
        elif holds == "seat":
            people.add_seat(victim, elsewhere, actor=COMMAND)
        else:
            away(cast["foreign_office"], victim)
        with pytest.raises(NotAllowed):
            suspension.suspend(fresh(victim), actor=cast.actor("office"), reason="Nein")
        suspension.suspend(fresh(victim), actor=cast.actor("operator"), reason="Gestohlen")
        with pytest.raises(NotAllowed):
            suspension.reactivate(fresh(victim), actor=cast.actor("office"), reason="Nein")

    def test_no_erasure_of_somebody_who_holds_something_elsewhere(
        self, cast: cast_of.Cast, elsewhere: Organisation
    ) -> None:
        victim = once_here(cast, "Vera Opfer")
        Affiliation.objects.create(person=victim, organisation=elsewhere)
        office = cast.actor("office")
        with pytest.raises(NotAllowed):
            erasure.ask(victim, actor=office, network=cast.network)
        assert not Erasure.objects.exists()
        assert erasure.ask(victim, actor=actor_of(victim), network=cast.network)
        gone = once_here(cast, "Gerd Fort")
        assert erasure.ask(gone, actor=office, network=cast.network).person == gone

    def test_no_erasure_of_an_operator_by_an_office(self, cast: cast_of.Cast) -> None:
        operator = cast["operator"]
        grant(cast_of.person("Otto Zwei"), "operator", None)
        Affiliation.objects.create(person=operator, organisation=cast.org_a, **LONG_AGO)
        with pytest.raises(NotAllowed):
            erasure.ask(operator, actor=cast.actor("office"), network=cast.network)


class TestProtected:
    def test_nobody_is_merged_while_an_erasure_is_open(self, cast: cast_of.Cast) -> None:
        one, two = (
            cast_of.person(name, account=False, home=cast.network) for name in ("Ida Doe", "Jo Doe")
        )
        asked = erasure.ask(one, actor=cast.actor("office"), network=cast.network)
        for keep, other in ((one, two), (two, one)):
            with pytest.raises(Refused):
                merging.merge(fresh(keep), fresh(other), actor=COMMAND)
        erasure.withdraw(asked, actor=cast.actor("office"), expected=asked.version)
        merging.merge(fresh(two), fresh(one), actor=COMMAND)

    def test_nobody_is_merged_while_restricted(self, cast: cast_of.Cast) -> None:
        one, two = (
            cast_of.person(name, account=False, home=cast.network) for name in ("Ida Doe", "Jo Doe")
        )
        Person.objects.filter(pk=one.pk).update(restricted_at=clock.now())
        for keep, other in ((one, two), (two, one)):  # as read before the restriction
            with pytest.raises(Refused):
                merging.merge(keep, other, actor=COMMAND)
        assert fresh(one).merged_into is None


class TestInvitations:
    def test_a_deputy_does_not_take_the_role_for_good(self, cast: cast_of.Cast) -> None:
        mate = cast_of.person("Max Mit", home=cast.network)
        away(cast["office"], mate)
        deputy = actor_of(mate)
        address = fresh(mate).account.email  # type: ignore[union-attr]  # it has one
        sent = invitations.invite(
            cast.network, actor=deputy, email=address, role="office", reason="Für mich"
        )
        with pytest.raises(Refused, match="selbst"):
            invitations.accept(sent, actor=deputy, person=fresh(mate), address=address)
        assert not RoleGrant.objects.filter(person=mate).exists()
        assert Invitation.objects.get().accepted_at is None

    def send(self, cast: cast_of.Cast, actor: Actor, **fields: Any) -> Invitation:
        return invitations.invite(
            cast.network, actor=actor, email="zweit@beispiel.test", reason="Prüfung", **fields
        )

    def end(self, person: Person, role: str) -> None:
        held = RoleGrant.objects.get(person=person, role=role)
        roles.end_role(held, actor=COMMAND, expected=held.version, reason="Wechsel")

    def open(self) -> bool:
        return Invitation.objects.filter(revoked_at=None).exists()

    def test_invitations_to_roles_end_with_the_role_of_the_sender(self, cast: cast_of.Cast) -> None:
        sent = self.send(cast, cast.actor("office"), role="office")
        self.end(cast["office"], "office")
        assert not self.open()
        assert invitations.find(invitations.path_of(sent).rstrip("/").rpartition("/")[2]) is None

    def test_they_stay_while_another_role_bears_them(self, cast: cast_of.Cast) -> None:
        grant(cast["office"], "operator", None)
        self.send(cast, cast.actor("office"), role="adviser")
        self.end(cast["office"], "office")
        assert self.open()
        self.end(cast["office"], "operator")
        assert not self.open()

    def test_an_office_that_was_operator_makes_no_operator(self, cast: cast_of.Cast) -> None:
        grant(cast["office"], "operator", None)
        self.send(cast, cast.actor("office"), role="operator")
        self.end(cast["office"], "operator")
        assert not self.open()

    def test_invitations_to_seats_outlive_the_role(self, cast: cast_of.Cast) -> None:
        self.send(cast, cast.actor("office"), organisation=cast.org_a)
        self.end(cast["office"], "office")
        assert self.open()

    def test_invitations_to_seats_end_with_the_seat_of_the_sender(self, cast: cast_of.Cast) -> None:
        self.send(cast, cast.actor("editor_a"), organisation=cast.org_a, may_edit=True)
        seat = Affiliation.objects.get(person=cast["editor_a"])
        people.end_seat(seat, actor=COMMAND, expected=seat.version)
        assert not self.open()

    def test_all_invitations_end_with_the_account(self, cast: cast_of.Cast) -> None:
        self.send(cast, cast.actor("editor_a"), organisation=cast.org_a)
        suspension.suspend(fresh(cast["editor_a"]), actor=COMMAND, reason="Gestohlen")
        assert not self.open()


class TestSuspended:
    def test_a_deputy_of_a_suspended_person_holds_nothing(self, cast: cast_of.Cast) -> None:
        mate = cast_of.person("Max Mit", home=cast.network)
        away(cast["office"], mate, days=300)
        due = Measure.objects.create(
            title="Rampe bauen", origin_type="checks.assessment", origin_uuid=cast.org_a.uuid,
            person_id=cast["office"].pk,
        )  # fmt: skip
        measures = Measure.objects.filter(pk=due.pk)
        assert actor_of(mate).holds("office")
        assert needs_second_factor(fresh(mate).account)
        assert visible("measures.measure.view", actor_of(mate), measures).exists()
        asked = erasure.ask(
            cast_of.person("Lea Weg", home=cast.network), actor=COMMAND, network=cast.network
        )
        assert mate.pk not in erasure.others(asked), "a deputy is no second pair of eyes"
        suspension.suspend(fresh(cast["office"]), actor=COMMAND, reason="Gestohlen")
        assert not actor_of(mate).holds("office")
        assert not needs_second_factor(fresh(mate).account)
        assert not visible("measures.measure.view", actor_of(mate), measures).exists()

    def test_a_person_without_account_hands_on_roles(self, cast: cast_of.Cast) -> None:
        """Empty is not suspended: the join must not lose it."""
        quiet = cast_of.person("Quirin Still", account=False, home=cast.network)
        grant(quiet, "adviser", cast.network)
        away(quiet, cast["registered"])
        assert cast.actor("registered").holds("adviser")

    def test_sessions_and_keys_end_for_good(self, cast: cast_of.Cast, client: Client) -> None:
        member = fresh(cast["member"])
        cast_of.sign_in(client, member)
        _row, secret = tokens.create_token(
            member.account, name="Skript", scopes=["measures:read"], days=30, strong=False
        )
        assert reading_tokens.actor_for(secret) is not None
        assert client.get("/konto/").status_code == 200
        suspension.suspend(member, actor=cast.actor("office"), reason="Gestohlen")
        assert not Session.objects.filter(account=member.account).exists()
        suspension.reactivate(fresh(member), actor=cast.actor("office"), reason="Wieder da")
        assert client.get("/konto/").status_code != 200
        assert reading_tokens.actor_for(secret) is None


class TestLastOperator:
    @pytest.mark.parametrize("useless", ["over", "later", "suspended", "erased", "no account"])
    def test_only_who_can_act_counts(self, cast: cast_of.Cast, useless: str) -> None:
        other = cast_of.person("Otto Zwei", account=useless != "no account")
        tomorrow = clock.today() + timedelta(days=1)
        span = {"over": LONG_AGO, "later": {"starts_on": tomorrow}}.get(useless, {})
        grant(other, "operator", None, **span)
        if useless == "suspended":
            Account.objects.filter(person=other).update(is_active=False)
        if useless == "erased":
            Person.objects.filter(pk=other.pk).update(erased_at=clock.now())
        held = RoleGrant.objects.get(person=cast["operator"])
        with pytest.raises(Refused, match="letzte"):
            roles.end_role(held, actor=COMMAND, expected=held.version, reason="Weg")
        with pytest.raises(Refused, match="letzte"):
            erasure.ask(cast["operator"], actor=cast.actor("operator"), network=None)
        assert cast.actor("operator").is_operator

    def test_with_a_second_one_the_first_may_go(self, cast: cast_of.Cast) -> None:
        grant(cast_of.person("Otto Zwei"), "operator", None)
        held = RoleGrant.objects.get(person=cast["operator"])
        roles.end_role(held, actor=cast.actor("operator"), expected=held.version, reason="Weg")
        assert not cast.actor("operator").is_operator

    def test_an_ended_role_does_not_end_again(self, cast: cast_of.Cast) -> None:
        held = RoleGrant.objects.get(person=cast["adviser"])
        roles.end_role(held, actor=COMMAND, expected=held.version, reason="Weg")
        with pytest.raises(Refused, match="schon beendet"):
            roles.end_role(
                held, actor=cast.actor("office"), expected=held.version, reason="Nochmal"
            )
        held.refresh_from_db()
        assert held.ended_by == "command"


class TestFirstSignIn:
    def husk(self, **fields: Any) -> tuple[Person, Person]:
        """An older entry that was merged into a newer one; both without account."""
        made = [Person.objects.create(last_name="Doe", email="doe@beispiel.test") for _ in "ab"]
        Person.objects.filter(pk=made[0].pk).update(merged_into=made[1])
        Person.objects.filter(pk=made[1].pk).update(**{"last_name": "Doe", **fields})
        return fresh(made[0]), fresh(made[1])

    def test_the_kept_entry_is_taken_over(self) -> None:
        _husk, kept = self.husk()
        assert people.person_of(Account.objects.create_user("doe@beispiel.test")) == kept

    def test_also_if_only_the_merged_one_has_the_address(self) -> None:
        _husk, kept = self.husk(email="anders@beispiel.test")
        assert people.person_of(Account.objects.create_user("doe@beispiel.test")) == kept

    def test_a_kept_entry_with_account_stays_whose_it_is(self) -> None:
        other = Account.objects.create_user("anders@beispiel.test")
        husk, kept = self.husk(account=other)
        found = people.person_of(Account.objects.create_user("doe@beispiel.test"))
        assert found not in (husk, kept)
        assert found.merged_into is None

    @pytest.mark.parametrize("known", [False, True])
    def test_two_at_once_give_one_person(
        self, monkeypatch: pytest.MonkeyPatch, known: bool
    ) -> None:
        account = Account.objects.create_user("doe@beispiel.test")
        if known:
            Person.objects.create(last_name="Doe", email="doe@beispiel.test")
        look = people._person_with
        looks: list[Any] = []

        def late(wanted: Any) -> Person | None:
            """The other request comes between the first look and the write."""
            looks.append(wanted)
            if len(looks) > 1:
                return look(wanted)
            Person.objects.create(account=account, last_name="Schneller")
            return None

        monkeypatch.setattr(people, "_person_with", late)
        assert people.person_of(account).last_name == "Schneller"
        assert Person.objects.filter(account=account).count() == 1

    def test_another_fault_is_not_hidden(self, monkeypatch: pytest.MonkeyPatch) -> None:
        account = Account.objects.create_user("doe@beispiel.test")

        def fails(*_args: Any) -> None:
            raise IntegrityError

        monkeypatch.setattr(people, "_taken_over_or_new", fails)
        with pytest.raises(IntegrityError):
            people.person_of(account)


class TestDesk:
    def test_the_page_says_beforehand_what_only_the_operator_merges(
        self, cast: cast_of.Cast
    ) -> None:
        path = f"/betrieb/personen/{cast['member'].uuid}/zusammenfuehren/"
        twin = cast_of.person("M. Behrens", home=cast.network)
        office, operator = cast.client("office"), cast.client("operator")
        assert "führt nur der Betrieb sie zusammen" in office.get(path).content.decode()
        assert "führt nur der Betrieb" not in operator.get(path).content.decode()
        data = {"other": str(twin.uuid), "confirmed": "on"}
        assert office.post(path, data).status_code == 403
        assert operator.post(path, data).status_code == 302
