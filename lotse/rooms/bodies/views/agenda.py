"""The agenda editor: items in two levels, and what waits to be taken over."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from lotse.foundation.core import once
from lotse.foundation.core.errors import Conflict, Refused
from lotse.foundation.ui.forms import version_back, version_in
from lotse.foundation.ui.guard import signed_in
from lotse.rooms.bodies import wall
from lotse.rooms.bodies.forms_meetings import ItemForm
from lotse.rooms.bodies.models import AgendaItem, Meeting
from lotse.rooms.bodies.queries import carrying
from lotse.rooms.bodies.queries import meetings as queries
from lotse.rooms.bodies.queries.agenda import agenda_of, flat
from lotse.rooms.bodies.services import agenda as services
from lotse.rooms.bodies.views import conflict, frame


@require_safe
@signed_in
def editor(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The agenda to work on, what waits beside it. At most twelve queries."""
    loaded = frame.load_meeting(request, uuid, frame.MEETING_RUN)
    return _editor(request, loaded.obj)


def _editor(
    request: HttpRequest, meeting: Meeting, *, fault: str = "", status: int = 200
) -> HttpResponse:
    items = list(meeting.items.prefetch_related("presenters"))
    points = agenda_of(meeting, items)
    context = {
        "meeting": meeting,
        "body": meeting.body,
        "number": queries.number_words(meeting),
        "rows": _rows(points),
        "ends_at": wall.clock_words(points[-1].ends_at) if points else "",
        "runs_over": bool(points) and points[-1].ends_at > meeting.ends_at,
        "planned_end": wall.clock_words(meeting.ends_at),
        "suggestions": carrying.suggestions_for(meeting),
        "fault": fault,
        "key": once.new_key(),
    }
    return render(request, "bodies/agenda.html", context, status=status)


def _rows(points: list[Any]) -> list[dict[str, Any]]:
    """Finished rows: at the edges of a level there is no way further up or down."""
    rows = []
    for level, above in [(points, None), *[(point.parts, point) for point in points]]:
        for place, point in enumerate(level):
            rows.append((point, place > 0, place < len(level) - 1, above))
    order = {id(point): n for n, point in enumerate(flat(points))}
    rows.sort(key=lambda row: order[id(row[0])])
    return [_row(*row) for row in rows]


