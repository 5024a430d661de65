"""People whose data are restricted (GDPR art. 18): their names on lists and papers of meetings, in
offices and in minutes are for the office and for themselves, and nobody chooses them."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from lotse.foundation.core import clock
from lotse.foundation.core.actor import COMMAND
from lotse.foundation.parties.models import Body, Person
from lotse.rooms.bodies.exports import lists
from lotse.rooms.bodies.models import Attendance, Mandate, Meeting, Outcome
from lotse.rooms.bodies.queries.outcome_choices import offered_for
from lotse.rooms.bodies.services import holding, mandates, minutes, presence, speaking
from tests.papers import words_of
from tests.people import Cast
from tests.rooms.bodies.conftest import item_of, meeting_of
from tests.rooms.bodies.preparing import invite, page

NAME, HIDDEN, INSTEAD = "Volker Stimm", "Person ohne Namensnennung", "Vertretung Brandt GmbH"


def restrict(*people: Person) -> None:
    Person.objects.filter(pk__in=[one.pk for one in people]).update(restricted_at=clock.now())


@pytest.fixture
def running(cast: Cast, council: Body) -> Meeting:
    """`voter` is there and restricted, and so is the chair; the minute taker is not."""
    begin = clock.now() - timedelta(hours=1)
    made = meeting_of(
        Body.objects.get(pk=council.pk), state=Meeting.State.RUNNING, opened_at=begin,
        starts_at=begin, ends_at=begin + timedelta(hours=4),
    )  # fmt: skip
    presence.check_in(made, actor=cast.actor("voter"))
    presence.check_in(made, actor=cast.actor("minute_taker"))
    restrict(cast["voter"], cast["chair"])
    return made


@pytest.fixture
def invited(cast: Cast, meeting: Meeting) -> Meeting:
    invite(cast, meeting)
    restrict(cast["voter"])
    return meeting


def test_offices(cast: Cast, council: Body) -> None:
    restrict(cast["chair"])
    for role, shown in (("voter", False), ("auditor", False), ("office", True), ("chair", True)):
        text = page(cast, role, "body", council)
        assert ("Corinna Leiter" in text) is shown, role
        assert (HIDDEN in text) is not shown, role


@pytest.mark.parametrize("ticked", [True, False])
def test_the_list_of_those_present(cast: Cast, running: Meeting, ticked: bool) -> None:
    if not ticked:
        Attendance.objects.filter(person=cast["voter"]).delete()
    for role, shown in (("minute_taker", False), ("office", True)):
        text = page(cast, role, "presence", running)
        assert (NAME in text) is shown, role
        assert (HIDDEN in text) is not shown, role
        # They can be ticked all the same: their seat has a vote.
        assert "Brandt GmbH" in text
    text = page(cast, "minute_taker", "presence-deputy", running)
    assert NAME not in text
    assert f"Brandt GmbH ({HIDDEN})" in text


def test_the_times_of_one_person(cast: Cast, running: Meeting) -> None:
    own = Attendance.objects.get(person=cast["voter"])
    assert NAME not in page(cast, "minute_taker", "presence-edit", own)
    assert HIDDEN in page(cast, "minute_taker", "presence-edit", own)
    assert NAME in page(cast, "office", "presence-edit", own)
    own.refresh_from_db()
    assert own.name == NAME


def test_what_all_in_the_room_see(cast: Cast, running: Meeting) -> None:
    own = Attendance.objects.get(person=cast["voter"])
    speaking.ask(running, own, actor=cast.actor("voter"))
    for name in ("live", "projector", "cockpit"):
        text = page(cast, "minute_taker", name, running)
        assert NAME not in text, name
        assert HIDDEN in text, name


def test_papers_at_the_door_leave_them_out(cast: Cast, invited: Meeting) -> None:
    for make in (lists.sign_in_sheet_pdf, lists.badges_pdf):
        words = words_of(make(invited))
        assert "Stimm" not in words
        assert "Leiter" in words


@pytest.mark.parametrize("begun", [False, True])
def test_who_takes_part(cast: Cast, invited: Meeting, begun: bool) -> None:
    if begun:
        Meeting.objects.filter(pk=invited.pk).update(
            state=Meeting.State.RUNNING, opened_at=clock.now()
        )
    url = reverse("bodies:participants-pdf", args=[invited.uuid])
    for role, shown in (("auditor", False), ("voter", True), ("office", True)):
        words = words_of(cast.client(role).get(url).content)
        assert ("Stimm" in words) is shown, role
        assert "Brandt GmbH" in words


def test_invitations_and_answers(cast: Cast, invited: Meeting) -> None:
    own = Attendance.objects.get(meeting=invited, person=cast["voter"])
    for role, shown in (("chair", False), ("office", True)):
        for name, obj in (("invitation", invited), ("meeting", invited), ("reply-for", own)):
            text = page(cast, role, name, obj)
            assert (NAME in text) is shown, (role, name)
            assert (HIDDEN in text) is not shown, (role, name)
    assert f"{NAME}, Sie sind eingeladen" in page(cast, "voter", "reply", invited)


def test_before_the_invitation(cast: Cast, meeting: Meeting) -> None:
    restrict(cast["voter"])
    assert NAME not in page(cast, "chair", "invitation", meeting)
    assert NAME in page(cast, "office", "invitation", meeting)


def test_nobody_sends_them_as_a_deputy(cast: Cast, meeting: Meeting) -> None:
    seat = Mandate.objects.get(body=meeting.body)
    held = [mandates.seat_person(seat, cast[role], actor=COMMAND, part="deputy")
            for role in ("member", "adviser")]  # fmt: skip
    invite(cast, meeting)
    restrict(cast["member"])
    text = page(cast, "voter", "reply", meeting)
    assert [str(one.uuid) in text for one in held] == [False, True]


def test_nobody_chooses_them_for_an_outcome(cast: Cast, running: Meeting) -> None:
    item = item_of(running)
    for role in ("minute_taker", "office"):
        actor = cast.actor(role)
        offered = [
            *offered_for(item, Outcome.Kind.QUESTION, actor=actor).speakers,
            *offered_for(item, Outcome.Kind.AGREED_ACTION, actor=actor).people,
        ]
        assert NAME not in str(offered)
        assert str(offered).count("Mika Schreiber") == 2


def test_minutes_name_their_organisation(cast: Cast, running: Meeting) -> None:
    holding.finish(running, actor=cast.actor("minute_taker"))
    for role, shown in (("minute_taker", False), ("office", True)):
        text = page(cast, role, "minutes", running)
        assert (NAME in text) is shown, role
        assert (INSTEAD in text) is not shown, role


def test_also_once_they_are_sent_out(cast: Cast, running: Meeting) -> None:
    holding.finish(running, actor=cast.actor("minute_taker"))
    made = minutes.begin(running)
    Person.objects.update(restricted_at=None)
    minutes.circulate(made, actor=cast.actor("minute_taker"), expected=made.version)
    before = made.revisions.get().sha256
    assert NAME in page(cast, "minute_taker", "minutes", running)
    restrict(cast["voter"])
    for role, shown in (("minute_taker", False), ("voter", True), ("office", True)):
        text = page(cast, role, "minutes", running)
        assert (NAME in text) is shown, role
        assert (INSTEAD in text) is not shown, role
    assert made.revisions.get().sha256 == before


def test_queries(cast: Cast, running: Meeting, count_queries: Any) -> None:
    client = cast.client("minute_taker")
    for name, most in (("presence", 12), ("live", 12)):
        url = reverse(f"bodies:{name}", args=[running.uuid])
        client.get(url)
        with count_queries() as queries:
            assert client.get(url).status_code == 200
        assert queries.count <= most, "\n".join(queries.counted)
