"""`lotse serve`: granian with the web processes, and the background worker beside it."""

import os
import signal
import sys
import threading
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connections

from lotse.foundation.core import processes


def load_application(target: str) -> Any:
    """Runs in each web process before the application is imported."""
    # Not politely: now and then granian hangs when a signal it handles meets an open request, and
    # would keep the port. What was not answered yet is rolled back by the database.
    processes.follow(signal.SIGKILL)
    from django.utils.module_loading import import_string

    return import_string(settings.WSGI_APPLICATION)


class WorkerKeeper:
    """Starts the background worker and another one when it ends."""

    def __init__(self) -> None:
        self._pid = 0
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._keep, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def _keep(self) -> None:
        while not self._stopping.is_set():
            # Not subprocess: it waits at a pipe that a web process forked at the same moment
            # keeps open, and this thread would hang there and never start another worker.
            self._pid = os.posix_spawn(
                sys.executable,
                [sys.executable, "-m", "lotse.cli", "worker"],
                os.environ,
                setpgroup=0,
            )
            os.waitpid(self._pid, 0)
            self._pid = 0
            self._stopping.wait(2)

    def stop(self) -> None:
        """Lets the running task finish, up to 20 seconds."""
        self._stopping.set()
        for sign in (signal.SIGTERM, signal.SIGKILL):
            if self._thread.is_alive():
                if self._pid:
                    os.kill(self._pid, sign)
                self._thread.join(20)


class Command(BaseCommand):
    help = "Startet Webserver und Hintergrunddienst."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=settings.PORT)
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--workers", type=int, default=2)
        parser.add_argument("--threads", type=int, default=2)
        parser.add_argument("--no-worker", action="store_true", help="ohne Hintergrunddienst")

    def handle(self, *args: Any, **options: Any) -> None:
        processes.save_memory()
        from granian import Granian
        from granian.constants import Interfaces
        from granian.log import LogLevels

        if not (settings.STATIC_ROOT / "staticfiles.json").exists():
            raise CommandError(
                "Es fehlen Dateien der Oberfläche: bitte `lotse collectstatic --noinput` ausführen."
            )
        server = Granian(
            settings.WSGI_APPLICATION.replace(".application", ":application"),
            address=options["host"],
            port=options["port"],
            interface=Interfaces.WSGI,
            workers=options["workers"],
            blocking_threads=options["threads"],
            backlog=2048,
            backpressure=512,
            respawn_failed_workers=True,
            workers_kill_timeout=10,
            websockets=False,
            log_level=LogLevels.warning,
        )
        processes.lead()
        keeper = WorkerKeeper()
        if not options["no_worker"]:
            server.on_startup(keeper.start)
        if "LOTSE_BASE_URL" not in os.environ and "LOTSE_BASE_URL_FILE" not in os.environ:
            # Links name the port that was asked for; children and worker inherit both.
            settings.BASE_URL = f"http://localhost:{options['port']}"
            os.environ["LOTSE_BASE_URL"] = settings.BASE_URL
        connections.close_all()  # children are forked: none may share a connection
        self.stderr.write(f"Lotse: http://localhost:{options['port']}/")
        try:
            server.serve(target_loader=load_application)
        finally:
            keeper.stop()
