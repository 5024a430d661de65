"""Erasure leaves minutes as they are, and takes the name out of every page and paper (T58)."""

import hashlib
import io
import json
from typing import Any

import docx
import pytest

from lotse.foundation.core import records
from lotse.foundation.core.actor import COMMAND
from lotse.foundation.parties.privacy import erasure
from lotse.foundation.procedures.models import Objection
from lotse.rooms.bodies import privacy
from lotse.rooms.bodies.models import (
    Attendance,
    Attribution,
    Charter,
    Meeting,
    Minutes,
    MinutesRevision,
    Presence,
)
from lotse.rooms.bodies.queries.minutes import resolved
from lotse.rooms.bodies.services import minutes as services
from lotse.rooms.bodies.services import objections
from lotse.rooms.bodies.services.recording import content_of
from tests.papers import words_of
from tests.people import Cast
from tests.rooms.bodies.minutes_made import adopted, circulated, held
from tests.rooms.bodies.test_minutes import page


def test_revisions_stay_and_names_go(cast: Cast) -> None:
    minutes = adopted(cast)
    before = [(one.content, one.sha256) for one in minutes.revisions.order_by("number")]
    chain = records.verify_chain(cast.network.uuid)
    erasure.erase_person(cast["voter"], COMMAND)
    after = [(one.content, one.sha256) for one in minutes.revisions.order_by("number")]
    assert after == before
    assert all(hashlib.sha256(text.encode()).hexdigest() == found for text, found in after)
    walked = records.verify_chain(cast.network.uuid)
    assert walked.fault is None
    assert walked.records >= chain.records
    client = cast.client("chair")
    shown = client.get(page(minutes.meeting)).content.decode()
    assert "Volker Stimm" not in shown
    assert "ehemalige Person (Brandt GmbH)" in shown
    old = client.get(page(minutes.meeting, "minutes-revision", 1)).content.decode()
    assert "Volker Stimm" not in old


def test_papers_say_former_person(cast: Cast) -> None:
    minutes = adopted(cast)
    url, client = page(minutes.meeting, "minutes-docx"), cast.client("chair")
    assert "Volker Stimm" in _words(client.get(url).content)
    erasure.erase_person(cast["voter"], COMMAND)
    found = _words(client.get(url).content)
    assert "Volker Stimm" not in found
    assert "ehemalige Person" in found


def _everywhere(cast: Cast, minutes: Minutes, *names: str) -> list[list[bool]]:
    """Whether each name stands on the page, in the PDF and in the Word file."""
    client = cast.client("minute_taker")
    shown = (
        client.get(page(minutes.meeting)).content.decode(),
        " ".join(words_of(client.get(page(minutes.meeting, "minutes-pdf")).content).split()),
        _words(client.get(page(minutes.meeting, "minutes-docx")).content),
    )
    return [[name in text for text in shown] for name in names]


def _typed(cast: Cast) -> None:
    """The rules of the body name people where functions are meant."""
    chair, robin = cast["chair"].name, "Robin Beispiel"
    Charter.objects.filter(body=cast.council).update(
        signatures=f"{chair} (Vorsitz), Mitschrift, {robin}",
        distribution=f"Mitglieder, {chair}, {robin}\nArchiv",
    )


def test_who_signs_and_to_whom_it_goes_can_be_erased(cast: Cast) -> None:
    _typed(cast)
    minutes = adopted(cast, held(cast, moderation=""))
    Attendance.objects.filter(person=cast["chair"]).update(organisation="Verein")
    chair, robin = cast["chair"].name, "Robin Beispiel"
    before = [(one.content, one.sha256) for one in minutes.revisions.order_by("number")]
    assert not [content for content, _sha in before if chair in content or robin in content]
    assert _everywhere(cast, minutes, chair, robin) == [[True] * 3] * 2
    word_file = _words(
        cast.client("chair").get(page(minutes.meeting, "minutes-docx")).content
    )  # fmt: skip
    assert "Mitschrift: Kim Muster" in word_file

    erasure.erase_person(cast["chair"], COMMAND)

    assert _everywhere(cast, minutes, chair, robin) == [[False] * 3, [True] * 3]
    assert [(one.content, one.sha256) for one in minutes.revisions.order_by("number")] == before
    assert all(hashlib.sha256(text.encode()).hexdigest() == found for text, found in before)
    charter = Charter.objects.get(body=cast.council)
    assert charter.signatures == "ehemalige Person (Vorsitz), Mitschrift, Robin Beispiel"
    assert charter.distribution == "Mitglieder, ehemalige Person, Robin Beispiel\nArchiv"


