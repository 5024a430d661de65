"""Scheduled work: once a day over all workers; what failed or is late shows."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from lotse.foundation.core import clock, hooks, housekeeping, jobs
from lotse.foundation.core.hooks import DailyJob
from lotse.foundation.core.models import JobRun

pytestmark = pytest.mark.django_db

NIGHT = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)  # 00:30 of the 21st in Berlin
MORNING = datetime(2026, 11, 21, 6, 0, tzinfo=UTC)  # 07:00 in Berlin


class Clock:
    def __init__(self) -> None:
        self.time = MORNING

    def on(self, **later: float) -> None:
        self.time += timedelta(**later)


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Clock:
    hand = Clock()
    monkeypatch.setattr(clock, "now", lambda: hand.time)
    return hand


@pytest.fixture
def listed(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., DailyJob]]:
    """Puts jobs into an empty list."""
    monkeypatch.setattr(hooks.daily_jobs, "_entries", [])

    def add(name: str, run: Callable[[], int] = lambda: 3, hour: int = 3) -> DailyJob:
        return hooks.daily_jobs.register(DailyJob(name, name.title(), run, hour))

    return add


def broken() -> int:
    raise RuntimeError("kaputt\r\nX: y")


def row(number: int = 0) -> jobs.JobRow:
    return jobs.overview()[number]


def test_once_a_day_and_not_before_its_hour(at: Clock, listed: Any) -> None:
    listed("a", hour=3)
    listed("b", hour=7)
    at.time = NIGHT
    assert jobs.run_due() == {}
    at.time = MORNING
    assert jobs.run_due() == {"a": 3, "b": 3}
    assert jobs.run_due() == {}
    at.on(days=1)
    assert jobs.run_due() == {"a": 3, "b": 3}
    assert JobRun.objects.count() == 4


def test_two_workers_run_it_once(at: Clock, listed: Any) -> None:
    job = listed("a")
    first = jobs._claim(job)
    assert first is not None
    assert jobs._claim(job) is None
    assert jobs.run_due() == {}


def test_a_lost_race_for_the_row_is_no_fault(
    at: Clock, listed: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = listed("a")
    JobRun.objects.create(name="a", due_on=clock.today(), started_at=at.time)
    monkeypatch.setattr(JobRun.objects, "filter", lambda **_: JobRun.objects.none())
    assert jobs._claim(job) is None


def test_a_fault_stops_no_other_and_is_tried_five_times(at: Clock, listed: Any, caplog) -> None:
    listed("a", broken)
    listed("b")
    assert jobs.run_due() == {"b": 3}
    assert (row().state, row().error) == ("failed", "RuntimeError"), "no words: they quote"
    assert row().next == at.time + timedelta(hours=1)
    assert row(1).state == "ran"
    at.on(minutes=59)
    jobs.run_due()
    assert row().attempts == 1
    for _ in range(8):
        at.on(hours=1)
        jobs.run_due()
    assert row().attempts == 5
    assert row().next > at.time + timedelta(hours=6)
    assert caplog.text.count("ist ausgefallen") == 5


def test_what_worked_again_is_well(at: Clock, listed: Any) -> None:
    faults = [RuntimeError("x")]

    def sometimes() -> int:
        if faults:
            raise faults.pop()
        return 7

    listed("a", sometimes)
    jobs.run_due()
    at.on(hours=1)
    assert jobs.run_due() == {"a": 7}
    assert (row().state, row().count, row().error, row().attempts) == ("ran", 7, "", 2)


def test_a_job_whose_worker_died_runs_again(at: Clock, listed: Any) -> None:
    job = listed("a")
    jobs._claim(job)
    assert row().state == "running"
    at.on(hours=1)
    assert row().state == "failed"
    assert jobs.run_due() == {"a": 3}
    assert row().state == "ran"


def test_late_and_never(at: Clock, listed: Any) -> None:
    listed("a")
    assert row().state == "never"
    assert row().next == at.time
    jobs.run_due()
    at.on(hours=26)
    assert row().state == "ran"
    at.on(minutes=1)
    assert row().state == "late"


def test_the_overview_takes_two_queries(at: Clock, listed: Any, count_queries: Any) -> None:
    for name in "abc":
        listed(name)
    jobs.run_due()
    with count_queries() as queries:
        assert [found.state for found in jobs.overview()] == ["ran"] * 3
    assert queries.count == 2


def test_all_jobs_of_the_product_are_listed_and_run(settings: Any, at: Clock) -> None:
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
    names = [job.name for job in hooks.daily_jobs]
    assert len(names) == len(set(names))
    assert {job.name for job in housekeeping.JOBS} < set(names)
    assert {"parties.reports", "documents.orphans", "checks.expired"} <= set(names)
    assert set(jobs.run_due()) == set(names)
    assert {found.state for found in jobs.overview()} == {"ran"}


def test_old_runs_are_forgotten(at: Clock, listed: Any) -> None:
    listed("a")
    jobs.run_due()
    at.on(days=91)
    assert jobs.forget_old() == 1
