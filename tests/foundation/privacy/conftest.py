"""The cast, and a yes of one of them."""

from typing import Any

import pytest

from lotse.foundation.parties.models import Consent
from lotse.foundation.parties.privacy import consents
from tests import people as cast_of


@pytest.fixture
def cast(common_cast: cast_of.Cast) -> cast_of.Cast:
    return common_cast


def give(cast: cast_of.Cast, role: str = "member", channel: str = "web", **fields: Any) -> Consent:
    return consents.give(
        cast[role], "profile", channel, actor=cast.actor(role), network=cast.network, **fields
    )
