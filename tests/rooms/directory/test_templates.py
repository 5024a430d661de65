"""Templates: a new version goes to the partners before it holds."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from lotse.foundation.core import clock
from lotse.foundation.core.actor import COMMAND
from lotse.foundation.core.errors import Conflict, NotAllowed, Refused
from lotse.foundation.core.models import LogEntry, OutboxMail
from lotse.rooms.directory.content.cleaning import missing_fields
from lotse.rooms.directory.models import Template, TemplateAnswer
from lotse.rooms.directory.queries import templates as reads
from lotse.rooms.directory.services import states, templates
from tests import make
from tests.people import Cast

pytestmark = pytest.mark.django_db
CODE = "directory.template.sent"


def draft(cast: Cast, **fields: Any) -> Template:
    made = templates.draft_template(cast.network, actor=COMMAND, kind="organisation")
    if fields:
        templates.change_template(made, actor=COMMAND, expected=made.version, fields=fields,
                                  intro={"de": "Bitte kurz."})  # fmt: skip
    return made


def sent(cast: Cast, **fields: Any) -> Template:
    made = draft(cast, **fields)
    templates.send_template(made, actor=COMMAND, expected=made.version)
    return made


def answered(cast: Cast, template: Template, role: str = "editor_a", **given: Any) -> None:
    organisation = cast.org_b if role == "editor_b" else cast.org_a
    given.setdefault("answer", "agreed")
    templates.answer_template(template, organisation, actor=cast.actor(role), **given)


class TestDrafting:
    def test_without_one_the_list_of_fields_holds(self, cast: Cast) -> None:
        assert reads.adopted_template(cast.network, "organisation") is None
        used = reads.used_fields("organisation", None)
        assert all(one.use for one in used)
        assert "summary" in reads.required_keys("organisation", None)

    def test_one_new_version_at_a_time(self, cast: Cast) -> None:
        assert draft(cast) == draft(cast)
        assert Template.objects.get().number == 1

    def test_what_is_left_out_is_not_needed(self, cast: Cast) -> None:
        made = draft(cast, summary={"use": False, "required": True}, events={"required": True})
        content = {"name": "X", "kind": "firm"}
        lacking = {one.key for one in missing_fields("organisation", content, made)}
        assert "summary" not in lacking
        assert "events" in lacking
        needed = reads.required_keys("organisation", made)
        assert "events" in needed
        assert "summary" not in needed

    def test_the_name_cannot_go(self, cast: Cast) -> None:
        made = draft(cast, name={"use": False})
        assert made.fields["name"] == {"use": True, "required": True, "hint": {}}

    @pytest.mark.parametrize(
        "fields", [{"gibt-es-nicht": {}}, {"summary": {"hint": {"de": "x" * 301}}}]
    )
    def test_nonsense_is_refused(self, cast: Cast, fields: dict[str, Any]) -> None:
        with pytest.raises(Refused):
            draft(cast, **fields)

    def test_who_saves_second_is_told(self, cast: Cast) -> None:
        made = draft(cast, summary={"use": False})
        with pytest.raises(Conflict):
            templates.change_template(made, actor=COMMAND, expected=1, fields={}, intro={})

    @pytest.mark.parametrize("role", ["member", "editor_a", "coordinator", "foreign_office"])
    def test_only_the_office(self, cast: Cast, role: str) -> None:
        made, actor = draft(cast), cast.actor(role)
        for act in (
            lambda: templates.draft_template(cast.network, actor=actor, kind="person"),
            lambda: templates.change_template(made, actor=actor, expected=1, fields={}, intro={}),
            lambda: templates.send_template(made, actor=actor, expected=1),
            lambda: templates.take_back_template(made, actor=actor, expected=1),
            lambda: templates.adopt_template(made, actor=actor, expected=1),
        ):
            with pytest.raises(NotAllowed):
                act()


class TestConsultation:
    def test_who_speaks_for_a_partner_is_asked(self, cast: Cast) -> None:
        made = draft(cast)
        count = templates.send_template(made, actor=COMMAND, expected=made.version)
        mails = OutboxMail.objects.filter(code=CODE)
        asked = {mail.address for mail in mails}
        assert asked == {cast["editor_a"].email, cast["editor_b"].email}
        assert count == 2
        assert reverse("directory:template", args=[made.uuid]) in mails[0].text
        assert mails[0].mail_class == "duty"

    def test_a_resting_network_writes_to_nobody(self, cast: Cast) -> None:
        states.set_network_state(cast.network, actor=COMMAND, expected=cast.network.version,
                                 state="resting", reason="Pause")  # fmt: skip
        made = draft(cast)
        assert templates.send_template(made, actor=COMMAND, expected=made.version) == 0
        assert not OutboxMail.objects.filter(code=CODE).exists()

    @pytest.mark.parametrize("days", [6, 181])
    def test_the_time_has_limits(self, cast: Cast, days: int) -> None:
        made = draft(cast)
        with pytest.raises(Refused):
            templates.send_template(made, actor=COMMAND, expected=made.version, days=days)

    def test_it_cannot_change_meanwhile(self, cast: Cast) -> None:
        made = sent(cast)
        with pytest.raises(Refused):
            templates.change_template(made, actor=COMMAND, expected=made.version, fields={},
                                      intro={})  # fmt: skip

    def test_back_to_a_draft_the_answers_go(self, cast: Cast) -> None:
        made = sent(cast)
        answered(cast, made)
        templates.take_back_template(made, actor=COMMAND, expected=made.version)
        assert not TemplateAnswer.objects.exists()
        assert made.state == "draft"

    def test_a_second_answer_replaces_the_first(self, cast: Cast) -> None:
        made = sent(cast)
        answered(cast, made)
        answered(cast, made, answer="objected", note="Zu lang.")
        given = TemplateAnswer.objects.get()
        assert (given.answer, given.note) == ("objected", "Zu lang.")
        assert LogEntry.objects.filter(code="directory.template.answered").count() == 2

    def test_an_objection_needs_words(self, cast: Cast) -> None:
        with pytest.raises(Refused):
            answered(cast, sent(cast), answer="objected")

    @pytest.mark.parametrize("role", ["member", "office", "former", "foreign_office", "anonymous"])
    def test_others_do_not_answer(self, cast: Cast, role: str) -> None:
        with pytest.raises(NotAllowed):
            answered(cast, sent(cast), role)

    def test_not_for_another_organisation(self, cast: Cast) -> None:
        with pytest.raises(NotAllowed):
            templates.answer_template(sent(cast), cast.org_b, actor=cast.actor("editor_a"),
                                      answer="agreed")  # fmt: skip

    def test_after_the_time_nobody_answers(
        self, cast: Cast, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        made, now = sent(cast), clock.now()
        monkeypatch.setattr(clock, "now", lambda: now + timedelta(days=29))
        with pytest.raises(Refused):
            answered(cast, made)


class TestAdopting:
    def test_only_after_the_consultation(self, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
        made = draft(cast)
        with pytest.raises(Refused):
            templates.adopt_template(made, actor=COMMAND, expected=made.version)
        templates.send_template(made, actor=COMMAND, expected=made.version)
        answered(cast, made)
        with pytest.raises(Refused):
            templates.adopt_template(made, actor=COMMAND, expected=made.version)
        now = clock.now()
        monkeypatch.setattr(clock, "now", lambda: now + timedelta(days=29))
        templates.adopt_template(made, actor=COMMAND, expected=made.version)
        assert reads.adopted_template(cast.network, "organisation") == made

    def test_when_all_have_answered_it_need_not_wait(self, cast: Cast) -> None:
        made = sent(cast)
        answered(cast, made)
        answered(cast, made, "editor_b", answer="objected", note="Nein.")
        templates.adopt_template(made, actor=COMMAND, expected=made.version)
        line = LogEntry.objects.get(code="directory.template.adopted")
        assert sorted((line.after or {})["answers"].values()) == ["agreed", "objected"]

    def test_the_next_one_begins_as_this_and_replaces_it(self, cast: Cast) -> None:
        first = sent(cast, events={"required": True})
        for role in ("editor_a", "editor_b"):
            answered(cast, first, role)
        templates.adopt_template(first, actor=COMMAND, expected=first.version)
        second = draft(cast)
        assert second.number == 2
        assert second.fields == first.fields
        assert reads.changes_of("organisation", first, second) == []
        templates.send_template(second, actor=COMMAND, expected=second.version)
        for role in ("editor_a", "editor_b"):
            answered(cast, second, role)
        templates.adopt_template(second, actor=COMMAND, expected=second.version)
        first.refresh_from_db()
        assert first.state == "replaced"
        assert reads.adopted_templates(cast.network)["organisation"] == second


class TestAnswerPage:
    def test_a_partner_reads_and_answers(self, cast: Cast) -> None:
        made = sent(cast, summary={"use": False})
        url, client = reverse("directory:template", args=[made.uuid]), cast.client("editor_a")
        page = client.get(url).content.decode()
        assert "entfällt" in page
        assert "Bitte kurz." in page
        answer = client.post(url, {"organisation": str(cast.org_a.uuid), "answer": "agreed"})
        assert answer.status_code == 302
        assert "einverstanden" in client.get(url).content.decode()
        assert TemplateAnswer.objects.get().organisation == cast.org_a

    def test_an_objection_without_words_keeps_the_form(self, cast: Cast) -> None:
        url = reverse("directory:template", args=[sent(cast).uuid])
        data = {"organisation": str(cast.org_a.uuid), "answer": "objected", "note": ""}
        answer = cast.client("editor_a").post(url, data)
        assert answer.status_code == 422
        assert "was anders werden soll" in answer.content.decode()

    @pytest.mark.parametrize("data", [{}, {"organisation": "x"}, {"answer": "maybe"}])
    def test_nonsense_is_422(self, cast: Cast, data: dict[str, str]) -> None:
        url = reverse("directory:template", args=[sent(cast).uuid])
        assert cast.client("editor_a").post(url, data).status_code == 422

    @pytest.mark.parametrize(
        ("role", "status"),
        [("member", 200), ("office", 200), ("foreign_office", 404), ("registered", 404),
         ("former", 404), ("anonymous", 302)],
    )  # fmt: skip
    def test_who_sees_it(self, cast: Cast, role: str, status: int) -> None:
        url = reverse("directory:template", args=[sent(cast).uuid])
        assert cast.client(role).get(url).status_code == status

    def test_a_draft_is_the_office_s_own(self, cast: Cast) -> None:
        url = reverse("directory:template", args=[draft(cast).uuid])
        assert cast.client("member").get(url).status_code == 404
        assert cast.client("office").get(url).status_code == 200

    def test_it_costs_little(self, cast: Cast, count_queries: Any) -> None:
        url = reverse("directory:template", args=[sent(cast).uuid])
        client = cast.client("editor_a")
        with count_queries() as queries:
            assert client.get(url).status_code == 200
        assert queries.count <= 12


class TestToday:
    def test_who_may_answer_is_asked_until_all_have(self, cast: Cast, count_queries: Any) -> None:
        assert reads.cards_of(cast.actor("editor_a")) == []
        made = sent(cast)
        (card,) = reads.cards_of(cast.actor("editor_a"))
        assert str(made.uuid) in card.url
        for role in ("member", "office", "foreign_office"):
            assert reads.cards_of(cast.actor(role)) == [], role
        answered(cast, made)
        assert reads.cards_of(cast.actor("editor_a")) == []
        actor = cast.actor("editor_b")
        with count_queries() as queries:
            assert len(reads.cards_of(actor)) == 1
        assert queries.count == 1

    def test_others_read_who_may(self, cast: Cast) -> None:
        made = sent(cast)
        client = cast.client("member")
        text = make.body(client.get(reverse("directory:template", args=[made.uuid]))).decode()
        assert "Edda Ahrens" in text

    def test_a_change_is_told_once_per_field(self, cast: Cast) -> None:
        first = sent(cast, events={"use": False})
        for role in ("editor_a", "editor_b"):
            answered(cast, first, role)
        templates.adopt_template(first, actor=COMMAND, expected=first.version)
        second = draft(cast)
        fields = {
            **second.fields,
            "events": {"use": True, "required": True, "hint": {"en": "Dates"}},
        }
        templates.change_template(second, actor=COMMAND, expected=second.version, fields=fields,
                                  intro={"de": "Neu."})  # fmt: skip
        second.refresh_from_db()
        found = reads.changes_of("organisation", first, second)
        assert [one.what for one in found] == [("intro",), ("added", "required", "hint")]
