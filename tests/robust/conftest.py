"""Real servers on real databases: SQLite, and PostgreSQL where LOTSE_TEST_POSTGRES_URL is set."""

import os
from collections.abc import Iterator

import pytest

from tests.perf.served import Site

POSTGRES = os.environ.get("LOTSE_TEST_POSTGRES_URL", "")


@pytest.fixture(
    scope="session",
    params=[
        "sqlite",
        pytest.param(
            "postgres",
            marks=pytest.mark.skipif(not POSTGRES, reason="LOTSE_TEST_POSTGRES_URL is not set"),
        ),
    ],
)
def template(request: pytest.FixtureRequest) -> Iterator[Site]:
    """A site with the demo network, made once per database and never served itself."""
    site = Site.make(POSTGRES if request.param == "postgres" else "")
    yield site
    site.drop()


@pytest.fixture
def site(template: Site) -> Iterator[Site]:
    """A site of one test's own."""
    site = template.copy()
    yield site
    site.drop()
