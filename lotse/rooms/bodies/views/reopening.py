"""A meeting that was ended by mistake is taken up again."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from lotse.foundation.core import once
from lotse.foundation.ui.guard import signed_in
from lotse.rooms.bodies.forms_meetings import ReopenForm
from lotse.rooms.bodies.models import Meeting
from lotse.rooms.bodies.services import holding
from lotse.rooms.bodies.services.writing import is_open
from lotse.rooms.bodies.views import frame
from lotse.rooms.bodies.views.forming import FormPage, Way, form_page


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def reopen(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Asks for the reason, then leads to the running meeting."""
    loaded = frame.load_meeting(request, uuid, frame.MEETING_RUN)
    meeting: Meeting = loaded.obj
    if request.method != "POST":
        held = meeting.state == Meeting.State.HELD
        if not held or not is_open(meeting):
            messages.info(
                request, _("Das Protokoll ist schon verschickt. Die Sitzung bleibt beendet.")
                if held else _("Diese Sitzung ist nicht beendet. Es wurde nichts geändert."),
            )  # fmt: skip
            return redirect("bodies:meeting", uuid)

    def act(values: dict[str, Any]) -> str:
        holding.reopen(
            meeting, actor=loaded.actor, reason=values["reason"], key=once.key_from(request.POST)
        )
        return reverse("bodies:cockpit", args=[uuid])

    form = ReopenForm(request.POST if request.method == "POST" else None)
    return form_page(request, form, FormPage(
        title=_("Sitzung wieder öffnen"), submit=_("Sitzung wieder öffnen"), act=act,
        way=[Way(meeting.body.name, reverse("bodies:body", args=[meeting.body.uuid])),
             Way(meeting.title, reverse("bodies:meeting", args=[uuid]))],
        intro=_("Für eine Sitzung, die versehentlich beendet wurde. Wer bis zum Ende da war, gilt "
                "wieder als anwesend; was das Ende vertagt hat, ist wieder offen. Wortmeldungen "
                "sind erloschen. Möglich, bis das Protokoll verschickt ist."),
        done=_("Die Sitzung läuft wieder."),
    ))  # fmt: skip
