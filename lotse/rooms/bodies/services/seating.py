"""One person, one seat: nobody speaks for two seats of a body, and on the list of a meeting
everybody stands once, for one seat.

A person is delegate on one seat of a body at a time, whether it has a vote or not. Being deputy on
others stays possible; but who has an own place at a meeting (a seat, an office, an invitation as
a member) is not sent there for another seat, not even when excused, and nobody for two seats.
"""

from collections.abc import Iterable
from datetime import date

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from lotse.foundation.core import clock, text
from lotse.foundation.core.errors import Refused
from lotse.foundation.parties.standing import holds_on
from lotse.rooms.bodies.models import Attendance, Holder, Mandate, Meeting, Presence

PART, STATE = Attendance.Part, Meeting.State


def part_of(holder: Holder | None) -> str:
    """As what somebody on a seat takes part."""
    if holder is None:
        return PART.MEMBER
    if holder.mandate.kind == Mandate.Kind.GUEST:
        return PART.GUEST
    return PART.DEPUTY if holder.part == Holder.Part.DEPUTY else PART.MEMBER


def speaks_elsewhere(mandate: Mandate, person: int, first_day: date, last_day: date | None) -> bool:
    """Whether the person, by key, is delegate on another seat of the body on one of these days. One
    query."""
    rows = Holder.objects.filter(
        Q(ends_on=None) | Q(ends_on__gte=first_day),
        person=person, part=Holder.Part.DELEGATE, mandate__body=mandate.body_id,
    ).exclude(mandate=mandate.pk)  # fmt: skip
    if last_day is not None:
        rows = rows.filter(starts_on__lte=last_day)
    return rows.exists()


def check_only_seat(mandate: Mandate, person: int, part: str, first_day: date) -> None:
    """Raises Refused for a delegate, by key of the person, who has another seat of the body by
    then; call under the lock of the body. At most one query."""
    if part == Holder.Part.DELEGATE and speaks_elsewhere(
        mandate, person, first_day, mandate.ends_on
    ):
        raise Refused(
            _("Diese Person vertritt in diesem Gremium schon ein anderes Mandat. Jede Person "
              "vertritt hier nur eines; Stellvertretung kann sie auf mehreren sein.")
        )  # fmt: skip


def check_prolonged(holder: Holder, ends_on: date | None) -> None:
    """Raises Refused where a later end reaches into days on which the delegate has another seat. At
    most one query."""
    first_day = max(holder.starts_on, clock.today())
    if holder.part == Holder.Part.DELEGATE and speaks_elsewhere(
        holder.mandate, holder.person_id, first_day, ends_on
    ):
        raise Refused(
            _("Wer dieses Mandat vertritt, vertritt an diesen Tagen schon ein anderes Mandat des "
              "Gremiums. Besetzen Sie zuerst eines der beiden neu.")
        )  # fmt: skip


def onto_lists(holder: Holder) -> None:
    """A new delegate stands for the seat on the lists of meetings to come, where the person is on
    them already: a deputy who moved up, a minute taker. Whoever was sent for another seat stands in
    for it there as said. One query."""
    organisation = holder.mandate.organisation
    rows = Attendance.objects.filter(
        person=holder.person_id, meeting__body=holder.mandate.body_id, stands_for=None,
        meeting__state__in=(STATE.PLANNED, STATE.INVITED),
        meeting__starts_at__date__gte=holder.starts_on,
    )  # fmt: skip
    if holder.ends_on is not None:
        rows = rows.filter(meeting__starts_at__date__lte=holder.ends_on)
    rows.update(
        mandate=holder.mandate, part=part_of(holder),
        organisation=organisation.name if organisation else "", version=F("version") + 1,
    )  # fmt: skip


def delegates_among(meeting: Meeting, people: set[int]) -> set[int]:
    """Which of these people, by key, are delegates of the body on the day of the meeting. One
    query, none for nobody."""
    if not people:
        return set()
    return set(_delegates(meeting).filter(person__in=people).values_list("person_id", flat=True))


def _delegates(meeting: Meeting) -> QuerySet[Holder]:
    day = timezone.localdate(meeting.starts_at)
    return Holder.objects.filter(
        holds_on(day), holds_on(day, "mandate__"), part=Holder.Part.DELEGATE,
        mandate__body=meeting.body_id,
    )  # fmt: skip


def check_deputies(meeting: Meeting, holders: Iterable[Holder]) -> None:
    """Raises Refused where a deputy among them is delegate of the body: they are there for their
    own seat. One query, none without deputies."""
    deputies = {one.person_id: one for one in holders if one.part == Holder.Part.DEPUTY}
    for person in sorted(delegates_among(meeting, set(deputies))):
        raise Refused(
            _("%(name)s vertritt in diesem Gremium ein eigenes Mandat und kann kein zweites "
              "vertreten.") % {"name": deputies[person].person.name}
        )  # fmt: skip


def check_can_step_in(row: Attendance, person: int) -> None:
    """Raises Refused for somebody, by key, who cannot be sent for the seat of this line. Two
    queries."""
    line = Attendance.objects.filter(meeting=row.meeting_id, person=person).first()
    if line is not None and line.part != PART.DEPUTY:
        raise Refused(_("Diese Person ist schon selbst eingeladen."))
    if delegates_among(row.meeting, {person}):
        raise Refused(_("Diese Person vertritt in diesem Gremium schon ein eigenes Mandat."))
    if line is not None and line.stands_for_id not in (None, row.pk):
        raise Refused(_("Diese Person vertritt in dieser Sitzung schon ein anderes Mandat."))


def check_name_can_step_in(meeting: Meeting, name: str, mandate: Mandate | None) -> None:
    """The same for somebody who is only named, by the name as it stands on the list. Raises
    Refused. Two queries."""
    wanted = text.clean_line(name).casefold()
    elsewhere = Q(mandate__isnull=False) & ~Q(mandate=mandate)
    came = Exists(Presence.objects.filter(attendance=OuterRef("pk")))
    comes = elsewhere & (Q(stands_for__isnull=False) | came)
    busy = Q(part=PART.MEMBER) | (Q(part=PART.DEPUTY) & comes)
    lines = Attendance.objects.filter(busy, meeting=meeting).values_list("name", flat=True)
    seated = _delegates(meeting).select_related("person")
    names = {*lines, *(one.person.name for one in seated)}
    if wanted in {text.clean_line(one).casefold() for one in names}:
        raise Refused(
            _("%(name)s steht schon für ein Mandat auf der Liste: Eine Person vertritt in einer "
              "Sitzung nur eines. Ist jemand anderes mit diesem Namen gemeint, ergänzen Sie ihn "
              "bitte, zum Beispiel um die Abteilung.") % {"name": name}
        )  # fmt: skip
