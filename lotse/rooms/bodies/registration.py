"""What the room registers when the programs start; each part has a list of its own."""

from lotse.foundation.core import hooks
from lotse.foundation.parties.privacy import coverage, fields
from lotse.rooms.bodies import (
    actions,
    permissions,  # noqa: F401  registers rules
    privacy,
)
from lotse.rooms.bodies import hooks as joined


def register() -> None:
    """Called once, from `apps.py`."""
    hooks.action_names.register(actions.NAMES)
    hooks.menu.register(joined.menu, order=30)
    hooks.personal_data.register(privacy.DATA)
    coverage.NOT_PERSONAL.update(privacy.NOT_PERSONAL)
    fields.NAMES.update(privacy.FIELD_NAMES)
