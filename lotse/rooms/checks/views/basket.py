"""The waste basket of a round: what was deleted in the last 30 days, and bringing it back."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from lotse.foundation.core import trash
from lotse.foundation.core.errors import Refused
from lotse.rooms.checks.services import plan as services
from lotse.rooms.checks.views.loading import load


@require_http_methods(["GET", "HEAD", "POST"])
def basket(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Lists what lies here; a POST brings one thing back (`item`)."""
    loaded = load(request, uuid, edit=True)
    fault = ""
    if request.method == "POST":
        try:
            item = UUID(request.POST.get("item", ""))
        except ValueError:
            raise Http404 from None
        try:
            services.bring_back(loaded.assessment, actor=loaded.actor, item=item)
        except Refused as refusal:
            fault = " ".join(refusal.messages)
        else:
            messages.success(request, _("Wiederhergestellt. Es steht wieder im Maßnahmenplan."))
            return redirect("checks:plan", uuid)
    context = {
        "loaded": loaded,
        "assessment": loaded.assessment,
        "view": loaded.view,
        "fault": fault,
        "rows": [
            {
                "uuid": item.uuid,
                "title": item.title,
                "kind": trash.kind_of(item).title,
                "until": date_format(timezone.localdate(item.expires_at), "DATE_FORMAT"),
            }
            for item in trash.items_of(loaded.assessment.uuid)[:200]
        ],
    }
    return render(request, "checks/basket.html", context, status=422 if fault else 200)
