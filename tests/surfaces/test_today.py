"""Heute: what is due, what waits, what was begun, what comes; own measures; own dates."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from lotse.foundation.core import clock, hooks, once
from lotse.foundation.core.actor import COMMAND
from lotse.foundation.core.ref import Ref
from lotse.foundation.documents.models import Document
from lotse.foundation.measures import services
from lotse.foundation.measures.models import Measure
from lotse.foundation.parties.models import Person
from lotse.foundation.parties.services import invitations
from lotse.rooms.checks.models import Answer, Assessment
from tests import make, people

pytestmark = pytest.mark.django_db
TODAY = "/heute/"


@pytest.fixture
def cast(common_cast: people.Cast) -> people.Cast:
    return common_cast


def add(person: Person | None = None, days: int | None = 0, **fields: Any) -> Measure:
    if days is not None:
        fields["due_on"] = clock.today() + timedelta(days=days)
    fields.setdefault("origin", Ref("test.thing", uuid4()))
    fields.setdefault("title", f"In {days} Tagen")
    return services.create_measure(actor=COMMAND, person_id=person.pk if person else None, **fields)


def sections(html: str) -> dict[str, str]:
    """key -> its part of the page."""
    found = {}
    for part in html.split('<section class="stack tight" aria-labelledby="')[1:]:
        key, _quote, rest = part.partition('"')
        found[key] = rest.partition("</section>")[0]
    return found


def page(client: Client, path: str = TODAY) -> str:
    response = client.get(path)
    assert response.status_code == 200
    return str(response.content.decode())


class TestToday:
    def test_guests_are_asked_to_sign_in_and_come_back(self, client: Client) -> None:
        make.network()
        for path in ("", "massnahmen/", "termine.ics", "kalender/", f"massnahme/{uuid4()}/"):
            response = client.get(TODAY + path)
            assert response.status_code == 302
            assert response["Location"] == f"/konto/anmelden/?next={TODAY}{path}"
        assert ">Heute<" not in client.get("/").content.decode()

    def test_quiet_when_there_is_nothing(self, cast: people.Cast) -> None:
        html = page(cast.client("registered"))
        assert "Heute ist nichts zu tun." in html
        assert sections(html) == {}
        assert ">Heute</a>" in html  # the menu

    def test_four_groups(self, cast: people.Cast) -> None:
        me = cast["member"]
        add(me, -3, title="Zu spät")
        add(me, 0, title="Heute dran")
        add(me, 20, title="Kommt bald")
        add(me, 40, title="Weit weg")
        add(me, -3, title="Längst erledigt", status="done")
        add(None, None, title="Zu prüfen", controller_person_id=me.pk, control_on=clock.today(),
            status="done")  # fmt: skip
        found = sections(page(cast.client("member")))
        assert "Zu spät" in found["due"]
        assert "überfällig seit" in found["due"]
        assert "Heute dran" in found["due"]
        assert "Ergebnis prüfen: Zu prüfen" in found["waiting"]
        assert "Kommt bald" in found["next"]
        assert list(found) == ["due", "waiting", "next"]
        assert "Weit weg" not in str(found)
        assert "Längst erledigt" not in str(found)

    def test_what_was_begun_and_not_what_is_complete(self, cast: people.Cast) -> None:
        check = make.check()
        begun, complete, foreign = (make.assessment(check) for _n in range(3))
        owned = Assessment.objects.filter(pk__in=[begun.pk, complete.pk])
        owned.update(owner=cast["member"])
        Assessment.objects.filter(pk=foreign.pk).update(owner=cast["editor_a"])
        points = check.published.content["checkpoints"]
        for point in points:
            Answer.objects.create(assessment=complete, checkpoint=point["id"], level="none")
        Answer.objects.create(assessment=begun, checkpoint=points[0]["id"], level="none")
        found = sections(page(cast.client("member")))["unfinished"]
        assert reverse("checks:assessment", args=[begun.uuid]) in found
        assert f"1 von {len(points)} Punkten bewertet" in found
        assert str(complete.uuid) not in found
        assert str(foreign.uuid) not in found

    def test_an_invitation_waits_for_its_address_only(self, cast: people.Cast) -> None:
        invitations.invite(
            cast.network, actor=COMMAND, email="registered@beispiel.test",
            organisation=cast.org_b, last_name="Neumann",
        )  # fmt: skip
        found = sections(page(cast.client("registered")))["waiting"]
        assert "Einladung annehmen: Brandt GmbH" in found
        assert sections(page(cast.client("member"))) == {}

    def test_organisations_one_edits(self, cast: people.Cast) -> None:
        add(cast["member"], 0, title="Für A", organisation_id=cast.org_a.pk)
        add(cast["editor_a"], 0, title="Ganz allein")
        client = cast.client("editor_a")
        found = sections(page(client))["due"]
        assert "Ahrens hilft e. V. · offen · zuständig: Mats Behrens" in found
        assert "Ganz allein" in found
        narrowed = page(client, TODAY + "?fuer=Ahrens+hilft+e.+V.")
        assert "Ganz allein" not in narrowed
        assert "Für A" not in page(client, TODAY + "?fuer=ich")
        assert "Für A" in page(client, TODAY + "?fuer=Gibt+es+nicht")
        assert sections(page(cast.client("editor_b"))) == {}

    def test_loss_of_the_seat_works_at_the_next_request(self, cast: people.Cast) -> None:
        add(None, 0, title="Für A", organisation_id=cast.org_a.pk)
        client = cast.client("editor_a")
        assert "Für A" in page(client)
        cast["editor_a"].affiliations.update(ends_on=clock.today() - timedelta(days=1))
        assert "Für A" not in page(client)

    def test_titles_are_words_not_markup(self, cast: people.Cast) -> None:
        add(cast["member"], 0, title='<img src=x onerror="x()">')
        assert "<img src=x" not in page(cast.client("member"))

    def test_few_queries_whatever_the_number(self, cast: people.Cast, count_queries: Any) -> None:
        client, check = cast.client("editor_a"), make.check()

        def one_more() -> None:
            add(cast["editor_a"], 0, organisation_id=cast.org_a.pk)
            add(cast["member"], 20, organisation_id=cast.org_a.pk)
            add(None, None, controller_person_id=cast["editor_a"].pk, control_on=clock.today())
            mine = make.assessment(check)
            Assessment.objects.filter(pk=mine.pk).update(
                owner=cast["editor_a"], organisation=cast.org_a
            )
            invitations.invite(
                cast.network, actor=COMMAND, email="editor-a@beispiel.test",
                organisation=cast.org_b,
            )  # fmt: skip

        one_more()
        page(client)
        with count_queries() as few:
            page(client)
        for _n in range(2):
            one_more()
        with count_queries() as many:
            page(client)
        assert few.count == many.count <= 9, many.counted

    def test_a_card_of_another_room_appears(self, cast: people.Cast, monkeypatch: Any) -> None:
        card = hooks.Card("waiting", "Frage beantworten", "/frage/")
        entry = (1, lambda actor: [card])
        monkeypatch.setattr(hooks.cards, "_entries", [*hooks.cards._entries, entry])
        assert 'href="/frage/"' in sections(page(cast.client("registered")))["waiting"]


def work_form(measure: Measure, **fields: str) -> dict[str, str]:
    return {"_key": once.new_key(), "version": str(measure.version), "status": "running",
            "delay_reason": "", **fields}  # fmt: skip


class TestMeasure:
    def url(self, measure: Measure, more: str = "") -> str:
        return f"/heute/massnahme/{measure.uuid}/{more}"

    def test_the_responsible_works_without_access_to_the_check(self, cast: people.Cast) -> None:
        assessment = make.assessment(organisation_name="Geheimer Verein")
        measure = add(cast["member"], -1, origin=Ref.to(assessment))
        client = cast.client("member")
        html = page(client, self.url(measure))
        assert "aus dem Maßnahmenplan eines Checks" in html
        assert "Geheimer Verein" not in html
        assert str(assessment.uuid) not in html
        assert client.get(reverse("checks:plan", args=[assessment.uuid])).status_code == 404
        form = work_form(measure, status="done", delay_reason="Urlaub")
        response = client.post(self.url(measure), form | {"title": "Anders", "person": "1"})
        assert response.status_code == 302
        measure.refresh_from_db()
        assert (measure.status, measure.delay_reason) == ("done", "Urlaub")
        assert measure.title == "In -1 Tagen"
        assert client.post(self.url(measure, "notiz/"), {"text": "Fertig"}).status_code == 302
        assert "Mats Behrens" in page(client, self.url(measure))

    def test_with_access_the_origin_is_a_link(self, cast: people.Cast) -> None:
        assessment = make.assessment()
        Assessment.objects.filter(pk=assessment.pk).update(owner=cast["member"])
        measure = add(cast["member"], 0, origin=Ref.to(assessment))
        url = reverse("checks:measure", args=[assessment.uuid, measure.uuid])
        assert url in page(cast.client("member"), self.url(measure))

    def test_files(self, cast: people.Cast, settings: Any, tmp_path: Any) -> None:
        settings.MEDIA_ROOT = tmp_path
        measure, client = add(cast["member"], 0), cast.client("member")
        upload = SimpleUploadedFile("Beleg.pdf", b"%PDF-1.7\n" + b"x" * 90)
        response = client.post(self.url(measure, "nachweis/"), {"file": upload})
        assert response.status_code == 302
        document = Document.objects.get()
        path = self.url(measure, f"nachweis/{document.uuid}/")
        assert make.body(client.get(path)).startswith(b"%PDF")
        assert cast.client("editor_b").get(path).status_code == 404
        bad = SimpleUploadedFile("x.exe", b"MZ\0\0")
        assert client.post(self.url(measure, "nachweis/"), {"file": bad}).status_code == 422
        client.post(self.url(measure, "nachweis/"), {"delete": str(document.uuid)})
        assert not Document.objects.exists()

    def test_whoever_controls_confirms(self, cast: people.Cast) -> None:
        measure = add(None, None, controller_person_id=cast["adviser"].pk,
                      control_on=clock.today(), status="done")  # fmt: skip
        client = cast.client("adviser")
        assert "Ergebnis ist geprüft" in page(client, self.url(measure))
        response = client.post(self.url(measure, "geprueft/"), {"version": "1"})
        assert response.status_code == 302
        assert sections(page(client)) == {}
        assert "geprüft am" in page(client, self.url(measure))

    @pytest.mark.parametrize(
        ("role", "get", "post"),
        [("member", 200, 403), ("editor_a", 200, 302), ("editor_b", 404, 404),
         ("office", 404, 404), ("former", 404, 404), ("suspended", 302, 302)],
    )  # fmt: skip
    def test_who_may(self, cast: people.Cast, role: str, get: int, post: int) -> None:
        measure = add(None, 0, organisation_id=cast.org_a.pk)
        client = cast.client(role)
        assert client.get(self.url(measure)).status_code == get
        assert client.post(self.url(measure), work_form(measure)).status_code == post
        for more in ("notiz/", "geprueft/", "nachweis/"):
            answers = {post} if post != 302 else {302, 403, 422}
            assert client.post(self.url(measure, more), {"text": "x"}).status_code in answers
        if get == 200 and post == 403:
            assert "Stand speichern" not in page(client, self.url(measure))

    def test_two_tabs_lose_nothing(self, cast: people.Cast) -> None:
        measure, client = add(cast["member"], -1), cast.client("member")
        client.post(self.url(measure), work_form(measure, delay_reason="Fassung eins"))
        response = client.post(self.url(measure), work_form(measure, delay_reason="Fassung zwei"))
        assert response.status_code == 409
        assert "Fassung eins" in response.content.decode()
        assert "Fassung zwei" in response.content.decode()

    @pytest.mark.parametrize("fields", [{"status": "x"}, {"status": ""}, {"version": "x" * 99}])
    def test_bad_input(self, cast: people.Cast, fields: dict[str, str]) -> None:
        measure = add(cast["member"], -1)
        response = cast.client("member").post(self.url(measure), work_form(measure, **fields))
        assert response.status_code in (409, 422)

    def test_few_queries(self, cast: people.Cast, count_queries: Any) -> None:
        measure, client = add(cast["member"], 0), cast.client("member")
        page(client, self.url(measure))
        for n in range(3):
            services.add_note(measure, actor=cast.actor("member"), text=f"Notiz {n}")
        with count_queries() as queries:
            page(client, self.url(measure))
        assert queries.count <= 12, queries.counted


class TestList:
    URL = "/heute/massnahmen/"

    def test_own_ones_filtered(self, cast: people.Cast) -> None:
        add(cast["editor_a"], -2, title="Spät dran")
        add(cast["editor_a"], 90, title="Mit Zeit", organisation_id=cast.org_a.pk)
        add(cast["editor_a"], -9, title="Schon gut", status="done")
        add(cast["editor_b"], 0, title="Von anderen", organisation_id=cast.org_b.pk)
        client = cast.client("editor_a")
        html = page(client, self.URL)
        assert all(title in html for title in ("Spät dran", "Mit Zeit", "Schon gut"))
        assert "Von anderen" not in html
        late = page(client, self.URL + "?stand=late")
        assert "Spät dran" in late
        assert "Mit Zeit" not in late
        assert "Schon gut" not in late
        assert "Schon gut" in page(client, self.URL + "?stand=done")
        mine = page(client, f"{self.URL}?fuer={cast.org_a.uuid}")
        assert "Mit Zeit" in mine
        assert "Spät dran" not in mine
        assert "Mit Zeit" not in page(client, self.URL + "?fuer=ich")
        assert "Spät dran" in page(client, self.URL + "?suche=spät")

    def test_as_a_file_and_for_print(self, cast: people.Cast) -> None:
        from io import BytesIO

        from openpyxl import load_workbook

        add(cast["member"], 3, title="=1+1")
        client = cast.client("member")
        response = client.get(self.URL + "?als=xlsx")
        sheet = load_workbook(BytesIO(make.body(response))).active
        assert sheet is not None
        assert sheet["A2"].value == "=1+1"
        assert sheet["A2"].data_type == "s"
        assert "=1+1" in page(client, self.URL + "?als=druck")

    def test_few_queries_whatever_the_number(self, cast: people.Cast, count_queries: Any) -> None:
        client = cast.client("editor_a")
        add(cast["editor_a"], 0, organisation_id=cast.org_a.pk)
        page(client, self.URL)
        with count_queries() as few:
            page(client, self.URL)
        for n in range(3):
            add(cast["member"], n, organisation_id=cast.org_a.pk)
        with count_queries() as many:
            page(client, self.URL)
        assert few.count == many.count <= 8, many.counted


class TestPlan:
    """In the plan of a check people and organisations can be put in charge."""

    def test_a_person_is_chosen_and_shown(self, cast: people.Cast) -> None:
        assessment = make.assessment()
        Assessment.objects.filter(pk=assessment.pk).update(
            owner=cast["editor_a"], organisation=cast.org_a
        )
        client = cast.client("editor_a")
        url = reverse("checks:measure-new", args=[assessment.uuid])
        value = f"p-{cast['member'].uuid}-{cast.org_a.uuid}"
        assert value in page(client, url)
        form = {"title": "Blatt schreiben", "urgency": "2", "party": value, "_key": "k" * 20,
                "responsible": "mit dem Vorstand"}  # fmt: skip
        assert client.post(url, form).status_code == 302
        measure = Measure.objects.get()
        assert (measure.person, measure.organisation) == (cast["member"], cast.org_a)
        plan = page(client, reverse("checks:plan", args=[assessment.uuid]))
        assert "Mats Behrens, mit dem Vorstand" in plan
        one = reverse("checks:measure", args=[assessment.uuid, measure.uuid])
        assert f'<option value="{value}" selected>' in page(client, one)

    def test_a_guest_keeps_the_person_and_is_offered_nobody(
        self, cast: people.Cast, client: Client
    ) -> None:
        assessment = make.assessment()
        measure = add(cast["member"], 3, origin=Ref.to(assessment))
        make.open_as(client, assessment)
        url = reverse("checks:measure", args=[assessment.uuid, measure.uuid])
        html = page(client, url)
        assert 'name="party"' not in html
        assert "Zuständig: Mats Behrens" in html
        form = {"title": "Neu", "urgency": "2", "status": "open", "version": "1",
                "party": f"p-{cast['editor_b'].uuid}"}  # fmt: skip
        assert client.post(url, form).status_code == 302
        measure.refresh_from_db()
        assert measure.person == cast["member"]
