"""Outcomes of an item: typed as they happen, changed, put in order, deleted."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from lotse.foundation.core import once
from lotse.foundation.core.errors import Conflict, Refused
from lotse.foundation.measures.models import Measure
from lotse.foundation.ui.forms import version_in
from lotse.foundation.ui.guard import signed_in
from lotse.rooms.bodies.content.outcome_kinds import FIELDS, KIND
from lotse.rooms.bodies.forms_outcomes import OutcomeForm
from lotse.rooms.bodies.models import Outcome
from lotse.rooms.bodies.queries.outcome_choices import offered_for
from lotse.rooms.bodies.queries.outcomes import kinds_of, panel_of, row_of
from lotse.rooms.bodies.services import outcomes as services
from lotse.rooms.bodies.services.writing import is_open
from lotse.rooms.bodies.views.at_item import At, cockpit_of, load_item, load_outcome, way_back

SWITCH = "switch"


@require_safe
@signed_in
def index(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """All outcomes of an item, with what can be done to each. Up to eight queries."""
    at = load_item(request, uuid)
    return render(
        request, "bodies/outcomes.html",
        _around(at) | {"panel": panel_of(at.item, at.actor), "open": is_open(at.meeting)},
    )  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def new(request: HttpRequest, uuid: UUID, kind: str) -> HttpResponse:
    """A new outcome. Another kind may be chosen in the form: then its fields are shown with what
    was typed; nothing is stored by that."""
    at = load_item(request, uuid)
    kind = str(request.POST.get("kind", kind))
    if kind not in FIELDS or (request.method != "POST" and kind not in dict(kinds_of(at.item))):
        raise Http404
    offered = offered_for(at.item, kind, actor=at.actor)
    begun = {"text": request.POST.get("text", _begun_with(at, kind))}
    if request.method != "POST" or request.POST.get("go") == SWITCH:
        return _new_page(request, at, OutcomeForm(kind=kind, offered=offered, initial=begun))
    form = OutcomeForm(request.POST, kind=kind, offered=offered)
    if not form.is_valid():
        asked = [name for name in form.errors if name in form.data or name == "text"]
        if form.errors and not asked and "quick" in request.POST:
            # Typed in the short form: this kind needs more than its text.
            form = OutcomeForm(kind=kind, offered=offered, initial=begun)
            return _new_page(request, at, form)
        return _new_page(request, at, form, status=422)
    try:
        outcome = services.add_outcome(
            at.item, actor=at.actor, kind=kind, words=form.cleaned_data["text"],
            key=once.key_from(request.POST), speaker=form.said_by(), agreed=form.agreed(),
            confirmed=bool(form.cleaned_data.get("confirm")), **form.values(),
        )  # fmt: skip
    except Refused as refused:
        return _new_page(request, at, _told(form, refused), status=422)
    messages.success(request, _("Festgehalten: %(what)s.") % {"what": row_of(outcome).title})
    return redirect(way_back(request, at))


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def change(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One outcome in its form."""
    at, outcome = load_outcome(request, uuid)
    offered = offered_for(at.item, outcome.kind, outcome, actor=at.actor)
    data = request.POST if request.method == "POST" else None
    form = OutcomeForm(data, kind=outcome.kind, offered=offered, outcome=outcome)
    if data is None:
        return _change_page(request, at, outcome, form)
    if not form.is_valid():
        return _change_page(request, at, outcome, form, status=422)
    try:
        services.change_outcome(
            outcome, actor=at.actor, expected=version_in(request),
            words=form.cleaned_data["text"], speaker=form.said_by(),
            keep_speaker=form.keeps_speaker(), confirmed=bool(form.cleaned_data.get("confirm")),
            **form.values(),
        )  # fmt: skip
    except Refused as refused:
        return _change_page(request, at, outcome, _told(form, refused), status=422)
    except Conflict as conflict:
        stored = Outcome.objects.select_related(
            "speaker", "annex", "answer_to", "replaces__item__meeting"
        )
        now = stored.filter(pk=outcome.pk).first()
        if conflict.current is None or now is None:
            return _gone(request, at, form)
        return _change_page(request, at, now, form, status=409)
    messages.success(request, _("Gespeichert."))
    return redirect(way_back(request, at))


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def delete(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Asks once, then deletes; says which measures go along."""
    at, outcome = load_outcome(request, uuid)
    faults: tuple[str, ...] = ()
    if request.method == "POST":
        try:
            services.delete_outcome(outcome, actor=at.actor)
        except Refused as refused:
            faults = refused.messages
        else:
            messages.success(request, _("Gelöscht."))
            return redirect(way_back(request, at))
    found = Measure.objects.filter(origin_type="bodies.outcome", origin_uuid=outcome.uuid)
    context = _around(at) | {
        "row": row_of(outcome), "faults": faults, "back": way_back(request, at),
        "measures": list(found.filter(whole=None).values_list("title", flat=True)),
    }  # fmt: skip
    return render(request, "bodies/outcome_delete.html", context, status=422 if faults else 200)


@require_POST
@signed_in
def move(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One place up or down."""
    at, outcome = load_outcome(request, uuid)
    try:
        services.move_outcome(
            outcome, actor=at.actor, up=request.POST.get("go") == "up",
            key=once.key_from(request.POST),
        )  # fmt: skip
    except Refused as refused:
        messages.error(request, " ".join(refused.messages))
    return redirect(way_back(request, at))


def _begun_with(at: At, kind: str) -> str:
    """The proposed wording, where there is one and the decision is still to come."""
    return at.item.proposal if kind == KIND.DECISION else ""


def _told(form: OutcomeForm, refused: Refused) -> OutcomeForm:
    """What the service said, on top of the form; a question with the box to confirm it."""
    form.doubtful = isinstance(refused, services.Doubtful)
    for message in refused.messages:
        form.add_error(None, message)
    return form


def _around(at: At) -> dict[str, Any]:
    return {
        "at": at, "item": at.item, "meeting": at.meeting, "number": at.number,
        "cockpit": cockpit_of(at.meeting), "here": reverse("bodies:outcomes", args=[at.item.uuid]),
    }  # fmt: skip


def _new_page(
    request: HttpRequest, at: At, form: OutcomeForm, *, status: int = 200
) -> HttpResponse:
    context = _around(at) | {
        "form": form, "kind": form.kind,
        "kinds": kinds_of(at.item), "back": way_back(request, at),
        "key": once.key_from(request.POST) if status == 422 else once.new_key(),
    }  # fmt: skip
    return render(request, "bodies/outcome_new.html", context, status=status)


def _change_page(
    request: HttpRequest, at: At, outcome: Outcome, form: OutcomeForm, *, status: int = 200
) -> HttpResponse:
    context = _around(at) | {
        "form": form, "outcome": outcome, "row": row_of(outcome), "conflict": status == 409,
        "version": outcome.version if status == 409 else version_in(request) or outcome.version,
        "back": way_back(request, at),
    }  # fmt: skip
    return render(request, "bodies/outcome_change.html", context, status=status)


def _gone(request: HttpRequest, at: At, form: OutcomeForm) -> HttpResponse:
    """Somebody deleted it meanwhile: what was typed is shown to be kept."""
    context = _around(at) | {"words": form.cleaned_data["text"]}
    return render(request, "bodies/outcome_gone.html", context, status=409)
