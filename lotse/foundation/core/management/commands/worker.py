"""`lotse worker`: runs queued tasks, sends mail, takes over from dead workers, does daily jobs."""

import logging
import os
import signal
import threading
import uuid
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand
from django.db import close_old_connections, connections
from django_tasks_db.management.commands.db_worker import Worker

from lotse.foundation.core import jobs, mail, processes, workers

logger = logging.getLogger("lotse.worker")
LOOK_SECONDS = 1.0
AFTER_FAULT_SECONDS = 10.0
MAIL_ENDS_SECONDS = 12.0


class PatientWorker(Worker):
    """Finishes the running task however often it is told to stop.

    The library ends the task at a second signal and marks it FAILED; service managers send two.
    """

    def shutdown(self, signum: int, frame: FrameType | None) -> None:
        if self.running:
            super().shutdown(signum, frame)


class Command(BaseCommand):
    help = "Führt Aufgaben im Hintergrund aus und sendet Mails."

    def handle(self, *args: Any, **options: Any) -> None:
        processes.follow()
        worker_id = f"w-{uuid.uuid4().hex[:12]}"
        lock = workers.LifeLock(worker_id)
        lock.take()
        stop = threading.Event()
        keeper = threading.Thread(target=self._every_minute, args=(stop, lock), daemon=True)
        sender = threading.Thread(target=self._send_mail, args=(stop, worker_id), daemon=True)
        workers.take_over()
        mail.mark_unclear()
        keeper.start()
        sender.start()
        try:
            self._run(worker_id)
        finally:
            stop.set()
            sender.join(MAIL_ENDS_SECONDS)
            lock.release()

    def _run(self, worker_id: str) -> None:
        worker = PatientWorker(
            queue_names=["*"],
            interval=1,
            batch=False,
            backend_name="default",
            startup_delay=False,
            max_tasks=None,
            worker_id=worker_id,
            excluded_queue_names=[],
        )
        worker.configure_signals()
        worker.run()

    def _send_mail(self, stop: threading.Event, worker_id: str) -> None:
        """A thread and a connection of its own: a server that hangs holds up nothing but mail."""
        pause = LOOK_SECONDS
        while not stop.wait(pause):
            pause = LOOK_SECONDS
            try:
                close_old_connections()
                mail.deliver_due(worker_id, stop=stop)
            except Exception:
                logger.exception("Das Senden von Mails ist ausgefallen und wird wiederholt.")
                pause = AFTER_FAULT_SECONDS
                self._let_go(worker_id)
        connections.close_all()

    def _let_go(self, worker_id: str) -> None:
        """After a fault in the middle nobody knows whether the mail went."""
        try:
            connections.close_all()
            mail.mark_unclear(worker_id)
        except Exception:
            logger.exception("Unklare Mails ließen sich nicht vermerken.")

    def _every_minute(self, stop: threading.Event, lock: workers.LifeLock) -> None:
        while not stop.wait(60):
            if not lock.is_held():
                logger.error("Die Verbindung, die diesen Dienst ausweist, ist weg: Neustart.")
                os.kill(os.getpid(), signal.SIGTERM)
                return
            try:
                close_old_connections()
                workers.take_over()
                mail.mark_unclear()
                jobs.run_due()
            except Exception:
                logger.exception("Die regelmäßige Arbeit ist ausgefallen und wird wiederholt.")
            finally:
                connections.close_all()
