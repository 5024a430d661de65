"""Meetings of the demo: agenda, who was there, what came of it."""

from datetime import timedelta
from typing import Any

from lotse.foundation.core import clock
from lotse.foundation.core.actor import COMMAND
from lotse.rooms.bodies.demo import minutes, outcomes
from lotse.rooms.bodies.demo.names import Names, begin_of, demo_uuid
from lotse.rooms.bodies.models import (
    AgendaItem,
    Annex,
    Attendance,
    Holder,
    Mandate,
    Meeting,
    Presence,
    Presenter,
)
from lotse.rooms.bodies.permissions import holds_now
from lotse.rooms.bodies.queries.quorum import written_down

_AS_IT_IS = ("number", "title", "mode", "place", "address", "link", "next_dates")
_PAST = ("published", "adopted", "circulated")


def load(content: dict[str, Any], names: Names) -> None:
    """Meetings in the order of the file: oldest first."""
    for item in content["meetings"]:
        meeting = _meeting(item, names)
        _people(meeting, item, names)
        for position, row in enumerate(item["items"], start=1):
            _item(meeting, position, row, names)
        if item.get("minutes") in _PAST:
            minutes.write(meeting, item["minutes"])


def _meeting(item: dict[str, Any], names: Names) -> Meeting:
    begin = begin_of(item)
    end = begin + timedelta(hours=item["hours"])
    held = "minutes" in item
    state = Meeting.State.HELD if held else item["state"]
    invited = begin - timedelta(days=30) if held else clock.now() - timedelta(days=3)
    made = Meeting.objects.create(
        uuid=demo_uuid("meeting", item["key"]), body=names.bodies[item["body"]],
        starts_at=begin, ends_at=end, state=state,
        invited_at=None if state == Meeting.State.PLANNED else invited,
        opened_at=begin if held else None, closed_at=end if held else None,
        rights_statement=item.get("rights", ""), unnamed_count=item.get("unnamed", 0),
        host=names.organisation(item["host"]) if "host" in item else None,
        moderation=names.person(item["moderation"]).name,
        minute_takers=names.person(item["minute_takers"]).name,
        created_at=min(begin - timedelta(days=60), clock.now()), is_demo=True,
        **{name: item[name] for name in _AS_IT_IS if name in item},
    )  # fmt: skip
    if held:
        Meeting.objects.filter(pk=made.pk).update(**written_down(made, end))
    return made


def _people(meeting: Meeting, item: dict[str, Any], names: Names) -> None:
    """Of a past meeting who was there; of one to come who is invited."""
    rows = [(key, "there") for key in item.get("present", [])]
    rows += [(key, "guest") for key in item.get("guests", [])]
    rows += [(key, "excused") for key in item.get("excused", [])]
    if meeting.state == Meeting.State.INVITED:
        sitting = Holder.objects.filter(
            holds_now(), mandate__body=meeting.body, part=Holder.Part.DELEGATE
        )
        for place, holder in enumerate(sitting.select_related("person", "mandate")):
            _invited(meeting, holder, place, names)
    for key, how in rows:
        _took_part(meeting, key, how, names)


def _invited(meeting: Meeting, holder: Holder, place: int, names: Names) -> None:
    reply = ("yes", "yes", "none", "yes", "no", "none")[place % 6]
    guest = holder.mandate.kind == Mandate.Kind.GUEST
    Attendance.objects.create(
        meeting=meeting, mandate=holder.mandate, person=holder.person, name=holder.person.name,
        organisation=names.seat_of(holder.person), email=holder.person.email, reply=reply,
        part=Attendance.Part.GUEST if guest else Attendance.Part.MEMBER,
        invited_at=meeting.invited_at, excused=reply == "no",
        replied_at=None if reply == "none" else clock.now() - timedelta(days=1),
    )  # fmt: skip


def _took_part(meeting: Meeting, key: str, how: str, names: Names) -> None:
    person = names.person(key)
    sitting = Holder.objects.filter(person=person, mandate__body=meeting.body)
    holder = sitting.select_related("mandate").order_by("pk").first()
    part = Attendance.Part.MEMBER
    if how == "guest" or (holder and holder.mandate.kind == Mandate.Kind.GUEST):
        part = Attendance.Part.GUEST
    elif holder and holder.part == Holder.Part.DEPUTY:
        part = Attendance.Part.DEPUTY
    attendance = Attendance.objects.create(
        meeting=meeting, mandate=holder.mandate if holder and part != "guest" else None,
        person=person, name=person.name, organisation=names.seat_of(person), part=part,
        reply="no" if how == "excused" else "yes", excused=how == "excused",
        invited_at=meeting.invited_at,
    )  # fmt: skip
    if how != "excused":
        Presence.objects.create(
            attendance=attendance, from_at=meeting.starts_at, to_at=meeting.ends_at,
            by=COMMAND.ref,
        )  # fmt: skip


def _item(meeting: Meeting, position: int, row: dict[str, Any], names: Names) -> None:
    held = meeting.state == Meeting.State.HELD
    item = AgendaItem.objects.create(
        uuid=demo_uuid("item", f"{meeting.uuid}:{position}"), meeting=meeting, position=position,
        title=row["title"], kind=row.get("kind", AgendaItem.Kind.INFORMATION),
        minutes_planned=row["minutes"], goal=row.get("goal", ""),
        questions=row.get("questions", ""), proposal=row.get("proposal", ""),
        is_standing=row.get("standing", False),
        state=AgendaItem.State.DONE if held else AgendaItem.State.OPEN,
        started_at=meeting.starts_at if held else None,
        ended_at=meeting.ends_at if held else None,
    )  # fmt: skip
    for place, presenter in enumerate(row.get("presenters", [])):
        person = names.person(presenter["person"])
        Presenter.objects.create(
            item=item, position=place, person=person, name=person.name,
            organisation=names.seat_of(person), subject=presenter["subject"],
        )  # fmt: skip
    if "annex" in row:
        Annex.objects.create(
            meeting=meeting, item=item, number=meeting.annexes.count() + 1, title=row["annex"]
        )
    outcomes.load(item, row, names)
