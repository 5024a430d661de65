"""Pages of a list: in a stable order, each knows the address of the next (RFC 8288)."""

import base64
import binascii
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from urllib.parse import urlencode

from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Field, Schema

from lotse.surfaces.api.problems import Problem

DEFAULT, MOST = 50, 200
M = TypeVar("M", bound=Model)


class PageQuery(Schema):
    """How much of a list, and from where on."""

    limit: int = Field(DEFAULT, ge=1, le=MOST)
    cursor: str = Field("", max_length=1000)


@dataclass(frozen=True)
class Page:
    """The rows of one page and the cursor of the next, empty after the last."""

    rows: list[Any]
    cursor: str


def page_of(rows: QuerySet[M], wanted: PageQuery, *, order: tuple[str, str]) -> Page:
    """One page. The order ends with the uuid, so it is total; a page never counts the rows, and a
    row added or deleted meanwhile moves no other one. One query, and those of prefetches."""
    first, last = order
    if wanted.cursor:
        since, uuid = _read(wanted.cursor)
        try:
            rows = rows.filter(
                Q(**{f"{first}__gt": since}) | Q(**{first: since, f"{last}__gt": uuid})
            )
        except (ValueError, TypeError) as fault:
            raise _unreadable() from fault
        except Exception as fault:  # Django's ValidationError of a uuid or a date
            raise _unreadable() from fault
    found = list(rows.order_by(first, last)[: wanted.limit + 1])
    shown = found[: wanted.limit]
    more = len(found) > wanted.limit
    return Page(shown, _write([getattr(shown[-1], name) for name in order]) if more else "")


def reply(
    request: HttpRequest, response: HttpResponse, page: Page, items: list[dict[str, Any]]
) -> dict[str, Any]:
    """The body of a list; sets the `Link` header. The address is relative to this host."""
    following = None
    if page.cursor:
        query = {**request.GET.dict(), "cursor": page.cursor}
        following = f"{request.path}?{urlencode(query)}"
        response["Link"] = f'<{following}>; rel="next"'
    return {"items": items, "next": following}


def _write(values: list[Any]) -> str:
    plain = [value.isoformat() if isinstance(value, datetime) else str(value) for value in values]
    return base64.urlsafe_b64encode(json.dumps(plain).encode()).decode().rstrip("=")


def _read(cursor: str) -> tuple[str, str]:
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        values = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        since, uuid = values
    except (ValueError, TypeError, binascii.Error, RecursionError) as fault:
        raise _unreadable() from fault
    if not isinstance(since, str) or not isinstance(uuid, str) or "\0" in since + uuid:
        raise _unreadable()
    try:
        since.encode()
    except UnicodeEncodeError as fault:
        raise _unreadable() from fault
    return since, uuid


def _unreadable() -> Problem:
    words = _("Diese Seite der Liste gibt es nicht. Beginnen Sie ohne „cursor“.")
    return Problem("malformed", errors=[{"parameter": "cursor", "detail": words}])
