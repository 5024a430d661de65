"""Meine Steckbriefe: what somebody may edit, what lacks, what waits."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from lotse.foundation.core.errors import NotAllowed
from lotse.foundation.parties.here import actor_in, network_in
from lotse.foundation.parties.models import Organisation, Person
from lotse.foundation.ui.guard import signed_in
from lotse.rooms.directory.queries.own import own_page
from lotse.rooms.directory.services import entries


@require_safe
@signed_in
def index(request: HttpRequest) -> HttpResponse:
    """All entries somebody may edit, with their state per channel. At most eight queries."""
    own = own_page(actor_in(request), network_in(request))
    several = len({row.network for row in (*own.person, *own.organisations)}) > 1
    return render(request, "directory/own.html", {"own": own, "several": several})


@require_POST
@signed_in
def new_person(request: HttpRequest) -> HttpResponse:
    """Makes the own entry in this network; seen by nobody before it is published."""
    actor, network = actor_in(request), network_in(request)
    if network is None or actor.person is None:
        raise Http404
    if network.pk not in actor.own_networks:
        raise NotAllowed("parties.network.belong")
    person = Person.objects.get(pk=actor.person)
    entry = entries.create_person_entry(person, network, actor=actor)
    messages.success(request, _("Ihr Steckbrief ist angelegt. Niemand sonst sieht ihn, bis Sie ihn "
                                "veröffentlichen."))  # fmt: skip
    return redirect("directory:edit", entry.uuid)


@require_POST
@signed_in
def new_organisation(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Makes the entry of an organisation that has none yet."""
    actor = actor_in(request)
    rows = Organisation.objects.filter(pk__in=actor.organisations(edit=True))
    found = rows.select_related("network").filter(uuid=uuid).first()
    if found is None:
        raise Http404
    entry = entries.ensure_organisation_entry(found, actor=actor)
    messages.success(request, _("Der Steckbrief ist angelegt."))
    return redirect("directory:edit", entry.uuid)
