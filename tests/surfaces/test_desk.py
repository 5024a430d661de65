"""The desk through its pages: who gets in, what the lists show, what the forms do."""

import io
from datetime import timedelta
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django_tasks_db.models import DBTaskResult

from lotse.foundation.core import clock, once, tasks
from lotse.foundation.core.actor import COMMAND
from lotse.foundation.core.models import ChainRecord, LogEntry, OutboxMail
from lotse.foundation.parties.models import (
    Absence,
    Affiliation,
    Invitation,
    Network,
    NetworkPage,
    Organisation,
    Person,
    Report,
    RoleGrant,
)
from lotse.foundation.parties.services import invitations, networks
from lotse.rooms.checks.models import Assessment, Check
from lotse.surfaces.desk.queries import rights
from tests import make
from tests import people as cast_of

pytestmark = pytest.mark.django_db

LISTS = ("start", "organisations", "people", "roles", "rules", "pages", "checks", "topics",
         "mail-texts", "daily", "tasks", "log", "basket", "space", "reports",
         "invitations", "outbox")  # fmt: skip
EXPORTED = ("organisations", "people", "roles", "rules", "log", "reports", "invitations", "checks",
            "topics", "mail-texts")  # fmt: skip
READERS = ("office", "coordinator", "auditor", "operator")
OTHERS = ("registered", "member", "editor_a", "adviser", "former", "foreign_office")


@pytest.fixture
def cast() -> cast_of.Cast:
    return cast_of.cast()


def post(client: Any, view: str, /, *args: Any, **data: Any) -> Any:
    return client.post(reverse(f"desk:{view}", args=args), {"_key": once.new_key(), **data})


def page(client: Any, name: str, *args: Any, query: str = "") -> str:
    response = client.get(reverse(f"desk:{name}", args=args) + query)
    assert response.status_code == 200, (name, response.status_code)
    return str(response.content.decode())


class TestGettingIn:
    @pytest.mark.parametrize("role", READERS)
    def test_readers_see_every_page(self, cast: cast_of.Cast, role: str) -> None:
        make.check()
        client = cast.client(role)
        for name in LISTS:
            assert page(client, name).count("<h1") == 1

    @pytest.mark.parametrize("role", OTHERS)
    def test_others_do_not(self, cast: cast_of.Cast, role: str) -> None:
        client = cast.client(role)
        for name in LISTS:
            assert client.get(reverse(f"desk:{name}")).status_code == 403, name

    def test_a_guest_is_sent_to_the_sign_in(self, cast: cast_of.Cast, client: Any) -> None:
        url = reverse("desk:people")
        response = client.get(url)
        assert response.status_code == 302
        assert response["Location"].startswith(reverse("account_login"))
        assert client.post(reverse("desk:grant")).status_code == 403

    def test_without_the_second_factor_the_desk_is_closed(self, cast: cast_of.Cast) -> None:
        client = cast.client("office", strong=False)
        assert client.get(reverse("desk:start")).status_code in (302, 403)

    def test_the_menu_shows_the_desk_to_those_who_may(self, cast: cast_of.Cast) -> None:
        url = reverse("desk:start")
        assert f'href="{url}"' in cast.client("auditor").get("/").content.decode()
        assert f'href="{url}"' not in cast.client("member").get("/").content.decode()

    @pytest.mark.parametrize(
        "name",
        ["setup", "periods", "organisation-new", "invite", "grant", "examples", "check-import",
         "supports"],
    )  # fmt: skip
    def test_reading_is_not_writing(self, cast: cast_of.Cast, name: str) -> None:
        assert cast.client("auditor").get(reverse(f"desk:{name}")).status_code == 403

    @pytest.mark.parametrize("name", ["examples", "check-import", "supports"])
    def test_some_pages_are_the_operators(self, cast: cast_of.Cast, name: str) -> None:
        assert cast.client("office").get(reverse(f"desk:{name}")).status_code == 403
        page(cast.client("operator"), name)