def _row(point: Any, has_up: bool, has_down: bool, above: Any) -> dict[str, Any]:
    item: AgendaItem = point.item
    speakers = [queries.presenter_line(one) for one in item.presenters.all()]
    return {
        "uuid": item.uuid, "number": point.number, "part": above is not None, "title": item.title,
        "at": wall.clock_words(point.starts_at), "minutes": item.minutes_planned,
        "kind": item.get_kind_display(), "has_up": has_up, "has_down": has_down,
        "speakers": speakers, "standing": item.is_standing, "version": item.version,
    }  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def add(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """A new item."""
    loaded = frame.load_meeting(request, uuid, frame.MEETING_RUN)
    meeting: Meeting = loaded.obj
    initial = {"parent": request.GET.get("unter", "")[:36], "kind": AgendaItem.Kind.DISCUSSION}
    form = _form(request, meeting, None, initial)
    if request.method == "POST" and form.is_valid():
        try:
            item = services.add_item(
                meeting, actor=loaded.actor, key=once.key_from(request.POST), **form.values()
            )
        except Refused as refused:
            form.add_error(None, list(refused.messages))
        else:
            return _back(request, item, _("„%(title)s“ steht auf der Tagesordnung."))
    return _page(request, form, {"meeting": meeting, "body": meeting.body})


def _form(
    request: HttpRequest, meeting: Meeting, item: AgendaItem | None, initial: dict[str, Any]
) -> ItemForm:
    top = meeting.items.filter(parent=None).exclude(kind=AgendaItem.Kind.BREAK)
    rows = top.exclude(pk=item.pk if item else 0).order_by("position", "pk")
    data = request.POST if request.method == "POST" else None
    return ItemForm(data, parents=list(rows), initial=initial)


def _page(
    request: HttpRequest, form: ItemForm, context: dict[str, Any], *, status: int = 0
) -> HttpResponse:
    status = status or (422 if request.method == "POST" else 200)
    key = once.key_from(request.POST) if status == 422 else once.new_key()
    if "version" in context:
        context["version"] = version_back(request, context["version"], status)
    context = {"form": form, "key": key} | context
    return render(request, "bodies/agenda_item.html", context, status=status)


def _back(request: HttpRequest, item: AgendaItem, words: str) -> HttpResponse:
    messages.success(request, words % {"title": item.title})
    return redirect(reverse("bodies:agenda", args=[item.meeting.uuid]) + f"#top-{item.uuid}")


def _load(request: HttpRequest, uuid: UUID) -> tuple[AgendaItem, Any]:
    """An item with its meeting, for who runs it. Raises Http404, NotAllowed."""
    item = AgendaItem.objects.filter(uuid=uuid).select_related("meeting", "parent").first()
    if item is None:
        raise Http404
    loaded = frame.load_meeting(request, item.meeting.uuid, frame.MEETING_RUN)
    item.meeting = loaded.obj
    return item, loaded.actor


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def change(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One item."""
    item, actor = _load(request, uuid)
    meeting = item.meeting
    form = _form(request, meeting, item, ItemForm.initial_of(item))
    context: dict[str, Any] = {
        "meeting": meeting, "body": meeting.body, "item": item, "version": item.version,
    }  # fmt: skip
    if request.method == "POST" and form.is_valid():
        try:
            services.change_item(item, actor=actor, expected=version_in(request), **form.values())
        except Refused as refused:
            form.add_error(None, list(refused.messages))
        except Conflict as found:
            if found.current is None:
                raise Http404 from None
            stored = AgendaItem.objects.select_related("parent").get(pk=item.pk)
            context["version"] = stored.version
            changes = conflict.differences(form, ItemForm.initial_of(stored))
            return _page(request, form, context | {"changes": changes}, status=409)
        else:
            return _back(request, item, _("„%(title)s“ ist gespeichert."))
    return _page(request, form, context)


@require_POST
@signed_in
def move(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Up or down by one."""
    item, actor = _load(request, uuid)
    try:
        services.move_item(item, actor=actor, up=request.POST.get("go") == "up",
                           key=once.key_from(request.POST))  # fmt: skip
    except Refused as refused:
        return _editor(request, item.meeting, fault=refused.messages[0], status=422)
    return redirect(reverse("bodies:agenda", args=[item.meeting.uuid]) + f"#top-{item.uuid}")


@require_POST
@signed_in
def remove(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Off the agenda."""
    item, actor = _load(request, uuid)
    meeting = item.meeting
    try:
        services.remove_item(item, actor=actor, expected=version_in(request))
    except Refused as refused:
        return _editor(request, meeting, fault=refused.messages[0], status=422)
    except Conflict:
        said = _("Inzwischen wurde etwas anderes gespeichert. Entfernt wurde nichts.")
        return _editor(request, meeting, fault=said, status=409)
    messages.success(request, _("„%(title)s“ ist entfernt.") % {"title": item.title})
    return redirect("bodies:agenda", meeting.uuid)


@require_POST
@signed_in
def take(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Takes over something that waits."""
    loaded = frame.load_meeting(request, uuid, frame.MEETING_RUN)
    try:
        source = UUID(request.POST.get("quelle", ""))
    except ValueError:
        raise Http404 from None
    try:
        item = services.take_over(
            loaded.obj, actor=loaded.actor, source_type=request.POST.get("art", "")[:60],
            source=source, key=once.key_from(request.POST),
        )  # fmt: skip
    except Refused as refused:
        return _editor(request, loaded.obj, fault=refused.messages[0], status=422)
    item.meeting = loaded.obj
    return _back(request, item, _("„%(title)s“ steht auf der Tagesordnung."))
