"""One entry as its readers see it: who this is, what it does, whom to ask."""

from urllib.parse import urlsplit
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from lotse.foundation.core import vcard
from lotse.foundation.documents.responses import paper
from lotse.foundation.parties.here import actor_in
from lotse.rooms.directory.exports.vcard import card_of
from lotse.rooms.directory.queries.pages import page_of
from lotse.rooms.directory.queries.reading import see, see_picture
from lotse.rooms.directory.views.reading import count, language


@require_safe
def entry(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The page of an organisation, a person or a service."""
    count(request, "directory.entry")
    actor = actor_in(request)
    page = page_of(see(actor, uuid), actor, language())
    context = {"page": page, "back_url": _hits_behind(request)}
    return render(request, "directory/entry.html", context)


def _hits_behind(request: HttpRequest) -> str:
    """The list of hits from which somebody came here, as the browser says; empty where it was
    another page, or the directory as a whole."""
    try:
        came = urlsplit(request.headers.get("referer", ""))
    except ValueError:  # as for "http://["
        return ""
    pages = (reverse("directory:find"), reverse("directory:az"), reverse("home:search"))
    if came.netloc != request.get_host() or came.path not in pages or not came.query:
        return ""
    return f"{came.path}?{came.query}"


@require_safe
def card(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Name and contact for an address book, with nothing that the page does not show."""
    count(request, "directory.entry")
    actor = actor_in(request)
    page = page_of(see(actor, uuid), actor, language(), alone=True)
    content = card_of(page, url=request.build_absolute_uri(page.url))
    name = f"{slugify(page.title)[:60] or _('kontakt')}.vcf"
    return paper(content, name=name, media_type=vcard.MEDIA_TYPE)


@require_safe
def picture(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """A logo or photo, drawn anew when it was taken in, for whoever reads the entry with it."""
    found = see_picture(actor_in(request), uuid)
    response = HttpResponse(bytes(found.content), content_type=found.media_type)
    # A picture never changes; whether it may be seen does, so nobody else keeps it (T59).
    response["Cache-Control"] = "private, no-cache"
    response["ETag"] = f'"{found.uuid}"'
    response["Content-Disposition"] = "inline"
    return response
