"""`lotse buildwords`: writes the dictionary of the search."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from lotse.foundation.core.search import dictionary


class Command(BaseCommand):
    help = "Schreibt das Wörterbuch der Suche; `make install` tut es von selbst."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            path = dictionary.build()
        except OSError as error:
            raise CommandError(f"Das Wörterbuch lässt sich nicht schreiben: {error}") from error
        if options["verbosity"]:
            self.stdout.write(str(path))
