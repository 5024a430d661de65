"""Joint appointments of several partners in one region (S2-15)."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from lotse.foundation.core import clock, once
from lotse.foundation.core.actor import Actor
from lotse.foundation.core.errors import Conflict, NotAllowed, Refused
from lotse.foundation.core.permissions import get_visible, has, visible
from lotse.foundation.core.ref import Ref
from lotse.foundation.matters.permissions import keeps_in
from lotse.foundation.matters.queries import matters_with
from lotse.foundation.parties.here import actor_in
from lotse.foundation.parties.models import Network, Organisation
from lotse.foundation.topics.models import Region
from lotse.foundation.ui import listing
from lotse.foundation.ui.forms import version_in
from lotse.foundation.ui.guard import signed_in
from lotse.rooms.bodies.forms_between import AppointmentForm
from lotse.rooms.bodies.models import Appointment
from lotse.rooms.bodies.queries.calendar import event_of, host, of_appointment
from lotse.rooms.bodies.services import appointments
from lotse.rooms.bodies.views.between import Above, Page, form_page, refuse
from lotse.rooms.bodies.views.matters import here

VIEW, EDIT = "bodies.appointment.view", appointments.EDIT
COLUMNS = (
    listing.Column("title", gettext_lazy("Gemeinsamer Termin"), 48),
    listing.Column("starts_at", gettext_lazy("Beginn"), 24),
    listing.Column("ends_at", gettext_lazy("Ende"), 24),
    listing.Column("place", gettext_lazy("Ort"), 30),
    listing.Column("region", gettext_lazy("Region"), 24),
    listing.Column("organisations", gettext_lazy("Organisationen"), 60),
)


def above(one: Appointment | None = None) -> Above:
    """The way up from a page."""
    found = [(reverse("bodies:calendar"), _("Kalender")),
             (reverse("bodies:appointments"), _("Gemeinsame Termine"))]  # fmt: skip
    if one is not None:
        found.append((reverse("bodies:appointment", args=[one.uuid]), one.title))
    return found


def _partners(one: Appointment) -> list[Organisation]:
    """From what was read ahead, in order."""
    return sorted(one.organisations.all(), key=lambda each: each.name)


@require_safe
@signed_in
def index(request: HttpRequest) -> HttpResponse:
    """Appointments of the network, those to come unless others are asked for. At most eight
    queries."""
    network, actor = here(request), actor_in(request)
    rows = visible(VIEW, actor, Appointment.objects.filter(network=network))
    regions = Region.objects.filter(
        pk__in=rows.order_by().values("region")
    ).order_by("name")  # fmt: skip

    def row(one: Appointment) -> listing.Row:
        return {
            "title": listing.Cell(
                one.title, url=reverse("bodies:appointment", args=[one.uuid]),
                note=_("abgesagt") if one.cancelled_at else "",
            ),
            "starts_at": one.starts_at,
            "ends_at": one.ends_at,
            "place": one.place,
            "region": one.region.name if one.region else "",
            "organisations": ", ".join(each.name for each in _partners(one)),
        }  # fmt: skip

    shown = rows.select_related("region").prefetch_related("organisations")
    if not request.GET.get("zeit"):
        shown = shown.filter(ends_at__gte=clock.now())
    found = listing.build(
        request, title=_("Gemeinsame Termine"), columns=COLUMNS,
        source=shown.order_by("starts_at", "pk"),
        rows=lambda found: [row(one) for one in found],
        filters=[
            listing.Filter(
                "region", _("Region"), lambda rows, value: rows.filter(region__key=value),
                [(one.key, one.name) for one in regions],
            ),
            listing.Filter("zeit", _("Zeit"), _by_time, _TIMES),
        ],
        search=_search,
        empty=_("Hier stehen Termine, zu denen mehrere Partner gemeinsam gehen, zum Beispiel der "
                "Besuch eines Betriebs."),
    )  # fmt: skip
    context = {"may_make": appointments.may_make(actor, network)}
    return listing.answer(request, found, "bodies/appointments.html", context, name="termine")


_TIMES = [("alle", gettext_lazy("auch vergangene")), ("vorbei", gettext_lazy("nur vergangene"))]


def _by_time(rows: QuerySet[Appointment], value: str) -> QuerySet[Appointment]:
    return rows.filter(ends_at__lt=clock.now()) if value == "vorbei" else rows


def _search(rows: QuerySet[Appointment], word: str) -> QuerySet[Appointment]:
    named = Appointment.organisations.through.objects.filter(organisation__name__icontains=word)
    return rows.filter(
        Q(title__icontains=word) | Q(place__icontains=word) | Q(text__icontains=word)
        | Q(pk__in=named.values("appointment"))
    )  # fmt: skip


def _load(request: HttpRequest, uuid: UUID, code: str = VIEW) -> tuple[Appointment, Actor]:
    actor = actor_in(request)
    rows = Appointment.objects.select_related("network", "region")
    return get_visible(code, actor, uuid, rows, also=(EDIT,)), actor


@require_safe
@signed_in
def detail(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One appointment. At most twelve queries."""
    one, actor = _load(request, uuid)
    ref = Ref.to(one)
    context = {
        "one": one,
        "partners": _partners(one),
        "may_edit": one.cancelled_at is None and has(EDIT, actor, one),
        "may_tie": keeps_in(actor, one.network_id),
        "ref": ref,
        "matters": list(matters_with(ref, actor)),
    }
    return render(request, "bodies/appointment.html", context)


