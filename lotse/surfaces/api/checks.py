"""Published checks: public, in the format lotse-check/1."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema

from lotse.foundation.core.permissions import get_visible, visible
from lotse.foundation.parties.here import actor_in
from lotse.rooms.checks.format import canonical
from lotse.rooms.checks.models import Check
from lotse.surfaces.api.access import needs
from lotse.surfaces.api.paging import PageQuery, page_of, reply

router = Router()


class CheckRow(Schema):
    """A check in a list; `sha256` is the hash of its content in canonical form."""

    uuid: UUID
    code: str
    title: dict[str, str]
    revision: int
    sha256: str
    published_at: datetime | None


class CheckDetail(CheckRow):
    """A check with the content of its published revision (lotse-check/1)."""

    content: dict[str, Any]


class CheckList(Schema):
    """A page of checks."""

    items: list[CheckRow]
    next: str | None


def _row(check: Check) -> dict[str, Any]:
    revision = check.published
    return {
        "uuid": check.uuid,
        "code": check.code,
        "title": revision.title,
        "revision": revision.number,
        "sha256": revision.sha256,
        "published_at": revision.published_at,
    }


@router.get("checks", response=CheckList, summary="Published checks by code")
@needs("checks:read", public=True)
def checks(request: HttpRequest, response: HttpResponse, page: Query[PageQuery]) -> Any:
    rows = Check.objects.select_related("current").defer("current__content")
    shown = page_of(
        visible("checks.check.view", actor_in(request), rows), page, order=("code", "uuid")
    )
    return reply(request, response, shown, [_row(check) for check in shown.rows])


@router.get("checks/{uuid:uuid}", response=CheckDetail, summary="One check with its content")
@needs("checks:read", public=True)
def check(request: HttpRequest, uuid: UUID) -> Any:
    rows = Check.objects.select_related("current")
    found = get_visible("checks.check.view", actor_in(request), uuid, rows)
    return {**_row(found), "content": found.published.content}


@router.get(
    "checks/{uuid:uuid}/content",
    summary="The content alone, byte for byte what `sha256` is of",
    response={200: dict[str, Any]},
)
@needs("checks:read", public=True)
def check_content(request: HttpRequest, uuid: UUID) -> Any:
    rows = Check.objects.select_related("current")
    found = get_visible("checks.check.view", actor_in(request), uuid, rows)
    return HttpResponse(canonical(found.published.content), content_type="application/json")
