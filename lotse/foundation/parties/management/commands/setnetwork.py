"""`lotse setnetwork`: name, carrier, contact, accent colour, logo, hosts of the network."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from lotse.foundation.core.actor import COMMAND
from lotse.foundation.core.errors import Refused
from lotse.foundation.parties.models import Network
from lotse.foundation.parties.services import networks


class Command(BaseCommand):
    help = "Ändert Name und Auftritt des Netzwerks (oder legt das erste an)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--new", action="store_true", help="legt ein weiteres Netzwerk an")
        parser.add_argument(
            "--uuid", type=UUID, help="ein anderes als das voreingestellte Netzwerk"
        )
        parser.add_argument("--name")
        parser.add_argument("--carrier", help="Träger")
        parser.add_argument("--contact-email", help="Adresse für gemeldete Barrieren")
        parser.add_argument("--accent", help="Akzentfarbe, zum Beispiel #2044aa")
        parser.add_argument("--logo", type=Path, help="PNG oder JPEG, höchstens 200 kB")
        parser.add_argument("--host", action="append", help="Hostname, mehrfach möglich")
        parser.add_argument("--claim", help="Kurzbeschreibung, deutsch")
        parser.add_argument("--claim-en", help="Kurzbeschreibung, englisch")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            network = self._written(options)
        except Refused as refusal:
            raise CommandError("\n".join(refusal.messages)) from refusal
        except OSError as error:
            raise CommandError(f"{error.filename}: {error.strerror}", returncode=2) from error
        self.stdout.write(f"{network.name} ({network.uuid})")

    @transaction.atomic
    def _written(self, options: dict[str, Any]) -> Network:
        """All or nothing."""
        network = self._network(options)
        changes = self._changes(network, options)
        if changes:
            networks.change_network(network, actor=COMMAND, expected=network.version, **changes)
        if options["logo"]:
            networks.set_logo(network, actor=COMMAND, content=options["logo"].read_bytes())
        return network

    def _network(self, options: dict[str, Any]) -> Network:
        chosen = {"uuid": options["uuid"]} if options["uuid"] else {"is_default": True}
        found = Network.objects.filter(**chosen).first()
        if options["new"] or (found is None and not options["uuid"]):
            if not options["name"]:
                raise CommandError("Ein neues Netzwerk braucht einen Namen: bitte --name angeben.")
            return networks.create_network(actor=COMMAND, name=options["name"])
        if found is None:
            raise CommandError("Dieses Netzwerk gibt es nicht.")
        return found

    def _changes(self, network: Network, options: dict[str, Any]) -> dict[str, Any]:
        plain = {
            "name": options["name"],
            "carrier": options["carrier"],
            "contact_email": options["contact_email"],
            "accent": options["accent"],
            "hosts": options["host"],
        }
        changes = {key: value for key, value in plain.items() if value is not None}
        claim = {"de": options["claim"], "en": options["claim_en"]}
        if any(claim.values()):
            changes["claim"] = network.claim | {k: v for k, v in claim.items() if v}
        return changes
