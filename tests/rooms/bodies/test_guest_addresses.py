"""The mail address of a guest goes some time after the minutes are adopted (T59)."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from lotse.foundation.core import clock
from lotse.foundation.core.actor import COMMAND
from lotse.foundation.parties.privacy import periods, retention
from lotse.rooms.bodies import privacy_guests
from lotse.rooms.bodies.models import Attendance, Meeting, Minutes
from tests.people import Cast
from tests.rooms.bodies.conftest import meeting_of
from tests.rooms.bodies.minutes_made import adopted, held


def guest(meeting: Meeting, **values: Any) -> Attendance:
    return Attendance.objects.create(
        meeting=meeting, **({
            "name": "Gundula Gast", "email": "gast@beispiel.test", "part": "guest",
            "reply_note": "Komme später.", "token_hash": "a" * 64,
        } | values),
    )  # fmt: skip


def ago(days: int) -> Any:
    return clock.now() - timedelta(days=days)


def adopted_ago(cast: Cast, days: int) -> Meeting:
    minutes = adopted(cast)
    Minutes.objects.filter(pk=minutes.pk).update(adopted_at=ago(days))
    return minutes.meeting


def addresses() -> list[str]:
    return list(Attendance.objects.exclude(email="").values_list("email", flat=True))


@pytest.mark.parametrize(("days", "left"), [(179, 1), (181, 0)])
def test_half_a_year_after_the_adoption(cast: Cast, days: int, left: int) -> None:
    row = guest(adopted_ago(cast, days))
    Attendance.objects.filter(person__isnull=False).update(email="eigene@beispiel.test")
    assert privacy_guests.forget_addresses() == 1 - left
    row.refresh_from_db()
    assert bool(row.email) == bool(left)
    assert row.name == "Gundula Gast"
    if not left:
        assert (row.reply_note, row.token_hash) == ("", "")
    assert Attendance.objects.filter(email="eigene@beispiel.test").count() == 2
    assert privacy_guests.forget_addresses() == 0


def test_the_network_decides_within_limits(cast: Cast) -> None:
    meeting = adopted_ago(cast, 40)
    guest(meeting)
    page = cast.client("office").get("/betrieb/fristen/").content.decode()
    assert "Mailadressen von Gästen" in page
    assert "Mailadressen von Gästen" in (
        cast.client("office").get(reverse("privacy:register")).content.decode()
    )
    periods.set_periods(cast.network, actor=COMMAND, expected=cast.network.version,
                        days={"bodies.guests": 30})  # fmt: skip
    assert not retention.alive(Attendance.objects.filter(email="gast@beispiel.test")).exists()
    assert privacy_guests.forget_addresses() == 1
    assert addresses() == []


def test_without_adoption_it_is_a_year_more(cast: Cast) -> None:
    young, old = held(cast), meeting_of(cast.council, number=9, state="held")
    for meeting, days in ((young, 500), (old, 600)):
        Meeting.objects.filter(pk=meeting.pk).update(
            starts_at=ago(days), ends_at=ago(days) + timedelta(hours=2)
        )
    guest(young, email="jung@beispiel.test")
    guest(old, email="alt@beispiel.test")
    assert privacy_guests.forget_addresses() == 1
    assert addresses() == ["jung@beispiel.test"]


def test_a_meeting_that_was_called_off(cast: Cast) -> None:
    off = meeting_of(cast.council, state="cancelled", starts_at=ago(200), ends_at=ago(199))
    on = meeting_of(cast.council, number=2, starts_at=ago(200), ends_at=ago(199))
    guest(off)
    guest(on, email="noch@beispiel.test")
    assert privacy_guests.forget_addresses() == 1
    assert addresses() == ["noch@beispiel.test"]
