"""The cockpit: a meeting begun, from item to item, ended; nothing but the allowed steps."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from lotse.foundation.core import clock, once
from lotse.foundation.core.errors import Conflict, NotAllowed, Refused
from lotse.foundation.core.models import LogEntry
from lotse.foundation.core.ref import Ref
from lotse.foundation.measures import services as measures
from lotse.foundation.parties.models import Body
from lotse.rooms.bodies.models import (
    AgendaItem,
    Attendance,
    Meeting,
    Outcome,
    Presence,
    SpeakRequest,
)
from lotse.rooms.bodies.services import holding
from tests.people import Cast
from tests.rooms.bodies.conftest import item_of, meeting_of

STATE, ITEM = Meeting.State, AgendaItem.State


def running(council: Body, **values: Any) -> Meeting:
    values = {"state": STATE.RUNNING, "opened_at": clock.now()} | values
    return meeting_of(council, **values)


def url(name: str, meeting: Meeting) -> str:
    return reverse(f"bodies:{name}", args=[meeting.uuid])


def states(meeting: Meeting) -> list[str]:
    return [item.state for item in meeting.items.order_by("position", "pk")]


@pytest.mark.parametrize("role", ["chair", "minute_taker", "office", "operator"])
def test_who_runs_the_body_runs_its_meeting(cast: Cast, meeting: Meeting, role: str) -> None:
    client = cast.client(role)
    assert client.get(url("cockpit", meeting)).status_code == 200

    response = client.post(url("start", meeting), {"_key": once.new_key()}, follow=True)

    meeting.refresh_from_db()
    assert meeting.state == STATE.RUNNING
    assert meeting.opened_at is not None
    assert "Sitzung läuft" in response.content.decode()
    entry = LogEntry.objects.get(code="bodies.meeting.started")
    assert (entry.before, entry.after) == ({"state": "planned"}, {"state": "running"})


@pytest.mark.parametrize(
    ("role", "status"), [("voter", 403), ("auditor", 403), ("member", 404), ("registered", 404)]
)
def test_others_neither_see_nor_steer(cast: Cast, meeting: Meeting, role: str, status: int) -> None:
    client = cast.client(role)

    assert client.get(url("cockpit", meeting)).status_code == status
    for name in ("start", "next-item", "call-item", "postpone-item", "finish"):
        assert client.post(url(name, meeting)).status_code == status
    meeting.refresh_from_db()
    assert meeting.state == STATE.PLANNED
    with pytest.raises(NotAllowed):
        holding.start(meeting, actor=cast.actor(role))


ALLOWED = {
    "start": {STATE.PLANNED, STATE.INVITED},
    "next": {STATE.RUNNING},
    "call": {STATE.RUNNING},
    "postpone": {STATE.RUNNING},
    "finish": {STATE.RUNNING},
    "reopen": {STATE.HELD},
}


@pytest.mark.parametrize("act", list(ALLOWED))
@pytest.mark.parametrize("state", list(STATE))
def test_only_the_allowed_steps_are_taken(cast: Cast, council: Body, act: str, state: str) -> None:
    meeting = meeting_of(council, state=state)
    item = item_of(meeting)
    actor = cast.actor("minute_taker")
    acts: dict[str, Any] = {
        "start": lambda: holding.start(meeting, actor=actor),
        "next": lambda: holding.next_item(meeting, actor=actor),
        "call": lambda: holding.call_item(meeting, item, actor=actor),
        "postpone": lambda: holding.postpone(meeting, item, actor=actor),
        "finish": lambda: holding.finish(meeting, actor=actor),
        "reopen": lambda: holding.reopen(meeting, actor=actor, reason="zu früh"),
    }
    before = Meeting.objects.values().get(pk=meeting.pk), AgendaItem.objects.values().get()

    if state in ALLOWED[act]:
        acts[act]()
        assert Meeting.objects.values().get(pk=meeting.pk) != before[0]
        return
    with pytest.raises(Refused):
        acts[act]()
    after = Meeting.objects.values().get(pk=meeting.pk), AgendaItem.objects.values().get()
    assert after == before
    assert not LogEntry.objects.filter(object_uuid__in=[meeting.uuid, item.uuid]).exists()


def test_next_goes_in_the_order_of_reading_into_parts_and_out(cast: Cast, council: Body) -> None:
    meeting = running(council)
    one = item_of(meeting, "Begrüßung")
    two = item_of(meeting, "Berichte")
    part = item_of(meeting, "Aus dem Norden", parent=two, position=1)
    other = item_of(meeting, "Aus dem Süden", parent=two, position=2)
    three = item_of(meeting, "Verschiedenes", position=9)
    actor, seen = cast.actor("chair"), []

    for _step in range(6):
        meeting = Meeting.objects.get(pk=meeting.pk)
        after = str(meeting.current.uuid) if meeting.current else ""
        target = holding.next_item(meeting, actor=actor, after=after)
        seen.append(target.title if target else None)
        two.refresh_from_db()
        if target in (part, other):
            assert two.state == ITEM.RUNNING

    assert seen == [one.title, two.title, part.title, other.title, three.title, None]
    assert set(states(meeting)) == {ITEM.DONE}
    for item in (one, two, part, other, three):
        item.refresh_from_db()
        assert item.started_at is not None
        assert item.ended_at is not None
        assert item.started_at <= item.ended_at


def test_a_double_click_skips_no_item(cast: Cast, council: Body) -> None:
    meeting = running(council)
    first, second = item_of(meeting, "Erstens"), item_of(meeting, "Zweitens")
    item_of(meeting, "Drittens")
    client = cast.client("minute_taker")
    client.post(url("next-item", meeting), {"after": "", "_key": once.new_key()})
    form = {"after": str(first.uuid), "_key": once.new_key()}

    for _time in range(2):
        assert client.post(url("next-item", meeting), form).status_code == 302
    # Another page that still shows the first one does not skip either.
    other = form | {"_key": once.new_key()}
    assert cast.client("chair").post(url("next-item", meeting), other).status_code == 302

    meeting.refresh_from_db()
    assert meeting.current == second


def test_two_who_go_on_at_once_meet_a_conflict(cast: Cast, council: Body) -> None:
    meeting = running(council)
    first, second = item_of(meeting, "Erstens"), item_of(meeting, "Zweitens")
    stale = Meeting.objects.get(pk=meeting.pk)
    holding.call_item(meeting, first, actor=cast.actor("chair"))

    with pytest.raises(Conflict):
        holding.call_item(stale, second, actor=cast.actor("minute_taker"))

    assert states(meeting) == [ITEM.RUNNING, ITEM.OPEN]


def test_any_item_can_be_called_also_one_that_was_dealt_with(cast: Cast, council: Body) -> None:
    meeting = running(council)
    first, _second, third = (item_of(meeting, title) for title in ("Eins", "Zwei", "Drei"))
    client = cast.client("minute_taker")

    for item in (third, first, third):
        client.post(url("call-item", meeting), {"item": str(item.uuid), "_key": once.new_key()})

    assert states(meeting) == [ITEM.DONE, ITEM.OPEN, ITEM.RUNNING]
    client.post(url("next-item", meeting), {"after": str(third.uuid), "_key": once.new_key()})
    assert states(meeting) == [ITEM.DONE, ITEM.RUNNING, ITEM.DONE]


def test_an_item_of_another_meeting_is_not_there(cast: Cast, council: Body) -> None:
    meeting = running(council)
    foreign = item_of(meeting_of(council, number=2))
    client = cast.client("chair")

    for value, status in ((str(foreign.uuid), 404), ("x", 422), ("", 422)):
        assert client.post(url("call-item", meeting), {"item": value}).status_code == status
    with pytest.raises(Refused):
        holding.call_item(meeting, foreign, actor=cast.actor("chair"))


def test_a_postponed_item_takes_its_parts_and_the_meeting_goes_on(
    cast: Cast, council: Body
) -> None:
    meeting = running(council)
    first = item_of(meeting, "Leitlinien")
    part = item_of(meeting, "Entwurf", parent=first, position=1)
    second = item_of(meeting, "Verschiedenes")
    actor = cast.actor("chair")
    holding.call_item(meeting, first, actor=actor)

    response = cast.client("chair").post(
        url("postpone-item", meeting), {"item": str(first.uuid)}, follow=True
    )

    meeting.refresh_from_db()
    part.refresh_from_db()
    assert "vertagt" in response.content.decode()
    assert meeting.current == second
    assert part.state == ITEM.MOVED
    first.refresh_from_db()
    assert (first.state, first.ended_at is not None) == (ITEM.MOVED, True)
    with pytest.raises(Refused):
        holding.postpone(meeting, first, actor=actor)


def test_the_end_closes_what_is_open(cast: Cast, council: Body) -> None:
    meeting = running(council)
    first, second = item_of(meeting, "Leitlinien"), item_of(meeting, "Haushalt")
    item_of(meeting, "Pause", kind=AgendaItem.Kind.BREAK)
    actor = cast.actor("minute_taker")
    holding.call_item(meeting, first, actor=actor)
    guest = Attendance.objects.create(meeting=meeting, name="Gast", part="guest")
    came = clock.now() - timedelta(hours=1)
    Presence.objects.create(attendance=guest, from_at=came, by="command")
    SpeakRequest.objects.create(meeting=meeting, attendance=guest)
    client = cast.client("minute_taker")
    page = client.get(url("finish", meeting)).content.decode()
    assert "Haushalt" in page
    assert "Leitlinien" not in page

    response = client.post(url("finish", meeting), {"_key": once.new_key()}, follow=True)

    meeting.refresh_from_db()
    assert "Die Sitzung ist beendet." in response.content.decode()
    assert (meeting.state, meeting.current) == (STATE.HELD, None)
    assert meeting.closed_at is not None
    assert states(meeting) == [ITEM.DONE, ITEM.MOVED, ITEM.OPEN]
    assert Presence.objects.get().to_at == meeting.closed_at
    assert SpeakRequest.objects.get().ended_at is not None
    second.refresh_from_db()
    assert second.started_at is None
    over = client.get(url("cockpit", meeting)).content.decode()
    assert reverse("bodies:minutes", args=[meeting.uuid]) in over
    assert over.count("kern-btn--primary") == 1
    assert client.get(url("finish", meeting)).status_code == 302
    assert client.post(url("finish", meeting), {"_key": once.new_key()}).status_code == 422


def test_open_items_can_have_been_dealt_with(cast: Cast, council: Body) -> None:
    meeting = running(council)
    item_of(meeting)

    cast.client("chair").post(url("finish", meeting), {"open_items": "done"})

    assert states(meeting) == [ITEM.DONE]


def test_every_act_raises_what_open_pages_ask_for(cast: Cast, council: Body) -> None:
    meeting = meeting_of(council)
    first, second = item_of(meeting, "Eins"), item_of(meeting, "Zwei")
    actor = cast.actor("chair")
    acts: list[Any] = [
        lambda: holding.start(meeting, actor=actor),
        lambda: holding.next_item(meeting, actor=actor),
        lambda: holding.call_item(meeting, second, actor=actor),
        lambda: holding.call_item(meeting, first, actor=actor),
        lambda: holding.postpone(meeting, first, actor=actor),
        lambda: holding.finish(meeting, actor=actor),
        lambda: holding.reopen(meeting, actor=actor, reason="zu früh"),
    ]
    for act in acts:
        first.refresh_from_db()
        before = Meeting.objects.values_list("live", flat=True).get(pk=meeting.pk)
        act()
        assert Meeting.objects.values_list("live", flat=True).get(pk=meeting.pk) > before


def test_the_cockpit_says_what_came_of_it(cast: Cast, council: Body) -> None:
    meeting = running(council)
    item = item_of(meeting, "Aufnahme", proposal="Der Betrieb wird aufgenommen.")
    outcome = Outcome.objects.create(
        item=item, kind="decision", text="Der Betrieb wird aufgenommen.", number="1/1",
        result="adopted", method="hands", yes=4, no=0, abstain=1,
    )  # fmt: skip
    measures.create_measure(
        actor=cast.actor("office"), origin=Ref.to(outcome), title="Urkunde drucken",
        body=council, network=cast.network, due_on=clock.today().replace(month=12, day=24),
    )  # fmt: skip
    holding.call_item(meeting, item, actor=cast.actor("chair"))

    page = cast.client("chair").get(url("cockpit", meeting)).content.decode()

    assert "angenommen, 1 Enthaltung" in page
    assert "Beschlussvorschlag, Fassung 1" in page
    assert "Urkunde drucken" in page
    assert council.name in page
    assert "bis 24.12." in page
    assert page.count("kern-btn--primary") == 1


def test_the_cockpit_costs_the_same_for_one_and_for_three(
    cast: Cast, council: Body, count_queries: Any
) -> None:
    counts = []
    for number in (1, 3):
        meeting = running(council, number=number)
        for n in range(number):
            item = item_of(meeting, f"Punkt {n}")
            Outcome.objects.create(item=item, kind="note", text="Gesagt")
            guest = Attendance.objects.create(meeting=meeting, name=f"Gast {n}", part="guest")
            Presence.objects.create(attendance=guest, by="command")
            SpeakRequest.objects.create(meeting=meeting, attendance=guest)
        holding.call_item(meeting, item, actor=cast.actor("chair"))
        client = cast.client("chair")
        with count_queries() as queries:
            assert client.get(url("cockpit", meeting)).status_code == 200
        counts.append(queries.count)

    assert counts[0] == counts[1] <= 12, queries.counted


def test_parts_alone_come_for_a_page_that_asks_for_news(cast: Cast, council: Body) -> None:
    meeting = running(council)
    item_of(meeting)

    response = cast.client("chair").get(url("cockpit", meeting), headers={"X-Lotse-Poll": "parts"})

    page = response.content.decode()
    assert "<html" not in page
    for name in ("head", "agenda", "item", "agreed", "present", "speakers"):
        assert f'data-part="{name}"' in page
