"""The front page, the box, the pages a network writes itself, reports, the language."""

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import check_for_language, get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from lotse.foundation.core import hooks, limits, logs, once, text
from lotse.foundation.core.search import Viewer
from lotse.foundation.parties.here import actor_in, network_in
from lotse.foundation.parties.models import NetworkPage
from lotse.foundation.parties.queries import page_of
from lotse.foundation.parties.services import networks as parties
from lotse.foundation.parties.viewing import viewer_of
from lotse.foundation.topics.models import Topic
from lotse.foundation.ui import finding
from lotse.rooms.directory.queries.welcome import has_entries, join_url
from lotse.rooms.directory.views import reading
from lotse.rooms.directory.views.finding import places, shown_regions
from lotse.surfaces.home.forms import ReportForm


def _viewer(request: HttpRequest) -> Viewer:
    return viewer_of(actor_in(request), network_in(request))


def _lang() -> str:
    return (get_language() or "de")[:2]


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What this network is, the box, the doors of the rooms that exist."""
    lang = _lang()
    network = network_in(request)
    doors = [door for provide in hooks.doors if (door := provide(request))]
    context = {
        "doors": doors,
        "claim": text.pick(network.claim, lang) if network else "",
        "topics": _topics(lang, groups_only=True),
        # Topics lead to the partners for them, as soon as there are any.
        "find_url": reverse("directory:find") if has_entries(_viewer(request)) else "",
    }
    return render(request, "home/home.html", context)


# What narrows the hits of all rooms; the page of a room has more.
_FACETS = (finding.KIND, "topic", "region", "network")


@require_safe
def search_page(request: HttpRequest) -> HttpResponse:
    """The box: finds what the rooms put into the search. What was typed is not stored."""
    lang = _lang()
    wish = finding.read(request, _FACETS, lang)
    found = None
    if wish.question or wish.chosen:
        reading.count(request, "directory.find")
        found = finding.look(
            wish, _viewer(request), lang=lang, facets=_FACETS, shown={"region": shown_regions},
            places=places(),
        )  # fmt: skip
    inside = replace(wish, chosen={}).link(reverse("directory:find"))
    context = {"found": found, "question": wish.question, "inside": inside}
    return render(request, "home/search.html", context)


@require_safe
def topics(request: HttpRequest) -> HttpResponse:
    """The topics of the field, by group."""
    return render(request, "home/topics.html", {"groups": _topics(_lang())})


def _topics(lang: str, *, groups_only: bool = False) -> list[dict[str, Any]]:
    """Topics in use in two levels, ready for the page. One query."""
    found = Topic.objects.filter(retired_at=None)
    if groups_only:
        found = found.filter(parent=None)
    rows: list[Any] = list(found.values("id", "parent_id", "code", "name", "summary"))
    groups: dict[int, dict[str, Any]] = {}
    # Groups first: what was put into another group may stand before it.
    for row in sorted(rows, key=lambda row: row["parent_id"] is not None):
        item = {
            "code": row["code"],
            "topics": [],
            **_worded("name", row["name"], lang),
            **_worded("summary", row["summary"], lang),
        }
        if row["parent_id"] is None:
            groups[row["id"]] = item
        elif row["parent_id"] in groups:
            groups[row["parent_id"]]["topics"].append(item)  # a list
    return list(groups.values())


def _worded(key: str, words: dict[str, str], lang: str) -> dict[str, str]:
    """A text and, where it is in another language than the page, that language (T64)."""
    other = text.language_of(words, lang)
    return {key: text.pick(words, lang), f"{key}_lang": "" if other == lang else other}


def _page(request: HttpRequest, kind: str) -> HttpResponse:
    lang = _lang()
    network = network_in(request)
    body, body_lang = page_of(network or None, kind, lang)
    if not body:
        raise Http404
    context = {
        "title": NetworkPage.Kind(kind).label,
        "body": body,
        "body_lang": "" if body_lang == lang else body_lang,
        "kind": kind,
        "join_url": join_url(network_in(request)) if kind == NetworkPage.Kind.ABOUT else "",
    }
    return render(request, "home/page.html", context)


@require_safe
def about(request: HttpRequest) -> HttpResponse:
    """Über uns, as the network wrote it."""
    return _page(request, "about")


@require_safe
def imprint(request: HttpRequest) -> HttpResponse:
    """Impressum."""
    return _page(request, "imprint")


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    """Data protection."""
    return _page(request, "privacy")


@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    """Accessibility statement."""
    return _page(request, "accessibility")


@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest) -> HttpResponse:
    """Barriere oder Fehler melden: kept for the office, mailed to the contact address."""
    form = ReportForm(
        request.POST if request.method == "POST" else None,
        initial={
            "page": logs.redact(text.clean_line(request.GET.get("seite", "")))[:300],
            "number": logs.number_in(request.GET.get("vorgang", "")),
        },
    )
    network = network_in(request)
    if request.method == "POST" and form.is_valid():
        if not network:
            raise Http404
        limits.hit("parties.report", limits.address_of(request))
        parties.report_barrier(
            network,
            actor=actor_in(request),
            key=once.key_from(request.POST),
            page=form.cleaned_data["page"],
            body=form.cleaned_data["text"],
            reply_to=form.cleaned_data["reply_to"],
            request_number=form.cleaned_data["number"],
        )
        messages.success(request, _("Danke. Ihre Meldung ist angekommen."))
        return redirect("home:accessibility")
    status = 422 if request.method == "POST" else 200
    return render(request, "home/report.html", {"form": form}, status=status)


@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """Switches the language and stays on the page."""
    from django.conf import settings

    target = request.POST.get("next", "/")
    safe = target.startswith("/") and url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    response = redirect(target if safe else "/")
    language = request.POST.get("language", "")
    if language in dict(settings.LANGUAGES) and check_for_language(language):
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            language,
            max_age=settings.LANGUAGE_COOKIE_AGE,
            secure=settings.LANGUAGE_COOKIE_SECURE,
            httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
            samesite="Lax",
        )
    return response


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """Assessments and secret links are no matter for search engines."""
    lines = ["User-agent: *", "Disallow: /checks/bewertung/", "Disallow: /checks/zugang/", ""]
    return HttpResponse("\n".join(lines), content_type="text/plain")
