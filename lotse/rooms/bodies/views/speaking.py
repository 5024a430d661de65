"""Requests to speak: one's own on the page for those present, all of them in the cockpit."""

from uuid import UUID

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from lotse.foundation.core.errors import Conflict, NotAllowed, Refused
from lotse.foundation.ui.guard import signed_in
from lotse.rooms.bodies.models import SpeakRequest
from lotse.rooms.bodies.queries.presence import own_line
from lotse.rooms.bodies.services import speaking
from lotse.rooms.bodies.views import cockpit, frame
from lotse.rooms.bodies.views.live import load_present, page


@require_POST
def speak(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Asks to speak, or takes it back."""
    loaded = load_present(request, uuid)
    if loaded is None:
        return redirect_to_login(reverse("bodies:live", args=[uuid]))
    meeting, actor = loaded.obj, loaded.actor
    own = own_line(actor, meeting)
    if own is None:
        if not loaded.may(frame.MEETING_ATTEND):
            raise NotAllowed(frame.MEETING_ATTEND)
        words = _("Zu Wort melden können Sie sich, sobald Sie eingecheckt sind.")
        return page(request, loaded, refusal=words, status=422)
    try:
        if request.POST.get("act") == "withdraw":
            speaking.withdraw(meeting, own, actor=actor)
        else:
            speaking.ask(meeting, own, actor=actor)
    except Refused as refused:
        return page(request, loaded, refusal=" ".join(refused.messages), status=422)
    return redirect("bodies:live", uuid)


@require_POST
@signed_in
def call(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Gives somebody the floor, or takes the request off the list. `uuid` is the request's."""
    found = SpeakRequest.objects.select_related("meeting__body", "attendance").filter(uuid=uuid)
    wanted = next(iter(found), None)
    if wanted is None:
        raise Http404
    loaded = cockpit.load(request, wanted.meeting.uuid)
    wanted.meeting = loaded.obj
    try:
        if request.POST.get("act") == "done":
            speaking.done(wanted, actor=loaded.actor)
        else:
            speaking.call(wanted, actor=loaded.actor)
    except Refused as refused:
        return cockpit.page(request, loaded, refusal=" ".join(refused.messages), status=422)
    except Conflict:
        words = _("Die Rednerliste hat sich im selben Augenblick geändert. Hier steht der neue "
                  "Stand.")  # fmt: skip
        return cockpit.page(request, loaded, refusal=words, status=409)
    return redirect("bodies:cockpit", loaded.obj.uuid)
