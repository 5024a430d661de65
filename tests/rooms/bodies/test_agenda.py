"""The agenda editor: a tree of two levels, speakers, versions of a proposal, what is taken over
from earlier (S1-03, S1-04, S2-02)."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from lotse.foundation.core import clock, once
from lotse.foundation.core.actor import COMMAND
from lotse.foundation.core.errors import Conflict, NotAllowed, Refused
from lotse.foundation.core.ref import Ref
from lotse.foundation.matters.models import Knot, Matter
from lotse.foundation.measures import services as measures
from lotse.foundation.parties.models import Body
from lotse.rooms.bodies.models import AgendaItem, Idea, Meeting, NoteBlock, Outcome
from lotse.rooms.bodies.queries import carrying
from lotse.rooms.bodies.services import agenda, ideas, meetings
from lotse.rooms.bodies.services.agenda import Speaker, read_speakers
from tests.people import ROLES, Cast
from tests.rooms.bodies.conftest import item_of, meeting_of
from tests.rooms.bodies.preparing import page, post

pytestmark = pytest.mark.django_db


def add(cast: Cast, meeting: Meeting, role: str = "office", **fields: Any) -> Any:
    values = {"title": "Begrüßung", "kind": "information", "minutes_planned": "15"} | fields
    return post(cast, role, "agenda-add", meeting, **values)


def titles(meeting: Meeting) -> list[str]:
    return list(meeting.items.order_by("position", "pk").values_list("title", flat=True))


@pytest.fixture
def earlier(council: Body) -> Meeting:
    """A meeting of the council half a year ago."""
    begin = clock.now() - timedelta(days=180)
    return meeting_of(council, number=7, title="Herbstsitzung", state="held", starts_at=begin,
                      ends_at=begin + timedelta(hours=3))  # fmt: skip


class TestItems:
    def test_added_with_everything(self, cast: Cast, meeting: Meeting) -> None:
        answer = add(
            cast, meeting, "minute_taker", title="Aus den Ministerien", goal="Alle wissen es",
            questions="Was ist neu?", is_standing="on",
            speakers="Kim Muster (Amt für Arbeit): Recht\nRobin Beispiel: Geld\n\nVolker Stimm",
        )  # fmt: skip
        item = AgendaItem.objects.get()
        assert answer["Location"].endswith(f"#top-{item.uuid}")
        found = item.presenters.values_list("name", "organisation", "subject", "person")
        assert list(found) == [
            ("Kim Muster", "Amt für Arbeit", "Recht", None), ("Robin Beispiel", "", "Geld", None),
            ("Volker Stimm", "", "", cast["voter"].pk),
        ]  # fmt: skip
        assert (item.goal, item.is_standing, item.minutes_planned) == ("Alle wissen es", True, 15)
        form = page(cast, "office", "agenda-item", item)
        assert "Kim Muster (Amt für Arbeit): Recht" in form

    def test_the_same_form_twice_adds_one(self, cast: Cast, meeting: Meeting) -> None:
        client, key = cast.client("office"), once.new_key()
        sent = {"title": "Begrüßung", "kind": "break", "minutes_planned": "5", "_key": key}
        for _time in range(2):
            assert client.post(reverse("bodies:agenda-add", args=[meeting.uuid]), sent)
        assert meeting.items.count() == 1

    def test_times_follow_from_the_planned_minutes(self, cast: Cast, meeting: Meeting) -> None:
        Meeting.objects.filter(pk=meeting.pk).update(
            starts_at="2027-03-18T12:00Z", ends_at="2027-03-18T13:00Z"
        )
        add(cast, meeting, title="Erstes", minutes_planned="20")
        add(cast, meeting, title="Zweites", minutes_planned="30")
        shown = page(cast, "office", "agenda", meeting)
        assert "13:00 Uhr · 20 Minuten" in shown
        assert "13:20 Uhr · 30 Minuten" in shown
        assert "Geplantes Ende nach der Tagesordnung: 13:50 Uhr." in shown
        first = meeting.items.get(title="Erstes")
        post(cast, "office", "agenda-item", first, title="Erstes", kind="information",
             minutes_planned="45")  # fmt: skip
        shown = page(cast, "office", "agenda", meeting)
        assert "13:45 Uhr · 30 Minuten" in shown
        assert "tone warn" in shown, "it runs over the planned end"

    @pytest.mark.parametrize(
        ("field", "wrong", "said"),
        [
            ("title", "", "Bitte füllen Sie dieses Feld aus."),
            ("title", "x" * 201, "Bitte kürzen Sie den Text"),
            ("minutes_planned", "viel", "Bitte geben Sie eine Zahl ein."),
            ("minutes_planned", "-5", "größer oder gleich 0"),
            ("kind", "party", "kein"),
            ("speakers", ": Thema ohne Namen", "Bitte so eingeben: Name (Organisation): Thema."),
            ("parent", "0", "kein"),
        ],
    )
    def test_what_is_wrong_is_said_at_its_field(
        self, cast: Cast, meeting: Meeting, field: str, wrong: str, said: str
    ) -> None:
        answer = add(cast, meeting, goal="Bleibt stehen", **{field: wrong})
        shown = answer.content.decode()
        assert answer.status_code == 422
        assert f'href="#id_{field}"' in shown
        assert said in shown
        assert "Bleibt stehen" in shown
        assert not meeting.items.exists()

    def test_two_levels_and_no_more(self, cast: Cast, meeting: Meeting) -> None:
        top = item_of(meeting, "Berichte")
        add(cast, meeting, title="Bericht Nord", parent=str(top.uuid))
        part = meeting.items.get(title="Bericht Nord")
        assert part.parent == top
        assert add(cast, meeting, title="Zu tief", parent=str(part.uuid)).status_code == 422
        with pytest.raises(Refused):
            agenda.add_item(meeting, actor=COMMAND, title="Zu tief", parent=part)
        other = item_of(meeting, "Anderes")
        with pytest.raises(Refused):
            agenda.change_item(top, actor=COMMAND, expected=top.version, parent=other)
        foreign = item_of(meeting_of(meeting.body, number=2))
        with pytest.raises(Refused):
            agenda.add_item(meeting, actor=COMMAND, title="Falsch", parent=foreign)
        shown = page(cast, "voter", "meeting", meeting)
        assert ">1.1<" in shown


class TestOrder:
    def test_up_and_down_among_neighbours(self, cast: Cast, meeting: Meeting) -> None:
        rows = [item_of(meeting, name) for name in ("A", "B", "C")]
        part = item_of(meeting, "B1", parent=rows[1])
        post(cast, "chair", "agenda-move", rows[2], go="up")
        assert [one for one in titles(meeting) if one != "B1"] == ["A", "C", "B"]
        post(cast, "chair", "agenda-move", rows[0], go="up")
        post(cast, "chair", "agenda-move", part, go="down")
        assert [one for one in titles(meeting) if one != "B1"] == ["A", "C", "B"]
        shown = page(cast, "chair", "agenda", meeting)
        assert shown.index(">B1<") > shown.index(">B<")

    def test_a_form_sent_twice_moves_once(self, cast: Cast, meeting: Meeting) -> None:
        rows = [item_of(meeting, name) for name in ("A", "B", "C")]
        key = once.new_key()
        for _time in range(2):
            agenda.move_item(rows[2], actor=COMMAND, up=True, key=key)
        assert titles(meeting) == ["A", "C", "B"]

    def test_removed_only_where_nothing_depends_on_it(self, cast: Cast, meeting: Meeting) -> None:
        item = item_of(meeting, "Berichte")
        part = item_of(meeting, "Bericht Nord", parent=item)
        refused = post(cast, "office", "agenda-remove", item)
        assert refused.status_code == 422
        assert "Dieser Punkt hat Unterpunkte." in refused.content.decode()
        NoteBlock.objects.create(item=part, text="Kurz")
        assert "Sie können ihn vertagen." in (
            post(cast, "office", "agenda-remove", part).content.decode()
        )
        part.notes.all().delete()
        stale = cast.client("office").post(
            reverse("bodies:agenda-remove", args=[part.uuid]), {"version": "7"}
        )
        assert (stale.status_code, meeting.items.count()) == (409, 2)
        assert post(cast, "office", "agenda-remove", part).status_code == 302
        assert titles(meeting) == ["Berichte"]


class TestProposal:
    def test_another_wording_is_another_version(self, cast: Cast, meeting: Meeting) -> None:
        item = item_of(meeting)
        for text, version in (("Wir tun es.", 1), ("Wir tun es.", 1), ("Wir tun es bald.", 2)):
            agenda.change_item(item, actor=COMMAND, expected=item.version, proposal=text)
            item.refresh_from_db()
            assert item.proposal_version == version
        agenda.change_item(item, actor=COMMAND, expected=item.version, title="Anders")
        item.refresh_from_db()
        assert item.proposal_version == 2
        assert "Fassung 2" in page(cast, "voter", "meeting", meeting)

    def test_two_at_once_lose_nothing(self, cast: Cast, item: AgendaItem) -> None:
        agenda.change_item(item, actor=COMMAND, expected=1, goal="Zuerst gespeichert")
        answer = cast.client("chair").post(
            reverse("bodies:agenda-item", args=[item.uuid]),
            {"version": "1", "title": item.title, "kind": "decision", "minutes_planned": "10",
             "goal": "Später <b>getippt</b>", "speakers": "Kim Muster"},
        )  # fmt: skip
        shown = answer.content.decode()
        assert answer.status_code == 409
        for words in ("Zuerst gespeichert", "Später &lt;b&gt;getippt", "Kim Muster",
                      'name="version" value="2"'):  # fmt: skip
            assert words in shown, words
        with pytest.raises(Conflict):
            agenda.change_item(item, actor=COMMAND, expected=1, goal="Nein")


class TestSpeakers:
    def test_read(self) -> None:
        lines = "Dr. Kim Muster (Amt (Land)): Recht: neu\n  Robin   Beispiel \n\n"
        with pytest.raises(Refused):
            read_speakers(lines)
        assert read_speakers("Kim Muster (Amt): Recht: neu\nRobin  Beispiel") == [
            Speaker("Kim Muster", "Amt", "Recht: neu"), Speaker("Robin Beispiel"),
        ]  # fmt: skip
        with pytest.raises(Refused):
            read_speakers("x" * 201)


class TestTakingOver:
    def test_what_waits_and_why(
        self, cast: Cast, meeting: Meeting, earlier: Meeting, count_queries: Any
    ) -> None:
        moved = item_of(earlier, "Beitragsordnung", state="moved", proposal="So sei es.")
        parked = Outcome.objects.create(
            item=item_of(earlier), kind="parked", text="Der neue Name", trigger="Haushalt",
            trigger_on=clock.today(),
        )  # fmt: skip
        Outcome.objects.create(item=moved, kind="parked", text="Später einmal")
        Outcome.objects.create(item=moved, kind="note", text="Nur eine Notiz")
        measures.create_measure(
            actor=COMMAND, origin=Ref.to(parked), title="Anfragen", network=cast.network
        )
        Idea.objects.create(body=meeting.body, title="Nachwuchs", text="Warum")
        Idea.objects.create(body=meeting.body, title="Verworfen", state="dropped")
        found = carrying.suggestions_for(meeting)
        assert {(one.title, one.is_due) for one in found} == {
            ("Beitragsordnung", True), ("Der neue Name", True), ("Später einmal", False),
            ("Offene Maßnahmen", False), ("Nachwuchs", False),
        }  # fmt: skip
        assert found[0].is_due
        client, path = cast.client("chair"), reverse("bodies:agenda", args=[meeting.uuid])
        client.get(path)
        with count_queries() as queries:
            shown = client.get(path).content.decode()
        assert queries.count <= 12, "\n".join(queries.counted)
        for words in ("vertagt, Sitzung vom", "bis: Haushalt, Wiedervorlage erreicht", "1 offen",
                      "Themenspeicher, seit"):  # fmt: skip
            assert words in shown, words
        assert "Verworfen" not in shown
        assert "Nur eine Notiz" not in shown

    def test_one_click_and_never_twice(self, cast: Cast, meeting: Meeting) -> None:
        idea = Idea.objects.create(body=meeting.body, title="Nachwuchs", text="Warum")
        other = meeting_of(meeting.body, number=2)
        answer = post(cast, "office", "agenda-take", meeting, art="bodies.idea",
                      quelle=str(idea.uuid))  # fmt: skip
        item = meeting.items.get()
        idea.refresh_from_db()
        assert answer.status_code == 302
        assert (item.title, item.goal, item.source_uuid, idea.state) == (
            "Nachwuchs", "Warum", idea.uuid, "taken"
        )  # fmt: skip
        for where in (meeting, other):
            again = post(cast, "office", "agenda-take", where, art="bodies.idea",
                         quelle=str(idea.uuid))  # fmt: skip
            assert again.status_code == 422
            assert "Das steht schon auf einer Tagesordnung" in again.content.decode()
        assert AgendaItem.objects.count() == 1

    def test_each_kind_keeps_its_source(
        self, cast: Cast, meeting: Meeting, earlier: Meeting
    ) -> None:
        moved = item_of(earlier, "Beitragsordnung", state="moved", proposal="So sei es.")
        parked = Outcome.objects.create(item=moved, kind="parked", text="Der neue Name")
        measures.create_measure(
            actor=COMMAND, origin=Ref.to(parked), title="Anfragen", network=cast.network
        )
        for one in carrying.suggestions_for(meeting):
            agenda.take_over(meeting, actor=COMMAND, source_type=one.type, source=one.uuid)
        found = meeting.items.values_list("title", "source_type", "source_uuid")
        assert set(found) == {
            ("Beitragsordnung", "bodies.agendaitem", moved.uuid),
            ("Der neue Name", "bodies.outcome", parked.uuid),
            ("Offene Maßnahmen", "parties.body", meeting.body.uuid),
        }
        assert meeting.items.get(title="Beitragsordnung").proposal == "So sei es."
        parked.refresh_from_db()
        assert parked.settled_at is not None
        assert carrying.suggestions_for(meeting) == []
        later = meeting_of(meeting.body, number=3, starts_at=meeting.ends_at)
        assert [one.type for one in carrying.suggestions_for(later)] == ["parties.body"]

    def test_an_open_matter_of_earlier_meetings_comes_back_by_one_click(
        self, cast: Cast, meeting: Meeting, earlier: Meeting
    ) -> None:
        matter, closed, foreign = (
            Matter.objects.create(network=cast.network, title=title, summary="Wozu", state=state)
            for title, state in (("Werkstatt", "open"), ("Alt", "closed"), ("Fremd", "open"))
        )
        before = item_of(earlier, "Werkstatt: erster Stand")
        for one in (matter, closed):
            Knot.objects.create(matter=one, ref_type="bodies.agendaitem", ref_uuid=before.uuid,
                                added_by="command")  # fmt: skip
        assert [one.title for one in carrying.suggestions_for(meeting)] == ["Werkstatt"]
        answer = post(cast, "chair", "agenda-take", meeting, art="matters.matter",
                      quelle=str(matter.uuid))  # fmt: skip
        item = meeting.items.get()
        assert (answer.status_code, item.title, item.goal) == (302, "Werkstatt", "Wozu")
        assert matter.knots.filter(ref_uuid=item.uuid).count() == 1
        assert carrying.suggestions_for(meeting) == []
        assert foreign.knots.count() == 0
        agenda.remove_item(item, actor=COMMAND, expected=item.version)
        assert [one.title for one in carrying.suggestions_for(meeting)] == ["Werkstatt"]
        assert matter.knots.count() == 1

    def test_taken_off_or_called_off_it_waits_again(self, cast: Cast, meeting: Meeting) -> None:
        idea = Idea.objects.create(body=meeting.body, title="Nachwuchs", programme="2027")
        for _time in range(2):
            item = agenda.take_over(
                meeting, actor=COMMAND, source_type="bodies.idea", source=idea.uuid
            )
            agenda.remove_item(item, actor=COMMAND, expected=item.version)
            idea.refresh_from_db()
            assert idea.state == "planned"
        agenda.take_over(meeting, actor=COMMAND, source_type="bodies.idea", source=idea.uuid)
        meetings.cancel(meeting, actor=COMMAND, expected=meeting.version, reason="Fällt aus")
        next_one = meeting_of(meeting.body, number=2)
        assert [one.title for one in carrying.suggestions_for(next_one)] == ["Nachwuchs"]

    def test_what_another_agenda_has_stays_that_ones(self, cast: Cast, meeting: Meeting) -> None:
        """Put back into a programme by hand, it was taken again: the first agenda frees it no
        more, the last one does."""
        idea = Idea.objects.create(body=meeting.body, title="Thema", programme="2027")
        items = []
        for where in (meeting, meeting_of(meeting.body, number=2)):
            idea.refresh_from_db()
            if idea.state == "taken":
                ideas.sort_idea(idea, actor=COMMAND, expected=idea.version, state="planned",
                                programme="2028")  # fmt: skip
            items.append(agenda.take_over(
                where, actor=COMMAND, source_type="bodies.idea", source=idea.uuid
            ))  # fmt: skip
        for item, state in zip(items, ("taken", "planned"), strict=True):
            agenda.remove_item(item, actor=COMMAND, expected=item.version)
            idea.refresh_from_db()
            assert idea.state == state

    def test_not_from_another_body(self, cast: Cast, meeting: Meeting, earlier: Meeting) -> None:
        other = Body.objects.create(network=cast.network, name="Anderes", kind="board")
        idea = Idea.objects.create(body=other, title="Fremd")
        moved = item_of(meeting_of(other, starts_at=earlier.starts_at, ends_at=earlier.ends_at),
                        "Fremd", state="moved")  # fmt: skip
        assert carrying.suggestions_for(meeting) == []
        wrong = (("bodies.idea", idea.uuid), ("bodies.agendaitem", moved.uuid),
                 ("parties.body", other.uuid), ("accounts.account", other.uuid))  # fmt: skip
        for kind, uuid in wrong:
            assert post(cast, "office", "agenda-take", meeting, art=kind,
                        quelle=str(uuid)).status_code == 422  # fmt: skip
        assert post(cast, "office", "agenda-take", meeting, quelle="x").status_code == 404
        assert not meeting.items.exists()


class TestRights:
    def test_only_who_runs_the_meeting(self, cast: Cast, item: AgendaItem) -> None:
        running = {"chair", "minute_taker", "office", "operator"}
        for role in ROLES:
            status = post(cast, role, "agenda-move", item, go="up").status_code
            if role in running:
                assert status == 302, role
            else:
                assert status in (403, 404), role
        with pytest.raises(NotAllowed):
            agenda.add_item(item.meeting, actor=cast.actor("voter"), title="Meins")
        with pytest.raises(NotAllowed):
            agenda.remove_item(item, actor=cast.actor("auditor"), expected=item.version)

    def test_a_meeting_that_was_called_off_stays_as_it_is(
        self, cast: Cast, item: AgendaItem
    ) -> None:
        Meeting.objects.filter(pk=item.meeting_id).update(state="cancelled")
        assert add(cast, item.meeting).status_code == 422
        assert post(cast, "office", "agenda-move", item, go="up").status_code == 422
