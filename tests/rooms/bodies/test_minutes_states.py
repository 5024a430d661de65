"""The states of minutes under random acts (T39): only what the table allows, and what was adopted
stays as it is, byte by byte."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from lotse.foundation.core import clock, guards
from lotse.foundation.core.errors import Conflict, NotAllowed, Refused
from lotse.foundation.procedures.models import Objection
from lotse.rooms.bodies.models import Charter, Meeting, Minutes, MinutesRevision, Outcome
from lotse.rooms.bodies.services import minutes as services
from lotse.rooms.bodies.services import objections
from lotse.rooms.bodies.services.rewording import Wording
from tests import people
from tests.people import Cast
from tests.rooms.bodies.minutes_made import (
    RULE,
    adopted,
    circulated,
    held,
    later_meeting,
    run_out,
    with_rule,
)
from tests.rooms.bodies.writing import real_database

# The table, written down once more: the code is checked against it, not against itself.
ALLOWED = {
    ("draft", "circulated"), ("circulated", "corrected"), ("corrected", "corrected"),
    ("circulated", "adopted"), ("corrected", "adopted"), ("adopted", "published"),
    ("adopted", "adopted"), ("published", "published"),
}  # fmt: skip


def test_the_table_of_the_code_is_this_one() -> None:
    assert {(was, now) for was, after in services.AFTER.items() for now in after} == ALLOWED


class Life(RuleBasedStateMachine):
    """Minutes in the hands of people who press every button at any time."""

    cast: Cast

    @initialize(silence=st.booleans())
    def begin(self, silence: bool) -> None:
        self.sid = transaction.savepoint()
        basis = RULE if silence else ""
        Charter.objects.filter(body=self.cast.council).update(silence_basis=basis, level="public")
        self.silence = silence
        self.meeting = Meeting.objects.select_related("body__charter", "body__network").get(
            pk=held(self.cast, state=Meeting.State.RUNNING).pk
        )
        self.minutes = services.begin(self.meeting)
        self.later = later_meeting(self.meeting)
        self.now = clock.now()
        self.patch = mock.patch.object(clock, "now", self.read_clock)
        self.patch.start()
        self.seen: list[tuple[int, str, str]] = []
        self.states = ["draft"]
        self.final = ""

    def read_clock(self) -> datetime:
        return self.now

    def teardown(self) -> None:
        if hasattr(self, "patch"):
            self.patch.stop()
            transaction.savepoint_rollback(self.sid)

    def try_(self, act: Any, role: str = "minute_taker", **values: Any) -> None:
        current = Minutes.objects.get(pk=self.minutes.pk)
        try:
            with transaction.atomic():
                act(current, actor=self.cast.actor(role), **values)
        except (Refused, Conflict, NotAllowed):
            pass
        self.note()

    def note(self) -> None:
        state = Minutes.objects.values_list("state", flat=True).get(pk=self.minutes.pk)
        rows = MinutesRevision.objects.filter(minutes=self.minutes).order_by("number")
        number = len(self.seen)
        for row in rows[number:]:
            self.states.append(row.state)
            if row.state in services.FINAL:
                self.check_final(json.loads(row.content))
            self.seen.append((row.number, row.content, row.sha256))
        assert self.states[-1] == state

    def check_final(self, content: dict[str, Any]) -> None:
        """Apart from marked corrections it says for ever what it said first."""
        content["corrections"] = []
        said = json.dumps(content, sort_keys=True)
        self.final = self.final or said
        assert said == self.final

    @rule(ahead=st.integers(-1, 1), role=st.sampled_from(["minute_taker", "voter", "office"]))
    def circulate(self, ahead: int, role: str) -> None:
        version = Minutes.objects.get(pk=self.minutes.pk).version + ahead
        self.try_(services.circulate, role, expected=version)

    @rule()
    def end_meeting(self) -> None:
        Meeting.objects.filter(pk=self.meeting.pk).update(state=Meeting.State.HELD)

    @rule(days=st.integers(0, 16))
    def wait(self, days: int) -> None:
        self.now = self.now + timedelta(days=days)

    @rule()
    def settle(self) -> None:
        services.settle(Minutes.objects.get(pk=self.minutes.pk))
        self.note()

    @rule(words=st.sampled_from(["Er wird aufgenommen.", "Er wird später aufgenommen."]))
    def correct(self, words: str) -> None:
        outcome = Outcome.objects.get(item__meeting=self.meeting)
        wording = Wording(outcomes={str(outcome.uuid): {"text": words}})
        self.try_(services.correct, expected=self.version(), wording=wording, reason="Wortlaut")

    def version(self) -> int:
        return Minutes.objects.values_list("version", flat=True).get(pk=self.minutes.pk)

    @rule()
    def touch_the_items(self) -> None:
        """Somebody changes what the minutes were made of."""
        first = self.meeting.items.order_by("pk")[0]
        self.meeting.items.filter(pk=first.pk).update(title=f"Titel {self.now.isoformat()}")

    @rule(earlier=st.booleans())
    def adopt(self, earlier: bool) -> None:
        where = self.meeting if earlier else self.later
        self.try_(services.adopt_minutes, expected=self.version(), meeting=where)

    @rule(level=st.sampled_from(Charter.Level.values))
    def publish(self, level: str) -> None:
        self.try_(services.publish, expected=self.version(), level=level)

    @rule(item=st.sampled_from(["", "1", "7"]))
    def amend(self, item: str) -> None:
        self.try_(services.mark_correction, expected=self.version(), item=item, words="Zwei.",
                  reason="Zahl")  # fmt: skip

    @rule()
    def object_(self) -> None:
        self.try_(objections.object_to_minutes, "voter", words="Es waren zwei.")

    @rule(accepted=st.booleans())
    def answer(self, accepted: bool) -> None:
        for one in Objection.objects.select_related("period").filter(state="open"):
            try:
                with transaction.atomic():
                    objections.answer(one, actor=self.cast.actor("chair"), expected=one.version,
                                      accepted=accepted, words="Danke.")  # fmt: skip
            except (Refused, Conflict):
                pass

    @invariant()
    def only_what_is_allowed(self) -> None:
        if not hasattr(self, "states"):
            return
        pairs = list(zip(self.states, self.states[1:], strict=False))
        assert set(pairs) <= ALLOWED, pairs

    @invariant()
    def nothing_written_changes(self) -> None:
        if hasattr(self, "seen"):
            rows = MinutesRevision.objects.filter(minutes=self.minutes).order_by("number")
            now = list(rows.values_list("number", "content", "sha256"))
            assert now[: len(self.seen)] == self.seen

    @invariant()
    def silence_adopts_only_by_rule(self) -> None:
        if hasattr(self, "minutes"):
            found = Minutes.objects.get(pk=self.minutes.pk)
            assert self.silence or found.adopted_by != "deadline"
            still = Objection.objects.filter(state__in=("open", "accepted"), period__ended_at=None)
            if found.adopted_by == "deadline":
                assert not still.exists()


def test_random_acts_never_leave_the_table(cast: Cast) -> None:
    from hypothesis.stateful import run_state_machine_as_test

    Life.cast = cast
    run_state_machine_as_test(
        Life, settings=settings(max_examples=25, stateful_step_count=18, deadline=None,
                                suppress_health_check=list(HealthCheck)),
    )  # fmt: skip


def test_the_service_refuses_what_the_database_would(cast: Cast) -> None:
    minutes = adopted(cast)
    assert isinstance(minutes.adopted_at, datetime)
    actor, version = cast.actor("office"), minutes.version
    with pytest.raises(Refused):
        services.adopt_minutes(minutes, actor=actor, expected=version,
                               meeting=later_meeting(minutes.meeting, number=3))  # fmt: skip


@pytest.mark.parametrize("act", ["update", "delete"])
def test_the_database_keeps_revisions(cast: Cast, act: str) -> None:
    rows = MinutesRevision.objects.filter(minutes=circulated(cast))
    before = rows.get().content
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        rows.update(content="{}") if act == "update" else rows.delete()
    assert rows.get().content == before
    with pytest.raises(DatabaseError), transaction.atomic():
        cast.council.delete()


def test_what_is_removed_as_a_whole_goes(cast: Cast) -> None:
    minutes = circulated(cast)
    with transaction.atomic(), guards.removing():
        cast.council.delete()
    assert not MinutesRevision.objects.filter(minutes_id=minutes.pk).exists()
    other = circulated(cast, held_elsewhere(cast))
    with pytest.raises(DatabaseError), transaction.atomic():
        MinutesRevision.objects.filter(minutes=other).delete()
    with pytest.raises(DatabaseError), transaction.atomic(), guards.removing():
        MinutesRevision.objects.filter(minutes=other).update(content="{}")


def held_elsewhere(cast: Cast) -> Meeting:
    """A meeting of a second body."""
    from lotse.foundation.core.actor import COMMAND
    from lotse.rooms.bodies.models import Mandate
    from lotse.rooms.bodies.services import bodies
    from tests.rooms.bodies.conftest import meeting_of

    body = bodies.create_body(cast.network, actor=COMMAND, name="Arbeitsgruppe", kind="group")
    bodies.appoint(body, cast["minute_taker"], "minute_taker", actor=COMMAND)
    assert not Mandate.objects.filter(body=body).exists()
    begin = clock.now() - timedelta(days=2)
    return meeting_of(body, starts_at=begin, ends_at=begin + timedelta(hours=1), state="held",
                      opened_at=begin, closed_at=begin + timedelta(hours=1))  # fmt: skip


@pytest.mark.django_db(transaction=True)
def test_a_flush_empties_guarded_tables_and_leaves_the_guard() -> None:
    circulated(people.cast())
    call_command("flush", interactive=False, verbosity=0)
    assert not MinutesRevision.objects.exists()
    rows = MinutesRevision.objects.filter(minutes=circulated(people.cast()))
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        rows.delete()


@pytest.mark.django_db(transaction=True)
def test_two_who_read_at_once_adopt_once(tmp_path: Path) -> None:
    cast = people.cast()
    with_rule(cast.council)
    minutes = circulated(cast)
    run_out(minutes)

    def read() -> tuple[bool, int]:
        try:
            done = services.settle(Minutes.objects.get(pk=minutes.pk))
            return done, MinutesRevision.objects.filter(minutes=minutes, state="adopted").count()
        finally:
            connection.close()

    with real_database(tmp_path), ThreadPoolExecutor(4) as pool:
        found = [one.result() for one in [pool.submit(read) for _n in range(4)]]
    assert sorted(found) == [(False, 1), (False, 1), (False, 1), (True, 1)]
