"""What matters register when the programs start."""

from lotse.foundation.core import hooks
from lotse.foundation.matters import (
    actions,
    permissions,  # noqa: F401  registers rules
    privacy,
)
from lotse.foundation.parties.privacy import coverage


def register() -> None:
    """Called once, from `apps.py`."""
    hooks.action_names.register(actions.NAMES)
    coverage.NOT_PERSONAL.update(privacy.NOT_PERSONAL)
