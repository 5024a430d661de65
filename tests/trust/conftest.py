"""The prepared site for tests that walk all addresses."""

from typing import Any

import pytest

from tests.trust import harness
from tests.trust import site as sites


@pytest.fixture
def site(common_site: sites.Site, settings: Any, tmp_path: Any) -> sites.Site:
    settings.MEDIA_ROOT = tmp_path
    return common_site


@pytest.fixture
def browser(site: sites.Site, client_class: Any) -> Any:
    """`browser(role)`: a client as a visitor with a link (`stranger`, `reader`, `editor`) or as one
    of the cast, who then also has a token for the API."""

    def as_role(role: str, **options: Any) -> Any:
        return harness.browser(site, role, client_class=client_class, **options)

    return as_role


@pytest.fixture
def client_class() -> Any:
    from django.test import Client

    return Client
