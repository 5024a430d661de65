"""Writes to meetings: made, changed, copied, put off, called off (S1-01, S4-15, S4-16)."""

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from lotse.foundation.core import actionlog, clock, once, text
from lotse.foundation.core.actor import Actor
from lotse.foundation.core.db import update_versioned
from lotse.foundation.core.errors import Refused
from lotse.foundation.core.permissions import require
from lotse.foundation.parties.models import Body, Organisation
from lotse.rooms.bodies.models import AgendaItem, Attendance, Meeting, Minutes, Presenter
from lotse.rooms.bodies.queries.meetings import suggested_number, taken_number
from lotse.rooms.bodies.services import inviting, taking
from lotse.rooms.bodies.services.agenda_paper import Paper
from lotse.rooms.bodies.services.live import touch
from lotse.rooms.bodies.services.locking import hold

State = Meeting.State
# What calendars and invited people must be told of.
TOLD = ("title", "starts_at", "ends_at", "mode", "place", "address", "room", "link")
# What a copy takes along besides the standing items.
FRAME = ("series", "mode", "place", "address", "room", "link", "rights_statement", "host",
         "host_words", "moderation", "minute_takers", "minutes_kind", "intro")  # fmt: skip
FIELDS = (*FRAME, "number", "title", "starts_at", "ends_at", "next_dates")


@transaction.atomic
def create_meeting(
    body: Body, *, actor: Actor, key: str = "", copy_of: Meeting | None = None, **values: Any
) -> Meeting:
    """A new meeting in preparation. Without a number it gets the next one of its series in the
    year. With `copy_of` the standing items of that meeting come along.

    Raises NotAllowed, Refused for a body that ended, an end before the beginning, a number that is
    taken, a host of another network.
    """
    require("bodies.body.run", actor, body)
    if body.state == Body.State.ENDED:
        raise Refused(_("Dieses Gremium ist beendet."))
    claim = once.claim(key or once.new_key(), scope=f"bodies.meeting:{body.uuid}")
    if claim.repeated:
        return Meeting.objects.get(uuid=claim.answer)
    values = {name: value for name, value in values.items() if name in FIELDS}
    Body.objects.select_for_update().get(pk=body.pk)  # two at once would take the same number
    day = timezone.localdate(values["starts_at"])
    if values.get("number") is None:
        values["number"] = suggested_number(body, values.get("series", ""), day.year)
    _check(body, values)
    meeting = Meeting.objects.create(body=body, **values)
    if copy_of is not None and copy_of.body_id == body.pk:
        _copy_standing(copy_of, meeting)
    actionlog.record(
        "bodies.meeting.created", meeting, actor=actor, subject=body.uuid,
        after={"title": meeting.title, "number": meeting.number,
               "starts_at": meeting.starts_at.isoformat()},
    )  # fmt: skip
    claim.remember(str(meeting.uuid))
    return meeting


def _check(body: Body, values: dict[str, Any], meeting: Meeting | None = None) -> None:
    begin, end = values["starts_at"], values["ends_at"]
    if end <= begin:
        raise Refused(_("Das Ende liegt vor dem Beginn."))
    host: Organisation | None = values.get("host")
    if host is not None and host.network_id != body.network_id:
        raise Refused(_("Diese Organisation gehört zu einem anderen Netzwerk."))
    number, year = values.get("number"), timezone.localdate(begin).year
    if number and taken_number(body, values.get("series", ""), year, number, besides=meeting):
        raise Refused(
            _("Eine %(number)s. Sitzung gibt es in dieser Reihe im Jahr %(year)s schon.")
            % {"number": number, "year": year}
        )


def _copy_standing(source: Meeting, target: Meeting) -> None:
    """Standing items with what is under them, their speakers and planned minutes."""
    rows = list(source.items.prefetch_related("presenters").order_by("position", "pk"))
    made: dict[int, AgendaItem] = {}
    for row in sorted(rows, key=lambda item: item.parent_id is not None):
        above = made.get(row.parent_id or 0)
        if not row.is_standing and above is None:
            continue
        copy = AgendaItem.objects.create(
            meeting=target, parent=above, position=row.position, title=row.title, kind=row.kind,
            goal=row.goal, questions=row.questions, minutes_planned=row.minutes_planned,
            is_standing=row.is_standing,
        )  # fmt: skip
        made[row.pk] = copy
        Presenter.objects.bulk_create(
            Presenter(item=copy, position=one.position, person_id=one.person_id, name=one.name,
                      organisation=one.organisation, subject=one.subject)
            for one in row.presenters.all()
        )  # fmt: skip


