"""The backlog of a body: subjects for later, and the work programmes they come into (S1-17)."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from lotse.foundation.core import once, text
from lotse.foundation.core.actor import Actor
from lotse.foundation.core.errors import Conflict, Refused
from lotse.foundation.core.permissions import get_visible, has
from lotse.foundation.core.ref import Ref
from lotse.foundation.matters.permissions import keeps_in
from lotse.foundation.matters.queries import matters_with
from lotse.foundation.parties.here import actor_in
from lotse.foundation.parties.models import Body
from lotse.foundation.ui import listing
from lotse.foundation.ui.forms import version_in
from lotse.foundation.ui.guard import signed_in
from lotse.rooms.bodies.forms_between import IdeaForm, ProposalForm, SortForm
from lotse.rooms.bodies.models import Idea
from lotse.rooms.bodies.queries import ideas as queries
from lotse.rooms.bodies.services import ideas
from lotse.rooms.bodies.views import frame
from lotse.rooms.bodies.views.between import Above, Page, form_page, refuse

PROPOSE, SORT = ideas.PROPOSE, ideas.SORT
COLUMNS = (
    listing.Column("title", gettext_lazy("Thema"), 60),
    listing.Column("state", gettext_lazy("Stand"), 24),
    listing.Column("programme", gettext_lazy("Arbeitsprogramm"), 20),
    listing.Column("proposed_on", gettext_lazy("Vorgeschlagen am"), 16),
)


def brackets(idea: Idea) -> str:
    """Who proposed it, as minutes put it: (Name, Organisation)."""
    if idea.proposer is None:
        return ""
    named = ", ".join(filter(None, [idea.proposer.name, idea.proposer.organisation]))
    return f"({named})"


def above(body: Body, *, backlog: bool = True) -> Above:
    """The way up from a page."""
    found = [(reverse("bodies:body", args=[body.uuid]), body.name)]
    if backlog:
        found.append((reverse("bodies:ideas", args=[body.uuid]), _("Themenspeicher")))
    return found


def _body(request: HttpRequest, uuid: UUID, code: str) -> tuple[Body, Actor]:
    """A body for those who are in it, or may propose. Raises Http404, NotAllowed. One query, two
    for who only reads."""
    actor = actor_in(request)
    rows = Body.objects.select_related("network")
    return get_visible(code, actor, uuid, rows, also=(PROPOSE,)), actor


@require_safe
@signed_in
def index(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The backlog: as a table, a file, or for print. At most eight queries."""
    body, actor = _body(request, uuid, frame.INSIDE)
    programmes = queries.programmes_of(body)

    def row(idea: Idea) -> listing.Row:
        return {
            "title": listing.Cell(
                f"{idea.title} {brackets(idea)}".strip(),
                url=reverse("bodies:idea", args=[idea.uuid]),
            ),
            "state": listing.Cell(idea.get_state_display(), note=idea.reason),
            "programme": idea.programme,
            "proposed_on": idea.proposed_on,
        }

    found = listing.build(
        request, title=_("Themenspeicher: %(body)s") % {"body": body.name}, columns=COLUMNS,
        source=queries.ideas_of(body, actor),
        rows=lambda found: [row(idea) for idea in found],
        filters=[
            listing.Filter(
                "stand", _("Stand"), lambda rows, value: rows.filter(state=value),
                Idea.State.choices,
            ),
            listing.Filter(
                "programm", _("Arbeitsprogramm"),
                lambda rows, value: rows.filter(programme=value),
                [(name, name) for name in programmes],
            ),
        ],
        search=_search,
        empty=_("Hier stehen Themen für später: was jemand vorgeschlagen hat, bis es in ein "
                "Arbeitsprogramm oder auf eine Tagesordnung kommt."),
    )  # fmt: skip
    context = {
        "body": body,
        "programmes": programmes,
        "may_propose": body.state != Body.State.ENDED and has(PROPOSE, actor, body),
    }
    return listing.answer(request, found, "bodies/ideas.html", context, name="themen")


def _search(rows: QuerySet[Idea], word: str) -> QuerySet[Idea]:
    return rows.filter(
        Q(title__icontains=word) | Q(text__icontains=word) | Q(proposer__name__icontains=word)
        | Q(proposer__organisation__icontains=word)
    )  # fmt: skip


