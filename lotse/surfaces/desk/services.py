"""The one write of the desk itself: a task that failed for good begins anew."""

from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from django_tasks_db.models import DBTaskResult

from lotse.foundation.core import tasks
from lotse.foundation.core.actor import Actor
from lotse.foundation.core.errors import NotAllowed, Refused
from lotse.foundation.core.models import LogEntry


@transaction.atomic
def run_task_again(task: UUID, *, actor: Actor) -> None:
    """Queues a failed task anew with what it was given; the failed row goes.

    Only the operator. Raises NotAllowed, Refused for a task that did not fail, and for one whose
    arguments were removed because they were private.
    """
    if not actor.operates:
        raise NotAllowed("desk.task.again")
    found = DBTaskResult.objects.select_for_update().filter(pk=task, status="FAILED").first()
    if found is None:
        raise Refused(_("Diese Aufgabe ist nicht gescheitert oder läuft schon wieder."))
    given = found.args_kwargs.get("kwargs", {})
    if given.get("kwargs") is None or "path" not in given:
        raise Refused(_("Diese Aufgabe enthielt Vertrauliches, das schon gelöscht ist. Lösen Sie "
                        "sie dort neu aus, wo sie herkam."))  # fmt: skip
    queue = found.queue_name
    found.delete()
    again = tasks.run_job.using(queue_name=queue)
    again.enqueue(path=given["path"], attempt=0, kwargs=given["kwargs"])
    LogEntry.objects.create(
        actor=actor.ref, code="desk.task.again", object_type="django_tasks_db.dbtaskresult",
        object_uuid=task, after={"path": given["path"]},
    )  # fmt: skip
