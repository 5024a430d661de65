"""People, seats, roles, deputies: who holds what at this moment, and who may give it."""

from datetime import date, timedelta
from typing import Any

import pytest

from lotse.foundation.core import clock
from lotse.foundation.core.actor import COMMAND
from lotse.foundation.core.errors import Conflict, NotAllowed, Refused
from lotse.foundation.core.models import ChainRecord, LogEntry
from lotse.foundation.core.permissions import has, visible
from lotse.foundation.parties.models import Affiliation, Organisation, Person, RoleGrant
from lotse.foundation.parties.services import networks, people, roles
from lotse.foundation.parties.standing import needs_second_factor
from tests import people as cast_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> cast_of.Cast:
    return cast_of.cast()


def names(found: Any) -> set[str]:
    return {person.last_name for person in found}


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


class TestSeats:
    def test_an_editor_gives_seats_in_the_own_organisation_only(self, cast) -> None:
        actor = cast.actor("editor_a")
        people.add_seat(cast["registered"], cast.org_a, actor=actor, may_edit=True)
        assert cast.actor("registered").organisations(edit=True) == {cast.org_a.pk}
        with pytest.raises(NotAllowed):
            people.add_seat(cast["registered"], cast.org_b, actor=actor)
        with pytest.raises(NotAllowed):
            people.add_seat(cast["registered"], cast.org_a, actor=cast.actor("member"))

    def test_ending_holds_at_the_next_request(self, cast) -> None:
        """T05."""
        seat = Affiliation.objects.get(person=cast["editor_a"])
        people.end_seat(seat, actor=cast.actor("office"), expected=seat.version)
        assert cast.actor("editor_a").seats == frozenset()

    def test_a_successor_takes_over_rights(self, cast) -> None:
        seat = Affiliation.objects.get(person=cast["editor_a"])
        people.end_seat(
            seat, actor=cast.actor("office"), expected=seat.version, successor=cast["member"]
        )
        assert cast.actor("member").organisations(edit=True, represent=True) == {cast.org_a.pk}
        assert cast.actor("editor_a").seats == frozenset()

    def test_a_successor_without_seat_gets_one(self, cast) -> None:
        seat = Affiliation.objects.get(person=cast["editor_b"])
        people.end_seat(seat, actor=COMMAND, expected=seat.version, successor=cast["registered"])
        assert cast.actor("registered").organisations(edit=True) == {cast.org_b.pk}

    def test_nobody_succeeds_themselves_and_a_reversed_span_is_refused(self, cast) -> None:
        seat = Affiliation.objects.get(person=cast["editor_b"])
        with pytest.raises(Refused):
            people.end_seat(seat, actor=COMMAND, expected=seat.version, successor=cast["editor_b"])
        seat.refresh_from_db()
        with pytest.raises(Refused):
            people.change_seat(seat, actor=COMMAND, expected=seat.version, ends_on=date(2001, 1, 1))


class TestVisibility:
    @pytest.mark.parametrize(
        ("role", "sees"),
        [
            ("anonymous", set()),
            ("registered", {"Neumann"}),
            ("member", {"Behrens"}),
            ("editor_a", {"Behrens", "Ahrens", "Sperr"}),
            ("editor_b", {"Brandt"}),
            ("adviser", {"Rat"}),
        ],
    )
    def test_who_sees_which_people(self, cast, role, sees) -> None:
        """T08: no mass enumeration of the directory."""
        rows = visible("parties.person.view", cast.actor(role), Person.objects.all())
        assert names(rows) == sees

    @pytest.mark.parametrize("role", ["office", "coordinator", "auditor"])
    def test_the_office_sees_the_people_of_its_network(self, cast, role) -> None:
        rows = names(visible("parties.person.view", cast.actor(role), Person.objects.all()))
        assert {"Behrens", "Ahrens", "Brandt", "Einst"} <= rows
        assert "Fremd" not in rows

    def test_a_list_costs_one_query(self, cast, django_assert_num_queries) -> None:
        actor = cast.actor("office")
        with django_assert_num_queries(1):
            list(visible("parties.person.view", actor, Person.objects.all()))

    def test_organisations(self, cast) -> None:
        def seen(role: str) -> set[str]:
            rows = visible("parties.organisation.view", cast.actor(role),
                           Organisation.objects.all())  # fmt: skip
            return {row.name for row in rows}

        both = {cast.org_a.name, cast.org_b.name}
        assert seen("member") == seen("office") == seen("adviser") == both
        assert seen("anonymous") == seen("registered") == seen("former") == set()
        assert seen("foreign_office") == set()

    def test_who_edits_whom(self, cast) -> None:
        may = {
            role: has("parties.person.edit", cast.actor(role), cast["editor_a"])
            for role in ("editor_a", "office", "coordinator", "auditor", "member", "editor_b")
        }
        assert may == {
            "editor_a": True, "office": True, "coordinator": False, "auditor": False,
            "member": False, "editor_b": False,
        }  # fmt: skip


