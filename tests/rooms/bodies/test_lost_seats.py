"""Who lost the seat is out: of the meeting, its mails, its links, and of answering for it (T05)."""

from typing import Any

import pytest
from django.urls import reverse

from lotse.foundation.core.actor import COMMAND
from lotse.foundation.core.errors import NotAllowed
from lotse.foundation.core.models import OutboxMail
from lotse.foundation.parties.models import RoleGrant
from lotse.rooms.bodies.models import Attendance, Holder, Meeting
from lotse.rooms.bodies.queries import addressees
from lotse.rooms.bodies.services import bodies, inviting, mandates, replying
from tests.people import Cast
from tests.rooms.bodies.minutes_made import circulated
from tests.rooms.bodies.preparing import attendance, deputy_of, invite


def invited(cast: Cast, meeting: Meeting) -> Attendance:
    """The voter's place on the list of an invited meeting."""
    invite(cast, meeting)
    return attendance(cast, meeting)


def lose(cast: Cast) -> None:
    seat = Holder.objects.get(person=cast["voter"]).mandate
    mandates.end_mandate(seat, actor=COMMAND, expected=seat.version, reason="Ausgeschieden")


def get(cast: Cast, name: str, meeting: Meeting) -> int:
    path = reverse(f"bodies:{name}", args=[meeting.uuid])
    status: int = cast.client("voter").get(path).status_code
    return status


class TestFormer:
    def test_no_page_of_the_meeting_opens(self, cast: Cast, meeting: Meeting) -> None:
        row = invited(cast, meeting)
        names = ("meeting", "live", "reply", "papers", "agenda-pdf", "meeting-ics")
        assert get(cast, "meeting", row.meeting) == 200
        lose(cast)
        assert {get(cast, name, row.meeting) for name in names} == {404}

    def test_nothing_of_it_is_on_heute_or_in_mails(self, cast: Cast, meeting: Meeting) -> None:
        row = invited(cast, meeting)
        assert row.meeting.title in cast.client("voter").get("/heute/").content.decode()
        lose(cast)
        before = OutboxMail.objects.filter(address="voter@beispiel.test").count()
        meeting.refresh_from_db()
        inviting.tell(meeting, actor=COMMAND, expected=meeting.version, note="Neuer Raum")
        assert OutboxMail.objects.filter(address="voter@beispiel.test").count() == before
        assert OutboxMail.objects.filter(address="chair@beispiel.test").count() == 2
        assert row.meeting.title not in cast.client("voter").get("/heute/").content.decode()

    def test_neither_link_nor_account_answers(self, cast: Cast, meeting: Meeting) -> None:
        row = invited(cast, meeting)
        assert addressees.may_answer(row)
        lose(cast)
        assert not addressees.may_answer(row)
        with pytest.raises(NotAllowed):
            replying.answer(row, actor=cast.actor("voter"), expected=row.version, reply="yes")

    def test_the_minutes_of_a_meeting_one_was_at_stay_readable(self, cast: Cast) -> None:
        done = circulated(cast).meeting
        lose(cast)
        assert get(cast, "minutes", done) == 200
        assert get(cast, "meeting", done) == 404


def test_a_dismissed_chair_is_out_too(cast: Cast, meeting: Meeting) -> None:
    row, chair = invited(cast, meeting), attendance(cast, meeting, "chair")
    assert addressees.may_answer(chair)
    grant = RoleGrant.objects.get(person=cast["chair"], role="chair")
    bodies.dismiss(grant, actor=COMMAND, reason="Neu besetzt")
    assert not addressees.may_answer(chair)
    assert addressees.still_in(row.meeting, [chair, row]) == [row]


def test_a_guest_with_a_link_has_ninety_days(cast: Cast, meeting: Meeting) -> None:
    row = invited(cast, meeting)
    guest: Any = Attendance(meeting=row.meeting, name="Kim Gast", part="guest", token_hash="x")
    assert addressees.may_answer(guest)
    guest.meeting.ends_at -= addressees.OVER_AFTER * 2
    assert not addressees.may_answer(guest)


def test_a_deputy_who_need_not_come_is_told_each_time(cast: Cast, meeting: Meeting) -> None:
    holder = deputy_of(cast, meeting.body, email="dana@beispiel.test")
    row = invited(cast, meeting)
    told = OutboxMail.objects.filter(
        address="dana@beispiel.test", subject__contains="nicht mehr erwartet"
    )
    for count in (1, 2):
        row.refresh_from_db()
        replying.answer(row, actor=cast.actor("voter"), expected=row.version, reply="deputy",
                        stand_in=replying.StandIn(holder=holder.uuid))  # fmt: skip
        row.refresh_from_db()
        replying.answer(row, actor=cast.actor("voter"), expected=row.version, reply="yes")
        assert told.count() == count
