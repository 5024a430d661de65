"""What the room registers when the programs start; each part has a list of its own."""

from lotse.foundation.core import hooks
from lotse.foundation.parties.privacy import coverage, fields
from lotse.rooms.bodies import (
    actions,
    demo,
    permissions,  # noqa: F401  registers rules
    privacy,
    privacy_names,
    registration_between,
    registration_inviting,
    registration_measures,
    registration_minutes,
    registration_seats,
)
from lotse.rooms.bodies import hooks as joined


def register() -> None:
    """Called once, from `apps.py`."""
    hooks.action_names.register(actions.NAMES)
    hooks.menu.register(joined.menu, order=30)
    registration_measures.register()
    registration_minutes.register()
    registration_between.register()
    registration_inviting.register()
    registration_seats.register()
    hooks.personal_data.register(privacy.DATA)
    hooks.demo_loaders.register(demo.load, order=50)
    hooks.demo_removers.register(demo.remove)
    coverage.NOT_PERSONAL.update(privacy.NOT_PERSONAL)
    fields.NAMES.update(privacy_names.NAMES)
