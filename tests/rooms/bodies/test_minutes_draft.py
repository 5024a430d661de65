"""A draft is made of its items each time: everything is in it, in a fixed number of queries."""

from datetime import timedelta
from typing import Any

import pytest

from lotse.foundation.core import clock
from lotse.foundation.measures.models import Measure
from lotse.rooms.bodies.content.minutes import compile_minutes
from lotse.rooms.bodies.models import Attendance, Mandate, Meeting, Presence
from lotse.rooms.bodies.queries.minutes_material import attending
from lotse.rooms.bodies.queries.presence import present_at
from lotse.rooms.bodies.services import minutes as services
from tests.people import Cast
from tests.rooms.bodies.minutes_made import everything, held
from tests.rooms.bodies.test_minutes import page


def loaded(meeting: Meeting) -> Meeting:
    rows = Meeting.objects.select_related("body__charter", "body__network", "host")
    return rows.get(pk=meeting.pk)


def test_everything_is_in_it_once_and_in_order(cast: Cast) -> None:
    meeting = held(cast)
    everything(cast, meeting, 3)
    whole = Measure.objects.get()
    for _n in range(2):
        Measure.objects.create(
            origin_type=whole.origin_type, origin_uuid=whole.origin_uuid, title="Teil",
            network=cast.network, whole=whole,
        )  # fmt: skip
    content = compile_minutes(services.begin(loaded(meeting)), "de")
    decided, talked, work = content["items"]
    (decision,) = decided["outcomes"]
    assert [one["who"] for one in decision["adoptions"]] == ["Rat 0", "Rat 1", "Rat 2"]
    (measure,) = decision["measures"]
    assert len([one for one in measure["who"] if "attribution" in one]) == 4
    assert {"words": "2 Partnerorganisationen"} in measure["who"]
    assert talked["notes"] == ["Besuche helfen mehr als Briefe."]
    assert work["notes"] == ["Notiz 0", "Notiz 1", "Notiz 2"]
    assert len({one["attribution"] for one in work["presenters"]}) == 3
    group = work["group_work"]
    assert group["clusters"] == ["Bündel 0", "Bündel 1", "Bündel 2"]
    assert [table["number"] for table in group["tables"]] == [1, 2, 3]
    assert group["tables"][1]["results"] == [
        {"rank": 2, "text": "So 1", "cluster": "Bündel 1"},
        {"rank": None, "text": "später", "cluster": ""},
    ]
    first, second, third = content["annexes"]
    assert (first["to_follow"], first["files"]) == (True, [])
    assert second["files"] == [{"name": "plan-1-2.pdf", "sha256": "2" * 64}]
    assert [one["number"] for one in (first, second, third)] == [1, 2, 3]


def test_who_left_and_came_back_stands_once(cast: Cast) -> None:
    meeting = held(cast)
    row = Attendance.objects.get(meeting=meeting, name="Volker Stimm")
    stay = Presence.objects.get(attendance=row)
    early = stay.from_at + timedelta(minutes=10)
    Presence.objects.filter(pk=stay.pk).update(to_at=early)
    Presence.objects.create(
        attendance=row, from_at=early + timedelta(minutes=20), to_at=stay.to_at, by="command"
    )
    Attendance.objects.create(meeting=meeting, name="Nie Gekommen", part="guest", excused=True)
    content = compile_minutes(services.begin(loaded(meeting)), "de")
    assert len(content["present"]) == 2
    assert [len(one.get("spans", [])) for one in content["present"]].count(2) == 1
    assert len(content["excused"]) == 1


@pytest.mark.parametrize("state", ["running", "held"])
@pytest.mark.parametrize("seats", [None, "kept", "ended"])
def test_the_quorum_is_that_of_the_list(cast: Cast, state: str, seats: str | None) -> None:
    """Counted from the rows of the list, it is what the pages of the meeting say."""
    meeting = held(cast, state=state)
    mandate = Mandate.objects.get(body=cast.council)
    Mandate.objects.filter(pk=mandate.pk).update(starts_on=clock.today() - timedelta(days=30))
    Presence.objects.filter(attendance__meeting=meeting).update(to_at=None)
    if state == "running":
        Meeting.objects.filter(pk=meeting.pk).update(closed_at=None)
    if seats == "kept":
        Meeting.objects.filter(pk=meeting.pk).update(voting_seats=[mandate.pk], quorum_needed=1)
    if seats == "ended":
        Mandate.objects.filter(pk=mandate.pk).update(ends_on=clock.today() - timedelta(days=9))
    found = attending(loaded(meeting)).present
    assert found == present_at(loaded(meeting))
    assert found.voting == (0 if seats == "ended" else 1)


def test_nobody_invited(cast: Cast) -> None:
    meeting = held(cast)
    Attendance.objects.filter(meeting=meeting).delete()
    assert attending(loaded(meeting)).present == present_at(loaded(meeting))


@pytest.mark.parametrize("state", ["running", "held"])
def test_queries(cast: Cast, count_queries: Any, state: str) -> None:
    meeting = held(cast, state=state)
    client = cast.client("minute_taker")
    client.get(page(meeting))
    counts = []
    for more in (1, 2):
        everything(cast, meeting, more)
        with count_queries() as queries:
            assert client.get(page(meeting)).status_code == 200
        counts.append(queries.count)
    assert counts[0] == counts[1] <= 12
