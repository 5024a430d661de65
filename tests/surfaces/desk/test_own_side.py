"""Being invited, standing in, being looked at by the operator: the person's side of the desk."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from lotse.foundation.core import clock, logs, once
from lotse.foundation.core.errors import NotAllowed, Refused
from lotse.foundation.core.models import LogEntry, OutboxMail
from lotse.foundation.parties.models import (
    Absence,
    Affiliation,
    Invitation,
    RoleGrant,
    SupportSession,
)
from lotse.foundation.parties.services import invitations, support
from tests import people as cast_of

pytestmark = pytest.mark.django_db
ACCEPT = "/einladung/"


def invite(cast: cast_of.Cast, **fields: Any) -> tuple[Invitation, str]:
    """An invitation and the path of its link."""
    fields = {"email": "registered@beispiel.test", "organisation": cast.org_a,
              "may_edit": True, **fields}  # fmt: skip
    made = invitations.invite(cast.network, actor=cast.actor("office"), **fields)
    link = invitations.address_of(str(made.uuid))
    assert link is not None
    return made, link[link.index(ACCEPT) :]


class TestInvited:
    def test_the_link_leads_on_without_its_secret(self, cast: cast_of.Cast) -> None:
        _made, path = invite(cast)
        client = Client()
        response = client.get(path)
        assert (response.status_code, response["Location"]) == (303, ACCEPT)
        assert response["Referrer-Policy"] == "no-referrer"
        body = client.get(ACCEPT).content.decode()
        assert "Gesa Stelle lädt Sie ein" in body
        assert cast.org_a.name in body
        assert "next=/einladung/" in body

    def test_the_secret_is_not_logged(self, cast: cast_of.Cast) -> None:
        _made, path = invite(cast)
        assert path.strip("/").split("/")[1] not in logs.redact(f"GET {path} 303")

    def test_accepted_once(self, cast: cast_of.Cast) -> None:
        made, path = invite(cast, role="adviser", reason="Kurs")
        client = cast.client("registered")
        client.get(path)
        assert client.post(ACCEPT, {"_key": once.new_key()}).status_code == 302
        person = cast["registered"]
        assert Affiliation.objects.get(person=person).may_edit
        assert RoleGrant.objects.get(person=person).role == "adviser"
        assert client.get(ACCEPT).status_code == 404
        assert client.get(path).status_code == 404
        made.refresh_from_db()
        assert made.accepted_by == person

    def test_another_address_is_refused_in_words(self, cast: cast_of.Cast) -> None:
        """T06: a forwarded link lets nobody else in."""
        _made, path = invite(cast)
        client = cast.client("editor_b")
        client.get(path)
        assert "anderen Adresse angemeldet" in client.get(ACCEPT).content.decode()
        response = client.post(ACCEPT, {"_key": once.new_key()})
        assert response.status_code == 422
        assert "andere E-Mail-Adresse" in response.content.decode()
        assert not Affiliation.objects.filter(person=cast["registered"]).exists()

    def test_a_guest_has_to_sign_in(self, cast: cast_of.Cast) -> None:
        _made, path = invite(cast)
        client = Client()
        client.get(path)
        assert client.post(ACCEPT, {"_key": once.new_key()}).status_code == 302
        assert not Affiliation.objects.filter(person=cast["registered"]).exists()

    @pytest.mark.parametrize("how", ["revoked_at", "expires_at"])
    def test_what_ended_opens_nothing(self, cast: cast_of.Cast, how: str) -> None:
        made, path = invite(cast)
        client = cast.client("registered")
        client.get(path)
        Invitation.objects.filter(pk=made.pk).update(**{how: clock.now()})
        assert client.get(ACCEPT).status_code == 404
        assert client.post(ACCEPT, {"_key": once.new_key()}).status_code == 404

    def test_guessing_is_limited(self, cast: cast_of.Cast, settings: Any) -> None:
        settings.LIMITS = {**settings.LIMITS, "parties.invitation.failed": (2, 600)}
        client = Client()
        found = [client.get(f"/einladung/{'x' * 40}{n}/").status_code for n in range(4)]
        assert found == [404, 404, 429, 429]

    def test_nothing_without_a_link(self, cast: cast_of.Cast) -> None:
        assert Client().get(ACCEPT).status_code == 404


class TestAbsence:
    def test_a_deputy_is_named_and_relieved(self, cast: cast_of.Cast) -> None:
        client = cast.client("coordinator")
        url = reverse("parties:absence")
        body = client.get(url).content.decode()
        assert "Gesa Stelle" in body
        assert "Mats Behrens" not in body  # no colleague, no role
        today = clock.today()
        data = {"_key": once.new_key(), "deputy": cast["auditor"].uuid,
                "starts_on": today.isoformat(),
                "ends_on": (today + timedelta(days=3)).isoformat()}  # fmt: skip
        assert client.post(url, data).status_code == 302
        assert "Koray Ordu" in cast.client("auditor").get(url).content.decode()
        # The deputy holds the role from the next request on, and the end is as quick.
        new = reverse("desk:organisation-new")
        assert cast.client("auditor").get(new).status_code == 200
        found = Absence.objects.get()
        end = reverse("parties:absence-end", args=[found.uuid])
        assert cast.client("auditor").post(end).status_code == 404
        assert client.post(end).status_code == 302
        assert cast.client("auditor").get(new).status_code == 403

    def test_strangers_are_not_offered(self, cast: cast_of.Cast) -> None:
        today = clock.today().isoformat()
        data = {"deputy": cast["office"].uuid, "starts_on": today, "ends_on": today}
        response = cast.client("registered").post(reverse("parties:absence"), data)
        assert response.status_code == 422
        assert not Absence.objects.exists()


class TestSupport:
    def begin(self, cast: cast_of.Cast, role: str = "coordinator") -> Client:
        client = cast.client("operator")
        url = reverse("desk:support", args=[cast[role].uuid])
        assert client.get(url).status_code == 200
        data = {"_key": once.new_key(), "reason": "Die Liste ist leer", "minutes": "10"}
        assert client.post(url, data).status_code == 302
        return client

    def test_the_operator_sees_what_the_person_sees(self, cast: cast_of.Cast) -> None:
        client = self.begin(cast)
        body = client.get("/").content.decode()
        assert "Sitzung zur Unterstützung: Sie sehen Lotse wie Koray Ordu" in body
        # A coordinator reads the desk, but not the operator's pages.
        assert client.get(reverse("desk:people")).status_code == 200
        assert client.get(reverse("desk:supports")).status_code == 403

    def test_nothing_can_be_changed_and_the_account_stays_shut(self, cast: cast_of.Cast) -> None:
        client = self.begin(cast)
        data = {"_key": once.new_key(), "name": "Neu", "kind": "firm"}
        assert client.post(reverse("desk:organisation-new"), data).status_code == 403
        assert client.get(reverse("parties:absence")).status_code == 403
        assert client.get("/konto/").status_code == 403

    def test_the_person_is_told(self, cast: cast_of.Cast) -> None:
        self.begin(cast)
        mail = OutboxMail.objects.get(code="parties.support")
        assert (mail.address, mail.mail_class) == ("coordinator@beispiel.test", "security")
        assert "Die Liste ist leer" in mail.text
        assert "Bente Trieb" in mail.text
        body = cast.client("coordinator").get(reverse("parties:support")).content.decode()
        assert "Die Liste ist leer" in body
        assert LogEntry.objects.filter(code="parties.support.started").count() == 1

    def test_it_ends_by_the_button(self, cast: cast_of.Cast) -> None:
        client = self.begin(cast)
        assert client.post(reverse("parties:support-end")).status_code == 302
        assert SupportSession.objects.get().ended_at is not None
        assert client.get(reverse("desk:supports")).status_code == 200
        assert client.post(reverse("parties:support-end")).status_code == 404
        ended = LogEntry.objects.get(code="parties.support.ended")
        assert ended.actor == f"account:{cast['operator'].account.uuid}"

    def test_it_runs_out(self, cast: cast_of.Cast) -> None:
        client = self.begin(cast)
        SupportSession.objects.update(ends_at=clock.now())
        assert client.get(reverse("desk:supports")).status_code == 200
        assert "Sie sehen Lotse wie" not in client.get("/").content.decode()

    def test_it_ends_with_the_operators_role(self, cast: cast_of.Cast) -> None:
        client = self.begin(cast)
        RoleGrant.objects.filter(person=cast["operator"]).update(ended_at=clock.now())
        assert client.get(reverse("desk:people")).status_code == 403

    def test_who_may_not(self, cast: cast_of.Cast) -> None:
        url = reverse("desk:support", args=[cast["member"].uuid])
        assert cast.client("office").get(url).status_code == 403
        given = {"reason": "Nur so", "network": None}
        with pytest.raises(NotAllowed):
            support.start_support(cast["member"], actor=cast.actor("office"), minutes=5, **given)
        operator = cast.actor("operator")
        with pytest.raises(NotAllowed):
            support.start_support(cast["operator"], actor=operator, minutes=5, **given)
        for wrong in ({"minutes": 31}, {"minutes": 0}, {"minutes": 5, "reason": " "}):
            with pytest.raises(Refused):
                support.start_support(cast["member"], actor=operator, **{**given, **wrong})
        with pytest.raises(Refused):
            support.start_support(cast["suspended"], actor=operator, minutes=5, **given)
