"""Answers to an invitation, and reminders of those that are missing (S1-02)."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from lotse.foundation.core import clock, mail, once, text
from lotse.foundation.core.actor import Actor
from lotse.foundation.core.db import update_versioned
from lotse.foundation.core.errors import NotAllowed, Refused
from lotse.foundation.core.models import OutboxMail
from lotse.foundation.core.permissions import has
from lotse.foundation.parties.models import Network
from lotse.rooms.bodies import mails_inviting as mails
from lotse.rooms.bodies.models import Attendance, Holder, Meeting
from lotse.rooms.bodies.queries import addressees
from lotse.rooms.bodies.queries.addressees import Reach
from lotse.rooms.bodies.queries.meetings import is_asked
from lotse.rooms.bodies.services import inviting, seating
from lotse.rooms.bodies.services.agenda_paper import Paper, draw_ahead

Part, Reply, State = Attendance.Part, Attendance.Reply, Meeting.State
# Days before a meeting on which whoever has not answered is asked again.
FIRST, LAST = 7, 2


@dataclass(frozen=True)
class StandIn:
    """Who comes instead: one of the seat's deputies by the uuid of the holder, else by name."""

    holder: UUID | None = None
    name: str = ""
    email: str = ""


@dataclass(frozen=True)
class Said:
    """An answer, and the agenda as it was drawn for who comes instead."""

    reply: str
    note: str
    stand_in: StandIn | None
    paper: Paper | None


def is_open(meeting: Meeting) -> bool:
    """Whether answers are taken: invited to, and not over."""
    return meeting.state in (State.INVITED, State.RUNNING) and meeting.ends_at > clock.now()


def answer(
    row: Attendance, *, actor: Actor, expected: int, reply: str, note: str = "",
    stand_in: StandIn | None = None,
) -> None:  # fmt: skip
    """What somebody who is invited answers: themselves, by their link, or the office for them. It
    may be changed until the meeting is over.

    Raises NotAllowed, Conflict, Refused for a meeting that takes no answers, for a deputy who is
    only told, for a stand-in without a name, and for one who stands for a seat already.
    """
    _require(row, actor)
    paper = None
    if reply == Reply.DEPUTY and expected == row.version and is_open(row.meeting):
        paper = draw_ahead(row.meeting, inviting.langs_of(_reach_of(row, stand_in)))
    _answer(row, Said(reply, text.shorten(text.clean_line(note), 300), stand_in, paper),
            actor=actor, expected=expected)  # fmt: skip


def _reach_of(row: Attendance, stand_in: StandIn | None) -> list[Reach]:
    """Where the one who comes instead is written to, for who is no deputy of the seat any more
    nowhere. Up to two queries."""
    if stand_in is None or stand_in.holder is None:
        return [Reach(stand_in.email)] if stand_in else []
    people = [one.person_id for one in addressees.deputies_of(row) if one.uuid == stand_in.holder]
    return list(addressees.reach_of(people).values())


@transaction.atomic
def _answer(row: Attendance, said: Said, *, actor: Actor, expected: int) -> None:
    meeting, reply = row.meeting, said.reply
    inviting.take_up(meeting)
    if not is_open(meeting):
        raise Refused(_("Zu dieser Sitzung werden keine Antworten mehr angenommen."))
    if not is_asked(row):
        raise Refused(_("Sie sind zur Kenntnis eingeladen: eine Antwort ist nicht nötig."))
    if reply not in (Reply.YES, Reply.NO, Reply.DEPUTY):
        raise Refused(_("Bitte wählen Sie eine Antwort."))
    before = {"reply": row.reply}
    update_versioned(
        row, expected=expected, reply=reply, replied_at=clock.now(),
        reply_note=said.note, excused=reply != Reply.YES,
    )  # fmt: skip
    _put_stand_in(row, said)
    inviting.log("bodies.attendance.replied", row, actor, before=before, after={"reply": reply})


def _require(row: Attendance, actor: Actor) -> None:
    if actor.trusted:
        return
    own = actor.person is not None and actor.person == row.person_id
    if (own or row.uuid in actor.keys) and addressees.may_answer(row):
        return
    if not has("bodies.meeting.run", actor, row.meeting):
        raise NotAllowed("bodies.meeting.run")


def _put_stand_in(row: Attendance, said: Said) -> None:
    """Whoever was to come before and is not wanted any more is told; the new one is invited."""
    before = list(row.stand_ins.select_related("meeting__body__network", "person"))
    if said.reply != Reply.DEPUTY:
        for one in before:
            _stand_down(one)
        return
    stand_in = said.stand_in
    holder = _deputy(row, stand_in)
    if holder is None and not (stand_in and text.clean_line(stand_in.name)):
        raise Refused(_("Bitte nennen Sie, wer Sie vertritt."))
    if holder is not None:
        _by_deputy(row, holder, before, said.paper)
    elif stand_in is not None:
        _by_name(row, stand_in, before, said.paper)


