"""`lotse doctor`: what is missing for real use, in plain words."""

import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from lotse.foundation.core import doctor

GROUPS = ((doctor.MISSING, "fehlt"), (doctor.CHECK, "prüfen"), (doctor.OK, "in Ordnung"))


class Command(BaseCommand):
    help = "Sagt, was für den Betrieb fehlt; endet mit 1, solange etwas fehlt."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        found = doctor.findings()
        fine = all(finding.state != doctor.MISSING for finding in found)
        if options["json"]:
            rows = [
                {"what": one.what, "ok": one.state == doctor.OK, "state": one.state,
                 "todo": "" if one.state == doctor.OK else one.todo}
                for one in found
            ]  # fmt: skip
            self.stdout.write(json.dumps(rows, ensure_ascii=False, indent=2))
            sys.exit(0 if fine else 1)
        for state, title in GROUPS:
            group = [one for one in found if one.state == state]
            if group:
                self.stdout.write(f"{title}:")
            for one in group:
                todo = "" if state == doctor.OK else f": {one.todo}"
                self.stdout.write(f"  {one.what}{todo}")
        sys.exit(0 if fine else 1)
