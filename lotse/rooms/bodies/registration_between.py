"""What of the time between meetings is registered when the programs start."""

from lotse.foundation.core import hooks
from lotse.foundation.core.actor import Actor
from lotse.foundation.matters.lines import sources
from lotse.rooms.bodies import permissions_between  # noqa: F401  registers a rule


def register() -> None:
    """Called once, from `registration`."""
    from lotse.rooms.bodies.queries import matters

    sources.register(matters.ROOM, order=10)
    sources.register(matters.MEASURES, order=20)
    hooks.calendar_events.register(_own_events)


def _own_events(actor: Actor) -> list[object]:
    """Loads what writes calendars only when one is asked for."""
    from lotse.rooms.bodies.queries import calendar

    return list(calendar.own_events(actor))
