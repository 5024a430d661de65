"""`lotse validatecheck FILE [--json]`: every fault with path, line and a sentence."""

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from lotse.rooms.checks.format.reading import MAX_BYTES
from lotse.rooms.checks.services import library


def read_file(path: Path) -> bytes:
    """The file, but never more than the format takes (and one byte, so that it is refused)."""
    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror}", returncode=2) from error


class Command(BaseCommand):
    help = "Prüft eine Datei im Format lotse-check/1."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--json", action="store_true", help="Ergebnis als JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        content, faults = library.validate(read_file(options["file"]))
        if options["json"]:
            report = {"valid": not faults, "faults": [fault.as_dict() for fault in faults]}
            self.stdout.write(json.dumps(report, ensure_ascii=False, indent=2))
        else:
            for fault in faults:
                where = f"Zeile {fault.line}" if fault.line else "Datei"
                self.stderr.write(f"{where}, {fault.path or '/'}: {fault.message}")
            if not faults and content is not None:
                check = content["check"]
                self.stderr.write(f"In Ordnung: {check['id']}, Revision {check['revision']}")
        sys.exit(1 if faults else 0)
