"""The network at the desk: its name, colour, pages and examples."""

from typing import Any

import pytest
from django.urls import reverse

from lotse.foundation.core.actor import COMMAND
from lotse.foundation.core.models import OutboxMail
from lotse.foundation.parties.models import Network, NetworkPage, Organisation, Person
from lotse.rooms.checks.models import Assessment
from tests import make
from tests import people as cast_of
from tests.surfaces.desk.conftest import page, post

pytestmark = pytest.mark.django_db


class TestSetup:
    def form(self, network: Network, **fields: Any) -> dict[str, Any]:
        return {"name": network.name, "carrier": network.carrier, "version": network.version,
                "contact_email": network.contact_email, "accent": network.accent,
                "claim_de": "Wir helfen.", "mfa_roles": ["office"], **fields}  # fmt: skip

    def test_the_office_changes_the_network(self, cast: cast_of.Cast) -> None:
        client = cast.client("office")
        page(client, "setup")
        data = self.form(cast.network, name="Netz Nord", own_words="Nordnetz\nNordnetz\n")
        assert post(client, "setup", **data).status_code == 302
        cast.network.refresh_from_db()
        assert cast.network.name == "Netz Nord"
        assert cast.network.own_words == ["Nordnetz"]
        assert cast.network.mfa_roles == ["office", "operator"]

    def test_a_pale_colour_is_refused_with_a_better_one(self, cast: cast_of.Cast) -> None:
        data = self.form(cast.network, accent="#ffcc00")
        response = post(cast.client("office"), "setup", **data)
        assert response.status_code == 422
        assert "Die nächste lesbare Farbe: #" in response.content.decode()

    def test_two_at_once_both_see_both(self, cast: cast_of.Cast) -> None:
        client = cast.client("office")
        data = self.form(cast.network, name="Zuerst")
        assert post(client, "setup", **data).status_code == 302
        response = post(client, "setup", **{**data, "name": "Zugleich"})
        assert response.status_code == 409
        body = response.content.decode()
        assert "Zuerst" in body
        assert "Zugleich" in body

    def test_the_mail_test_shows_its_outcome(self, cast: cast_of.Cast) -> None:
        client = cast.client("office")
        assert post(client, "test-mail").status_code == 302
        mail = OutboxMail.objects.get(code="parties.test")
        assert mail.address == "office@beispiel.test"
        assert "wartet" in page(client, "setup")

    def test_a_page_is_previewed_then_saved(self, cast: cast_of.Cast) -> None:
        client = cast.client("office")
        body = page(client, "page", "imprint", "de")
        assert "§ 5 Abs. 1 Nr. 1 DDG" in body
        preview = post(
            client, "page", "imprint", "de", version=0, preview="1", body="## Neu **da**"
        )
        assert "<strong>da</strong>" in preview.content.decode()
        assert not NetworkPage.objects.exists()
        assert post(client, "page", "imprint", "de", version=0, body="Mein Text").status_code == 302
        response = post(client, "page", "imprint", "de", version=0, body="Anderer Text")
        assert response.status_code == 409
        assert "Mein Text" in response.content.decode()
        assert NetworkPage.objects.get().body == "Mein Text"
        assert client.get(reverse("desk:page", args=["nichts", "de"])).status_code == 404

    def test_the_examples_go(self, cast: cast_of.Cast) -> None:
        demo = cast_of.organisation(cast.network, "Beispiel e. V.", is_demo=True)
        someone = cast_of.person("Demo Person", is_demo=True)
        cast_of.people.add_seat(someone, demo, actor=COMMAND)
        Assessment.objects.filter(pk=make.assessment().pk).update(is_demo=True)
        client = cast.client("operator")
        page(client, "examples")
        assert post(client, "examples").status_code == 422
        assert post(client, "examples", confirmed="on").status_code == 302
        assert not Organisation.objects.filter(is_demo=True).exists()
        assert not Person.objects.filter(is_demo=True).exists()
        assert not Assessment.objects.exists()
        assert Organisation.objects.filter(pk=cast.org_a.pk).exists()

    def test_the_operator_turns_to_another_network(self, cast: cast_of.Cast) -> None:
        client = cast.client("operator")
        assert post(client, "network", network=cast.other.uuid).status_code == 302
        assert "Fremd, Fiete" in page(client, "people")
        office = cast.client("office")
        assert post(office, "network", network=cast.other.uuid).status_code == 403
