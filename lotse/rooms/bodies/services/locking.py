"""One writer of a meeting at a time: what is checked about its state holds until it is written."""

from lotse.rooms.bodies.models import Meeting


def hold(meeting: Meeting) -> None:
    """Locks the meeting until the transaction ends and reads its state anew, so that nothing is
    written past its end or past the sending of its minutes. Call first in the transaction of an
    act. One query."""
    now = Meeting.objects.select_for_update(no_key=True).get(pk=meeting.pk)
    meeting.state, meeting.opened_at, meeting.closed_at = now.state, now.opened_at, now.closed_at
    meeting.voting_seats, meeting.quorum_needed = now.voting_seats, now.quorum_needed
