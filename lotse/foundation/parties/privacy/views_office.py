"""The office's pages: register of processing, requests for erasure, one person's consents."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from lotse.foundation.accounts import reauth
from lotse.foundation.core import limits, once
from lotse.foundation.core.actor import Actor
from lotse.foundation.core.permissions import get_visible, visible
from lotse.foundation.parties.here import actor_in, network_in
from lotse.foundation.parties.models import Erasure, Network, Person
from lotse.foundation.parties.privacy import (
    consents,
    erasure,
    export,
    register,
    reports,
    restriction,
    retention,
)
from lotse.foundation.parties.privacy.forms import (
    FindForm,
    PaperConsentForm,
    ReasonForm,
    SureForm,
)
from lotse.foundation.ui.forms import version_in

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _network(request: HttpRequest, code: str) -> Network:
    """The network of this host, if the actor has the right in it: strangers get 404."""
    network = network_in(request)
    if network is None:
        raise Http404
    return get_visible(code, actor_in(request), network.uuid, Network.objects.all())


@require_safe
@login_required
def register_page(request: HttpRequest) -> HttpResponse:
    """The register of processing activities, to read and to print."""
    network = _network(request, "parties.network.read_desk")
    return render(request, "parties/privacy/register.html", register.context(network))


@require_safe
@login_required
def register_file(request: HttpRequest) -> HttpResponse:
    """The same as a file to complete."""
    network = _network(request, "parties.network.read_desk")
    content = register.as_xlsx(network, (get_language() or "de")[:2])
    response = HttpResponse(content, content_type=XLSX)
    response["Content-Disposition"] = 'attachment; filename="verzeichnis-verarbeitung.xlsx"'
    return response


@require_safe
@login_required
def register_paper(request: HttpRequest) -> HttpResponse:
    """The same as a Word file to complete and sign."""
    from lotse.foundation.parties.privacy.register_docx import as_docx

    network = _network(request, "parties.network.read_desk")
    response = HttpResponse(as_docx(network, (get_language() or "de")[:2]), content_type=DOCX)
    response["Content-Disposition"] = 'attachment; filename="verzeichnis-verarbeitung.docx"'
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def erasures(request: HttpRequest) -> HttpResponse:
    """All requests; and the way to a person by address."""
    network = _network(request, "parties.network.protect")
    form = FindForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        person = _by_address(form.cleaned_data["email"], actor_in(request))
        if person is not None:
            return redirect("privacy:person", person.uuid)
        form.add_error("email", _("Unter dieser Adresse gibt es in Ihrem Netzwerk niemanden."))
    context = {"form": form, "rows": reports.requests_in(network), "network": network}
    status = 422 if request.method == "POST" else 200
    return render(request, "parties/privacy/erasures.html", context, status=status)


def _by_address(email: str, actor: Actor) -> Person | None:
    found = visible("parties.person.protect", actor, Person.objects.filter(erased_at=None))
    return (
        found.filter(email__iexact=email).order_by("pk").first()
        or found.filter(account__email__iexact=email).first()
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def erasure_page(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One request: the report, who asked, and the second pair of eyes."""
    actor = actor_in(request)
    rows = retention.alive(
        Erasure.objects.select_related("person__account", "person__home", "network")
    )
    found = get_visible("parties.erasure.handle", actor, uuid, rows)
    form = SureForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and request.POST.get("go") == "withdraw":
        erasure.withdraw(found, actor=actor, expected=version_in(request))
        messages.success(request, _("Zurückgenommen. Es wird nichts gelöscht."))
        return redirect("privacy:erasures")
    if request.method == "POST" and form.is_valid():
        reauth.require_recent(request)
        done = erasure.confirm(found, actor=actor, expected=version_in(request))
        if done.state == Erasure.State.DONE:
            messages.success(request, _("Gelöscht. Die Bestätigung ist unterwegs."))
        else:
            messages.success(request, _("Bestätigt. Gelöscht wird nach 72 Stunden."))
        return redirect("privacy:erasure", uuid)
    context = reports.details(found, actor) | {"erasure": found, "form": form}
    status = 422 if request.method == "POST" else 200
    return render(request, "parties/privacy/erasure.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def person_page(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Consents, restriction, access and erasure for one person, on behalf of that person."""
    actor, network = actor_in(request), network_in(request)
    people = Person.objects.select_related("account", "home").filter(erased_at=None)
    person = get_visible("parties.person.protect", actor, uuid, people)
    go = request.POST.get("go", "") if request.method == "POST" else ""
    paper = PaperConsentForm(request.POST if go == "consent" else None)
    reason = ReasonForm(request.POST if go == "restrict" else None)
    if go == "data":
        reauth.require_recent(request)
        limits.hit("privacy.export", str(actor.person_uuid))
        response = HttpResponse(
            export.take_along(person, actor=actor, network=network),
            content_type="application/zip",
        )
        response["Content-Disposition"] = 'attachment; filename="auskunft.zip"'
        return response
    if go == "erase":
        reauth.require_recent(request)
        asked = erasure.ask(person, actor=actor, network=network, key=once.key_from(request.POST))
        return redirect("privacy:erasure", asked.uuid)
    if go == "consent" and paper.is_valid():
        purpose, _colon, channel = paper.cleaned_data["what"].partition(":")
        consents.record_given(
            person, purpose, channel, actor=actor, network=network,
            source=paper.cleaned_data["source"], on=paper.cleaned_data["on"],
            key=once.key_from(request.POST),
        )  # fmt: skip
        messages.success(request, _("Die Einwilligung ist eingetragen."))
        return redirect("privacy:person", uuid)
    if go == "restrict" and reason.is_valid():
        change = restriction.lift if person.restricted_at else restriction.restrict
        change(person, actor=actor, expected=version_in(request),
               reason=reason.cleaned_data["reason"])  # fmt: skip
        messages.success(request, _("Gespeichert."))
        return redirect("privacy:person", uuid)
    context = {
        "person": person,
        "paper": paper,
        "reason": reason,
        "history": consents.history(person),
        "open": erasure.open_of(person.pk),
        "own": actor.person == person.pk,
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "parties/privacy/person.html", context, status=status)
