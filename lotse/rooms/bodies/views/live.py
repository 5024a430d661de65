"""The page for everybody present, the projector, and the number that open pages ask for."""

from typing import Any
from uuid import UUID, uuid4

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_safe

from lotse.foundation.accounts.sessions import POLL_HEADER
from lotse.foundation.core.memo import Memo
from lotse.foundation.core.permissions import get_visible
from lotse.foundation.parties.here import actor_in
from lotse.foundation.ui.guard import signed_in
from lotse.rooms.bodies.models import Meeting
from lotse.rooms.bodies.queries import live, meetings
from lotse.rooms.bodies.queries.presence import line_by_link
from lotse.rooms.bodies.views import frame
from lotse.rooms.bodies.views.frame import Loaded

SECONDS = 5
_DRAWN: Memo[dict[str, str]] = Memo(seconds=30, most=64)
_NOBODY = uuid4()


def load_present(request: HttpRequest, uuid: UUID) -> Loaded | None:
    """A meeting for somebody who takes part: by account, or by the invitation this browser opened
    (rulings 9). None for a visitor who should sign in first. One query, two for who only reads.

    Raises Http404 where the person may not know the meeting.
    """
    actor = actor_in(request)
    rows = Meeting.objects.select_related("body__charter", "body__network")
    if actor.signed_in:
        also = (frame.MEETING_ATTEND,)
        try:
            return Loaded(get_visible(frame.MEETING_VIEW, actor, uuid, rows, also=also), actor)
        except Http404:
            if not actor.keys:
                raise
    held = line_by_link(actor, uuid)
    meeting = rows.filter(pk=held.meeting_id).first() if held is not None else None
    if meeting is not None:
        return Loaded(meeting, actor)
    if actor.signed_in:
        raise Http404
    return None


@require_safe
def live_page(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """What is dealt with now, own presence, requests to speak. At most twelve queries, five where
    this process drew the board a moment ago."""
    loaded = load_present(request, uuid)
    if loaded is None:
        return redirect_to_login(request.get_full_path())
    return page(request, loaded)


def page(
    request: HttpRequest, loaded: Loaded, *, refusal: str = "", status: int = 200
) -> HttpResponse:
    """The page as it is now; only its parts for a page that asks for what changed."""
    meeting: Meeting = loaded.obj
    board = live.board_of(meeting)
    actor = loaded.actor
    attends = actor.signed_in and loaded.may(frame.MEETING_ATTEND)
    own = None if attends else line_by_link(actor, meeting.uuid)
    stay = board.stay_of(own.pk if own else None, actor.person)
    context = frame_of(meeting) | {
        "board": board,
        "stay": stay,
        "since": live.time_words(stay.from_at) if stay else "",
        "asked": board.asks(stay),
        "may_attend": own is not None or attends,
        "by_link": own.uuid if own is not None else "",
        "refusal": refusal,
    }
    context["shared"] = _shared(meeting, board, context["by_link"])
    template = "bodies/live_parts.html" if is_poll(request) else "bodies/live.html"
    return render(request, template, context, status=status)


def _shared(meeting: Meeting, board: live.Board, by_link: UUID | str) -> dict[str, str]:
    """The parts that are the same for all, drawn once: for those with an account, and for those
    with the link of an invitation, whose own takes the place of nobody's."""
    context = {
        "board": board,
        "is_running": meeting.state == Meeting.State.RUNNING,
        "is_over": meeting.state in (Meeting.State.HELD, Meeting.State.CANCELLED),
        "by_link": _NOBODY if by_link else "",
    }
    drawn = _DRAWN.get(
        (*live.state_key(meeting), meeting.state, bool(by_link)),
        lambda: {
            "main": render_to_string("bodies/live_main.html", context),
            "side": render_to_string("bodies/live_side.html", context),
        },
    )
    if not by_link:
        return drawn
    return {
        name: mark_safe(text.replace(str(_NOBODY), str(by_link)))  # a drawn template and a UUID
        for name, text in drawn.items()
    }


def is_poll(request: HttpRequest) -> bool:
    """Whether an open page asks for its changed parts, not a person for the page."""
    return request.method == "GET" and POLL_HEADER in request.headers


def frame_of(meeting: Meeting) -> dict[str, Any]:
    """What every page of a running meeting needs. No query."""
    return {
        "meeting": meeting,
        "body": meeting.body,
        "number_words": meetings.number_words(meeting),
        "when": meetings.when_words(meeting),
        "is_running": meeting.state == Meeting.State.RUNNING,
        "is_over": meeting.state in (Meeting.State.HELD, Meeting.State.CANCELLED),
        "state_url": reverse("bodies:live-state", args=[meeting.uuid]),
        "ticket": live.ticket_of(meeting),
        "seconds": SECONDS,
    }


@require_safe
@signed_in
def projector(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The same in large type for the room: item, proposal, who speaks, result; no menu."""
    meeting = frame.load_meeting(request, uuid).obj
    context = frame_of(meeting) | {"board": live.board_of(meeting)}
    template = "bodies/projector_parts.html" if is_poll(request) else "bodies/projector.html"
    return render(request, template, context)


@require_safe
def state(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The number that rises with every change, as ETag: 304 while nothing is new.

    A page asks with the ticket it was drawn with and without cookies: one query, and it prolongs
    no session (rulings 20). Everybody else needs the right to see the meeting.
    """
    if live.ticket_fits(request.headers.get(POLL_HEADER, ""), uuid):
        number = live.number_of(uuid)
        if number is None:
            raise Http404
    else:
        loaded = load_present(request, uuid)
        if loaded is None:
            return redirect_to_login(request.get_full_path())
        number = loaded.obj.live
    etag = f'"{number}"'
    if request.headers.get("If-None-Match") == etag:
        response = HttpResponse(status=304)
    else:
        response = HttpResponse(str(number), content_type="text/plain; charset=utf-8")
    response["ETag"] = etag
    return response
