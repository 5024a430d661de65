"""History of an entry: its revisions, what changed between two, and going back to one."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from lotse.foundation.core import once
from lotse.foundation.core.errors import Conflict
from lotse.foundation.ui.forms import version_in
from lotse.foundation.ui.guard import signed_in
from lotse.rooms.directory.content.cleaning import Faulty
from lotse.rooms.directory.content.differences import changes_between
from lotse.rooms.directory.content.labels import load_labels
from lotse.rooms.directory.models import Channel, Revision
from lotse.rooms.directory.queries import own
from lotse.rooms.directory.services import entries
from lotse.rooms.directory.views.inside import Inside, load
from lotse.rooms.directory.views.state import shown

PAGE = 50


@dataclass(frozen=True)
class Row:
    """One revision in the list."""

    number: int
    at: datetime
    author: str
    on_behalf: bool
    reason: str
    released: list[str]
    is_latest: bool
    before: int


@require_safe
@signed_in
def history(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """All revisions, the newest first. At most eight queries."""
    inside = load(request, uuid)
    page = _page_number(request)
    found = Revision.objects.filter(entry=inside.entry).order_by("-number").defer("content")
    # One more than is shown says whether there are older ones, without counting.
    revisions = list(found[(page - 1) * PAGE : page * PAGE + 1])
    older, revisions = len(revisions) > PAGE, revisions[:PAGE]
    context = {
        "inside": inside,
        "entry": inside.entry,
        "title": inside.title,
        "rows": _rows(inside, revisions),
        "newer_page": page - 1,
        "older_page": page + 1 if older else 0,
        "numbers": [one.number for one in revisions],
    }
    return render(request, "directory/history.html", context)


def _page_number(request: HttpRequest) -> int:
    value = request.GET.get("seite", "")
    return max(1, int(value)) if value.isascii() and value.isdigit() and len(value) < 5 else 1


def _rows(inside: Inside, revisions: list[Revision]) -> list[Row]:
    names = own.names_of(one.author for one in revisions)
    released = own.released(inside.entry)
    latest: int | None = inside.entry.latest_id
    return [
        Row(
            number=one.number,
            at=one.created_at,
            author=own.author_in(names, one.author),
            on_behalf=one.on_behalf,
            reason=one.reason,
            released=released.get(one.pk, []),
            is_latest=one.pk == latest,
            before=one.number - 1,
        )
        for one in revisions
    ]


def _number(request: HttpRequest, name: str) -> int:
    value = request.GET.get(name, "")
    if not (value.isascii() and value.isdigit() and len(value) < 7):
        raise Http404
    return int(value)


@require_safe
@signed_in
def diff(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """What changed between two revisions, field by field."""
    inside = load(request, uuid)
    asked = sorted({_number(request, "alt"), _number(request, "neu")})
    rows = Revision.objects.filter(entry=inside.entry, number__in=asked)
    found = {one.number: one for one in rows}
    if len(found) != len(asked):
        raise Http404
    old, new = found[asked[0]], found[asked[-1]]
    labels = load_labels([old.content, new.content], inside.lang)
    names = own.names_of([old.author, new.author])
    context = {
        "inside": inside,
        "entry": inside.entry,
        "title": inside.title,
        "old": old,
        "new": new,
        "old_author": own.author_in(names, old.author),
        "new_author": own.author_in(names, new.author),
        "changes": changes_between(inside.entry.kind, old.content, new.content, labels),
        "can_restore": inside.may_edit and old.pk != inside.entry.latest_id,
    }
    return render(request, "directory/diff.html", context)


@require_safe
@signed_in
def revision(request: HttpRequest, uuid: UUID, number: int) -> HttpResponse:
    """One revision as it was."""
    inside = load(request, uuid)
    found = Revision.objects.filter(entry=inside.entry, number=number).first()
    if found is None:
        raise Http404
    context = {
        "inside": inside,
        "entry": inside.entry,
        "title": inside.title,
        "author": own.author_in(own.names_of([found.author]), found.author),
        "can_restore": inside.may_edit and found.pk != inside.entry.latest_id,
        **shown(found, inside, Channel.WEB),
    }
    return render(request, "directory/edit_revision.html", context)


@require_POST
@signed_in
def restore(request: HttpRequest, uuid: UUID, number: int) -> HttpResponse:
    """A new revision with the content of an earlier one; what readers see stays until published."""
    inside = load(request, uuid, edit=True)
    found = Revision.objects.filter(entry=inside.entry, number=number).first()
    if found is None:
        raise Http404
    try:
        made = entries.save(
            inside.entry,
            actor=inside.actor,
            expected=version_in(request),
            content=found.content,
            reason=_("Fassung %(n)s wiederhergestellt") % {"n": number},
            key=once.key_from(request.POST),
        )
    except Faulty:
        # It was right when it was written: a topic went since, or a picture. The form says which.
        messages.warning(request, _("Einiges daraus gilt nicht mehr. Bitte prüfen und speichern."))
        return redirect(f"{reverse('directory:edit', args=[uuid])}?fassung={number}")
    except Conflict:
        messages.warning(request, _("Inzwischen wurde etwas anderes gespeichert. Bitte sehen Sie "
                                    "zuerst nach."))  # fmt: skip
        return redirect("directory:history", uuid)
    messages.success(request, _("Fassung %(old)s steht jetzt als Fassung %(new)s da. Was andere "
                                "lesen, ändert sich erst mit dem Veröffentlichen.")
                     % {"old": number, "new": made.number})  # fmt: skip
    return redirect("directory:state", uuid)
