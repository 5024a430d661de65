"""How the room joins the front page and the menu."""

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from lotse.foundation.accounts import guests
from lotse.foundation.core.actor import Actor
from lotse.foundation.core.hooks import Door, MenuEntry
from lotse.rooms.checks.services import sharing


def door(request: HttpRequest) -> Door:
    return Door(
        title=_("Check machen"),
        text=_("Wo stehen wir? Wenige Punkte, ohne Anmeldung. Am Ende steht ein Plan."),
        url=reverse("checks:list"),
    )


def menu(request: HttpRequest) -> MenuEntry:
    url = reverse("checks:list")
    return MenuEntry(title=_("Checks"), url=url, prefix=url)


def claim(request: HttpRequest, actor: Actor) -> None:
    """What a visitor began in this browser belongs to the account from the first sign-in on."""
    # Worked out anew: a first sign-in has just made the person.
    sharing.claim_started(guests.started_here(request), actor=guests.actor_of(request))
