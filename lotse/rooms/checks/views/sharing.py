"""Whose an assessment is: taking it into the account, giving it to an organisation, sharing it."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from lotse.foundation.core import once
from lotse.foundation.core.errors import NotAllowed
from lotse.foundation.parties.models import Person
from lotse.foundation.ui.forms import version_in
from lotse.rooms.checks.forms import ShareForm
from lotse.rooms.checks.models import Share
from lotse.rooms.checks.queries.library import scope_text
from lotse.rooms.checks.queries.sharing import own_organisations, share_candidates, shares_of
from lotse.rooms.checks.services import sharing
from lotse.rooms.checks.views.loading import Loaded, load


def _owned(request: HttpRequest, uuid: UUID) -> Loaded:
    loaded = load(request, uuid)
    if not loaded.may_own:
        raise NotAllowed("checks.assessment.own")
    return loaded


@require_safe
def overview(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """To whom it belongs, who else sees it."""
    loaded = _owned(request, uuid)
    return _page(request, loaded, ShareForm(candidates=_candidates(loaded)))


def _candidates(loaded: Loaded) -> list[tuple[str, str]]:
    return share_candidates(loaded.assessment, loaded.actor)


def _page(request: HttpRequest, loaded: Loaded, form: ShareForm, status: int = 200) -> HttpResponse:
    assessment = loaded.assessment
    context = {
        "loaded": loaded,
        "assessment": assessment,
        "view": loaded.view,
        "scope": scope_text(assessment),
        "organisation": assessment.organisation,
        "organisations": own_organisations(loaded.actor),
        "owner": assessment.owner,
        "is_owner": assessment.owner_id == loaded.actor.person,
        "shares": shares_of(assessment),
        "form": form,
        "has_candidates": bool(form.fields["person"].choices),  # type: ignore[attr-defined]  # a ChoiceField
    }
    return render(request, "checks/sharing.html", context, status=status)


@require_POST
def claim(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Takes a guest's assessment into the account of the person who is signed in."""
    loaded = load(request, uuid, edit=True)
    sharing.claim_assessment(loaded.assessment, actor=loaded.actor)
    messages.success(request, _("Die Bewertung gehört jetzt zu Ihrem Konto."))
    return redirect("checks:sharing", uuid)


@require_POST
def give(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Gives it to an organisation the person edits, or takes it back."""
    loaded = _owned(request, uuid)
    chosen = request.POST.get("organisation", "")
    found = {str(each.uuid): each for each in own_organisations(loaded.actor)}
    if chosen and chosen not in found:
        raise Http404
    sharing.give_to_organisation(
        loaded.assessment,
        found.get(chosen),
        actor=loaded.actor,
        expected=version_in(request),
    )
    messages.success(request, _("Gespeichert."))
    return redirect("checks:sharing", uuid)


@require_POST
def share(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Shares it with one of the people offered."""
    loaded = _owned(request, uuid)
    form = ShareForm(request.POST, candidates=_candidates(loaded))
    if not form.is_valid():
        return _page(request, loaded, form, status=422)
    sharing.share(
        loaded.assessment,
        Person.objects.get(uuid=form.cleaned_data["person"]),
        form.cleaned_data["level"],
        actor=loaded.actor,
        key=once.key_from(request.POST),
    )
    messages.success(request, _("Geteilt. Die Person findet die Bewertung unter „Checks“."))
    return redirect("checks:sharing", uuid)


@require_POST
def end(request: HttpRequest, uuid: UUID, share: UUID) -> HttpResponse:
    """Ends a share; it opens nothing at the next request."""
    loaded = load(request, uuid)
    found = Share.objects.filter(uuid=share, series=loaded.assessment.series).first()
    if found is None:
        raise Http404
    sharing.end_share(loaded.assessment, found, actor=loaded.actor)
    messages.success(request, _("Nicht mehr geteilt."))
    return redirect("checks:sharing", uuid) if loaded.may_own else redirect("checks:list")
