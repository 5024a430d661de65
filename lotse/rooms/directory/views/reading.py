"""What the pages of this room share: who looks, in which language, and how often (T08)."""

from django.http import HttpRequest
from django.utils.translation import get_language

from lotse.foundation.core import limits, reads, search
from lotse.foundation.parties.here import actor_in, network_in
from lotse.foundation.parties.viewing import viewer_of

KINDS = ("organisation", "person", "service")


def language() -> str:
    """The language of the page."""
    return (get_language() or "de")[:2]


def viewer_in(request: HttpRequest) -> search.Viewer:
    """What the visitor may find here."""
    return viewer_of(actor_in(request), network_in(request))


def count(request: HttpRequest, name: str) -> None:
    """Counts a look into the directory, per account, and per address for who is nobody: the
    directory is read page by page, not copied (T08). Raises TooMany."""
    actor = actor_in(request)
    who = str(actor.uuid) if actor.signed_in else f"address {limits.address_of(request)}"
    reads.count(name, who)