def change_meeting(
    meeting: Meeting, *, actor: Actor, expected: int, note: str = "", **values: Any
) -> None:
    """Changes a meeting. Whoever is invited is told of another date, place or form, and their
    calendars follow; on another day the answers are asked for again.

    Raises NotAllowed, Conflict, Refused as for a new one, for a meeting that was called off, for
    an online or hybrid one that is invited to without a word on rights (§ 32 (2) BGB).
    """
    require("bodies.meeting.run", actor, meeting)
    values = {name: value for name, value in values.items() if name in FIELDS}
    paper = None
    if expected == meeting.version and _is_told(meeting, values):
        paper = inviting.draw_for_invited(meeting, **values)
    _change(meeting, values, paper, actor=actor, expected=expected, note=note)


def _is_told(meeting: Meeting, values: dict[str, Any]) -> bool:
    """Whether those who are invited have to know of these changes."""
    changed = [name for name in TOLD if name in values and getattr(meeting, name) != values[name]]
    return meeting.state == State.INVITED and bool(changed)


@transaction.atomic
def _change(
    meeting: Meeting, values: dict[str, Any], paper: Paper | None, *, actor: Actor,
    expected: int, note: str,
) -> None:  # fmt: skip
    require_open(meeting)
    whole = {name: getattr(meeting, name) for name in FIELDS} | values
    _check(meeting.body, whole, meeting)
    if meeting.state == State.INVITED:
        inviting.check_form(whole["mode"], whole["rights_statement"])
    before = {name: getattr(meeting, name) for name in values}
    changed = [name for name, value in values.items() if before[name] != value]
    told = _is_told(meeting, values)
    other_day = "starts_at" in changed and (
        timezone.localdate(before["starts_at"]) != timezone.localdate(values["starts_at"])
    )
    update_versioned(meeting, expected=expected, **values)
    if told:
        inviting.raise_sequence(meeting)
        if other_day:
            _ask_again(meeting)
        inviting.send_update(meeting, note=text.clean(note), moved=other_day, paper=paper)
    actionlog.record(
        "bodies.meeting.changed", meeting, actor=actor, subject=meeting.body.uuid,
        before={name: _plain(before[name]) for name in changed},
        after={name: _plain(values[name]) for name in changed},
    )  # fmt: skip
    touch(meeting.pk)


def _ask_again(meeting: Meeting) -> None:
    """The answers were for another day."""
    Attendance.objects.filter(meeting=meeting).update(
        reply=Attendance.Reply.NONE, replied_at=None, reminded_at=None, excused=False,
        version=_next_version(), updated_at=clock.now(),
    )  # fmt: skip


def _next_version() -> Any:
    from django.db.models import F

    return F("version") + 1


def postpone(
    meeting: Meeting, *, actor: Actor, expected: int, starts_at: datetime, ends_at: datetime,
    note: str = "",
) -> None:  # fmt: skip
    """Puts a meeting off to another date; agenda and papers stay. As `change_meeting`; raises
    Refused for one that has begun or for a date that is past."""
    if meeting.state not in (State.PLANNED, State.INVITED):
        raise Refused(_("Diese Sitzung hat schon begonnen oder ist abgesagt."))
    if starts_at <= clock.now():
        raise Refused(_("Der neue Termin liegt in der Vergangenheit."))
    change_meeting(meeting, actor=actor, expected=expected, note=note, starts_at=starts_at,
                   ends_at=ends_at)  # fmt: skip


@transaction.atomic
def cancel(meeting: Meeting, *, actor: Actor, expected: int, reason: str) -> None:
    """Calls a meeting off: who is invited gets a mail, calendars take it out, and what its agenda
    had taken over is open again.

    Raises NotAllowed, Conflict, Refused without a reason and for one that has begun.
    """
    require("bodies.meeting.run", actor, meeting)
    reason = text.clean_line(reason)
    if not reason:
        raise Refused(_("Bitte nennen Sie den Grund: er steht in der Absage."))
    if meeting.state not in (State.PLANNED, State.INVITED):
        raise Refused(_("Absagen lässt sich eine Sitzung nur, bevor sie beginnt."))
    was = meeting.state
    update_versioned(
        meeting, expected=expected, state=State.CANCELLED, cancel_reason=text.shorten(reason, 300)
    )
    inviting.raise_sequence(meeting)
    for item in meeting.items.exclude(source_uuid=None):
        taking.release(item)
    if was == State.INVITED:
        inviting.send_cancellation(meeting)
    actionlog.record(
        "bodies.meeting.cancelled", meeting, actor=actor, subject=meeting.body.uuid,
        before={"state": was}, after={"reason": reason},
    )  # fmt: skip
    touch(meeting.pk)


def require_open(meeting: Meeting) -> None:
    """Raises Refused for a meeting that was called off or whose minutes were sent round. What it
    says holds until the transaction ends."""
    hold(meeting)
    if meeting.state == State.CANCELLED:
        raise Refused(_("Diese Sitzung ist abgesagt."))
    if meeting.state != State.HELD:
        return
    if Minutes.objects.filter(meeting=meeting).exclude(state=Minutes.State.DRAFT).exists():
        raise Refused(
            _("Das Protokoll ist schon verschickt. Was jetzt falsch ist, wird dort berichtigt.")
        )


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value.uuid) if isinstance(value, Organisation) else value
