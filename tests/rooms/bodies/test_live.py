"""The page for those present, the projector, and the cheap question whether something is new."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from lotse.foundation.accounts.models import Session
from lotse.foundation.core import clock
from lotse.foundation.core.actor import COMMAND
from lotse.foundation.parties.models import Body
from lotse.rooms.bodies.models import (
    Annex,
    Attendance,
    Holder,
    Meeting,
    Outcome,
    Presence,
    Presenter,
)
from lotse.rooms.bodies.queries.live import ticket_of
from lotse.rooms.bodies.services import holding, live, mandates
from tests.people import Cast
from tests.rooms.bodies.conftest import item_of, meeting_of


@pytest.fixture
def meeting(council: Body) -> Meeting:
    return meeting_of(council, state="running", opened_at=clock.now())


def url(name: str, meeting: Meeting) -> str:
    return reverse(f"bodies:{name}", args=[meeting.uuid])


def ask(meeting: Meeting, seen: int, client: Client | None = None, **headers: str) -> Any:
    headers = {"X-Lotse-Poll": ticket_of(meeting), "If-None-Match": f'"{seen}"'} | headers
    return (client or Client()).get(url("live-state", meeting), headers=headers)


def test_nothing_new_is_one_query_and_no_page(
    cast: Cast, meeting: Meeting, count_queries: Any
) -> None:
    with count_queries() as queries:
        response = ask(meeting, 1)

    assert (response.status_code, response.content) == (304, b"")
    assert queries.count == 1
    live.touch(meeting.pk)
    response = ask(meeting, 1)
    assert (response.status_code, response.content, response["ETag"]) == (200, b"2", '"2"')


def test_the_ticket_opens_only_its_own_number(cast: Cast, meeting: Meeting, council: Body) -> None:
    other = meeting_of(council, number=2)
    foreign = {"X-Lotse-Poll": ticket_of(other)}

    for headers in (foreign, {"X-Lotse-Poll": "x"}, {"X-Lotse-Poll": ticket_of(meeting) + "x"}):
        assert ask(meeting, 1, **headers).status_code == 302
        assert ask(meeting, 1, cast.client("member"), **headers).status_code == 404
    held = {"X-Lotse-Poll": ticket_of(meeting)}
    assert Client().get(url("live", meeting), headers=held).status_code == 302
    assert Client().get(url("projector", meeting), headers=held).status_code == 302
    assert cast.client("member").get(url("live", meeting), headers=held).status_code == 404
    # Who may see the meeting needs none.
    assert ask(meeting, 1, cast.client("voter"), **foreign).status_code == 304


def test_asking_for_news_prolongs_no_session(cast: Cast, meeting: Meeting) -> None:
    client = cast.client("voter")
    sessions = Session.objects.filter(account=cast["voter"].account)
    sessions.update(seen_at=clock.now() - timedelta(minutes=20))
    stored = sessions.get().seen_at

    assert ask(meeting, 0, client).status_code == 200
    assert client.get(url("live", meeting), headers={"X-Lotse-Poll": "parts"}).status_code == 200
    assert sessions.get().seen_at == stored
    assert client.get(url("live", meeting)).status_code == 200
    assert sessions.get().seen_at > stored


@pytest.mark.parametrize(
    ("role", "status"),
    [("voter", 200), ("chair", 200), ("office", 200), ("auditor", 200), ("member", 404),
     ("registered", 404), ("former", 404), ("anonymous", 302)],
)  # fmt: skip
@pytest.mark.parametrize("name", ["live", "projector", "live-state"])
def test_who_sees_the_meeting_sees_it_live(
    cast: Cast, meeting: Meeting, name: str, role: str, status: int
) -> None:
    assert cast.client(role).get(url(name, meeting)).status_code == status


def test_rights_end_with_the_seat_at_the_next_request(cast: Cast, meeting: Meeting) -> None:
    client = cast.client("voter")
    assert client.get(url("live", meeting)).status_code == 200

    mandates.unseat(Holder.objects.get(person=cast["voter"]), actor=COMMAND, reason="Wechsel")

    parts = client.get(url("live", meeting), headers={"X-Lotse-Poll": "parts"})
    assert parts.status_code == 404


def test_the_page_shows_what_is_dealt_with(cast: Cast, meeting: Meeting) -> None:
    first = item_of(meeting, "Begrüßung")
    Outcome.objects.create(item=first, kind="note", text="Alle sind begrüßt.")
    item = item_of(meeting, "Aufnahme", proposal="Der <b>Betrieb</b> wird aufgenommen.")
    Presenter.objects.create(item=item, name="Corinna Leiter", organisation="Rat")
    Annex.objects.create(meeting=meeting, item=item, number=1, title="Übersicht")
    Outcome.objects.create(item=item, kind="question", text="Ab wann?")
    holding.call_item(meeting, item, actor=cast.actor("chair"))

    page = cast.client("voter").get(url("live", meeting)).content.decode()

    for words in ("Aufnahme", "&lt;b&gt;Betrieb&lt;/b&gt;", "Corinna Leiter (Rat)", "Ab wann?",
                  "Anlage 1: Übersicht", "wird nachgeliefert", "Alle sind begrüßt.",
                  "Einchecken", "Neu laden"):  # fmt: skip
        assert words in page, words
    assert "/fuehren/" not in page
    assert page.count("kern-btn--primary") == 1
    auditor = cast.client("auditor").get(url("live", meeting)).content.decode()
    assert "Einchecken" not in auditor


def test_group_work_is_one_click_away(cast: Cast, meeting: Meeting) -> None:
    item = item_of(meeting, "Was hilft?", kind="group_work")
    holding.call_item(meeting, item, actor=cast.actor("chair"))

    page = cast.client("voter").get(url("live", meeting)).content.decode()

    assert reverse("bodies:group", args=[item.uuid]) in page


def test_the_projector_has_no_menu(cast: Cast, meeting: Meeting) -> None:
    item = item_of(meeting, "Aufnahme", proposal="Der Betrieb wird aufgenommen.")
    Outcome.objects.create(
        item=item, kind="decision", text="Der Betrieb ist dabei.", result="adopted",
        method="unanimous", number="1/1",
    )  # fmt: skip
    Outcome.objects.create(item=item, kind="note", text="Nur fürs Protokoll")
    holding.call_item(meeting, item, actor=cast.actor("chair"))

    page = cast.client("voter").get(url("projector", meeting)).content.decode()

    assert "<nav" not in page
    assert "Abmelden" not in page
    for words in ("Der Betrieb wird aufgenommen.", "Der Betrieb ist dabei.", "Mandaten"):
        assert words in page
    assert "Nur fürs Protokoll" not in page


@pytest.mark.parametrize(
    ("state", "words"),
    [("planned", "noch nicht begonnen"), ("running", "kein TOP aufgerufen"), ("held", "beendet")],
)
def test_without_an_item_the_page_says_why(
    cast: Cast, meeting: Meeting, state: str, words: str
) -> None:
    Meeting.objects.filter(pk=meeting.pk).update(state=state)

    for name in ("live", "projector"):
        page = cast.client("voter").get(url(name, meeting)).content.decode()
        assert words in page
        assert "Ich möchte sprechen" not in page


def test_everybody_sees_a_change_at_once_and_pays_for_it_once(
    cast: Cast, meeting: Meeting, count_queries: Any
) -> None:
    item = item_of(meeting)
    holding.call_item(meeting, item, actor=cast.actor("chair"))
    first, second = cast.client("voter"), cast.client("chair")
    first.get(url("live", meeting))
    Outcome.objects.create(item=item, kind="note", text="Etwas Neues")
    live.touch(meeting.pk)

    with count_queries() as cold:
        assert "Etwas Neues" in first.get(url("live", meeting)).content.decode()
    with count_queries() as warm:
        assert "Etwas Neues" in second.get(url("live", meeting)).content.decode()

    assert cold.count <= 12, cold.counted
    assert warm.count <= 5, warm.counted


def test_what_is_personal_is_not_shared(cast: Cast, meeting: Meeting) -> None:
    voter, chair = cast.client("voter"), cast.client("chair")
    voter.post(url("here", meeting), {"act": "arrive"})

    assert "Eingecheckt seit" in voter.get(url("live", meeting)).content.decode()
    assert "Eingecheckt seit" not in chair.get(url("live", meeting)).content.decode()


def test_the_page_costs_the_same_for_one_and_for_three(
    cast: Cast, council: Body, count_queries: Any
) -> None:
    counts = []
    for number in (1, 3):
        meeting = meeting_of(council, number=number, state="running", opened_at=clock.now())
        for n in range(number):
            item = item_of(meeting, f"Punkt {n}")
            Annex.objects.create(meeting=meeting, item=item, number=n + 1, title="Blatt")
            Outcome.objects.create(item=item, kind="note", text="Gesagt")
            guest = Attendance.objects.create(meeting=meeting, name=f"Gast {n}", part="guest")
            Presence.objects.create(attendance=guest, by="command")
        holding.call_item(meeting, item, actor=cast.actor("chair"))
        with count_queries() as queries:
            assert cast.client("voter").get(url("live", meeting)).status_code == 200
        counts.append(queries.count)

    assert counts[0] == counts[1], queries.counted
