"""Answering: saved, logged, never lost; the same for seven and for seventy points."""

import pytest
from django.db import connection
from django.urls import reverse

from lotse.foundation.core.actor import EDIT, READ
from lotse.foundation.core.errors import Conflict, NotAllowed
from lotse.foundation.core.models import LogEntry
from lotse.rooms.checks.models import Answer, Assessment, Rating
from lotse.rooms.checks.services import answers
from lotse.rooms.checks.services.answers import AnswerInput
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def assessment() -> Assessment:
    make.network()
    return make.assessment()


def point_url(assessment: Assessment, number: int = 1) -> str:
    return reverse("checks:checkpoint", args=[assessment.uuid, number])


class TestStart:
    def test_without_account_to_the_first_checkpoint(self, client) -> None:
        make.network()
        check = make.check()
        url = reverse("checks:check", args=[check.uuid])
        data = {"_key": "k" * 20, "scope": "team", "unit": "Jugend", "organisation_name": "TSV"}
        response = client.post(url, data)
        assessment = Assessment.objects.get()
        assert response.url == point_url(assessment)
        assert (assessment.organisation_name, assessment.unit) == ("TSV", "Jugend")
        assert client.get(response.url).status_code == 200

    def test_the_same_form_twice_is_one_assessment(self, client) -> None:
        make.network()
        url = reverse("checks:check", args=[make.check().uuid])
        data = {"_key": "k" * 20, "scope": "organisation"}
        first, second = client.post(url, data), client.post(url, data)
        assert first.url == second.url
        assert Assessment.objects.count() == 1

    def test_the_unit_counts_for_a_team_only(self, client) -> None:
        make.network()
        url = reverse("checks:check", args=[make.check().uuid])
        client.post(url, {"_key": "k" * 20, "scope": "organisation", "unit": "Jugend"})
        assert Assessment.objects.get().unit == ""

    def test_too_long_a_name_comes_back_filled_in(self, client) -> None:
        make.network()
        url = reverse("checks:check", args=[make.check().uuid])
        response = client.post(url, {"scope": "organisation", "organisation_name": "x" * 201})
        assert response.status_code == 422
        assert "x" * 201 in response.content.decode()
        assert Assessment.objects.count() == 0

    def test_there_is_a_limit_per_address(self, client, settings) -> None:
        make.network()
        settings.LIMITS = {**settings.LIMITS, "checks.start": (1, 60)}
        url = reverse("checks:check", args=[make.check().uuid])
        codes = [client.post(url, {"scope": "organisation"}).status_code for _ in range(2)]
        assert codes == [302, 429]


class TestAnswer:
    def test_level_note_marks_and_own_examples(self, client, assessment) -> None:
        make.open_as(client, assessment)
        form = make.answer_form("urgent", note="Wichtig", own="Eins\n\nZwei")
        response = client.post(point_url(assessment), form | {"m-e1": "applies", "m-e2": "x"})
        assert response.url == point_url(assessment, 2)
        answer = Answer.objects.get()
        assert (answer.level, answer.note) == ("urgent", "Wichtig")
        assert answer.marks == {"e1": "applies"}
        assert answer.own_examples == ["Eins", "Zwei"]
        assert Rating.objects.get().level == "urgent"
        entry = LogEntry.objects.get(code="checks.answer.saved")
        assert entry.subject_uuid == assessment.uuid
        page = client.get(point_url(assessment)).content.decode()
        assert "Wichtig" in page
        assert "Eins\nZwei" in page

    @pytest.mark.parametrize(
        ("go", "target"),
        [("back", "punkt/1/"), ("4", "punkt/4/"), ("result", "ergebnis/"), ("pause", "links/"),
         ("next", "punkt/3/"), ("1" * 8000, "punkt/3/"),
         ("99999", "punkt/3/"), ("x", "punkt/3/"), ("٣", "punkt/3/")],
    )  # fmt: skip
    def test_every_button_saves_and_leads_on(self, client, assessment, go: str, target) -> None:
        make.open_as(client, assessment)
        form = make.answer_form(note="bleibt") | {"go": go}
        assert client.post(point_url(assessment, 2), form).url.endswith(target)
        assert Answer.objects.get().note == "bleibt"

    def test_the_last_point_leads_to_the_result(self, client, assessment) -> None:
        make.open_as(client, assessment)
        assert client.post(point_url(assessment, 7), make.answer_form()).url.endswith("ergebnis/")
        assert client.get(point_url(assessment, 8)).status_code == 404
        assert client.get(point_url(assessment, 0)).status_code == 404

    def test_nothing_chosen_is_no_answer_and_later_is_no_level(self, client, assessment) -> None:
        make.open_as(client, assessment)
        client.post(point_url(assessment, 1), make.answer_form(""))
        client.post(point_url(assessment, 2), make.answer_form("skip"))
        page = client.get(reverse("checks:result", args=[assessment.uuid])).content.decode()
        assert page.count("need open") == 7
        assert (
            client.post(point_url(assessment, 3), make.answer_form("erfunden")).status_code == 422
        )

    def test_a_long_note_is_kept_in_the_form(self, client, assessment) -> None:
        make.open_as(client, assessment)
        note = "x" * 4001
        response = client.post(point_url(assessment), make.answer_form(note=note))
        assert response.status_code == 422
        assert note in response.content.decode()
        assert "checked" in response.content.decode()
        assert Answer.objects.count() == 0

    def test_history_only_grows(self, client, assessment) -> None:
        make.open_as(client, assessment)
        for version, level in enumerate(["none", "need", "need", "urgent"]):
            client.post(point_url(assessment), make.answer_form(level, version))
        assert list(Rating.objects.values_list("level", flat=True)) == ["none", "need", "urgent"]


