"""`lotse createoperator`: the first account of an installation."""

import json
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email
from django.db import transaction

from lotse import environment
from lotse.foundation.accounts.models import Account
from lotse.foundation.core.actor import COMMAND
from lotse.foundation.core.errors import Refused
from lotse.foundation.parties.models import Network, Person, RoleGrant
from lotse.foundation.parties.services import networks, people, roles


class Command(BaseCommand):
    help = "Legt das Konto an, das diese Installation betreibt, oder macht ein Konto dazu."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--email", required=True)
        parser.add_argument("--name", default="", help="Vorname Nachname")
        parser.add_argument("--network", default="", help="Name des Netzwerks, wenn es keines gibt")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        email = options["email"].strip().lower()
        try:
            validate_email(email)
            person, made = self._operator(email, options["name"], options["network"])
        except ValidationError as error:
            raise CommandError(" ".join(error.messages), returncode=2) from error
        except Refused as refusal:
            raise CommandError("\n".join(refusal.messages)) from refusal
        if options["json"]:
            document = {"email": email, "person": str(person.uuid), "created": made}
            self.stdout.write(json.dumps(document, ensure_ascii=False, indent=2))
            return
        self.stderr.write(
            f"{email} betreibt jetzt diese Installation.\n"
            f"Anmelden: {settings.BASE_URL}/konto/anmelden/ (mit Kennwort, sonst mit dem Code aus "
            f"der E-Mail)\nDanach einen zweiten Faktor einrichten, dann: "
            f"{settings.BASE_URL}/betrieb/"
        )

    @transaction.atomic
    def _operator(self, email: str, name: str, network: str) -> tuple[Person, bool]:
        """All or nothing; repeatable. Without `LOTSE_OPERATOR_PASSWORD` the account has none and
        signs in by the code that is mailed."""
        from allauth.account.models import EmailAddress

        if not Network.objects.exists():
            networks.create_network(actor=COMMAND, name=network or "Unser Netzwerk")
        account = Account.objects.filter(email__iexact=email).first()
        made = account is None
        if account is None:
            word = environment.text("LOTSE_OPERATOR_PASSWORD")
            if word:
                validate_password(word)
            account = Account.objects.create_user(email, word or None)
        EmailAddress.objects.update_or_create(
            user=account, email=account.email, defaults={"verified": True, "primary": True}
        )
        person = people.person_of(account)
        first, _blank, last = name.strip().rpartition(" ")
        if last:
            people.change_person(
                person, actor=COMMAND, expected=person.version, first_name=first, last_name=last
            )
        operator = RoleGrant.Role.OPERATOR
        if not person.grants.filter(role=operator, ended_at=None).exists():
            roles.grant_role(
                person, operator, actor=COMMAND, network=None, reason="Ersteinrichtung"
            )
        return person, made
