"""`lotse importorganisations FILE [--network NAME] [--publish web,members] [--json]`."""

import json
import sys
from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError

from lotse.foundation.core.actor import COMMAND
from lotse.foundation.core.errors import Refused
from lotse.foundation.parties.models import Network
from lotse.rooms.directory.content import table
from lotse.rooms.directory.services import importing


class Command(BaseCommand):
    help = (
        "Liest Organisationen aus einer Tabelle (CSV oder XLSX) ein. Sie werden an der Spalte "
        "„key“ wiedererkannt."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--network", help="Name oder UUID eines anderen Netzwerks")
        parser.add_argument(
            "--publish", default="", help="web, members, brochure; mit Komma getrennt"
        )
        parser.add_argument("--json", action="store_true", help="das Ergebnis als JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        channels = [name for name in options["publish"].replace(" ", "").split(",") if name]
        try:
            with Path(options["file"]).open("rb") as file:
                raw = file.read(table.BYTES_MOST + 1)
            outcome = importing.import_organisations(
                raw, actor=COMMAND, network=network_named(options["network"]), channels=channels
            )
        except OSError as error:
            raise CommandError(f"{error.filename}: {error.strerror}", returncode=2) from error
        except Refused as refusal:
            raise CommandError("\n".join(refusal.messages)) from refusal
        if options["json"]:
            self.stdout.write(json.dumps(asdict(outcome), ensure_ascii=False))
        self._say(outcome)
        if outcome.refused:
            sys.exit(1)

    def _say(self, outcome: importing.Outcome) -> None:
        for one in outcome.refused:
            for message in one["messages"]:
                self.stderr.write(f"Zeile {one['line']}, {one['key'] or '–'}: {message}")
        self.stderr.write(
            f"{outcome.created} neu, {outcome.changed} geändert, {outcome.unchanged} unverändert, "
            f"{len(outcome.refused)} abgelehnt"
        )
        if outcome.kept:
            self.stderr.write(
                f"{outcome.kept} nicht veröffentlicht: Diese Organisationen pflegen ihren "
                "Steckbrief selbst."
            )


def network_named(name: str | None) -> Network:
    """The network of this name or uuid, without one the default. Raises CommandError."""
    if not name:
        found = list(Network.objects.filter(is_default=True))
    else:
        try:
            found = list(Network.objects.filter(uuid=UUID(name)))
        except ValueError:
            found = list(Network.objects.filter(name=name))
    if len(found) != 1:
        raise CommandError("Dieses Netzwerk gibt es nicht." if not found else
                           "So heißen mehrere Netzwerke: bitte die UUID angeben.",
                           returncode=2)  # fmt: skip
    return found[0]