class TestQueries:
    @pytest.mark.parametrize("points", [7, 70])
    def test_answering_takes_eight_at_most(self, client, count_queries, points: int) -> None:
        make.network()
        assessment = make.assessment(make.long_check(points))
        make.open_as(client, assessment)
        Assessment.objects.update(opened_on="2026-01-01")
        client.get(point_url(assessment))
        Assessment.objects.update(opened_on="2026-01-01")
        with count_queries() as first:
            client.post(point_url(assessment), make.answer_form("need", 0))
        with count_queries() as again:
            client.post(point_url(assessment), make.answer_form("urgent", 1))
        assert (first.count, again.count) == (7, 7)

    def test_one_page_is_the_same_for_one_and_for_three_answers(
        self, client, count_queries, assessment
    ) -> None:
        make.open_as(client, assessment)
        counts = []
        for number in (1, 2, 3):
            client.post(point_url(assessment, number), make.answer_form())
            with count_queries() as queries:
                client.get(point_url(assessment, 5))
            counts.append(queries.count)
        assert len(set(counts)) == 1
        assert counts[0] <= 8


class TestTwoWriters:
    def test_the_second_tab_sees_both_texts(self, client, assessment) -> None:
        make.open_as(client, assessment)
        client.post(point_url(assessment), make.answer_form(note="von Tab eins"))
        response = client.post(point_url(assessment), make.answer_form(note="von Tab zwei"))
        html = response.content.decode()
        assert response.status_code == 409
        assert "von Tab eins" in html
        assert "von Tab zwei" in html
        assert Answer.objects.get().note == "von Tab eins"
        version = html.split('id="version" value="')[1].split('"')[0]
        form = make.answer_form(note="von Tab zwei", version=int(version))
        assert client.post(point_url(assessment), form).status_code == 302
        assert Answer.objects.get().note == "von Tab zwei"

    def test_own_drafts_never_conflict(self, client, assessment) -> None:
        make.open_as(client, assessment)
        url = reverse("checks:draft", args=[assessment.uuid, 1])
        form = make.answer_form(note="erst")
        assert b"gespeichert" in client.post(url, form).content
        assert client.post(url, form | {"note": "dann"}).status_code == 200
        assert client.post(point_url(assessment), form | {"note": "fertig"}).status_code == 302
        assert Answer.objects.get().note == "fertig"

    def test_a_late_draft_does_not_undo_the_submit(self, client, assessment) -> None:
        make.open_as(client, assessment)
        form = make.answer_form(note="fertig")
        client.post(point_url(assessment), form)
        url = reverse("checks:draft", args=[assessment.uuid, 1])
        assert client.post(url, form | {"note": "alt"}).status_code == 200
        assert Answer.objects.get().note == "fertig"

    def test_going_back_to_a_sent_form_saves_what_was_changed(self, client, assessment) -> None:
        make.open_as(client, assessment)
        form = make.answer_form(note="erst")
        client.post(point_url(assessment), form)
        assert client.post(point_url(assessment), form | {"note": "dann"}).status_code == 302
        assert Answer.objects.get().note == "dann"

    def test_going_back_to_a_sent_form_after_another_page_shows_both(
        self, client, assessment
    ) -> None:
        make.open_as(client, assessment)
        form = make.answer_form(note="erst")
        client.post(point_url(assessment), form)
        version = Answer.objects.get().version
        other = make.answer_form(note="von woanders", version=version)
        assert client.post(point_url(assessment), other).status_code == 302
        response = client.post(point_url(assessment), form | {"note": "dann"})
        assert response.status_code == 409
        assert "von woanders" in response.content.decode()

    def test_a_draft_of_another_page_is_a_conflict(self, client, assessment) -> None:
        make.open_as(client, assessment)
        client.post(point_url(assessment), make.answer_form(note="eins"))
        url = reverse("checks:draft", args=[assessment.uuid, 1])
        response = client.post(url, make.answer_form(note="zwei"))
        assert response.status_code == 409
        assert Answer.objects.get().note == "eins"

    def test_losing_against_the_own_page_is_tried_once_more(self, assessment, monkeypatch) -> None:
        actor, key = make.visitor(assessment), "p" * 20
        fixed = {"actor": actor, "checkpoint": "nutzen", "expected": 0, "key": key}
        stored = answers.save_answer(assessment, data=AnswerInput(note="a"), draft=True, **fixed)
        real, lost = answers._save, []

        def lose_first(page: object) -> object:
            if not lost:
                lost.append(page)
                raise Conflict(stored)
            return real(page)

        monkeypatch.setattr(answers, "_save", lose_first)
        saved = answers.save_answer(assessment, data=AnswerInput(note="fertig"), **fixed)
        assert saved is not None
        assert Answer.objects.get().note == "fertig"

    def test_the_log_never_holds_a_text(self, client, assessment) -> None:
        make.open_as(client, assessment)
        form = make.answer_form(note="geheim")
        url = reverse("checks:draft", args=[assessment.uuid, 1])
        for n in range(5):
            client.post(url, form | {"note": f"geheim {n}"})
        client.post(point_url(assessment), form)
        lines = LogEntry.objects.filter(code="checks.answer.saved")
        assert lines.count() == 2
        assert "geheim" not in str(list(lines.values()))

    def test_a_draft_with_a_fault_says_so(self, client, assessment) -> None:
        make.open_as(client, assessment)
        url = reverse("checks:draft", args=[assessment.uuid, 1])
        response = client.post(url, make.answer_form(note="x" * 4001))
        assert response.status_code == 422
        assert "Noch nicht gespeichert" in response.content.decode()

    def test_a_race_on_the_first_answer_is_a_conflict(self, assessment, monkeypatch) -> None:
        actor = make.visitor(assessment)
        found = Answer.objects.filter

        def blind(**kwargs):
            queryset = found(**kwargs)
            Answer.objects.get_or_create(
                assessment=assessment, checkpoint="nutzen", defaults={"note": "schneller"}
            )
            return queryset.none()

        monkeypatch.setattr(Answer.objects, "filter", blind, raising=False)
        with pytest.raises(Conflict) as conflict:
            answers.save_answer(
                assessment, actor=actor, checkpoint="nutzen", data=AnswerInput(level="need"),
                expected=0, key="k" * 20,
            )  # fmt: skip
        assert conflict.value.current.note == "schneller"

    def test_two_tabs_name_the_scope(self, client, assessment) -> None:
        make.open_as(client, assessment)
        url = reverse("checks:scope", args=[assessment.uuid])
        form = {"scope": "organisation", "organisation_name": "Eins", "version": "1"}
        assert client.post(url, form).status_code == 302
        response = client.post(url, form | {"organisation_name": "Zwei"})
        html = response.content.decode()
        assert response.status_code == 409
        assert "Eins" in html
        assert 'value="Zwei"' in html


