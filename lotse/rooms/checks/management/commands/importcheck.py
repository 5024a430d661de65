"""`lotse importcheck FILE [--publish]`: the loader, the single writer of checks."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from lotse.foundation.core.actor import COMMAND
from lotse.foundation.core.errors import Refused
from lotse.rooms.checks.management.commands.validatecheck import read_file
from lotse.rooms.checks.services import library


class Command(BaseCommand):
    help = "Nimmt einen Check auf; mit --publish wird er öffentlich."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--publish", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            revision, created = library.import_check(
                read_file(options["file"]), actor=COMMAND, publish=options["publish"]
            )
        except library.InvalidCheck as refusal:
            for fault in refusal.faults:
                self.stderr.write(f"Zeile {fault.line or 1}, {fault.path}: {fault.message}")
            sys.exit(1)
        except Refused as refusal:
            self.stderr.write("\n".join(refusal.messages))
            sys.exit(1)
        word = "aufgenommen" if created else "schon vorhanden"
        self.stderr.write(f"{revision.check_ref.code}, Revision {revision.number}: {word}")