class TestLists:
    @pytest.mark.parametrize("name", [name for name in LISTS if name not in ("start", "space")])
    def test_a_list_costs_at_most_8_queries(
        self, cast: cast_of.Cast, count_queries: Any, name: str
    ) -> None:
        client = cast.client("office")
        page(client, name)
        counts = []
        for rows in (1, 2):
            for n in range(rows):
                _one_more(cast, f"{rows}{n}")
            with count_queries() as queries:
                page(client, name)
            counts.append(queries.count)
        assert counts[0] <= 8, counts
        assert counts[0] == counts[1]

    def test_the_start_page_costs_at_most_12(self, cast: cast_of.Cast, count_queries: Any) -> None:
        client = cast.client("office")
        page(client, "start")
        with count_queries() as queries:
            page(client, "start")
        assert queries.count <= 12, queries.counted

    @pytest.mark.parametrize("ending", ["csv", "xlsx"])
    @pytest.mark.parametrize("name", EXPORTED)
    def test_every_list_is_a_file(self, cast: cast_of.Cast, name: str, ending: str) -> None:
        response = cast.client("office").get(reverse(f"desk:{name}") + f"?als={ending}")
        assert response.status_code == 200
        assert response["Content-Disposition"].startswith("attachment")
        assert response.content

    def test_no_cell_is_a_formula(self, cast: cast_of.Cast) -> None:
        """T27."""
        nasty = '=HYPERLINK("http://x.example")'
        cast_of.organisation(cast.network, nasty)
        client = cast.client("office")
        content = client.get(reverse("desk:organisations") + "?als=xlsx").content
        cells = [c for row in openpyxl.load_workbook(io.BytesIO(content)).active for c in row]
        assert [c.data_type for c in cells if c.value == nasty] == ["s"]
        text = client.get(reverse("desk:organisations") + "?als=csv").content.decode("utf-8-sig")
        assert "\"'=HYPERLINK" in text

    def test_the_print_view_has_all_rows(self, cast: cast_of.Cast) -> None:
        for n in range(60):
            cast_of.organisation(cast.network, f"Verein {n:02}")
        client = cast.client("office")
        assert "Verein 59" not in page(client, "organisations")
        assert "Verein 59" in page(client, "organisations", query="?seite=2")
        assert "Verein 59" in page(client, "organisations", query="?als=druck")

    @pytest.mark.parametrize("query", ["?seite=0", "?seite=99999999999", "?seite=x", "?als=exe",
                                       "?suche=%00", "?art=nichts", "?von=gestern"])  # fmt: skip
    def test_odd_addresses_are_pages(self, cast: cast_of.Cast, query: str) -> None:
        client = cast.client("office")
        for name in ("organisations", "people", "log", "outbox"):
            page(client, name, query=query)

    def test_search_and_filter(self, cast: cast_of.Cast) -> None:
        client = cast.client("office")
        body = page(client, "people", query="?suche=edda")
        assert "Ahrens, Edda" in body
        assert "Brandt, Enno" not in body
        assert "Ahrens, Edda" in page(client, "people", query="?suche=editor-a@")
        assert "Sperr, Sven" in page(client, "people", query="?konto=gesperrt")
        assert "Ahrens, Edda" not in page(client, "people", query="?rolle=office")
        assert "Brandt GmbH" in page(client, "organisations", query="?zustand=ansprechperson")
        assert "Brandt GmbH" not in page(client, "organisations", query="?zustand=bearbeitung")

    def test_the_list_of_people_holds_no_addresses(self, cast: cast_of.Cast) -> None:
        """T08: contact data is for the page of one person."""
        client = cast.client("office")
        assert "@beispiel.test" not in page(client, "people")
        csv = client.get(reverse("desk:people") + "?als=csv").content.decode("utf-8-sig")
        assert "@beispiel.test" not in csv

    def test_another_networks_people_are_not_there(self, cast: cast_of.Cast) -> None:
        client = cast.client("office")
        assert "Fremd, Fiete" not in page(client, "people")
        url = reverse("desk:person", args=[cast["foreign_office"].uuid])
        assert client.get(url).status_code == 404


def _one_more(cast: cast_of.Cast, mark: str) -> None:
    """One more row for every list."""
    organisation = cast_of.organisation(cast.network, f"Verein {mark}")
    invitations.invite(cast.network, actor=cast.actor("office"), email=f"neu{mark}@beispiel.test",
                       organisation=organisation)  # fmt: skip
    someone = cast_of.person(f"Nora Neu{mark}", email=f"nora{mark}@beispiel.test")
    cast_of.people.add_seat(someone, organisation, actor=COMMAND, is_contact=True)
    cast_of.roles.grant_role(
        someone, "adviser", actor=cast.actor("office"), network=cast.network, reason="Neu"
    )
    networks.report_barrier(cast.network, actor=COMMAND, key=once.new_key(), page="/",
                            body="Zu klein", reply_to="")  # fmt: skip


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


