"""A new round, and two rounds side by side."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from lotse.foundation.accounts import guests
from lotse.foundation.core import once
from lotse.foundation.core.actor import EDIT
from lotse.rooms.checks.queries.comparison import comparison_of
from lotse.rooms.checks.queries.library import scope_text
from lotse.rooms.checks.services import assessments, links
from lotse.rooms.checks.views.loading import load


@require_http_methods(["GET", "HEAD", "POST"])
def next_round(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Starts a new round of the same check after saying what happens."""
    loaded = load(request, uuid, edit=True)
    if request.method == "POST":
        following = assessments.start_next_round(
            loaded.assessment, actor=loaded.actor, key=once.key_from(request.POST)
        )
        guests.remember(request, [links.key_of(following, EDIT)])
        return redirect("checks:checkpoint", following.uuid, 1)
    context = {"loaded": loaded, "assessment": loaded.assessment, "view": loaded.view}
    return render(request, "checks/next_round.html", context)


@require_safe
def compare(request: HttpRequest, uuid: UUID, other: UUID) -> HttpResponse:
    """This round beside an earlier one of the same check."""
    loaded = load(request, uuid)
    older = load(request, other)
    if older.assessment.revision.check_ref_id != loaded.assessment.revision.check_ref_id:
        raise Http404
    rounds = sorted([older.assessment, loaded.assessment], key=lambda a: (a.round, a.started_at))
    context = {
        "loaded": loaded,
        "assessment": loaded.assessment,
        "view": loaded.view,
        "scope": scope_text(loaded.assessment),
        "comparison": comparison_of(rounds[0], rounds[1], loaded.lang),
    }
    return render(request, "checks/compare.html", context)
