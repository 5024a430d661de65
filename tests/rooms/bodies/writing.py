"""What tests of notes, outcomes and group work begin with."""

import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from django.db import connection
from django.test import Client
from django.urls import reverse

from lotse.foundation.core import clock
from lotse.rooms.bodies.models import Attendance, Mandate, Meeting, Presence
from tests import make
from tests.people import Cast


def run(meeting: Meeting) -> Meeting:
    """The meeting has begun."""
    now = clock.now()
    Meeting.objects.filter(pk=meeting.pk).update(
        state=Meeting.State.RUNNING, opened_at=now, starts_at=now, live=1
    )
    meeting.refresh_from_db()
    return meeting


def seated(cast: Cast, meeting: Meeting, **values: Any) -> Attendance:
    """The one seat with a vote is there."""
    there = Attendance.objects.create(
        meeting=meeting, mandate=Mandate.objects.get(body=meeting.body), person=cast["voter"],
        name="Volker Stimm", organisation="Brandt GmbH", **values,
    )  # fmt: skip
    Presence.objects.create(attendance=there, by="account:prüfung")
    return there


def url(name: str, thing: Any, *more: Any) -> str:
    """The address of a page about a thing."""
    return reverse(f"bodies:{name}", args=[thing.uuid, *more])


def key_of(client: Client, page: str, action: str) -> str:
    """The key in the form of a page that is sent to this address."""
    form = make.body(client.get(page)).decode().split(f'action="{action}"')[1].split("</form>")[0]
    return form.split('name="_key" value="')[1].split('"')[0]


@contextmanager
def real_database(folder: Path) -> Iterator[None]:
    """Threads see a database as a running house has it: SQLite's test database is in memory, where
    a table that somebody writes to cannot even be read. What threads do there stays there."""
    if connection.vendor != "sqlite":
        yield
        return
    file = folder / "wirklich.sqlite3"
    with closing(sqlite3.connect(file)) as copy:
        connection.connection.backup(copy)
    settings = connection.settings_dict
    before = settings["NAME"]
    settings["NAME"] = str(file)
    try:
        yield
    finally:
        settings["NAME"] = before


def at_once(acts: Sequence[Callable[[], Any]], seconds: float = 60) -> list[Any]:
    """Runs each in a thread of its own, all let go together; what they answered within so many
    seconds. Raises the first fault."""
    answers: list[Any] = []
    faults: list[BaseException] = []
    line = threading.Barrier(len(acts))

    def one(act: Callable[[], Any]) -> None:
        try:
            line.wait(60)
            answers.append(act())
        except BaseException as fault:
            faults.append(fault)
        finally:
            connection.close()

    threads = [threading.Thread(target=one, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(seconds)
    if faults:
        raise faults[0]
    return answers
