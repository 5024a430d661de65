"""What procedures register when the programs start."""

from lotse.foundation.core import hooks
from lotse.foundation.procedures import actions, privacy


def register() -> None:
    """Called once, from `apps.py`."""
    hooks.action_names.register(actions.NAMES)
    hooks.personal_data.register(privacy.DATA)
