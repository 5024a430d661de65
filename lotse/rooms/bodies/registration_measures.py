"""What measures of meetings register when the apps are loaded."""

from lotse.foundation.core import hooks
from lotse.rooms.bodies import measures_origin


def register() -> None:
    """The rights over measures that came about in a meeting."""
    for origin in measures_origin.ORIGINS:
        hooks.origin_rights.register(origin)
