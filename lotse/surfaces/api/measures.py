"""Measures: for those who take care of them, and for those who see where they come from."""

import json
import re
from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from ninja import Query, Router, Schema
from ninja.responses import NinjaJSONEncoder
from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field

from lotse.foundation.core import text
from lotse.foundation.core.actor import Actor
from lotse.foundation.core.permissions import get_visible, visible
from lotse.foundation.measures import queries
from lotse.foundation.measures.models import Measure
from lotse.foundation.parties.here import actor_in
from lotse.rooms.checks.content import Checkpoint, view_of
from lotse.rooms.checks.models import Assessment
from lotse.surfaces.api import services
from lotse.surfaces.api.access import needs
from lotse.surfaces.api.paging import PageQuery, page_of, reply
from lotse.surfaces.api.problems import Problem
from lotse.surfaces.api.states import etag_of

router = Router()
ORIGIN = "checks.assessment"
Status = Literal["open", "running", "waiting", "done", "parked", "dropped"]
KEY_MOST = 200
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _filled(value: str) -> str:
    cleaned = text.clean_line(value)
    if not cleaned:
        raise ValueError(_("Dieses Feld fehlt."))
    return cleaned


def _day(value: Any) -> date | None:
    """A day as `2026-11-21`, between 2000 and 2100."""
    if value is None:
        return None
    wrong = ValueError(_("Hier steht ein Tag wie 2026-11-21, zwischen 2000 und 2100."))
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        raise wrong
    try:
        day = date.fromisoformat(value)
    except ValueError:
        raise wrong from None
    if not 2000 <= day.year <= 2100:
        raise wrong
    return day


Title = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_filled)]
Line = Annotated[str, Field(max_length=200), AfterValidator(text.clean_line)]
Text = Annotated[str, Field(max_length=2000), AfterValidator(text.clean)]
Urgency = Annotated[int, Field(ge=1, le=3)]
Day = Annotated[date | None, BeforeValidator(_day)]


class MeasureRow(Schema):
    """A measure; `checkpoint` names the point of the check it comes from, if any. `party` is the
    person, organisation or body that takes care, `responsible` what was typed beside it."""

    uuid: UUID
    assessment: UUID | None
    checkpoint: str
    network: UUID | None
    title: str
    reason: str
    party: str
    responsible: str
    due_on: date | None
    urgency: int
    status: Status
    delay_reason: str
    controller: str
    control_on: date | None
    done_on: date | None
    version: int
    created_at: datetime
    updated_at: datetime


class MeasureList(Schema):
    """A page of measures."""

    items: list[MeasureRow]
    next: str | None


class MeasureQuery(PageQuery):
    """What a list of measures is narrowed to."""

    assessment: UUID | None = None
    status: Status | None = None


class MeasurePatch(Schema):
    """What of a measure changes; a field that is left out stays."""

    model_config = ConfigDict(extra="forbid", strict=True)

    title: Title = ""
    reason: Text = ""
    responsible: Line = ""
    due_on: Day = None
    urgency: Urgency = 2
    status: Status = "open"
    delay_reason: Text = ""
    controller: Line = ""
    control_on: Day = None


class MeasureNew(Schema):
    """A new measure of an assessment."""

    model_config = ConfigDict(extra="forbid", strict=True)

    assessment: Annotated[UUID, Field(strict=False)]
    checkpoint: Annotated[str, Field(max_length=40)] = ""
    title: Title
    reason: Text = ""
    responsible: Line = ""
    due_on: Day = None
    urgency: Urgency = 2
    status: Status = "open"
    controller: Line = ""
    control_on: Day = None


def _rows() -> QuerySet[Measure]:
    return queries.with_parties().select_related("network")


def _shown(actor: Actor, found: list[Measure]) -> list[dict[str, Any]]:
    """Measures as the actor may read them: whoever only takes care of one does not learn which
    assessment it comes from. One query."""
    origins = [measure.origin_uuid for measure in found if measure.origin_type == ORIGIN]
    assessments = visible("checks.assessment.view", actor, Assessment.objects.all())
    seen = set(assessments.filter(uuid__in=origins).values_list("uuid", flat=True))
    return [_row(measure, measure.origin_uuid in seen) for measure in found]


def _row(measure: Measure, knows_origin: bool) -> dict[str, Any]:
    found = {name: getattr(measure, name) for name in MeasureRow.model_fields if name not in _OWN}
    return {
        **found,
        "assessment": measure.origin_uuid if knows_origin else None,
        "checkpoint": measure.origin_part if knows_origin else "",
        "network": measure.network.uuid if measure.network else None,
    }


