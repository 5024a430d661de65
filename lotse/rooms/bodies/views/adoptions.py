"""Who adopts a decision together with the body, and when."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from lotse.foundation.core import once
from lotse.foundation.core.errors import Conflict, Refused
from lotse.foundation.ui.forms import version_in
from lotse.foundation.ui.guard import signed_in
from lotse.rooms.bodies.forms_outcomes import AdoptionForm, DayForm
from lotse.rooms.bodies.models import JointAdoption, Outcome
from lotse.rooms.bodies.queries.outcomes import adoptions_of, row_of
from lotse.rooms.bodies.services import joint_adoptions as services
from lotse.rooms.bodies.services.writing import is_open
from lotse.rooms.bodies.views.at_item import At, cockpit_of, load_outcome, load_part
from lotse.rooms.bodies.views.frame import MEETING_RUN


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def index(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The list, with a form for one more."""
    at, outcome = load_outcome(request, uuid)
    form = AdoptionForm(request.POST if request.method == "POST" else None)
    if request.method != "POST":
        return _page(request, at, outcome, form)
    if not form.is_valid():
        return _page(request, at, outcome, form, status=422)
    try:
        services.add_adoption(
            outcome, actor=at.actor, key=once.key_from(request.POST), **form.cleaned_data
        )
    except Refused as refused:
        for message in refused.messages:
            form.add_error(None, message)
        return _page(request, at, outcome, form, status=422)
    return redirect("bodies:outcome-adoptions", outcome.uuid)


@require_POST
@signed_in
def day(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The day of one of them."""
    at, adoption = _load(request, uuid)
    form = DayForm(request.POST)
    if not form.is_valid():
        return _page(request, at, adoption.outcome, AdoptionForm(), status=422,
                     said=[str(one) for one in form.errors["adopted_on"]])  # fmt: skip
    try:
        services.date_adoption(
            adoption, actor=at.actor, expected=version_in(request),
            adopted_on=form.cleaned_data["adopted_on"],
        )  # fmt: skip
    except Conflict:
        said = [_("Inzwischen wurde hier ein anderer Tag gespeichert: er steht jetzt in der Liste. "
                  "Tragen Sie Ihren bitte noch einmal ein, wenn er gilt.")]  # fmt: skip
        return _page(request, at, adoption.outcome, AdoptionForm(), status=409, said=said)
    messages.success(request, _("Gespeichert."))
    return redirect("bodies:outcome-adoptions", adoption.outcome.uuid)


@require_POST
@signed_in
def remove(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Takes one off the list."""
    at, adoption = _load(request, uuid)
    outcome = adoption.outcome
    try:
        services.remove_adoption(adoption, actor=at.actor)
    except Refused as refused:
        messages.error(request, " ".join(refused.messages))
    return redirect("bodies:outcome-adoptions", outcome.uuid)


def _load(request: HttpRequest, uuid: UUID) -> tuple[At, JointAdoption]:
    return load_part(
        request, JointAdoption, "outcome__item__meeting", uuid, MEETING_RUN,
        "outcome__speaker", "outcome__annex", "outcome__answer_to", "outcome__replaces",
    )  # fmt: skip


def _page(
    request: HttpRequest, at: At, outcome: Outcome, form: AdoptionForm, *, status: int = 200,
    said: list[str] | None = None,
) -> HttpResponse:  # fmt: skip
    if said:
        form = AdoptionForm({"who": "-"})
        form.errors.clear()
        for message in said:
            form.add_error(None, message)
    context = {
        "at": at, "item": at.item, "meeting": at.meeting, "number": at.number, "form": form,
        "cockpit": cockpit_of(at.meeting), "here": reverse("bodies:outcomes", args=[at.item.uuid]),
        "row": row_of(outcome), "adoptions": adoptions_of(outcome), "open": is_open(at.meeting),
        "key": once.key_from(request.POST) if status == 422 else once.new_key(),
    }  # fmt: skip
    return render(request, "bodies/outcome_adoptions.html", context, status=status)
