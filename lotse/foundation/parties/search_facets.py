"""Networks as a facet of the search: a network and the ones below it."""

from collections.abc import Iterable
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from lotse.foundation.core import hooks
from lotse.foundation.parties.models import Network


def network_labels(values: Iterable[str], lang: str) -> dict[str, str]:
    """Names of networks by their uuid in 32 hex digits, in the order of the alphabet. One query.

    None of a network that ended: its pages are gone, and so is its name.
    """
    wanted = []
    for value in values:
        try:
            wanted.append(UUID(hex=value))
        except ValueError:
            continue
    rows = Network.objects.filter(uuid__in=wanted).exclude(state=Network.State.ENDED)
    rows = rows.order_by("name", "pk")
    return {uuid.hex: name for uuid, name in rows.values_list("uuid", "name")}


def register() -> None:
    """Every document of a network carries it without further ado (`core.search.put`)."""
    hooks.search_facets.register(
        hooks.SearchFacet("network", _("Netzwerk"), network_labels), order=90
    )
