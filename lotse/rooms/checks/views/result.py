"""The result: facts, checkpoints, what is open, what the check suggests."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from lotse.rooms.checks.queries.report import report_of
from lotse.rooms.checks.queries.rounds import earlier_rounds
from lotse.rooms.checks.views.loading import load


@require_safe
def overview(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Where a secret link leads: to the first open checkpoint, or to the result."""
    loaded = load(request, uuid)
    if not loaded.may_edit:
        return redirect("checks:result", uuid)
    answered = set(loaded.assessment.answers.exclude(level="").values_list("checkpoint", flat=True))
    todo = next((p.number for p in loaded.view.checkpoints if p.id not in answered), None)
    if todo is None:
        return redirect("checks:result", uuid)
    return redirect("checks:checkpoint", uuid, todo)


@require_safe
def result(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Where the organisation stands. Twelve queries at most, whatever the length of the check."""
    loaded = load(request, uuid)
    earlier = earlier_rounds(loaded.assessment)
    report = report_of(loaded.assessment, loaded.lang, earlier=earlier)
    context = {
        "loaded": loaded,
        "assessment": loaded.assessment,
        "view": loaded.view,
        "report": report,
        "earlier": earlier,
    }
    return render(request, "checks/result.html", context)
