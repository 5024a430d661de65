"""Live notes: several write at once and lose nothing; an ended session loses nothing either."""

import random
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from lotse.foundation.accounts.models import Session
from lotse.foundation.core import once
from lotse.foundation.core.errors import NotAllowed, Refused
from lotse.foundation.core.models import LogEntry
from lotse.rooms.bodies.models import AgendaItem, Meeting, Minutes, NoteBlock, NoteVersion
from lotse.rooms.bodies.services import notes
from tests.people import Cast
from tests.rooms.bodies.conftest import item_of, meeting_of
from tests.rooms.bodies.writing import at_once, real_database, run, url

JSON = {"HTTP_ACCEPT": "application/json"}


@pytest.fixture
def item(meeting: Meeting) -> AgendaItem:
    return item_of(run(meeting))


def save(item: AgendaItem, cast: Cast, words: str, base: int = 0, **values: Any) -> notes.Saved:
    return notes.save_note(item, actor=cast.actor("minute_taker"), words=words, base=base, **values)


def test_a_save_keeps_the_text_and_a_version(cast: Cast, item: AgendaItem) -> None:
    first = save(item, cast, "Begrüßung ")
    second = save(item, cast, "Begrüßung \n\n", first.revision)
    block = NoteBlock.objects.get()
    assert (block.text, block.revision, block.person) == ("Begrüßung \n\n", 2, None)
    assert (second.state, second.revision, second.sent) == ("saved", 2, 2)
    kept = NoteVersion.objects.order_by("number").values_list("text", flat=True)
    assert list(kept) == ["Begrüßung ", "Begrüßung \n\n"]
    assert LogEntry.objects.filter(code="bodies.notes.saved").count() == 2


def test_two_lines_at_once_both_stay(cast: Cast, item: AgendaItem) -> None:
    base = save(item, cast, "Thema")
    save(item, cast, "Thema\nvon ihr", base.revision)
    merged = save(item, cast, "Thema\nvon mir", base.revision)
    assert merged.state == "merged"
    assert merged.text == NoteBlock.objects.get().text == "Thema\nvon ihr\nvon mir"
    sent = NoteVersion.objects.get(number=merged.sent)
    assert sent.text == "Thema\nvon mir"


def test_typed_on_while_the_answer_was_on_its_way(cast: Cast, item: AgendaItem) -> None:
    base = save(item, cast, "Thema")
    save(item, cast, "Thema\nvon ihr", base.revision)
    merged = save(item, cast, "Thema\nvon mi", base.revision)
    last = save(item, cast, "Thema\nvon mir", merged.sent)
    assert last.text == "Thema\nvon ihr\nvon mir"


def test_the_same_line_changed_twice_shows_both_and_overwrites_nothing(
    cast: Cast, item: AgendaItem
) -> None:
    base = save(item, cast, "Frist: offen")
    save(item, cast, "Frist: Mai", base.revision)
    conflict = save(item, cast, "Frist: Juni", base.revision)
    assert conflict.state == "conflict"
    assert NoteBlock.objects.get().text == "Frist: Mai"
    assert "Frist: Mai" in conflict.text
    assert "Frist: Juni" in conflict.text
    assert NoteVersion.objects.filter(text="Frist: Juni").exists()
    settled = save(item, cast, "Frist: Mai oder Juni", conflict.revision)
    assert (settled.state, NoteBlock.objects.get().text) == ("saved", "Frist: Mai oder Juni")


def test_the_same_key_again_gives_the_first_answer(cast: Cast, item: AgendaItem) -> None:
    key = once.new_key()
    first = save(item, cast, "Einmal", key=key)
    assert save(item, cast, "Einmal", key=key) == first
    assert NoteVersion.objects.count() == 1


def test_everybody_has_a_block_of_their_own(cast: Cast, item: AgendaItem) -> None:
    save(item, cast, "Meins", shared=False)
    notes.save_note(item, actor=cast.actor("chair"), words="Ihres", base=0, shared=False)
    assert NoteBlock.objects.count() == 2
    page = cast.client("chair").get(url("notes", item)).content.decode()
    assert "Mitschrift von Mika Schreiber" in page
    assert "Ihres</textarea>" in page


