"""Invitations: who comes in by one, and when an old one opens nothing more (T06)."""

from typing import Any

import pytest

from lotse.foundation.core.actor import COMMAND, Actor
from lotse.foundation.core.errors import NotAllowed, Refused
from lotse.foundation.parties.models import Affiliation, Invitation, Person, RoleGrant
from lotse.foundation.parties.services import invitations, people, roles, suspension
from tests import people as cast_of
from tests.foundation.people.conftest import actor_of, away, fresh, grant

pytestmark = pytest.mark.django_db


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
