"""`lotse exportcheck ID [--revision N]`: a revision as YAML on standard output."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from lotse.foundation.core.errors import Refused
from lotse.rooms.checks.services import library


class Command(BaseCommand):
    help = "Gibt einen Check als YAML aus."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("id")
        parser.add_argument("--revision", type=int)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            self.stdout.write(library.export_check(options["id"], options["revision"]), ending="")
        except Refused as refusal:
            self.stderr.write("\n".join(refusal.messages))
            sys.exit(1)
