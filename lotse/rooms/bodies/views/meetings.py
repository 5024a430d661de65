"""Meetings: the list of a body, the page of one, its frame; put off, called off (S1-01, S4-15)."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from lotse.foundation.core import clock, ical, once
from lotse.foundation.core.errors import Conflict, Refused
from lotse.foundation.documents import responses
from lotse.foundation.parties.here import actor_in
from lotse.foundation.parties.models import Body, Organisation
from lotse.foundation.ui import listing
from lotse.foundation.ui.forms import version_back, version_in
from lotse.foundation.ui.guard import signed_in
from lotse.rooms.bodies.forms_meetings import CancelForm, MeetingForm, PostponeForm, date_initial
from lotse.rooms.bodies.mails_inviting import entry_of, host_of_calendars
from lotse.rooms.bodies.models import Meeting, Minutes
from lotse.rooms.bodies.queries import meetings as queries
from lotse.rooms.bodies.services import meetings as services
from lotse.rooms.bodies.views import conflict, frame
from lotse.rooms.bodies.views.agenda_table import agenda_rows

State = Meeting.State
BEFORE = (State.PLANNED, State.INVITED)


@require_safe
@signed_in
def index(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """All meetings of a body, the latest first."""
    loaded = frame.load_body(request, uuid, frame.INSIDE)
    body: Body = loaded.obj
    found = listing.build(
        request,
        title=_("Sitzungen: %(name)s") % {"name": body.name},
        columns=[
            listing.Column("title", _("Sitzung"), 40), listing.Column("when", _("Wann"), 30),
            listing.Column("where", _("Wo"), 30), listing.Column("state", _("Stand"), 16),
        ],
        source=Meeting.objects.filter(body=body).order_by("-starts_at", "-pk"),
        rows=_list_rows,
        filters=[
            listing.Filter("stand", _("Stand"), lambda rows, value: rows.filter(state=value),
                           choices=State.choices),
            listing.Filter("ab", _("ab"), lambda rows, value: rows.filter(
                starts_at__date__gte=value), kind="day"),
        ],
        search=lambda rows, words: rows.filter(title__icontains=words),
        empty=_("Hier stehen die Sitzungen des Gremiums mit Tagesordnung und Protokoll."),
    )  # fmt: skip
    context = {"body": body, "may_run": loaded.may(frame.RUN)}
    return listing.answer(request, found, "bodies/meetings.html", context, name="sitzungen")


def _list_rows(rows: Any) -> list[listing.Row]:
    return [
        {
            "title": listing.Cell(row.title, url=reverse("bodies:meeting", args=[row.uuid]),
                                  note=queries.number_words(row)),
            "when": queries.when_words(row), "where": queries.where_words(row),
            "state": row.get_state_display(),
        }
        for row in rows
    ]  # fmt: skip


@require_safe
@signed_in
def detail(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One meeting: agenda, papers, who comes, the own answer. At most twelve queries."""
    loaded = frame.load_meeting(request, uuid)
    meeting: Meeting = loaded.obj
    points = queries.points_of(meeting)
    states = queries.states_of(meeting, [point.item for point in points])
    papers = queries.papers_of(meeting, points)
    replies = queries.replies_of(meeting, loaded.actor)
    own = replies.own
    context = {
        "meeting": meeting,
        "body": meeting.body,
        "may_run": loaded.may(frame.MEETING_RUN),
        "is_inside": queries.is_inside(loaded.actor, meeting.body),
        "number": queries.number_words(meeting),
        "when": queries.when_words(meeting),
        "where": queries.where_words(meeting),
        "rows": agenda_rows(points, queries.speakers_of(meeting), states),
        "has_states": states is not None,
        "papers": _paper_rows(papers),
        "papers_count": queries.count_words(papers) if papers else "",
        "replies": replies,
        "own": own,
        "own_asked": own is not None and queries.is_asked(own),
        "takes_answers": meeting.state in (State.INVITED, State.RUNNING)
        and meeting.ends_at > clock.now(),
        "links": _links(meeting, may_run=loaded.may(frame.MEETING_RUN)),
    }
    return render(request, "bodies/meeting.html", context)


