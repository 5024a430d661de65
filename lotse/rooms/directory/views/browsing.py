"""Other ways in than words: by letter, by topic, by map, near oneself."""

import string
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from lotse.foundation.parties.here import network_in
from lotse.foundation.topics.models import Region
from lotse.foundation.ui import finding
from lotse.rooms.directory.queries.places import districts_of, states_of, topic_groups
from lotse.rooms.directory.queries.welcome import home_land
from lotse.rooms.directory.tiles import tiles_of
from lotse.rooms.directory.views.finding import FACETS, NEAR, look
from lotse.rooms.directory.views.reading import count, language

_LETTERS = (*string.ascii_lowercase, "0")
_PER_LETTER = 200


@require_safe
def a_to_z(request: HttpRequest) -> HttpResponse:
    """All entries by the first letter of their name."""
    count(request, "directory.find")
    wish = finding.read(request, (finding.KIND, "letter"), language())
    letter = next(iter(wish.chosen.get("letter", ())), "")
    kinds = {finding.KIND: wish.chosen.get(finding.KIND, ())}
    chosen = {**kinds, **({"letter": [letter]} if letter else {})}
    found = look(
        request,
        finding.Wish(chosen=chosen, page=wish.page, order="name"),
        facets=(finding.KIND, "letter"),
        per_page=_PER_LETTER if letter else 50,
        by_surname=True,
    )
    held = found.counts.get("letter", {})
    letters = [
        (value, "#" if value == "0" else value.upper(), held.get(value, 0),
         found.wish.link(letter=[value]), value == letter)
        for value in _LETTERS
    ]  # fmt: skip
    context = {"found": found, "letters": letters, "letter": letter, "capped": not held}
    return render(request, "directory/az.html", context)


@require_safe
def topics(request: HttpRequest) -> HttpResponse:
    """The topics of the field, each with how many entries work on it."""
    count(request, "directory.find")
    found = look(request, finding.Wish(), facets=("topic",), per_page=1, enriched=False)
    groups = topic_groups(language(), found.counts.get("topic", {}))
    context = {"groups": groups, "counted": not found.capped, "path": reverse("directory:find")}
    return render(request, "directory/topics.html", context)


@require_safe
def regions(request: HttpRequest) -> HttpResponse:
    """Who works where: a tile for each Land, and a table of the Kreise of one."""
    count(request, "directory.find")
    lang = language()
    wish = finding.read(request, FACETS, lang)
    asked = request.GET.get("land")
    if asked is None:
        asked = home_land(network_in(request))
    found = look(request, wish, facets=(), per_page=1, enriched=False)
    counts = found.counts.get("region", {})
    states = states_of(lang)
    land = asked if asked in states else ""
    path = reverse("directory:find")

    def url_of(key: str, *to: str, **choice: Any) -> str:
        """A link only where it leads to something; uncounted, it may."""
        return wish.link(*to, **choice) if found.capped or counts.get(key) else ""

    districts = [
        (name, counts.get(key, 0), url_of(key, path, region=[key]))
        for key, name in (districts_of(lang, land).get(land, []) if land else [])
    ]

    def tile(key: str) -> str:
        url = url_of(key, land=key)
        return f"{url}#kreise" if url else ""

    context = {
        "found": found,
        "tiles": tiles_of(states, counts, tile, land),
        "states": [(name, counts.get(key, 0), tile(key))
                   for key, name in sorted(states.items(), key=lambda row: row[1])],
        "land": states.get(land, ""),
        "all_url": wish.link(land="alle") + "#kreise",
        "land_url": wish.link(path, region=[land]),
        "land_count": counts.get(land, 0),
        "districts": districts,
        "counted": not found.capped,
        "find_url": wish.link(path),
        "nationwide": counts.get("00", 0),
        "nationwide_url": wish.link(path, region=["00"]),
    }  # fmt: skip
    return render(request, "directory/map.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def near(request: HttpRequest) -> HttpResponse:
    """The own Kreis, remembered for this session only."""
    fault = ""
    if request.method == "POST":
        key = request.POST.get("kreis", "")
        if not key:
            request.session.pop(NEAR, None)
            return redirect("directory:find")
        if _is_district(key):
            request.session[NEAR] = key
            path = reverse("directory:find")
            return redirect(finding.Wish(chosen={"region": [key]}).link(path))
        fault = _("Diesen Kreis gibt es nicht. Bitte wählen Sie einen aus der Liste.")
    lang = language()
    home = home_land(network_in(request))
    states = sorted(states_of(lang).items(), key=lambda row: (row[0] != home, row[1]))
    districts = districts_of(lang)
    context: dict[str, Any] = {
        "groups": [(name, districts.get(key, [])) for key, name in states],
        "held": request.session.get(NEAR, ""),
        "fault": fault,
    }
    return render(request, "directory/near.html", context, status=422 if fault else 200)


def _is_district(key: str) -> bool:
    kinds = (Region.Kind.DISTRICT, Region.Kind.CITY)
    return len(key) == 5 and Region.objects.filter(key=key, kind__in=kinds).exists()
