"""What the room lets people do with measures that came about in a meeting: who may see the meeting
sees them, who runs it works on them."""

from functools import partial
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy

from lotse.foundation.core.actor import Actor
from lotse.foundation.core.hooks import OriginRights
from lotse.foundation.core.permissions import NOBODY, visible
from lotse.rooms.bodies.models import GroupCluster, GroupResult, Meeting, Outcome
from lotse.rooms.bodies.permissions import OFFICE, RUNNING

VIEW, RUN = "bodies.meeting.view", "bodies.meeting.run"
# Kind of origin -> its table, and how its meeting is reached.
SOURCES = {
    "bodies.outcome": (Outcome, "item__meeting"),
    "bodies.groupresult": (GroupResult, "table__item__meeting"),
    "bodies.groupcluster": (GroupCluster, "item__meeting"),
}


def came_from(kind: str, meetings: QuerySet[Meeting]) -> Q:
    """Measures whose origin is of this kind and came about in one of these meetings."""
    model, path = SOURCES[kind]
    found = model._default_manager.filter(
        uuid=OuterRef("origin_uuid"), **{f"{path}__in": meetings.order_by().values("pk")}
    )
    return Q(Exists(found))


def of_meetings(meetings: QuerySet[Meeting]) -> Q:
    """Measures that came about in one of these meetings, in whatever way."""
    found = NOBODY
    for kind in SOURCES:
        found |= Q(origin_type=kind) & came_from(kind, meetings)
    return found


def _view(kind: str, actor: Actor) -> Q:
    if actor.person is None and not actor.operates:
        return NOBODY  # visitors have no meeting, and need not be asked for
    return came_from(kind, visible(VIEW, actor, Meeting.objects.all()))


def _edit(kind: str, actor: Actor) -> Q:
    if not (actor.operates or actor.things_as(*RUNNING) or actor.networks_as(*OFFICE)):
        return NOBODY
    return came_from(kind, visible(RUN, actor, Meeting.objects.all()))


def seen(actor: Actor) -> Q:
    """Measures whose meeting the actor may see."""
    found = NOBODY
    for origin in ORIGINS:
        found |= Q(origin_type=origin.type) & origin.view(actor)
    return found


def page(origin: UUID, measure: UUID) -> str:
    """The measure with the meeting it comes from."""
    return reverse("bodies:measure", args=[measure])


ORIGINS = tuple(
    OriginRights(
        type=kind,
        title=gettext_lazy("aus einer Sitzung"),
        view=partial(_view, kind),
        edit=partial(_edit, kind),
        page=page,
    )
    for kind in SOURCES
)
