"""An invitation is only as good as whoever sent it is at the moment it is accepted (T05, T06)."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from lotse.foundation.accounts.models import Account
from lotse.foundation.core import clock
from lotse.foundation.core.actor import COMMAND
from lotse.foundation.core.errors import NotAllowed, Refused
from lotse.foundation.core.models import OutboxMail
from lotse.foundation.parties.models import Affiliation, Invitation, Person, RoleGrant
from lotse.foundation.parties.services import invitations, invitations_again
from lotse.foundation.parties.services.inviters import is_backed
from tests import people as cast_of
from tests.foundation.people.conftest import LONG_AGO, actor_of, fresh, grant

pytestmark = pytest.mark.django_db


class TestBacked:
    """What the sender may not give any more, nobody takes (T05): also where a date ended it."""

    EMAIL = "nora@neu.test"

    def sent(self, cast: cast_of.Cast, sender: str, **fields: Any) -> Invitation:
        return invitations.invite(
            cast.network, actor=cast.actor(sender), email=self.EMAIL, reason="Prüfung", **fields
        )

    def run_out(self, cast: cast_of.Cast, role: str = "office") -> None:
        """By date: nobody ended it, so no service took the invitations back."""
        rows = RoleGrant.objects.filter(person=cast[role], role=role)
        rows.update(starts_on=date(2020, 1, 1), ends_on=clock.today() - timedelta(days=1))

    def accept(self, cast: cast_of.Cast, sent: Invitation) -> Person:
        guest = cast_of.person("Nora Neuling", email=self.EMAIL)
        invitations.accept(sent, actor=actor_of(guest), person=fresh(guest), address=self.EMAIL)
        return guest

    @pytest.mark.parametrize("what", ["role", "seat"])
    def test_a_role_that_ran_out_bears_no_invitation(self, cast: cast_of.Cast, what: str) -> None:
        fields: dict[str, Any] = (
            {"role": "adviser"} if what == "role" else {"organisation": cast.org_a}
        )
        sent = self.sent(cast, "office", **fields)
        self.run_out(cast)
        with pytest.raises(Refused, match="darf das inzwischen nicht mehr"):
            self.accept(cast, sent)
        guest = Person.objects.get(email=self.EMAIL)
        assert not RoleGrant.objects.filter(person=guest).exists()
        assert not guest.affiliations.exists()
        assert Invitation.objects.get().accepted_at is None

    def test_a_seat_that_ran_out_neither(self, cast: cast_of.Cast) -> None:
        sent = self.sent(cast, "editor_a", organisation=cast.org_a)
        Affiliation.objects.filter(person=cast["editor_a"]).update(**LONG_AGO)
        with pytest.raises(Refused):
            self.accept(cast, sent)

    def test_a_command_and_a_second_role_still_bear_it(self, cast: cast_of.Cast) -> None:
        grant(cast["office"], "operator", None)
        sent = self.sent(cast, "office", role="adviser")
        self.run_out(cast)
        guest = self.accept(cast, sent)
        assert RoleGrant.objects.filter(person=guest, role="adviser").exists()
        made = invitations.invite(cast.network, actor=COMMAND, email="x@neu.test", role="adviser",
                                  reason="Prüfung")  # fmt: skip
        assert is_backed(made)

    def test_the_page_says_so_and_makes_no_account(self, cast: cast_of.Cast) -> None:
        sent = self.sent(cast, "office", role="adviser")
        self.run_out(cast)
        client = Client()
        client.get(invitations.path_of(sent))
        for _again in range(2):
            answer = client.post("/einladung/")
            assert answer.status_code == 422
            assert "darf das inzwischen nicht mehr" in answer.content.decode()
        assert not Account.objects.filter(email=self.EMAIL).exists()
        told = OutboxMail.objects.get(code="parties.invitation.unbacked")
        assert told.address == cast.network.contact_email
        assert "Erneut senden" in told.text
        assert self.EMAIL in told.text

    def test_a_forwarded_link_tells_nobody_and_learns_nothing(self, cast: cast_of.Cast) -> None:
        """T06: the address comes first."""
        sent = self.sent(cast, "office", role="adviser")
        self.run_out(cast)
        other = cast["member"]
        with pytest.raises(Refused, match="andere E-Mail-Adresse"):
            invitations.accept(sent, actor=actor_of(other), person=fresh(other),
                               address="member@beispiel.test")  # fmt: skip
        assert not OutboxMail.objects.filter(code="parties.invitation.unbacked").exists()

    def test_it_is_asked_while_nobody_can_change_it_and_the_mail_stays(
        self, cast: cast_of.Cast, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        sent = self.sent(cast, "office", role="adviser")
        depth = len(connection.savepoint_ids)
        asked: list[bool] = []
        told: list[int] = []
        monkeypatch.setattr(invitations.mails, "send_unbacked",
                            lambda _one: told.append(len(connection.savepoint_ids)))  # fmt: skip
        monkeypatch.setattr(
            invitations,
            "is_backed",
            lambda _one: asked.append(len(connection.savepoint_ids) > depth),
        )
        with pytest.raises(Refused):
            self.accept(cast, sent)
        assert (asked, told) == ([True], [depth])

    def test_the_office_sends_again_in_its_own_name(self, cast: cast_of.Cast) -> None:
        sent = self.sent(cast, "office", role="adviser")
        self.run_out(cast)
        mate = cast_of.person("Nele Nachfolge")
        grant(mate, "office", cast.network)
        cast_of.second_factor(mate)
        path, browser = f"/betrieb/einladungen/{sent.uuid}/", cast_of.sign_in(Client(), mate)
        assert "lässt sich nicht annehmen" in browser.get(path).content.decode()
        answer = browser.post(f"{path}erneut/", {"version": sent.version})
        assert answer.status_code == 302
        sent.refresh_from_db()
        assert sent.invited_by == actor_of(mate).ref
        assert "lässt sich nicht annehmen" not in browser.get(path).content.decode()
        guest = self.accept(cast, sent)
        assert RoleGrant.objects.get(person=guest).granted_by == actor_of(mate).ref

    def test_who_may_not_invite_does_not_send_again(self, cast: cast_of.Cast) -> None:
        grant(cast["office"], "operator", None)
        sent = self.sent(cast, "office", role="operator")
        RoleGrant.objects.filter(role="operator", person=cast["office"]).update(
            starts_on=date(2020, 1, 1), ends_on=clock.today() - timedelta(days=1)
        )
        with pytest.raises(NotAllowed):
            invitations_again.send_again(sent, actor=cast.actor("office"), expected=sent.version)
