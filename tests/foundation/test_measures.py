"""Who sees and works on measures, how they move when people leave, and who may be put in charge."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from lotse.foundation.core import clock, hooks, once
from lotse.foundation.core.actor import COMMAND, EDIT, READ, Actor
from lotse.foundation.core.errors import Conflict, NotAllowed
from lotse.foundation.core.models import LogEntry
from lotse.foundation.core.permissions import has, visible
from lotse.foundation.core.ref import Ref
from lotse.foundation.measures import services, work
from lotse.foundation.measures.forms import MeasureForm, NewMeasureForm
from lotse.foundation.measures.models import Measure
from lotse.foundation.measures.parties import KEEP, choices_for
from lotse.foundation.measures.queries import own_measures
from lotse.foundation.parties.models import Absence, Affiliation
from lotse.foundation.parties.services import people as people_services
from lotse.rooms.checks.services import sharing
from tests import make, people

pytestmark = pytest.mark.django_db
VIEW, WORK = "measures.measure.view", "measures.measure.edit"


@pytest.fixture
def cast(common_cast: people.Cast) -> people.Cast:
    return common_cast


def add(cast: people.Cast, who: str = "", **fields: Any) -> Measure:
    """A measure of nowhere, by default nobody's."""
    if who:
        fields["person_id"] = cast[who].pk
    fields.setdefault("title", "Ein Blatt schreiben")
    origin = fields.pop("origin", Ref("test.thing", uuid4()))
    return services.create_measure(actor=COMMAND, origin=origin, **fields)


def who_may(cast: people.Cast, code: str, measure: Measure) -> set[str]:
    return {role for role in people.ROLES if has(code, cast.actor(role), measure)}


class TestRights:
    def test_nobody_sees_what_is_nobodys(self, cast: people.Cast) -> None:
        assert who_may(cast, VIEW, add(cast)) == set()

    def test_the_responsible_person_alone(self, cast: people.Cast) -> None:
        measure = add(cast, "registered")
        assert who_may(cast, VIEW, measure) == {"registered"}
        assert who_may(cast, WORK, measure) == {"registered"}

    def test_whoever_controls(self, cast: people.Cast) -> None:
        measure = add(cast, controller_person_id=cast["adviser"].pk)
        assert who_may(cast, WORK, measure) == {"adviser"}

    def test_seats_of_the_organisation_read_and_its_editors_work(self, cast: people.Cast) -> None:
        measure = add(cast, organisation_id=cast.org_a.pk)
        assert who_may(cast, VIEW, measure) == {"member", "editor_a"}
        assert who_may(cast, WORK, measure) == {"editor_a"}

    def test_measures_of_the_network_are_read_by_its_office(self, cast: people.Cast) -> None:
        measure = add(cast, network=cast.network)
        assert who_may(cast, VIEW, measure) == {"office", "coordinator", "auditor", "operator"}
        assert who_may(cast, WORK, measure) == set()
        assert not has(VIEW, cast.actor("foreign_office"), measure)

    def test_the_plan_of_a_check_stays_hidden_from_the_office(self, cast: people.Cast) -> None:
        assessment = make.assessment(network=cast.network)
        measure = add(cast, organisation_id=cast.org_a.pk, origin=Ref.to(assessment))
        assert who_may(cast, VIEW, measure) == {"member", "editor_a"}

    def test_rights_at_the_origin_count(self, cast: people.Cast) -> None:
        assessment = make.assessment()
        measure = add(cast, origin=Ref.to(assessment))
        editor, reader = make.visitor(assessment, EDIT), make.visitor(assessment, READ)
        assert has(WORK, editor, measure)
        assert has(VIEW, reader, measure)
        assert not has(WORK, reader, measure)
        assert not has(VIEW, make.visitor(make.assessment(), EDIT), measure)
        sharing.claim_assessment(
            assessment, actor=Actor(**{**vars(cast.actor("registered")), "keys": editor.keys})
        )
        assert who_may(cast, WORK, measure) == {"registered"}

    def test_the_same_uuid_of_another_origin_opens_nothing(self, cast: people.Cast) -> None:
        assessment = make.assessment()
        measure = add(cast, origin=Ref("test.thing", assessment.uuid))
        assert not has(VIEW, make.visitor(assessment, EDIT), measure)

    def test_a_deputy_works_while_the_person_is_away(self, cast: people.Cast) -> None:
        measure = add(cast, "member")
        today = clock.today()
        away = Absence.objects.create(
            person=cast["member"], deputy=cast["editor_b"], starts_on=today, ends_on=today
        )
        assert who_may(cast, WORK, measure) == {"member", "editor_b"}
        Absence.objects.filter(pk=away.pk).update(
            starts_on=today - timedelta(days=9), ends_on=today - timedelta(days=1)
        )
        assert who_may(cast, WORK, measure) == {"member"}

    def test_list_and_right_agree(self, cast: people.Cast) -> None:
        add(cast, "member")
        add(cast, organisation_id=cast.org_b.pk)
        add(cast, network=cast.network)
        for role in people.ROLES:
            actor = cast.actor(role)
            listed = set(visible(VIEW, actor, Measure.objects.all()))
            assert listed == {m for m in Measure.objects.all() if has(VIEW, actor, m)}
            assert set(own_measures(actor)) <= listed


