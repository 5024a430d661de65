"""The heart of the room: one box, filters with counts, and why something was found."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from lotse.foundation.core import search
from lotse.foundation.core.errors import Refused
from lotse.foundation.parties.here import actor_in, network_in
from lotse.foundation.topics.facets import region_labels
from lotse.foundation.ui import finding
from lotse.rooms.directory.content import fields
from lotse.rooms.directory.exports.table import list_file
from lotse.rooms.directory.models import Entry
from lotse.rooms.directory.queries.offers import offered
from lotse.rooms.directory.queries.rows import extras_of
from lotse.rooms.directory.queries.welcome import add_url, join_url
from lotse.rooms.directory.views.reading import KINDS, count, language, viewer_in

FACETS = (
    finding.KIND, "topic", "region", "target", "okind", "size", "sector", "form", "language",
    "cost", "as", "flag", "state", "network",
)  # fmt: skip
NEAR = "directory.near"
EXPORT_MOST = 2_000
PRINT_MOST = 500


def places() -> dict[str, Any]:
    """Where a hit can come from, in words: the fields of all kinds."""
    return {field.key: field.title for kind in KINDS for field in fields.fields_of(kind)}


def shown_regions(values: set[str], wish: finding.Wish) -> set[str]:
    """Länder stand there at once, the Kreise of one as soon as it or one of them is chosen, or
    where there is no other."""
    states = {value for value in values if len(value) == 2 and value != "00"}
    opened = {key[:2] for key in wish.chosen.get("region", ())}
    if len(states) == 1:
        opened |= states
    return states | {value for value in values if len(value) == 5 and value[:2] in opened}


def look(
    request: HttpRequest, wish: finding.Wish, *, facets: Sequence[str] = FACETS,
    per_page: int = finding.PAGE, enriched: bool = True, by_surname: bool = False,
) -> finding.Found:  # fmt: skip
    """What the visitor finds with this wish among the entries of the directory; people by their
    surname where the list is an alphabet."""
    lang = language()

    def enrich(hits: Sequence[search.Hit], rows: list[finding.Row]) -> list[finding.Row]:
        services = [hit.ref for hit in hits if hit.kind == Entry.Kind.SERVICE]
        refs = [hit.ref for hit in hits]
        extras = extras_of(refs, actor_in(request), lang, services=services)
        return [_enriched(row, extras, by_surname) for row in rows]

    viewer = viewer_in(request)
    if len(viewer.networks) < 2:
        facets = [key for key in facets if key != "network"]
    return finding.look(
        wish, viewer, lang=lang, kinds=KINDS, facets=facets, places=places(),
        offer=lambda: offered(lang), shown={"region": shown_regions},
        enrich=enrich if enriched else None, per_page=per_page,
    )  # fmt: skip


def _enriched(row: finding.Row, extras: Mapping[str, Any], by_surname: bool) -> finding.Row:
    extra = extras.get(row.ref)
    if extra is None:
        return row
    lang = row.lang or extra.lang
    title = extra.by_surname if by_surname and extra.by_surname else row.title
    return replace(row, title=title, kind=extra.kind, place=extra.place, tags=extra.tags, lang=lang)


@require_safe
def find(request: HttpRequest) -> HttpResponse:
    """The find page; with `als` the same choice as a file or to print."""
    count(request, "directory.find")
    mode = request.GET.get("als", "")
    wish = finding.read(request, FACETS, language())
    if mode in ("csv", "xlsx"):
        found = look(request, replace(wish, page=1), per_page=EXPORT_MOST)
        _check_fits(found, EXPORT_MOST)
        return list_file(found, ending=mode, base=request.build_absolute_uri("/"), lang=language())
    printing = mode == "druck"
    found = look(
        request, replace(wish, page=1) if printing else wish,
        per_page=PRINT_MOST if printing else finding.PAGE,
    )  # fmt: skip
    if printing:
        _check_fits(found, PRINT_MOST)
    network = network_in(request)
    context = {
        "found": found,
        "printing": printing,
        "join_url": "" if found.rows else join_url(network),
        "add_url": "" if found.rows else add_url(actor_in(request), network),
        "is_own": actor_in(request).person is not None,
        "near": _near(request),
        "near_name": _near_name(request, wish),
        "ways": _ways(found),
        "save_url": _save_url(request),
    }
    return render(request, "directory/find.html", context)


def _check_fits(found: finding.Found, most: int) -> None:
    """Raises Refused where a file or the paper would quietly leave something out."""
    if found.total > most:
        raise Refused(
            _("Das sind %(total)s Zeilen. In eine Datei gehen höchstens %(most)s: bitte "
              "schränken Sie die Auswahl ein.") % {"total": found.total, "most": most}
        )  # fmt: skip


def _near(request: HttpRequest) -> str:
    """The Kreis that was chosen as one's own, as an address; else where to choose it."""
    held = request.session.get(NEAR)
    path = reverse("directory:find")
    return finding.Wish(chosen={"region": [held]}).link(path) if held else ""


def _near_name(request: HttpRequest, wish: finding.Wish) -> str:
    """Of which Kreis the page shows what is near: the own one, where it alone was chosen."""
    held = request.session.get(NEAR)
    if not held or list(wish.chosen.get("region", ())) != [held]:
        return ""
    name = region_labels([held], language()).get(held, "")
    # "In der Nähe von Wetteraukreis" is no German.
    said = _("In der Nähe: %(name)s") if "kreis" in name.lower() else _("In der Nähe von %(name)s")
    return said % {"name": name}


def _ways(found: finding.Found) -> dict[str, str]:
    """The map takes the present choice along."""
    return {"map": replace(found.wish, order="match").link(reverse("directory:map"))}


def _save_url(request: HttpRequest) -> str:
    """Where a signed-in person keeps this search."""
    if actor_in(request).person is None:
        return ""
    try:
        return reverse("directory:search-save")
    except NoReverseMatch:
        return ""
