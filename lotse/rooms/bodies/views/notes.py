"""Live notes of an item: a page with a button, and the answers its script asks for."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from lotse.foundation.core import once
from lotse.foundation.core.errors import InProgress, NotAllowed, Refused
from lotse.foundation.ui.guard import signed_in
from lotse.rooms.bodies.queries.notes import OWN, SHARED, Block, notes_of
from lotse.rooms.bodies.services import notes as services
from lotse.rooms.bodies.views.at_item import At, cockpit_of, load_item, way_back


@require_http_methods(["GET", "HEAD", "POST"])
def notes(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Shows the notes and saves a block. To a script the answer is JSON: what is stored now."""
    if _wants_json(request):
        return _signed_out() if not request.user.is_authenticated else _answer(request, uuid)
    return _page(request, uuid)


@signed_in
def _page(request: HttpRequest, uuid: UUID) -> HttpResponse:
    at = load_item(request, uuid)
    if request.method != "POST":
        return _notes_page(request, at)
    try:
        saved = _save(request, at)
    except Refused as refused:
        kept = Block(_name(request), request.POST.get("text", ""), _revision(request))
        return _notes_page(request, at, kept, faults=refused.messages, status=422)
    if saved.state == services.CONFLICT:
        return _notes_page(request, at, Block(_name(request), saved.text, saved.revision),
                           conflict=True, status=409)  # fmt: skip
    if saved.state == services.MERGED:
        messages.success(
            request, _("Gespeichert und mit dem zusammengeführt, was andere inzwischen schrieben.")
        )
    else:
        messages.success(request, _("Mitschrift gespeichert."))
    return redirect(way_back(request, at, default="bodies:notes"))


def _answer(request: HttpRequest, uuid: UUID) -> HttpResponse:
    at = load_item(request, uuid)
    try:
        saved = _save(request, at)
    except Refused as refused:
        return JsonResponse({"state": "refused", "said": " ".join(refused.messages)}, status=422)
    except InProgress:
        again = {"Retry-After": str(InProgress.retry_after)}
        return JsonResponse({"state": "running", "said": ""}, status=409, headers=again)
    said = {
        services.SAVED: _("Gespeichert"),
        services.MERGED: _("Gespeichert, mit dem Text von anderen zusammengeführt"),
        services.CONFLICT: _("Zwei haben dieselbe Stelle geändert: im Feld stehen beide Fassungen, "
                             "bitte streichen Sie eine."),
    }[saved.state]  # fmt: skip
    body = {
        "state": saved.state, "revision": saved.revision, "sent": saved.sent, "text": saved.text,
        "said": said,
    }  # fmt: skip
    return JsonResponse(body, status=409 if saved.state == services.CONFLICT else 200)


def _save(request: HttpRequest, at: At) -> services.Saved:
    return services.save_note(
        at.item, actor=at.actor, words=request.POST.get("text", ""), base=_revision(request),
        shared=_name(request) == SHARED, key=once.key_from(request.POST),
    )  # fmt: skip


def _name(request: HttpRequest) -> str:
    return OWN if request.POST.get("block") == OWN else SHARED


def _revision(request: HttpRequest) -> int:
    value = request.POST.get("revision", "")
    return int(value) if value.isascii() and value.isdigit() and len(value) < 9 else 0


def _wants_json(request: HttpRequest) -> bool:
    return request.method == "POST" and request.headers.get("Accept") == "application/json"


def _signed_out() -> JsonResponse:
    return JsonResponse({"state": "signed_out", "said": ""}, status=401)


@require_safe
def state(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """What others wrote since, for a page that asks every few seconds; 304 where nothing is new.

    It brings a fresh token for forms along: after somebody signed in anew the old one is void. Up
    to five queries. Whether it prolongs the session is up to its header (`X-Lotse-Poll`).
    """
    if not request.user.is_authenticated:
        return _signed_out()
    try:
        at = load_item(request, uuid)
    except NotAllowed:
        return JsonResponse({"state": "refused", "said": ""}, status=403)
    found = notes_of(at.item, at.actor)
    tag = f'"{found.shared.revision}-{found.own.revision}"'
    headers = {"ETag": tag, "Cache-Control": "no-cache, private"}
    if request.headers.get("If-None-Match") == tag:
        return HttpResponseNotModified(headers=headers)
    blocks = {
        one.name: {"revision": one.revision, "text": one.text} for one in (found.shared, found.own)
    }
    return JsonResponse({"token": get_token(request), "blocks": blocks}, headers=headers)


@require_safe
@signed_in
def back(request: HttpRequest) -> HttpResponse:
    """After signing in anew in a second window: says that the first one goes on."""
    return render(request, "bodies/notes_back.html")


def _notes_page(
    request: HttpRequest, at: At, kept: Block | None = None, *, status: int = 200, **context: Any
) -> HttpResponse:
    """`kept` is a block as it was sent, instead of the stored one."""
    found = notes_of(at.item, at.actor)
    if kept is not None:
        setattr(found, kept.name, kept)
    context |= {
        "at": at, "item": at.item, "meeting": at.meeting, "number": at.number, "notes": found,
        "cockpit": cockpit_of(at.meeting), "here": reverse("bodies:outcomes", args=[at.item.uuid]),
    }  # fmt: skip
    return render(request, "bodies/notes.html", context, status=status)
