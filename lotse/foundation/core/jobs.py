"""Scheduled work: each job once a day, whichever worker comes first; what failed or is late shows.

The row of a job and a day is the claim. A job that failed, or whose worker died, is tried again
after an hour, at most five times a day; every job bears running twice.
"""

import logging
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F, Max, Q
from django.utils import timezone

from lotse.foundation.core import clock, hooks
from lotse.foundation.core.hooks import DailyJob
from lotse.foundation.core.models import JobRun

logger = logging.getLogger("lotse.jobs")
MOST_ATTEMPTS = 5
PAUSE = timedelta(hours=1)
LATE_AFTER = timedelta(hours=26)
KEPT_DAYS = 90


def run_due() -> dict[str, int]:
    """Runs what is due at this hour and did not run today; name -> count of those that ran well.

    A fault of one job does not stop the others.
    """
    hour = timezone.localtime(clock.now()).hour
    done = {}
    for job in hooks.daily_jobs:
        if hour >= job.hour and (run := _claim(job)) is not None:
            count = _run(job, run)
            if count is not None:
                done[job.name] = count
    return done


def _claim(job: DailyJob) -> JobRun | None:
    """The run of today as this process's, or None if it ran, runs, or may not be tried again."""
    now, today = clock.now(), clock.today()
    run = JobRun.objects.filter(name=job.name, due_on=today).first()
    if run is None:
        try:
            with transaction.atomic():
                return JobRun.objects.create(
                    name=job.name, due_on=today, started_at=now, attempts=1
                )
        except IntegrityError:
            return None
    again = JobRun.objects.filter(
        pk=run.pk, ok=False, started_at__lte=now - PAUSE, attempts__lt=MOST_ATTEMPTS
    )
    won = again.update(started_at=now, ended_at=None, error="", attempts=F("attempts") + 1)
    return JobRun.objects.get(pk=run.pk) if won else None


def _run(job: DailyJob, run: JobRun) -> int | None:
    mine = JobRun.objects.filter(pk=run.pk, started_at=run.started_at)
    try:
        count = job.run()
    except Exception as fault:
        logger.exception("Die Arbeit %s ist ausgefallen und wird wiederholt.", job.name)
        # Its words may quote a row; the log has them blacked out (T32).
        mine.update(ended_at=clock.now(), ok=False, error=type(fault).__name__[:300])
        return None
    mine.update(ended_at=clock.now(), ok=True, count=max(0, count), error="")
    return count


def forget_old() -> int:
    """Deletes runs older than 90 days; returns how many."""
    border = clock.today() - timedelta(days=KEPT_DAYS)
    return JobRun.objects.filter(due_on__lt=border).delete()[0]


@dataclass(frozen=True)
class JobRow:
    """A job as the operator's page shows it; `state` is never, running, ran, failed or late."""

    name: str
    title: Any
    state: str
    last: datetime | None
    count: int
    attempts: int
    error: str
    next: datetime


def overview() -> list[JobRow]:
    """All jobs in their order with what became of them. 2 queries."""
    names = [job.name for job in hooks.daily_jobs]
    newest = {
        row["name"]: row
        for row in JobRun.objects.filter(name__in=names)
        .values("name")
        .annotate(newest=Max("pk"), well=Max("ended_at", filter=Q(ok=True)))
    }
    runs = JobRun.objects.in_bulk([row["newest"] for row in newest.values()])
    return [
        _row(job, runs[found["newest"]] if found else None, found["well"] if found else None)
        for job in hooks.daily_jobs
        for found in [newest.get(job.name)]
    ]


def _row(job: DailyJob, run: JobRun | None, well: datetime | None) -> JobRow:
    if run is None:
        return JobRow(job.name, job.title, "never", None, 0, 0, "", _next(job, None))
    return JobRow(
        name=job.name,
        title=job.title,
        state=_state(run, well),
        last=run.ended_at or run.started_at,
        count=run.count,
        attempts=run.attempts,
        error=run.error,
        next=_next(job, run),
    )


def _state(run: JobRun, well: datetime | None) -> str:
    now = clock.now()
    if run.ended_at is None:
        return "running" if run.started_at > now - PAUSE else "failed"
    if not run.ok:
        return "failed"
    return "late" if well is None or well < now - LATE_AFTER else "ran"


def _next(job: DailyJob, run: JobRun | None) -> datetime:
    """When it is due: now for one that is overdue, in an hour after a failure, else by its hour."""
    now, today = clock.now(), clock.today()
    if run is not None and run.due_on == today:
        if not run.ok and run.attempts < MOST_ATTEMPTS:
            return max(now, run.started_at + PAUSE)
        return _at(job, today + timedelta(days=1))
    return max(now, _at(job, today))


def _at(job: DailyJob, day: Any) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(job.hour)))
