"""The quorum of a meeting that is over stays what it was, whatever becomes of seats and rules."""

from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.urls import reverse

from lotse.foundation.core import clock
from lotse.foundation.core.actor import COMMAND
from lotse.foundation.parties.models import Body
from lotse.rooms.bodies.content.minutes import compile_minutes
from lotse.rooms.bodies.models import (
    Attendance,
    Charter,
    Mandate,
    Meeting,
    Minutes,
    Outcome,
    Presence,
)
from lotse.rooms.bodies.queries.presence import Present, present_at
from lotse.rooms.bodies.services import holding, mandates, outcomes, presence
from lotse.rooms.bodies.services.presence_times import Span, correct
from tests import people
from tests.people import Cast
from tests.rooms.bodies.conftest import item_of, meeting_of

STATE = Meeting.State


@pytest.fixture
def meeting(cast: Cast, council: Body) -> Meeting:
    """A running meeting of a body with three seats, of which two are needed; one is there."""
    Charter.objects.filter(body=council).update(quorum="share", quorum_value=50)
    for name in ("Chor", "Dachverband"):
        home = people.organisation(cast.network, name)
        mandates.create_mandate(council, actor=COMMAND, organisation=home)
    begin = clock.now() - timedelta(hours=2)
    made = meeting_of(
        Body.objects.get(pk=council.pk), state=STATE.RUNNING, opened_at=begin, starts_at=begin,
        ends_at=begin + timedelta(hours=4),
    )  # fmt: skip
    presence.check_in(made, actor=cast.actor("voter"))
    return made


def line(meeting: Meeting, name: str) -> Attendance:
    """Somebody for the seat of this organisation."""
    seat = Mandate.objects.get(body=meeting.body, organisation__name=name)
    return Attendance.objects.create(meeting=meeting, name=f"Wer für {name}", mandate=seat)


def counted(meeting: Meeting) -> Present:
    """As it is read anew."""
    return present_at(Meeting.objects.select_related("body__charter").get(pk=meeting.pk))


def numbers(found: Present) -> tuple[int, int, int | None, bool | None]:
    return found.entitled, found.voting, found.needed, found.reached


def change_everything(cast: Cast, body: Body) -> None:
    """On the same day: one seat ends, one loses its vote, two come to it, and the rule changes."""
    own = Mandate.objects.get(body=body, organisation=cast.org_b)
    mandates.end_mandate(own, actor=COMMAND, expected=own.version, reason="Austritt")
    Mandate.objects.filter(body=body, organisation__name="Chor").update(with_vote=False)
    for name in ("Neu eins", "Neu zwei"):
        home = people.organisation(body.network, name)
        mandates.create_mandate(body, actor=COMMAND, organisation=home)
    Charter.objects.filter(body=body).update(quorum="count", quorum_value=1)


def test_what_comes_after_the_end_changes_nothing(cast: Cast, meeting: Meeting) -> None:
    presence.arrive(meeting, [line(meeting, "Chor")], actor=cast.actor("chair"))
    holding.finish(meeting, actor=cast.actor("chair"))
    assert numbers(counted(meeting)) == (3, 2, 2, True)

    change_everything(cast, meeting.body)

    assert numbers(counted(meeting)) == (3, 2, 2, True)
    page = cast.client("chair").get(reverse("bodies:presence", args=[meeting.uuid]))
    assert "2 von 3 Mandaten" in page.content.decode()


def test_nor_does_it_change_its_minutes(cast: Cast, meeting: Meeting) -> None:
    presence.arrive(meeting, [line(meeting, "Chor")], actor=cast.actor("chair"))
    holding.finish(meeting, actor=cast.actor("chair"))
    change_everything(cast, meeting.body)

    row = Meeting.objects.select_related("body__charter", "body__network").get(pk=meeting.pk)
    content = compile_minutes(Minutes(meeting=row, level="body"), "de")

    assert content["quorum"] == {"needed": 2, "entitled": 3, "present": 2, "reached": True}
    assert [one["vote"] for one in content["present"]] == [True, True]


