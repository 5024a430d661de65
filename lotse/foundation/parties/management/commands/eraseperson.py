"""`lotse eraseperson`: dry run, then the erasure with a second pair of eyes (GDPR art. 17)."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import override

from lotse.foundation.core.actor import ANONYMOUS, COMMAND
from lotse.foundation.core.errors import NotAllowed, Refused
from lotse.foundation.parties.models import Erasure, Person
from lotse.foundation.parties.privacy import erasure
from lotse.foundation.parties.privacy.identity import by_address
from lotse.foundation.parties.privacy.policy import ACTS

NOBODY = "Unter dieser Adresse ist niemand gespeichert."


class Command(BaseCommand):
    help = "Löscht eine Person: erst --dry-run, dann --confirm-by mit einer zweiten Person."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--email", required=True, help="Adresse der Person")
        parser.add_argument("--dry-run", action="store_true", help="zeigt nur, was geschähe")
        parser.add_argument(
            "--confirm-by",
            metavar="E-MAIL",
            help="wer aus Geschäftsstelle oder Betrieb den Antrag geprüft hat und bestätigt; "
            "ohne diese Angabe gilt die Wartezeit von 72 Stunden, wenn es sonst niemanden gibt",
        )
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        person = by_address(options["email"])
        if person is None:
            raise CommandError(NOBODY)
        with override("de"):
            if options["dry_run"]:
                self._show(erasure.dry_run(person), options["json"], state="dry-run")
                return
            try:
                done = self._erase(person, options["confirm_by"])
            except Refused as refusal:
                raise CommandError("\n".join(refusal.messages)) from refusal
            except NotAllowed as refusal:
                raise CommandError(
                    "Diese Person darf Löschungen nicht bestätigen: Es muss jemand aus der "
                    "Geschäftsstelle oder dem Betrieb sein, aber nicht die Person selbst."
                ) from refusal
            self._show(done.report.get("lines", []), options["json"], state=done.state)
        if done.state != Erasure.State.DONE:
            self.stderr.write(
                "Noch nicht gelöscht: Es gibt niemanden, der bestätigen könnte. Die Person ist "
                "benachrichtigt; nach 72 Stunden wird gelöscht."
            )

    def _erase(self, person: Person, confirm_by: str | None) -> Erasure:
        """The command asks, or takes up a request that is open; somebody else confirms."""
        confirmer = None
        if confirm_by:
            confirmer = by_address(confirm_by)
            if confirmer is None or confirmer.account is None:
                raise CommandError(f"{confirm_by}: {NOBODY}")
        asked = erasure.ask(person, actor=COMMAND, network=person.home)
        if confirmer is not None and confirmer.account is not None:
            actor = erasure.as_account(confirmer.account, ANONYMOUS)
            return erasure.confirm(asked, actor=actor, expected=asked.version)
        if asked.asked_by != COMMAND.ref and erasure.others(asked):
            raise Refused("Bitte nennen Sie mit --confirm-by, wer den Antrag geprüft hat.")
        return erasure.confirm(asked, actor=COMMAND, expected=asked.version)

    def _show(self, lines: list[dict[str, Any]], as_json: bool, *, state: str) -> None:
        if as_json:
            report = {"state": state, "lines": lines}
            self.stdout.write(json.dumps(report, ensure_ascii=False, indent=2))
            return
        for line in lines:
            extra = " ".join(filter(None, [line["reason"], line["until"]]))
            self.stdout.write(
                f"{line['class']}  {line['what']} ({line['count']}): {ACTS[line['act']]}. {extra}"
            )
