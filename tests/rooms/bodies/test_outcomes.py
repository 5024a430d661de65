"""Outcomes typed as they happen: each kind, its checks, its numbers; pages and services."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from lotse.foundation.core import clock, once
from lotse.foundation.core.errors import Conflict, NotAllowed, Refused
from lotse.foundation.core.models import LogEntry
from lotse.foundation.measures.models import Measure
from lotse.foundation.measures.parties import Party
from lotse.rooms.bodies.models import (
    AgendaItem,
    Annex,
    Attribution,
    Charter,
    Meeting,
    Minutes,
    Outcome,
)
from lotse.rooms.bodies.queries.outcomes import ORDER, outcomes_of, panel_of
from lotse.rooms.bodies.services import outcomes
from lotse.rooms.bodies.services.outcomes import Agreed, Doubtful, Speaker
from tests.people import Cast
from tests.rooms.bodies.conftest import item_of, meeting_of
from tests.rooms.bodies.writing import key_of, run, seated, url

KIND = Outcome.Kind


@pytest.fixture
def item(cast: Cast, meeting: Meeting) -> AgendaItem:
    """An item of a running meeting at which the one seat with a vote is there."""
    found = item_of(run(meeting), proposal="Der Betrieb wird aufgenommen.")
    seated(cast, meeting)
    return found


def add(item: AgendaItem, cast: Cast, kind: str, words: str = "Text", **values: Any) -> Outcome:
    return outcomes.add_outcome(
        item, actor=cast.actor("minute_taker"), kind=kind, words=words, **values
    )


def decide(item: AgendaItem, cast: Cast, **values: Any) -> Outcome:
    return add(item, cast, KIND.DECISION, "Wird aufgenommen.", **({"result": "adopted"} | values))


def post(
    cast: Cast, item: AgendaItem, kind: str, role: str = "minute_taker", /, **data: Any
) -> Any:
    return cast.client(role).post(url("outcome-new", item, kind), data)


def test_a_decision_gets_its_number_and_who_was_there(cast: Cast, item: AgendaItem) -> None:
    live = item.meeting.live
    first, second = decide(item, cast), decide(item, cast, method="unanimous")
    assert [first.number, second.number] == ["1/1", "1/2"]
    assert (first.entitled, first.present, first.had_quorum) == (1, 1, None)
    assert Meeting.objects.get().live == live + 2
    line = LogEntry.objects.filter(code="bodies.outcome.added").latest("pk")
    assert line.after["method"] == "unanimous"


def test_without_quorum_it_asks_before_it_stores(cast: Cast, item: AgendaItem) -> None:
    Charter.objects.update(quorum="count", quorum_value=2)
    item = AgendaItem.objects.get(pk=item.pk)
    with pytest.raises(Doubtful, match="nicht beschlussfähig"):
        decide(item, cast)
    assert decide(item, cast, result="deferred").had_quorum is False
    stored = decide(item, cast, confirmed=True)
    assert (stored.had_quorum, stored.number) == (False, "1/2")


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"yes": 0, "no": 1}, "wäre das Ergebnis „abgelehnt“"),
        ({"result": "rejected", "yes": 1, "no": 0}, "wäre das Ergebnis „angenommen“"),
        ({"yes": 3, "no": 0}, "Gezählt sind 3 Stimmen"),
        ({"method": "unanimous", "yes": None, "no": 1}, "Gegenstimmen"),
    ],
)
def test_what_does_not_fit_is_a_question(
    cast: Cast, item: AgendaItem, values: dict[str, Any], words: str
) -> None:
    with pytest.raises(Doubtful, match=words):
        decide(item, cast, **values)
    assert decide(item, cast, confirmed=True, **values).result == values.get("result", "adopted")


def test_a_body_that_only_advises_recommends(cast: Cast, item: AgendaItem) -> None:
    Charter.objects.update(decides=False)
    item = AgendaItem.objects.get(pk=item.pk)
    with pytest.raises(Refused, match="Empfehlung"):
        decide(item, cast)
    assert add(item, cast, KIND.RECOMMENDATION).kind == "recommendation"
    kinds = dict(panel_of(item, cast.actor("chair")).kinds)
    assert "decision" not in kinds
    assert "recommendation" in kinds
    client = cast.client("chair")
    for kind, status in (("decision", 404), ("recommendation", 200)):
        form = reverse("bodies:outcome-new", args=[item.uuid, kind])
        assert client.get(form).status_code == status


def test_an_agreed_action_becomes_a_measure_of_several(cast: Cast, item: AgendaItem) -> None:
    parties = (Party(body=item.meeting.body.pk), Party(organisation=cast.org_a.pk))
    agreed = Agreed(parties, due_words="bis zur nächsten Sitzung")
    outcome = add(item, cast, KIND.AGREED_ACTION, "Konzept entwerfen", agreed=agreed)
    measure = Measure.objects.get(origin_uuid=outcome.uuid)
    assert (measure.title, measure.body) == ("Konzept entwerfen", item.meeting.body)
    assert measure.due_words == "bis zur nächsten Sitzung"
    assert [helper.organisation for helper in measure.helpers.all()] == [cast.org_a]
    with pytest.raises(Refused, match="wer sich darum kümmert"):
        add(item, cast, KIND.AGREED_ACTION, "Niemand")
    assert Outcome.objects.count() == 1


def test_all_partners_each_answer_for_themselves(cast: Cast, item: AgendaItem) -> None:
    add(item, cast, KIND.AGREED_ACTION, "Adressen prüfen", agreed=Agreed(everyone=True))
    whole = Measure.objects.get(whole=None)
    named = set(whole.parts.values_list("organisation__name", flat=True))
    assert {"Ahrens hilft e. V.", "Brandt GmbH"} <= named


def test_a_question_is_settled_by_an_answer_not_by_a_promise(cast: Cast, item: AgendaItem) -> None:
    question = add(item, cast, KIND.QUESTION, "Ab wann?", speaker=Speaker("Volker Stimm"))
    promised = add(item, cast, KIND.ANSWER, "Wird nachgereicht", answer_to=question,
                   on_day=clock.today() + timedelta(days=90))  # fmt: skip
    assert Outcome.objects.get(pk=question.pk).settled_at is None
    later = meeting_of(item.meeting.body, number=2, title="Herbstsitzung")
    page = cast.client("chair").get(url("outcome-new", item_of(run(later)), "answer"))
    assert "Ab wann?" in page.content.decode()
    answer = add(item_of(later), cast, KIND.ANSWER, "Ab Mai", answer_to=question)
    assert Outcome.objects.get(pk=question.pk).settled_at is not None
    outcomes.delete_outcome(answer, actor=cast.actor("chair"))
    assert Outcome.objects.get(pk=question.pk).settled_at is None
    assert promised.answer_to == question


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("parked", "worauf gewartet wird"),
        ("answer", "zu der die Antwort gehört"),
        ("quote", "Protokoll"),
        ("external_date", "Tag"),
        ("decision", "Ergebnis der Abstimmung"),
        ("geraten", "gibt es nicht"),
    ],
)
def test_what_a_kind_needs(cast: Cast, item: AgendaItem, kind: str, words: str) -> None:
    with pytest.raises(Refused, match=words):
        add(item, cast, kind)
    assert not Outcome.objects.exists()


def test_things_of_other_meetings_are_not_pointed_at(cast: Cast, item: AgendaItem) -> None:
    other = meeting_of(item.meeting.body, number=2)
    annex = Annex.objects.create(meeting=other, number=1, title="Fremd")
    with pytest.raises(Refused, match="anderen Sitzung"):
        add(item, cast, KIND.NOTE, annex=annex)
    note = add(item, cast, KIND.NOTE)
    with pytest.raises(Refused, match="Frage"):
        add(item, cast, KIND.ANSWER, answer_to=note)


def test_speakers_are_attributions(cast: Cast, item: AgendaItem) -> None:
    said = Speaker("Volker Stimm", "Brandt GmbH", cast["voter"].pk)
    one = add(item, cast, KIND.REQUEST, speaker=said)
    two = add(item, cast, KIND.SUGGESTION, speaker=said)
    assert one.speaker == two.speaker == Attribution.objects.get()
    assert one.speaker is not None
    assert one.speaker.person == cast["voter"]


@pytest.mark.parametrize("role", ["voter", "member", "registered", "auditor", "foreign_office"])
def test_who_does_not_run_the_meeting_holds_nothing_fast(
    cast: Cast, item: AgendaItem, role: str
) -> None:
    outcome = add(item, cast, KIND.NOTE)
    with pytest.raises(NotAllowed):
        outcomes.add_outcome(item, actor=cast.actor(role), kind="note", words="Nein")
    with pytest.raises(NotAllowed):
        outcomes.delete_outcome(outcome, actor=cast.actor(role))
    status = 403 if role in ("voter", "auditor") else 404
    assert post(cast, item, "note", role, text="Nein").status_code == status
    assert cast.client(role).get(url("outcome", outcome)).status_code == status


def test_the_same_form_twice_makes_one(cast: Cast, item: AgendaItem) -> None:
    data = {"text": "Nur einmal", "_key": once.new_key()}
    for _time in range(2):
        assert post(cast, item, "note", **data).status_code == 302
    assert Outcome.objects.count() == 1


def test_before_the_meeting_and_after_its_minutes_nothing_is_written(
    cast: Cast, item: AgendaItem
) -> None:
    outcome = add(item, cast, KIND.NOTE, "Bleibt")
    Meeting.objects.update(state=Meeting.State.INVITED)
    assert "noch nicht begonnen" in post(cast, item, "note", text="X").content.decode()
    Meeting.objects.update(state=Meeting.State.HELD)
    Minutes.objects.create(meeting=item.meeting, state=Minutes.State.ADOPTED)
    client = cast.client("chair")
    answer = client.post(url("outcome", outcome), {"text": "Geändert", "version": "1"})
    assert answer.status_code == 422
    assert "schon verschickt" in answer.content.decode()
    assert client.post(url("outcome-delete", outcome)).status_code == 422
    client.post(url("outcome-move", outcome), {"go": "down"})
    assert Outcome.objects.get().text == "Bleibt"


def test_changing_loses_neither_text(cast: Cast, item: AgendaItem) -> None:
    outcome = add(item, cast, KIND.NOTE, "Alt", speaker=Speaker("Volker Stimm"))
    client = cast.client("chair")
    page = client.get(url("outcome", outcome)).content.decode()
    assert "Volker Stimm" in page
    data = {"text": "Von ihr", "version": "1", "speaker": "keep"}
    assert client.post(url("outcome", outcome), data).status_code == 302
    assert Outcome.objects.get().speaker is not None
    answer = client.post(url("outcome", outcome), data | {"text": "Von mir"})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Von ihr" in page
    assert "Von mir" in page
    assert 'name="version" value="2"' in page
    with pytest.raises(Conflict):
        outcomes.change_outcome(outcome, actor=cast.actor("chair"), expected=1, words="X")


def test_a_deleted_one_that_somebody_changes_gives_the_text_back(
    cast: Cast, item: AgendaItem, monkeypatch: pytest.MonkeyPatch
) -> None:
    outcome = add(item, cast, KIND.NOTE, "Alt")

    def gone(*_args: Any, **_values: Any) -> None:
        Outcome.objects.all().delete()
        raise Conflict(None)

    monkeypatch.setattr(outcomes, "change_outcome", gone)
    answer = cast.client("chair").post(url("outcome", outcome), {"text": "Mein Satz"})
    assert answer.status_code == 409
    assert "Mein Satz" in answer.content.decode()


def test_a_double_click_moves_it_once(cast: Cast, item: AgendaItem) -> None:
    _one, _two, three = (add(item, cast, KIND.NOTE, words) for words in "abc")
    client = cast.client("office")
    key = key_of(client, url("outcomes", item), url("outcome-move", three))
    for _click in range(2):
        client.post(url("outcome-move", three), {"go": "up", "_key": key})
    assert [row.text for row in outcomes_of(item.meeting)[item.pk]] == ["a", "c", "b"]


def test_order_and_deletion(cast: Cast, item: AgendaItem) -> None:
    one, two = add(item, cast, KIND.NOTE, "eins"), add(item, cast, KIND.NOTE, "zwei")
    client = cast.client("office")
    client.post(url("outcome-move", two), {"go": "up"})
    assert [row.text for row in outcomes_of(item.meeting)[item.pk]] == ["zwei", "eins"]
    client.post(url("outcome-move", two), {"go": "up"})
    assert [row.text for row in outcomes_of(item.meeting)[item.pk]] == ["zwei", "eins"]
    assert "eins" in client.get(url("outcome-delete", one)).content.decode()
    client.post(url("outcome-delete", one))
    assert [row.text for row in outcomes_of(item.meeting)[item.pk]] == ["zwei"]


def test_deleting_an_agreed_action_names_its_measure(cast: Cast, item: AgendaItem) -> None:
    outcome = add(item, cast, KIND.AGREED_ACTION, "Adressen prüfen", agreed=Agreed(everyone=True))
    client = cast.client("chair")
    assert "Adressen prüfen</li>" in client.get(url("outcome-delete", outcome)).content.decode()
    client.post(url("outcome-delete", outcome))
    assert not Measure.objects.exists()


@pytest.mark.parametrize("kind", ORDER)
def test_each_kind_has_its_page(
    cast: Cast, item: AgendaItem, kind: str, count_queries: Any
) -> None:
    client = cast.client("minute_taker")
    with count_queries() as queries:
        answer = client.get(url("outcome-new", item, kind))
    assert answer.status_code == 200
    assert queries.count <= 12
    answer = client.post(url("outcome-new", item, kind), {"text": ""})
    assert answer.status_code == 422
    assert "Bitte füllen Sie dieses Feld aus" in answer.content.decode()


def test_a_decision_through_its_page(cast: Cast, item: AgendaItem) -> None:
    client = cast.client("minute_taker")
    page = client.get(url("outcome-new", item, "decision")).content.decode()
    assert "Der Betrieb wird aufgenommen.</textarea>" in page
    data = {"text": "Wird aufgenommen.", "result": "adopted", "yes": "0", "no": "1"}
    answer = client.post(url("outcome-new", item, "decision"), data)
    assert answer.status_code == 422
    assert 'name="confirm"' in answer.content.decode()
    answer = client.post(url("outcome-new", item, "decision"), data | {"confirm": "on"})
    assert answer.status_code == 302
    page = client.get(url("outcomes", item)).content.decode()
    assert "angenommen, 0 Ja, 1 Nein" in page
    assert "Beschluss 1/1" in page


def test_the_short_form_stores_or_shows_what_is_missing(cast: Cast, item: AgendaItem) -> None:
    back = "/gremien/"
    data = {"quick": "1", "kind": "note", "text": "Kurz", "next": back}
    answer = post(cast, item, "decision", **data)
    assert (answer.status_code, answer.headers["Location"]) == (302, back)
    assert Outcome.objects.get().kind == "note"
    answer = post(cast, item, "note", **data | {"kind": "parked"})
    assert answer.status_code == 200
    assert "Worauf wird gewartet?" in answer.content.decode()
    assert "Kurz</textarea>" in answer.content.decode()
    answer = post(cast, item, "note", **data | {"go": "switch"})
    assert answer.status_code == 200
    assert Outcome.objects.count() == 1


def test_nobody_is_sent_to_another_host(cast: Cast, item: AgendaItem) -> None:
    for elsewhere in ("https://beispiel.test/", "//beispiel.test/", "/\\beispiel.test"):
        answer = post(cast, item, "note", text="X", next=elsewhere)
        assert answer.headers["Location"] == url("outcomes", item)


def test_an_agreed_action_through_its_page(cast: Cast, item: AgendaItem) -> None:
    answer = post(cast, item, "agreed_action", text="Bericht schreiben")
    assert answer.status_code == 422
    assert "wer sich darum kümmert" in answer.content.decode()
    answer = post(
        cast, item, "agreed_action", text="Bericht schreiben", due_on="2027-01-31",
        bodies=[f"b-{item.meeting.body.uuid}"], organisations=[f"o-{cast.org_b.uuid}"],
    )  # fmt: skip
    assert answer.status_code == 302
    measure = Measure.objects.get()
    assert (measure.body, str(measure.due_on)) == (item.meeting.body, "2027-01-31")


def test_a_speaker_is_chosen_or_typed(cast: Cast, item: AgendaItem) -> None:
    there = item.meeting.attendances.get()
    post(cast, item, "question", text="Ab wann?", speaker=str(there.uuid))
    post(cast, item, "question", text="Bis wann?", speaker_name="Ada Gast (Kammer Nord)")
    said = {row.text: row.speaker for row in Outcome.objects.select_related("speaker")}
    assert said["Ab wann?"] is not None
    assert said["Ab wann?"].person == cast["voter"]
    assert said["Bis wann?"] is not None
    assert (said["Bis wann?"].name, said["Bis wann?"].organisation) == ("Ada Gast", "Kammer Nord")


def test_the_list_takes_as_many_queries_for_three_as_for_one(
    cast: Cast, item: AgendaItem, count_queries: Any
) -> None:
    client, found = cast.client("chair"), []
    for number in range(1, 4):
        Annex.objects.create(meeting=item.meeting, number=number, title="Papier")
        add(item, cast, KIND.NOTE, speaker=Speaker(f"Gast {number}"),
            annex=Annex.objects.get(number=number))  # fmt: skip
        with count_queries() as queries:
            client.get(url("outcomes", item))
        found.append(queries.count)
    assert found[0] == found[2] <= 12
