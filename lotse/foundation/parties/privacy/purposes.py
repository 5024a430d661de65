"""What a person can consent to: purposes with their channels and wordings (product rule 2).

A room adds its own with `register`. A change of the wording needs a new version: a consent keeps
the wording it was given to.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

CHANNELS: dict[str, Any] = {
    "web": _("auf öffentlichen Seiten"),
    "members": _("für Mitglieder des Netzwerks"),
    "brochure": _("in der Broschüre"),
    "mail": _("per E-Mail"),
}


@dataclass(frozen=True)
class Purpose:
    """One purpose; `wording` is a text map (language -> text) of what the person says yes to."""

    key: str
    title: Any
    channels: tuple[str, ...]
    wording: Mapping[str, str]
    version: str


_purposes: dict[str, Purpose] = {}


def register(purpose: Purpose) -> Purpose:
    """Adds a purpose. Raises ValueError for a second one of the same key, a channel that does not
    exist, or a missing language."""
    if purpose.key in _purposes and _purposes[purpose.key] != purpose:
        raise ValueError(f"purpose {purpose.key} is registered twice")
    if not set(purpose.channels) <= set(CHANNELS) or not purpose.channels:
        raise ValueError(f"purpose {purpose.key}: unknown channel")
    if not {"de", "en"} <= set(purpose.wording):
        raise ValueError(f"purpose {purpose.key} needs its wording in German and English")
    _purposes[purpose.key] = purpose
    return purpose


def all_purposes() -> list[Purpose]:
    """In the order in which they were registered."""
    return list(_purposes.values())


def find(key: str, channel: str) -> Purpose | None:
    """The purpose, if it has this channel."""
    purpose = _purposes.get(key)
    return purpose if purpose and channel in purpose.channels else None


register(Purpose(
    "profile", _("Steckbrief zeigen"), ("web", "members", "brochure"),
    {"de": "Mein Name, meine Funktion und mein Steckbrief dürfen gezeigt werden.",
     "en": "My name, my function and my profile may be shown."}, "2026-11",
))  # fmt: skip
register(Purpose(
    "photo", _("Foto zeigen"), ("web", "members", "brochure"),
    {"de": "Mein Foto darf neben meinem Namen gezeigt werden.",
     "en": "My photo may be shown beside my name."}, "2026-11",
))  # fmt: skip
register(Purpose(
    "contact", _("Kontaktangaben zeigen"), ("web", "members", "brochure"),
    {"de": "Meine E-Mail-Adresse und meine Telefonnummer dürfen gezeigt werden.",
     "en": "My e-mail address and my phone number may be shown."}, "2026-11",
))  # fmt: skip
register(Purpose(
    "matching", _("Bei der Suche nach Partnern vorschlagen"), ("members",),
    {"de": "Das Netzwerk darf mich anderen vorschlagen, wenn meine Angaben zu deren Anliegen "
           "passen.",
     "en": "The network may suggest me to others when my details match what they look for."},
    "2026-11",
))  # fmt: skip
register(Purpose(
    "newsletter", _("Neuigkeiten senden"), ("mail",),
    {"de": "Das Netzwerk darf mir Neuigkeiten und Einladungen per E-Mail senden.",
     "en": "The network may send me news and invitations by e-mail."}, "2026-11",
))  # fmt: skip
register(Purpose(
    "referral", _("Anfragen weitergeben"), ("members",),
    {"de": "Das Netzwerk darf mein Anliegen und meine Kontaktangaben an eine passende "
           "Partnerorganisation weitergeben.",
     "en": "The network may pass my request and my contact details on to a suitable partner "
           "organisation."}, "2026-11",
))  # fmt: skip
