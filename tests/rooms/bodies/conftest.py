"""What tests of the room begin with: the cast with its council, and a meeting of it."""

from datetime import timedelta
from typing import Any

import pytest

from lotse.foundation.core import clock
from lotse.foundation.parties.models import Body
from lotse.rooms.bodies.models import AgendaItem, Meeting
from tests.people import Cast


@pytest.fixture
def cast(common_cast: Cast) -> Cast:
    return common_cast


@pytest.fixture
def council(cast: Cast) -> Body:
    """The council of the cast: chair, minute taker, one seat with a vote held by `voter`."""
    return cast.council


def meeting_of(body: Body, **values: Any) -> Meeting:
    """A planned meeting in three weeks, of three hours."""
    begin = clock.now().replace(minute=0, second=0, microsecond=0) + timedelta(days=21)
    values = {
        "title": "Frühjahrssitzung", "number": 1, "starts_at": begin,
        "ends_at": begin + timedelta(hours=3), "place": "Haus der Wirtschaft",
    } | values  # fmt: skip
    return Meeting.objects.create(body=body, **values)


def item_of(meeting: Meeting, title: str = "Aufnahme neuer Partner", **values: Any) -> AgendaItem:
    """An item at the end of the agenda."""
    values = {"kind": AgendaItem.Kind.DECISION, "position": meeting.items.count() + 1} | values
    return AgendaItem.objects.create(meeting=meeting, title=title, **values)


@pytest.fixture
def meeting(council: Body) -> Meeting:
    return meeting_of(council)


@pytest.fixture
def item(meeting: Meeting) -> AgendaItem:
    return item_of(meeting)
