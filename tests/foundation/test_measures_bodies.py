"""Measures of bodies and of several at once: rights, Heute, reminders, own data, moving on."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.urls import reverse

from lotse.foundation.core import clock
from lotse.foundation.core.actor import COMMAND, SYSTEM
from lotse.foundation.core.models import LogEntry, OutboxMail
from lotse.foundation.core.permissions import has
from lotse.foundation.core.ref import Ref
from lotse.foundation.measures import basket, privacy, reminders, services, work
from lotse.foundation.measures.cards import cards_of
from lotse.foundation.measures.forms import MeasureForm
from lotse.foundation.measures.models import Helper, Measure
from lotse.foundation.measures.parties import Party, choices_for
from lotse.foundation.measures.queries import own_measures
from lotse.foundation.parties.models import Body, RoleGrant
from lotse.foundation.parties.services import roles
from tests import people

pytestmark = pytest.mark.django_db
VIEW, WORK = "measures.measure.view", "measures.measure.edit"


@pytest.fixture
def cast(common_cast: people.Cast) -> people.Cast:
    return common_cast


def add(**fields: Any) -> Measure:
    fields.setdefault("title", "Ein Konzept vorlegen")
    return services.create_measure(actor=COMMAND, origin=Ref("test.thing", uuid4()), **fields)


def who_may(cast: people.Cast, code: str, measure: Measure) -> set[str]:
    return {role for role in people.ROLES if has(code, cast.actor(role), measure)}


def titles(cast: people.Cast, role: str) -> list[str]:
    return [measure.title for measure in own_measures(cast.actor(role)).order_by("pk")]


class TestRights:
    def test_the_body_reads_chair_and_minute_taker_work(self, cast: people.Cast) -> None:
        measure = add(body=cast.council)
        assert who_may(cast, VIEW, measure) == {"chair", "minute_taker", "voter"}
        assert who_may(cast, WORK, measure) == {"chair", "minute_taker"}

    def test_who_has_no_office_in_the_body_any_more_is_out(self, cast: people.Cast) -> None:
        """T05."""
        measure = add(body=cast.council)
        grant = RoleGrant.objects.get(person=cast["chair"], role="chair")
        roles.end_role(grant, actor=SYSTEM, expected=grant.version, reason="Amt beendet")
        assert who_may(cast, VIEW, measure) == {"minute_taker", "voter"}

    def test_who_helps_works_on_it_too(self, cast: people.Cast) -> None:
        parties = [Party(person=cast["registered"].pk), Party(organisation=cast.org_a.pk)]
        measure = add(body=cast.council, helpers=parties)
        assert who_may(cast, WORK, measure) == {
            "chair", "minute_taker", "registered", "editor_a"
        }  # fmt: skip
        assert who_may(cast, VIEW, measure) == {
            "chair", "minute_taker", "voter", "registered", "editor_a", "member"
        }  # fmt: skip

    def test_a_person_helps_for_an_organisation_only_with_a_seat(self, cast: people.Cast) -> None:
        party = Party(person=cast["editor_b"].pk, organisation=cast.org_a.pk)
        assert who_may(cast, VIEW, add(helpers=[party])) == set()

    def test_a_body_that_helps(self, cast: people.Cast) -> None:
        measure = add(person_id=cast["registered"].pk, helpers=[Party(body=cast.council.pk)])
        assert who_may(cast, WORK, measure) == {"registered", "chair", "minute_taker"}
        assert titles(cast, "chair") == ["Ein Konzept vorlegen"]
        assert titles(cast, "voter") == []

    def test_the_body_is_named(self, cast: people.Cast) -> None:
        measure = add(body=cast.council, responsible="Runder Tisch",
                      helpers=[Party(organisation=cast.org_a.pk)])  # fmt: skip
        assert measure.who == "Rat der Beispielregion, Runder Tisch"
        assert measure.everybody == "Rat der Beispielregion, Ahrens hilft e. V., Runder Tisch"


class TestHelpers:
    def test_nobody_helps_twice_nor_beside_themselves(self, cast: people.Cast) -> None:
        own, other = Party(body=cast.council.pk), Party(organisation=cast.org_a.pk)
        measure = add(body=cast.council, helpers=[own, other, other, Party()])
        assert [helper.name for helper in measure.helpers.all()] == ["Ahrens hilft e. V."]

    def test_setting_them_anew_keeps_who_stays(self, cast: people.Cast) -> None:
        measure = add(helpers=[Party(organisation=cast.org_a.pk), Party(body=cast.council.pk)])
        kept = measure.helpers.get(organisation=cast.org_a.pk).pk
        wanted = [Party(organisation=cast.org_a.pk), Party(organisation=cast.org_b.pk)]
        services.set_helpers(measure, wanted, actor=COMMAND)
        assert set(measure.helpers.values_list("organisation", flat=True)) == {
            cast.org_a.pk, cast.org_b.pk
        }  # fmt: skip
        assert measure.helpers.filter(pk=kept).exists()
        entries = LogEntry.objects.filter(code="measures.measure.helpers_changed")
        services.set_helpers(measure, wanted, actor=COMMAND)
        assert entries.count() == 2

    def test_two_people_become_one(self, cast: people.Cast) -> None:
        one, two = cast["member"].pk, cast["registered"].pk
        both = add(helpers=[Party(person=one), Party(person=two)])
        alone = add(helpers=[Party(person=two)])
        work.take_over(one, two)
        for measure in (both, alone):
            assert list(measure.helpers.values_list("person", flat=True)) == [one]

    def test_who_leaves_hands_over(self, cast: people.Cast) -> None:
        party = Party(person=cast["member"].pk, organisation=cast.org_a.pk)
        measure = add(helpers=[party])
        work.hand_over(cast["member"].pk, cast["editor_a"].pk, cast.org_a.pk)
        assert measure.helpers.get().person == cast["editor_a"]

    def test_out_of_the_basket_with_who_helps(self, cast: people.Cast) -> None:
        measure = add(helpers=[Party(body=cast.council.pk)])
        basket.throw_measure(measure, actor=COMMAND)
        services.delete_measure(measure, actor=COMMAND)
        assert not Helper.objects.exists()
        item = basket.trash.items_of(measure.origin_uuid).get()
        basket.restore(measure.origin_uuid, item.uuid, actor=COMMAND)
        assert Helper.objects.get().body == cast.council

    def test_own_data_and_erasure(self, cast: people.Cast) -> None:
        """T54: what a person helps with is theirs to see and goes with them."""
        person = cast["registered"]
        add(helpers=[Party(person=person.pk)], network=cast.network)
        assert privacy.export(person.pk)["helped"][0]["measure"] == "Ein Konzept vorlegen"
        assert any(line["count"] == 1 for line in privacy.preview(person.pk))
        assert privacy.erase(person.pk, SYSTEM)["helped"] == 1
        assert not Helper.objects.exists()

    def test_a_free_name_in_a_measure_of_the_network_goes(self, cast: people.Cast) -> None:
        measure = add(body=cast.council, network=cast.network, responsible="Edda Ahrens")
        privacy.erase(cast["editor_a"].pk, SYSTEM)
        measure.refresh_from_db()
        assert "Edda" not in measure.responsible


class TestChoices:
    @pytest.mark.parametrize(
        ("role", "offered"),
        [("chair", True), ("minute_taker", True), ("office", True), ("voter", False),
         ("editor_a", False), ("coordinator", False)],
    )  # fmt: skip
    def test_who_may_put_a_body_in_charge(
        self, cast: people.Cast, role: str, offered: bool
    ) -> None:
        found = choices_for(cast.actor(role))
        assert found is not None
        assert (f"g-{cast.council.uuid}" in found.meaning) is offered

    def test_a_body_that_ended_is_not_offered(self, cast: people.Cast) -> None:
        Body.objects.update(state=Body.State.ENDED)
        found = choices_for(cast.actor("chair"))
        assert found is not None
        assert f"g-{cast.council.uuid}" not in found.meaning

    def test_the_form_keeps_and_changes_it(self, cast: people.Cast) -> None:
        measure = add(body=cast.council)
        choices = choices_for(cast.actor("chair"))
        form = MeasureForm.for_measure(measure, choices)
        assert form["party"].initial == f"g-{cast.council.uuid}"
        data = {"title": "Neu", "urgency": 2, "status": "open", "party": ""}
        sent = MeasureForm(data, choices=choices, measure=measure)
        assert sent.is_valid(), sent.errors
        assert sent.changes["body_id"] is None
        stranger = MeasureForm(
            data | {"party": "keep"}, choices=choices_for(cast.actor("member")), measure=measure
        )
        assert stranger.is_valid(), stranger.errors
        assert "body_id" not in stranger.changes


class TestHeute:
    def test_due_measures_of_the_body(self, cast: people.Cast) -> None:
        add(body=cast.council, due_on=clock.today())
        for role, expected in (("chair", 1), ("minute_taker", 1), ("voter", 0)):
            cards = cards_of(cast.actor(role))
            assert len(cards) == expected, role
        (card,) = cards_of(cast.actor("chair"))
        assert (card.group, card.actor_for) == ("due", "Rat der Beispielregion")

    def test_results_of_the_body_are_looked_at_by_who_runs_it(self, cast: people.Cast) -> None:
        add(body=cast.council, status=Measure.Status.DONE, control_on=clock.today())
        (card,) = cards_of(cast.actor("chair"))
        assert card.title.startswith("Ergebnis prüfen")

    def test_without_a_date_it_comes_after_four_weeks(self, cast: people.Cast) -> None:
        """S1-10: no date is visible and chased; what people plan for themselves is not."""
        agreed = add(body=cast.council, network=cast.network)
        own = add(person_id=cast["chair"].pk, title="Eigenes")
        then = clock.now() - timedelta(weeks=4)
        Measure.objects.filter(pk__in=[own.pk]).update(created_at=then)
        assert cards_of(cast.actor("chair")) == []
        Measure.objects.filter(pk=agreed.pk).update(created_at=then)
        (card,) = cards_of(cast.actor("chair"))
        assert (card.group, card.text) == ("waiting", "offen · ohne Termin")

    def test_own_list_names_everybody_and_filters_by_body(self, cast: people.Cast) -> None:
        add(body=cast.council, helpers=[Party(organisation=cast.org_b.pk)], due_words="bald")
        add(person_id=cast["chair"].pk, title="Nur für mich")
        client, url = cast.client("chair"), reverse("today:measures")
        page = client.get(url, {"fuer": str(cast.council.uuid)}).content.decode()
        assert "Ein Konzept vorlegen" in page
        assert "Brandt GmbH" in page
        assert "bald" in page
        assert "Nur für mich" not in page
        assert "Ein Konzept" not in client.get(url, {"fuer": "ich"}).content.decode()


class TestLate:
    @pytest.fixture
    def late(self, cast: people.Cast) -> Measure:
        day = clock.today() - timedelta(days=3)
        return add(body=cast.council, network=cast.network, due_on=day)

    def form(self, measure: Measure, **values: str) -> dict[str, Any]:
        return {"status": "running", "delay_reason": "", "version": measure.version} | values

    def test_a_reason_is_asked_for(self, cast: people.Cast, late: Measure) -> None:
        """X-07."""
        client, url = cast.client("chair"), reverse("today:measure", args=[late.uuid])
        response = client.post(url, self.form(late))
        assert response.status_code == 422
        assert "Bitte schreiben Sie, warum." in response.content.decode()
        late.refresh_from_db()
        assert late.status == "open"
        assert client.post(url, self.form(late, delay_reason="Krankheit")).status_code == 302

    def test_not_for_what_is_done(self, cast: people.Cast, late: Measure) -> None:
        url = reverse("today:measure", args=[late.uuid])
        assert cast.client("chair").post(url, self.form(late, status="done")).status_code == 302

    def test_not_for_own_plans(self, cast: people.Cast, late: Measure) -> None:
        Measure.objects.update(network=None)
        url = reverse("today:measure", args=[late.uuid])
        assert cast.client("chair").post(url, self.form(late)).status_code == 302


class TestReminders:
    def due(self, **fields: Any) -> Measure:
        return add(due_on=clock.today() + timedelta(days=7), **fields)

    def told(self) -> set[str]:
        found = OutboxMail.objects.filter(code=reminders.CODE)
        return {mail.address.partition("@")[0] for mail in found}

    def test_chair_and_minute_taker_of_a_body(self, cast: people.Cast) -> None:
        measure = self.due(body=cast.council)
        assert reminders.send_due() == 2
        assert self.told() == {"chair", "minute-taker"}
        assert "für Rat der Beispielregion" in OutboxMail.objects.order_by("pk")[0].text
        measure.refresh_from_db()
        assert measure.reminded_on == clock.today()
        assert reminders.send_due() == 0

    def test_a_worker_killed_between_two_mails_loses_none(self, cast: people.Cast) -> None:
        self.due(body=cast.council)
        first, *_rest = reminders.due_for_reminder(clock.today())
        reminders._remind(first, None, clock.today())
        assert len(self.told()) == 1
        assert reminders.send_due() == 1
        assert self.told() == {"chair", "minute-taker"}

    def test_everybody_who_helps(self, cast: people.Cast) -> None:
        self.due(person_id=cast["registered"].pk, helpers=[
            Party(person=cast["member"].pk, organisation=cast.org_a.pk),
            Party(person=cast["former"].pk, organisation=cast.org_a.pk),
            Party(body=cast.council.pk), Party(organisation=cast.org_b.pk),
        ])  # fmt: skip
        reminders.send_due()
        assert self.told() == {"registered", "member", "chair", "minute-taker"}

    def test_without_a_date_every_four_weeks(self, cast: people.Cast) -> None:
        """S1-10."""
        measure = add(person_id=cast["registered"].pk, network=cast.network)
        add(person_id=cast["member"].pk, title="Eigener Plan")
        told = []
        for days in range(70):
            day = clock.today() + timedelta(days=days)
            if reminders.due_for_reminder(day):
                told.append(days)
                Measure.objects.filter(pk=measure.pk).update(reminded_on=day)
        assert told == [28, 56]
        Measure.objects.update(created_at=clock.now() - timedelta(days=28), reminded_on=None)
        reminders.send_due()
        mail = OutboxMail.objects.get()
        assert mail.subject == "1 Maßnahme ohne Termin"
        assert "Ohne Termin" in mail.text

    def test_one_mail_for_who_is_both(self, cast: people.Cast) -> None:
        self.due(person_id=cast["chair"].pk, helpers=[Party(body=cast.council.pk)])
        reminders.send_due()
        mail = OutboxMail.objects.get(address__startswith="chair@")
        assert mail.subject == "1 Maßnahme wird fällig"

    def test_queries_do_not_grow(self, cast: people.Cast, count_queries: Any) -> None:
        def some() -> None:
            self.due(body=cast.council, helpers=[Party(person=cast["member"].pk)])

        some()
        with count_queries() as one:
            reminders.due_for_reminder(clock.today())
        some()
        some()
        with count_queries() as three:
            assert len(reminders.due_for_reminder(clock.today())) == 3
        assert one.count == three.count == 5


def test_the_office_learns_what_a_body_left_behind(cast: people.Cast) -> None:
    add(body=cast.council, network=cast.network)
    assert work.orphans(cast.network.pk) == []
    Body.objects.update(state=Body.State.ENDED)
    assert work.orphans(cast.network.pk) == [
        "Maßnahme „Ein Konzept vorlegen“ ohne erreichbare Person"
    ]