class TestOperation:
    def test_the_log_names_who_is_still_there(self, cast: cast_of.Cast) -> None:
        office = cast.client("office")
        post(office, "organisation-new", name="Protokoll e. V.", kind="firm")
        body = page(office, "log", query="?was=organisation.created")
        assert "Gesa Stelle" in body
        assert "Protokoll e. V." in body
        assert "Protokoll e. V." in page(office, "log", query="?wer=Stelle")
        assert "Protokoll e. V." not in page(office, "log", query="?wer=Niemand")
        tomorrow = (clock.today() + timedelta(days=1)).isoformat()
        assert "Protokoll e. V." not in page(office, "log", query=f"?von={tomorrow}")

    def test_the_log_of_another_network_is_not_shown(self, cast: cast_of.Cast) -> None:
        organisation = cast_of.organisation(cast.other, "Drüben e. V.")
        query = f"?objekt={organisation.uuid}"
        assert "Drüben" not in page(cast.client("office"), "log", query=query)
        assert "Drüben" in page(cast.client("operator"), "log", query=query)

    def test_a_report_is_done_at_last(self, cast: cast_of.Cast) -> None:
        networks.report_barrier(cast.network, actor=COMMAND, key=once.new_key(), page="/checks/",
                                body="Der Knopf fehlt", reply_to="")  # fmt: skip
        report = Report.objects.get()
        office = cast.client("office")
        assert "gemeldete Barriere ist offen" in page(office, "start")
        assert "Der Knopf fehlt" in page(office, "report", report.uuid)
        assert post(cast.client("auditor"), "report", report.uuid, version=1).status_code == 403
        assert post(office, "report", report.uuid, version=1).status_code == 302
        report.refresh_from_db()
        assert report.done_at is not None
        assert "gemeldete Barriere" not in page(office, "start").split("Menschen")[0]

    def test_a_failed_mail_is_explained_and_sent_again(self, cast: cast_of.Cast) -> None:
        networks.report_barrier(cast.network, actor=COMMAND, key=once.new_key(), page="/",
                                body="Hakt", reply_to="")  # fmt: skip
        mail = OutboxMail.objects.get(code="parties.report")
        OutboxMail.objects.update(state="failed", error="550 unbekannt")
        office = cast.client("office")
        assert "1 Mail war nicht zustellbar" in page(office, "start")
        body = page(office, "mail", mail.uuid)
        assert "550 unbekannt" in body
        assert "Hakt" in body
        assert post(cast.client("auditor"), "mail-again", mail.uuid, version=1).status_code == 403
        assert post(office, "mail-again", mail.uuid, version=mail.version).status_code == 302
        mail.refresh_from_db()
        assert mail.state == "queued"

    def test_the_text_of_an_invitation_is_nowhere(self, cast: cast_of.Cast) -> None:
        invitations.invite(cast.network, actor=cast.actor("office"), email="neu@beispiel.test",
                           organisation=cast.org_a, message="Streng geheim")  # fmt: skip
        mail = OutboxMail.objects.get(code="parties.invitation")
        assert "Streng geheim" not in page(cast.client("operator"), "mail", mail.uuid)

    def test_coordinators_see_no_mail(self, cast: cast_of.Cast) -> None:
        invitations.invite(cast.network, actor=cast.actor("office"), email="neu@beispiel.test",
                           organisation=cast.org_a)  # fmt: skip
        assert "neu@beispiel.test" not in page(cast.client("coordinator"), "outbox")

    def test_a_failed_task_begins_anew(self, cast: cast_of.Cast, settings: Any) -> None:
        queue = {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["default", "mail"]}
        settings.TASKS = {"default": queue}
        tasks.run_job.enqueue(path="lotse.none.such", attempt=5, kwargs={"n": 1})
        row = DBTaskResult.objects.get()
        DBTaskResult.objects.update(status="FAILED", exception_class_path="a.b.Broken")
        operator = cast.client("operator")
        assert "Broken" in page(operator, "tasks", query="?stand=FAILED")
        page(operator, "task", row.id)
        assert post(cast.client("office"), "task", row.id).status_code == 403
        assert post(operator, "task", row.id).status_code == 302
        again = DBTaskResult.objects.get()
        assert (again.status, again.args_kwargs["kwargs"]["attempt"]) == ("READY", 0)
        assert post(operator, "task", row.id).status_code == 422

    def test_a_check_is_read_with_its_faults_and_published(self, cast: cast_of.Cast) -> None:
        operator = cast.client("operator")
        bad = SimpleUploadedFile("x.yaml", b"format: lotse-check/1\ncheck: {id: 5}\n")
        response = post(operator, "check-import", file=bad)
        assert response.status_code == 422
        assert "Zeile" in response.content.decode()
        good = SimpleUploadedFile("x.yaml", make.CHECK_FILE.read_bytes())
        assert post(operator, "check-import", file=good).status_code == 302
        check = Check.objects.get()
        page(cast.client("office"), "check", check.uuid)
        assert post(cast.client("office"), "check-publish", check.uuid).status_code == 403
        data = {"version": check.version}
        assert post(operator, "check-publish", check.uuid, **data).status_code == 302
        assert post(operator, "check-withdraw", check.uuid, **data).status_code == 409
        check.refresh_from_db()
        assert check.current is not None
        post(operator, "check-withdraw", check.uuid, version=check.version)
        check.refresh_from_db()
        assert check.current is None
