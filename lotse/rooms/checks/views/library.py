"""The list of checks, and one check with its start form."""

from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from lotse.foundation.accounts import guests
from lotse.foundation.core import limits, once
from lotse.foundation.core.actor import EDIT
from lotse.foundation.core.permissions import get_visible
from lotse.foundation.parties.here import actor_in, network_in
from lotse.rooms.checks.content import view_of
from lotse.rooms.checks.forms import ScopeForm
from lotse.rooms.checks.models import Check
from lotse.rooms.checks.queries.library import begun_assessments, published_checks
from lotse.rooms.checks.queries.sharing import own_organisations
from lotse.rooms.checks.services import assessments, links
from lotse.rooms.checks.views.loading import language


@require_safe
def check_list(request: HttpRequest) -> HttpResponse:
    """Published checks and what this browser has begun."""
    lang = language()
    context = {
        "checks": published_checks(actor_in(request), lang),
        "begun": begun_assessments(actor_in(request), lang),
    }
    return render(request, "checks/list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def check(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """What the check is about, its points, its sources; and the form that starts it."""
    rows = Check.objects.select_related("current").defer("current__content")
    found = get_visible("checks.check.view", actor_in(request), uuid, rows)
    form = ScopeForm(request.POST or None, organisations=own_organisations(actor_in(request)))
    if request.method == "POST" and form.is_valid():
        limits.hit("checks.start", limits.address_of(request))
        started = assessments.start_assessment(
            found,
            actor=actor_in(request),
            key=once.key_from(request.POST),
            network=network_in(request),
            **form.cleaned_data,
        )
        if started.owner_id is None:
            guests.remember(request, [links.key_of(started, EDIT)])
            guests.remember_start(request, started.series)
        return redirect("checks:checkpoint", started.uuid, 1)
    context = {
        "check": found,
        "view": view_of(found.published, language()),
        "form": form,
        "months": settings.GUEST_RETENTION_MONTHS,
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "checks/check.html", context, status=status)
