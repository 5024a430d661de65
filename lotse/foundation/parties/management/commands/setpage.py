"""`lotse setpage KIND FILE`: "Über uns", imprint, data protection, accessibility statement."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError

from lotse.foundation.core.actor import COMMAND
from lotse.foundation.core.errors import Refused
from lotse.foundation.parties import queries
from lotse.foundation.parties.models import Network, NetworkPage
from lotse.foundation.parties.services import networks


class Command(BaseCommand):
    help = "Schreibt eine Seite des Netzwerks aus einer Markdown-Datei (- für die Eingabe)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("kind", choices=NetworkPage.Kind.values)
        parser.add_argument("file", nargs="?", help="Datei; ohne sie wird der Text ausgegeben")
        parser.add_argument("--lang", choices=["de", "en"], default="de")
        parser.add_argument(
            "--uuid", type=UUID, help="ein anderes als das voreingestellte Netzwerk"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        chosen = {"uuid": options["uuid"]} if options["uuid"] else {"is_default": True}
        network = Network.objects.filter(**chosen).first()
        if network is None:
            raise CommandError("Es gibt noch kein Netzwerk: bitte zuerst `lotse setnetwork`.")
        if options["file"] is None:
            self.stdout.write(queries.page_of(network, options["kind"], options["lang"])[0])
            return
        try:
            body = sys.stdin.read() if options["file"] == "-" else Path(options["file"]).read_text()
            networks.set_page(
                network, actor=COMMAND, kind=options["kind"], lang=options["lang"], body=body
            )
        except Refused as refusal:
            raise CommandError("\n".join(refusal.messages)) from refusal
        except OSError as error:
            raise CommandError(f"{error.filename}: {error.strerror}", returncode=2) from error
        self.stderr.write("Gespeichert.")
