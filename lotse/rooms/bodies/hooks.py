"""How the room joins the menu."""

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from lotse.foundation.core.hooks import MenuEntry
from lotse.foundation.parties.here import actor_in


def menu(request: HttpRequest) -> MenuEntry | None:
    """For people who are signed in: public bodies are found from the pages of the network."""
    if not actor_in(request).signed_in:
        return None
    url = reverse("bodies:bodies")
    return MenuEntry(title=_("Gremien"), url=url, prefix=url)
