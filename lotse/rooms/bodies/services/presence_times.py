"""Times of one person put right: from when until when somebody was there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from lotse.foundation.core import clock
from lotse.foundation.core.actor import Actor
from lotse.foundation.core.db import update_versioned
from lotse.foundation.core.errors import Conflict, Refused
from lotse.foundation.core.permissions import require
from lotse.rooms.bodies.models import Attendance, Meeting, Presence
from lotse.rooms.bodies.services import live
from lotse.rooms.bodies.services.presence import RUN, STATE, check_open, log, silence


@dataclass(frozen=True)
class Span:
    """One stay as it was corrected: `uuid` and `version` of the stored one, none for a new one."""

    uuid: str
    version: int
    from_at: datetime
    to_at: datetime | None


@transaction.atomic
def correct(
    attendance: Attendance, spans: Sequence[Span], *, actor: Actor, seen: Mapping[str, int]
) -> None:
    """Puts right when somebody was there: stays given with their uuid are changed, without one
    added, those not given removed. `seen` are the stays the form showed, with their versions.

    After the end it changes how many seats were there, and with it whether they were enough; how
    many have a vote and how many were needed stays as it was at the end (`queries.quorum`).

    Raises NotAllowed, Conflict, Refused for an end before the beginning, stays that overlap, an
    open end of a meeting that is over, or a time in the future.
    """
    meeting = attendance.meeting
    require(RUN, actor, meeting)
    check_open(meeting)
    stored = {str(one.uuid): one for one in attendance.presences.all()}
    if any(seen.get(uuid) != stay.version for uuid, stay in stored.items()):
        raise Conflict(attendance)
    spans = [_exact(span, stored.get(span.uuid)) for span in spans]
    _check_spans(meeting, spans)
    before = [_words(one.from_at, one.to_at) for one in stored.values()]
    kept = {span.uuid for span in spans}
    for uuid, stay in stored.items():
        if uuid not in kept:
            stay.delete()
    # An open end moves last: there is only one of them at any moment.
    for span in sorted(spans, key=lambda one: one.to_at is None):
        if span.uuid in stored:
            update_versioned(
                stored[span.uuid], expected=span.version, from_at=span.from_at, to_at=span.to_at
            )
        else:
            Presence.objects.create(
                attendance=attendance, from_at=span.from_at, to_at=span.to_at, by=actor.ref
            )
    if all(span.to_at is not None for span in spans):
        silence([attendance.pk])
    log(
        "bodies.attendance.corrected", attendance, meeting, actor, before={"stays": before},
        after={"stays": [_words(one.from_at, one.to_at) for one in spans]},
    )  # fmt: skip
    live.touch(meeting.pk)


def _exact(span: Span, stay: Presence | None) -> Span:
    """A form knows minutes; where nobody changed the minute, the second stays as it was."""
    if stay is None:
        return span
    begin, end = _kept(span.from_at, stay.from_at), _kept(span.to_at, stay.to_at)
    return replace(span, from_at=begin or span.from_at, to_at=end)


def _kept(given: datetime | None, stored: datetime | None) -> datetime | None:
    if given is None or stored is None:
        return given
    return stored if stored.replace(second=0, microsecond=0) == given else given


def _check_spans(meeting: Meeting, spans: Sequence[Span]) -> None:
    now, last = clock.now(), None
    for span in sorted(spans, key=lambda one: one.from_at):
        if span.from_at > now or (span.to_at is not None and span.to_at > now):
            raise Refused(_("Diese Uhrzeit liegt in der Zukunft."))
        if span.to_at is not None and span.to_at < span.from_at:
            raise Refused(_("Das Ende liegt vor dem Anfang."))
        if span.to_at is None and meeting.state == STATE.HELD:
            raise Refused(
                _("Die Sitzung ist beendet: Bitte sagen Sie, bis wann die Person da war.")
            )
        if last is not None and (last.to_at is None or span.from_at < last.to_at):
            raise Refused(_("Zwei Zeiten überschneiden sich."))
        last = span


def _words(begin: datetime, end: datetime | None) -> list[str | None]:
    return [begin.isoformat(), end.isoformat() if end is not None else None]
