"""Two minute takers write into the same notes for a minute, as fast as the house answers."""

import random
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from lotse.foundation.core import once
from lotse.rooms.bodies.models import NoteBlock, NoteVersion
from tests.people import Cast
from tests.rooms.bodies.conftest import item_of, meeting_of
from tests.rooms.bodies.writing import at_once, real_database, run, url

SECONDS = 60
LONG = 90  # a line nobody types on in any more


@dataclass
class Writer:
    """A browser with the notes open: types on or begins a line, saves, takes over the answer."""

    role: str
    client: Client
    address: str
    dice: random.Random
    text: str = ""
    revision: int = 0
    typed: list[str] = field(default_factory=list)
    states: Counter[str] = field(default_factory=Counter)

    def write(self) -> "Writer":
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            self._type()
            self._save()
        return self

    def _type(self) -> None:
        word = f"{self.role}-{len(self.typed)}ü;"
        self.typed.append(word)
        lines = self.text.split("\n") if self.text else []
        at = self.dice.randint(0, len(lines))
        # Every other time into a line that stands there, most likely one the other types in too.
        if at < len(lines) and len(lines[at]) < LONG and self.dice.random() < 0.5:
            lines[at] += f" {word}"
        else:
            lines.insert(at, word)
        self.text = "\n".join(lines)

    def _save(self) -> None:
        key = once.new_key()
        while True:
            body = {"block": "shared", "text": self.text, "revision": str(self.revision),
                    "_key": key}  # fmt: skip
            answer = self.client.post(self.address, body, HTTP_ACCEPT="application/json")
            found = answer.json()
            self.states[found["state"]] += 1
            if found["state"] == "running":
                continue
            assert found["state"] in ("saved", "merged", "conflict"), found
            self.text, self.revision = found["text"], found["revision"]
            if found["state"] != "conflict":
                return
            key = once.new_key()  # both versions stay, as they stand in the field


@pytest.mark.measured
@pytest.mark.django_db(transaction=True)
def test_a_minute_of_two_writers_loses_no_character(cast: Cast, tmp_path: Path) -> None:
    item = item_of(run(meeting_of(cast.council)))
    writers = [
        Writer(role, cast.client(role), url("notes", item), random.Random(seed))
        for seed, role in enumerate(("chair", "minute_taker"))
    ]

    def stored() -> Any:
        return NoteBlock.objects.get().text, NoteVersion.objects.count()

    with real_database(tmp_path):
        done = at_once([writer.write for writer in writers], SECONDS * 2)
        [(text, versions)] = at_once([stored])
    assert len(done) == 2
    there = Counter(text.split())
    for one in writers:
        print(f"{connection.vendor}: {one.role} typed {len(one.typed)} words: {dict(one.states)}")
        assert [word for word in one.typed if not there[word]] == []
        assert one.states["merged"] > 10
    twice = sum(count > 1 for word, count in there.items() if word.endswith(";"))
    print(f"{len(text)} characters, {versions} versions, {twice} words in both of two versions")
    assert sum(one.states["conflict"] for one in writers) or not twice