def test_a_decision_entered_afterwards_has_the_quorum_of_the_meeting(
    cast: Cast, meeting: Meeting
) -> None:
    item = item_of(meeting)
    presence.arrive(meeting, [line(meeting, "Chor")], actor=cast.actor("chair"))
    holding.finish(meeting, actor=cast.actor("chair"))
    change_everything(cast, meeting.body)
    item.refresh_from_db()

    made = outcomes.add_outcome(
        item, actor=cast.actor("chair"), kind=Outcome.Kind.DECISION, words="Wir nehmen auf.",
        result="adopted", yes=2, no=0,
    )  # fmt: skip

    assert (made.entitled, made.present, made.had_quorum) == (3, 2, True)


def test_nor_is_it_asked_about_by_another_rule(cast: Cast, meeting: Meeting) -> None:
    item = item_of(meeting)
    holding.finish(meeting, actor=cast.actor("chair"))
    Charter.objects.filter(body=meeting.body).update(quorum="none")
    url = reverse("bodies:outcome-new", args=[item.uuid, Outcome.Kind.DECISION])
    answer = cast.client("minute_taker").post(url, {"text": "Wir nehmen auf.", "result": "adopted"})
    assert answer.status_code == 422
    assert "1 von 3 Mandaten mit Stimme, nötig sind 2" in answer.content.decode()


def test_who_was_there_can_still_be_put_right(cast: Cast, meeting: Meeting) -> None:
    actor = cast.actor("chair")
    holding.finish(meeting, actor=actor)
    meeting.refresh_from_db()
    assert numbers(counted(meeting)) == (3, 1, 2, False)
    change_everything(cast, meeting.body)

    # Somebody was forgotten, and somebody else left earlier.
    presence.arrive(meeting, [line(meeting, "Chor")], actor=actor, at=meeting.opened_at)
    presence.arrive(meeting, [line(meeting, "Neu eins")], actor=actor, at=meeting.opened_at)
    assert numbers(counted(meeting)) == (3, 2, 2, True)

    own = Attendance.objects.get(person=cast["voter"])
    stay = Presence.objects.get(attendance=own)
    earlier = Span(str(stay.uuid), stay.version, stay.from_at, stay.from_at)
    correct(own, [earlier], actor=actor, seen={str(stay.uuid): stay.version})
    assert numbers(counted(meeting)) == (3, 1, 2, False)


def test_taken_up_again_it_is_counted_anew(cast: Cast, meeting: Meeting) -> None:
    actor = cast.actor("chair")
    holding.finish(meeting, actor=actor)
    Charter.objects.filter(body=meeting.body).update(quorum="none")
    seat = Mandate.objects.get(organisation__name="Chor")
    mandates.end_mandate(seat, actor=COMMAND, expected=seat.version, reason="Austritt")
    meeting = Meeting.objects.select_related("body__charter").get(pk=meeting.pk)
    Meeting.objects.filter(pk=meeting.pk).update(state=STATE.RUNNING, closed_at=None)
    assert numbers(counted(meeting))[0::2] == (2, None)

    meeting.refresh_from_db()
    holding.finish(meeting, actor=actor)
    assert numbers(counted(meeting))[0::2] == (2, None)


def test_meetings_that_ended_before_keep_what_they_had(cast: Cast, meeting: Meeting) -> None:
    Meeting.objects.filter(pk=meeting.pk).update(state=STATE.HELD, closed_at=clock.now())
    Presence.objects.update(to_at=clock.now())
    assert numbers(counted(meeting)) == (3, 1, 2, False)

    import_module("lotse.rooms.bodies.migrations.0003_meeting_quorum").write_down(apps, None)
    change_everything(cast, meeting.body)

    assert numbers(counted(meeting)) == (3, 1, 2, False)


def test_it_costs_no_more(cast: Cast, meeting: Meeting, count_queries: Any) -> None:
    holding.finish(meeting, actor=cast.actor("chair"))
    found = Meeting.objects.select_related("body__charter").get(pk=meeting.pk)
    with count_queries() as queries:
        present_at(found)
    assert queries.count == 1, queries.counted
