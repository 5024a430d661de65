"""Named reads of the backlog: subjects of a body, its work programmes."""

from django.db.models import QuerySet

from lotse.foundation.core.actor import Actor
from lotse.foundation.core.permissions import visible
from lotse.foundation.parties.models import Body
from lotse.rooms.bodies.models import AgendaItem, Idea, Meeting

VIEW = "bodies.idea.view"


def ideas_of(body: Body, actor: Actor) -> QuerySet[Idea]:
    """Subjects of a body, the newest first, with who proposed them."""
    rows = Idea.objects.filter(body=body).select_related("proposer")
    return visible(VIEW, actor, rows).order_by("-proposed_on", "-pk")


def programmes_of(body: Body) -> list[str]:
    """The names of its work programmes, the newest first. One query."""
    rows = Idea.objects.filter(body=body).exclude(programme="").order_by()
    return sorted(set(rows.values_list("programme", flat=True)), reverse=True)


def programme(body: Body, actor: Actor, name: str) -> list[Idea]:
    """A work programme: its subjects in the order in which they were proposed. One query."""
    rows = ideas_of(body, actor).filter(state=Idea.State.PLANNED, programme=name)
    return list(rows.order_by("proposed_on", "pk"))


def items_of(idea: Idea, actor: Actor) -> list[AgendaItem]:
    """Items that were made from a subject, in meetings the actor may view. One query."""
    meetings = visible("bodies.meeting.view", actor, Meeting.objects.all())
    rows = AgendaItem.objects.filter(
        source_type="bodies.idea", source_uuid=idea.uuid, meeting__in=meetings
    )
    return list(rows.select_related("meeting").order_by("meeting__starts_at", "pk"))