@pytest.mark.parametrize("role", ["voter", "member", "registered", "auditor"])
def test_who_does_not_run_the_meeting_writes_no_notes(
    cast: Cast, item: AgendaItem, role: str
) -> None:
    with pytest.raises(NotAllowed):
        notes.save_note(item, actor=cast.actor(role), words="Nein", base=0)
    status = 403 if role in ("voter", "auditor") else 404
    assert cast.client(role).get(url("notes", item)).status_code == status
    assert cast.client(role).get(url("notes-state", item)).status_code == status


def test_notes_are_closed_before_the_meeting_and_after_its_minutes(
    cast: Cast, item: AgendaItem
) -> None:
    Meeting.objects.update(state=Meeting.State.PLANNED)
    item = AgendaItem.objects.get(pk=item.pk)
    with pytest.raises(Refused, match="noch nicht begonnen"):
        save(item, cast, "Zu früh")
    Meeting.objects.update(state=Meeting.State.HELD)
    item = AgendaItem.objects.get(pk=item.pk)
    assert save(item, cast, "Nachgetragen").state == "saved"
    Minutes.objects.create(meeting=item.meeting, state=Minutes.State.CIRCULATED)
    with pytest.raises(Refused, match="schon verschickt"):
        save(item, cast, "Zu spät")
    answer = cast.client("chair").post(url("notes", item), {"text": "Zu spät", "revision": "1"})
    assert answer.status_code == 422
    assert "Zu spät</textarea>" in answer.content.decode()


def test_the_page_saves_without_a_script(cast: Cast, item: AgendaItem) -> None:
    client = cast.client("minute_taker")
    client.post(url("notes", item), {"text": "Frist: offen", "revision": "0"})
    client.post(url("notes", item), {"text": "Frist: Mai", "revision": "1"})
    answer = client.post(url("notes", item), {"text": "Frist: <b>Juni", "revision": "1"})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Frist: Mai" in page
    assert "Frist: &lt;b&gt;Juni" in page
    assert 'name="revision" value="4"' in page


def test_the_script_gets_json(cast: Cast, item: AgendaItem) -> None:
    client = cast.client("minute_taker")
    body = {"block": "shared", "text": "Thema", "revision": "0"}
    answer = client.post(url("notes", item), body, **JSON)
    assert answer.json()["state"] == "saved"
    assert answer.json()["revision"] == 1
    client.post(url("notes", item), body | {"text": "Thema: A", "revision": "1"}, **JSON)
    answer = client.post(url("notes", item), body | {"text": "Thema: B", "revision": "1"}, **JSON)
    assert answer.status_code == 409
    assert {"Thema: A", "Thema: B"} <= set(answer.json()["text"].split("\n"))


def test_an_ended_session_is_told_to_the_script_and_loses_no_text_without_it(
    item: AgendaItem,
) -> None:
    body = {"block": "shared", "text": "Noch nicht gespeichert", "revision": "0"}
    assert Client().post(url("notes", item), body, **JSON).status_code == 401
    assert Client().get(url("notes-state", item)).status_code == 401
    answer = Client().post(url("notes", item), body)
    assert answer.status_code == 403
    assert "Noch nicht gespeichert" in answer.content.decode()


def test_asking_does_not_prolong_the_session_but_saving_does(cast: Cast, item: AgendaItem) -> None:
    client = cast.client("minute_taker")
    session = Session.objects.get(account__person=cast["minute_taker"])
    ago = session.seen_at - timedelta(minutes=10)
    Session.objects.update(seen_at=ago)
    client.get(url("notes-state", item), headers={"X-Lotse-Poll": "1"})
    assert Session.objects.get(pk=session.pk).seen_at == ago
    client.post(url("notes", item), {"text": "A", "revision": "0"}, **JSON)
    assert Session.objects.get(pk=session.pk).seen_at > ago


