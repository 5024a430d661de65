"""Roles and deputies: who holds what at this moment, and who may give it."""

from datetime import date, timedelta

import pytest

from lotse.foundation.accounts.models import Account
from lotse.foundation.core import clock
from lotse.foundation.core.actor import COMMAND
from lotse.foundation.core.errors import Conflict, NotAllowed, Refused
from lotse.foundation.core.models import ChainRecord, LogEntry
from lotse.foundation.parties.models import Person, RoleGrant
from lotse.foundation.parties.privacy import erasure
from lotse.foundation.parties.services import networks, roles
from lotse.foundation.parties.standing import needs_second_factor
from tests import people as cast_of
from tests.foundation.people.conftest import LONG_AGO, grant

pytestmark = pytest.mark.django_db


class TestStanding:
    def test_each_role_holds_what_it_was_given(self, cast) -> None:
        held = {role: {g.role for g in cast.actor(role).grants} for role in cast_of.ROLES}
        assert held["office"] == {"office"}
        assert held["operator"] == {"operator"}
        assert held["member"] == held["registered"] == held["former"] == set()
        assert cast.actor("editor_a").organisations(edit=True) == {cast.org_a.pk}
        assert cast.actor("member").organisations(edit=True) == frozenset()
        assert cast.actor("member").organisations() == {cast.org_a.pk}

    def test_a_former_member_and_a_suspended_one_hold_nothing(self, cast) -> None:
        """T05."""
        assert cast.actor("former").seats == frozenset()
        assert cast.actor("suspended").kind == "guest"

    def test_without_second_factor_a_role_that_demands_one_is_not_held(self, cast) -> None:
        """T14: fails closed."""
        assert not cast.actor("office", strong=False).holds("office")
        assert not cast.actor("operator", strong=False).is_operator
        assert cast.actor("coordinator", strong=False).holds("coordinator")
        assert needs_second_factor(cast["office"].account)
        assert not needs_second_factor(cast["coordinator"].account)

    def test_the_network_names_the_roles_that_need_one(self, cast) -> None:
        network = cast.network
        networks.change_network(
            network, actor=COMMAND, expected=network.version, mfa_roles=["coordinator"]
        )
        assert cast.actor("office", strong=False).holds("office")
        assert not cast.actor("coordinator", strong=False).holds("coordinator")

    def test_an_office_cannot_free_the_operator_from_it(self, cast) -> None:
        network = cast.network
        with pytest.raises(NotAllowed):
            networks.change_network(
                network, actor=cast.actor("office"), expected=network.version, mfa_roles=["office"]
            )
        networks.change_network(
            network, actor=cast.actor("office"), expected=network.version, mfa_roles=["operator"]
        )

    def test_costs_two_queries(self, cast, django_assert_num_queries) -> None:
        from lotse.foundation.accounts.models import Account
        from lotse.foundation.core.actor import Actor
        from lotse.foundation.parties.standing import stand

        account = Account.objects.select_related("person").get(person=cast["office"])
        with django_assert_num_queries(2):
            stand(Actor("account", uuid=account.uuid), account=account, strong=True)


