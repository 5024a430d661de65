"""Who came and went: ticked by the minute taker, or checked in by the person."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from lotse.foundation.core import actionlog, clock, once, text
from lotse.foundation.core.actor import Actor
from lotse.foundation.core.db import update_versioned
from lotse.foundation.core.errors import NotAllowed, Refused
from lotse.foundation.core.permissions import require
from lotse.foundation.parties.models import Person
from lotse.foundation.parties.standing import holds_on
from lotse.rooms.bodies.models import (
    Attendance,
    Holder,
    Mandate,
    Meeting,
    Minutes,
    Presence,
    SpeakRequest,
)
from lotse.rooms.bodies.queries.presence import own_line
from lotse.rooms.bodies.services import live, seating
from lotse.rooms.bodies.services.locking import hold

RUN, ATTEND = "bodies.meeting.run", "bodies.meeting.attend"
STATE, PART = Meeting.State, Attendance.Part


def takes_presence(meeting: Meeting) -> bool:
    """Whether presence can be noted: while it runs, on its day before it begins, and afterwards
    for corrections. No query."""
    if meeting.state in (STATE.RUNNING, STATE.HELD):
        return True
    on_its_day = timezone.localdate(meeting.starts_at) == clock.today()
    return meeting.state in (STATE.PLANNED, STATE.INVITED) and on_its_day


def check_open(meeting: Meeting) -> None:
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
def attendances_of(
    meeting: Meeting, holders: Sequence[Holder], *, actor: Actor
) -> list[Attendance]:  # fmt: skip
    """The lines of people on seats in the list of this meeting, made where there are none; of two
    seats of one person by the first. Load the holders with person and seat. At most four queries.

    Raises NotAllowed, Refused for a seat of another body and for a deputy who is delegate on
    another seat: they are there for their own.
    """
    require(RUN, actor, meeting)
    if any(holder.mandate.body_id != meeting.body_id for holder in holders):
        raise Refused(_("Dieses Mandat gehört zu einem anderen Gremium."))
    found = _lines_of(meeting, holders)
    missing = [one for one in holders if one.person_id not in found]
    if not missing:
        return list(found.values())
    seating.check_deputies(meeting, missing)
    # The same person may be made by somebody else at this moment: then theirs stays.
    made = {one.person_id: _line_of(meeting, one.person, one) for one in reversed(missing)}
    Attendance.objects.bulk_create(made.values(), ignore_conflicts=True)
    return list(_lines_of(meeting, holders).values())


def _lines_of(meeting: Meeting, holders: Iterable[Holder]) -> dict[int | None, Attendance]:
    people = {one.person_id for one in holders}
    rows = Attendance.objects.filter(meeting=meeting, person__in=people).order_by("pk")
    return {one.person_id: one for one in rows}


def _line_of(meeting: Meeting, person: Person, holder: Holder | None, **more: str) -> Attendance:
    mandate = holder.mandate if holder is not None else None
    organisation = mandate.organisation.name if mandate and mandate.organisation else ""
    values = {"part": seating.part_of(holder)} | more
    return Attendance(
        meeting=meeting, person=person, mandate=mandate, organisation=organisation,
        name=text.shorten(person.name, 200), **values,
    )  # fmt: skip


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
    check_open(meeting)
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
        log("bodies.presence.arrived", made, meeting, actor, after={"from": moment.isoformat()})
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
    check_open(meeting)
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
        log("bodies.presence.left", stay, meeting, actor, after={"to": moment.isoformat()})
        went += 1
    silence(keys)
    if went:
        live.touch(meeting.pk)
    return went


@transaction.atomic
def excuse(meeting: Meeting, who: Sequence[Attendance], *, actor: Actor) -> int:
    """Notes that these people are excused. Raises NotAllowed, Refused for somebody who is there."""
    require(RUN, actor, meeting)
    check_open(meeting)
    keys = [one.pk for one in who if one.meeting_id == meeting.pk]
    if Presence.objects.filter(attendance__in=keys).exists():
        raise Refused(_("Wer da ist oder war, ist nicht entschuldigt. Es wurde nichts geändert."))
    done = 0
    for one in Attendance.objects.filter(pk__in=keys, excused=False).order_by("pk"):
        update_versioned(one, expected=one.version, excused=True)
        log("bodies.attendance.excused", one, meeting, actor, after={"excused": True})
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

    Raises NotAllowed, Refused without a name, for a deputy without a seat of this body or who
    stands for one already (`seating`), or for a part that goes with a seat only.
    """
    require(RUN, actor, meeting)
    check_open(meeting)
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
    if mandate is not None:
        seating.check_name_can_step_in(meeting, name, mandate)
    seat_of = Attendance.objects.filter(meeting=meeting, mandate=mandate, part=PART.MEMBER)
    if not organisation and mandate is not None and mandate.organisation is not None:
        organisation = mandate.organisation.name
    made = Attendance.objects.create(
        meeting=meeting, name=name, part=part, mandate=mandate,
        organisation=text.shorten(text.clean_line(organisation), 200),
        stands_for=seat_of.order_by("pk").first() if mandate is not None else None,
    )  # fmt: skip
    log("bodies.attendance.added", made, meeting, actor, after={"part": part})
    _arrive(meeting, [made], actor, at)
    claim.remember(str(made.uuid))
    return made


@transaction.atomic
def count_unnamed(meeting: Meeting, number: int, *, actor: Actor, expected: int) -> None:
    """How many more are there whom nobody wrote down. Raises NotAllowed, Conflict, Refused."""
    require(RUN, actor, meeting)
    check_open(meeting)
    if not 0 <= number <= 2000:
        raise Refused(_("Bitte geben Sie eine Zahl zwischen 0 und 2000 ein."))
    before = meeting.unnamed_count
    update_versioned(meeting, expected=expected, unnamed_count=number)
    log("bodies.meeting.counted", meeting, meeting, actor, before={"unnamed": before},
         after={"unnamed": number})  # fmt: skip
    live.touch(meeting.pk)


def silence(keys: Sequence[int]) -> None:
    """Requests to speak of people who are not there any more lapse."""
    for request in SpeakRequest.objects.filter(attendance__in=keys, ended_at=None):
        update_versioned(request, expected=request.version, ended_at=clock.now())


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
        holds_on(timezone.localdate(meeting.starts_at)), person=person,
        mandate__body=meeting.body_id,
    )  # fmt: skip
    holder = (
        seats.select_related("mandate__organisation").order_by("part", "position", "pk").first()
    )
    more = {}
    if holder is None and meeting.body.uuid not in actor.things_as("chair"):
        more = {"part": PART.STAFF}
    Attendance.objects.bulk_create(
        [_line_of(meeting, person, holder, **more)], ignore_conflicts=True
    )
    return Attendance.objects.get(meeting=meeting, person=person)


@transaction.atomic
def check_out(meeting: Meeting, *, actor: Actor) -> None:
    """The actor goes. Raises NotAllowed for who is on no list, Refused where it does not run."""
    own = own_line(actor, meeting)
    if own is None:
        raise NotAllowed(ATTEND)
    if meeting.state != STATE.RUNNING:
        raise Refused(_("Diese Sitzung läuft gerade nicht. Es wurde nichts geändert."))
    _leave(meeting, [own], actor, None)


def log(
    code: str, obj: Attendance | Presence | Meeting, meeting: Meeting, actor: Actor, *,
    before: dict[str, object] | None = None, after: dict[str, object] | None = None,
) -> None:  # fmt: skip
    actionlog.record(code, obj, actor=actor, before=before, after=after, subject=meeting.body.uuid)
