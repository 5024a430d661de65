"""What somebody can do here who is new: join, and whether there is anything to look at."""

from uuid import UUID

from django.core.cache import cache
from django.db.models import Q
from django.urls import NoReverseMatch, reverse

from lotse.foundation.core import clock, search
from lotse.foundation.core.actor import Actor
from lotse.foundation.core.models import SearchDoc
from lotse.foundation.core.search import Viewer
from lotse.foundation.parties.models import Network
from lotse.foundation.topics.models import Region
from lotse.rooms.directory.models import Entry
from lotse.rooms.directory.queries.joining import rules_of

_KEPT_SECONDS = 60


def may_join(network: Network | None) -> bool:
    """Whether organisations can apply here. One query a minute: every page asks."""
    if not network or network.state != Network.State.ACTIVE:
        return False
    key = f"directory:joining:{network.uuid}"
    found: bool | None = cache.get(key)
    if found is None:
        found = rules_of(network).is_open
        cache.set(key, found, _KEPT_SECONDS)
    return found


def join_url(network: Network | None) -> str:
    """Where organisations apply; empty where they cannot."""
    return reverse("directory:join") if may_join(network) else ""


def has_entries(viewer: Viewer) -> bool:
    """Whether the directory shows this viewer anything. One query, which ends at the first."""
    now = clock.now()
    by_bits: dict[int, list[UUID]] = {}
    for network, bits in viewer.networks.items():
        by_bits.setdefault(bits, []).append(network)
    open_to = Q(pk__in=())
    for bits, networks in by_bits.items():
        audiences = [seen for seen in range(search.ALL + 1) if seen & bits]
        open_to |= Q(network_uuid__in=networks, audience__in=audiences)
    return SearchDoc.objects.filter(
        open_to, Q(from_at=None) | Q(from_at__lte=now), Q(until_at=None) | Q(until_at__gt=now),
        kind__in=Entry.Kind.values,
    ).exists()  # fmt: skip


def add_url(actor: Actor, network: Network | None) -> str:
    """Where the office takes up its first organisation; empty for everybody else. No query."""
    if not network or not (actor.is_operator or network.pk in actor.networks_as("office")):
        return ""
    try:
        return reverse("desk:organisation-new")
    except NoReverseMatch:
        return ""


def home_land(network: Network | None) -> str:
    """The Land in which a network works; empty where it is in all of them or in none. One
    query."""
    if not network:
        return ""
    key = Region.objects.filter(network=network.pk).values_list("key", flat=True).first() or ""
    return "" if key == "00" else key[:2]
