"""Applications, rules of joining, templates and the state of a network at the desk."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from lotse.foundation.core import once
from lotse.foundation.core.actor import ANONYMOUS, COMMAND
from lotse.foundation.core.models import LogEntry, OutboxMail
from lotse.foundation.parties.models import Invitation, Network, Organisation
from lotse.rooms.directory.models import Application, Entry, Joining, Template
from lotse.rooms.directory.queries.joining import rules_of
from lotse.rooms.directory.services import joining, templates
from tests import make
from tests import people as cast_of
from tests.surfaces.desk.conftest import page, post

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _taxonomy(common_topics: None) -> None:
    """Topics and regions as they are shipped."""


def application(network: Network, name: str = "Werkhof Lahn e. V.") -> Application:
    return joining.apply(
        network, actor=ANONYMOUS, key=once.new_key(), lang="de", criteria=["support"], name=name,
        kind="nonprofit", offers="Werkstatt mit Anleitung", last_name="Werk",
        email="uta.werk@werkhof.example", topics=["ausbildung"], region="08222", city="Mannheim",
    )  # fmt: skip


class TestApplications:
    def test_list_page_and_front_page(self, cast: cast_of.Cast) -> None:
        sent, client = application(cast.network), cast.client("office")
        assert "1 Bewerbung wartet" in page(client, "start")
        assert "Werkhof Lahn" in page(client, "applications", query="?stand=offen")
        assert "Werkhof Lahn" not in page(client, "applications", query="?stand=declined")
        text = page(client, "application", sent.uuid)
        for words in ("Werkstatt mit Anleitung", "uta.werk@werkhof.example", "selbst angekreuzt"):
            assert words in text

    @pytest.mark.parametrize("role", ["member", "coordinator", "auditor", "editor_a"])
    def test_only_the_office(self, cast: cast_of.Cast, role: str) -> None:
        sent, client = application(cast.network), cast.client(role)
        for name in ("application", "application-check", "application-accept"):
            assert client.get(reverse(f"desk:{name}", args=[sent.uuid])).status_code == 403

    def test_not_that_of_another_network(self, cast: cast_of.Cast) -> None:
        sent = application(cast.other)
        client = cast.client("office")
        for name in ("application", "application-check", "application-accept",
                     "application-decline", "application-withdraw"):  # fmt: skip
            assert client.get(reverse(f"desk:{name}", args=[sent.uuid])).status_code == 404
            assert name == "application" or post(client, name, sent.uuid).status_code == 404

    def test_the_check(self, cast: cast_of.Cast) -> None:
        sent, client = application(cast.network), cast.client("office")
        data = {"met-support": "ja", "note-support": "Satzung gesehen", "met-refer": "nein",
                "fit_note": "Ergänzt die Kammer.", "version": sent.version}  # fmt: skip
        assert post(client, "application-check", sent.uuid, **data).status_code == 302
        text = page(client, "application", sent.uuid)
        assert "Satzung gesehen" in text
        assert "Ergänzt die Kammer." in text
        beside = page(client, "application-check", sent.uuid)
        assert "Werkstatt mit Anleitung" in beside
        assert "mailto:uta.werk@werkhof.example" in beside
        assert "Optional" not in beside
        late = post(client, "application-check", sent.uuid, **data)
        assert late.status_code == 409
        assert "Satzung gesehen" in late.content.decode()

    def test_taking_up_and_what_follows(self, cast: cast_of.Cast) -> None:
        sent, client = application(cast.network), cast.client("office")
        assert "nicht alle Kriterien geprüft" in page(client, "application-accept", sent.uuid)
        answer = post(client, "application-accept", sent.uuid, version=sent.version, note="")
        assert answer.status_code == 302
        made = Organisation.objects.get(name=sent.name)
        text = page(client, "application", sent.uuid)
        assert "Begrüßungsgespräch führen" in text
        assert "noch nicht angenommen" in text
        assert made.name in page(client, "entry", Entry.objects.get(organisation=made).uuid)

    def test_nearly_the_same_name_is_a_warning_and_a_choice(self, cast: cast_of.Cast) -> None:
        sent = application(cast.network, "Verein Ahrens hilft")
        client = cast.client("office")
        assert "ähnlicher Name" in page(client, "application", sent.uuid)
        post(client, "application-accept", sent.uuid, version=sent.version, note="",
             organisation=str(cast.org_a.uuid))  # fmt: skip
        assert Invitation.objects.get().organisation == cast.org_a
        assert not Organisation.objects.filter(name=sent.name).exists()

    def test_declining_and_withdrawing(self, cast: cast_of.Cast) -> None:
        client = cast.client("office")
        sent = application(cast.network)
        empty = post(client, "application-decline", sent.uuid, version=sent.version, words="")
        assert empty.status_code == 422
        post(client, "application-decline", sent.uuid, version=sent.version, words="Zu weit weg.")
        assert OutboxMail.objects.filter(code="directory.application.declined").count() == 1
        other = application(cast.network, "Andere")
        post(client, "application-withdraw", other.uuid, version=other.version, note="rief an")
        assert set(Application.objects.values_list("state", flat=True)) == {
            "declined", "withdrawn"
        }  # fmt: skip
        again = post(client, "application-accept", other.uuid, version=2, note="")
        assert again.status_code == 422

    @pytest.mark.parametrize("number", [1, 3])
    def test_cost(self, cast: cast_of.Cast, number: int, count_queries: Any) -> None:
        for n in range(number):
            sent = application(cast.network, f"Werkhof {n}")
            make.entry(cast_of.organisation(cast.network, f"Partner {n}"))
        client = cast.client("office")
        with count_queries() as queries:
            page(client, "applications")
        assert queries.count <= 8, queries.counted
        with count_queries() as queries:
            page(client, "application", sent.uuid)
        assert queries.count <= 12, queries.counted


class TestRules:
    def test_saving_what_is_shown_changes_no_words(self, cast: cast_of.Cast) -> None:
        client, before = cast.client("office"), rules_of(cast.network)
        answer = client.get(reverse("desk:joining"))
        data = {name: value for name, value in answer.context["form"].initial.items() if value}
        assert post(client, "joining", version=0, **data).status_code == 302
        after = rules_of(cast.network)
        assert after.criteria == before.criteria
        assert after.welcome == before.welcome
        assert after.is_open is True

    @pytest.mark.parametrize(
        ("data", "words"),
        [
            ({"welcome_de": "Anrufen"}, "Doppelpunkt"),
            ({"welcome_de": "Anrufen: bald"}, "Doppelpunkt"),
            ({"criteria_de": "Eins\nZwei", "criteria_en": "One"}, "so viele Zeilen"),
            ({"criteria_de": "x" * 301}, "zu lang"),
        ],
    )
    def test_faults(self, cast: cast_of.Cast, data: dict[str, str], words: str) -> None:
        answer = post(cast.client("office"), "joining", version=0, **data)
        assert answer.status_code == 422
        assert words in answer.content.decode()
        assert not Joining.objects.exists()

    def test_who_saves_second_sees_both(self, cast: cast_of.Cast) -> None:
        client = cast.client("office")
        assert post(client, "joining", version=0, criteria_de="Eins").status_code == 302
        late = post(client, "joining", version=0, criteria_de="Zwei")
        assert late.status_code == 409
        assert "Eins" in late.content.decode()


class TestTemplates:
    def test_from_draft_to_holding(self, cast: cast_of.Cast) -> None:
        client = cast.client("office")
        assert "übliche Felder gelten" in page(client, "templates")
        assert post(client, "template-new", kind="organisation").status_code == 302
        made = Template.objects.get()
        form = client.get(reverse("desk:template-edit", args=[made.uuid])).context["form"]
        data = {bound.html_name: bound.value() or "" for bound in form}
        data |= {"use-legal_form": "off", "hint-offers-de": "Höchstens fünf.", "intro_de": "Kurz."}
        answer = post(client, "template-edit", made.uuid, version=made.version, **data)
        assert answer.status_code == 302
        text = page(client, "template", made.uuid)
        assert "entfällt" in text
        assert "anderer Hinweis" in text
        made.refresh_from_db()
        post(client, "template-send", made.uuid, version=made.version, days="28")
        made.refresh_from_db()
        assert made.state == "consultation"
        assert "Noch ohne Antwort" in page(client, "template", made.uuid)
        early = post(client, "template-adopt", made.uuid, version=made.version, confirmed="on")
        assert early.status_code == 422
        for role, organisation in (("editor_a", cast.org_a), ("editor_b", cast.org_b)):
            templates.answer_template(made, organisation, actor=cast.actor(role), answer="agreed")
        post(client, "template-adopt", made.uuid, version=made.version, confirmed="on")
        made.refresh_from_db()
        assert made.state == "adopted"

    def test_whom_the_mail_does_not_reach(self, cast: cast_of.Cast) -> None:
        cast_of.organisation(cast.network, "Allein e. V.")
        made = templates.draft_template(cast.network, actor=COMMAND, kind="service")
        client = cast.client("office")
        text = page(client, "template-send", made.uuid)
        assert "1 Organisation erreicht die Mail nicht" in text
        listed = page(client, "organisations", query="?zustand=stimme")
        assert "Allein e. V." in listed
        assert "Ahrens hilft" not in listed

    def test_the_kind_is_asked_once(self, cast: cast_of.Cast) -> None:
        client = cast.client("office")
        assert 'type="hidden" name="kind"' in page(client, "template-new", query="?art=service")
        assert 'type="hidden" name="kind"' not in page(client, "template-new", query="?art=x")

    def test_until_when_and_not_yet_the_main_way(self, cast: cast_of.Cast) -> None:
        made = templates.draft_template(cast.network, actor=COMMAND, kind="service")
        templates.send_template(made, actor=COMMAND, expected=made.version)
        client = cast.client("office")
        text = page(client, "template", made.uuid)
        assert "Die Abstimmung läuft bis" in text
        assert "kern-btn--primary" not in text
        assert "Die Frist läuft noch bis" in page(client, "template-adopt", made.uuid)

    def test_back_to_a_draft(self, cast: cast_of.Cast) -> None:
        made = templates.draft_template(cast.network, actor=COMMAND, kind="service")
        templates.send_template(made, actor=COMMAND, expected=made.version)
        client = cast.client("office")
        assert post(client, "template-back", made.uuid, version=made.version).status_code == 302
        made.refresh_from_db()
        assert made.state == "draft"

    def test_cost(self, cast: cast_of.Cast, count_queries: Any) -> None:
        made = templates.draft_template(cast.network, actor=COMMAND, kind="organisation")
        templates.send_template(made, actor=COMMAND, expected=made.version)
        client = cast.client("office")
        with count_queries() as queries:
            page(client, "templates")
        assert queries.count <= 8, queries.counted
        with count_queries() as queries:
            page(client, "template", made.uuid)
        assert queries.count <= 12, queries.counted


class TestState:
    def test_the_office_lets_it_rest(self, cast: cast_of.Cast) -> None:
        client = cast.client("office")
        before = Network.objects.get(pk=cast.network.pk)
        data = {"state": "resting", "reason": "Die Leitung wechselt."}
        assert post(client, "network-state", version=before.version, **data).status_code == 302
        kept = Network.objects.get(pk=before.pk)
        assert kept.state == "resting"
        line = LogEntry.objects.filter(object_uuid=kept.uuid).latest("pk")
        assert line.after == {"state": "resting", "reason": "Die Leitung wechselt."}

    @pytest.mark.parametrize("data", [{"state": "resting"}, {"state": "x", "reason": "x"},
                                      {"state": "active", "reason": "schon so"}])  # fmt: skip
    def test_nonsense(self, cast: cast_of.Cast, data: dict[str, str]) -> None:
        answer = post(cast.client("office"), "network-state", version=1, **data)
        assert answer.status_code == 422

    def test_only_the_operator_ends_it(self, cast: cast_of.Cast) -> None:
        entry = make.entry(cast.org_a, channels=("web",))
        seen = reverse("directory:entry", args=[entry.uuid])
        assert Client().get(seen).status_code == 200
        data = {"state": "ended", "reason": "Das Projekt ist aus.", "version": cast.network.version}
        assert post(cast.client("office"), "network-state", **data).status_code == 422
        assert Network.objects.get(pk=cast.network.pk).state == "active"
        assert post(cast.client("operator"), "network-state", **data).status_code == 302
        assert Client().get(seen).status_code == 404
