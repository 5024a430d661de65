"""Who may ask and confirm, and how the owner of the factor stops it."""

import pytest

from lotse.foundation.accounts.services import accounts
from lotse.foundation.core import clock
from lotse.foundation.core.actor import COMMAND
from lotse.foundation.core.errors import NotAllowed, Refused
from lotse.foundation.core.models import LogEntry, OutboxMail
from lotse.foundation.parties.models import Network, RoleGrant
from lotse.foundation.parties.services import factor_resets, people, roles, suspension
from tests import people as cast_of
from tests.foundation.factor_resets.conftest import ask, confirm, has_factor

pytestmark = pytest.mark.django_db


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