class TestRights:
    @pytest.mark.parametrize("name", ["checkpoint", "draft"])
    def test_readers_do_not_write(self, client, assessment, name: str) -> None:
        make.open_as(client, assessment, READ)
        url = reverse(f"checks:{name}", args=[assessment.uuid, 1])
        assert client.post(url, make.answer_form()).status_code == 403
        assert Answer.objects.count() == 0

    def test_what_was_typed_comes_back_when_the_session_ended(self, client, assessment) -> None:
        response = client.post(point_url(assessment), make.answer_form(note="Lange überlegt"))
        assert response.status_code == 404
        assert "Lange überlegt" in response.content.decode()
        assert "Verein Beispiel" not in response.content.decode()

    def test_strangers_see_nothing(self, client, assessment) -> None:
        assert client.get(point_url(assessment)).status_code == 404
        assert client.post(point_url(assessment), make.answer_form()).status_code == 404

    def test_the_service_asks_too(self, assessment) -> None:
        with pytest.raises(NotAllowed):
            answers.save_answer(
                assessment, actor=make.visitor(assessment, READ), checkpoint="nutzen",
                data=AnswerInput(), expected=0, key="k" * 20,
            )  # fmt: skip


def test_constraint_holds_below_the_service(assessment) -> None:
    from django.db import IntegrityError, transaction

    Answer.objects.create(assessment=assessment, checkpoint="nutzen")
    with pytest.raises(IntegrityError), transaction.atomic():
        Answer.objects.create(assessment=assessment, checkpoint="nutzen")
    assert connection.is_usable()


def test_an_edit_grant_is_not_lowered_by_a_read_link(client, assessment) -> None:
    make.open_as(client, assessment, EDIT)
    make.open_as(client, assessment, READ)
    assert client.post(point_url(assessment), make.answer_form()).status_code == 302
