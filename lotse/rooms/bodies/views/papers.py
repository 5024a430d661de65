"""Papers of a meeting: numbered, with every version, to download for those who may see the
meeting (S1-22, S4-02)."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from lotse.foundation.core import limits, once
from lotse.foundation.core.actor import Actor
from lotse.foundation.core.errors import Conflict, Refused
from lotse.foundation.documents.responses import handed_in
from lotse.foundation.ui.forms import version_back, version_in
from lotse.foundation.ui.guard import signed_in
from lotse.rooms.bodies.forms_meetings import NewPaperForm, PaperForm, VersionForm
from lotse.rooms.bodies.models import AgendaItem, Annex, AnnexVersion, Meeting
from lotse.rooms.bodies.queries import meetings as queries
from lotse.rooms.bodies.queries.agenda import agenda_of, flat
from lotse.rooms.bodies.services import papers as services
from lotse.rooms.bodies.views import conflict, frame


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def index(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The papers of a meeting, and a new one."""
    loaded = frame.load_meeting(request, uuid, frame.MEETING_RUN)
    meeting: Meeting = loaded.obj
    posted = request.method == "POST"
    form = NewPaperForm(
        request.POST if posted else None, request.FILES if posted else None,
        items=_items(meeting),
    )  # fmt: skip
    if posted and form.is_valid():
        try:
            _add(request, meeting, form, loaded.actor)
        except Refused as refused:
            form.add_error("file", list(refused.messages))
        else:
            messages.success(request, _("Die Anlage ist angelegt."))
            return redirect("bodies:papers", uuid)
    return _index(request, meeting, form, status=422 if posted else 200)


def _add(request: HttpRequest, meeting: Meeting, form: NewPaperForm, actor: Actor) -> None:
    upload = form.cleaned_data["file"]
    if upload is not None:
        limits.hit("documents.upload", str(actor.uuid))
    services.add_annex(
        meeting, actor=actor, upload=upload, key=once.key_from(request.POST), **form.values()
    )


def _items(meeting: Meeting) -> list[tuple[AgendaItem, str]]:
    points = flat(agenda_of(meeting))
    return [(point.item, f"{point.number} {point.item.title}".strip()) for point in points]


def _index(
    request: HttpRequest, meeting: Meeting, form: NewPaperForm, *, status: int = 200,
    fault: str = "",
) -> HttpResponse:  # fmt: skip
    papers = queries.papers_of(meeting, flat(agenda_of(meeting)))
    context = {
        "meeting": meeting, "body": meeting.body, "papers": papers, "form": form, "fault": fault,
        "count": queries.count_words(papers) if papers else "",
        "number": queries.number_words(meeting),
        "key": once.key_from(request.POST) if status == 422 and not fault else once.new_key(),
    }  # fmt: skip
    return render(request, "bodies/papers.html", context, status=status)


def _load(request: HttpRequest, uuid: UUID, code: str) -> tuple[Annex, Actor]:
    """A paper with its meeting. Raises Http404, NotAllowed."""
    annex = Annex.objects.filter(uuid=uuid).select_related("meeting", "item").first()
    if annex is None:
        raise Http404
    loaded = frame.load_meeting(request, annex.meeting.uuid, code)
    annex.meeting = loaded.obj
    return annex, loaded.actor


