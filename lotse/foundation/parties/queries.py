"""Named reads of networks and their pages."""

from functools import lru_cache

from django.conf import settings

from lotse.foundation.core import text
from lotse.foundation.parties.models import Network, NetworkPage

_SHOWN = ("id", "uuid", "version", "name", "claim", "carrier", "accent", "logo_type", "is_default",
          "hosts", "is_demo", "contact_email", "may_register")  # fmt: skip


def network_for(host: str) -> Network | None:
    """The network of a host name, else the default network. One query."""
    networks = list(Network.objects.only(*_SHOWN).filter(state=Network.State.ACTIVE))
    for network in networks:
        if host in network.hosts:
            return network
    return next((network for network in networks if network.is_default), None)


def page_of(network: Network | None, kind: str, lang: str) -> tuple[str, str]:
    """(Markdown, its language) of a page: the network's own in this language, else in another,
    else the text that ships with Lotse. At most one query."""
    own: dict[str, str] = {}
    if network is not None:
        pages = NetworkPage.objects.filter(network=network, kind=kind)
        own = dict(pages.values_list("lang", "body"))
    if own:
        return text.pick(own, lang), text.language_of(own, lang)
    return _shipped(kind, lang), lang


@lru_cache(maxsize=16)
def _shipped(kind: str, lang: str) -> str:
    file = settings.CONTENT_DIR / "pages" / f"{kind}.{lang}.md"
    return file.read_text(encoding="utf-8") if file.exists() else ""
