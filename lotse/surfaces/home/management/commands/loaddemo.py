"""`lotse loaddemo`: a fictional network to look around in; repeatable."""

from argparse import ArgumentParser
from typing import Any

import yaml
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import transaction

from lotse.foundation.core import hooks
from lotse.foundation.parties import demo, demo_people
from lotse.foundation.parties.models import Network


class Command(BaseCommand):
    help = "Lädt das Beispielnetzwerk."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--if-empty",
            action="store_true",
            help="nur ohne Netzwerk; nennt sonst die Links",
        )
        parser.add_argument(
            "--accounts",
            choices=["json"],
            help="gibt Rolle, E-Mail-Adresse und Kennwort der Beispielkonten aus",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["if_empty"] and Network.objects.exists():
            for say_links in hooks.demo_links:
                say_links(self.stderr.write)
        else:
            self._load()
        if options["accounts"]:
            self.stdout.write(demo_people.as_json())

    def _load(self) -> None:
        call_command("loadcontent", stderr=self.stderr)
        with (settings.CONTENT_DIR / "demo" / "demo.yaml").open("rb") as file:
            data = yaml.safe_load(file)
        with transaction.atomic():
            network = demo.load(data)
            self.stderr.write(f"{network.name}: {network.organisations.count()} Organisationen")
            for load in hooks.demo_loaders:
                load(data, self.stderr.write)
