"""Loading what a page of the room is about, with what the actor may do there."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpRequest

from lotse.foundation.core.actor import Actor
from lotse.foundation.core.permissions import get_visible, has
from lotse.foundation.parties.here import actor_in
from lotse.foundation.parties.models import Body
from lotse.rooms.bodies.models import Meeting

VIEW, INSIDE = "bodies.body.view", "bodies.body.inside"
RUN, MANAGE, JOIN = "bodies.body.run", "bodies.body.manage", "bodies.body.join"
_FURTHEST_FIRST = (MANAGE, RUN, INSIDE)
MEETING_VIEW, MEETING_RUN = "bodies.meeting.view", "bodies.meeting.run"
MEETING_ATTEND = "bodies.meeting.attend"


@dataclass(frozen=True)
class Loaded:
    """An object of the room and who looks at it."""

    obj: Any
    actor: Actor

    def may(self, code: str) -> bool:
        """No query for the codes it was loaded with, else one."""
        return self.actor.trusted or has(code, self.actor, self.obj)


def load_body(request: HttpRequest, uuid: UUID, code: str = VIEW) -> Loaded:
    """A body with its charter and network. One query for who runs it, up to four for others.

    Raises Http404 where the actor may not know it, NotAllowed without the right.
    """
    actor = actor_in(request)
    rows = Body.objects.select_related("charter", "network", "parent")
    # Only what goes beyond the code: whoever holds one of these counts as holding the code, too.
    also = _FURTHEST_FIRST[: _FURTHEST_FIRST.index(code)] if code in _FURTHEST_FIRST else ()
    if code == VIEW:
        also = _FURTHEST_FIRST
    return Loaded(get_visible(code, actor, uuid, rows, also=also), actor)


def load_meeting(request: HttpRequest, uuid: UUID, code: str = MEETING_VIEW) -> Loaded:
    """A meeting with its body, charter and network; as `load_body`."""
    actor = actor_in(request)
    rows = Meeting.objects.select_related("body__charter", "body__network", "host")
    also = (MEETING_RUN,) if code != MEETING_RUN else ()
    return Loaded(get_visible(code, actor, uuid, rows, also=also), actor)
