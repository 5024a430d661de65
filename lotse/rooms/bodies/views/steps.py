"""Steps of a matter: planned, changed, put in order, removed."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from lotse.foundation.core import once
from lotse.foundation.core.actor import Actor
from lotse.foundation.core.errors import Conflict, NotAllowed, Refused
from lotse.foundation.core.permissions import has, visible
from lotse.foundation.matters import steps
from lotse.foundation.matters.models import Matter, Step
from lotse.foundation.parties.here import actor_in
from lotse.foundation.parties.models import Body
from lotse.foundation.ui.forms import version_in
from lotse.foundation.ui.guard import signed_in
from lotse.rooms.bodies.forms_between import StepForm
from lotse.rooms.bodies.views import frame
from lotse.rooms.bodies.views.between import Page, form_page, refuse
from lotse.rooms.bodies.views.matters import KEEP, VIEW, above, load


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def new(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """A new step or station of a matter."""
    matter, actor = load(request, uuid, keep=True)
    kind = request.GET.get("art", "")
    initial = {"kind": kind if kind in Step.Kind.values else Step.Kind.STEP}
    page = Page(
        _("Schritt planen"), above(matter), _("Schritt anlegen"),
        reverse("bodies:matter", args=[uuid]),
    )  # fmt: skip
    if request.method != "POST":
        return form_page(request, page, StepForm(initial=initial, bodies=_bodies(matter, actor)))
    form = StepForm(request.POST, bodies=_bodies(matter, actor))
    if form.is_valid():
        try:
            steps.add_step(
                matter, actor=actor, key=once.key_from(request.POST), **form.cleaned_data
            )
        except Refused as refused:
            refuse(form, refused)
        else:
            messages.success(request, _("Der Schritt ist angelegt."))
            return redirect("bodies:matter", uuid)
    return form_page(request, page, form, status=422)


def _bodies(matter: Matter, actor: Actor) -> list[Body]:
    rows = Body.objects.filter(network=matter.network_id).order_by("name", "pk")
    return list(visible(frame.VIEW, actor, rows))


def _load(request: HttpRequest, uuid: UUID) -> tuple[Step, Actor]:
    """A step by the rights of its matter. Raises Http404, NotAllowed."""
    actor = actor_in(request)
    matters = visible(VIEW, actor, Matter.objects.all())
    step = (
        Step.objects.select_related("matter__network", "body")
        .filter(uuid=uuid, matter__in=matters)
        .first()
    )
    if step is None:
        raise Http404
    if not has(KEEP, actor, step.matter):
        raise NotAllowed(KEEP)
    return step, actor


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def edit(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Other words or days for a step, and what came of it."""
    step, actor = _load(request, uuid)
    bodies = _bodies(step.matter, actor)
    if request.method != "POST":
        form = StepForm(initial=StepForm.initial_of(step), bodies=bodies, kept=step.body)
        return _page(request, step, form, version=step.version)
    form = StepForm(request.POST, bodies=bodies, kept=step.body)
    if not form.is_valid():
        return _page(request, step, form, version=version_in(request), status=422)
    try:
        steps.change_step(step, actor=actor, expected=version_in(request), **form.cleaned_data)
    except Refused as refused:
        refuse(form, refused)
        return _page(request, step, form, version=version_in(request), status=422)
    except Conflict as conflict:
        if conflict.current is None:
            raise Http404 from None
        stored = StepForm.initial_of(conflict.current)
        # The form holds the body itself, the stored value names it.
        form.cleaned_data["body"] = form.data.get("body", "")
        return _page(request, step, form, version=conflict.current.version, status=409,
                     stored=stored)  # fmt: skip
    messages.success(request, _("Der Schritt ist gespeichert."))
    return redirect("bodies:matter", step.matter.uuid)


def _page(
    request: HttpRequest, step: Step, form: StepForm, *, version: int, status: int = 200,
    stored: dict[str, Any] | None = None,
) -> HttpResponse:  # fmt: skip
    page = Page(
        _("Schritt ändern"), above(step.matter), _("Schritt speichern"),
        reverse("bodies:matter", args=[step.matter.uuid]), version=version,
    )  # fmt: skip
    return form_page(request, page, form, stored=stored, status=status)


@require_POST
@signed_in
def move(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One place up or down, or out of the plan."""
    step, actor = _load(request, uuid)
    if "remove" in request.POST:
        steps.remove_step(step, actor=actor, expected=version_in(request))
        messages.success(request, _("Der Schritt ist entfernt."))
    else:
        steps.place_step(
            step, actor=actor, up="up" in request.POST, key=once.key_from(request.POST)
        )
    return redirect("bodies:matter", step.matter.uuid)
