"""Inviting to a meeting: who, with what words, who has not been reached; guests."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from lotse.foundation.core import mail, once
from lotse.foundation.core.actor import Actor
from lotse.foundation.core.errors import Conflict, Refused
from lotse.foundation.core.mail import letter as letters_of_mail
from lotse.foundation.parties.here import actor_in
from lotse.foundation.parties.links import base_url
from lotse.foundation.ui.forms import version_in
from lotse.foundation.ui.guard import signed_in
from lotse.rooms.bodies import mails_inviting
from lotse.rooms.bodies.forms_meetings import GuestForm
from lotse.rooms.bodies.models import Attendance, Meeting
from lotse.rooms.bodies.queries import addressees, members
from lotse.rooms.bodies.queries import meetings as queries
from lotse.rooms.bodies.queries.addressees import Reach
from lotse.rooms.bodies.services import inviting as services
from lotse.rooms.bodies.views import frame

State = Meeting.State


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def invitation(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Who is invited and with what words; sending. At most twelve queries."""
    loaded = frame.load_meeting(request, uuid, frame.MEETING_RUN)
    meeting: Meeting = loaded.obj
    if request.method != "POST":
        return _page(request, meeting)
    try:
        said = _act(request, meeting, loaded.actor)
    except Refused as refused:
        meeting.refresh_from_db(fields=["state", "version", "invited_at", "sequence"])
        return _page(request, meeting, fault=refused.messages[0], status=422)
    except Conflict:
        again = frame.load_meeting(request, uuid, frame.MEETING_RUN).obj
        said = _("Inzwischen wurde etwas an der Sitzung geändert. Gesendet wurde nichts: Bitte "
                 "prüfen Sie die Seite und senden Sie dann.")  # fmt: skip
        return _page(request, again, fault=said, status=409)
    messages.success(request, said)
    return redirect("bodies:invitation", uuid)


def _act(request: HttpRequest, meeting: Meeting, actor: Actor) -> str:
    values: dict[str, Any] = {
        "actor": actor, "expected": version_in(request), "key": once.key_from(request.POST)
    }  # fmt: skip
    if request.POST.get("go") == "tell":
        count = services.tell(meeting, note=request.POST.get("note", ""), **values)
        return ngettext("%(n)s Mail ist unterwegs.", "%(n)s Mails sind unterwegs.", count) % {
            "n": count
        }
    count = services.invite(meeting, **values)
    return ngettext(
        "%(n)s Person ist eingeladen.", "%(n)s Personen sind eingeladen.", count
    ) % {"n": count}  # fmt: skip


def _page(
    request: HttpRequest, meeting: Meeting, *, fault: str = "", status: int = 200,
    guest: GuestForm | None = None,
) -> HttpResponse:  # fmt: skip
    rows = list(
        meeting.attendances.select_related("person", "stands_for__person").order_by("name", "pk")
    )
    held = {row.person_id for row in rows if row.person_id}
    new = [one for one in addressees.seated_of(meeting) if one.person.pk not in held]
    withheld = _withhold(rows, new, meeting, actor_in(request))
    people = addressees.reach_of([*held, *(one.person.pk for one in new)])
    missing = addressees.not_reached(meeting, rows, people)
    can_invite = meeting.state in (State.PLANNED, State.INVITED)
    needs = ""
    try:
        services.check_form(meeting.mode, meeting.rights_statement)
    except Refused as refused:
        needs = refused.messages[0]
    letter = services.letter_of(meeting, papers=False) if meeting.state == State.PLANNED else None
    has_items = bool(letter.agenda) if letter else meeting.items.exists()
    context = {
        "meeting": meeting,
        "body": meeting.body,
        "number": queries.number_words(meeting),
        "when": queries.when_words(meeting),
        "rows": [_row(row, missing) for row in rows if row.invited_at],
        "waiting": _waiting(rows, new, people, withheld),
        "not_reached": [row for row in rows if row.pk in missing],
        "is_invited": meeting.state == State.INVITED,
        "can_invite": can_invite,
        "needs": needs,
        "warnings": services.warnings_for(meeting, has_items=has_items) if can_invite else [],
        "preview": _preview(letter, meeting) if letter else None,
        "guest": guest or GuestForm(),
        "note": request.POST.get("note", "")[:5000] if status != 200 else "",
        "fault": fault,
        "key": once.key_from(request.POST) if status == 422 else once.new_key(),
    }  # fmt: skip
    return render(request, "bodies/invitation.html", context, status=status)


