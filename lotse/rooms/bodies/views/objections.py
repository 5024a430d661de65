"""Objections to minutes: raised signed in or by the personal link of the mail, answered."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from lotse.foundation.accounts import guests
from lotse.foundation.core import limits, once
from lotse.foundation.core.errors import Conflict, NotAllowed, Refused
from lotse.foundation.core.permissions import has
from lotse.foundation.procedures import queries as procedures
from lotse.foundation.procedures.models import Objection, ObjectionPeriod
from lotse.foundation.ui.forms import version_in
from lotse.foundation.ui.guard import signed_in
from lotse.rooms.bodies import forms_minutes as forms
from lotse.rooms.bodies.mails_minutes import day_words, is_token
from lotse.rooms.bodies.models import Attendance, Minutes
from lotse.rooms.bodies.services import objections
from lotse.rooms.bodies.services.minutes import WRITE
from lotse.rooms.bodies.services.objections import OBJECT
from lotse.rooms.bodies.services.recording import content_of
from lotse.rooms.bodies.views.forming import Both, FormPage, differences, form_page
from lotse.rooms.bodies.views.minutes_acts import data_of
from lotse.rooms.bodies.views.minutes_frame import Reading, is_free, items_in, load

METHODS = ["GET", "HEAD", "POST"]


@require_safe
def open_link(request: HttpRequest, uuid: UUID, token: str) -> HttpResponse:
    """Remembers the personal link in this browser and leads on to an address without the secret
    (rulings 19). A wrong or old one counts against the limit of this address."""
    row = Attendance.objects.filter(uuid=uuid).select_related("meeting__minutes").first()
    minutes = getattr(row.meeting, "minutes", None) if row else None
    period = procedures.latest_period(minutes) if minutes else None
    if row is None or period is None or not is_token(token, period.uuid, row.uuid):
        limits.hit("bodies.objection.failed", limits.address_of(request))
        return render(request, "bodies/minutes_link_gone.html", status=404)
    if period.state_at() != ObjectionPeriod.State.RUNNING or not is_free(row):
        return render(request, "bodies/minutes_link_gone.html", {"over": True}, status=410)
    guests.remember(request, [row.uuid])
    response = redirect("bodies:minutes", row.meeting.uuid)
    response.status_code = 303
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex"
    return response


@require_http_methods(METHODS)
def new(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Raises an objection to an item or to the whole."""
    reading = load(request, uuid)
    if reading.revision is None or not reading.inside:
        raise Http404
    if reading.attendance is None and not has(OBJECT, reading.actor, reading.minutes):
        raise NotAllowed(OBJECT)
    if not reading.is_running and request.method != "POST":
        messages.info(request, _("Die Frist für Einwände ist vorbei."))
        return redirect("bodies:minutes", uuid)
    items = [(item["uuid"], words) for item, words in items_in(content_of(reading.revision))]
    form = forms.ObjectForm(
        data_of(request), items=items,
        initial={"item": request.GET.get("top", "")},
    )  # fmt: skip

    def act(values: dict[str, Any]) -> str:
        objections.object_to_minutes(
            reading.minutes, actor=reading.actor, attendance=reading.attendance,
            part=values["item"], kind=values["kind"], words=values["words"],
            key=once.key_from(request.POST),
        )  # fmt: skip
        return reverse("bodies:minutes", args=[uuid]) + "#einwaende"

    return form_page(request, form, FormPage(
        title=_("Einwand erheben"), submit=_("Einwand senden"), way=reading.ways, act=act,
        intro=_("Möglich bis zum %(day)s. Vorsitz, Schriftführung und Geschäftsstelle lesen Ihren "
                "Einwand und antworten Ihnen.") % {"day": _until(reading)},
        done=_("Ihr Einwand ist angekommen. Sie bekommen eine Antwort."),
    ))  # fmt: skip


def _until(reading: Reading) -> str:
    return day_words(reading.period) if reading.period else ""


def _about(uuid: UUID) -> tuple[Objection, Minutes]:
    rows = Objection.objects.select_related("period", "person")
    try:
        found = rows.get(uuid=uuid)
        return found, objections.minutes_of(found)
    except (Objection.DoesNotExist, Minutes.DoesNotExist):
        raise Http404 from None


@require_http_methods(METHODS)
@signed_in
def answer(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Says what comes of an objection; for who writes the minutes."""
    found, minutes = _about(uuid)
    reading = load(request, minutes.meeting.uuid, WRITE)
    form = forms.AnswerForm(data_of(request))

    def act(values: dict[str, Any]) -> str:
        objections.answer(
            found, actor=reading.actor, expected=version_in(request), words=values["words"],
            accepted=values["accepted"] == "yes",
        )  # fmt: skip
        return reverse("bodies:minutes", args=[minutes.meeting.uuid]) + "#einwaende"

    def now(current: Objection, typed: dict[str, Any]) -> list[Both]:
        state = {"words": current.answer,
                 "accepted": "yes" if current.state == "accepted" else "no"}  # fmt: skip
        return differences(form, state, typed)

    return form_page(request, form, FormPage(
        title=_("Einwand beantworten"), submit=_("Antwort senden"), way=reading.ways, act=act,
        intro=_("Der Einwand: „%(words)s“") % {"words": found.text}, version=found.version,
        stored=now, done=_("Die Antwort ist gespeichert und verschickt."),
    ))  # fmt: skip


@require_POST
def withdraw(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Takes the own objection back."""
    found, minutes = _about(uuid)
    reading = load(request, minutes.meeting.uuid)
    if not reading.is_own(found):
        if reading.writes:
            raise NotAllowed(OBJECT)
        raise Http404
    try:
        objections.withdraw(
            found, actor=reading.actor, expected=version_in(request), attendance=reading.attendance
        )
    except Refused as refused:
        messages.warning(request, " ".join(refused.messages))
    except Conflict:
        messages.warning(request, _("Inzwischen hat sich der Einwand geändert. Bitte sehen Sie "
                                    "nach."))  # fmt: skip
    else:
        messages.success(request, _("Ihr Einwand ist zurückgezogen."))
    return redirect(reverse("bodies:minutes", args=[minutes.meeting.uuid]) + "#einwaende")
