"""A meeting ended by mistake is taken up as it stood, until its minutes are sent out."""

from datetime import timedelta
from typing import Any

import pytest

from lotse.foundation.core import clock, once
from lotse.foundation.core.errors import NotAllowed, Refused
from lotse.foundation.core.models import LogEntry
from lotse.foundation.parties.models import Body
from lotse.rooms.bodies.models import AgendaItem, Attendance, Meeting, Presence
from lotse.rooms.bodies.queries.presence import present_at
from lotse.rooms.bodies.services import holding
from lotse.rooms.bodies.services import minutes as minutes_services
from tests.people import Cast
from tests.rooms.bodies.conftest import item_of, meeting_of
from tests.rooms.bodies.minutes_made import circulated, held
from tests.rooms.bodies.writing import run, seated, url

ITEM, STATE = AgendaItem.State, Meeting.State


def ended(cast: Cast, **values: Any) -> Meeting:
    """A meeting in which one item ran, one was put off before, and that was ended over the rest."""
    meeting = run(meeting_of(cast.council))
    one, two = item_of(meeting, "Bericht"), item_of(meeting, "Haushalt")
    item_of(meeting, "Verschiedenes")
    actor = cast.actor("minute_taker")
    seated(cast, meeting)
    gone = Attendance.objects.create(meeting=meeting, name="Gast", part="guest")
    came = clock.now() - timedelta(hours=1)
    Presence.objects.create(
        attendance=gone, from_at=came, to_at=came + timedelta(minutes=20), by="command"
    )
    holding.postpone(meeting, two, actor=actor)
    holding.call_item(meeting, one, actor=actor)
    holding.finish(meeting, actor=actor, **values)
    return Meeting.objects.get(pk=meeting.pk)


def states(meeting: Meeting) -> list[str]:
    return list(meeting.items.order_by("position").values_list("state", flat=True))


@pytest.mark.parametrize("rest", [ITEM.MOVED, ITEM.DONE])
@pytest.mark.parametrize("role", ["chair", "minute_taker", "office"])
def test_it_goes_on_as_it_stood(cast: Cast, role: str, rest: str) -> None:
    meeting = ended(cast, open_items=rest)
    assert states(meeting) == [ITEM.DONE, ITEM.MOVED, rest]
    before = meeting.live
    client = cast.client(role)
    assert url("reopen", meeting) in client.get(url("meeting", meeting)).content.decode()
    assert "versehentlich" in client.get(url("reopen", meeting)).content.decode()

    answer = client.post(url("reopen", meeting), {"reason": "Zu früh.", "_key": once.new_key()},
                         follow=True)  # fmt: skip

    assert answer.redirect_chain == [(url("cockpit", meeting), 302)]
    assert "Die Sitzung läuft wieder." in answer.content.decode()
    meeting.refresh_from_db()
    assert (meeting.state, meeting.closed_at, meeting.live > before) == (STATE.RUNNING, None, True)
    assert meeting.current is not None
    assert meeting.current.title == "Bericht"
    assert meeting.voting_seats is None
    # The one put off before the first item was called was touched before the end, and stays so.
    assert states(meeting) == [ITEM.RUNNING, ITEM.MOVED, ITEM.OPEN]
    there = present_at(Meeting.objects.select_related("body__charter").get(pk=meeting.pk))
    assert (there.voting, there.guests) == (1, 0)
    entry = LogEntry.objects.get(code="bodies.meeting.reopened")
    assert entry.before == {"state": "held"}
    assert entry.after == {"state": "running", "reason": "Zu früh."}


def test_it_can_end_again(cast: Cast) -> None:
    meeting = ended(cast)
    actor = cast.actor("chair")
    holding.reopen(meeting, actor=actor, reason="Zu früh.")
    holding.finish(meeting, actor=actor)
    meeting.refresh_from_db()
    assert meeting.state == STATE.HELD
    assert Presence.objects.filter(to_at=None).count() == 0


def test_what_a_later_agenda_has_taken_stays_there(cast: Cast) -> None:
    meeting = ended(cast)
    last = meeting.items.get(title="Verschiedenes")
    later = meeting_of(cast.council, starts_at=meeting.starts_at + timedelta(days=30))
    item_of(later, "Verschiedenes", source_type="bodies.agendaitem", source_uuid=last.uuid)
    holding.reopen(meeting, actor=cast.actor("chair"), reason="Zu früh.")
    assert states(meeting) == [ITEM.RUNNING, ITEM.MOVED, ITEM.MOVED]


def test_a_reason_is_asked_and_what_was_typed_stays(cast: Cast) -> None:
    meeting = ended(cast)
    answer = cast.client("chair").post(url("reopen", meeting), {"reason": " "})
    assert answer.status_code == 422
    with pytest.raises(Refused, match="Grund"):
        holding.reopen(meeting, actor=cast.actor("chair"), reason=" ")
    meeting.refresh_from_db()
    assert meeting.state == STATE.HELD


def test_a_double_click_opens_once(cast: Cast) -> None:
    meeting, key = ended(cast), once.new_key()
    client = cast.client("chair")
    for _click in range(2):
        sent = client.post(url("reopen", meeting), {"reason": "Zu früh.", "_key": key})
        assert sent.status_code == 302
    assert LogEntry.objects.filter(code="bodies.meeting.reopened").count() == 1


def test_not_once_the_minutes_are_out(cast: Cast) -> None:
    meeting = circulated(cast).meeting
    client = cast.client("minute_taker")
    assert url("reopen", meeting) not in client.get(url("meeting", meeting)).content.decode()
    told = client.get(url("reopen", meeting), follow=True)
    assert "Die Sitzung bleibt beendet." in told.content.decode()
    sent = client.post(url("reopen", meeting), {"reason": "Zu früh."})
    assert sent.status_code == 422
    told = sent.content.decode()
    assert "Das Protokoll ist schon verschickt." in told
    assert "Zu früh." in told
    meeting.refresh_from_db()
    assert meeting.state == STATE.HELD


def test_a_draft_goes_along(cast: Cast) -> None:
    meeting = held(cast)
    draft = minutes_services.begin(meeting)
    holding.reopen(meeting, actor=cast.actor("minute_taker"), reason="Zu früh.")
    with pytest.raises(Refused, match="noch nicht beendet"):
        minutes_services.circulate(draft, actor=cast.actor("minute_taker"), expected=draft.version)


@pytest.mark.parametrize(
    ("role", "status"), [("voter", 403), ("auditor", 403), ("member", 404), ("registered", 404)]
)
def test_others_do_not(cast: Cast, council: Body, role: str, status: int) -> None:
    meeting = meeting_of(council, state=STATE.HELD, closed_at=clock.now())
    client = cast.client(role)
    assert client.get(url("reopen", meeting)).status_code == status
    assert client.post(url("reopen", meeting), {"reason": "x"}).status_code == status
    with pytest.raises(NotAllowed):
        holding.reopen(meeting, actor=cast.actor(role), reason="x")