def _deputy(row: Attendance, stand_in: StandIn | None) -> Holder | None:
    if stand_in is None or stand_in.holder is None:
        return None
    found = [one for one in addressees.deputies_of(row) if one.uuid == stand_in.holder]
    if not found:
        raise Refused(_("Diese Person vertritt das Mandat nicht mehr."))
    return found[0]


def _by_deputy(
    row: Attendance, holder: Holder, before: list[Attendance], paper: Paper | None
) -> None:
    """One of the seat's deputies: they are on the list already and are now asked themselves."""
    for one in before:
        if one.person_id != holder.person_id:
            _stand_down(one)
    if any(one.person_id == holder.person_id for one in before):
        return
    meeting = row.meeting
    seating.check_can_step_in(row, holder.person_id)
    found, _new = Attendance.objects.get_or_create(
        meeting=meeting, person=holder.person,
        defaults={"name": holder.person.name, "part": Part.DEPUTY,
                  "organisation": row.organisation, "mandate_id": row.mandate_id},
    )  # fmt: skip
    update_versioned(found, expected=found.version, stands_for=row, reply=Reply.NONE,
                     mandate_id=row.mandate_id)  # fmt: skip
    inviting.raise_sequence(meeting)  # they may have been told that they need not come
    inviting.send_invitations(meeting, [found], what=f"vertretung-{once.new_key()}", paper=paper)


def _by_name(
    row: Attendance, stand_in: StandIn, before: list[Attendance], paper: Paper | None
) -> None:
    name, email = text.clean_line(stand_in.name), text.clean_line(stand_in.email)
    same = [one for one in before
            if one.person_id is None and (one.name, one.email) == (name, email)]  # fmt: skip
    for one in before:
        if one not in same:
            _stand_down(one)
    if same:
        return
    seating.check_name_can_step_in(row.meeting, name, row.mandate)
    made = Attendance.objects.create(
        meeting=row.meeting, name=text.shorten(name, 200), email=email, part=Part.DEPUTY,
        organisation=row.organisation, mandate_id=row.mandate_id, stands_for=row,
    )  # fmt: skip
    inviting.raise_sequence(row.meeting)
    inviting.send_invitations(row.meeting, [made], paper=paper)


def _stand_down(one: Attendance) -> None:
    """A deputy of the seat is only told again; somebody named for this meeting is off the list,
    unless they were there."""
    if one.person_id is not None:
        update_versioned(one, expected=one.version, stands_for=None, reply=Reply.NONE,
                         replied_at=None, excused=False)  # fmt: skip
        reach = addressees.reach_all([one])[one.pk]
        if one.invited_at and reach.address:
            inviting.raise_sequence(one.meeting)
            what = f"entfaellt-{one.meeting.sequence}"  # each time anew
            mail.send_all([mails.release(mails.Letter(one.meeting), one, reach, what=what)])
    elif not one.presences.exists():
        inviting.release(one)


def stage_on(meeting: Meeting) -> int:
    """Which reminder is to be out today; 0 for none. Told from the dates, so that a worker that
    stood still catches up."""
    if meeting.invited_at is None:
        return 0
    today = clock.today()
    left = (timezone.localdate(meeting.starts_at) - today).days
    if left < 1 or timezone.localdate(meeting.invited_at) >= today:
        return 0
    if left <= LAST:
        return LAST
    return FIRST if left <= FIRST else 0


def send_due() -> int:
    """The daily job: reminds who has not answered, seven and two days before. Returns how many
    mails; running twice writes none twice. A network at rest sends none."""
    border = clock.now() + timedelta(days=FIRST + 1)
    rows = Meeting.objects.filter(
        state=State.INVITED, starts_at__gt=clock.now(), starts_at__lt=border,
        body__network__state=Network.State.ACTIVE,
    ).select_related("body__network", "body__charter").order_by("starts_at", "pk")  # fmt: skip
    return sum(_remind(meeting) for meeting in rows if stage_on(meeting))


@transaction.atomic
def _remind(meeting: Meeting) -> int:
    """In two languages 13 queries, and on SQLite one more for each 40 mails."""
    inviting.take_up(meeting)
    stage = stage_on(meeting)
    if meeting.state != State.INVITED or not stage:
        return 0  # called off or put off meanwhile
    open_ones = meeting.attendances.filter(reply=Reply.NONE).exclude(invited_at=None)
    asked = [row for row in open_ones.select_related("stands_for") if is_asked(row)]
    rows = addressees.still_in(meeting, asked)
    # Another date asks anew; the day is part of the name under which a mail is written once.
    what = f"erinnerung-{stage}-{timezone.localdate(meeting.starts_at).isoformat()}"
    names = {addressees.mail_name(meeting, row, what): row for row in rows}
    written = set(OutboxMail.objects.filter(once__in=list(names)).values_list("once", flat=True))
    reach, letter = addressees.reach_all(rows), mails.Letter(meeting)
    new = [row for name, row in names.items() if name not in written and reach[row.pk].address]
    mail.send_all(mails.reminder(letter, row, reach[row.pk], what=what) for row in new)
    Attendance.objects.filter(pk__in=[row.pk for row in new]).update(reminded_at=clock.now())
    return len(new)