class TestRoles:
    def test_granting_and_ending_work_at_the_next_request(self, cast) -> None:
        """ASVS 8.3.2."""
        grant = roles.grant_role(
            cast["member"], "auditor", actor=cast.actor("office"), network=cast.network,
            reason="Kassenprüfung 2026",
        )  # fmt: skip
        assert cast.actor("member").holds("auditor")
        roles.end_role(grant, actor=cast.actor("office"), expected=1, reason="Prüfung ist beendet")
        assert not cast.actor("member").holds("auditor")

    def test_every_grant_is_a_link_of_the_chain(self, cast) -> None:
        before = ChainRecord.objects.filter(chain=cast.network.uuid).count()
        grant = roles.grant_role(
            cast["member"], "auditor", actor=COMMAND, network=cast.network, reason="Prüfung"
        )
        roles.end_role(grant, actor=COMMAND, expected=1, reason="Ende")
        added = ChainRecord.objects.filter(chain=cast.network.uuid).order_by("seq")[before:]
        assert [r.action for r in added] == ["parties.role.granted", "parties.role.ended"]
        assert LogEntry.objects.filter(object_uuid=grant.uuid).count() == 2

    @pytest.mark.parametrize("role", ["member", "editor_a", "coordinator", "auditor", "adviser",
                                      "foreign_office"])  # fmt: skip
    def test_who_may_not_give_roles(self, cast, role) -> None:
        """T03, T06: an office of another network is nobody here."""
        with pytest.raises(NotAllowed):
            roles.grant_role(
                cast["registered"], "adviser", actor=cast.actor(role), network=cast.network,
                reason="x",
            )  # fmt: skip

    def test_nobody_gives_a_role_to_themselves(self, cast) -> None:
        with pytest.raises(NotAllowed):
            roles.grant_role(
                cast["office"], "auditor", actor=cast.actor("office"), network=cast.network,
                reason="x",
            )  # fmt: skip

    def test_an_office_makes_no_operator(self, cast) -> None:
        with pytest.raises(NotAllowed):
            roles.grant_role(
                cast["member"], "operator", actor=cast.actor("office"), network=cast.network,
                reason="x",
            )  # fmt: skip
        roles.grant_role(
            cast["member"], "operator", actor=cast.actor("operator"), network=None, reason="Urlaub"
        )
        assert cast.actor("member").is_operator

    def test_the_last_operator_stays(self, cast) -> None:
        grant = RoleGrant.objects.get(role="operator")
        with pytest.raises(Refused, match="letzte"):
            roles.end_role(grant, actor=COMMAND, expected=grant.version, reason="x")

    @pytest.mark.parametrize(
        ("role", "reason", "ends"),
        [("adviser", "  ", None), ("kaiser", "x", None), ("adviser", "x", date(2001, 1, 1))],
    )
    def test_bad_input_is_refused(self, cast, role, reason, ends) -> None:
        with pytest.raises(Refused):
            roles.grant_role(
                cast["member"], role, actor=COMMAND, network=cast.network, reason=reason,
                ends_on=ends,
            )  # fmt: skip

    def test_the_same_form_twice_is_one_grant(self, cast) -> None:
        """T38."""
        for _time in range(2):
            roles.grant_role(
                cast["member"], "adviser", actor=COMMAND, network=cast.network, reason="x",
                key="f" * 20,
            )  # fmt: skip
        assert cast["member"].grants.count() == 1

    def test_two_ends_conflict(self, cast) -> None:
        grant, stale = (RoleGrant.objects.get(role="adviser") for _ in "ab")
        roles.end_role(grant, actor=COMMAND, expected=grant.version, reason="x")
        with pytest.raises(Conflict):
            roles.end_role(stale, actor=COMMAND, expected=1, reason="y")


class TestDeputies:
    def test_a_deputy_holds_the_roles_for_the_time(self, cast) -> None:
        today = clock.today()
        absence = roles.set_absence(
            cast["coordinator"], cast["member"], actor=cast.actor("coordinator"), starts_on=today,
            ends_on=today + timedelta(days=14),
        )  # fmt: skip
        assert cast.actor("member").networks_as("coordinator") == {cast.network.pk}
        roles.end_absence(absence, actor=cast.actor("coordinator"))
        assert not cast.actor("member").holds("coordinator")

    def test_a_deputy_needs_the_second_factor_too(self, cast) -> None:
        today = clock.today()
        roles.set_absence(cast["office"], cast["member"], actor=cast.actor("office"),
                          starts_on=today, ends_on=today)  # fmt: skip
        assert needs_second_factor(cast["member"].account)
        assert not cast.actor("member", strong=False).holds("office")

    def test_the_operators_role_is_not_handed_on(self, cast) -> None:
        today = clock.today()
        roles.set_absence(cast["operator"], cast["member"], actor=cast.actor("operator"),
                          starts_on=today, ends_on=today)  # fmt: skip
        assert not cast.actor("member").is_operator

    def test_the_office_names_a_deputy_but_never_itself(self, cast) -> None:
        today = clock.today()
        span = {"starts_on": today, "ends_on": today}
        office = cast.actor("office")
        with pytest.raises(NotAllowed):
            roles.set_absence(cast["coordinator"], cast["office"], actor=office, **span)
        roles.set_absence(cast["coordinator"], cast["member"], actor=office, **span)
        with pytest.raises(NotAllowed):
            roles.set_absence(
                cast["coordinator"], cast["member"], actor=cast.actor("editor_b"), **span
            )

    @pytest.mark.parametrize(("first", "last"), [(5, 1), (0, 400)])
    def test_bad_spans(self, cast, first, last) -> None:
        today = clock.today()
        with pytest.raises(Refused):
            roles.set_absence(
                cast["office"], cast["member"], actor=cast.actor("office"),
                starts_on=today + timedelta(days=first), ends_on=today + timedelta(days=last),
            )  # fmt: skip


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
