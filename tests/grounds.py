"""What hundreds of tests begin with, built once in a process and the same anew for each of them.

A test asks by naming a fixture (`common_cast`, `common_topics`, `common_site`, or one that names
one). Before its transaction begins, the ground it asks for is built in a transaction around it; so
what the test does is rolled back and the ground stays. The first test that asks for another one, or
for none, ends it. A test with transactions of its own builds its own.
"""

import copy
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from django.db import connection, transaction
from django.test import override_settings

from lotse.foundation.core.search import concepts


def _site() -> Any:
    from tests.trust import site

    return site.build()


def _cast() -> Any:
    from tests import people

    return people.cast()


def _topics() -> None:
    from tests import make

    make.taxonomy()


# Fixture -> what it is built of. A ground is all of what a test asks for, in this order.
PARTS: dict[str, Callable[[], Any]] = {
    "common_site": _site,
    "common_topics": _topics,
    "common_cast": _cast,
}


class _Ground:
    """What stands at the moment."""

    def __init__(self) -> None:
        self.names: tuple[str, ...] = ()
        self.built: dict[str, Any] = {}
        self.media = Path()
        self._around: Any = None
        self._open: Any = None

    def open(self, names: tuple[str, ...]) -> None:
        if names == self.names:
            return
        self.close()
        self.media = Path(tempfile.mkdtemp(prefix="lotse-ground-"))
        # The test case closes the connection when it ends; this transaction outlives it.
        self._open = mock.patch.object(connection, "close", return_value=None)
        self._open.start()
        self._around = transaction.atomic()
        self._around.__enter__()
        try:
            with override_settings(MEDIA_ROOT=self.media):
                self.built = {name: PARTS[name]() for name in names}
        except BaseException:
            self.close()
            raise
        self.names = names

    def close(self) -> None:
        if self._around is None:
            return
        transaction.set_rollback(True)
        self._around.__exit__(None, None, None)
        self._open.stop()
        shutil.rmtree(self.media, ignore_errors=True)
        self.names, self.built, self._around = (), {}, None
        concepts.forget()


_ground = _Ground()


def _asked(request: pytest.FixtureRequest) -> tuple[str, ...]:
    marker = request.node.get_closest_marker("django_db")
    if marker is not None and marker.kwargs.get("transaction"):
        return ()
    return tuple(name for name in PARTS if name in request.fixturenames)


def before_database(request: pytest.FixtureRequest) -> None:
    """Called before a test's own transaction begins."""
    with request.getfixturevalue("django_db_blocker").unblock():
        names = _asked(request)
        _ground.open(names) if names else _ground.close()


def put_away() -> None:
    """Called when the last test has run, and before a fixture fills the database for many tests
    in a way of its own."""
    _ground.close()


def part(name: str, request: pytest.FixtureRequest, media: Path) -> Any:
    """A copy of that part for this test, with files of its own in `media`."""
    if not _asked(request):
        with transaction.atomic():
            return PARTS[name]()
    concepts.forget()
    shutil.copytree(_ground.media, media, dirs_exist_ok=True)
    return copy.deepcopy(_ground.built[name])