def _row(row: Attendance, missing: dict[int, str]) -> dict[str, Any]:
    asked = queries.is_asked(row)
    reply = str(row.get_reply_display()) if asked else _("zur Kenntnis")
    return {
        "uuid": row.uuid, "name": row.name, "organisation": row.organisation,
        "part": row.get_part_display(), "reply": reply, "note": row.reply_note, "asked": asked,
        "for": row.stands_for.name if row.stands_for is not None else "",
        "guest": row.part == Attendance.Part.GUEST and row.mandate_id is None,
        "version": row.version, "person": row.person_id is not None,
        "missing": "" if row.pk not in missing
        else missing[row.pk] or _("keine E-Mail-Adresse bekannt"),
    }  # fmt: skip


def _withhold(
    rows: list[Attendance], new: list[addressees.Seated], meeting: Meeting, actor: Actor
) -> set[int]:
    """Takes names the actor does not read out of the lines; whose they are, by key."""
    lines = [*rows, *(row.stands_for for row in rows if row.stands_for is not None)]
    asked = [*lines, *(Attendance(person=one.person) for one in new)]
    withheld = members.withheld_on(asked, meeting.body, actor)
    members.unname_lines(lines, withheld)
    return withheld


def _waiting(
    rows: list[Attendance], new: list[addressees.Seated], reach: dict[int, Reach],
    withheld: set[int],
) -> list[dict[str, Any]]:  # fmt: skip
    """Who gets the invitation with the next sending."""
    parts = dict(Attendance.Part.choices)
    found = [
        {"name": members.no_name() if one.person.pk in withheld else one.person.name,
         "organisation": one.organisation, "part": parts[one.part],
         "address": reach.get(one.person.pk, Reach()).address, "guest": False}
        for one in new
    ]  # fmt: skip
    found += [
        {"name": row.name, "organisation": row.organisation, "part": parts[row.part],
         "address": row.email, "guest": True, "uuid": row.uuid, "version": row.version}
        for row in rows if not row.invited_at
    ]  # fmt: skip
    return found


def _preview(letter: mails_inviting.Letter, meeting: Meeting) -> Any:
    """The mail as a member gets it, written by the same hand."""
    row = Attendance(meeting=meeting, name=_("Kim Muster"), invited_at=meeting.starts_at)
    to = Reach("kim.muster@verein.example", (get_language() or "de")[:2], row.name)
    with mail.drafting() as drafts:
        mail.send_all([mails_inviting.invitation(letter, row, to)])
    draft = drafts.mails[0]
    example = base_url(meeting.body.network) + "/gremien/antwort/…"
    return {"subject": draft.subject,
            "text": letters_of_mail.veil(letters_of_mail.body_of(draft.text), example)}  # fmt: skip


@require_POST
@signed_in
def add_guest(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """A guest of this meeting."""
    loaded = frame.load_meeting(request, uuid, frame.MEETING_RUN)
    form = GuestForm(request.POST)
    if form.is_valid():
        try:
            services.add_guest(
                loaded.obj, actor=loaded.actor, key=once.key_from(request.POST),
                **form.cleaned_data,
            )  # fmt: skip
        except Refused as refused:
            form.add_error(None, list(refused.messages))
        else:
            messages.success(request, _("Der Gast steht auf der Liste."))
            return redirect("bodies:invitation", uuid)
    return _page(request, loaded.obj, guest=form, status=422)


def _load(request: HttpRequest, uuid: UUID) -> tuple[Attendance, Actor]:
    row = Attendance.objects.filter(uuid=uuid).select_related("meeting", "person").first()
    if row is None:
        raise Http404
    loaded = frame.load_meeting(request, row.meeting.uuid, frame.MEETING_RUN)
    row.meeting = loaded.obj
    return row, loaded.actor


@require_POST
@signed_in
def remove_guest(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Takes a guest off the list."""
    row, actor = _load(request, uuid)
    meeting = row.meeting
    try:
        services.remove_guest(row, actor=actor, expected=version_in(request))
    except Refused as refused:
        return _page(request, meeting, fault=refused.messages[0], status=422)
    except Conflict:
        said = _("Inzwischen wurde etwas anderes gespeichert. Entfernt wurde nichts.")
        return _page(request, meeting, fault=said, status=409)
    messages.success(request, _("Der Gast ist von der Liste genommen."))
    return redirect("bodies:invitation", meeting.uuid)


@require_POST
@signed_in
def again(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Sends the invitation to one person once more."""
    row, actor = _load(request, uuid)
    try:
        services.invite_again(row, actor=actor, key=once.key_from(request.POST))
    except Refused as refused:
        return _page(request, row.meeting, fault=refused.messages[0], status=422)
    messages.success(request, _("Die Einladung ist noch einmal unterwegs."))
    return redirect("bodies:invitation", row.meeting.uuid)
