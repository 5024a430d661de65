"""Names while somebody types: the first few entries with a word that begins so."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from lotse.foundation.core import search, text
from lotse.rooms.directory.views.reading import KINDS, count, language, viewer_in

LEAST, MOST, LIMIT = 2, 80, 8


@require_safe
def suggest(request: HttpRequest) -> HttpResponse:
    """The options below the box, as a part of a page; nothing for less than two letters."""
    count(request, "directory.suggest")
    typed = text.clean_line(request.GET.get("q", ""))[:MOST]
    hits = []
    if len(typed) >= LEAST:
        hits = search.suggest(
            typed, lang=language(), viewer=viewer_in(request), kinds=KINDS, limit=LIMIT
        )
    return render(request, "directory/_suggestions.html", {"hits": hits})