@require_safe
@signed_in
def versions(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Every version of a paper, for all who may see the meeting."""
    annex, actor = _load(request, uuid, frame.MEETING_VIEW)
    return _versions(request, annex, actor, VersionForm())


def _versions(
    request: HttpRequest, annex: Annex, actor: Actor, form: VersionForm, *, status: int = 200
) -> HttpResponse:
    rows = annex.versions.select_related("document").order_by("-number")
    context = {
        "annex": annex, "meeting": annex.meeting, "body": annex.meeting.body,
        "versions": list(rows), "form": form,
        "may_run": frame.Loaded(annex.meeting, actor).may(frame.MEETING_RUN),
        "key": once.key_from(request.POST) if status == 422 else once.new_key(),
    }  # fmt: skip
    return render(request, "bodies/paper.html", context, status=status)


@require_POST
@signed_in
def add_version(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Another version."""
    annex, actor = _load(request, uuid, frame.MEETING_RUN)
    form = VersionForm(request.POST, request.FILES)
    if form.is_valid():
        limits.hit("documents.upload", str(actor.uuid))
        try:
            services.add_version(
                annex, form.cleaned_data["file"], actor=actor, note=form.cleaned_data["note"],
                key=once.key_from(request.POST),
            )  # fmt: skip
        except Refused as refused:
            form.add_error("file", list(refused.messages))
        else:
            messages.success(request, _("Die neue Fassung liegt vor. Frühere bleiben lesbar."))
            return redirect("bodies:paper", uuid)
    return _versions(request, annex, actor, form, status=422)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def change(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Title and place of a paper."""
    annex, actor = _load(request, uuid, frame.MEETING_RUN)
    posted = request.method == "POST"
    form = PaperForm(
        request.POST if posted else None, items=_items(annex.meeting), initial=_initial(annex)
    )
    status = 422 if posted else 200
    context: dict[str, Any] = {
        "annex": annex, "meeting": annex.meeting, "body": annex.meeting.body, "form": form,
        "version": version_back(request, annex.version, status),
    }  # fmt: skip
    if posted and form.is_valid():
        try:
            services.change_annex(annex, actor=actor, expected=version_in(request), **form.values())
        except Refused as refused:
            form.add_error(None, list(refused.messages))
        except Conflict as found:
            if found.current is None:
                raise Http404 from None
            stored = Annex.objects.select_related("item").get(pk=annex.pk)
            changes = conflict.differences(form, _initial(stored))
            context |= {"changes": changes, "version": stored.version}
            status = 409
        else:
            messages.success(request, _("Gespeichert."))
            return redirect("bodies:papers", annex.meeting.uuid)
    return render(request, "bodies/paper_form.html", context, status=status)


def _initial(annex: Annex) -> dict[str, Any]:
    return {"title": annex.title, "sent_before": annex.sent_before,
            "item": str(annex.item.uuid) if annex.item is not None else ""}  # fmt: skip


@require_POST
@signed_in
def move(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Up or down by one; the numbers follow."""
    annex, actor = _load(request, uuid, frame.MEETING_RUN)
    try:
        services.move_annex(annex, actor=actor, up=request.POST.get("go") == "up",
                            key=once.key_from(request.POST))  # fmt: skip
    except Refused as refused:
        return _faulty(request, annex.meeting, refused.messages[0], 422)
    return redirect("bodies:papers", annex.meeting.uuid)


@require_POST
@signed_in
def remove(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Takes a paper out."""
    annex, actor = _load(request, uuid, frame.MEETING_RUN)
    try:
        services.remove_annex(annex, actor=actor, expected=version_in(request))
    except Refused as refused:
        return _faulty(request, annex.meeting, refused.messages[0], 422)
    except Conflict:
        said = _("Inzwischen wurde etwas anderes gespeichert. Entfernt wurde nichts.")
        return _faulty(request, annex.meeting, said, 409)
    messages.success(request, _("Die Anlage ist entfernt. Die folgenden rücken auf."))
    return redirect("bodies:papers", annex.meeting.uuid)


def _faulty(request: HttpRequest, meeting: Meeting, fault: str, status: int) -> HttpResponse:
    return _index(request, meeting, NewPaperForm(items=_items(meeting)), fault=fault, status=status)


@require_safe
@signed_in
def download(request: HttpRequest, uuid: UUID, number: int) -> HttpResponse:
    """One version as a file."""
    annex, _actor = _load(request, uuid, frame.MEETING_VIEW)
    return file_of(annex, number)


def file_of(annex: Annex, number: int) -> HttpResponse:
    """The file of a version; call only after the permission was checked. Raises Http404."""
    rows = AnnexVersion.objects.filter(annex=annex, number=number).select_related("document")
    found = rows.first()
    if found is None:
        raise Http404
    return handed_in(found.document)  # type: ignore[return-value]  # a stream is an answer, too
