"""Own dates for a calendar program: as a file, or as a link that it reads by itself."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from lotse.foundation.accounts import tokens
from lotse.foundation.core import hooks, limits
from lotse.foundation.core.actor import Actor
from lotse.foundation.measures import links
from lotse.foundation.measures.models import Measure
from lotse.foundation.measures.queries import own_measures
from lotse.foundation.parties.here import actor_in
from lotse.surfaces.today import feeds

MOST = 500


@require_safe
@login_required
def dates(request: HttpRequest) -> HttpResponse:
    """The dates of all own measures that are still to be done, and of what rooms add (own
    meetings), as a file."""
    response = _file(actor_in(request))
    response["Content-Disposition"] = 'attachment; filename="termine.ics"'
    return response


@require_safe
def feed(request: HttpRequest, token: str) -> HttpResponse:
    """The same for a calendar program, by its secret link; 404 once it is withdrawn (T06)."""
    actor = tokens.actor_for(token)
    if actor is None or actor.scopes is None or feeds.SCOPE not in actor.scopes:
        limits.hit("api.failed", limits.address_of(request))
        raise Http404
    return _file(actor)


def _file(actor: Actor) -> HttpResponse:
    from lotse.foundation.core.ical import calendar
    from lotse.foundation.measures.dates import events_of

    found = own_measures(actor).filter(status__in=Measure.ACTIVE).order_by("due_on", "pk")
    events: list[Any] = [
        event
        for measure in found[:MOST]
        for event in events_of(measure, settings.BASE_URL + links.page_of(measure.uuid))
    ]
    for events_for in hooks.calendar_events:
        events += events_for(actor)
    host = settings.BASE_URL.partition("://")[2].partition(":")[0]
    content = calendar(_("Meine Termine"), events, host=host)
    response = HttpResponse(content, content_type="text/calendar; charset=utf-8")
    response["Cache-Control"] = "private, no-store"
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def feed_page(request: HttpRequest) -> HttpResponse:
    """The link for a calendar program: make it, replace it, withdraw it. Shown once."""
    context: dict[str, Any] = {"address": ""}
    if request.method == "POST":
        if "withdraw" in request.POST:
            feeds.withdraw(request.user)
            messages.success(request, _("Der Link für den Kalender gilt nicht mehr."))
            return redirect("today:calendar")
        secret = feeds.renew(request.user)
        context["address"] = settings.BASE_URL + reverse("today:feed", args=[secret])
    context["feed"] = feeds.current(request.user)
    response = render(request, "today/calendar.html", context)
    response["Cache-Control"] = "no-store"
    return response
