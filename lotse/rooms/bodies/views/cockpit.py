"""The cockpit: what the minute taker has before them while a meeting runs."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from lotse.foundation.core import once
from lotse.foundation.core.errors import Conflict, Refused
from lotse.foundation.core.permissions import get_visible
from lotse.foundation.parties.here import actor_in
from lotse.foundation.ui.guard import signed_in
from lotse.rooms.bodies.models import AgendaItem, Meeting
from lotse.rooms.bodies.queries import live
from lotse.rooms.bodies.queries.notes import notes_of
from lotse.rooms.bodies.queries.outcomes import panel_of
from lotse.rooms.bodies.queries.presence import with_entitled
from lotse.rooms.bodies.services import holding
from lotse.rooms.bodies.services.presence import takes_presence
from lotse.rooms.bodies.views import frame
from lotse.rooms.bodies.views.frame import Loaded
from lotse.rooms.bodies.views.live import frame_of, is_poll

ITEM = AgendaItem.State


def load(request: HttpRequest, uuid: UUID) -> Loaded:
    """A meeting for who runs it, with the current item. One query.

    Raises Http404 for strangers, NotAllowed for readers.
    """
    actor = actor_in(request)
    rows = with_entitled(
        Meeting.objects.select_related("body__charter", "body__network", "current__parent")
    )
    return Loaded(get_visible(frame.MEETING_RUN, actor, uuid, rows), actor)


@require_safe
@signed_in
def cockpit(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Agenda, the current item with notes and outcomes, who is there, who wants to speak. At most
    twelve queries."""
    return page(request, load(request, uuid))


def page(
    request: HttpRequest, loaded: Loaded, *, refusal: str = "", status: int = 200
) -> HttpResponse:
    """The cockpit as it is now; only its parts for a page that asks for what changed."""
    meeting: Meeting = loaded.obj
    board = live.board_of(meeting)
    item = meeting.current
    context = frame_of(meeting) | {
        "board": board,
        "may_start": meeting.state in (Meeting.State.PLANNED, Meeting.State.INVITED),
        "takes_presence": takes_presence(meeting),
        "agreed": live.agreed_in(meeting),
        "current_uuid": str(item.uuid) if item is not None else "",
        "refusal": refusal,
    }
    if item is not None:
        item.meeting = meeting  # with the right that was proved
        context |= {
            "item": item,
            "panel": panel_of(item, loaded.actor),
            "notes": notes_of(item, loaded.actor),
        }
    template = "bodies/cockpit_parts.html" if is_poll(request) else "bodies/cockpit.html"
    return render(request, template, context, status=status)


def _act(request: HttpRequest, uuid: UUID, act: Callable[[Loaded, str], str]) -> HttpResponse:
    """Does one thing and goes back to the cockpit; a refusal stands above it as it is now."""
    loaded = load(request, uuid)
    try:
        said = act(loaded, once.key_from(request.POST))
    except Refused as refused:
        return page(request, load(request, uuid), refusal=" ".join(refused.messages), status=422)
    except Conflict:
        words = _("Jemand anderes hat im selben Augenblick weitergeschaltet. Hier steht der neue "
                  "Stand; Sie haben nichts geändert.")  # fmt: skip
        return page(request, load(request, uuid), refusal=words, status=409)
    if said:
        messages.success(request, said)
    return redirect("bodies:cockpit", uuid)


@require_POST
@signed_in
def start(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Opens the meeting."""

    def act(loaded: Loaded, key: str) -> str:
        holding.start(loaded.obj, actor=loaded.actor, key=key)
        return _("Die Sitzung läuft.")

    return _act(request, uuid, act)


@require_POST
@signed_in
def next_item(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """On to the next open item."""

    def act(loaded: Loaded, key: str) -> str:
        after = request.POST.get("after", "")
        target = holding.next_item(loaded.obj, actor=loaded.actor, after=after, key=key)
        return "" if target else _("Alle Tagesordnungspunkte sind behandelt.")

    return _act(request, uuid, act)


def _item(request: HttpRequest, loaded: Loaded) -> AgendaItem:
    try:
        wanted = UUID(request.POST.get("item", ""))
    except ValueError:
        raise Refused(_("Bitte wählen Sie einen TOP der Tagesordnung.")) from None
    rows = AgendaItem.objects.select_related("parent").filter(meeting=loaded.obj, uuid=wanted)
    found = next(iter(rows), None)
    if found is None:
        raise Http404
    return found


@require_POST
@signed_in
def call_item(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """To any item, also to one that was dealt with."""

    def act(loaded: Loaded, key: str) -> str:
        holding.call_item(loaded.obj, _item(request, loaded), actor=loaded.actor, key=key)
        return ""

    return _act(request, uuid, act)


@require_POST
@signed_in
def postpone(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Puts an item off to a later meeting."""

    def act(loaded: Loaded, key: str) -> str:
        item = _item(request, loaded)
        holding.postpone(loaded.obj, item, actor=loaded.actor, key=key)
        return _("„%(title)s“ ist vertagt und wird für die nächste Sitzung vorgeschlagen.") % {
            "title": item.title
        }

    return _act(request, uuid, act)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def finish(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Asks once, then ends the meeting."""
    if request.method == "POST":

        def act(loaded: Loaded, key: str) -> str:
            wanted = request.POST.get("open_items", ITEM.MOVED)
            holding.finish(loaded.obj, actor=loaded.actor, open_items=wanted, key=key)
            return _("Die Sitzung ist beendet.")

        return _act(request, uuid, act)
    loaded = load(request, uuid)
    meeting: Meeting = loaded.obj
    if meeting.state != Meeting.State.RUNNING:
        return redirect("bodies:cockpit", uuid)
    board = live.board_of(meeting)
    context: dict[str, Any] = frame_of(meeting) | {
        "board": board,
        "open_lines": [line for line in board.lines if line.is_open and line.number],
    }
    return render(request, "bodies/cockpit_finish.html", context)