@require_safe
@signed_in
def programme(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """A work programme, to read and to print."""
    body, actor = _body(request, uuid, frame.INSIDE)
    names = queries.programmes_of(body)
    name = text.clean_line(request.GET.get("name", ""))
    if name and name not in names:
        raise Http404
    name = name or next(iter(names), "")
    found = queries.programme(body, actor, name) if name else []
    context = {
        "body": body, "name": name, "names": [one for one in names if one != name],
        "ideas": [(idea, brackets(idea)) for idea in found],
    }  # fmt: skip
    return render(request, "bodies/idea_programme.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def new(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Proposes a subject."""
    body, actor = _body(request, uuid, PROPOSE)
    data = request.POST if request.method == "POST" else None
    form = ProposalForm(data) if has(frame.RUN, actor, body) else IdeaForm(data)
    page = Page(
        _("Thema vorschlagen"), above(body), _("Thema vorschlagen"),
        reverse("bodies:ideas", args=[uuid]),
    )  # fmt: skip
    if request.method != "POST":
        return form_page(request, page, form)
    if form.is_valid():
        try:
            idea = ideas.propose_idea(
                body, actor=actor, key=once.key_from(request.POST), **form.cleaned_data
            )
        except Refused as refused:
            refuse(form, refused)
        else:
            messages.success(request, _("Das Thema „%(title)s“ steht im Speicher.")
                             % {"title": idea.title})  # fmt: skip
            return redirect("bodies:ideas", uuid)
    return form_page(request, page, form, status=422)


def _load(request: HttpRequest, uuid: UUID, *, sort: bool = False) -> tuple[Idea, Actor]:
    actor = actor_in(request)
    rows = Idea.objects.select_related("body__network", "proposer")
    code = SORT if sort else queries.VIEW
    return get_visible(code, actor, uuid, rows, also=(SORT,)), actor


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def detail(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One subject; who keeps the backlog decides on its way here. At most twelve queries."""
    idea, actor = _load(request, uuid, sort=request.method == "POST")
    if request.method != "POST":
        return _page(request, idea, actor, _sort_form(idea), version=idea.version)
    form = _sort_form(idea, request.POST)
    version = version_in(request)
    if not form.is_valid():
        return _page(request, idea, actor, form, version=version, status=422)
    try:
        ideas.sort_idea(idea, actor=actor, expected=version, **form.cleaned_data)
    except Refused as refused:
        refuse(form, refused)
        return _page(request, idea, actor, form, version=version, status=422)
    except Conflict as conflict:
        if conflict.current is None:
            raise Http404 from None
        now = conflict.current
        kept = SortForm(form.data, ways=_ways(now))
        return _page(request, now, actor, kept, version=now.version, status=409)
    messages.success(request, _("Das Thema ist jetzt „%(state)s“.")
                     % {"state": idea.get_state_display()})  # fmt: skip
    return redirect("bodies:ideas", idea.body.uuid)


_WAYS = {
    Idea.State.OPEN: gettext_lazy("zurück in den Speicher"),
    Idea.State.PLANNED: gettext_lazy("in ein Arbeitsprogramm"),
    Idea.State.DROPPED: gettext_lazy("nicht weiter verfolgen"),
}


def _ways(idea: Idea) -> list[tuple[str, Any]]:
    return [(way, _WAYS[Idea.State(way)]) for way in ideas.WAYS[idea.state]]


def _sort_form(idea: Idea, data: Any = None) -> SortForm:
    return SortForm(data, initial={"programme": idea.programme}, ways=_ways(idea))


def _page(
    request: HttpRequest, idea: Idea, actor: Actor, form: SortForm, *, version: int,
    status: int = 200,
) -> HttpResponse:  # fmt: skip
    ref = Ref.to(idea)
    context = {
        "idea": idea,
        "proposer": brackets(idea),
        "form": form,
        "version": version,
        "may_sort": has(SORT, actor, idea),
        "may_tie": keeps_in(actor, idea.body.network_id),
        "ref": ref,
        "items": queries.items_of(idea, actor) if idea.state == Idea.State.TAKEN else [],
        "matters": list(matters_with(ref, actor)),
        "in_conflict": status == 409,
    }
    return render(request, "bodies/idea.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def edit(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Other words for a subject."""
    idea, actor = _load(request, uuid, sort=True)
    if request.method != "POST":
        return _edit_page(request, idea, IdeaForm(initial=IdeaForm.initial_of(idea)))
    form = IdeaForm(request.POST)
    if not form.is_valid():
        return _edit_page(request, idea, form, version=version_in(request), status=422)
    try:
        ideas.change_idea(idea, actor=actor, expected=version_in(request), **form.cleaned_data)
    except Conflict as conflict:
        if conflict.current is None:
            raise Http404 from None
        return _edit_page(request, conflict.current, form, status=409)
    messages.success(request, _("Das Thema ist gespeichert."))
    return redirect("bodies:idea", uuid)


def _edit_page(
    request: HttpRequest, idea: Idea, form: IdeaForm, *, version: int | None = None,
    status: int = 200,
) -> HttpResponse:  # fmt: skip
    here = reverse("bodies:idea", args=[idea.uuid])
    page = Page(
        _("Thema ändern"), [*above(idea.body), (here, idea.title)], _("Thema speichern"), here,
        version=idea.version if version is None else version,
    )  # fmt: skip
    stored = IdeaForm.initial_of(idea) if status == 409 else None
    return form_page(request, page, form, stored=stored, status=status)
