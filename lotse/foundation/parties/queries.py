"""Named reads of networks and their pages."""

from collections.abc import Sequence
from functools import lru_cache
from uuid import UUID

from django.conf import settings

from lotse.foundation.core import text
from lotse.foundation.parties.models import Network, NetworkPage

_SHOWN = ("id", "uuid", "version", "name", "claim", "carrier", "accent", "logo_type", "is_default",
          "hosts", "is_demo", "contact_email", "may_register", "state",
          "parent")  # fmt: skip


def network_for(host: str) -> Network | None:
    """The network of a host name, else the default network; also one that rests or has ended: a
    banner says so, and its office still finds in. It comes with `below`, the networks whose things
    its pages show. One query."""
    networks = list(Network.objects.only(*_SHOWN))
    here = [network for network in networks if host in network.hosts]
    found = next(iter([*here, *(network for network in networks if network.is_default)]), None)
    if found is not None:
        found.below = open_networks_below(  # type: ignore[attr-defined]  # read by `viewing`
            found.pk, [(one.pk, one.uuid, one.parent_id, one.state) for one in networks]
        )
    return found


def networks_below(top: int) -> list[tuple[int, UUID]]:
    """(key, uuid) of a network and of all below it that have not ended. One query."""
    rows = Network.objects.order_by("pk").values_list("pk", "uuid", "parent_id", "state")
    return open_networks_below(top, list(rows))


def open_networks_below(
    top: int, rows: Sequence[tuple[int, UUID, int | None, str]]
) -> list[tuple[int, UUID]]:
    """The same out of (key, uuid, key of the parent, state) of all networks. No query."""
    parts: dict[int | None, list[int]] = {}
    for pk, _uuid, parent, _state in rows:
        parts.setdefault(parent, []).append(pk)
    inside = _below(top, parts)
    return [
        (pk, uuid)
        for pk, uuid, _parent, state in rows
        if pk in inside and state != Network.State.ENDED
    ]


def _below(top: int, parts: dict[int | None, list[int]]) -> set[int]:
    inside: set[int] = set()
    waiting: list[int] = [top]
    while waiting:
        new = [pk for pk in waiting if pk not in inside]
        inside.update(new)
        waiting = [part for pk in new for part in parts.get(pk, [])]
    return inside


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
