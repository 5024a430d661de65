"""Minutes of a large body: the mails of one act cost the same for one member and for many."""

from datetime import timedelta
from typing import Any

import pytest

from lotse.foundation.core import clock
from lotse.foundation.core.actor import COMMAND
from lotse.foundation.core.models import OutboxMail
from lotse.foundation.procedures.models import ObjectionPeriod
from lotse.rooms.bodies.models import Attendance, Charter, Presence
from lotse.rooms.bodies.services import mandates
from lotse.rooms.bodies.services import minutes as services
from tests import people
from tests.people import Cast
from tests.rooms.bodies.minutes_made import RULE, held

pytestmark = pytest.mark.django_db


def test_sending_and_adopting_cost_the_same_for_one_and_for_many(
    cast: Cast, count_queries: Any
) -> None:
    Charter.objects.update(silence_basis=RULE)
    counts, mails = [], []
    meetings = [held(cast, number=number) for number in (1, 2, 3)]
    for more, meeting in zip((1, 3, 10), meetings, strict=True):
        begin = meeting.starts_at
        for n in range(more):
            person = people.person(f"Viele {more}-{n}", account=False)
            mandates.seat_person(
                mandates.create_mandate(cast.council, actor=COMMAND),
                person, actor=COMMAND,
            )  # fmt: skip
            line = Attendance.objects.create(meeting=meeting, person=person, name=person.name)
            Presence.objects.create(
                attendance=line, from_at=begin, to_at=meeting.closed_at, by="command"
            )
        before = OutboxMail.objects.count()
        minutes = services.begin(meeting)
        with count_queries() as circulating:
            services.circulate(minutes, actor=cast.actor("minute_taker"), expected=minutes.version)
        sent = OutboxMail.objects.count() - before
        ended = clock.now() - timedelta(minutes=5)
        ObjectionPeriod.objects.update(opens_at=ended - timedelta(days=14), closes_at=ended)
        with count_queries() as adopting:
            assert services.settle(minutes)
        mails.append((sent, OutboxMail.objects.count() - before - sent))
        counts.append((circulating.count, adopting.count))

    assert [sent for sent, _adopted in mails] == [3, 5, 12]
    assert mails[2][1] - mails[0][1] == 13  # three and ten more have a seat by then
    assert counts[0] == counts[1] == counts[2], counts
