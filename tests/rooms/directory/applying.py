"""An application as the page sends it, and one that was received."""

from typing import Any

from django.test import Client
from django.urls import reverse

from lotse.foundation.core import once
from lotse.foundation.core.actor import ANONYMOUS
from lotse.foundation.core.models import OutboxMail
from lotse.foundation.parties.models import Network
from lotse.rooms.directory.models import Application
from lotse.rooms.directory.services import joining

RULES: dict[str, Any] = {
    "is_open": True,
    "intro": {"de": "Schön, dass Sie da sind."},
    "criteria": [{"text": {"de": "Wir arbeiten mit.", "en": "We take part."}}],
    "welcome": [{"title": {"de": "Anrufen", "en": "Call"}, "days": 3}],
}


def form(**more: Any) -> dict[str, Any]:
    """What the page sends."""
    values = {
        "_key": once.new_key(), "name": "Werkhof Lahn e. V.", "kind": "nonprofit",
        "city": "Mannheim", "postal_code": "68159", "region": "08222",
        "website": "https://werkhof.example", "offers": "Werkstatt und Anleitung",
        "seeks": "Betriebe für Praktika", "topics": ["ausbildung"], "first_name": "Uta",
        "last_name": "Werk", "email": "Uta.Werk@werkhof.example", "phone": "0621 123",
        "kriterium-support": "on", "kriterium-contact": "on",
    }  # fmt: skip
    return values | more


def send(**more: Any) -> Any:
    return Client().post(reverse("directory:join"), form(**more))


def application(network: Network, **more: Any) -> Application:
    values = {
        "name": "Werkhof Lahn e. V.", "kind": "nonprofit", "offers": "Werkstatt",
        "last_name": "Werk", "email": "uta.werk@werkhof.example", "topics": ["ausbildung"],
        "region": "08222", "city": "Mannheim", "seeks": "Betriebe",
    } | more  # fmt: skip
    return joining.apply(
        network, actor=ANONYMOUS, key=once.new_key(), lang="de", criteria=["support"], **values
    )


def mails(code: str) -> list[OutboxMail]:
    return list(OutboxMail.objects.filter(code=code).order_by("pk"))
