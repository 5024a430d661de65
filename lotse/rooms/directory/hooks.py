"""How the room joins the front page and the menu."""

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from lotse.foundation.core.hooks import Door, MenuEntry
from lotse.foundation.parties.here import network_in
from lotse.foundation.parties.models import Network
from lotse.rooms.directory.queries.welcome import join_url


def door(request: HttpRequest) -> Door:
    return Door(
        title=_("Partner finden"),
        text=_("Wer kann was, für wen und wo? Suchen Sie in Ihren eigenen Worten."),
        url=reverse("directory:find"),
    )


def join_door(request: HttpRequest) -> Door | None:
    """Only where organisations can apply. At most one query."""
    url = join_url(network_in(request))
    words = _("Partner werden: sagen Sie, was Sie einbringen und was Sie suchen.")
    return Door(title=_("Mitmachen"), text=words, url=url) if url else None


def join_link(request: HttpRequest) -> MenuEntry | None:
    """The same at the foot of each page, without asking whether it is open now: the page says
    so."""
    network = network_in(request)
    if network is None or network.state != Network.State.ACTIVE:
        return None
    url = reverse("directory:join")
    return MenuEntry(title=_("Mitmachen"), url=url, prefix=url)


def menu(request: HttpRequest) -> MenuEntry:
    url = reverse("directory:find")
    return MenuEntry(title=_("Verzeichnis"), url=url, prefix=url)
