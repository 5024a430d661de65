"""Who came and went: ticked by the minute taker, or checked in by the person."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from lotse.foundation.core import actionlog, clock, once, text
from lotse.foundation.core.actor import Actor
from lotse.foundation.core.db import update_versioned
from lotse.foundation.core.errors import Conflict, NotAllowed, Refused
from lotse.foundation.core.permissions import require
from lotse.foundation.parties.models import Person
from lotse.rooms.bodies.models import (
    Attendance,
    Holder,
    Mandate,
    Meeting,
    Minutes,
    Presence,
    SpeakRequest,
)
from lotse.rooms.bodies.queries.presence import on_day, own_line
from lotse.rooms.bodies.services import live
from lotse.rooms.bodies.services.locking import hold

RUN, ATTEND = "bodies.meeting.run", "bodies.meeting.attend"
STATE, PART = Meeting.State, Attendance.Part


@dataclass(frozen=True)
class Span:
    """One stay as it was corrected: `uuid` and `version` of the stored one, none for a new one."""

    uuid: str
    version: int
    from_at: datetime
    to_at: datetime | None


def takes_presence(meeting: Meeting) -> bool:
    """Whether presence can be noted: while it runs, on its day before it begins, and afterwards
    for corrections. No query."""
    if meeting.state in (STATE.RUNNING, STATE.HELD):
        return True
    on_its_day = timezone.localdate(meeting.starts_at) == clock.today()
    return meeting.state in (STATE.PLANNED, STATE.INVITED) and on_its_day


def _check_open(meeting: Meeting) -> None:
    """Until the minutes are adopted: an objection may be about who was there."""
    hold(meeting)
    if not takes_presence(meeting):
        raise Refused(_("Anwesenheit wird ab dem Tag der Sitzung eingetragen."))
    final = (Minutes.State.ADOPTED, Minutes.State.PUBLISHED)
    if Minutes.objects.filter(meeting=meeting, state__in=final).exists():
        raise Refused(
            _("Das Protokoll ist schon genehmigt. Wer da war, ändert sich jetzt nur noch mit "
              "einer Berichtigung des Protokolls.")
        )  # fmt: skip


def _moment(meeting: Meeting, at: datetime | None) -> datetime:
    """When it happened: now, unless said otherwise; a meeting that is over was there from its
    opening."""
    now = clock.now()
    if at is None:
        return (meeting.opened_at or now) if meeting.state == STATE.HELD else now
    if at > now:
        raise Refused(_("Diese Uhrzeit liegt in der Zukunft."))
    return at


def _end_of(meeting: Meeting) -> datetime | None:
    return meeting.closed_at if meeting.state == STATE.HELD else None


@transaction.atomic
def attendance_of(meeting: Meeting, holder: Holder, *, actor: Actor) -> Attendance:
    """The line of a person on a seat in the list of this meeting, made where there is none.

    Raises NotAllowed, Refused for a seat of another body.
    """
    require(RUN, actor, meeting)
    if holder.mandate.body_id != meeting.body_id:
        raise Refused(_("Dieses Mandat gehört zu einem anderen Gremium."))
    return _attendance(meeting, holder.person, holder)


def _attendance(meeting: Meeting, person: Person, holder: Holder | None, **more: str) -> Attendance:
    found = Attendance.objects.filter(meeting=meeting, person=person).first()
    if found is not None:
        return found
    mandate = holder.mandate if holder is not None else None
    organisation = mandate.organisation.name if mandate and mandate.organisation else ""
    made, _new = Attendance.objects.get_or_create(
        meeting=meeting, person=person,
        defaults={"mandate": mandate, "name": person.name, "organisation": organisation,
                  "part": part_of(holder)} | more,
    )  # fmt: skip
    return made


def part_of(holder: Holder | None) -> str:
    """As what somebody on a seat takes part."""
    if holder is None:
        return PART.MEMBER
    if holder.mandate.kind == Mandate.Kind.GUEST:
        return PART.GUEST
    return PART.DEPUTY if holder.part == Holder.Part.DEPUTY else PART.MEMBER


@transaction.atomic
def arrive(
    meeting: Meeting, who: Sequence[Attendance], *, actor: Actor, at: datetime | None = None
) -> int:
    """Notes that these people are there; who is there already stays. Returns how many came.

    Raises NotAllowed, Refused for a time in the future or within an earlier stay.
    """
    require(RUN, actor, meeting)
    return _arrive(meeting, who, actor, at)


def _arrive(meeting: Meeting, who: Iterable[Attendance], actor: Actor, at: datetime | None) -> int:
    _check_open(meeting)
    moment = _moment(meeting, at)
    end = _end_of(meeting)
    if end is not None and end < moment:
        raise Refused(_("Zu dieser Uhrzeit war die Sitzung schon beendet."))
    stays: dict[int, list[Presence]] = {}
    for stay in Presence.objects.filter(attendance__in=[one.pk for one in who]):
        stays.setdefault(stay.attendance_id, []).append(stay)
    came = 0
    for one in who:
        if one.meeting_id != meeting.pk:
            raise Refused(_("Diese Person steht nicht auf der Liste dieser Sitzung."))
        known = stays.get(one.pk, [])
        if any(stay.to_at is None for stay in known):
            continue
        if any(_meet(stay, moment, end) for stay in known):
            raise Refused(
                _("%(name)s war zu dieser Uhrzeit schon als anwesend eingetragen.")
                % {"name": one.name}
            )
        made, new = Presence.objects.get_or_create(
            attendance=one, to_at=end, defaults={"from_at": moment, "by": actor.ref}
        )
        if not new:
            continue
        came += 1
        _log("bodies.presence.arrived", made, meeting, actor, after={"from": moment.isoformat()})
        if one.excused:
            update_versioned(one, expected=one.version, excused=False)
    if came:
        live.touch(meeting.pk)
    return came


def _meet(stay: Presence, begin: datetime, end: datetime | None) -> bool:
    """Whether two stays have a moment in common."""
    return (end is None or stay.from_at < end) and (stay.to_at is None or begin < stay.to_at)


@transaction.atomic
def leave(
    meeting: Meeting, who: Sequence[Attendance], *, actor: Actor, at: datetime | None = None
) -> int:
    """Notes that these people went; requests to speak lapse with it. Returns how many went.

    Raises NotAllowed, Refused for a time before they came.
    """
    require(RUN, actor, meeting)
    return _leave(meeting, who, actor, at)


def _leave(meeting: Meeting, who: Sequence[Attendance], actor: Actor, at: datetime | None) -> int:
    _check_open(meeting)
    moment = _moment(meeting, at)
    keys = [one.pk for one in who if one.meeting_id == meeting.pk]
    went = 0
    open_stays = Presence.objects.filter(attendance__in=keys, to_at=None)
    for stay in open_stays.select_related("attendance").order_by("pk"):
        if moment < stay.from_at:
            raise Refused(
                _("%(name)s kam erst später: Diese Uhrzeit liegt vor der Ankunft.")
                % {"name": stay.attendance.name}
            )
        update_versioned(stay, expected=stay.version, to_at=moment)
        _log("bodies.presence.left", stay, meeting, actor, after={"to": moment.isoformat()})
        went += 1
    _silence(keys)
    if went:
        live.touch(meeting.pk)
    return went


@transaction.atomic
def excuse(meeting: Meeting, who: Sequence[Attendance], *, actor: Actor) -> int:
    """Notes that these people are excused. Raises NotAllowed, Refused for somebody who is there."""
    require(RUN, actor, meeting)
    _check_open(meeting)
    keys = [one.pk for one in who if one.meeting_id == meeting.pk]
    if Presence.objects.filter(attendance__in=keys).exists():
        raise Refused(_("Wer da ist oder war, ist nicht entschuldigt. Es wurde nichts geändert."))
    done = 0
    for one in Attendance.objects.filter(pk__in=keys, excused=False).order_by("pk"):
        update_versioned(one, expected=one.version, excused=True)
        _log("bodies.attendance.excused", one, meeting, actor, after={"excused": True})
        done += 1
    if done:
        live.touch(meeting.pk)
    return done


@transaction.atomic
def add_person(
    meeting: Meeting, *, actor: Actor, name: str, organisation: str = "",
    part: str = PART.GUEST, mandate: Mandate | None = None, at: datetime | None = None,
    key: str = "",
) -> Attendance:  # fmt: skip
    """Somebody who is there and stood on no list: a guest, staff, or a deputy for a seat.

    Raises NotAllowed, Refused without a name, for a deputy without a seat of this body, or for a
    part that goes with a seat only.
    """
    require(RUN, actor, meeting)
    _check_open(meeting)
    name = text.shorten(text.clean_line(name), 200)
    if not name:
        raise Refused(_("Bitte nennen Sie den Namen."))
    if (part == PART.DEPUTY) != (mandate is not None) or part == PART.MEMBER:
        raise Refused(_("Bitte sagen Sie, für welches Mandat die Vertretung da ist."))
    if mandate is not None and mandate.body_id != meeting.body_id:
        raise Refused(_("Dieses Mandat gehört zu einem anderen Gremium."))
    claim = once.claim(key or once.new_key(), scope=f"bodies.presence.add:{meeting.uuid}")
    if claim.repeated:
        return Attendance.objects.get(uuid=claim.answer)
    seat_of = Attendance.objects.filter(meeting=meeting, mandate=mandate, part=PART.MEMBER)
    if not organisation and mandate is not None and mandate.organisation is not None:
        organisation = mandate.organisation.name
    made = Attendance.objects.create(
        meeting=meeting, name=name, part=part, mandate=mandate,
        organisation=text.shorten(text.clean_line(organisation), 200),
        stands_for=seat_of.order_by("pk").first() if mandate is not None else None,
    )  # fmt: skip
    _log("bodies.attendance.added", made, meeting, actor, after={"part": part})
    _arrive(meeting, [made], actor, at)
    claim.remember(str(made.uuid))
    return made


@transaction.atomic
def count_unnamed(meeting: Meeting, number: int, *, actor: Actor, expected: int) -> None:
    """How many more are there whom nobody wrote down. Raises NotAllowed, Conflict, Refused."""
    require(RUN, actor, meeting)
    _check_open(meeting)
    if not 0 <= number <= 2000:
        raise Refused(_("Bitte geben Sie eine Zahl zwischen 0 und 2000 ein."))
    before = meeting.unnamed_count
    update_versioned(meeting, expected=expected, unnamed_count=number)
    _log("bodies.meeting.counted", meeting, meeting, actor, before={"unnamed": before},
         after={"unnamed": number})  # fmt: skip
    live.touch(meeting.pk)


@transaction.atomic
def correct(
    attendance: Attendance, spans: Sequence[Span], *, actor: Actor, seen: Mapping[str, int]
) -> None:
    """Puts right when somebody was there: stays given with their uuid are changed, without one
    added, those not given removed. `seen` are the stays the form showed, with their versions.

    Raises NotAllowed, Conflict, Refused for an end before the beginning, stays that overlap, an
    open end of a meeting that is over, or a time in the future.
    """
    meeting = attendance.meeting
    require(RUN, actor, meeting)
    _check_open(meeting)
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
        _silence([attendance.pk])
    _log(
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


def _silence(keys: Sequence[int]) -> None:
    """Requests to speak of people who are not there any more lapse."""
    for request in SpeakRequest.objects.filter(attendance__in=keys, ended_at=None):
        update_versioned(request, expected=request.version, ended_at=clock.now())


def _words(begin: datetime, end: datetime | None) -> list[str | None]:
    return [begin.isoformat(), end.isoformat() if end is not None else None]


@transaction.atomic
def check_in(meeting: Meeting, *, actor: Actor) -> Attendance:
    """The actor is there, by own word. A person who may take part gets a line in the list.

    Raises NotAllowed for who may not take part, Refused where the meeting does not run.
    """
    own = own_line(actor, meeting)
    if own is None or own.uuid not in actor.keys:
        require(ATTEND, actor, meeting)
    if meeting.state != STATE.RUNNING:
        raise Refused(_("Einchecken können Sie, sobald die Sitzung begonnen hat."))
    if own is None:
        own = _line_of_own(meeting, actor)
    _arrive(meeting, [own], actor, None)
    return own


def _line_of_own(meeting: Meeting, actor: Actor) -> Attendance:
    if actor.person is None:
        raise NotAllowed(ATTEND)
    person = Person.objects.get(pk=actor.person)
    seats = Holder.objects.filter(
        on_day(timezone.localdate(meeting.starts_at)), person=person, mandate__body=meeting.body_id
    )
    holder = (
        seats.select_related("mandate__organisation").order_by("part", "position", "pk").first()
    )
    more = {}
    if holder is None and meeting.body.uuid not in actor.things_as("chair"):
        more = {"part": PART.STAFF}
    return _attendance(meeting, person, holder, **more)


@transaction.atomic
def check_out(meeting: Meeting, *, actor: Actor) -> None:
    """The actor goes. Raises NotAllowed for who is on no list, Refused where it does not run."""
    own = own_line(actor, meeting)
    if own is None:
        raise NotAllowed(ATTEND)
    if meeting.state != STATE.RUNNING:
        raise Refused(_("Diese Sitzung läuft gerade nicht. Es wurde nichts geändert."))
    _leave(meeting, [own], actor, None)


def _log(
    code: str, obj: Attendance | Presence | Meeting, meeting: Meeting, actor: Actor, *,
    before: dict[str, object] | None = None, after: dict[str, object] | None = None,
) -> None:  # fmt: skip
    actionlog.record(code, obj, actor=actor, before=before, after=after, subject=meeting.body.uuid)