@require_safe
@signed_in
def file(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One appointment for a calendar program."""
    from lotse.foundation.core.ical import calendar

    one, _actor = _load(request, uuid)
    content = calendar(one.title, [event_of(of_appointment(one))], host=host())
    return ics(content, "termin.ics")


def ics(content: bytes, name: str) -> HttpResponse:
    """A file that no cache keeps."""
    response = HttpResponse(content, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    return response


def _form(actor: Actor, network: Network, data: Any = None, **kwargs: Any) -> AppointmentForm:
    """The form with what can be chosen. Two queries."""
    partners = Organisation.objects.filter(network=network).order_by("name", "pk")
    return AppointmentForm(
        data, organisations=visible("parties.organisation.view", actor, partners),
        regions=Region.objects.order_by("name", "key"), **kwargs,
    )  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def new(request: HttpRequest) -> HttpResponse:
    """A new appointment."""
    network, actor = here(request), actor_in(request)
    if not appointments.may_make(actor, network):
        raise NotAllowed(EDIT)
    page = Page(
        _("Gemeinsamen Termin anlegen"), above(), _("Termin anlegen"),
        reverse("bodies:appointments"), hint=_("Alle im Netzwerk können den Termin sehen."),
    )  # fmt: skip
    if request.method != "POST":
        return form_page(request, page, _form(actor, network))
    form = _form(actor, network, request.POST)
    if form.is_valid():
        try:
            made = appointments.create_appointment(
                network, actor=actor, key=once.key_from(request.POST), **form.values()
            )
        except Refused as refused:
            refuse(form, refused)
        else:
            messages.success(request, _("Der Termin ist angelegt."))
            return redirect("bodies:appointment", made.uuid)
    return form_page(request, page, form, status=422)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def edit(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Another time, place or circle."""
    one, actor = _load(request, uuid, EDIT)
    if request.method != "POST":
        form = _form(actor, one.network, initial=AppointmentForm.initial_of(one))
        return _edit_page(request, one, form)
    form = _form(actor, one.network, request.POST)
    if not form.is_valid():
        return _edit_page(request, one, form, version=version_in(request), status=422)
    try:
        appointments.change_appointment(
            one, actor=actor, expected=version_in(request), **form.values()
        )
    except Refused as refused:
        refuse(form, refused)
        return _edit_page(request, one, form, version=version_in(request), status=422)
    except Conflict as conflict:
        if conflict.current is None:
            raise Http404 from None
        return _edit_page(request, conflict.current, form, status=409)
    messages.success(request, _("Der Termin ist gespeichert. Verbundene Kalender folgen."))
    return redirect("bodies:appointment", uuid)


def _edit_page(
    request: HttpRequest, one: Appointment, form: AppointmentForm, *, version: int | None = None,
    status: int = 200,
) -> HttpResponse:  # fmt: skip
    page = Page(
        _("Gemeinsamen Termin ändern"), above(one), _("Termin speichern"),
        reverse("bodies:appointment", args=[one.uuid]),
        version=one.version if version is None else version,
    )  # fmt: skip
    stored = AppointmentForm.initial_of(one) if status == 409 else None
    return form_page(request, page, form, stored=stored, status=status)


@require_POST
@signed_in
def cancel(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Calls an appointment off."""
    one, actor = _load(request, uuid, EDIT)
    appointments.cancel_appointment(one, actor=actor, expected=version_in(request))
    messages.success(request, _("Der Termin ist abgesagt. Verbundene Kalender nehmen ihn heraus."))
    return redirect("bodies:appointment", uuid)
