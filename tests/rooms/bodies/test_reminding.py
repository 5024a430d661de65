"""Reminders of invitations, and what meetings bring to "Heute"."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.urls import reverse

from lotse.foundation.core import clock
from lotse.foundation.core.hooks import Card
from lotse.foundation.parties.models import Network
from lotse.rooms.bodies import cards
from lotse.rooms.bodies.models import Attendance, Meeting
from lotse.rooms.bodies.services import meetings, replying
from tests.people import Cast
from tests.rooms.bodies.preparing import attendance, deputy_of, invite, mails, page

pytestmark = pytest.mark.django_db
# A Thursday; three days later the clock is put forward (T49).
START = datetime(2027, 4, 1, 8, 0, tzinfo=UTC)


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Sets the clock."""

    def put(moment: datetime) -> None:
        monkeypatch.setattr(clock, "now", lambda: moment)

    return put


@pytest.fixture
def invited(cast: Cast, meeting: Meeting, at: Any) -> Meeting:
    """A meeting on 1 April 2027 at 10:00; invited to three weeks before."""
    at(START - timedelta(days=21))
    Meeting.objects.filter(pk=meeting.pk).update(
        starts_at=START, ends_at=START + timedelta(hours=3)
    )
    invite(cast, meeting)
    return meeting


def reminded() -> list[str]:
    return sorted(one.address for one in mails("reminder"))


class TestReminding:
    def test_seven_and_two_days_before_who_has_not_answered(
        self, cast: Cast, invited: Meeting, at: Any
    ) -> None:
        Attendance.objects.filter(person=cast["chair"]).update(reply="yes")
        at(START - timedelta(days=8))
        assert replying.send_due() == 0
        at(START - timedelta(days=7))
        assert replying.send_due() == 2
        assert replying.send_due() == 0, "running twice writes none twice"
        assert reminded() == ["minute-taker@beispiel.test", "voter@beispiel.test"]
        Attendance.objects.filter(person=cast["minute_taker"]).update(reply="no")
        at(START - timedelta(days=4))
        assert replying.send_due() == 0
        at(START - timedelta(days=2))
        assert (replying.send_due(), replying.send_due()) == (1, 0)
        at(START - timedelta(hours=9))
        assert replying.send_due() == 0
        assert attendance(cast, invited).reminded_at == START - timedelta(days=2)

    def test_a_worker_that_stood_still_catches_up(self, invited: Meeting, at: Any) -> None:
        at(START - timedelta(days=5))
        assert replying.send_due() == 3
        assert "fehlt noch Ihre Antwort" in mails("reminder")[0].text

    def test_deputies_who_are_told_are_not_asked(
        self, cast: Cast, invited: Meeting, at: Any
    ) -> None:
        deputy_of(cast, invited.body, email="dana@beispiel.test")
        invite(cast, invited)
        at(START - timedelta(days=6))
        replying.send_due()
        assert "dana@beispiel.test" not in reminded()

    def test_not_on_the_day_of_the_invitation(self, cast: Cast, meeting: Meeting, at: Any) -> None:
        at(START - timedelta(days=5))
        Meeting.objects.filter(pk=meeting.pk).update(
            starts_at=START, ends_at=START + timedelta(hours=3)
        )
        invite(cast, meeting)
        assert replying.send_due() == 0
        at(START - timedelta(days=4))
        assert replying.send_due() == 3

    def test_another_date_asks_anew(self, cast: Cast, invited: Meeting, at: Any) -> None:
        at(START - timedelta(days=6))
        assert replying.send_due() == 3
        later = START + timedelta(days=30)
        meetings.postpone(
            invited, actor=cast.actor("office"), expected=invited.version, starts_at=later,
            ends_at=later + timedelta(hours=2),
        )  # fmt: skip
        assert replying.send_due() == 0
        at(later - timedelta(days=6))
        assert replying.send_due() == 3

    def test_called_off_or_at_rest_nobody_is_asked(
        self, cast: Cast, invited: Meeting, at: Any
    ) -> None:
        at(START - timedelta(days=6))
        Network.objects.filter(pk=cast.network.pk).update(state="resting")
        assert replying.send_due() == 0
        Network.objects.filter(pk=cast.network.pk).update(state="active")
        meetings.cancel(invited, actor=cast.actor("office"), expected=invited.version, reason="Aus")
        assert replying.send_due() == 0


class TestToday:
    def cards(self, cast: Cast, role: str) -> list[Card]:
        return cards.cards_of(cast.actor(role))

    def test_an_invitation_waits_until_it_is_answered(
        self, cast: Cast, meeting: Meeting, count_queries: Any
    ) -> None:
        assert self.cards(cast, "voter") == []
        invite(cast, meeting)
        actor = cast.actor("voter")
        with count_queries() as queries:
            (card,) = cards.cards_of(actor)
        assert queries.count == 1
        assert (card.group, card.title) == ("waiting", "Einladung beantworten: Frühjahrssitzung")
        assert card.url == reverse("bodies:reply", args=[meeting.uuid])
        assert "Rat der Beispielregion" in card.text
        row = attendance(cast, meeting)
        replying.answer(row, actor=actor, expected=row.version, reply="yes")
        (card,) = self.cards(cast, "voter")
        assert (card.group, card.title) == ("next", "Frühjahrssitzung")
        row.refresh_from_db()
        replying.answer(row, actor=actor, expected=row.version, reply="no")
        assert self.cards(cast, "voter") == []

    def test_nobody_else_sees_it(self, cast: Cast, meeting: Meeting) -> None:
        invite(cast, meeting)
        for role in ("member", "office", "editor_b", "anonymous"):
            assert self.cards(cast, role) == [], role
        meetings.cancel(meeting, actor=cast.actor("office"), expected=meeting.version, reason="Aus")
        assert self.cards(cast, "voter") == []

    def test_on_the_page(self, cast: Cast, meeting: Meeting) -> None:
        invite(cast, meeting)
        shown = cast.client("voter").get("/heute/").content.decode()
        assert "Einladung beantworten: Frühjahrssitzung" in shown
        assert "Einladung beantworten" in page(cast, "voter", "meeting", meeting)
