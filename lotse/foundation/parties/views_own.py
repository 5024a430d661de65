"""What each person sees of and decides about the own place: deputy, support sessions, a request
about the own second factor."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from lotse.foundation.accounts.strength import is_strong
from lotse.foundation.core import clock, once
from lotse.foundation.core.actor import Actor
from lotse.foundation.core.collation import InOrder
from lotse.foundation.core.errors import Conflict, Refused
from lotse.foundation.core.permissions import get_visible
from lotse.foundation.parties.forms import AbsenceForm, OwnForm
from lotse.foundation.parties.here import actor_in
from lotse.foundation.parties.models import Absence, Affiliation, Person, RoleGrant, SupportSession
from lotse.foundation.parties.privacy.retention import alive
from lotse.foundation.parties.services import factor_resets, people, roles
from lotse.foundation.parties.services.support import end_support
from lotse.foundation.parties.standing import holds_on
from lotse.foundation.parties.support_view import NAME
from lotse.foundation.ui.forms import version_back, version_in


def _me(request: HttpRequest) -> Person:
    actor = actor_in(request)
    if actor.person_uuid is None:
        raise Http404
    return get_visible("parties.person.own", actor, actor.person_uuid, Person.objects.all())


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def own(request: HttpRequest) -> HttpResponse:
    """Name, telephone and language of mails; the way to deputy and support sessions."""
    me = _me(request)
    initial = {name: getattr(me, name) for name in OwnForm.base_fields}
    form = OwnForm(request.POST if request.method == "POST" else None, initial=initial)
    status = 422 if request.method == "POST" else 200
    stored = None
    if request.method == "POST" and form.is_valid():
        try:
            people.change_person(
                me, actor=actor_in(request), expected=version_in(request), **form.cleaned_data
            )
        except Conflict:
            me.refresh_from_db()
            stored, status = me.name, 409
        else:
            messages.success(request, _("Gespeichert."))
            return redirect("parties:own")
    context = {"form": form, "me": me, "stored": stored,
               "version": version_back(request, me.version, status)}  # fmt: skip
    return render(request, "parties/own.html", context, status=status)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def absence(request: HttpRequest) -> HttpResponse:
    """Who stands in while I am away; the deputy holds my roles in these days."""
    me = _me(request)
    people = _candidates(me)
    form = AbsenceForm(request.POST if request.method == "POST" else None, people=people)
    if request.method == "POST" and form.is_valid():
        try:
            roles.set_absence(
                me,
                Person.objects.select_related("account").get(uuid=form.cleaned_data["deputy"]),
                actor=actor_in(request),
                starts_on=form.cleaned_data["starts_on"],
                ends_on=form.cleaned_data["ends_on"],
                note=form.cleaned_data["note"],
                key=once.key_from(request.POST),
            )
        except Refused as refusal:
            form.add_error(None, list(refusal.messages))
        else:
            messages.success(request, _("Die Vertretung ist eingetragen."))
            return redirect("parties:absence")
    today = clock.today()
    absences = Absence.objects.filter(ends_on__gte=today).order_by("starts_on")
    context = {
        "form": form,
        "has_people": bool(people),
        "own": absences.filter(person=me).select_related("deputy"),
        "others": absences.filter(deputy=me).select_related("person"),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "parties/absence.html", context, status=status)


def _candidates(me: Person) -> list[tuple[str, str]]:
    """People of the own organisations, and those with a role in the networks of the own roles.
    One query; at most 500 people."""
    today = clock.today()
    seats = Affiliation.objects.filter(holds_on(today), person=me).values("organisation")
    held = RoleGrant.objects.filter(holds_on(today), ended_at=None, person=me).values("network")
    colleagues = Affiliation.objects.filter(holds_on(today), organisation__in=seats).values(
        "person"
    )
    others = RoleGrant.objects.filter(holds_on(today), ended_at=None, network__in=held).values(
        "person"
    )
    found = (
        Person.objects.filter(Q(pk__in=colleagues) | Q(pk__in=others))
        .filter(account__is_active=True, erased_at=None, merged_into=None)
        .exclude(pk=me.pk)
        .order_by(InOrder("last_name"), InOrder("first_name"))
    )
    return [(str(person.uuid), person.name) for person in found[:500]]


@login_required
@require_POST
def absence_end(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Back early: the deputy's roles end at the next request."""
    found = Absence.objects.select_related("person").filter(uuid=uuid, person=_me(request)).first()
    if found is None:
        raise Http404
    roles.end_absence(found, actor=actor_in(request))
    messages.success(request, _("Die Vertretung ist beendet."))
    return redirect("parties:absence")


@login_required
@require_safe
def support(request: HttpRequest) -> HttpResponse:
    """When the operator looked at Lotse as this person, and why."""
    me = _me(request)
    sessions = alive(SupportSession.objects.filter(person=me)).select_related("operator")
    rows = [
        {"at": found.starts_at, "until": found.ended_at or found.ends_at,
         "by": found.operator.name, "why": found.reason}
        for found in sessions.order_by("-starts_at")[:100]
    ]  # fmt: skip
    return render(request, "parties/support.html", {"rows": rows})


@login_required
@require_POST
def factor_reset_stop(request: HttpRequest) -> HttpResponse:
    """Ends the request to take the own second factor away."""
    found = factor_resets.open_of(_me(request))
    if found is None:
        raise Http404
    factor_resets.stop(found, actor=actor_in(request), strong=is_strong(request))
    messages.success(request, _("Der Antrag ist beendet. Ihr zweiter Faktor bleibt."))
    return redirect("mfa_index")


@require_POST
def support_end(request: HttpRequest) -> HttpResponse:
    """The operator leaves the session."""
    running = _running(request)
    if request.session.pop(NAME, None) is None:
        raise Http404
    if running is not None:
        end_support(running, actor=_operator(running))
    messages.success(request, _("Die Sitzung zur Unterstützung ist beendet."))
    return redirect("home:home")


def _running(request: HttpRequest) -> SupportSession | None:
    """The session itself, not the promise of it that SupportView left."""
    found = request.support  # type: ignore[attr-defined]  # set by SupportView
    sessions = SupportSession.objects.select_related("operator__account", "person")
    return sessions.get(pk=found.pk) if found else None


def _operator(session: SupportSession) -> Actor:
    """The log names the operator, not the person looked at."""
    account = session.operator.account
    return Actor("account", uuid=account.uuid if account else None, person=session.operator.pk)
