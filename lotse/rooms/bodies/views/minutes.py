"""Minutes as a page: the draft as its items say now, later the newest revision; its revisions,
what changed between two, and its papers."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from lotse.foundation.core import clock
from lotse.foundation.ui.guard import signed_in
from lotse.rooms.bodies.exports.minutes_data import Proof
from lotse.rooms.bodies.exports.minutes_items import walk
from lotse.rooms.bodies.mails_minutes import day_words
from lotse.rooms.bodies.models import Meeting, Minutes, MinutesRevision
from lotse.rooms.bodies.queries import minutes_page
from lotse.rooms.bodies.services import minutes as services
from lotse.rooms.bodies.services import recording
from lotse.rooms.bodies.views.minutes_frame import Reading, load

State = Minutes.State


@require_safe
def detail(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The minutes; a draft is made of its items each time. At most twelve queries for who belongs
    to the body."""
    reading = load(request, uuid)
    content = reading.resolved()
    return render(request, "bodies/minutes.html", _context(reading, content) | {
        "head": recording.head_of(reading.minutes) if reading.minutes.state in services.FINAL
        else "",
        "may_object": reading.may_object(),
        "edits": reading.writes and reading.minutes.state == State.DRAFT,
        "titles": {item["uuid"]: item["number"] or item["title"]
                   for item, _depth in walk(content["items"])},
    })  # fmt: skip


def _context(reading: Reading, content: Any, revision: MinutesRevision | None = None) -> Any:
    revision = revision or reading.revision
    state = revision.state if revision else State.DRAFT.value
    lapsed = reading.lapsed and revision == reading.revision
    return {
        "reading": reading, "minutes": reading.minutes, "meeting": reading.meeting,
        "revision": revision, "state": reading.minutes.state,
        "state_word": _("Frist abgelaufen") if lapsed else State(state).label, "lapsed": lapsed,
        "page": minutes_page.shown(content, lang=reading.lang, proof=Proof(state)),
        "until": day_words(reading.period) if reading.period else "",
        "is_held": reading.meeting.state == Meeting.State.HELD,
        "is_draft": reading.minutes.state == State.DRAFT,
        "is_out": reading.minutes.state in services.OUT and not lapsed,
        "is_final": reading.minutes.state in services.FINAL,
    }  # fmt: skip


def _insider(request: HttpRequest, uuid: UUID) -> Reading:
    reading = load(request, uuid)
    if not reading.inside:
        raise Http404
    return reading


@require_safe
@signed_in
def revisions(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """All revisions with their checksums, the newest first; for the body."""
    reading = _insider(request, uuid)
    rows = []
    if reading.minutes.pk is not None:
        rows = list(reading.minutes.revisions.order_by("-number").defer("content"))
    context = {"reading": reading, "meeting": reading.meeting, "rows": rows}
    return render(request, "bodies/minutes_revisions.html", context)


@require_safe
@signed_in
def revision(request: HttpRequest, uuid: UUID, number: int) -> HttpResponse:
    """One revision as it was."""
    reading = _insider(request, uuid)
    found = _numbered(reading, number)
    content = reading.resolved(found)
    return render(request, "bodies/minutes_revision.html", _context(reading, content, found))


def _numbered(reading: Reading, number: int) -> MinutesRevision:
    rows = MinutesRevision.objects.filter(minutes=reading.minutes.pk, number=number)
    if reading.minutes.pk is None or (found := rows.first()) is None:
        raise Http404
    return found


@require_safe
@signed_in
def diff(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """What two revisions say differently."""
    reading = _insider(request, uuid)
    if not {"alt", "neu"} & set(request.GET):
        return redirect("bodies:minutes-revisions", uuid)  # to choose two
    asked = sorted({_number(request, "alt"), _number(request, "neu")})
    old, new = _numbered(reading, asked[0]), _numbered(reading, asked[-1])
    changes = minutes_page.changes_between(
        reading.resolved(old), reading.resolved(new), reading.lang
    )
    context = {"reading": reading, "meeting": reading.meeting, "old": old, "new": new,
               "changes": changes}  # fmt: skip
    return render(request, "bodies/minutes_diff.html", context)


def _number(request: HttpRequest, name: str) -> int:
    value = request.GET.get(name, "")
    if not (value.isascii() and value.isdigit() and len(value) < 6):
        raise Http404
    return int(value)


@require_safe
def as_pdf(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The minutes as PDF: of a draft, of the newest revision, or of `?fassung=`."""
    return _paper(request, uuid, "pdf", "application/pdf")


@require_safe
def as_docx(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The same as a Word file."""
    return _paper(
        request, uuid, "docx",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    )  # fmt: skip


def _paper(request: HttpRequest, uuid: UUID, ending: str, media_type: str) -> HttpResponse:
    from lotse.rooms.bodies.exports import minutes as exports

    reading = load(request, uuid)
    found = reading.revision
    if "fassung" in request.GET:
        if not reading.inside:
            raise Http404
        found = _numbered(reading, _number(request, "fassung"))
    minutes = reading.minutes
    write = exports.minutes_pdf if ending == "pdf" else exports.minutes_docx
    content = write(
        reading.resolved(found), moment=found.at if found else clock.now(), lang=reading.lang,
        head=recording.head_of(minutes) if found and found.state in services.FINAL else "",
        state=found.state if found else State.DRAFT, number=found.number if found else 0,
        sha256=found.sha256 if found else "",
    )  # fmt: skip
    response = HttpResponse(content, content_type=media_type)
    name = f"{pgettext('Sitzung', 'Protokoll')}-{slugify(reading.meeting.title)[:60]}"
    day = timezone.localdate(reading.meeting.starts_at).isoformat()
    response["Content-Disposition"] = f'attachment; filename="{slugify(name)}-{day}.{ending}"'
    response["X-Content-Type-Options"] = "nosniff"
    return response
