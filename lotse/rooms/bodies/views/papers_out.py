"""Papers to take away. The engines are imported when first needed: they are half the memory."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.text import slugify
from django.utils.timezone import localdate
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from lotse.foundation.core import clock
from lotse.foundation.core.errors import NotAllowed
from lotse.foundation.documents.responses import DOCX, paper
from lotse.foundation.ui.guard import signed_in
from lotse.rooms.bodies.models import Meeting
from lotse.rooms.bodies.views import frame

PDF = "application/pdf"


def _language() -> str:
    return (get_language() or "de")[:2]


def _name(what: str, meeting: Meeting, ending: str = "pdf") -> str:
    """ "tagesordnung-rat-2026-03-18.pdf"."""
    body = meeting.body.short_name or meeting.body.name
    day = localdate(meeting.starts_at).isoformat()
    return "-".join(filter(None, [slugify(what), slugify(body)[:60], day])) + f".{ending}"


def _for_insiders(request: HttpRequest, uuid: UUID) -> frame.Loaded:
    """The meeting, for those who read the inside of its body: lists of people are no paper for
    guests. Raises Http404, NotAllowed."""
    loaded = frame.load_meeting(request, uuid)
    if not frame.Loaded(loaded.obj.body, loaded.actor).may(frame.INSIDE):
        raise NotAllowed(frame.INSIDE)
    return loaded


@require_safe
@signed_in
def agenda_pdf(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The agenda as it goes out with the invitation."""
    from lotse.rooms.bodies.exports import agenda

    meeting = frame.load_meeting(request, uuid).obj
    content = agenda.agenda_pdf(meeting, lang=_language())
    return paper(content, name=_name(_("Tagesordnung"), meeting), media_type=PDF)


@require_safe
@signed_in
def agenda_docx(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The same as a Word file."""
    from lotse.rooms.bodies.exports import agenda

    meeting = frame.load_meeting(request, uuid).obj
    content = agenda.agenda_docx(meeting, lang=_language())
    return paper(content, name=_name(_("Tagesordnung"), meeting, "docx"), media_type=DOCX)


@require_safe
@signed_in
def sign_in_pdf(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The list to sign at the door."""
    from lotse.rooms.bodies.exports import lists

    meeting = frame.load_meeting(request, uuid, frame.MEETING_RUN).obj
    content = lists.sign_in_sheet_pdf(meeting, lang=_language())
    return paper(content, name=_name(_("Unterschriftenliste"), meeting), media_type=PDF)


@require_safe
@signed_in
def badges_pdf(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Name badges to cut out."""
    from lotse.rooms.bodies.exports import lists

    meeting = frame.load_meeting(request, uuid, frame.MEETING_RUN).obj
    content = lists.badges_pdf(meeting, lang=_language())
    return paper(content, name=_name(_("Namensschilder"), meeting), media_type=PDF)


@require_safe
@signed_in
def participants_pdf(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Who takes part, as an annex of its own."""
    from lotse.rooms.bodies.exports import lists

    loaded = _for_insiders(request, uuid)
    content = lists.participants_pdf(loaded.obj, lang=_language(), actor=loaded.actor)
    return paper(content, name=_name(_("Teilnahme"), loaded.obj), media_type=PDF)


@require_safe
@signed_in
def members_pdf(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Who belongs to a body."""
    from lotse.rooms.bodies.exports import lists

    loaded = frame.load_body(request, uuid, frame.INSIDE)
    body = loaded.obj
    content = lists.members_pdf(body, lang=_language(), actor=loaded.actor)
    parts = [slugify(_("Mitglieder")), slugify(body.short_name or body.name)[:60]]
    name = "-".join([*parts, clock.today().isoformat()]) + ".pdf"
    return paper(content, name=name, media_type=PDF)
