"""The person's own pages: consents, own data, erasure. Nobody else sees them."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from lotse.foundation.accounts import reauth
from lotse.foundation.core import clock, limits, once
from lotse.foundation.core.permissions import get_visible
from lotse.foundation.parties.here import actor_in, network_in
from lotse.foundation.parties.models import Consent, Person
from lotse.foundation.parties.privacy import consents, erasure, export, purposes, reports
from lotse.foundation.parties.privacy.forms import SureForm


def _lang() -> str:
    return (get_language() or "de")[:2]


def _own(request: HttpRequest) -> Person:
    """The person who is signed in. Raises Http404 for an account without one."""
    actor = actor_in(request)
    if actor.person_uuid is None:
        raise Http404
    people = Person.objects.select_related("account", "home")
    return get_visible("parties.person.own", actor, actor.person_uuid, people)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def consent_choices(request: HttpRequest) -> HttpResponse:
    """What I said yes to; one button each to say yes or to take it back."""
    person, network = _own(request), network_in(request)
    if request.method == "POST":
        _decide(request, person)
        return redirect("privacy:consents")
    context = {
        "person": person,
        "groups": consents.choices(person, network, _lang()),
        "history": consents.history(person),
    }
    return render(request, "parties/privacy/consents.html", context)


def _decide(request: HttpRequest, person: Person) -> None:
    """Gives one consent, or withdraws the one that holds."""
    given = request.POST.get("withdraw", "")
    if given:
        try:
            uuid = UUID(given)
        except ValueError:
            raise Http404 from None
        found = Consent.objects.filter(uuid=uuid, person=person).select_related("person").first()
        if found is None:
            raise Http404
        consents.withdraw(found, actor=actor_in(request))
        messages.success(request, _("Widerrufen. Das gilt ab sofort."))
        return
    purpose, _colon, channel = request.POST.get("give", "").partition(":")
    if purposes.find(purpose, channel) is None:
        raise Http404
    consents.give(
        person,
        purpose,
        channel,
        actor=actor_in(request),
        network=network_in(request),
        lang=_lang(),
        key=once.key_from(request.POST),
    )
    messages.success(request, _("Gespeichert. Sie können das jederzeit widerrufen."))


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def own_data(request: HttpRequest) -> HttpResponse:
    """What is stored about me and why; the file with all of it after a fresh proof of identity."""
    person = _own(request)
    if request.method == "POST":
        reauth.require_recent(request)
        limits.hit("privacy.export", str(person.uuid))
        content = export.take_along(person, actor=actor_in(request))
        response = HttpResponse(content, content_type="application/zip")
        name = f"eigene-daten-{clock.today().isoformat()}.zip"
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        return response
    context = {"person": person, "parts": export.parts()}
    return render(request, "parties/privacy/own.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def erase(request: HttpRequest) -> HttpResponse:
    """What an erasure would do, and the button that asks for it."""
    person = _own(request)
    form = SureForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        reauth.require_recent(request)
        erasure.ask(
            person,
            actor=actor_in(request),
            network=network_in(request),
            key=once.key_from(request.POST),
        )
        messages.success(request, _("Ihr Antrag ist eingegangen."))
        return redirect("privacy:erase")
    context = {
        "person": person,
        "form": form,
        "open": erasure.open_of(person.pk),
        "groups": reports.grouped(erasure.dry_run(person)),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "parties/privacy/erase.html", context, status=status)


@require_POST
@login_required
def withdraw(request: HttpRequest) -> HttpResponse:
    """I changed my mind."""
    person = _own(request)
    found = erasure.open_of(person.pk)
    if found is None:
        raise Http404
    erasure.withdraw(found, actor=actor_in(request), expected=found.version)
    messages.success(request, _("Zurückgenommen. Es wird nichts gelöscht."))
    return redirect("privacy:erase")
