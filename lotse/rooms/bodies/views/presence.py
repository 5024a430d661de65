"""The list of those present, corrections, and checking in oneself, also by QR code."""

from datetime import datetime
from io import BytesIO
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from lotse.foundation.core import once
from lotse.foundation.core.errors import Conflict, NotAllowed, Refused
from lotse.foundation.core.permissions import get_visible, has
from lotse.foundation.parties.here import actor_in
from lotse.foundation.parties.links import base_url
from lotse.foundation.ui.forms import version_in
from lotse.foundation.ui.guard import signed_in
from lotse.rooms.bodies.forms_presence import AtForm, DeputyForm, GuestForm, StayForm, UnnamedForm
from lotse.rooms.bodies.models import Attendance, Holder, Mandate, Meeting
from lotse.rooms.bodies.queries import members
from lotse.rooms.bodies.queries import presence as queries
from lotse.rooms.bodies.services import presence, presence_times
from lotse.rooms.bodies.views import frame
from lotse.rooms.bodies.views.frame import Loaded
from lotse.rooms.bodies.views.live import frame_of, load_present
from lotse.rooms.bodies.views.live import page as live_page

PART = Attendance.Part
MOST = 500
MOST_STAYS = 100
SPARE_STAYS = 2


def load(request: HttpRequest, uuid: UUID) -> Loaded:
    """A meeting for who runs it. One query."""
    actor = actor_in(request)
    rows = queries.with_entitled(Meeting.objects.select_related("body__charter", "body__network"))
    return Loaded(get_visible(frame.MEETING_RUN, actor, uuid, rows), actor)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def presence_list(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Who is there: ticked and noted as come, gone or excused. At most twelve queries."""
    loaded = load(request, uuid)
    if request.method == "POST":
        return _tick(request, loaded)
    return _list(request, loaded)


def _list(
    request: HttpRequest, loaded: Loaded, *, form: AtForm | None = None, refusal: str = "",
    unnamed: UnnamedForm | None = None, status: int = 200, conflict: bool = False,
) -> HttpResponse:  # fmt: skip
    meeting: Meeting = loaded.obj
    people = queries.expected_at(meeting, loaded.actor)
    ticked = set(request.POST.getlist("who")) if status != 200 else set()
    context = frame_of(meeting) | {
        "people": [(one, one.value in ticked, _times_url(one.uuid)) for one in people],
        "present": queries.present_at(meeting),
        "form": form or AtForm(),
        "unnamed": unnamed or UnnamedForm(initial={"number": meeting.unnamed_count}),
        "takes_presence": presence.takes_presence(meeting),
        "refusal": refusal,
        "conflict": conflict,
    }
    return render(request, "bodies/presence.html", context, status=status)


def _times_url(uuid: UUID | None) -> str:
    return reverse("bodies:presence-edit", args=[uuid]) if uuid is not None else ""


def _tick(request: HttpRequest, loaded: Loaded) -> HttpResponse:
    form = AtForm(request.POST)
    if not form.is_valid():
        return _list(request, loaded, form=form, status=422)
    meeting: Meeting = loaded.obj
    try:
        said = _note(request, loaded, form.moment_of(meeting))
    except Refused as refused:
        words = " ".join(refused.messages)
        return _list(request, loaded, form=form, refusal=words, status=422)
    except Conflict:
        return _list(request, loaded, form=form, status=409, conflict=True)
    messages.success(request, said)
    return redirect("bodies:presence", meeting.uuid)


def _note(request: HttpRequest, loaded: Loaded, at: datetime | None) -> str:
    meeting, actor, act = loaded.obj, loaded.actor, request.POST.get("act", "")
    if act not in ("arrive", "leave", "excuse"):
        raise Refused(_("Bitte wählen Sie eine der Schaltflächen."))
    who = _chosen(request, loaded)
    if act == "arrive":
        n = presence.arrive(meeting, who, actor=actor, at=at)
        return ngettext("%(n)s Person ist als anwesend eingetragen.",
                        "%(n)s Personen sind als anwesend eingetragen.", n) % {"n": n}  # fmt: skip
    if act == "leave":
        n = presence.leave(meeting, who, actor=actor, at=at)
        return ngettext("%(n)s Person ist als gegangen eingetragen.",
                        "%(n)s Personen sind als gegangen eingetragen.", n) % {"n": n}  # fmt: skip
    n = presence.excuse(meeting, who, actor=actor)
    return ngettext("%(n)s Person ist entschuldigt.", "%(n)s Personen sind entschuldigt.",
                    n) % {"n": n}  # fmt: skip


def _chosen(request: HttpRequest, loaded: Loaded) -> list[Attendance]:
    """The ticked people; who has a seat and no line in the list yet gets one. At most six queries,
    the same number for one and for many."""
    meeting: Meeting = loaded.obj
    stored: set[UUID] = set()
    seated: set[UUID] = set()
    for value in request.POST.getlist("who")[:MOST]:
        kind, _dash, key = value.partition("-")
        try:
            (stored if kind == "a" else seated).add(UUID(key))
        except ValueError:
            raise Refused(_("Bitte wählen Sie Personen aus der Liste.")) from None
    if not stored and not seated:
        raise Refused(_("Bitte kreuzen Sie an, um wen es geht."))
    found = list(Attendance.objects.filter(meeting=meeting, uuid__in=stored).order_by("pk"))
    holders = Holder.objects.filter(mandate__body=meeting.body_id, uuid__in=seated)
    seats = list(holders.select_related("mandate__organisation", "person").order_by("part", "pk"))
    if seats:
        found += presence.attendances_of(meeting, seats, actor=loaded.actor)
    if not found:
        raise Refused(_("Bitte wählen Sie Personen aus der Liste."))
    return found


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def guest(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """A guest or somebody of the office who stood on no list."""
    loaded = load(request, uuid)
    form = GuestForm(request.POST or None)
    title = _("Gast eintragen")
    return _add(request, loaded, form, title, lambda data: {"part": data["part"]})


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def deputy(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Somebody who is there for a seat."""
    loaded = load(request, uuid)
    seats = {str(one.uuid): one for one in queries.seats_of(loaded.obj, loaded.actor)}
    choices = [(key, _seat_words(one)) for key, one in seats.items()]
    form = DeputyForm(request.POST or None, seats=choices)

    def more(data: dict[str, Any]) -> dict[str, Any]:
        return {"part": PART.DEPUTY, "mandate": seats[data["seat"]]}

    return _add(request, loaded, form, _("Vertretung eintragen"), more)


def _seat_words(mandate: Mandate) -> str:
    names = ", ".join(holder.person.name for holder in mandate.holders.all())
    if mandate.organisation is None:
        return names
    return f"{mandate.organisation.name} ({names})" if names else mandate.organisation.name


def _add(request: HttpRequest, loaded: Loaded, form: Any, title: str, more: Any) -> HttpResponse:
    meeting: Meeting = loaded.obj
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            data = form.cleaned_data
            try:
                presence.add_person(
                    meeting, actor=loaded.actor, name=data["name"], key=once.key_from(request.POST),
                    organisation=data["organisation"], **more(data),
                )  # fmt: skip
            except Refused as refused:
                for words in refused.messages:
                    form.add_error(None, words)
            else:
                messages.success(request, _("%(name)s ist eingetragen.") % {"name": data["name"]})
                return redirect("bodies:presence", meeting.uuid)
    context = frame_of(meeting) | {"form": form, "title": title}
    return render(request, "bodies/presence_add.html", context, status=status)


@require_POST
@signed_in
def unnamed(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """How many more are there whom nobody wrote down."""
    loaded = load(request, uuid)
    form = UnnamedForm(request.POST)
    if not form.is_valid():
        return _list(request, loaded, unnamed=form, status=422)
    try:
        presence.count_unnamed(
            loaded.obj, form.cleaned_data["number"], actor=loaded.actor,
            expected=version_in(request),
        )  # fmt: skip
    except Refused as refused:
        form.add_error("number", refused.messages[0])
        return _list(request, loaded, unnamed=form, status=422)
    except Conflict:
        return _list(request, load(request, uuid), unnamed=form, status=409, conflict=True)
    messages.success(request, _("Die Zahl ist gespeichert."))
    return redirect("bodies:presence", uuid)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def edit(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Puts right when one person was there. At most twelve queries."""
    actor = actor_in(request)
    line = Attendance.objects.filter(uuid=uuid).values_list("meeting__uuid", flat=True).first()
    if line is None:
        raise Http404
    loaded = load(request, line)
    attendance = Attendance.objects.select_related("person").get(uuid=uuid)
    attendance.meeting = loaded.obj
    withheld = members.withheld_on([attendance], loaded.obj.body, actor)
    members.unname_lines([attendance], withheld)
    if request.method != "POST":
        return _edit(request, attendance, _forms(attendance))
    forms = _forms(attendance, request)
    if not forms:
        raise Refused(_("Es kamen keine Zeiten an. Bitte laden Sie die Seite neu."))
    if not all(form.is_valid() for _uuid, _version, form in forms):
        return _edit(request, attendance, forms, status=422)
    try:
        seen = {uuid: version for uuid, version, _form in forms if uuid}
        presence_times.correct(attendance, _spans(forms), actor=actor, seen=seen)
    except Refused as refused:
        forms[0][2].add_error(None, refused.messages[0])
        return _edit(request, attendance, forms, status=422)
    except Conflict:
        return _edit(request, attendance, forms, status=409)
    messages.success(request, _("Die Zeiten sind gespeichert."))
    return redirect("bodies:presence", loaded.obj.uuid)


Stays = list[tuple[str, int, StayForm]]


def _forms(attendance: Attendance, request: HttpRequest | None = None) -> Stays:
    """One form for each stay and some for more; sent ones keep which stay they were for."""
    if request is not None:
        stays, versions = request.POST.getlist("stay"), request.POST.getlist("stay_version")
        sent = list(zip(stays, versions, strict=False))[:MOST_STAYS]
        return [
            (uuid, int(version) if version.isascii() and version.isdigit() else 0,
             StayForm(request.POST, prefix=f"s{n}"))
            for n, (uuid, version) in enumerate(sent)
        ]  # fmt: skip
    found: Stays = [
        (str(stay.uuid), stay.version,
         StayForm(prefix=f"s{n}", initial={"from_at": stay.from_at, "to_at": stay.to_at}))
        for n, stay in enumerate(attendance.presences.order_by("from_at", "pk"))
    ]  # fmt: skip
    return found + [
        ("", 0, StayForm(prefix=f"s{n}")) for n in range(len(found), len(found) + SPARE_STAYS)
    ]


def _spans(forms: Stays) -> list[presence_times.Span]:
    return [
        presence_times.Span(uuid, version, form.cleaned_data["from_at"], form.cleaned_data["to_at"])
        for uuid, version, form in forms
        if form.cleaned_data.get("from_at")
    ]


def _edit(
    request: HttpRequest, attendance: Attendance, forms: Stays, *, status: int = 200
) -> HttpResponse:
    stored = list(attendance.presences.order_by("from_at", "pk")) if status == 409 else []
    if status == 409:
        # Whoever saves again has seen what stands there now.
        versions = {str(stay.uuid): stay.version for stay in stored}
        forms = [(uuid, versions.pop(uuid, version), form) for uuid, version, form in forms]
        forms += [
            (str(stay.uuid), stay.version,
             StayForm(prefix=f"s{n}", initial={"from_at": stay.from_at, "to_at": stay.to_at}))
            for n, stay in enumerate(
                (one for one in stored if str(one.uuid) in versions), start=len(forms)
            )
        ]  # fmt: skip
    context = frame_of(attendance.meeting) | {
        "attendance": attendance, "forms": forms, "stored": stored, "conflict": status == 409,
        "faulty": [form for _uuid, _version, form in forms if form.errors],
    }  # fmt: skip
    return render(request, "bodies/presence_edit.html", context, status=status)


@require_safe
@signed_in
def code(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The QR code that leads to checking in, for the screen in the room."""
    meeting: Meeting = load(request, uuid).obj
    path = reverse("bodies:check-in", args=[meeting.check_in_code])
    address = base_url(meeting.body.network) + path
    context = frame_of(meeting) | {"address": address, "svg": qr_svg(address)}
    return render(request, "bodies/presence_code.html", context)


def qr_svg(address: str) -> SafeString:
    """The address as a QR code: an SVG to stand in the page, without XML declaration."""
    import qrcode  # 8 MB with PIL and lxml: only where a code is shown
    from qrcode.image.svg import SvgPathImage

    image = qrcode.make(address, image_factory=SvgPathImage, box_size=12, border=2)
    found = BytesIO()
    image.save(found)
    return mark_safe(found.getvalue().decode().partition("?>")[2].strip())


@require_http_methods(["GET", "HEAD", "POST"])
def check_in(request: HttpRequest, code: str) -> HttpResponse:
    """Where the QR code leads: one button. 404 for a wrong code and while no meeting runs, and for
    who may not take part."""
    rows = Meeting.objects.filter(check_in_code=code, state=Meeting.State.RUNNING)
    wanted = rows.values_list("uuid", flat=True).first()
    if wanted is None:
        raise Http404
    loaded = load_present(request, wanted)
    if loaded is None:
        return redirect_to_login(request.get_full_path())
    _must_take_part(loaded)
    if request.method == "POST":
        presence.check_in(loaded.obj, actor=loaded.actor)
        messages.success(request, _("Sie sind eingecheckt."))
        return redirect("bodies:live", wanted)
    return render(request, "bodies/presence_check_in.html", frame_of(loaded.obj))


def _must_take_part(loaded: Loaded) -> None:
    attends = has(frame.MEETING_ATTEND, loaded.actor, loaded.obj)
    if not attends and queries.line_by_link(loaded.actor, loaded.obj.uuid) is None:
        raise NotAllowed(frame.MEETING_ATTEND)


@require_POST
def here(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The person on the page for those present comes or goes."""
    loaded = load_present(request, uuid)
    if loaded is None:
        return redirect_to_login(reverse("bodies:live", args=[uuid]))
    try:
        if request.POST.get("act") == "leave":
            presence.check_out(loaded.obj, actor=loaded.actor)
            said = _("Sie sind als gegangen eingetragen.")
        else:
            presence.check_in(loaded.obj, actor=loaded.actor)
            said = _("Sie sind eingecheckt.")
    except Refused as refused:
        return live_page(request, loaded, refusal=" ".join(refused.messages), status=422)
    messages.success(request, said)
    return redirect("bodies:live", uuid)
