"""Loading an item of an agenda, or what belongs to it, by the rights in its meeting."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.http import url_has_allowed_host_and_scheme

from lotse.foundation.core.actor import Actor
from lotse.rooms.bodies.models import AgendaItem, Meeting, Outcome
from lotse.rooms.bodies.queries.agenda import agenda_of, flat
from lotse.rooms.bodies.views.frame import MEETING_RUN, Loaded, load_meeting


@dataclass(frozen=True)
class At:
    """An item with its meeting, and who looks at it."""

    item: AgendaItem
    loaded: Loaded
    items: tuple[AgendaItem, ...] = ()

    @property
    def meeting(self) -> Meeting:
        return self.item.meeting

    @property
    def actor(self) -> Actor:
        return self.loaded.actor

    @property
    def may_run(self) -> bool:
        """No query: it was asked for when the meeting was loaded."""
        return self.loaded.may(MEETING_RUN)

    @property
    def number(self) -> str:
        """The printed number of the item. One query, none where all items are loaded."""
        points = flat(agenda_of(self.meeting, self.items or None))
        return next((one.number for one in points if one.item.pk == self.item.pk), "")


def load_item(request: HttpRequest, uuid: UUID, code: str = MEETING_RUN) -> At:
    """An item with meeting, body, charter. Raises Http404, NotAllowed by the right in its meeting.
    Three queries for who runs the meeting; with them all items of the agenda."""
    loaded = _meeting(request, AgendaItem, "meeting", uuid, code)
    items = tuple(loaded.obj.items.order_by("position", "pk"))
    item = next(one for one in items if one.uuid == uuid)
    item.meeting = loaded.obj
    return At(item, loaded, items)


def load_outcome(request: HttpRequest, uuid: UUID, code: str = MEETING_RUN) -> tuple[At, Outcome]:
    """An outcome with its item, as `load_item`."""
    at, outcome = _at(
        request, Outcome, "item__meeting", uuid, code,
        ("speaker", "annex", "answer_to", "replaces__item__meeting"),
    )  # fmt: skip
    return at, outcome


def load_part(
    request: HttpRequest, model: Any, path: str, uuid: UUID, code: str, *related: str
) -> tuple[At, Any]:
    """Anything that belongs to an item, reached by `path` ("item__meeting"), as `load_item`."""
    return _at(request, model, path, uuid, code, related)


def _at(
    request: HttpRequest, model: Any, path: str, uuid: UUID, code: str,
    related: tuple[str, ...] = (),
) -> tuple[At, Any]:  # fmt: skip
    loaded = _meeting(request, model, path, uuid, code)
    inner = path.rpartition("__")[0]
    found = model.objects.select_related(*filter(None, (inner, *related))).get(uuid=uuid)
    item = found
    for step in inner.split("__") if inner else ():
        item = getattr(item, step)
    item.meeting = loaded.obj
    return At(item, loaded), found


def _meeting(request: HttpRequest, model: Any, path: str, uuid: UUID, code: str) -> Loaded:
    """The meeting first: a stranger learns nothing of what belongs to it."""
    known = list(model.objects.filter(uuid=uuid).values_list(f"{path}__uuid", flat=True)[:1])
    if not known:
        raise Http404
    return load_meeting(request, known[0], code)


def way_back(request: HttpRequest, at: At, *, default: str = "bodies:outcomes") -> str:
    """Where somebody came from, if that is a page of this host; else the page of the item."""
    wanted = str(request.POST.get("next") or request.GET.get("next") or "")
    if wanted.startswith("/") and url_has_allowed_host_and_scheme(wanted, request.get_host()):
        return wanted
    return reverse(default, args=[at.item.uuid])


def cockpit_of(meeting: Meeting) -> str:
    """Where the meeting is held, while it runs; else its page; empty where there is neither."""
    name = "bodies:cockpit" if meeting.state == Meeting.State.RUNNING else "bodies:meeting"
    try:
        return reverse(name, args=[meeting.uuid])
    except NoReverseMatch:
        return ""