def test_what_others_wrote_is_told_once(cast: Cast, item: AgendaItem, count_queries: Any) -> None:
    save(item, cast, "Thema")
    client = cast.client("chair")
    with count_queries() as queries:
        answer = client.get(url("notes-state", item))
    assert answer.json()["blocks"]["shared"] == {"revision": 1, "text": "Thema"}
    assert answer.json()["token"]
    assert queries.count <= 8
    tag = answer.headers["ETag"]
    again = client.get(url("notes-state", item), headers={"If-None-Match": tag})
    assert again.status_code == 304


def test_the_page_takes_as_many_queries_for_three_blocks_as_for_one(
    cast: Cast, item: AgendaItem, count_queries: Any
) -> None:
    client, found = cast.client("chair"), []
    for role in ("minute_taker", "office", "chair"):
        notes.save_note(item, actor=cast.actor(role), words="Text", base=0, shared=False)
        with count_queries() as queries:
            assert client.get(url("notes", item)).status_code == 200
        found.append(queries.count)
    assert found[0] == found[2] <= 12


@pytest.mark.django_db(transaction=True)
def test_two_minute_takers_at_once_lose_no_character(cast: Cast, tmp_path: Path) -> None:
    item = item_of(run(meeting_of(cast.council)))
    rounds = 25

    def writer(role: str, seed: int) -> Any:
        actor, dice = cast.actor(role), random.Random(seed)

        def write() -> str:
            text, base = "", 0
            for n in range(rounds):
                lines = text.split("\n") if text else []
                lines.insert(dice.randint(0, len(lines)), f"{role} {n}: Wörter, die bleiben")
                words = "\n".join(lines)
                saved = notes.save_note(item, actor=actor, words=words, base=base)
                while saved.state == notes.CONFLICT:
                    words = saved.text
                    saved = notes.save_note(item, actor=actor, words=words, base=saved.revision)
                text, base = saved.text, saved.revision
            return role

        return write

    with real_database(tmp_path):
        done = at_once([writer("chair", 1), writer("minute_taker", 2)])
        [text] = at_once([lambda: NoteBlock.objects.get().text])
    assert sorted(done) == ["chair", "minute_taker"]
    lines = text.split("\n")
    for role in done:
        assert [lines.count(f"{role} {n}: Wörter, die bleiben") for n in range(rounds)] == [
            1
        ] * rounds


@pytest.mark.django_db(transaction=True)
def test_fifty_saves_of_one_line_at_once_are_each_saved_or_a_conflict(
    cast: Cast, tmp_path: Path
) -> None:
    item = item_of(run(meeting_of(cast.council)))
    actor = cast.actor("minute_taker")
    base = notes.save_note(item, actor=actor, words="Frist: offen", base=0).revision
    texts = [f"Frist: {n}. Mai" for n in range(50)]

    def change(words: str) -> Any:
        return lambda: notes.save_note(item, actor=actor, words=words, base=base)

    with real_database(tmp_path):
        answers = at_once([change(words) for words in texts])
        [kept] = at_once([lambda: set(NoteVersion.objects.values_list("text", flat=True))])
    assert sorted(answer.state for answer in answers) == ["conflict"] * 49 + ["saved"]
    assert set(texts) <= kept


@pytest.mark.django_db(transaction=True)
def test_fifty_first_lines_at_once_are_all_in_one_block(cast: Cast, tmp_path: Path) -> None:
    item = item_of(run(meeting_of(cast.council)))
    actor = cast.actor("minute_taker")
    texts = [f"Zeile {n}" for n in range(50)]

    def add(words: str) -> Any:
        return lambda: notes.save_note(item, actor=actor, words=words, base=0)

    with real_database(tmp_path):
        at_once([add(words) for words in texts])
        [text] = at_once([lambda: NoteBlock.objects.get().text])
    assert sorted(text.split("\n")) == sorted(texts)
