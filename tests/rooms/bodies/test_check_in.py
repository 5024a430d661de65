"""Checking in oneself: by the code in the room, by the invitation, on the page of the meeting."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from lotse.foundation.core import clock
from lotse.foundation.core.actor import COMMAND
from lotse.foundation.core.errors import Conflict, Refused
from lotse.foundation.parties.models import Body, Network
from lotse.rooms.bodies.models import Attendance, Holder, Mandate, Meeting, Minutes, Presence
from lotse.rooms.bodies.queries.presence import present_at
from lotse.rooms.bodies.services import holding, mandates, presence
from lotse.rooms.bodies.services.presence_times import Span, correct
from tests.people import Cast
from tests.rooms.bodies.conftest import meeting_of
from tests.rooms.bodies.test_papers import annex_of

STATE = Meeting.State


@pytest.fixture
def meeting(council: Body) -> Meeting:
    begin = clock.now() - timedelta(hours=2)
    return meeting_of(council, state=STATE.RUNNING, opened_at=begin, starts_at=begin)


def url(name: str, meeting: Meeting) -> str:
    return reverse(f"bodies:{name}", args=[meeting.uuid])


def line(meeting: Meeting, mandate: Mandate | None = None, **values: Any) -> Attendance:
    values = {"name": "Wer auch immer", "mandate": mandate} | values
    return Attendance.objects.create(meeting=meeting, **values)


def check_in_url(meeting: Meeting, code: str = "") -> str:
    return reverse("bodies:check-in", args=[code or meeting.check_in_code])


def test_the_code_leads_to_the_own_host_of_the_network(cast: Cast, meeting: Meeting) -> None:
    """There people are signed in."""
    office = cast.client("office")
    Network.objects.filter(pk=cast.network.pk).update(is_default=False, hosts=["netz.example"])
    Network.objects.filter(pk=cast.other.pk).update(is_default=True)
    page = office.get(url("check-in-code", meeting)).content.decode()
    assert f"http://netz.example:8000{check_in_url(meeting)}" in page


def test_the_code_leads_to_checking_in(cast: Cast, meeting: Meeting) -> None:
    shown = cast.client("minute_taker").get(url("check-in-code", meeting)).content.decode()
    assert "<svg" in shown
    assert "<?xml" not in shown
    assert check_in_url(meeting) in shown
    client = cast.client("voter")

    assert client.get(check_in_url(meeting)).status_code == 200
    assert not Presence.objects.exists()  # looking is not coming
    assert client.post(check_in_url(meeting)).status_code == 302
    assert client.post(check_in_url(meeting)).status_code == 302

    assert Presence.objects.get().attendance.person == cast["voter"]
    assert present_at(meeting).voting == 1


def test_a_wrong_code_and_a_meeting_that_does_not_run_are_not_there(
    cast: Cast, meeting: Meeting, council: Body
) -> None:
    client = cast.client("voter")

    assert client.get(check_in_url(meeting, "falsch")).status_code == 404
    for state in (STATE.PLANNED, STATE.INVITED, STATE.HELD, STATE.CANCELLED):
        Meeting.objects.filter(pk=meeting.pk).update(state=state)
        assert client.get(check_in_url(meeting)).status_code == 404
        assert client.post(check_in_url(meeting)).status_code == 404
    assert not Presence.objects.exists()


@pytest.mark.parametrize(
    ("role", "status"),
    [("anonymous", 302), ("member", 404), ("former", 404), ("auditor", 403), ("office", 200)],
)
def test_the_code_alone_lets_nobody_in(
    cast: Cast, meeting: Meeting, role: str, status: int
) -> None:
    client = cast.client(role)

    assert client.get(check_in_url(meeting)).status_code == status
    if status != 200:
        assert client.post(check_in_url(meeting)).status_code == status
        assert not Presence.objects.exists()


def test_people_come_as_what_they_are(cast: Cast, meeting: Meeting) -> None:
    for role in ("voter", "chair", "minute_taker", "office"):
        presence.check_in(meeting, actor=cast.actor(role))

    found = {one.person_id: one.part for one in Attendance.objects.all()}
    assert found == {
        cast["voter"].pk: "member", cast["chair"].pk: "member",
        cast["minute_taker"].pk: "staff", cast["office"].pk: "staff",
    }  # fmt: skip


def by_link(own: Attendance) -> Client:
    """A browser that opened the link of an invitation."""
    client = Client()
    session = client.session
    session["keys"] = [str(own.uuid)]
    session.save()
    client.cookies["lotse"] = session.session_key or ""
    return client


def test_a_guest_checks_in_with_the_invitation(cast: Cast, meeting: Meeting) -> None:
    own = line(meeting, None, part="guest", name="Gerd Gast", invited_at=clock.now(),
               token_hash="0" * 64)  # fmt: skip
    other = line(meeting, None, part="guest", name="Nie Geladen")
    client = by_link(own)

    assert client.get(check_in_url(meeting)).status_code == 200
    assert client.post(check_in_url(meeting), follow=True).status_code == 200
    assert present_at(meeting).guests == 1
    assert client.post(url("speak", meeting), {"act": "ask"}).status_code == 302
    page = client.get(url("live", meeting)).content.decode()
    assert "Wortmeldung zurückziehen" in page
    assert client.get(url("cockpit", meeting)).status_code == 302
    assert client.get(url("presence", meeting)).status_code == 302
    assert by_link(other).get(check_in_url(meeting)).status_code == 302
    elsewhere = meeting_of(cast.council, number=3, state=STATE.RUNNING)
    assert client.get(url("live", elsewhere)).status_code == 302


def test_each_guest_gets_the_papers_by_the_own_invitation(cast: Cast, meeting: Meeting) -> None:
    annex_of(meeting)
    lines = [
        line(meeting, None, part="guest", name=name, invited_at=clock.now(), token_hash=n * 64)
        for name, n in (("Gerd Gast", "0"), ("Gesa Gast", "1"))
    ]
    addresses = {one.uuid: reverse("bodies:reply-paper", args=[one.uuid, 1]) for one in lines}

    for one in lines:
        page = by_link(one).get(url("live", meeting)).content.decode()
        shown = re.findall(r'href="(/gremien/antwort/[^"]*/anlage/1/)"', page)
        assert shown == [addresses[one.uuid]]
        assert by_link(one).get(shown[0]).getvalue().startswith(b"%PDF")
    page = cast.client("chair").get(url("live", meeting)).content.decode()
    assert "/gremien/antwort/" not in page
    assert "/anlage/" in page


def test_the_invitation_ends_with_the_seat(cast: Cast, meeting: Meeting) -> None:
    holder = Holder.objects.get(person=cast["voter"])
    own = line(meeting, holder.mandate, person=cast["voter"], invited_at=clock.now())
    client = by_link(own)
    assert client.get(check_in_url(meeting)).status_code == 200

    mandates.unseat(holder, actor=COMMAND, reason="Wechsel")

    assert client.get(check_in_url(meeting)).status_code == 302
    assert client.post(url("here", meeting), {"act": "arrive"}).status_code == 302
    assert not Presence.objects.exists()


def test_going_by_oneself(cast: Cast, meeting: Meeting) -> None:
    client = cast.client("voter")
    client.post(url("here", meeting), {"act": "arrive"})
    client.post(url("here", meeting), {"act": "leave"})
    assert Presence.objects.get().to_at is not None

    assert cast.client("auditor").post(url("here", meeting), {}).status_code == 403
    assert cast.client("chair").post(url("here", meeting), {"act": "leave"}).status_code == 403
    Meeting.objects.filter(pk=meeting.pk).update(state=STATE.HELD)
    assert client.post(url("here", meeting), {"act": "arrive"}).status_code == 422
    assert client.post(url("here", meeting), {"act": "leave"}).status_code == 422


def test_a_stale_stay_is_not_written_over(cast: Cast, meeting: Meeting) -> None:
    own = line(meeting, Mandate.objects.get())
    presence.arrive(meeting, [own], actor=cast.actor("chair"))
    stay = Presence.objects.get()
    span = Span(str(stay.uuid), stay.version + 1, stay.from_at, None)

    with pytest.raises(Conflict):
        correct(own, [span], actor=cast.actor("chair"), seen={span.uuid: span.version})


def test_a_stay_the_form_did_not_show_is_not_deleted(cast: Cast, meeting: Meeting) -> None:
    own, actor = line(meeting, Mandate.objects.get()), cast.actor("chair")
    presence.arrive(meeting, [own], actor=actor)
    stay = Presence.objects.get()
    with pytest.raises(Conflict):
        correct(own, [], actor=actor, seen={})
    with pytest.raises(Conflict):
        correct(own, [], actor=actor, seen={str(stay.uuid): stay.version + 1})
    assert Presence.objects.count() == 1


def test_afterwards_times_are_put_in_until_the_minutes_are_adopted(
    cast: Cast, meeting: Meeting
) -> None:
    own, other = line(meeting, Mandate.objects.get()), line(meeting, None, part="guest")
    holding.finish(meeting, actor=cast.actor("chair"))
    actor = cast.actor("chair")

    assert presence.arrive(meeting, [own], actor=actor) == 1
    with pytest.raises(Refused, match="schon als anwesend"):
        presence.arrive(meeting, [own], actor=actor)
    stay = Presence.objects.get()
    assert (stay.from_at, stay.to_at) == (meeting.opened_at, meeting.closed_at)
    with pytest.raises(Refused, match="bis wann"):
        correct(
            own, [Span(str(stay.uuid), stay.version, stay.from_at, None)], actor=actor,
            seen={str(stay.uuid): stay.version},
        )  # fmt: skip
    # An objection may be about who was there: the next revision reads the list anew.
    Minutes.objects.create(meeting=meeting, state="circulated")
    assert presence.arrive(meeting, [other], actor=actor) == 1
    Minutes.objects.update(state="adopted")
    with pytest.raises(Refused, match="genehmigt"):
        presence.arrive(meeting, [other], actor=actor)
