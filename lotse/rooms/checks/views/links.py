"""Secret links: opening, showing, mailing, renewing; forgetting on this device; deleting."""

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from lotse.foundation.accounts import guests
from lotse.foundation.core import limits, once
from lotse.foundation.core.actor import EDIT, READ
from lotse.foundation.core.errors import NotAllowed
from lotse.foundation.parties.links import base_url
from lotse.rooms.checks.forms import DeleteForm, MailLinkForm
from lotse.rooms.checks.queries.library import scope_text
from lotse.rooms.checks.queries.rounds import earlier_rounds, has_later_round
from lotse.rooms.checks.services import assessments, links
from lotse.rooms.checks.views.loading import Loaded, load


@require_safe
def open_link(request: HttpRequest, token: str) -> HttpResponse:
    """Sets the cookie and leads on to an address without the secret (303, no referrer).

    A wrong link counts against the limit of this address and is answered like any unknown page.
    """
    found = links.open_link(token)
    if found is None:
        limits.hit("checks.link.failed", limits.address_of(request))
        raise Http404
    guests.remember(request, [found.uuid])
    response = redirect("checks:assessment", found.assessment.uuid)
    response.status_code = 303
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex"
    return response


@require_safe
def share(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The two links: one to go on with, one for others who only read."""
    return _share_page(request, _decided(request, uuid), MailLinkForm())


def _decided(request: HttpRequest, uuid: UUID) -> Loaded:
    """The assessment for whoever decides about it: its owner, or who edits a guest's."""
    loaded = load(request, uuid, edit=True)
    if loaded.is_owned and not loaded.may_own:
        raise NotAllowed("checks.assessment.own")
    return loaded


def _share_page(
    request: HttpRequest, loaded: Loaded, form: MailLinkForm, status: int = 200
) -> HttpResponse:
    tokens = links.tokens_of(loaded.assessment)
    addresses = {
        level: base_url(loaded.assessment.network) + reverse("checks:open", args=[token])
        for level, token in tokens.items()
    }
    context = {
        "loaded": loaded,
        "assessment": loaded.assessment,
        "view": loaded.view,
        "edit_link": addresses[EDIT],
        "read_link": addresses[READ],
        "form": form,
        "months": settings.GUEST_RETENTION_MONTHS,
        "can_mail": settings.CAN_MAIL,
        "here": reverse("checks:links", args=[loaded.assessment.uuid]),
    }
    return render(request, "checks/links.html", context, status=status)


@require_POST
def mail(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Sends one of the links to an address; the mail goes out in the background."""
    loaded = _decided(request, uuid)
    form = MailLinkForm(request.POST)
    if not form.is_valid():
        return _share_page(request, loaded, form, status=422)
    limits.hit("checks.link.mailed", limits.address_of(request))
    level = READ if request.POST.get("level") == READ else EDIT
    links.send_link(
        loaded.assessment,
        level,
        actor=loaded.actor,
        key=once.key_from(request.POST),
        address=form.cleaned_data["address"],
        lang=loaded.lang,
    )
    messages.success(request, _("Die Nachricht ist unterwegs."))
    return redirect("checks:links", uuid)


@require_POST
def renew(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """A new link in place of one that reached the wrong people."""
    loaded = _decided(request, uuid)
    level = READ if request.POST.get("level") == READ else EDIT
    links.renew_link(loaded.assessment, level, actor=loaded.actor, key=once.key_from(request.POST))
    guests.remember(request, links.edit_keys_of(loaded.assessment))
    messages.success(request, _("Der alte Link gilt nicht mehr. Hier steht der neue."))
    return redirect("checks:links", uuid)


@require_POST
def forget(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """This device no longer opens the assessment; the secret link still does."""
    loaded = load(request, uuid)
    guests.forget(request, links.keys_of(loaded.assessment))
    messages.success(request, _("Dieses Gerät hat die Bewertung vergessen. Ihr Link gilt weiter."))
    return redirect("checks:list")


@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Deletes everything after one question that names what is lost."""
    loaded = _decided(request, uuid)
    form = DeleteForm(request.POST if request.method == "POST" else None)
    earlier = earlier_rounds(loaded.assessment)
    if request.method == "POST" and form.is_valid():
        chosen = earlier if form.cleaned_data["earlier"] else []
        assessments.delete_rounds([loaded.assessment, *chosen], actor=loaded.actor)
        messages.success(request, _("Gelöscht. Sicherungskopien enden nach 30 Tagen."))
        return redirect("checks:list")
    context = {
        "loaded": loaded,
        "assessment": loaded.assessment,
        "view": loaded.view,
        "scope": scope_text(loaded.assessment),
        "form": form,
        "earlier": earlier,
        "has_later": has_later_round(loaded.assessment),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "checks/delete.html", context, status=status)
