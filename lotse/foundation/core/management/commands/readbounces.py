"""`lotse readbounces`: reads delivery reports and marks what came back."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from lotse.foundation.core.mail import postbox


class Command(BaseCommand):
    help = (
        "Liest Zustellberichte (RFC 3464) und merkt sich, welche Mails zurückkamen. "
        "Ohne Angabe gelten LOTSE_BOUNCE_MAILDIR und LOTSE_BOUNCE_IMAP_URL."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        place = parser.add_mutually_exclusive_group()
        place.add_argument("--maildir", metavar="ORDNER")
        place.add_argument(
            "--imap",
            metavar="DATEI",
            help="Datei mit der Adresse: imaps://name:passwort@host/INBOX",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            found = self._read(options["maildir"], options["imap"])
        except (postbox.BadPlace, OSError) as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"Zurückgekommen und vermerkt: {found}")

    def _read(self, maildir: str | None, imap: str | None) -> int:
        if maildir:
            return postbox.read_maildir(Path(maildir))
        if imap:
            return postbox.read_imap(Path(imap).read_text(encoding="utf-8").strip())
        return postbox.read_configured()
