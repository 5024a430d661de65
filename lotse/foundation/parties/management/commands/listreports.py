"""`lotse listreports`: reported barriers and faults, newest first, for an office without desk."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from lotse.foundation.parties.models import Report
from lotse.foundation.parties.privacy.retention import alive


class Command(BaseCommand):
    help = "Zeigt gemeldete Barrieren und Fehler (nach ihrer Frist werden sie gelöscht)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        rows = alive(Report.objects.order_by("-created_at")).values(
            "uuid", "created_at", "network__name", "page", "request_number", "text", "reply_to"
        )
        if options["json"]:
            self.stdout.write(json.dumps(list(rows), ensure_ascii=False, indent=2, default=str))
            return
        for row in rows:
            day = f"{row['created_at']:%Y-%m-%d}"
            head = " · ".join(
                filter(
                    None,
                    [
                        day,
                        row["network__name"],
                        row["page"],
                        row["request_number"],
                        row["reply_to"],
                    ],
                )
            )
            self.stdout.write(f"{head}\n{row['text']}\n")
