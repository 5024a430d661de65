"""What becomes of seats when two people are one.

Who leaves an organisation hands no seat over: the organisation decides anew, by who may represent
it (`queries.members.left_behind` tells the office).
"""

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from lotse.foundation.core import clock
from lotse.foundation.core.actor import SYSTEM
from lotse.rooms.bodies.models import (
    Attendance,
    Attribution,
    Holder,
    NoteBlock,
    NoteVersion,
    Presenter,
)
from lotse.rooms.bodies.permissions import not_over
from lotse.rooms.bodies.services import mandates, seating


@transaction.atomic
def take_over(keep: int, other: int) -> None:
    """Two people are one: seats, attendance and notes of the second are the first one's. Where
    both were in one meeting the name of the second stays without the person; on one seat the
    person sits once, and of two seats of one body it keeps the one with a vote, else the older."""
    there = Attendance.objects.filter(person=keep, meeting=OuterRef("meeting"))
    Attendance.objects.filter(Exists(there), person=other).update(person=None)
    for model in (Attendance, Holder, Presenter, NoteBlock, NoteVersion, Attribution):
        model._default_manager.filter(person=other).update(person=keep)
    rows = Holder.objects.filter(not_over(), person=keep).order_by(
        "part", "-mandate__with_vote", "position", "pk"
    )
    sits: dict[int, Holder] = {}
    for holder in rows.select_related("mandate__body", "grant", "person"):
        if sits.setdefault(holder.mandate_id, holder) is not holder:
            _unseat(holder)
    for holder in reversed(sits.values()):
        first_day = max(holder.starts_on, clock.today())
        if holder.part == Holder.Part.DELEGATE and seating.speaks_elsewhere(
            holder.mandate, keep, first_day, holder.ends_on
        ):
            _unseat(holder)


def _unseat(holder: Holder) -> None:
    mandates.unseat(holder, actor=SYSTEM, reason=_("Zwei Einträge derselben Person"))
