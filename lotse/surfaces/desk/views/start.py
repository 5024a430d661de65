"""The desk's front page."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from lotse.foundation.parties.models import Network
from lotse.surfaces.desk.access import Desk, at_desk
from lotse.surfaces.desk.queries import start


@require_safe
@at_desk()
def index(request: HttpRequest, desk: Desk) -> HttpResponse:
    """What needs somebody, and the way to every page."""
    networks = Network.objects.order_by("name").values_list("uuid", "name")[:200]
    context = {
        "desk": desk,
        "needs": start.needs(desk),
        "ways": start.ways(desk),
        "networks": [(str(uuid), name, uuid == desk.network.uuid) for uuid, name in networks]
        if desk.is_operator else [],
    }  # fmt: skip
    return render(request, "desk/start.html", context)
