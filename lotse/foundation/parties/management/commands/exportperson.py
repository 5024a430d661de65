"""`lotse exportperson`: everything about one person, for an answer to a request (GDPR art. 15)."""

import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from lotse.foundation.core import actionlog
from lotse.foundation.core.actor import COMMAND
from lotse.foundation.parties.privacy import export
from lotse.foundation.parties.privacy.identity import by_address


class Command(BaseCommand):
    help = "Gibt alles aus, was über eine Person gespeichert ist (Auskunft, Art. 15 DSGVO)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--email", required=True, help="Adresse der Person")
        out = parser.add_mutually_exclusive_group()
        out.add_argument(
            "--json", action="store_true", help="JSON auf die Ausgabe (Voreinstellung)"
        )
        out.add_argument("--out", type=Path, help="schreibt eine ZIP-Datei mit JSON und HTML")

    def handle(self, *args: Any, **options: Any) -> None:
        person = by_address(options["email"])
        if person is None:
            raise CommandError("Unter dieser Adresse ist niemand gespeichert.")
        if options["out"] is None:
            self.stdout.write(export.as_json(export.everything(person)))
            actionlog.record("parties.person.exported", person, actor=COMMAND, subject=person.uuid)
            return
        content = export.take_along(person, actor=COMMAND)
        try:
            # Readable by the operator only, and never over another file.
            file = os.open(options["out"], os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except OSError as error:
            raise CommandError(f"{error.filename}: {error.strerror}", returncode=2) from error
        with os.fdopen(file, "wb") as out:
            out.write(content)
        self.stderr.write(f"Geschrieben: {options['out']}")
