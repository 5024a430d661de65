"""Organisations: for those who belong to their network."""

from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from ninja import Field, Query, Router, Schema

from lotse.foundation.core import text
from lotse.foundation.core.permissions import get_visible, visible
from lotse.foundation.parties.here import actor_in
from lotse.foundation.parties.models import Organisation
from lotse.surfaces.api.access import needs
from lotse.surfaces.api.paging import PageQuery, page_of, reply

router = Router()
_COUNTRY = "00"


class OrganisationRow(Schema):
    """An organisation in a list: never a way to reach anybody (T08)."""

    uuid: UUID
    network: UUID
    name: str
    short_name: str
    kind: Organisation.Kind
    city: str
    region: str | None
    topics: list[str]
    is_demo: bool


class OrganisationDetail(OrganisationRow):
    """An organisation."""

    function: str
    postal_code: str
    website: str
    version: int


class OrganisationList(Schema):
    """A page of organisations."""

    items: list[OrganisationRow]
    next: str | None


class OrganisationQuery(PageQuery):
    """What a list of organisations is narrowed to."""

    network: UUID | None = None
    kind: Organisation.Kind | None = None
    region: str = Field("", max_length=5, description="Official key (AGS): two digits or five")
    topic: str = Field("", max_length=40, description="Code of a topic or of a group of topics")
    q: str = Field("", max_length=200, description="Part of the name, the short name or the city")


def _rows() -> QuerySet[Organisation]:
    return Organisation.objects.select_related("network", "region").prefetch_related("topics")


def narrowed(rows: QuerySet[Organisation], wanted: OrganisationQuery) -> QuerySet[Organisation]:
    """The organisations asked for. No query of its own."""
    if wanted.network:
        rows = rows.filter(network__uuid=wanted.network)
    if wanted.kind:
        rows = rows.filter(kind=wanted.kind)
    if wanted.region and wanted.region != _COUNTRY:
        rows = rows.filter(region__key__startswith=wanted.region)
    if wanted.topic:
        # The code of a retired topic finds what went over to its successor.
        of_topic = (
            Q(topics__code=wanted.topic)
            | Q(topics__parent__code=wanted.topic)
            | Q(topics__replaced__code=wanted.topic)
        )
        rows = rows.filter(pk__in=Organisation.objects.filter(of_topic).values("pk"))
    for word in text.clean_line(wanted.q).split():
        rows = rows.filter(
            Q(name__icontains=word) | Q(short_name__icontains=word) | Q(city__icontains=word)
        )
    return rows


def _row(organisation: Organisation) -> dict[str, Any]:
    return {
        "uuid": organisation.uuid,
        "network": organisation.network.uuid,
        "name": organisation.name,
        "short_name": organisation.short_name,
        "kind": organisation.kind,
        "city": organisation.city,
        "region": organisation.region.key if organisation.region else None,
        "topics": sorted(topic.code for topic in organisation.topics.all()),
        "is_demo": organisation.is_demo,
    }


@router.get("organisations", response=OrganisationList, summary="Organisations by name")
@needs("organisations:read")
def organisations(
    request: HttpRequest, response: HttpResponse, wanted: Query[OrganisationQuery]
) -> Any:
    found = visible("parties.organisation.view", actor_in(request), narrowed(_rows(), wanted))
    shown = page_of(found, wanted, order=("name", "uuid"))
    return reply(request, response, shown, [_row(row) for row in shown.rows])


@router.get("organisations/{uuid:uuid}", response=OrganisationDetail, summary="One organisation")
@needs("organisations:read", counted="parties.detail")
def organisation(request: HttpRequest, uuid: UUID) -> Any:
    found = get_visible("parties.organisation.view", actor_in(request), uuid, _rows())
    return {
        **_row(found),
        "function": found.function,
        "postal_code": found.postal_code,
        "website": found.website,
        "version": found.version,
    }