_OWN = ("assessment", "checkpoint", "network")


def _one(request: HttpRequest, response: HttpResponse, measure: Measure) -> dict[str, Any]:
    """One measure, with the ETag of this state."""
    [row] = _shown(actor_in(request), [measure])
    response["ETag"] = _etag(row)
    return row


@router.get("measures", response=MeasureList, summary="Measures in the order they were made")
@needs("measures:read")
def measures(request: HttpRequest, response: HttpResponse, wanted: Query[MeasureQuery]) -> Any:
    actor = actor_in(request)
    rows = visible("measures.measure.view", actor, _rows())
    if wanted.assessment:
        known = visible("checks.assessment.view", actor, Assessment.objects.all())
        asked = known.filter(uuid=wanted.assessment).values("uuid")
        rows = rows.filter(origin_type=ORIGIN, origin_uuid__in=asked)
    if wanted.status:
        rows = rows.filter(status=wanted.status)
    page = page_of(rows, wanted, order=("created_at", "uuid"))
    return reply(request, response, page, _shown(actor, page.rows))


@router.post(
    "measures",
    response={201: MeasureRow},
    summary="A new measure; safe to send again with the same Idempotency-Key",
)
@needs("measures:write")
def create_measure(request: HttpRequest, response: HttpResponse, data: MeasureNew) -> Any:
    actor = actor_in(request)
    rows = Assessment.objects.select_related("revision").defer("revision__content")
    assessment = get_visible("checks.assessment.edit", actor, data.assessment, rows)
    measure, created = services.create_measure(
        assessment,
        actor=actor,
        key=_key(request),
        sent=data.model_dump(mode="json", exclude_unset=True),
        checkpoint=_checkpoint(assessment, data.checkpoint),
        fields=data.model_dump(exclude_unset=True, exclude={"assessment", "checkpoint"}),
    )
    response["Location"] = f"{request.path}/{measure.uuid}"
    if not created:
        response["Idempotency-Replayed"] = "true"
    return _one(request, response, measure)


@router.get("measures/{uuid:uuid}", response=MeasureRow, summary="One measure")
@needs("measures:read")
def measure(request: HttpRequest, response: HttpResponse, uuid: UUID) -> Any:
    found = get_visible("measures.measure.view", actor_in(request), uuid, _rows())
    return _one(request, response, found)


@router.patch(
    "measures/{uuid:uuid}", response=MeasureRow, summary="Changes a measure of the state you read"
)
@needs("measures:write")
def change_measure(
    request: HttpRequest, response: HttpResponse, uuid: UUID, data: MeasurePatch
) -> Any:
    actor = actor_in(request)
    found = get_visible("measures.measure.edit", actor, uuid, _rows())
    [row] = _shown(actor, [found])
    _check_state(request, row)
    changes = data.model_dump(exclude_unset=True)
    if changes:
        services.change_measure(found, actor=actor, changes=changes)
    return _one(request, response, found)


def _etag(row: dict[str, Any]) -> str:
    """The version is part of what is shown, so the tag changes with every save."""
    return etag_of(json.dumps(row, cls=NinjaJSONEncoder, sort_keys=True).encode())


def _check_state(request: HttpRequest, row: dict[str, Any]) -> None:
    """Only who names the state just read may change it, so no save is lost (T37)."""
    header = request.headers.get("If-Match", "")[:4000]
    if not header:
        raise Problem(
            "precondition", _("Senden Sie „If-Match“ mit dem ETag, den Sie gelesen haben.")
        )
    named = {part.strip() for part in header.split(",")}
    if "*" not in named and _etag(row) not in named:
        raise Problem("changed", _("Lesen Sie den neuen Stand und senden Sie noch einmal."))


def _key(request: HttpRequest) -> str:
    key = request.headers.get("Idempotency-Key", "").strip()
    if not key:
        return ""
    if len(key) > KEY_MOST or not key.isascii() or not key.isprintable():
        words = _("1 bis 200 sichtbare ASCII-Zeichen.")
        raise Problem("malformed", errors=[{"parameter": "Idempotency-Key", "detail": words}])
    return key


def _checkpoint(assessment: Assessment, code: str) -> Checkpoint | None:
    if not code:
        return None
    point = view_of(assessment.revision, (get_language() or "de")[:2]).checkpoint(code)
    if point is None:
        words = _("Diesen Punkt hat der Check nicht.")
        raise Problem("invalid", errors=[{"pointer": "#/checkpoint", "detail": words}])
    return point