class TestWork:
    def test_state_note_and_control(self, cast: people.Cast) -> None:
        measure = add(cast, "member", control_on=clock.today())
        actor, key = cast.actor("member"), once.new_key()
        for _twice in range(2):
            work.report_state(measure, actor=actor, key=key, expected=1, status="done",
                              delay_reason="")  # fmt: skip
        work.add_note(measure, actor=actor, key=once.new_key(), text="Gedruckt.")
        work.confirm_control(measure, actor=actor, key=once.new_key(), expected=2)
        measure.refresh_from_db()
        assert (measure.status, measure.done_on) == ("done", clock.today())
        assert measure.controlled_on == clock.today()
        assert measure.progress.get().written_by == "Mats Behrens"

    def test_another_day_of_control_asks_again(self, cast: people.Cast) -> None:
        measure = add(cast, "member", control_on=clock.today())
        work.confirm_control(measure, actor=COMMAND, key=once.new_key(), expected=1)
        assert not measure.awaits_control(clock.today())
        services.change_measure(
            measure, actor=COMMAND, expected=2,
            changes={"control_on": clock.today() - timedelta(days=1)},
        )  # fmt: skip
        assert measure.awaits_control(clock.today())

    @pytest.mark.parametrize("role", ["anonymous", "registered", "former", "suspended", "office"])
    def test_strangers_change_nothing(self, cast: people.Cast, role: str) -> None:
        measure = add(cast, "member", organisation_id=cast.org_a.pk, control_on=clock.today())
        actor, key = cast.actor(role), once.new_key()
        with pytest.raises(NotAllowed):
            work.report_state(measure, actor=actor, key=key, expected=1, status="done",
                              delay_reason="")  # fmt: skip
        with pytest.raises(NotAllowed):
            work.add_note(measure, actor=actor, key=key, text="x")
        with pytest.raises(NotAllowed):
            work.confirm_control(measure, actor=actor, key=key, expected=1)
        with pytest.raises(NotAllowed):
            work.delete_evidence(measure, actor=actor, document=uuid4())
        assert Measure.objects.filter(version=1, status="open").count() == 1

    def test_two_people_at_once(self, cast: people.Cast) -> None:
        measure = add(cast, "member", organisation_id=cast.org_a.pk)
        mine = Measure.objects.get()
        work.report_state(measure, actor=cast.actor("editor_a"), key=once.new_key(), expected=1,
                          status="running", delay_reason="")  # fmt: skip
        with pytest.raises(Conflict):
            work.report_state(mine, actor=cast.actor("member"), key=once.new_key(), expected=1,
                              status="done", delay_reason="")  # fmt: skip

    def test_the_log_names_people_by_uuid(self, cast: people.Cast) -> None:
        measure = add(cast, "member")
        services.change_measure(
            measure, actor=COMMAND, expected=1, changes={"person_id": cast["editor_a"].pk}
        )
        entry = LogEntry.objects.get(code="measures.measure.changed")
        assert entry.before == {"person": str(cast["member"].uuid)}
        assert entry.after == {"person": str(cast["editor_a"].uuid)}
        assert "Behrens" not in str(list(LogEntry.objects.values("before", "after")))


