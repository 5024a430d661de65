"""Saved searches: kept from the find page, renamed, silenced, deleted."""

from collections.abc import Mapping, Sequence
from copy import copy
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from lotse.foundation.core import hooks, once
from lotse.foundation.core.errors import Conflict, Refused
from lotse.foundation.core.permissions import get_visible, visible
from lotse.foundation.parties.here import actor_in, network_in
from lotse.foundation.ui import finding
from lotse.foundation.ui.forms import version_back, version_in
from lotse.foundation.ui.guard import signed_in
from lotse.rooms.directory.forms import SearchForm
from lotse.rooms.directory.mails_searches import link_of
from lotse.rooms.directory.models import SavedSearch
from lotse.rooms.directory.services import searches
from lotse.rooms.directory.views.finding import FACETS
from lotse.rooms.directory.views.inside import language

OWN = "directory.search.own"


@require_safe
@signed_in
def index(request: HttpRequest) -> HttpResponse:
    """One's own saved searches in this network. At most eight queries."""
    rows = visible(OWN, actor_in(request), SavedSearch.objects.filter(network=network_in(request)))
    found = list(rows.order_by("name", "pk").defer("seen"))
    labels = _labels([one.chosen for one in found])
    context = {
        "rows": [
            {"search": one, "link": link_of(one), "chosen": chosen_words(one.chosen, labels)}
            for one in found
        ]
    }
    return render(request, "directory/searches.html", context)


def _labels(chosen: Sequence[Mapping[str, Sequence[str]]]) -> dict[tuple[str, str], str]:
    """(facet, value) -> words, each facet asked once."""
    values: dict[str, set[str]] = {}
    for one in chosen:
        for key, picked in one.items():
            values.setdefault(key, set()).update(picked)
    lang = language()
    found: dict[tuple[str, str], str] = {}
    for facet in hooks.search_facets:
        if facet.key in values:
            named = facet.labels(values[facet.key], lang)
            found |= {(facet.key, value): label for value, label in named.items()}
    kinds = {(finding.KIND, one.key): str(one.title) for one in hooks.search_kinds}
    return found | kinds


def chosen_words(chosen: Mapping[str, Sequence[str]], labels: Mapping[tuple[str, str], str]) -> str:
    """What was chosen, in words: "Ausbildung, Stuttgart"."""
    return ", ".join(
        labels.get((key, value), value) for key, values in chosen.items() for value in values
    )


@require_POST
@signed_in
def save(request: HttpRequest) -> HttpResponse:
    """Keeps the search of the find page."""
    network = network_in(request)
    if network is None:
        raise Http404
    asked = copy(request)
    # The page sends what stands in its address as a form.
    asked.GET = request.POST
    wish = finding.read(asked, FACETS, language())
    words = chosen_words(wish.chosen, _labels([wish.chosen]))
    try:
        saved = searches.save_search(
            network,
            actor=actor_in(request),
            name=request.POST.get("name", "") or ", ".join(
                part for part in (wish.question, words) if part
            ),
            question=wish.question,
            chosen=wish.chosen,
            lang=language(),
            key=once.key_from(request.POST),
        )  # fmt: skip
    except Refused as refused:
        messages.warning(request, " ".join(refused.messages))
        return redirect("directory:searches")
    messages.success(request, _said(saved))
    return redirect("directory:searches")


def _said(saved: SavedSearch) -> str:
    if not saved.notify:
        return _("Die Suche ist gespeichert. Für Mails findet sie zu viel: Engen Sie sie ein.")
    n = len(saved.seen)
    return ngettext(
        "Die Suche ist gespeichert. Zurzeit gibt es %(n)s Treffer; kommt einer dazu, erhalten Sie "
        "eine Mail.",
        "Die Suche ist gespeichert. Zurzeit gibt es %(n)s Treffer; kommt einer dazu, erhalten Sie "
        "eine Mail.",
        n,
    ) % {"n": n}


def _load(request: HttpRequest, uuid: UUID) -> SavedSearch:
    rows = SavedSearch.objects.select_related("network", "person")
    return get_visible(OWN, actor_in(request), uuid, rows)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def change(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Another name, mails on or off."""
    saved = _load(request, uuid)
    if request.method != "POST":
        return _page(request, saved, SearchForm.of(saved))
    form = SearchForm(request.POST)
    if not form.is_valid():
        return _page(request, saved, form, status=422)
    try:
        searches.change_search(
            saved,
            actor=actor_in(request),
            expected=version_in(request),
            lang=language(),
            **form.cleaned_data,
        )
    except Refused as refused:
        form.add_error("notify", list(refused.messages))
        return _page(request, saved, form, status=422)
    except Conflict as conflict:
        if conflict.current is None:
            raise Http404 from None
        return _page(request, conflict.current, form, status=409)
    messages.success(request, _("Gespeichert."))
    return redirect("directory:searches")


def _page(
    request: HttpRequest, saved: SavedSearch, form: SearchForm, *, status: int = 200
) -> HttpResponse:
    context: dict[str, Any] = {
        "search": saved,
        "form": form,
        "version": version_back(request, saved.version, status),
        "link": link_of(saved),
        "chosen": chosen_words(saved.chosen, _labels([saved.chosen])),
        "stored": saved.name if status == 409 else "",
    }
    return render(request, "directory/edit_search.html", context, status=status)


@require_POST
@signed_in
def delete(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Deletes a saved search."""
    searches.delete_search(_load(request, uuid), actor=actor_in(request))
    messages.success(request, _("Die Suche ist gelöscht."))
    return redirect("directory:searches")