class TestPeople:
    def test_a_person_of_an_account_is_made_once(self, cast) -> None:
        from lotse.foundation.accounts.models import Account

        account = Account.objects.create_user("neu@beispiel.test")
        assert people.person_of(account) == people.person_of(account)
        assert people.person_of(account).last_name == "neu"

    def test_a_known_person_without_account_is_taken_over(self, cast) -> None:
        from lotse.foundation.accounts.models import Account

        known = cast_of.person("Karla Karte", email="Karla@Beispiel.test", account=False)
        account = Account.objects.create_user("karla@beispiel.test")
        assert people.person_of(account) == known

    def test_names_are_cleaned_and_an_empty_one_is_refused(self, cast) -> None:
        person = cast["member"]
        people.change_person(
            person, actor=cast.actor("member"), expected=1, last_name=" Zu\u202eB "
        )
        assert Person.objects.get(pk=person.pk).last_name == "ZuB"
        with pytest.raises(Refused):
            people.change_person(person, actor=COMMAND, expected=2, last_name="  ")

    def test_the_log_holds_no_name(self, cast) -> None:
        people.change_person(cast["member"], actor=COMMAND, expected=1, last_name="Geheimname")
        assert "Geheimname" not in str(list(LogEntry.objects.values()))


class TestOwnPage:
    URL = "/konto/angaben/"

    def form(self, person: Person, **fields: str) -> dict[str, str]:
        return {"last_name": "Neu", "first_name": "Ada", "lang": "en",
                "version": str(person.version), **fields}  # fmt: skip

    def test_a_person_changes_the_own_name(self, cast) -> None:
        client, person = cast.client("registered"), cast["registered"]
        assert client.post(self.URL, self.form(person)).status_code == 302
        person.refresh_from_db()
        assert (person.name, person.lang) == ("Ada Neu", "en")

    def test_an_old_page_loses_nothing(self, cast) -> None:
        """T37."""
        client, person = cast.client("registered"), cast["registered"]
        client.post(self.URL, self.form(person))
        answer = client.post(self.URL, self.form(person, last_name="Andere"))
        assert answer.status_code == 409
        html = answer.content.decode()
        assert "Ada Neu" in html
        assert "Andere" in html

    def test_bad_input_keeps_what_was_typed(self, cast) -> None:
        answer = cast.client("registered").post(
            self.URL, {"last_name": " ", "first_name": "Bleibt", "lang": "xx"}
        )
        assert answer.status_code == 422
        assert "Bleibt" in answer.content.decode()

    def test_guests_sign_in_first(self, cast) -> None:
        answer = cast.client("anonymous").get(self.URL)
        assert answer.status_code == 302
        assert answer["Location"].startswith("/konto/anmelden/")


class TestInvited:
    """T06, and registration that is closed."""

    def invite(self, cast: cast_of.Cast, email: str) -> str:
        from lotse.foundation.parties.services import invitations

        invitation = invitations.invite(
            cast.network, actor=cast.actor("editor_a"), email=email, organisation=cast.org_a,
            last_name="Neuling", first_name="Nora", may_edit=True,
        )  # fmt: skip
        address = invitations.address_of(str(invitation.uuid))
        assert address is not None
        return "/einladung/" + address.rpartition("/einladung/")[2]

    def test_somebody_new_comes_in_though_registration_is_closed(self, cast, client) -> None:
        assert not cast.network.may_register
        link = self.invite(cast, "nora@neu.test")
        answer = client.get(link)
        assert (answer.status_code, answer["Location"]) == (303, "/einladung/")
        assert client.post("/einladung/").status_code == 302  # an account is made
        assert "Einladung annehmen" in client.get("/einladung/").content.decode()
        assert client.post("/einladung/")["Location"] == "/heute/"
        person = Person.objects.get(email="nora@neu.test")
        assert person.name == "Nora Neuling"
        assert [a.organisation for a in person.affiliations.all()] == [cast.org_a]
        assert client.get("/heute/").status_code == 200
        assert type(client)().get(link).status_code == 404  # it works once

    def test_who_has_an_account_signs_in_to_it(self, cast, client) -> None:
        client.get(self.invite(cast, cast["registered"].email))
        answer = client.post("/einladung/")
        assert answer["Location"].startswith("/konto/anmelden/")

    def test_a_forwarded_link_lets_nobody_else_in(self, cast) -> None:
        client = cast.client("editor_b")
        client.get(self.invite(cast, "nora@neu.test"))
        assert client.post("/einladung/").status_code == 422
        assert cast.actor("editor_b").organisations() == {cast.org_b.pk}

    def test_an_editor_invites_to_no_role_and_no_other_organisation(self, cast) -> None:
        from lotse.foundation.parties.services import invitations

        actor = cast.actor("editor_a")
        with pytest.raises(NotAllowed):
            invitations.invite(cast.network, actor=actor, email="x@y.test", role="office",
                               reason="x", organisation=cast.org_a)  # fmt: skip
        with pytest.raises(NotAllowed):
            invitations.invite(cast.network, actor=actor, email="x@y.test", organisation=cast.org_b)
        with pytest.raises(NotAllowed):
            invitations.invite(cast.other, actor=actor, email="x@y.test", organisation=cast.org_a)
