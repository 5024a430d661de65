"""`lotse rekey`: after a change of the secret key, locks anew what the old one locked."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from lotse.foundation.accounts.services import rekey


class Command(BaseCommand):
    help = (
        "Stellt zweite Faktoren und Sitzungen auf den neuen geheimen Schlüssel um. Der alte steht "
        "dabei in LOTSE_SECRET_KEY_FALLBACKS."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.SECRET_KEY_FALLBACKS:
            raise CommandError("LOTSE_SECRET_KEY_FALLBACKS ist nicht gesetzt: nichts umzustellen.")
        moved = rekey.rekey()
        self.stdout.write(
            f"Umgestellt: {moved.factors} zweite Faktoren, {moved.sessions} Sitzungen"
        )
        if moved.unreadable:
            raise CommandError(
                f"{moved.unreadable} zweite Faktoren öffnet keiner der Schlüssel: Es fehlt noch "
                "ein alter in LOTSE_SECRET_KEY_FALLBACKS."
            )
