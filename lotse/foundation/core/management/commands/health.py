"""`lotse health`: asks the running web server of this machine whether it works."""

import sys
from argparse import ArgumentParser
from http.client import HTTPConnection, HTTPException
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Fragt den Webserver auf diesem Rechner nach /gesund/; endet mit 0 oder 1."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=settings.PORT)

    def handle(self, *args: Any, **options: Any) -> None:
        server = HTTPConnection("127.0.0.1", options["port"], timeout=8)
        try:
            server.request("GET", "/gesund/", headers={"Host": urlsplit(settings.BASE_URL).netloc})
            answer = server.getresponse()
            self.stdout.write(answer.read(4096).decode("utf-8", "replace"))
            sys.exit(0 if answer.status == 200 else 1)
        except (OSError, HTTPException) as fault:
            self.stderr.write(f"Keine Antwort: {type(fault).__name__}")
            sys.exit(1)
        finally:
            server.close()
