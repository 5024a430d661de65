"""By which seats and which number the quorum of a meeting is told; of one that is over by those
written down at its end."""

from datetime import datetime
from typing import Any

from django.utils import timezone

from lotse.foundation.parties.standing import holds_on
from lotse.rooms.bodies.content import rules
from lotse.rooms.bodies.models import Mandate, Meeting


def written_down(meeting: Meeting, at: datetime) -> dict[str, Any]:
    """What a meeting that ends at this moment keeps: its seats with a vote on that day, filled or
    not, and how many had to be there. One query, with the charter loaded.

    From then on neither a seat that ends, begins or gets a vote nor another rule of the body
    changes the quorum of the meeting. Who was there may still be put right until the minutes are
    adopted: that changes how many of these seats were there, and with it whether they were enough.
    A meeting that is taken up again and ends once more is counted anew.
    """
    rows = Mandate.objects.filter(
        holds_on(timezone.localdate(at)), body=meeting.body_id, with_vote=True
    )
    seats = list(rows.order_by("pk").values_list("pk", flat=True))
    needed = rules.quorum_needed(meeting.body.charter, len(seats))
    return {"voting_seats": seats, "quorum_needed": needed}


def seats_kept(meeting: Meeting) -> set[int] | None:
    """The seats with a vote by key as they were at the end; None while it is not over, and for one
    that ended without them. No query."""
    if meeting.state != Meeting.State.HELD or meeting.voting_seats is None:
        return None
    return set(meeting.voting_seats)


def needed_at(meeting: Meeting, entitled: int) -> int | None:
    """How many of so many seats with a vote had to be there; of a meeting that is over what was
    written down. No query, with the charter loaded."""
    if seats_kept(meeting) is not None:
        return meeting.quorum_needed
    return rules.quorum_needed(meeting.body.charter, entitled)
