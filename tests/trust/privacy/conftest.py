"""The cast, and the person about whom facts are planted."""

from pathlib import Path
from typing import Any

import pytest

from tests import people
from tests.trust.privacy.planted import Planted


@pytest.fixture
def cast(common_cast: people.Cast, settings: Any, tmp_path: Path) -> people.Cast:
    settings.DATA_DIR = tmp_path
    settings.MEDIA_ROOT = tmp_path / "files"
    return common_cast


@pytest.fixture
def planted(cast: people.Cast) -> Planted:
    return Planted(cast)
