"""The answer to an invitation: signed in, by the personal link, or by the office for somebody.

The link works once to remember it in the browser and leads on to an address without the secret
(rulings 19); opening it answers nothing (T15).
"""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from lotse.foundation.accounts import guests
from lotse.foundation.core import limits
from lotse.foundation.core.actor import Actor
from lotse.foundation.core.errors import Conflict, Refused
from lotse.foundation.parties.here import actor_in, network_in
from lotse.foundation.ui.forms import version_in
from lotse.foundation.ui.guard import signed_in
from lotse.rooms.bodies.forms_meetings import ReplyForm
from lotse.rooms.bodies.models import Annex, Attendance, Meeting
from lotse.rooms.bodies.queries import addressees, members
from lotse.rooms.bodies.queries import meetings as queries
from lotse.rooms.bodies.services import reply_links, replying
from lotse.rooms.bodies.views import frame
from lotse.rooms.bodies.views.agenda_table import agenda_rows
from lotse.rooms.bodies.views.papers import file_of

_LIMIT = "parties.invitation.failed"
_WITH = ("meeting__body__network", "meeting__body__charter", "meeting__host", "person",
         "stands_for", "mandate")  # fmt: skip


@require_safe
def open_link(request: HttpRequest, token: str) -> HttpResponse:
    """Remembers the invitation in this browser. A wrong link counts against the limit of this
    address."""
    found = reply_links.find(token)
    if found is None:
        limits.hit(_LIMIT, limits.address_of(request))
        return _gone(request, status=404)
    guests.remember(request, [found.uuid])
    response = redirect("bodies:reply-link", found.uuid)
    response.status_code = 303
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex"
    return response


def _gone(request: HttpRequest, *, status: int) -> HttpResponse:
    contact = getattr(network_in(request), "contact_email", "")
    context = {"unknown": status == 404, "contact": contact}
    return render(request, "bodies/invitation_gone.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def by_link(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The page of whoever opened their link. At most twelve queries. 404 in any other browser, 410
    where the link no longer holds."""
    row = _held(request, uuid)
    if not addressees.may_answer(row):
        return _gone(request, status=410)
    return _answer(request, row, reverse("bodies:reply-link", args=[row.uuid]), by_link=True)


def _held(request: HttpRequest, uuid: UUID) -> Attendance:
    """Who is invited, for the browser that opened their link."""
    if uuid not in actor_in(request).keys:
        raise Http404
    row = Attendance.objects.filter(uuid=uuid).exclude(invited_at=None)
    found = row.select_related(*_WITH).first()
    if found is None:
        raise Http404
    return found


@require_safe
def paper_by_link(request: HttpRequest, uuid: UUID, number: int) -> HttpResponse:
    """The latest version of a paper, by its number, for whoever opened their link."""
    row = _held(request, uuid)
    if not addressees.may_answer(row):
        return _gone(request, status=410)
    annex = Annex.objects.filter(meeting=row.meeting_id, number=number).first()
    last = annex.versions.order_by("-number").first() if annex is not None else None
    if annex is None or last is None:
        raise Http404
    return file_of(annex, last.number)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def own(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The own answer, signed in. 404 for who is not invited."""
    loaded = frame.load_meeting(request, uuid)
    rows = Attendance.objects.filter(meeting=loaded.obj, person=loaded.actor.person or 0)
    row = rows.exclude(invited_at=None).select_related(*_WITH).first()
    if row is None:
        raise Http404
    return _answer(request, row, reverse("bodies:reply", args=[uuid]))


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def for_somebody(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The office notes what somebody said by telephone."""
    row = Attendance.objects.filter(uuid=uuid).exclude(invited_at=None)
    found = row.select_related(*_WITH).first()
    if found is None:
        raise Http404
    frame.load_meeting(request, found.meeting.uuid, frame.MEETING_RUN)
    here = reverse("bodies:reply-for", args=[uuid])
    return _answer(request, found, here, office=True)


def _answer(
    request: HttpRequest, row: Attendance, here: str, *, by_link: bool = False,
    office: bool = False,
) -> HttpResponse:  # fmt: skip
    actor = actor_in(request)
    form = _form(request, row)
    own = None if office else row.person_id
    status, changed = 200, False
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                return _save(request, row, form, actor, here, office=office)
            except Refused as refused:
                form.add_error(None, list(refused.messages))
            except Conflict as conflict:
                if conflict.current is None:
                    return _gone(request, status=410)  # taken off the list this moment
                row.refresh_from_db(fields=["reply", "version", "reply_note", "excused"])
                status, changed = 409, True
    lines = [one for one in (row, row.stands_for) if one is not None]
    members.unname_lines(lines, members.withheld_on(lines, row.meeting.body, actor) - {own})
    context = _context(row, by_link=by_link) | {
        "form": form, "here": here, "office": office, "changed": changed,
        "by_link": by_link,
    }  # fmt: skip
    return render(request, "bodies/invitation_reply.html", context, status=status)


def _form(request: HttpRequest, row: Attendance) -> ReplyForm:
    may_send = row.mandate_id is not None and row.stands_for_id is None
    deputies = addressees.sendable_for(row) if may_send else []
    stand_in = row.stand_ins.order_by("pk").first() if may_send else None
    initial: dict[str, Any] = {"reply": row.reply, "note": row.reply_note}
    if stand_in is not None:
        chosen = next((one for one in deputies if one.person_id == stand_in.person_id), None)
        initial["deputy"] = str(chosen.uuid) if chosen else ""
        if chosen is None:
            initial |= {"deputy_name": stand_in.name, "deputy_email": stand_in.email}
    data = request.POST if request.method == "POST" else None
    return ReplyForm(data, deputies=deputies, may_send=may_send, initial=initial)


def _save(
    request: HttpRequest, row: Attendance, form: ReplyForm, actor: Actor, here: str, *,
    office: bool,
) -> HttpResponse:  # fmt: skip
    data = form.cleaned_data
    if data["reply"] == Attendance.Reply.DEPUTY and not office:
        # Each other name is invited by mail: nobody's inbox is to be filled (T12).
        limits.hit("bodies.stand_in", str(row.uuid))
    replying.answer(
        row, actor=actor, expected=version_in(request), reply=data["reply"], note=data["note"],
        stand_in=form.stand_in(),
    )  # fmt: skip
    messages.success(
        request,
        _("Die Antwort ist eingetragen.") if office
        else _("Danke. Ihre Antwort ist angekommen. Sie können sie bis zur Sitzung ändern."),
    )  # fmt: skip
    if office:
        return redirect("bodies:invitation", row.meeting.uuid)
    return redirect(here)


def _context(row: Attendance, *, by_link: bool) -> dict[str, Any]:
    """What the page shows of the meeting; by link the whole agenda, for there is no other page."""
    meeting: Meeting = row.meeting
    points = queries.points_of(meeting) if by_link else []
    speakers = queries.speakers_of(meeting) if points else {}
    return {
        "row": row, "meeting": meeting, "body": meeting.body,
        "number": queries.number_words(meeting), "when": queries.when_words(meeting),
        "where": queries.where_words(meeting), "rows": agenda_rows(points, speakers, None),
        "papers": queries.papers_of(meeting, points) if by_link else [],
        "is_open": replying.is_open(meeting) and queries.is_asked(row),
        "is_asked": queries.is_asked(row),
    }  # fmt: skip