class TestMoving:
    def test_a_successor_takes_over_what_is_open(self, cast: people.Cast) -> None:
        mine = add(cast, "member", organisation_id=cast.org_a.pk)
        done = add(cast, "member", organisation_id=cast.org_a.pk, status="done")
        elsewhere = add(cast, "member", organisation_id=cast.org_b.pk)
        alone = add(cast, "member")
        looked_at = add(cast, controller_person_id=cast["member"].pk, organisation_id=cast.org_a.pk)
        seat = Affiliation.objects.get(person=cast["member"])
        handed = people_services.end_seat(
            seat, actor=COMMAND, expected=seat.version, successor=cast["editor_a"]
        )
        assert handed == 3
        assert owners(mine, done, elsewhere, alone) == [
            cast["editor_a"], cast["member"], cast["member"], cast["editor_a"],
        ]  # fmt: skip
        looked_at.refresh_from_db()
        assert looked_at.controller_person == cast["editor_a"]

    def test_with_another_seat_what_is_the_persons_own_stays(self, cast: people.Cast) -> None:
        people_services.add_seat(cast["member"], cast.org_b, actor=COMMAND)
        alone = add(cast, "member")
        seat = Affiliation.objects.get(person=cast["member"], organisation=cast.org_a)
        people_services.end_seat(
            seat, actor=COMMAND, expected=seat.version, successor=cast["editor_a"]
        )
        assert owners(alone) == [cast["member"]]

    def test_two_people_become_one(self, cast: people.Cast) -> None:
        measure = add(cast, "former", controller_person_id=cast["former"].pk)
        services.add_note(measure, actor=cast.actor("former"), text="Angefangen")
        for merge in hooks.merged:
            merge(cast["member"].pk, cast["former"].pk)
        measure.refresh_from_db()
        assert measure.person == measure.controller_person == cast["member"]
        assert measure.progress.get().person == cast["member"]

    def test_orphans_are_listed_without_the_words_of_others(self, cast: people.Cast) -> None:
        add(cast, "member", organisation_id=cast.org_a.pk, title="Bleibt versorgt")
        add(cast, "former", organisation_id=cast.org_a.pk, title="Geheimer Plan")
        add(cast, "suspended", organisation_id=cast.org_a.pk, title="Noch ein Plan")
        add(cast, "former", organisation_id=cast.org_a.pk, status="done")
        add(cast, "suspended", network=cast.network, title="Sache des Netzwerks")
        lines = work.orphans(cast.network.pk)
        assert lines == [
            "Maßnahme „Sache des Netzwerks“ ohne erreichbare Person",
            "Ahrens hilft e. V.: 2 Maßnahmen ohne erreichbare Person",
        ]
        assert work.orphans(cast.other.pk) == []


def owners(*measures: Measure) -> list[Any]:
    return [Measure.objects.get(pk=measure.pk).person for measure in measures]


class TestChoosing:
    def labels(self, actor: Actor) -> set[str]:
        choices = choices_for(actor)
        assert choices is not None
        return {label for _title, options in choices.parties for _value, label in options}

    def test_visitors_choose_nobody(self, cast: people.Cast) -> None:
        assert choices_for(cast.actor("anonymous")) is None
        assert "party" not in MeasureForm(choices=None).fields

    def test_editors_see_their_people_and_nobody_elses(self, cast: people.Cast) -> None:
        assert self.labels(cast.actor("editor_a")) == {
            "ich selbst", "Ahrens hilft e. V.", "Mats Behrens", "Edda Ahrens", "Sven Sperr",
        }  # fmt: skip

    def test_members_see_themselves_only(self, cast: people.Cast) -> None:
        expected = {"ich selbst", "Ahrens hilft e. V.", "Mats Behrens"}
        assert self.labels(cast.actor("member")) == expected
        assert self.labels(cast.actor("registered")) == {"ich selbst"}

    def test_the_office_gives_to_organisations(self, cast: people.Cast) -> None:
        assert {"Ahrens hilft e. V.", "Brandt GmbH"} <= self.labels(cast.actor("office"))
        assert "Mats Behrens" not in self.labels(cast.actor("office"))

    def test_a_value_of_somebody_else_is_refused(self, cast: people.Cast) -> None:
        choices = choices_for(cast.actor("editor_a"))
        for value in (f"p-{cast['editor_b'].uuid}", f"o-{cast.org_b.uuid}", "p-1", "x"):
            form = NewMeasureForm({"title": "x", "urgency": "2", "party": value}, choices=choices)
            assert not form.is_valid()
            assert "party" in form.errors

    def test_what_one_may_not_choose_stays(self, cast: people.Cast) -> None:
        measure = add(cast, "editor_b", organisation_id=cast.org_b.pk)
        choices = choices_for(cast.actor("member"))
        form = MeasureForm.for_measure(measure, choices)
        assert form["party"].value() == KEEP
        sent = MeasureForm(
            {"title": "x", "urgency": "2", "status": "open", "party": KEEP, "checker": ""},
            choices=choices, measure=measure,
        )  # fmt: skip
        assert sent.is_valid()
        assert "person_id" not in sent.changes
        assert sent.changes["controller_person_id"] is None

    @pytest.mark.parametrize("role", ["editor_a", "office"])
    def test_queries_stay_the_same_with_many_people(self, cast: people.Cast, role: str) -> None:
        actor = cast.actor(role)
        with CaptureQueriesContext(
            connection,
        ) as few:
            choices_for(actor)
        for n in range(3):
            people_services.add_seat(people.person(f"Noch Jemand{n}"), cast.org_a, actor=COMMAND)
        with CaptureQueriesContext(connection) as many:
            choices_for(actor)
        assert len(few) == len(many) <= 2
