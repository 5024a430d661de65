"""How far an office, a deputy and a suspended account reach: not too far."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from lotse.foundation.accounts import tokens as reading_tokens
from lotse.foundation.accounts.models import Session
from lotse.foundation.accounts.services import tokens
from lotse.foundation.core import clock
from lotse.foundation.core.actor import COMMAND
from lotse.foundation.core.errors import NotAllowed, Refused
from lotse.foundation.core.models import OutboxMail
from lotse.foundation.core.permissions import visible
from lotse.foundation.measures.models import Measure
from lotse.foundation.parties.models import Absence, Affiliation, Erasure, Organisation, Person
from lotse.foundation.parties.privacy import erasure
from lotse.foundation.parties.services import merging, people, roles, suspension
from lotse.foundation.parties.standing import needs_second_factor
from tests import people as cast_of
from tests.foundation.people.conftest import LONG_AGO, actor_of, away, fresh, grant

pytestmark = pytest.mark.django_db


@pytest.fixture
def elsewhere(cast: cast_of.Cast) -> Organisation:
    """An organisation of the other network."""
    return cast_of.organisation(cast.other, "Fern e. V.")


def once_here(cast: cast_of.Cast, name: str, **fields: Any) -> Person:
    """Somebody the office of the first network still sees: by a seat that ended years ago."""
    found = cast_of.person(name, home=cast.other, **fields)
    Affiliation.objects.create(person=found, organisation=cast.org_a, **LONG_AGO)
    return found


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
