"""What tests of the directory share: the cast with their entries, and short ways to look."""

from collections.abc import Callable
from typing import Any

import pytest

from lotse.foundation.core import search
from lotse.foundation.core.actor import COMMAND
from lotse.rooms.directory.models import Entry
from tests import make, people
from tests.rooms.directory import posted


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> posted.Clock:
    """Sets the clock."""

    def put(moment: Any) -> None:
        monkeypatch.setattr("django.utils.timezone.now", lambda: moment)

    return put


@pytest.fixture
def taxonomy(common_topics: None) -> None:
    """Topics and regions as they are shipped."""


@pytest.fixture
def cast(taxonomy: None, common_cast: people.Cast) -> people.Cast:
    """The cast, in a network whose organisations have their entries."""
    return common_cast


@pytest.fixture
def entry_a(cast: people.Cast) -> Entry:
    """The entry of organisation A, complete, nothing published."""
    return make.entry(cast.org_a)


@pytest.fixture
def found(cast: people.Cast) -> Callable[..., list[str]]:
    """`found("web", "Beratung")`: titles that readers of this kind find."""
    bits = {"web": search.WEB, "members": search.MEMBERS, "office": search.OFFICE}

    def look(who: str, question: str, **options: Any) -> list[str]:
        viewer = search.Viewer({cast.network.uuid: bits[who]})
        kinds = options.pop("kinds", ("organisation", "person", "service"))
        results = search.find(question, lang="de", viewer=viewer, kinds=kinds, **options)
        return [hit.title for hit in results.hits]

    return look


@pytest.fixture
def command() -> Any:
    """The actor of commands."""
    return COMMAND
