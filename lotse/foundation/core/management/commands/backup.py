"""`lotse backup FILE`: everything in one file, while people work."""

import json
import re
from argparse import ArgumentParser
from datetime import UTC, timedelta
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from lotse.foundation.core import clock
from lotse.foundation.core.backup import writing
from lotse.foundation.core.errors import Refused

_OURS = re.compile(r"lotse-[0-9]{8}-[0-9]{6}\.zip")


class Command(BaseCommand):
    help = "Sichert Datenbank, Dateien und Schlüssel in eine Datei; im laufenden Betrieb."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        what = "eine neue Datei, oder ein Ordner für lotse-DATUM-ZEIT.zip"
        parser.add_argument("file", type=Path, metavar="DATEI", help=what)
        what = "löscht danach ältere lotse-DATUM-ZEIT.zip in diesem Ordner"
        parser.add_argument("--keep-days", type=int, default=0, metavar="TAGE", help=what)
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        target: Path = options["file"]
        if options["keep_days"] and not target.is_dir():
            raise CommandError("--keep-days braucht einen Ordner.", returncode=2)
        folder = target if target.is_dir() else None
        if folder is not None:
            target = folder / f"lotse-{clock.now().astimezone(UTC):%Y%m%d-%H%M%S}.zip"
        try:
            found = writing.write(target)
        except Refused as refusal:
            raise CommandError(" ".join(refusal.messages)) from refusal
        except OSError as fault:
            raise CommandError(f"Die Sicherung wurde nicht geschrieben: {fault}") from fault
        if folder is not None and options["keep_days"]:
            found["removed"] = _remove_older(folder, options["keep_days"])
        for name in found["lost_files"]:
            self.stderr.write(f"Diese Datei fehlte schon vor der Sicherung: {name}")
        if options["json"]:
            self.stdout.write(json.dumps(found, ensure_ascii=False, indent=2))
            return
        self.stdout.write(
            f"{found['file']}: {found['size'] / 1024**2:.1f} MB, {found['tables']} Tabellen mit "
            f"{found['rows']} Zeilen, {found['files']} Dateien, {found['seconds']} Sekunden."
        )
        self.stdout.write("Die Sicherung ist nicht verschlüsselt: bitte geschützt aufbewahren.")


def _remove_older(folder: Path, days: int) -> list[str]:
    """Only files that this command named itself, by the date in their name."""
    border = f"lotse-{clock.now().astimezone(UTC) - timedelta(days=days):%Y%m%d-%H%M%S}.zip"
    old = [file for file in folder.iterdir() if _OURS.fullmatch(file.name) and file.name < border]
    for file in old:
        file.unlink(missing_ok=True)
    return sorted(file.name for file in old)
