"""Requests to speak: asked, called, done. Whoever asked first comes first, by key, not by clock."""

from django.db import transaction
from django.utils.translation import gettext as _

from lotse.foundation.core import actionlog, clock
from lotse.foundation.core.actor import Actor
from lotse.foundation.core.db import update_versioned
from lotse.foundation.core.errors import NotAllowed, Refused
from lotse.foundation.core.permissions import has, require
from lotse.rooms.bodies.models import Attendance, Meeting, Presence, SpeakRequest
from lotse.rooms.bodies.services import live

RUN = "bodies.meeting.run"


def _may(meeting: Meeting, attendance: Attendance, actor: Actor) -> None:
    """One's own request, or anybody's for who runs the meeting. Raises NotAllowed."""
    own = attendance.person_id is not None and attendance.person_id == actor.person
    own = own or attendance.uuid in actor.keys
    if attendance.meeting_id != meeting.pk or not (
        own or actor.trusted or has(RUN, actor, meeting)
    ):
        raise NotAllowed("bodies.meeting.attend")


@transaction.atomic
def ask(meeting: Meeting, attendance: Attendance, *, actor: Actor) -> SpeakRequest:
    """Asks to speak to the current item; who asked already keeps the place.

    Raises NotAllowed, Refused where the meeting does not run or for somebody who is not there.
    """
    _may(meeting, attendance, actor)
    if meeting.state != Meeting.State.RUNNING:
        raise Refused(_("Diese Sitzung läuft gerade nicht. Es wurde nichts geändert."))
    if not Presence.objects.filter(attendance=attendance, to_at=None).exists():
        raise Refused(_("Zu Wort melden können Sie sich, sobald Sie eingecheckt sind."))
    made, new = SpeakRequest.objects.get_or_create(
        meeting=meeting, attendance=attendance, ended_at=None,
        defaults={"item_id": meeting.current_id},
    )  # fmt: skip
    if new:
        actionlog.record("bodies.speakrequest.asked", made, actor=actor, subject=meeting.body.uuid)
        live.touch(meeting.pk)
    return made


@transaction.atomic
def withdraw(meeting: Meeting, attendance: Attendance, *, actor: Actor) -> None:
    """Takes the open request back; nothing happens where there is none. Raises NotAllowed."""
    _may(meeting, attendance, actor)
    found = SpeakRequest.objects.filter(meeting=meeting, attendance=attendance, ended_at=None)
    for request in found:
        _end(request, meeting, actor, "bodies.speakrequest.withdrawn")


@transaction.atomic
def call(request: SpeakRequest, *, actor: Actor) -> None:
    """Gives somebody the floor; who had it before is done.

    Raises NotAllowed, Conflict, Refused for a request that is over.
    """
    meeting = request.meeting
    require(RUN, actor, meeting)
    if request.ended_at is not None:
        raise Refused(_("Diese Wortmeldung ist schon erledigt."))
    if request.called_at is not None:
        return
    before = SpeakRequest.objects.filter(
        meeting=meeting, ended_at=None, called_at__isnull=False
    ).order_by("pk")
    for other in before:
        _end(other, meeting, actor, "bodies.speakrequest.done")
    update_versioned(request, expected=request.version, called_at=clock.now())
    actionlog.record("bodies.speakrequest.called", request, actor=actor, subject=meeting.body.uuid)
    live.touch(meeting.pk)


@transaction.atomic
def done(request: SpeakRequest, *, actor: Actor) -> None:
    """Takes a request off the list, called or not. Raises NotAllowed, Conflict."""
    require(RUN, actor, request.meeting)
    if request.ended_at is None:
        _end(request, request.meeting, actor, "bodies.speakrequest.done")


def _end(request: SpeakRequest, meeting: Meeting, actor: Actor, code: str) -> None:
    update_versioned(request, expected=request.version, ended_at=clock.now())
    actionlog.record(code, request, actor=actor, subject=meeting.body.uuid)
    live.touch(meeting.pk)
