"""`/heute/`: what is due, what waits for me, what I began, what comes next."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from lotse.foundation.core import text
from lotse.foundation.parties.here import actor_in
from lotse.surfaces.today.queries import day_line, today_of


@require_safe
@login_required
def today(request: HttpRequest) -> HttpResponse:
    """One page for whoever is signed in; `?fuer=` narrows it to one organisation."""
    wanted = text.clean_line(request.GET.get("fuer", ""))[:200]
    context = {
        "today": today_of(actor_in(request), wanted),
        "day": day_line(),
        "without_name": _without_name(request),
    }
    return render(request, "today/today.html", context)


def _without_name(request: HttpRequest) -> bool:
    """Whether the person still goes by the first part of the address. No query."""
    person = getattr(request.user, "person", None)
    if person is None:
        return False
    first_part = str(person.email).partition("@")[0]
    return not person.first_name and bool(first_part) and person.last_name == first_part
