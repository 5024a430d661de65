"""The register of bodies, and the page of one."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from lotse.foundation.core.permissions import visible
from lotse.foundation.parties.here import actor_in, network_in
from lotse.foundation.parties.models import Body
from lotse.rooms.bodies.views import frame


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Bodies of the network that the actor may know."""
    network = network_in(request)
    if network is None:
        raise Http404
    rows = Body.objects.filter(network=network).select_related("charter")
    found = visible(frame.VIEW, actor_in(request), rows)
    return render(request, "bodies/bodies.html", {"bodies": list(found)})


@require_safe
def detail(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One body."""
    loaded = frame.load_body(request, uuid)
    return render(request, "bodies/body.html", {"body": loaded.obj})
