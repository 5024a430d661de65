"""Networks: public."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema

from lotse.foundation.core.permissions import get_visible, visible
from lotse.foundation.parties.here import actor_in
from lotse.foundation.parties.models import Network
from lotse.surfaces.api.access import needs
from lotse.surfaces.api.paging import PageQuery, page_of, reply

router = Router()


class NetworkRow(Schema):
    """A network in a list."""

    uuid: UUID
    name: str
    claim: dict[str, str]
    state: str
    region: str | None
    parent: UUID | None
    is_demo: bool


class NetworkDetail(NetworkRow):
    """A network."""

    carrier: str
    accent: str
    version: int


class NetworkList(Schema):
    """A page of networks."""

    items: list[NetworkRow]
    next: str | None


def _rows() -> Any:
    return Network.objects.select_related("region", "parent").defer("logo")


def _row(network: Network) -> dict[str, Any]:
    return {
        "uuid": network.uuid,
        "name": network.name,
        "claim": network.claim,
        "state": network.state,
        "region": network.region.key if network.region else None,
        "parent": network.parent.uuid if network.parent else None,
        "is_demo": network.is_demo,
    }


@router.get("networks", response=NetworkList, summary="Networks by name")
@needs("networks:read", public=True)
def networks(request: HttpRequest, response: HttpResponse, page: Query[PageQuery]) -> Any:
    found = visible("parties.network.view", actor_in(request), _rows())
    shown = page_of(found, page, order=("name", "uuid"))
    return reply(request, response, shown, [_row(network) for network in shown.rows])


@router.get("networks/{uuid:uuid}", response=NetworkDetail, summary="One network")
@needs("networks:read", public=True)
def network(request: HttpRequest, uuid: UUID) -> Any:
    found: Network = get_visible("parties.network.view", actor_in(request), uuid, _rows())
    return {
        **_row(found),
        "carrier": found.carrier,
        "accent": found.accent,
        "version": found.version,
    }