def test_revisions_that_hold_the_lines_as_text_are_read_without_the_name(cast: Cast) -> None:
    """As they were written before the lines were attributions."""
    _typed(cast)
    chair, robin = cast["chair"].name, "Robin Beispiel"
    minutes = adopted(cast, held(cast, moderation=""))
    charter = Charter.objects.get(body=cast.council)
    old = json.loads(services.latest(minutes).content) | {
        "signatures": charter.signatures, "distribution": charter.distribution
    }  # fmt: skip
    written = records.canonical(old)
    stored = MinutesRevision.objects.create(
        minutes=minutes, number=9, state="adopted", content=written.decode(),
        sha256=hashlib.sha256(written).hexdigest(), by="command",
    )  # fmt: skip
    assert _everywhere(cast, minutes, chair, robin) == [[True] * 3] * 2
    erasure.erase_person(cast["chair"], COMMAND)
    assert _everywhere(cast, minutes, chair, robin) == [[False] * 3, [True] * 3]
    stored.refresh_from_db()
    assert stored.content == written.decode()


def test_a_longer_name_is_somebody_elses(cast: Cast) -> None:
    Charter.objects.filter(body=cast.council).update(
        signatures=f"{cast['chair'].name}-Beispiel", distribution="x " * 300
    )
    minutes = adopted(cast)
    erasure.erase_person(cast["chair"], COMMAND)
    charter = Charter.objects.get(body=cast.council)
    assert charter.signatures == f"{cast['chair'].name}-Beispiel"
    assert len(charter.distribution) == 600
    assert _everywhere(cast, minutes, charter.signatures) == [[False, True, True]]


def _words(content: bytes) -> str:
    paper = docx.Document(io.BytesIO(content))
    cells = [cell.text for table in paper.tables for row in table.rows for cell in row.cells]
    return "\n".join([one.text for one in paper.paragraphs] + cells)


@pytest.mark.parametrize("state", ["draft", "circulated"])
def test_a_name_that_was_only_typed_goes_too(cast: Cast, state: str) -> None:
    meeting = held(cast, moderation=f"{cast['chair'].name}, Kim Muster", minute_takers="")
    minutes = circulated(cast, meeting) if state == "circulated" else services.begin(meeting)
    erasure.erase_person(cast["chair"], COMMAND)
    meeting = Meeting.objects.get(pk=meeting.pk)
    assert meeting.moderation == "ehemalige Person, Kim Muster"
    assert not Attribution.objects.filter(name=cast["chair"].name).exists()
    shown = cast.client("minute_taker").get(page(minutes.meeting)).content.decode()
    assert cast["chair"].name not in shown


def test_the_report_counts_what_happens(cast: Cast) -> None:
    adopted(cast)
    planned = {row["what"]: row["count"] for row in privacy.preview(cast["voter"].pk)}
    done = privacy.erase(cast["voter"].pk, COMMAND)
    assert planned["Namen in Protokollen"] == done["attributions"]
    assert planned["Teilnahme an Sitzungen"] == done["attendances"]


def test_who_was_there_still_counts(cast: Cast) -> None:
    minutes = circulated(cast)
    content = content_of(services.latest(minutes))
    erasure.erase_person(cast["voter"], COMMAND)
    there = resolved(content, "de")["present"]
    assert sorted(one["attribution"]["name"] for one in there) == [
        "Corinna Leiter", "ehemalige Person"
    ]  # fmt: skip
    assert Presence.objects.filter(attendance__meeting=minutes.meeting).count() == 2
    assert Attendance.objects.get(meeting=minutes.meeting, person=None).name == "ehemalige Person"


def test_an_objection_stays_without_its_author(cast: Cast) -> None:
    minutes = circulated(cast)
    objections.object_to_minutes(minutes, actor=cast.actor("voter"),
                                 words="Volker Stimm war nicht allein.")  # fmt: skip
    erasure.erase_person(cast["voter"], COMMAND)
    one: Any = Objection.objects.get()
    assert one.person is None
    assert "Volker Stimm" not in one.text


def test_another_language_says_it_too(cast: Cast) -> None:
    content = content_of(services.latest(circulated(cast)))
    erasure.erase_person(cast["voter"], COMMAND)
    assert "Volker Stimm" not in str(resolved(content, "en"))
