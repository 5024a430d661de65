"""Who is invited to a meeting and where they are written to."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from allauth.account.models import EmailAddress
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from lotse.foundation.core import clock
from lotse.foundation.core.models import OutboxMail
from lotse.foundation.parties.models import Person, RoleGrant
from lotse.foundation.parties.standing import holds_on
from lotse.rooms.bodies.models import Attendance, Holder, Mandate, Meeting
from lotse.rooms.bodies.permissions import holds_now

Part = Attendance.Part
# For so long the link of an invitation opens the papers of a meeting that is over.
OVER_AFTER = timedelta(days=90)


@dataclass(frozen=True)
class Reach:
    """Where somebody is written to; no address where they cannot be."""

    address: str = ""
    lang: str = "de"
    name: str = ""
    person_uuid: UUID | None = None


@dataclass(frozen=True)
class Seated:
    """Somebody to invite: for a seat, in place of a delegate, or for an office of the body."""

    person: Person
    part: str
    organisation: str = ""
    mandate: int | None = None


def seated_of(meeting: Meeting) -> list[Seated]:
    """Everybody with a place in the body today, each once: delegates first, then who chairs or
    writes the minutes, then deputies. Two queries."""
    body = meeting.body
    rows = (
        Holder.objects.filter(holds_now(), holds_now("mandate__"), mandate__body=body)
        .select_related("person", "mandate__organisation")
        .order_by("mandate", "part", "position", "pk")
    )
    found: dict[int, Seated] = {}
    holders = list(rows)
    for row in (one for one in holders if one.part == Holder.Part.DELEGATE):
        part = Part.GUEST if row.mandate.kind == "guest" else Part.MEMBER
        found.setdefault(row.person_id, _seated(row, part))
    for grant in _offices(meeting):
        part = Part.MEMBER if grant.role == RoleGrant.Role.CHAIR else Part.STAFF
        found.setdefault(grant.person_id, Seated(grant.person, part))
    for row in (one for one in holders if one.part == Holder.Part.DEPUTY):
        found.setdefault(row.person_id, _seated(row, Part.DEPUTY))
    return list(found.values())


def _seated(row: Holder, part: str) -> Seated:
    organisation = row.mandate.organisation
    return Seated(row.person, part, organisation.name if organisation else "", row.mandate_id)


def _offices(meeting: Meeting) -> Iterable[RoleGrant]:
    return RoleGrant.objects.filter(
        holds_now(), held_in_uuid=meeting.body.uuid, ended_at=None,
        role__in=(RoleGrant.Role.CHAIR, RoleGrant.Role.MINUTE_TAKER),
    ).select_related("person").order_by("pk")  # fmt: skip


def reach_of(persons: Iterable[int]) -> dict[int, Reach]:
    """Where people are written to, by their keys: the confirmed address of their account, without
    an account the one that is kept. Nobody who is erased, restricted, merged or suspended. One
    query."""
    verified = EmailAddress.objects.filter(user=OuterRef("account"), verified=True)
    rows: Any = (
        Person.objects.filter(pk__in=set(persons), erased_at=None, restricted_at=None)
        .filter(Q(merged_into=None) & ~Q(account__is_active=False))
        .annotate(verified=Subquery(verified.order_by("-primary", "pk").values("email")[:1]))
    )
    return {
        row.pk: Reach((row.verified or "") if row.account_id else row.email, row.lang, row.name,
                      row.uuid)
        for row in rows
    }  # fmt: skip


def reach_all(rows: Iterable[Attendance]) -> dict[int, Reach]:
    """Where those who are invited are written to, by the keys of their attendance. One query."""
    rows = list(rows)
    people = reach_of(row.person_id for row in rows if row.person_id)
    return {row.pk: where_of(row, people) for row in rows}


def where_of(row: Attendance, people: Mapping[int, Reach]) -> Reach:
    """Where one of those who are invited is written to; guests at the address they gave."""
    if row.person_id is None:
        return Reach(row.email, name=row.name)
    return people.get(row.person_id, Reach(name=row.name))


def is_guest(attendance: Attendance) -> bool:
    """Whether somebody comes as a guest of this meeting, without a seat."""
    return attendance.part == Part.GUEST and attendance.mandate_id is None


def still_in(meeting: Meeting, rows: Iterable[Attendance]) -> list[Attendance]:
    """Those of the rows who still come: guests, and for a seat or an office that holds today. Who
    left the body gets no more mail of its meetings (T05). Two queries."""
    held = set(_holding(meeting.body.uuid).values_list("person_id", flat=True))
    seats = Mandate.objects.filter(holds_now(), body=meeting.body_id)
    mandates = set(seats.values_list("pk", flat=True))
    return [
        row for row in rows
        if is_guest(row)
        or (row.person_id in held if row.person_id else row.mandate_id in mandates)
    ]  # fmt: skip


def _holding(body: UUID) -> QuerySet[RoleGrant]:
    return RoleGrant.objects.filter(holds_now(), held_in_uuid=body, ended_at=None)


def may_answer(attendance: Attendance) -> bool:
    """Whether who is invited still may answer, by link or signed in: the meeting not long over, the
    seat or office still theirs, the person free to act. At most two queries, with meeting and body
    loaded."""
    meeting = attendance.meeting
    if meeting.ends_at + OVER_AFTER < clock.now():
        return False
    if attendance.person_id is None:
        if not attendance.token_hash:
            return False  # erased, or taken off the list
        if attendance.mandate_id is None:
            return True
        return Mandate.objects.filter(holds_now(), pk=attendance.mandate_id).exists()
    if attendance.person_id not in reach_of([attendance.person_id]):
        return False
    if attendance.mandate_id is None:
        held = _holding(meeting.body.uuid).filter(person=attendance.person_id)
        return is_guest(attendance) or held.exists()
    sits = Holder.objects.filter(
        holds_now(), holds_now("mandate__"), mandate=attendance.mandate_id,
        person=attendance.person_id,
    )  # fmt: skip
    return sits.exists()


def deputies_of(attendance: Attendance) -> list[Holder]:
    """The deputies of the seat that somebody is invited for. One query."""
    if attendance.mandate_id is None:
        return []
    rows = Holder.objects.filter(
        holds_now(), mandate=attendance.mandate_id, part=Holder.Part.DEPUTY
    ).exclude(person=attendance.person_id)
    return list(rows.select_related("person").order_by("position", "pk"))


def sendable_for(attendance: Attendance) -> list[Holder]:
    """Those of them to choose from: without who has a place at the meeting of their own, who stands
    in for another seat there, and people whose data are restricted (`services.seating` refuses the
    first two). At most three queries, one without deputies."""
    found = [one for one in deputies_of(attendance) if one.person.restricted_at is None]
    if not found:
        return []
    people = {one.person_id for one in found}
    own = ~Q(part=Part.DEPUTY) | (Q(stands_for__isnull=False) & ~Q(stands_for=attendance))
    lines = Attendance.objects.filter(own, meeting=attendance.meeting_id, person__in=people)
    day = timezone.localdate(attendance.meeting.starts_at)
    seats = Holder.objects.filter(
        holds_on(day), holds_on(day, "mandate__"), part=Holder.Part.DELEGATE,
        mandate__body=attendance.meeting.body_id, person__in=people,
    )  # fmt: skip
    busy = {*lines.values_list("person_id", flat=True), *seats.values_list("person_id", flat=True)}
    return [one for one in found if one.person_id not in busy]


BAD = (OutboxMail.State.STOPPED, OutboxMail.State.FAILED, OutboxMail.State.BOUNCED)


def mail_name(meeting: Meeting, attendance: Attendance, what: str) -> str:
    """Under which a mail to somebody who is invited is written once."""
    return f"{_names(meeting)}{attendance.uuid.hex}:{what}"


def _names(meeting: Meeting) -> str:
    return f"bodies.meeting:{meeting.uuid.hex}:"


def not_reached(
    meeting: Meeting, rows: Iterable[Attendance], people: Mapping[int, Reach]
) -> dict[int, str]:
    """Why somebody who is invited did not get the latest mail, by attendance: no address (empty),
    switched off, came back (rulings 12). `people` is of `reach_of`. One query, none before the
    invitation."""
    rows = [row for row in rows if row.invited_at]
    if not rows:
        return {}
    latest: dict[str, OutboxMail] = {}
    mails = OutboxMail.objects.filter(once__startswith=_names(meeting)).order_by("pk")
    for mail in mails.only("once", "state", "error"):
        latest[mail.once.split(":")[2]] = mail
    found = {}
    for row in rows:
        last = latest.get(row.uuid.hex)
        if not where_of(row, people).address:
            found[row.pk] = ""
        elif last is not None and last.state in BAD:
            found[row.pk] = str(last.get_state_display())
    return found