def _paper_rows(papers: list[queries.Paper]) -> list[tuple[str, str, str]]:
    """Name, address if there is a file, what stands beside it. One address is worked out for all:
    that takes its time."""
    if not papers:
        return []
    first = papers[0].annex
    pattern = reverse("bodies:paper", args=[first.uuid])
    return [
        (one.name, pattern.replace(str(first.uuid), str(one.annex.uuid)) if one.is_there else "",
         one.note)
        for one in papers
    ]  # fmt: skip


def _links(meeting: Meeting, *, may_run: bool) -> dict[str, str]:
    """Where it goes on, as far as the state of the meeting lets; parts of the room that are not
    there have no link. At most one query."""
    found: dict[str, str] = {}
    held = meeting.state in (State.RUNNING, State.HELD)
    if meeting.state == State.RUNNING:
        _put(found, "live", "bodies:live", meeting)
    if may_run and meeting.state in (*BEFORE, State.RUNNING):
        _put(found, "cockpit", "bodies:cockpit", meeting)
    sent = held and Minutes.objects.filter(meeting=meeting).exclude(
        state=Minutes.State.DRAFT
    ).exists()  # fmt: skip
    readable = held and (may_run or sent)
    if may_run and meeting.state == State.HELD and not sent:
        _put(found, "reopen", "bodies:reopen", meeting)
    if may_run and meeting.state != State.CANCELLED and not sent:
        _put(found, "edit", "bodies:meeting-edit", meeting)
        _put(found, "agenda", "bodies:agenda", meeting)
    if readable:
        _put(found, "minutes", "bodies:minutes", meeting)
    _put(found, "pdf", "bodies:agenda-pdf", meeting)
    return found


def _put(found: dict[str, str], key: str, name: str, meeting: Meeting) -> None:
    try:
        found[key] = reverse(name, args=[meeting.uuid])
    except NoReverseMatch:
        return


