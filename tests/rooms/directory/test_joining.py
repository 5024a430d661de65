"""Joining a network: the application, its check and the decision."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from lotse.foundation.core import clock, once
from lotse.foundation.core.actor import COMMAND
from lotse.foundation.core.errors import Conflict, NotAllowed, Refused
from lotse.foundation.core.models import LogEntry, OutboxMail
from lotse.foundation.measures.models import Measure
from lotse.foundation.parties.models import Invitation, Network, Organisation
from lotse.foundation.parties.services import people
from lotse.rooms.directory.models import Application, Entry, Joining, Publication
from lotse.rooms.directory.queries import joining as reads
from lotse.rooms.directory.services import applications, joining, states
from tests import make
from tests.people import Cast
from tests.rooms.directory.applying import RULES, application, form, mails, send

pytestmark = pytest.mark.django_db


class TestApplying:
    def test_anybody_may_and_hears_of_it(self, cast: Cast) -> None:
        answer = send()
        assert answer.status_code == 302
        assert answer["Location"] == reverse("directory:joined")
        kept = Application.objects.get()
        assert (kept.state, kept.network_id) == ("received", cast.network.pk)
        assert kept.email == "uta.werk@werkhof.example"
        assert kept.region is not None
        assert kept.region.key == "08222"
        assert kept.topics == ["ausbildung"]
        said = {key for key, one in kept.criteria.items() if one["said"]}
        assert said == {"support", "contact"}
        assert "Betriebe" in kept.criteria["support"]["text"]
        office, receipt = mails("directory.application")[0], mails("directory.application.receipt")
        assert office.address == cast.network.contact_email
        assert office.mail_class == "duty"
        assert reverse("desk:application", args=[kept.uuid]) in office.text
        assert receipt[0].address == kept.email
        assert receipt[0].reply_to == cast.network.contact_email

    def test_the_receipt_carries_no_words_of_whoever_typed(self, cast: Cast) -> None:
        send(name="Gewinnen Sie jetzt", offers="https://falle.example", first_name="Klick",
             last_name="Hier")  # fmt: skip
        receipt = mails("directory.application.receipt")[0]
        for word in ("Gewinnen", "falle", "Klick", "Hier"):
            assert word not in receipt.text + receipt.subject + receipt.html

    def test_sent_twice_it_is_one(self, cast: Cast) -> None:
        sent = form()
        for _ in range(2):
            answer = Client().post(reverse("directory:join"), sent)
            assert answer.status_code == 302
        assert Application.objects.count() == 1
        assert len(mails("directory.application.receipt")) == 1

    def test_the_log_names_nobody(self, cast: Cast) -> None:
        send()
        line = LogEntry.objects.get(code="directory.application.received")
        assert (line.actor, line.before, line.after) == ("guest", None, None)

    @pytest.mark.parametrize(
        ("field", "value", "words"),
        [
            ("name", "", "Bitte füllen Sie dieses Feld aus."),
            ("kind", "verein", "gültige Auswahl"),
            ("last_name", " ", "Bitte füllen Sie dieses Feld aus."),
            ("email", "uta@", "nicht vollständig"),
            ("offers", "", "Bitte füllen Sie dieses Feld aus."),
            ("offers", "x" * 2001, "kürzen"),
            ("website", "javascript:alert(1)", "nicht lesbar"),
            ("region", "99999", "gültige Auswahl"),
            ("topics", ["gibt-es-nicht"], "aus der Liste"),
        ],
    )
    def test_faults_are_said_and_nothing_typed_is_lost(
        self, cast: Cast, field: str, value: Any, words: str
    ) -> None:
        answer = send(**{field: value})
        page = answer.content.decode()
        assert answer.status_code == 422
        assert words in page
        assert "Bitte prüfen Sie Ihre Angaben" in page
        if field != "seeks":
            assert "Betriebe für Praktika" in page
        assert 'value="ausbildung" checked' in page or field == "topics"
        assert not Application.objects.exists()
        assert not OutboxMail.objects.exists()

    @pytest.mark.parametrize(
        "wrong",
        [{"name": ""}, {"kind": "x"}, {"email": "x"}, {"topics": ["x"]}, {"region": "x"},
         {"website": "ftp://x"}, {"offers": "x" * 2001}, {"topics": ["ausbildung"] * 3 + ["x"]}],
    )  # fmt: skip
    def test_the_service_asks_the_same(self, cast: Cast, wrong: dict[str, Any]) -> None:
        with pytest.raises(Refused):
            application(cast.network, **wrong)
        assert not Application.objects.exists()

    def test_one_address_cannot_flood(self, cast: Cast, settings: Any) -> None:
        settings.LIMITS = {**settings.LIMITS, "directory.join": (2, 3600)}
        told = [send(email=f"p{n}@x.example").status_code for n in range(3)]
        assert told == [302, 302, 429]

    def test_nobody_s_inbox_is_filled(self, cast: Cast, settings: Any) -> None:
        settings.LIMITS = {**settings.LIMITS, "directory.join": (2, 3600)}
        told = []
        for n in range(3):
            client = Client(REMOTE_ADDR=f"192.0.2.{n}")
            told.append(client.post(reverse("directory:join"), form()).status_code)
        # Whose address it is can still apply: only the receipt stays away.
        assert told == [302, 302, 302]
        assert OutboxMail.objects.filter(code="directory.application.receipt").count() == 2

    def test_closed_is_closed(self, cast: Cast) -> None:
        rules = RULES | {"is_open": False}
        joining.set_rules(cast.network, actor=COMMAND, expected=0, **rules)
        page = Client().get(reverse("directory:join"))
        assert page.status_code == 200
        assert "keine Bewerbungen möglich" in page.content.decode()
        assert '<form method="post" class="form"' not in page.content.decode()
        assert send().status_code == 422
        assert not Application.objects.exists()

    def test_a_resting_network_takes_none(self, cast: Cast) -> None:
        states.set_network_state(cast.network, actor=COMMAND, expected=cast.network.version,
                                 state="resting", reason="Pause")  # fmt: skip
        with pytest.raises(Refused):
            application(Network.objects.get(pk=cast.network.pk))

    def test_the_page_in_english(self, cast: Cast) -> None:
        page = Client().get(reverse("directory:join"), headers={"accept-language": "en"})
        assert "We support small and medium-sized firms" in page.content.decode()

    def test_the_page_costs_little(self, cast: Cast, count_queries: Any) -> None:
        with count_queries() as queries:
            assert Client().get(reverse("directory:join")).status_code == 200
        assert queries.count <= 8


class TestRules:
    def test_without_a_row_the_usual_ones_hold(self, cast: Cast) -> None:
        rules = reads.rules_of(cast.network)
        assert rules.is_open
        assert rules.version == 0
        assert len(rules.criteria) >= 3
        assert len(rules.welcome) >= 3
        assert not Joining.objects.exists()

    def test_the_office_sets_them(self, cast: Cast) -> None:
        joining.set_rules(cast.network, actor=cast.actor("office"), expected=0, **RULES)
        rules = reads.rules_of(cast.network)
        assert [one["text"]["de"] for one in rules.criteria] == ["Wir arbeiten mit."]
        assert rules.criteria[0]["key"]
        assert LogEntry.objects.filter(code="directory.joining.changed").count() == 1

    @pytest.mark.parametrize("role", ["member", "editor_a", "coordinator", "auditor",
                                      "foreign_office", "anonymous"])  # fmt: skip
    def test_nobody_else(self, cast: Cast, role: str) -> None:
        with pytest.raises(NotAllowed):
            joining.set_rules(cast.network, actor=cast.actor(role), expected=0, **RULES)

    def test_two_at_once_lose_nothing(self, cast: Cast) -> None:
        joining.set_rules(cast.network, actor=COMMAND, expected=0, **RULES)
        with pytest.raises(Conflict):
            joining.set_rules(cast.network, actor=COMMAND, expected=0, **RULES)

    @pytest.mark.parametrize(
        "wrong",
        [
            {"criteria": [{"text": {"en": "Only English"}}]},
            {"criteria": [{"text": {"de": "x" * 301}}]},
            {"criteria": [{"text": {"de": str(n)}} for n in range(21)]},
            {"welcome": [{"title": {"de": "Anrufen"}, "days": 731}]},
            {"welcome": [{"title": {"de": "Anrufen"}, "days": -1}]},
            {"intro": {"de": "x" * 2001}},
        ],
    )
    def test_what_does_not_fit_is_refused(self, cast: Cast, wrong: dict[str, Any]) -> None:
        with pytest.raises(Refused):
            joining.set_rules(cast.network, actor=COMMAND, expected=0, **(RULES | wrong))

    def test_an_application_keeps_the_words_it_saw(self, cast: Cast) -> None:
        sent = application(cast.network)
        joining.set_rules(cast.network, actor=COMMAND, expected=0, **RULES)
        rows = reads.criteria_of(sent, reads.rules_of(cast.network), "de")
        assert rows[0]["said"]
        assert "Betriebe" in rows[0]["text"]
        assert rows[-1]["text"] == "Wir arbeiten mit."
        assert not rows[-1]["said"]


class TestDeciding:
    def test_the_check_is_kept(self, cast: Cast) -> None:
        sent = application(cast.network)
        applications.check_application(
            sent, actor=cast.actor("office"), expected=sent.version,
            marks={"support": (True, "passt"), "refer": (False, "verkauft"), "contact": (None, "")},
            fit_note="ergänzt die Kammer",
        )  # fmt: skip
        kept = Application.objects.get()
        assert kept.state == "checked"
        assert kept.criteria["support"] | {"text": ""} == {
            "said": True, "checked": True, "note": "passt", "text": "",
        }  # fmt: skip
        assert kept.criteria["refer"]["checked"] is False
        assert kept.fit_note == "ergänzt die Kammer"

    def test_accepting_makes_a_partner(self, cast: Cast) -> None:
        sent = application(cast.network)
        office = cast.actor("office")
        made = applications.accept_application(sent, actor=office, expected=sent.version)
        entry = Entry.objects.select_related("latest").get(organisation=made)
        assert entry.latest is not None
        content = entry.latest.content
        assert content["name"] == sent.name
        assert content["offers"] == "Werkstatt"
        assert content["topics"] == ["ausbildung"]
        assert content["regions"] == ["08222"]
        assert content["seek"] == "Betriebe"
        assert "uta" not in str(content).lower(), "a person's address is no organisation's"
        assert entry.latest.on_behalf
        assert [topic.code for topic in made.topics.all()] == ["ausbildung"]
        assert not Publication.objects.exists(), "publishing is the partner's to do"
        invited = Invitation.objects.get()
        assert invited.email == sent.email
        assert invited.organisation == made
        assert invited.may_edit
        assert invited.may_publish
        assert invited.may_represent
        tasks = Measure.objects.order_by("due_on")
        assert [one.due_on for one in tasks] == [
            clock.today() + timedelta(days=n) for n in (14, 28, 42, 90)
        ]
        assert {one.person_id for one in tasks} == {office.person}
        assert {(one.origin_type, one.origin_uuid, one.network_id) for one in tasks} == {
            ("directory.application", sent.uuid, cast.network.pk)
        }
        assert Application.objects.get().state == "accepted"

    def test_the_office_finds_its_tasks(self, cast: Cast) -> None:
        sent = application(cast.network)
        applications.accept_application(sent, actor=cast.actor("office"), expected=sent.version)
        listed = cast.client("office").get(reverse("today:measures")).content.decode()
        assert "Begrüßungsgespräch führen" in listed
        one = Measure.objects.first()
        assert one is not None
        page = cast.client("office").get(reverse("today:measure", args=[one.uuid]))
        assert reverse("desk:application", args=[sent.uuid]) in page.content.decode()
        assert cast.client("member").get(
            reverse("today:measure", args=[one.uuid])).status_code == 404  # fmt: skip

    def test_accepting_twice_gives_the_first_answer(self, cast: Cast) -> None:
        sent, key = application(cast.network), once.new_key()
        both = [
            applications.accept_application(sent, actor=COMMAND, expected=1, key=key)
            for _ in range(2)
        ]
        assert both[0] == both[1]
        assert Organisation.objects.filter(name=sent.name).count() == 1
        with pytest.raises(Refused):
            applications.accept_application(sent, actor=COMMAND, expected=sent.version)

    def test_one_that_is_there_keeps_its_entry(self, cast: Cast) -> None:
        entry = make.entry(cast.org_b)
        sent = application(cast.network, name="Brandt")
        made = applications.accept_application(
            sent, actor=cast.actor("office"), expected=sent.version, organisation=cast.org_b
        )
        assert made == cast.org_b
        assert Entry.objects.get(pk=entry.pk).latest == entry.latest
        assert Invitation.objects.get().organisation == cast.org_b

    def test_not_into_another_network(self, cast: Cast) -> None:
        other = people.create_organisation(cast.other, actor=COMMAND, name="Fern", kind="firm")
        sent = application(cast.network)
        with pytest.raises(Refused):
            applications.accept_application(
                sent, actor=COMMAND, expected=sent.version, organisation=other
            )
        assert not Invitation.objects.exists()

    def test_declining_mails_the_words(self, cast: Cast) -> None:
        sent = application(cast.network)
        office = cast.actor("office")
        with pytest.raises(Refused):
            applications.decline_application(sent, actor=office, expected=1, words=" ")
        applications.decline_application(
            sent, actor=office, expected=sent.version, words="Wir sind gerade voll."
        )
        mail = mails("directory.application.declined")[0]
        assert mail.address == sent.email
        assert "Wir sind gerade voll." in mail.text
        kept = Application.objects.get()
        assert (kept.state, kept.decided_by) == ("declined", office.ref)
        with pytest.raises(Refused):
            applications.accept_application(kept, actor=office, expected=kept.version)

    def test_a_withdrawal_writes_to_nobody(self, cast: Cast) -> None:
        sent = application(cast.network)
        before = OutboxMail.objects.count()
        applications.withdraw_application(
            sent, actor=cast.actor("office"), expected=sent.version, note="rief an"
        )
        assert Application.objects.get().state == "withdrawn"
        assert OutboxMail.objects.count() == before

    @pytest.mark.parametrize("role", ["member", "editor_a", "coordinator", "auditor",
                                      "foreign_office", "anonymous"])  # fmt: skip
    def test_nobody_but_the_office_decides(self, cast: Cast, role: str) -> None:
        sent, actor = application(cast.network), cast.actor(role)
        for act in (
            lambda: applications.check_application(sent, actor=actor, expected=1, marks={}),
            lambda: applications.accept_application(sent, actor=actor, expected=1),
            lambda: applications.decline_application(sent, actor=actor, expected=1, words="x"),
            lambda: applications.withdraw_application(sent, actor=actor, expected=1),
        ):
            with pytest.raises(NotAllowed):
                act()
        assert Application.objects.get().state == "received"

    def test_who_saves_second_is_told(self, cast: Cast) -> None:
        first, second = application(cast.network), Application.objects.get()
        applications.check_application(first, actor=COMMAND, expected=1, marks={})
        with pytest.raises(Conflict):
            applications.decline_application(second, actor=COMMAND, expected=1, words="nein")
        assert not mails("directory.application.declined")
