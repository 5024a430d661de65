"""What the seats of bodies register: they follow people who are merged, tell the office of people
who left the organisation they sit for, and tell people what they hold."""

from lotse.foundation.core import hooks
from lotse.rooms.bodies import mails_seats
from lotse.rooms.bodies.queries import members
from lotse.rooms.bodies.services import succession


def register() -> None:
    """Called once, from `registration.py`."""
    hooks.merged.register(succession.take_over)
    hooks.orphans.register(members.left_behind)
    hooks.mail_kinds.register(mails_seats.GIVEN)
    hooks.mail_samples.register(mails_seats.SAMPLE)
