"""The brand of a network as files a browser may keep."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from lotse.foundation.core.middleware import CSP_FILE
from lotse.foundation.parties import colours
from lotse.foundation.parties.models import Network

# The address carries the version, so a changed brand has another address.
KEEP = "public, max-age=31536000, immutable"


@require_safe
def brand(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The accent colour as a style sheet (rulings: generated, cacheable)."""
    accent = Network.objects.filter(uuid=uuid).values_list("accent", flat=True).first()
    if not accent:
        raise Http404
    return HttpResponse(
        colours.style_sheet(accent), content_type="text/css", headers={"Cache-Control": KEEP}
    )


@require_safe
def logo(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The logo of a network."""
    found = Network.objects.filter(uuid=uuid).values_list("logo", "logo_type").first()
    if not found or not found[1]:
        raise Http404
    headers = {"Cache-Control": KEEP, "Content-Security-Policy": CSP_FILE}
    return HttpResponse(bytes(found[0] or b""), content_type=found[1], headers=headers)
