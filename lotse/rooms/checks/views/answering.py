"""One checkpoint a page: answer, draft, forth and back."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.formats import time_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from lotse.foundation.core import clock, once
from lotse.foundation.core.errors import Conflict
from lotse.foundation.core.models import Entity
from lotse.foundation.ui.forms import version_back, version_in
from lotse.rooms.checks.content import Checkpoint, label_of
from lotse.rooms.checks.forms import AnswerForm, ScopeForm
from lotse.rooms.checks.models import Answer
from lotse.rooms.checks.queries.library import scope_text
from lotse.rooms.checks.services import answers, assessments
from lotse.rooms.checks.views.loading import Loaded, load


@require_http_methods(["GET", "HEAD", "POST"])
def checkpoint(request: HttpRequest, uuid: UUID, number: int) -> HttpResponse:
    """Shows and saves one checkpoint. Saving: eight queries, whatever the length of the check."""
    try:
        loaded = load(request, uuid, edit=True)
    except Http404:
        if request.method == "POST":
            return _locked_out(request)
        raise
    point = loaded.point(number)
    if request.method != "POST":
        return _page(request, loaded, point)
    form = AnswerForm(point, request.POST)
    if not form.is_valid():
        return _page(request, loaded, point, form=form, status=422)
    try:
        answers.save_answer(
            loaded.assessment,
            actor=loaded.actor,
            checkpoint=point.id,
            data=form.as_input(),
            expected=version_in(request),
            key=once.key_from(request.POST),
        )
    except Conflict as conflict:
        return _page(request, loaded, point, form=form, stored=conflict.current, status=409)
    return _onward(request, loaded, number)


def _locked_out(request: HttpRequest) -> HttpResponse:
    """The session ended or the link was replaced while a person wrote: the text comes back."""
    typed = [str(request.POST.get(name, ""))[:20_000] for name in ("note", "own")]
    context = {"texts": [text for text in typed if text.strip()]}
    return render(request, "checks/locked_out.html", context, status=404)


def _onward(request: HttpRequest, loaded: Loaded, number: int) -> HttpResponse:
    """Where the pressed button leads."""
    uuid, last = loaded.assessment.uuid, len(loaded.view.checkpoints)
    go = request.POST.get("go", "next")
    if go == "pause":
        return redirect("checks:links" if loaded.may_decide else "checks:result", uuid)
    if go == "result" or (go == "next" and number >= last):
        return redirect("checks:result", uuid)
    if go == "back":
        return redirect("checks:checkpoint", uuid, max(1, number - 1))
    if go.isascii() and go.isdigit() and len(go) <= 2 and 1 <= int(go) <= last:
        return redirect("checks:checkpoint", uuid, int(go))
    return redirect("checks:checkpoint", uuid, number + 1)


def _page(
    request: HttpRequest,
    loaded: Loaded,
    point: Checkpoint,
    *,
    form: AnswerForm | None = None,
    stored: Entity | None = None,
    status: int = 200,
) -> HttpResponse:
    found = {answer.checkpoint: answer for answer in loaded.assessment.answers.all()}
    answer = found.get(point.id)
    steps = [
        (other.number, other.title, *label_of(other, _level(found.get(other.id))))
        for other in loaded.view.checkpoints
    ]
    context = {
        "loaded": loaded,
        "assessment": loaded.assessment,
        "view": loaded.view,
        "scope": scope_text(loaded.assessment),
        "point": point,
        "form": form or AnswerForm.for_answer(point, answer),
        "stored": stored,
        "stored_label": label_of(point, stored.level)[0] if isinstance(stored, Answer) else "",
        "version": version_back(request, answer.version if answer else 0, status),
        "steps": steps,
        "last": len(steps),
        "key": request.POST.get(once.FIELD) if status == 422 else once.new_key(),
    }
    return render(request, "checks/checkpoint.html", context, status=status)


def _level(answer: Answer | None) -> str:
    return answer.level if answer else ""


@require_POST
def draft(request: HttpRequest, uuid: UUID, number: int) -> HttpResponse:
    """Saves the page as it stands and says when; sent by htmx while a person types."""
    loaded = load(request, uuid, edit=True)
    point = loaded.point(number)
    form = AnswerForm(point, request.POST)
    if not form.is_valid():
        text = _("Noch nicht gespeichert: %(why)s") % {
            "why": " ".join(str(m) for found in form.errors.values() for m in found)
        }
        return render(request, "checks/_draft.html", {"text": text, "bad": True}, status=422)
    try:
        saved = answers.save_answer(
            loaded.assessment,
            actor=loaded.actor,
            checkpoint=point.id,
            data=form.as_input(),
            expected=version_in(request),
            key=once.key_from(request.POST),
            draft=True,
        )
    except Conflict:
        text = _("Nicht gespeichert: An anderer Stelle wurde inzwischen etwas geändert. "
                 "Beim Absenden sehen Sie beide Fassungen.")  # fmt: skip
        return render(request, "checks/_draft.html", {"text": text, "bad": True}, status=409)
    at = time_format(timezone.localtime(clock.now()), "H:i")
    context = {
        "text": _("Entwurf gespeichert um %(time)s Uhr") % {"time": at},
        "version": saved.version if saved else None,
    }
    return render(request, "checks/_draft.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def scope(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """For whom the check is done, changed later."""
    loaded = load(request, uuid, edit=True)
    assessment = loaded.assessment
    initial = {
        "organisation_name": assessment.organisation_name,
        "scope": assessment.scope,
        "unit": assessment.unit,
    }
    form = ScopeForm(request.POST if request.method == "POST" else None, initial=initial)
    status = 422 if request.method == "POST" else 200
    if request.method == "POST" and form.is_valid():
        try:
            assessments.change_scope(
                assessment,
                actor=loaded.actor,
                key=once.key_from(request.POST),
                expected=version_in(request),
                **form.cleaned_data,
            )
        except Conflict as conflict:
            assessment, status = conflict.current, 409
        else:
            messages.success(request, _("Gespeichert."))
            return redirect("checks:result", uuid)
    context = {
        "loaded": loaded,
        "assessment": assessment,
        "view": loaded.view,
        "form": form,
        "version": version_back(request, assessment.version, status),
        "stored": scope_text(assessment) if status == 409 else None,
    }
    return render(request, "checks/scope.html", context, status=status)
