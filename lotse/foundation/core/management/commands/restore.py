"""`lotse restore FILE`: checks a backup and puts everything back."""

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from lotse.foundation.core.backup import restoring
from lotse.foundation.core.errors import Refused


class Command(BaseCommand):
    help = "Spielt eine Sicherung ein, auch aus der anderen Datenbank (SQLite, PostgreSQL)."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="DATEI")
        parser.add_argument("--force", action="store_true",
                            help="ersetzt, was in dieser Installation liegt")  # fmt: skip
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            found = restoring.restore(
                options["file"], force=options["force"], say=self.stderr.write
            )
        except Refused as refusal:
            raise CommandError(" ".join(refusal.messages)) from refusal
        if options["json"]:
            self.stdout.write(json.dumps(found, ensure_ascii=False, indent=2))
        else:
            self._tell(found)
        sys.exit(1 if found["chain_faults"] else 0)

    def _tell(self, found: dict[str, Any]) -> None:
        self.stdout.write(
            f"Eingespielt: {found['tables']} Tabellen mit {found['rows']} Zeilen, "
            f"{found['files']} Dateien, {found['seconds']} Sekunden. Die Zahl der Zeilen stimmt."
        )
        if found["replayed"]:
            self.stdout.write(f"Löschungen seit der Sicherung nachgeholt: {found['replayed']}.")
        if found["held_mails"]:
            self.stdout.write(
                f"Mails, die bei der Sicherung warteten: {found['held_mails']}. Sie gelten als "
                "unklar und gehen nicht von selbst hinaus; siehe /betrieb/."
            )
        if found["other_key"]:
            self.stdout.write(
                "Der geheime Schlüssel ist ein anderer als bei der Sicherung: Alle Sitzungen "
                "enden, und angezeigt werden neue geheime Links."
            )
        for name in found["lost_files"]:
            self.stdout.write(f"Diese Datei fehlte schon in der Sicherung: {name}")
        for fault in found["chain_faults"]:
            self.stdout.write(f"Beurkundungen nicht ganz: {fault}")
        self.stdout.write("Weiter mit: lotse doctor")
