"""Organisations, people, invitations and roles at the desk."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from lotse.foundation.core import clock
from lotse.foundation.core.actor import COMMAND
from lotse.foundation.core.models import ChainRecord, LogEntry, OutboxMail
from lotse.foundation.parties.models import (
    Absence,
    Affiliation,
    Invitation,
    Organisation,
    RoleGrant,
)
from lotse.surfaces.desk.queries import rights
from tests import people as cast_of
from tests.surfaces.desk.conftest import page, post

pytestmark = pytest.mark.django_db


class TestOrganisations:
    def test_create_and_change(self, cast: cast_of.Cast) -> None:
        client = cast.client("coordinator")
        response = post(client, "organisation-new", name="Neue e. V.", kind="nonprofit")
        made = Organisation.objects.get(name="Neue e. V.")
        assert response["Location"] == reverse("desk:organisation", args=[made.uuid])
        assert client.get(reverse("desk:organisation-edit", args=[made.uuid])).status_code == 403
        office = cast.client("office")
        page(office, "organisation-edit", made.uuid)
        data = {"name": "Neue gGmbH", "kind": "firm", "version": 1, "website": "http://neu.example"}
        assert post(office, "organisation-edit", made.uuid, **data).status_code == 302
        assert post(office, "organisation-edit", made.uuid, **data).status_code == 409
        data["website"] = "javascript:alert(1)"
        assert post(office, "organisation-edit", made.uuid, **data).status_code == 422

    def test_a_seat_begins_changes_and_is_handed_over(self, cast: cast_of.Cast) -> None:
        client = cast.client("office")
        page(client, "seat-new", cast.org_b.uuid)
        today = clock.today().isoformat()
        post(client, "seat-new", cast.org_b.uuid, person=cast["member"].uuid, starts_on=today,
             is_contact="on")  # fmt: skip
        seat = Affiliation.objects.get(person=cast["member"], organisation=cast.org_b)
        page(client, "seat", seat.uuid)
        data = {"function": "Vorstand", "may_edit": "on", "is_contact": "on", "starts_on": today,
                "version": 1}  # fmt: skip
        assert post(client, "seat", seat.uuid, **data).status_code == 302
        assert post(client, "seat", seat.uuid, **data).status_code == 409
        page(client, "seat-end", seat.uuid)
        post(client, "seat-end", seat.uuid, version=2, successor=cast["coordinator"].uuid)
        body = page(client, "organisation", cast.org_b.uuid)
        assert "Nachfolge: Koray Ordu" in body
        after = Affiliation.objects.get(person=cast["coordinator"])
        assert (after.may_edit, after.is_contact) == (True, True)

    def test_a_detail_costs_at_most_12(self, cast: cast_of.Cast, count_queries: Any) -> None:
        client = cast.client("office")
        page(client, "organisation", cast.org_b.uuid)
        with count_queries() as few:
            page(client, "organisation", cast.org_b.uuid)
        with count_queries() as many:
            page(client, "organisation", cast.org_a.uuid)
        assert few.count == many.count <= 12


class TestPeople:
    def test_one_person(self, cast: cast_of.Cast, count_queries: Any) -> None:
        client = cast.client("office")
        page(client, "person", cast["editor_b"].uuid)
        with count_queries() as queries:
            body = page(client, "person", cast["editor_a"].uuid)
        assert queries.count <= 12, queries.counted
        assert "editor-a@beispiel.test" in body
        assert cast.org_a.name in body

    def test_a_name_is_corrected(self, cast: cast_of.Cast) -> None:
        client = cast.client("office")
        member = cast["member"]
        page(client, "person-edit", member.uuid)
        data = {"last_name": "Behrends", "first_name": "Mats", "version": member.version}
        assert post(client, "person-edit", member.uuid, **data).status_code == 302
        response = post(client, "person-edit", member.uuid, **{**data, "last_name": "X"})
        assert response.status_code == 409
        assert "Behrends" in response.content.decode()
        assert "Behrends" not in str(LogEntry.objects.values_list("after", flat=True))

    def test_suspended_at_the_next_request(self, cast: cast_of.Cast) -> None:
        """T05."""
        victim = cast.client("editor_a")
        office = cast.client("office")
        person = cast["editor_a"]
        assert post(office, "suspend", person.uuid, reason="").status_code == 422
        assert post(office, "suspend", person.uuid, reason="Kündigung").status_code == 302
        assert victim.get(reverse("parties:absence")).status_code == 302
        assert ChainRecord.objects.filter(action="parties.person.suspended").count() == 1
        assert post(office, "suspend", person.uuid, reason="Versehen").status_code == 302
        person.account.refresh_from_db()
        assert person.account.is_active

    def test_an_office_closes_neither_the_operator_nor_itself(self, cast: cast_of.Cast) -> None:
        client = cast.client("office")
        for role in ("operator", "office"):
            response = post(client, "suspend", cast[role].uuid, reason="Nein")
            assert response.status_code in (403, 404), role

    def test_two_entries_become_one(self, cast: cast_of.Cast) -> None:
        twin = cast_of.person("M. Behrens", account=False, home=cast.network)
        cast_of.people.add_seat(twin, cast.org_b, actor=COMMAND)
        client = cast.client("office")
        keep = cast["member"]
        page(client, "merge", keep.uuid)
        shown = post(client, "merge", keep.uuid, other=twin.uuid)
        assert shown.status_code == 200
        assert Affiliation.objects.filter(person=twin).exists()
        done = post(client, "merge", keep.uuid, other=twin.uuid, confirmed="on")
        assert done.status_code == 302
        assert not Affiliation.objects.filter(person=twin).exists()
        assert Affiliation.objects.filter(person=keep, organisation=cast.org_b).exists()
        twin.refresh_from_db()
        assert twin.merged_into == keep
        assert "M. Behrens" not in page(client, "people")

    def test_a_merge_gives_nobody_a_foreign_role(self, cast: cast_of.Cast) -> None:
        """The office must not turn a friend into the operator by merging the two."""
        client = cast.client("operator")
        cast_of.people.add_seat(cast["operator"], cast.org_a, actor=COMMAND)
        office = cast.client("office")
        response = post(office, "merge", cast["member"].uuid, other=cast["operator"].uuid,
                        confirmed="on")  # fmt: skip
        assert response.status_code == 403
        assert not RoleGrant.objects.filter(person=cast["member"]).exists()
        assert client.get(reverse("desk:start")).status_code == 200

    def test_the_office_names_a_deputy(self, cast: cast_of.Cast) -> None:
        client = cast.client("office")
        away = cast["coordinator"]
        page(client, "absence", away.uuid)
        today = clock.today()
        data = {"deputy": cast["member"].uuid, "starts_on": today.isoformat()}
        response = post(client, "absence", away.uuid, **data, ends_on="2000-01-01")
        assert response.status_code == 422
        until = (today + timedelta(days=5)).isoformat()
        assert post(client, "absence", away.uuid, **data, ends_on=until).status_code == 302
        found = Absence.objects.get()
        assert "Mats Behrens" in page(client, "person", away.uuid)
        assert post(client, "absence-end", found.uuid).status_code == 302
        assert not Absence.objects.exists()


class TestInvitations:
    def test_sent_again_and_withdrawn(self, cast: cast_of.Cast) -> None:
        client = cast.client("office")
        page(client, "invite", query=f"?organisation={cast.org_a.uuid}")
        data = {"email": "neu@beispiel.test", "organisation": cast.org_a.uuid, "may_edit": "on"}
        assert post(client, "invite", **data).status_code == 302
        sent = Invitation.objects.get()
        before = sent.token_hash
        page(client, "invitation", sent.uuid)
        assert post(client, "invitation-again", sent.uuid, version=1).status_code == 302
        sent.refresh_from_db()
        assert sent.token_hash != before
        assert OutboxMail.objects.filter(code="parties.invitation").count() == 2
        response = post(client, "invitation-revoke", sent.uuid, version=sent.version)
        assert response.status_code == 302
        assert "zurückgezogen" in page(client, "invitation", sent.uuid)
        assert post(client, "invitation-again", sent.uuid, version=9).status_code == 422

    def test_a_role_needs_a_reason(self, cast: cast_of.Cast) -> None:
        data = {"email": "neu@beispiel.test", "role": "adviser"}
        response = post(cast.client("office"), "invite", **data)
        assert response.status_code == 422
        assert not Invitation.objects.exists()


class TestRoles:
    def test_given_and_ended(self, cast: cast_of.Cast) -> None:
        client = cast.client("office")
        page(client, "grant")
        today = clock.today().isoformat()
        data = {"person": cast["member"].uuid, "role": "adviser", "reason": "Kurs bestanden",
                "starts_on": today}  # fmt: skip
        assert post(client, "grant", **data).status_code == 302
        grant = RoleGrant.objects.get(person=cast["member"])
        assert "Kurs bestanden" in page(client, "roles", query="?rolle=adviser")
        page(client, "grant-end", grant.uuid)
        response = post(client, "grant-end", grant.uuid, version=1, reason="Weggezogen")
        assert response.status_code == 302
        assert "Mats Behrens" in page(client, "roles", query="?stand=vorbei")
        assert "Mats Behrens" not in page(client, "roles", query="?stand=jetzt")

    def test_nobody_gives_to_themselves_nor_makes_operators(self, cast: cast_of.Cast) -> None:
        client = cast.client("office")
        today = clock.today().isoformat()
        for person, role in ((cast["office"], "adviser"), (cast["member"], "operator")):
            data = {"person": person.uuid, "role": role, "reason": "Nein", "starts_on": today}
            assert post(client, "grant", **data).status_code == 422
        assert not RoleGrant.objects.filter(person=cast["member"]).exists()

    def test_who_may_do_what(self, cast: cast_of.Cast) -> None:
        """T09: the page asks the rules themselves."""
        body = page(cast.client("auditor"), "rules", query="?als=druck")
        assert "Rollen vergeben" in body
        assert "Geschäftsstelle: Gesa Stelle" in body
        held = {one.code: one for one in rights.rules()}
        assert held["parties.role.grant"].roles == ("office", "operator")
        assert held["parties.organisation.edit"].seats
        assert held["parties.network.view"].public
        assert not held["checks.assessment.edit"].public
        assert [one.code for one in held.values() if one.public and one.writes] == []