@require_safe
@signed_in
def calendar(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The meeting as a file for calendars."""
    meeting: Meeting = frame.load_meeting(request, uuid).obj
    content = ical.calendar(meeting.title, [entry_of(meeting)], host=host_of_calendars())
    return responses.paper(content, name="sitzung.ics", media_type="text/calendar; charset=utf-8")


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def create(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """A new meeting, blank or with the frame and the standing items of the last one."""
    body: Body = frame.load_body(request, uuid, frame.RUN).obj
    last = queries.last_meeting(body)
    # Which meeting is the model stands in the address, so that a repaired form keeps it.
    copied = last if last and request.GET.get("vorlage") == str(last.uuid) else None
    form = _form(request, body, initial=_begun(copied), last=last)
    if request.method == "POST" and form.is_valid():
        try:
            meeting = services.create_meeting(
                body, actor=actor_in(request), key=once.key_from(request.POST),
                copy_of=copied, **form.values(),
            )  # fmt: skip
        except Refused as refused:
            form.add_error(None, list(refused.messages))
        else:
            messages.success(request, _("Die Sitzung ist angelegt. Als Nächstes: die "
                                        "Tagesordnung."))  # fmt: skip
            return redirect("bodies:agenda", meeting.uuid)
    context = {"form": form, "body": body, "last": last, "copied": copied,
               "format_rule": body.charter.format_rule}  # fmt: skip
    return _page(request, "bodies/meeting_form.html", form, context)


def _begun(copied: Meeting | None) -> dict[str, Any]:
    if copied is None:
        return {"mode": Meeting.Mode.ON_SITE, "minutes_kind": Meeting.MinutesKind.RESULTS}
    return MeetingForm.initial_of(copied) | {"day": None, "last_day": None, "number": None,
                                             "next_dates": ""}  # fmt: skip


def _form(
    request: HttpRequest, body: Body, *, initial: dict[str, Any], last: Meeting | None = None
) -> MeetingForm:
    hosts = list(Organisation.objects.filter(network=body.network_id).order_by("name", "pk"))
    hint = ""
    if last is not None or not initial.get("title"):
        year = clock.today().year
        series = last.series if last else ""
        values = {"year": year, "next": year + 1,
                  "now": queries.suggested_number(body, series, year),
                  "then": queries.suggested_number(body, series, year + 1)}  # fmt: skip
        hint = _("Leer lassen: die nächste Nummer der Reihe. Im Jahr %(year)s ist das %(now)s, im "
                 "Jahr %(next)s %(then)s.") % values  # fmt: skip
    data = request.POST if request.method == "POST" else None
    return MeetingForm(data, hosts=hosts, number_hint=hint, initial=initial)


def _page(
    request: HttpRequest, template: str, form: Any, context: dict[str, Any], *, status: int = 0
) -> HttpResponse:
    """The form; 422 with what was typed if it was sent and is not right."""
    status = status or (422 if request.method == "POST" else 200)
    # A repaired form is the same act; a form over what somebody else saved is a new one.
    key = once.key_from(request.POST) if status == 422 else once.new_key()
    if "version" in context:
        context["version"] = version_back(request, context["version"], status)
    return render(request, template, {"form": form, "key": key} | context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def edit(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The frame of a meeting."""
    loaded = frame.load_meeting(request, uuid, frame.MEETING_RUN)
    meeting: Meeting = loaded.obj
    form = _form(request, meeting.body, initial=MeetingForm.initial_of(meeting))
    context: dict[str, Any] = {
        "meeting": meeting, "body": meeting.body, "version": meeting.version,
        "format_rule": meeting.body.charter.format_rule,
    }  # fmt: skip
    if request.method == "POST" and form.is_valid():
        try:
            services.change_meeting(
                meeting, actor=loaded.actor, expected=version_in(request), **form.values()
            )
        except Refused as refused:
            form.add_error(None, list(refused.messages))
        except Conflict:
            stored = Meeting.objects.select_related("host").get(pk=meeting.pk)
            context["changes"] = conflict.differences(form, MeetingForm.initial_of(stored))
            context["version"] = stored.version
            return _page(request, "bodies/meeting_form.html", form, context, status=409)
        else:
            told = meeting.state == State.INVITED
            messages.success(
                request,
                _("Gespeichert. Haben sich Termin, Ort oder Form geändert, wissen es die "
                  "Eingeladenen per Mail.") if told else _("Gespeichert."),
            )  # fmt: skip
            return redirect("bodies:meeting", uuid)
    return _page(request, "bodies/meeting_form.html", form, context)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def postpone(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Another date; calendars follow."""
    loaded = frame.load_meeting(request, uuid, frame.MEETING_RUN)
    meeting: Meeting = loaded.obj
    initial = date_initial(meeting.starts_at, meeting.ends_at)
    form = PostponeForm(request.POST if request.method == "POST" else None, initial=initial)

    def act() -> str:
        services.postpone(
            meeting, actor=loaded.actor, expected=version_in(request),
            note=form.cleaned_data["note"], **form.span(),
        )  # fmt: skip
        return _("Die Sitzung hat einen neuen Termin: %(when)s") % {
            "when": queries.when_words(meeting)
        }

    return _act(request, meeting, form, "bodies/meeting_postpone.html", act)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def cancel(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Calls a meeting off, with a reason."""
    loaded = frame.load_meeting(request, uuid, frame.MEETING_RUN)
    meeting: Meeting = loaded.obj
    form = CancelForm(request.POST if request.method == "POST" else None)

    def act() -> str:
        services.cancel(
            meeting, actor=loaded.actor, expected=version_in(request),
            reason=form.cleaned_data["reason"],
        )  # fmt: skip
        return _("Die Sitzung ist abgesagt.")

    return _act(request, meeting, form, "bodies/meeting_cancel.html", act)


def _act(
    request: HttpRequest, meeting: Meeting, form: Any, template: str, act: Callable[[], str]
) -> HttpResponse:
    """A form with one act on a meeting; where somebody else saved, what was typed stays."""
    context: dict[str, Any] = {
        "meeting": meeting, "body": meeting.body, "version": meeting.version,
        "when": queries.when_words(meeting), "is_before": meeting.state in BEFORE,
        "is_invited": meeting.state == State.INVITED,
    }  # fmt: skip
    if request.method == "POST" and form.is_valid():
        try:
            said = act()
        except Refused as refused:
            form.add_error(None, list(refused.messages))
        except Conflict:
            stored = Meeting.objects.get(pk=meeting.pk)
            context |= {"conflict": True, "version": stored.version,
                        "when": queries.when_words(stored)}  # fmt: skip
            return _page(request, template, form, context, status=409)
        else:
            messages.success(request, said)
            return redirect("bodies:meeting", meeting.uuid)
    return _page(request, template, form, context)
