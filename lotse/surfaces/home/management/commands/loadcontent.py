"""`lotse loadcontent`: topics, regions and the shipped checks; repeatable."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from lotse.foundation.core.actor import COMMAND
from lotse.foundation.core.errors import Refused
from lotse.foundation.topics.services import load_regions, load_topics
from lotse.rooms.checks.services import library


class Command(BaseCommand):
    help = "Lädt Themen, Regionen und die mitgelieferten Checks."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stderr.write(f"Regionen: {load_regions()}")
        self.stderr.write(f"Themen: {load_topics()}")
        for file in sorted((settings.CONTENT_DIR / "checks").glob("*.yaml")):
            self.stderr.write(f"Check {file.stem}: {self._load(file.read_bytes())}")

    def _load(self, data: bytes) -> str:
        """Publishes what is new; what the operator replaced or took back stays as it is."""
        try:
            _revision, created = library.import_check(data, actor=COMMAND)
            if created:
                library.import_check(data, actor=COMMAND, publish=True)
        except Refused as refusal:
            return " ".join(refusal.messages)
        return "neu" if created else "vorhanden"
