"""Objections to minutes: raised by those present, answered by who runs the meeting (rulings 9)."""

from django.db import transaction
from django.utils.translation import gettext as _

from lotse.foundation.core.actor import Actor
from lotse.foundation.core.errors import NotAllowed, Refused
from lotse.foundation.core.permissions import has, require
from lotse.foundation.core.ref import Ref
from lotse.foundation.parties.models import Person
from lotse.foundation.procedures import queries as procedures
from lotse.foundation.procedures import services as periods
from lotse.foundation.procedures.models import Objection, ObjectionPeriod
from lotse.rooms.bodies import mails_minutes as mails
from lotse.rooms.bodies.models import Attendance, Minutes
from lotse.rooms.bodies.services.minutes import WRITE, after_the_clock, settle

OBJECT = "bodies.minutes.object"


def by_link(attendance: Attendance) -> Actor:
    """Who came by the personal link of somebody who was present."""
    return Actor("link", uuid=attendance.uuid)


@after_the_clock
@transaction.atomic
def object_to_minutes(
    minutes: Minutes, *, actor: Actor, words: str, part: str = "",
    kind: str = Objection.Kind.OBJECTION, attendance: Attendance | None = None, key: str = "",
) -> Objection:  # fmt: skip
    """An objection to the minutes or to one item (`part`, its uuid), by who was present: signed in,
    or by the personal link of `attendance`.

    Raises NotAllowed, Refused without words, outside the period, for an item that is none.
    """
    person = _objector(minutes, actor, attendance)
    period = procedures.latest_period(minutes)
    if period is None:
        raise Refused(_("Zu diesem Protokoll läuft keine Frist für Einwände."))
    if part and not minutes.meeting.items.filter(uuid=part).exists():
        raise Refused(_("Diesen Tagesordnungspunkt gibt es im Protokoll nicht."))
    who = by_link(attendance) if attendance is not None else actor
    return periods.make_objection(
        period, actor=who, person=person, words=words, part=part, kind=kind, key=key
    )


def _objector(minutes: Minutes, actor: Actor, attendance: Attendance | None) -> Person | None:
    if attendance is None:
        if not has(OBJECT, actor, minutes) or actor.person is None:
            raise NotAllowed(OBJECT)
        return Person.objects.get(pk=actor.person)
    there = attendance.presences.exists() and attendance.meeting_id == minutes.meeting_id
    if not there or minutes.state == Minutes.State.DRAFT:
        raise NotAllowed(OBJECT)
    return attendance.person


def minutes_of(objection: Objection) -> Minutes:
    """The minutes an objection is about. One query. Raises Minutes.DoesNotExist for others."""
    period: ObjectionPeriod = objection.period
    if period.subject_type != Ref.to(Minutes()).type:
        raise Minutes.DoesNotExist
    rows = Minutes.objects.select_related("meeting__body__network", "meeting__body__charter")
    return rows.get(uuid=period.subject_uuid)


@transaction.atomic
def withdraw(
    objection: Objection, *, actor: Actor, expected: int, attendance: Attendance | None = None
) -> None:
    """Takes the own objection back; where nothing else stood in the way of silence, that adopts the
    minutes. Raises NotAllowed, Conflict, Refused once it is answered."""
    own = actor.person is not None and objection.person_id == actor.person
    linked = attendance is not None and objection.by == by_link(attendance).ref
    if not own and not linked:
        raise NotAllowed(OBJECT)
    periods.withdraw_objection(objection, actor=actor, expected=expected)
    settle(minutes_of(objection))


@transaction.atomic
def answer(
    objection: Objection, *, actor: Actor, expected: int, accepted: bool, words: str
) -> None:
    """Says what comes of an objection and tells who made it. What is accepted must go into a
    corrected revision before the minutes can be adopted; declining the last one after the end of
    the period adopts them.

    Raises NotAllowed, Conflict, Refused without words, for one that is answered or taken back, and
    after the minutes were adopted.
    """
    minutes = minutes_of(objection)
    require(WRITE, actor, minutes)
    if minutes.state not in (Minutes.State.CIRCULATED, Minutes.State.CORRECTED):
        raise Refused(_("Dieses Protokoll ist schon genehmigt."))
    periods.answer_objection(
        objection, actor=actor, expected=expected, accepted=accepted, words=words
    )
    mails.send_answer(minutes, objection)
    settle(minutes)
