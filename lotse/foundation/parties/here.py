"""What the middlewares worked out about a request, with its types."""

from typing import cast

from django.http import HttpRequest
from django.http.request import split_domain_port

from lotse.foundation.core.actor import Actor
from lotse.foundation.parties.models import Network


def actor_in(request: HttpRequest) -> Actor:
    """Who acts (set by `CurrentActor`)."""
    return cast(Actor, request.actor)  # type: ignore[attr-defined]


def host_in(request: HttpRequest) -> str:
    """The host name of a request without port and final dot, in small letters."""
    return split_domain_port(request.get_host())[0]


def network_in(request: HttpRequest) -> Network | None:
    """Which network this host name shows (set by `CurrentNetwork`). One query, once."""
    network = request.network  # type: ignore[attr-defined]
    return cast(Network, network) if network else None
