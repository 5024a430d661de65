"""What waits for an agenda: put-off items, parked things, open measures and matters, ideas."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lotse.foundation.core import clock, text
from lotse.foundation.matters.models import Knot, Matter
from lotse.rooms.bodies.models import AgendaItem, Idea, Meeting, Outcome
from lotse.rooms.bodies.queries.measures import open_of

ITEM, OUTCOME, IDEA = "bodies.agendaitem", "bodies.outcome", "bodies.idea"
MEASURES, MATTER = "parties.body", "matters.matter"
MOST = 100


@dataclass(frozen=True)
class Suggestion:
    """Something an agenda can take over: `why` says where it comes from, `is_due` that its day has
    come. `type` and `uuid` are kept in the item as its source."""

    type: str
    uuid: UUID
    title: str
    why: str
    kind: str = AgendaItem.Kind.DISCUSSION
    goal: str = ""
    proposal: str = ""
    minutes: int = 10
    is_due: bool = False


def suggestions_for(meeting: Meeting) -> list[Suggestion]:
    """What the agenda of a meeting can take over, what is due first. Five queries."""
    found = [*_moved(meeting), *_parked(meeting), *_measures(meeting), *_matters(meeting),
             *_ideas(meeting)]  # fmt: skip
    return sorted(found, key=lambda one: not one.is_due)


def suggestion(meeting: Meeting, source_type: str, source: UUID) -> Suggestion | None:
    """One of them by its source; None for what cannot be taken over (any more). One query."""
    make = {ITEM: _moved, OUTCOME: _parked, MEASURES: _measures, IDEA: _ideas,
            MATTER: _matters}.get(source_type)  # fmt: skip
    if make is None:
        return None
    return next((one for one in make(meeting, source) if one.uuid == source), None)


def taken_by(source: Any) -> QuerySet[AgendaItem]:
    """The items that took over a source; one of a meeting that was called off does not count."""
    return AgendaItem.objects.filter(source_uuid=source).exclude(
        meeting__state=Meeting.State.CANCELLED
    )


def _untaken(rows: QuerySet[Any]) -> QuerySet[Any]:
    """What no agenda took over."""
    return rows.filter(~Exists(taken_by(OuterRef("uuid"))))


def _only(rows: QuerySet[Any], uuid: UUID | None) -> list[Any]:
    return list((rows.filter(uuid=uuid) if uuid else rows)[:MOST])


def _from(meeting: Meeting) -> str:
    day = date_format(timezone.localdate(meeting.starts_at), "SHORT_DATE_FORMAT")
    return _("Sitzung vom %(day)s") % {"day": day}


def _moved(meeting: Meeting, uuid: UUID | None = None) -> list[Suggestion]:
    rows = _untaken(
        AgendaItem.objects.filter(
            meeting__body=meeting.body_id, meeting__starts_at__lt=meeting.starts_at,
            state=AgendaItem.State.MOVED,
        ).exclude(meeting=meeting)
    ).select_related("meeting").order_by("meeting__starts_at", "position", "pk")  # fmt: skip
    return [
        Suggestion(
            ITEM, row.uuid, row.title, _("vertagt, %(from)s") % {"from": _from(row.meeting)},
            kind=row.kind, goal=row.goal, proposal=row.proposal, minutes=row.minutes_planned,
            is_due=True,
        )
        for row in _only(rows, uuid)
    ]  # fmt: skip


def _parked(meeting: Meeting, uuid: UUID | None = None) -> list[Suggestion]:
    rows = (
        _untaken(
            Outcome.objects.filter(
                item__meeting__body=meeting.body_id, kind=Outcome.Kind.PARKED, settled_at=None
            ).exclude(item__meeting=meeting)
        )
        .select_related("item__meeting")
        .order_by("trigger_on", "pk")
    )
    day = timezone.localdate(meeting.starts_at)
    return [_parked_one(row, day) for row in _only(rows, uuid)]


def _parked_one(row: Outcome, day: date) -> Suggestion:
    why = _("geparkt, %(from)s") % {"from": _from(row.item.meeting)}
    if row.trigger:
        why += ", " + _("bis: %(trigger)s") % {"trigger": row.trigger}
    due = row.trigger_on is not None and row.trigger_on <= max(day, clock.today())
    if due:
        why += ", " + _("Wiedervorlage erreicht")
    line = text.clean_line(row.text)
    title = text.shorten(line, 200)
    return Suggestion(OUTCOME, row.uuid, title, why, goal="" if line == title else row.text,
                      is_due=due)  # fmt: skip


def _measures(meeting: Meeting, uuid: UUID | None = None) -> list[Suggestion]:
    """One item for all of them; not where the agenda has it."""
    body = meeting.body
    if uuid and uuid != body.uuid:
        return []
    there = AgendaItem.objects.filter(meeting=meeting, source_uuid=body.uuid)
    found = open_of(body).filter(~Exists(there)).aggregate(
        all=Count("pk", distinct=True),
        late=Count("pk", filter=Q(due_on__lt=clock.today()), distinct=True),
    )  # fmt: skip
    if not found["all"]:
        return []
    why = ngettext("%(n)s offen", "%(n)s offen", found["all"]) % {"n": found["all"]}
    if found["late"]:
        why += ", " + _("davon %(n)s überfällig") % {"n": found["late"]}
    return [
        Suggestion(
            MEASURES, body.uuid, _("Offene Maßnahmen"), why,
            goal=_("Stand der Maßnahmen aus früheren Sitzungen"), is_due=bool(found["late"]),
        )
    ]  # fmt: skip


def _matters(meeting: Meeting, uuid: UUID | None = None) -> list[Suggestion]:
    """Open matters that the body dealt with in an earlier meeting and that this agenda lacks."""
    earlier = AgendaItem.objects.filter(meeting__body=meeting.body_id).exclude(meeting=meeting)
    outcomes = Outcome.objects.filter(item__in=earlier)
    tied = Knot.objects.filter(matter=OuterRef("pk"))
    dealt = tied.filter(
        Q(ref_type=ITEM, ref_uuid__in=earlier.values("uuid"))
        | Q(ref_type=OUTCOME, ref_uuid__in=outcomes.values("uuid"))
    )
    here = tied.filter(ref_type=ITEM, ref_uuid__in=meeting.items.values("uuid"))
    rows = Matter.objects.filter(
        Exists(dealt), ~Exists(here), network=meeting.body.network_id, merged_into=None,
        state=Matter.State.OPEN,
    ).order_by("started_on", "pk")  # fmt: skip
    return [
        Suggestion(
            MATTER, row.uuid, row.title,
            _("Vorgang, seit %(day)s") % {"day": date_format(row.started_on, "SHORT_DATE_FORMAT")},
            goal=row.summary,
        )
        for row in _only(rows, uuid)
    ]  # fmt: skip


def _ideas(meeting: Meeting, uuid: UUID | None = None) -> list[Suggestion]:
    rows = Idea.objects.filter(
        body=meeting.body_id, state__in=(Idea.State.OPEN, Idea.State.PLANNED)
    ).order_by("proposed_on", "pk")
    return [
        Suggestion(
            IDEA, row.uuid, row.title,
            _("Themenspeicher, seit %(day)s")
            % {"day": date_format(row.proposed_on, "SHORT_DATE_FORMAT")}, goal=row.text,
        )
        for row in _only(rows, uuid)
    ]  # fmt: skip
