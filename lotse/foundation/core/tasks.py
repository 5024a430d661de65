"""Background work behind one facade: retries, and tasks that survive the death of a worker.

Arguments are JSON (ids, no secrets, no texts). Every task must bear running twice: after a crash
it is started again (T46).
"""

import functools
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django_tasks import default_task_backend
from django_tasks import task as backend_task

from lotse.foundation.core import clock

RETRY_AFTER_MINUTES = (1, 5, 30, 120, 720)
_registry: dict[str, Any] = {}


class GiveUp(Exception):
    """Raised by a task that cannot succeed by trying again."""


def task(
    *, queue: str = "default", retries: int = len(RETRY_AFTER_MINUTES), private: bool = False
) -> Callable[[Callable[..., None]], "Job"]:
    """Makes a module-level function a task: `name.enqueue(**kwargs)`.

    An exception leads to a new attempt after 1, 5, 30, 120 and 720 minutes; the last one stays
    FAILED in the list of tasks. Of a `private` task the arguments are removed when it is done.
    """

    def register(function: Callable[..., None]) -> "Job":
        job = Job(function, retries=retries)
        path = f"{function.__module__}.{function.__qualname__}"
        _registry[path] = job
        return job

    def with_queue(function: Callable[..., None]) -> "Job":
        job = register(function)
        job.queue = queue
        job.private = private
        return job

    return with_queue


class Job:
    """A task by its own name; `enqueue` writes the row in the caller's transaction."""

    queue = "default"
    private = False

    def __init__(self, function: Callable[..., None], *, retries: int) -> None:
        functools.update_wrapper(self, function)
        self.function = function
        self.retries = retries
        self.path = f"{function.__module__}.{function.__qualname__}"

    def __call__(self, **kwargs: Any) -> None:
        self.function(**kwargs)

    def enqueue(self, *, delay: timedelta | None = None, **kwargs: Any) -> str:
        """Queues the task; a rollback of the caller removes it. Returns its id."""
        return self._enqueue(0, delay, kwargs)

    def _enqueue(self, attempt: int, delay: timedelta | None, kwargs: dict[str, Any]) -> str:
        using = run_job.using(queue_name=self.queue)
        if delay is not None and default_task_backend.supports_defer:
            using = using.using(run_after=clock.now() + delay)
        return str(using.enqueue(path=self.path, attempt=attempt, kwargs=kwargs).id)

    def attempt(self, number: int, kwargs: dict[str, Any]) -> None:
        """Runs once; queues the next attempt on failure, or lets the last failure show."""
        try:
            self.function(**kwargs)
        except GiveUp:
            raise
        except Exception:
            if number >= self.retries:
                raise
            minutes = RETRY_AFTER_MINUTES[min(number, len(RETRY_AFTER_MINUTES) - 1)]
            self._enqueue(number + 1, timedelta(minutes=minutes), kwargs)


@backend_task(queue_name="default", takes_context=True)
def run_job(context: Any, *, path: str, attempt: int, kwargs: dict[str, Any] | None) -> None:
    """The one function the backend knows; it finds the job by its path."""
    from django.utils.module_loading import import_string

    if kwargs is None:
        return  # done before its worker died: the arguments were already removed
    job = _registry.get(path) or import_string(path)
    if not job.private:
        job.attempt(attempt, kwargs)
        return
    try:
        job.attempt(attempt, kwargs)
    except Exception as error:
        # A traceback is kept and logged, and may quote the arguments ("recipient refused: …").
        _remove_arguments(context.task_result.id, path, attempt)
        raise GiveUp(type(error).__name__) from None
    _remove_arguments(context.task_result.id, path, attempt)


def _remove_arguments(task_id: str, path: str, attempt: int) -> None:
    """Addresses and the like stay in the queue only until the task is done."""
    from django_tasks_db.models import DBTaskResult

    emptied = {"args": [], "kwargs": {"path": path, "attempt": attempt, "kwargs": None}}
    DBTaskResult.objects.filter(id=task_id).update(args_kwargs=emptied)
