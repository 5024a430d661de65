"""Minutes of the demo's past meetings: compiled, circulated, adopted and published back then."""

import hashlib
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from lotse.foundation.core import records
from lotse.foundation.core.actor import COMMAND
from lotse.foundation.core.ref import Ref
from lotse.foundation.procedures.models import ObjectionPeriod
from lotse.foundation.procedures.services import end_of_day
from lotse.rooms.bodies.content.minutes import compile_minutes
from lotse.rooms.bodies.models import Meeting, Minutes, MinutesRevision
from lotse.rooms.bodies.services import recording

State = Minutes.State


def write(meeting: Meeting, state: str) -> None:
    """Brings the minutes to `state`, each step at its day."""
    charter = meeting.body.charter
    minutes = Minutes.objects.create(meeting=meeting, level=charter.level)
    content = compile_minutes(minutes, "de")
    sent = meeting.ends_at + timedelta(days=3)
    closes = end_of_day(timezone.localdate(sent) + timedelta(days=charter.objection_days))
    _revise(minutes, content, State.CIRCULATED, sent)
    ObjectionPeriod.objects.create(
        network=meeting.body.network, subject_type=Ref.to(minutes).type,
        subject_uuid=minutes.uuid, legal_basis=charter.silence_basis, opens_at=sent,
        closes_at=closes,
    )  # fmt: skip
    Minutes.objects.filter(pk=minutes.pk).update(state=State.CIRCULATED, circulated_at=sent)
    if state != State.CIRCULATED:
        _adopt(minutes, content, closes, state)


def _adopt(minutes: Minutes, content: dict[str, Any], at: datetime, state: str) -> None:
    day = timezone.localdate(at - timedelta(microseconds=1)).isoformat()
    content = content | {"adopted": {"on": day, "by": "deadline", "in": ""}}
    revision = _revise(minutes, content, State.ADOPTED, at)
    recording.record_adoption(minutes, revision, content, actor=COMMAND)
    values: dict[str, Any] = {"state": State.ADOPTED, "adopted_at": at, "adopted_by": "deadline"}
    if state == State.PUBLISHED:
        _revise(minutes, content, State.PUBLISHED, at + timedelta(days=1))
        values |= {"state": State.PUBLISHED, "published_at": at + timedelta(days=1)}
    Minutes.objects.filter(pk=minutes.pk).update(**values)


def _revise(minutes: Minutes, content: dict[str, Any], state: str, at: datetime) -> MinutesRevision:
    written = records.canonical(content)
    return MinutesRevision.objects.create(
        minutes=minutes, number=minutes.revisions.count() + 1, state=state, at=at,
        content=written.decode(), sha256=hashlib.sha256(written).hexdigest(), by=COMMAND.ref,
        created_at=at,
    )  # fmt: skip
