"""Reminders of an announcement: at half time and three days before, to who speaks for it then."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from lotse.foundation.core.actor import COMMAND
from lotse.foundation.core.models import OutboxMail
from lotse.foundation.parties.models import Network, Organisation
from lotse.foundation.parties.services import people as parties
from lotse.rooms.directory.models import Announcement
from lotse.rooms.directory.services import announcing, reminding
from tests import people
from tests.people import Cast
from tests.rooms.directory import posted

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast(at: posted.Clock) -> Cast:
    """The people, on the morning of 20 November."""
    at(posted.START)
    return people.cast()


class TestReminders:
    @pytest.fixture
    def made(self, cast: Cast, at: posted.Clock) -> Announcement:
        at(posted.START)  # 20 November; the last day is 18 December
        return posted.announce(cast, posted.entry_of(cast.org_a))

    def on(self, at: posted.Clock, day: str) -> int:
        at(datetime.fromisoformat(f"{day}T07:00+00:00"))
        return reminding.send_due()

    def test_at_half_time_and_three_days_before(self, made: Announcement, at: posted.Clock) -> None:
        days = ("2026-11-20", "2026-12-03", "2026-12-04", "2026-12-05", "2026-12-14", "2026-12-15",
                "2026-12-16", "2026-12-18", "2026-12-19")  # fmt: skip
        assert [self.on(at, day) for day in days] == [0, 0, 1, 0, 0, 1, 0, 0, 0]
        subjects = OutboxMail.objects.filter(code="directory.announcement.reminder")
        assert all("18.12.2026, 24:00 Uhr" in one.subject for one in subjects)

    def test_a_worker_that_stood_still_catches_up(
        self, made: Announcement, at: posted.Clock
    ) -> None:
        assert self.on(at, "2026-12-08") == 1
        assert self.on(at, "2026-12-17") == 1

    def test_the_link_is_the_same_as_in_the_first_mail(
        self, made: Announcement, at: posted.Clock
    ) -> None:
        first = posted.link_in(posted.mails()["editor-a@beispiel.test"])
        self.on(at, "2026-12-04")
        again = posted.mails("directory.announcement.reminder")["editor-a@beispiel.test"]
        assert posted.link_in(again) == first

    def test_nobody_is_reminded_of_what_is_answered(
        self, cast: Cast, made: Announcement, at: posted.Clock
    ) -> None:
        announcing.approve(made, actor=cast.actor("editor_a"), expected=1)
        assert self.on(at, "2026-12-04") == 0

    def test_who_came_since_gets_an_own_letter_and_who_left_none(
        self, cast: Cast, made: Announcement, at: posted.Clock
    ) -> None:
        posted.without_rights(cast.org_a)
        parties.add_seat(cast["registered"], cast.org_a, actor=COMMAND, may_publish=True)
        assert self.on(at, "2026-12-04") == 1
        assert set(posted.mails("directory.announcement.reminder")) == {"registered@beispiel.test"}

    def test_a_network_at_rest_sends_none(
        self, cast: Cast, made: Announcement, at: posted.Clock
    ) -> None:
        Network.objects.update(state=Network.State.RESTING)
        assert self.on(at, "2026-12-04") == 0

    def test_queries_do_not_grow_without_anything_due(
        self, cast: Cast, made: Announcement, at: posted.Clock, count_queries: Any
    ) -> None:
        at(posted.START + timedelta(days=1))
        with count_queries() as one:
            reminding.send_due()
        for n in range(2):
            other = people.organisation(cast.network, f"Verein {n}", kind=Organisation.Kind.FIRM)
            parties.add_seat(cast["editor_a"], other, actor=COMMAND, may_publish=True)
            posted.announce(cast, posted.entry_of(other))
        with count_queries() as three:
            reminding.send_due()
        assert one.count == three.count <= 2
