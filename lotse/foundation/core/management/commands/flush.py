"""`lotse flush`: Django's own, which SQLite would refuse for the record chain."""

from typing import Any

from django.core.management.commands import flush
from django.db import connections

from lotse.foundation.core import db


class Command(flush.Command):
    def handle(self, **options: Any) -> None:
        with db.records_unguarded(connections[options["database"]]):
            super().handle(**options)
