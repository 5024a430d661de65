"""What tells the pages of those present that something is new: one number of the meeting."""

from django.db.models import F

from lotse.rooms.bodies.models import Meeting


def touch(meeting: int) -> None:
    """Raises the number that open pages ask for. Call last in the transaction of an act that those
    present should see, with the key of the meeting. One query; the version of the meeting stays,
    so that nobody's form goes stale by it."""
    Meeting.objects.filter(pk=meeting).update(live=F("live") + 1)
