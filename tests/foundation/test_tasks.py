"""Background work: retries, giving up, and tasks that outlive their worker (T46)."""

import threading
import traceback
from types import SimpleNamespace

import pytest
from django.db import transaction
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from lotse.foundation.core import tasks, workers

CALLS: list[str] = []


@tasks.task(retries=2)
def flaky(*, word: str) -> None:
    CALLS.append(word)
    if word == "bad":
        raise RuntimeError("broken")
    if word == "never":
        raise tasks.GiveUp("no")


@tasks.task(private=True)
def confidential(*, word: str) -> None:
    CALLS.append(word)
    if word == "refused@b.example":
        raise tasks.GiveUp(f"recipient refused: {word}")


@pytest.fixture(autouse=True)
def _database_queue(settings) -> None:
    CALLS.clear()
    settings.TASKS = {
        "default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["default", "mail"]}
    }


def run_once() -> DBTaskResult:
    row = DBTaskResult.objects.order_by("enqueued_at").last()
    assert row is not None
    context = SimpleNamespace(task_result=SimpleNamespace(id=row.id))
    tasks.run_job.func(context, **row.args_kwargs["kwargs"])
    return row


@pytest.mark.django_db(transaction=True)
def test_a_rollback_removes_the_task() -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        flaky.enqueue(word="x")
        raise RuntimeError
    assert DBTaskResult.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_a_failure_is_tried_again_later_and_the_last_one_shows() -> None:
    flaky.enqueue(word="bad")
    run_once()
    again = DBTaskResult.objects.order_by("enqueued_at").last()
    assert again is not None
    assert again.args_kwargs["kwargs"]["attempt"] == 1
    assert again.run_after is not None
    run_once()
    with pytest.raises(RuntimeError, match="broken"):
        run_once()
    assert CALLS == ["bad"] * 3


@pytest.mark.django_db(transaction=True)
def test_giving_up_is_not_tried_again() -> None:
    flaky.enqueue(word="never")
    with pytest.raises(tasks.GiveUp):
        run_once()
    assert DBTaskResult.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_private_arguments_are_gone_when_it_is_done() -> None:
    confidential.enqueue(word="a@b.example")
    row = run_once()
    row.refresh_from_db()
    assert "a@b.example" not in str(row.args_kwargs)
    run_once()
    assert CALLS == ["a@b.example"]


@pytest.mark.django_db(transaction=True)
def test_a_private_failure_quotes_nothing() -> None:
    confidential.enqueue(word="refused@b.example")
    with pytest.raises(tasks.GiveUp) as failure:
        run_once()
    assert "refused@" not in "".join(traceback.format_exception(failure.value))
    assert "refused@" not in str(DBTaskResult.objects.get().args_kwargs)


def test_a_task_can_be_called_directly() -> None:
    flaky(word="now")
    assert CALLS == ["now"]


@pytest.mark.django_db(transaction=True)
def test_another_thread_sees_that_the_lock_is_held() -> None:
    """The worker looks once a minute, from a thread of its own."""
    lock, seen = workers.LifeLock("w-watched"), []
    lock.take()
    watcher = threading.Thread(target=lambda: seen.append(lock.is_held()))
    watcher.start()
    watcher.join()
    lock.release()
    assert seen == [True]


@pytest.mark.django_db(transaction=True)
def test_tasks_of_the_dead_are_taken_over_those_of_the_living_are_left() -> None:
    flaky.enqueue(word="a")
    flaky.enqueue(word="b")
    first, second = DBTaskResult.objects.order_by("enqueued_at")
    alive = workers.LifeLock("w-alive")
    alive.take()
    try:
        for row, worker in ((first, "w-alive"), (second, "w-dead")):
            row.status = TaskResultStatus.RUNNING
            row.worker_ids = [worker]
            row.save()
        assert workers.is_alive("w-alive")
        assert not workers.is_alive("w-dead")
        assert workers.take_over() == 1
        first.refresh_from_db()
        second.refresh_from_db()
        assert first.status == TaskResultStatus.RUNNING
        assert second.status == TaskResultStatus.READY
    finally:
        alive.release()
    assert not workers.is_alive("w-alive")
    assert workers.take_over() == 1
