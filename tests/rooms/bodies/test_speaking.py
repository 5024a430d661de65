"""Requests to speak: asked, taken back, called, done; in the order of asking."""

from datetime import timedelta

import pytest
from django.urls import reverse

from lotse.foundation.core import clock
from lotse.foundation.core.errors import NotAllowed, Refused
from lotse.foundation.parties.models import Body
from lotse.rooms.bodies.models import Attendance, Meeting, Presence, SpeakRequest
from lotse.rooms.bodies.queries.live import speakers_of
from lotse.rooms.bodies.services import presence, speaking
from tests.people import Cast
from tests.rooms.bodies.conftest import meeting_of


@pytest.fixture
def meeting(council: Body) -> Meeting:
    return meeting_of(council, state="running", opened_at=clock.now())


def there(meeting: Meeting, name: str) -> Attendance:
    made = Attendance.objects.create(meeting=meeting, name=name, part="guest")
    Presence.objects.create(attendance=made, by="command")
    return made


def test_whoever_asks_first_comes_first_whatever_the_clock_says(
    cast: Cast, meeting: Meeting
) -> None:
    office = cast.actor("office")
    for name in ("Zweite", "Erste", "Dritte"):
        speaking.ask(meeting, there(meeting, name), actor=office)
    # A clock that was set back changes nothing.
    late = SpeakRequest.objects.get(attendance__name="Dritte")
    SpeakRequest.objects.filter(pk=late.pk).update(created_at=clock.now() - timedelta(days=1))

    assert [one.name for one in speakers_of(meeting)] == ["Zweite", "Erste", "Dritte"]


def test_asking_twice_keeps_one_request(cast: Cast, meeting: Meeting) -> None:
    client = cast.client("voter")
    address = reverse("bodies:speak", args=[meeting.uuid])
    client.post(reverse("bodies:here", args=[meeting.uuid]), {"act": "arrive"})

    for _time in range(2):
        assert client.post(address, {"act": "ask"}).status_code == 302

    assert SpeakRequest.objects.count() == 1
    assert "Wortmeldung zurückziehen" in client.get(
        reverse("bodies:live", args=[meeting.uuid])
    ).content.decode()  # fmt: skip
    client.post(address, {"act": "withdraw"})
    assert SpeakRequest.objects.get().ended_at is not None
    client.post(address, {"act": "ask"})
    assert SpeakRequest.objects.filter(ended_at=None).count() == 1


def test_who_is_not_there_does_not_ask(cast: Cast, meeting: Meeting) -> None:
    client = cast.client("voter")
    address = reverse("bodies:speak", args=[meeting.uuid])

    response = client.post(address, {"act": "ask"})

    assert response.status_code == 422
    assert "eingecheckt" in response.content.decode()
    own = presence.check_in(meeting, actor=cast.actor("voter"))
    presence.check_out(meeting, actor=cast.actor("voter"))
    assert client.post(address, {"act": "ask"}).status_code == 422
    with pytest.raises(Refused):
        speaking.ask(meeting, own, actor=cast.actor("voter"))
    assert not SpeakRequest.objects.exists()


@pytest.mark.parametrize(("role", "status"), [("member", 404), ("registered", 404)])
def test_strangers_do_not_ask(cast: Cast, meeting: Meeting, role: str, status: int) -> None:
    address = reverse("bodies:speak", args=[meeting.uuid])

    assert cast.client(role).post(address, {"act": "ask"}).status_code == status
    assert cast.client("anonymous").post(address, {"act": "ask"}).status_code == 302
    assert cast.client("auditor").post(address, {"act": "ask"}).status_code == 403
    assert not SpeakRequest.objects.exists()


def test_nobody_asks_for_somebody_else(cast: Cast, meeting: Meeting) -> None:
    guest = there(meeting, "Gast")

    for act in (speaking.ask, speaking.withdraw):
        with pytest.raises(NotAllowed):
            act(meeting, guest, actor=cast.actor("voter"))


def test_the_floor_goes_from_one_to_the_next(cast: Cast, meeting: Meeting) -> None:
    office = cast.actor("office")
    first, second = (
        speaking.ask(meeting, there(meeting, name), actor=office) for name in ("Eins", "Zwei")
    )
    client = cast.client("minute_taker")

    client.post(reverse("bodies:speaker", args=[second.uuid]), {"act": "call"})
    assert [(one.name, one.called) for one in speakers_of(meeting)] == [
        ("Zwei", True), ("Eins", False),
    ]  # fmt: skip
    client.post(reverse("bodies:speaker", args=[first.uuid]), {"act": "call"})
    assert [(one.name, one.called) for one in speakers_of(meeting)] == [("Eins", True)]
    client.post(reverse("bodies:speaker", args=[first.uuid]), {"act": "done"})
    assert speakers_of(meeting) == []
    over = client.post(reverse("bodies:speaker", args=[first.uuid]), {"act": "call"})
    assert over.status_code == 422
    assert client.post(reverse("bodies:speaker", args=[meeting.uuid])).status_code == 404


@pytest.mark.parametrize(("role", "status"), [("voter", 403), ("auditor", 403), ("member", 404)])
def test_only_who_runs_the_meeting_gives_the_floor(
    cast: Cast, meeting: Meeting, role: str, status: int
) -> None:
    wanted = speaking.ask(meeting, there(meeting, "Gast"), actor=cast.actor("office"))

    response = cast.client(role).post(reverse("bodies:speaker", args=[wanted.uuid]))

    assert response.status_code == status
    wanted.refresh_from_db()
    assert wanted.called_at is None


def test_a_request_lapses_when_the_person_goes(cast: Cast, meeting: Meeting) -> None:
    own = presence.check_in(meeting, actor=cast.actor("voter"))
    speaking.ask(meeting, own, actor=cast.actor("voter"))

    presence.leave(meeting, [own], actor=cast.actor("chair"))

    assert SpeakRequest.objects.get().ended_at is not None


def test_after_the_end_nobody_asks(cast: Cast, council: Body) -> None:
    over = meeting_of(council, state="held", number=7, closed_at=clock.now())
    guest = there(over, "Gast")

    with pytest.raises(Refused):
        speaking.ask(over, guest, actor=cast.actor("office"))
