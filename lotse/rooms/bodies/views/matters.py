"""Matters: the list, the page of one, begun from anything, tied, merged, split."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from lotse.foundation.core import clock, once
from lotse.foundation.core.actor import Actor
from lotse.foundation.core.errors import Conflict, NotAllowed, Refused
from lotse.foundation.core.permissions import get_visible, has
from lotse.foundation.core.ref import Ref
from lotse.foundation.matters import queries, services
from lotse.foundation.matters.lines import Line, line_of
from lotse.foundation.matters.models import Matter, Step
from lotse.foundation.matters.permissions import keeps_in
from lotse.foundation.parties.here import actor_in, network_in
from lotse.foundation.parties.models import Network
from lotse.foundation.ui import listing
from lotse.foundation.ui.forms import version_in
from lotse.foundation.ui.guard import signed_in
from lotse.rooms.bodies.forms_between import MatterForm, MergeForm, SplitForm, TieForm
from lotse.rooms.bodies.queries.matters import steps_of
from lotse.rooms.bodies.views.between import Above, Page, form_page, refuse

VIEW, KEEP = "matters.matter.view", "matters.matter.keep"
COLUMNS = (
    listing.Column("title", gettext_lazy("Vorgang"), 48),
    listing.Column("state", gettext_lazy("Stand"), 16),
    listing.Column("started_on", gettext_lazy("Beginn"), 14),
    listing.Column("next", gettext_lazy("Nächster Schritt"), 40),
    listing.Column("next_on", gettext_lazy("Geplant für"), 14),
)


def here(request: HttpRequest) -> Network:
    """The network of the page. Raises Http404 where there is none."""
    network = network_in(request)
    if network is None:
        raise Http404
    return network


def load(request: HttpRequest, uuid: UUID, *, keep: bool = False) -> tuple[Matter, Actor]:
    """A matter and who looks at it. Raises Http404, NotAllowed. One or two queries."""
    actor = actor_in(request)
    rows = Matter.objects.select_related("network", "merged_into")
    return get_visible(KEEP if keep else VIEW, actor, uuid, rows, also=(KEEP,)), actor


def above(matter: Matter | None = None) -> Above:
    """The way up from a page."""
    found = [(reverse("bodies:matters"), _("Vorgänge"))]
    if matter is not None:
        found.append((reverse("bodies:matter", args=[matter.uuid]), matter.title))
    return found


@require_safe
@signed_in
def index(request: HttpRequest) -> HttpResponse:
    """Matters of the network: as a table, a file, or for print. At most eight queries."""
    network, actor = here(request), actor_in(request)
    today = clock.today()

    def row(one: Any) -> listing.Row:
        late = one.next_on is not None and one.next_on < today
        return {
            "title": listing.Cell(one.title, url=reverse("bodies:matter", args=[one.uuid])),
            "state": one.get_state_display(),
            "started_on": one.started_on,
            "next": one.next_title or "",
            "next_on": listing.Cell(
                one.next_on, tone="bad" if late else "", note=_("überfällig") if late else ""
            ),
        }

    found = listing.build(
        request, title=_("Vorgänge"), columns=COLUMNS,
        source=queries.listed(actor, network.pk).order_by("-started_on", "title", "pk"),
        rows=lambda found: [row(one) for one in found],
        filters=[
            listing.Filter(
                "stand", _("Stand"), lambda rows, value: rows.filter(state=value),
                Matter.State.choices,
            ),
            listing.Filter("ab", _("Begonnen ab"), _since, kind="day"),
        ],
        search=_search,
        empty=_("Ein Vorgang hält zusammen, was über mehrere Sitzungen und Jahre zu einer Sache "
                "geschieht: Tagesordnungspunkte, Unterlagen, Beschlüsse und Maßnahmen."),
    )  # fmt: skip
    context = {"may_start": keeps_in(actor, network.pk)}
    return listing.answer(request, found, "bodies/matters.html", context, name="vorgaenge")


def _since(rows: QuerySet[Matter], value: str) -> QuerySet[Matter]:
    return rows.filter(started_on__gte=value)


def _search(rows: QuerySet[Matter], word: str) -> QuerySet[Matter]:
    return rows.filter(Q(title__icontains=word) | Q(summary__icontains=word))


@require_safe
@signed_in
def detail(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One matter across bodies and years; a merged one leads on. At most twelve queries."""
    matter, actor = load(request, uuid)
    if matter.merged_into is not None:
        return redirect("bodies:matter", matter.merged_into.uuid)
    may_keep = has(KEEP, actor, matter)
    thread = queries.thread_of(matter, actor)
    steps = steps_of(matter, actor)
    today = clock.today()
    context = {
        "matter": matter,
        "thread": thread,
        "may_keep": may_keep,
        "may_change": may_keep and matter.state != Matter.State.CLOSED,
        # Whoever oversees the network sees all of its things: what has no line is gone.
        "lost": thread.lost if may_keep and _oversees(actor, matter) else [],
        "plans": [
            (kind, label, [(step, _is_late(step, today)) for step in steps if step.kind == kind])
            for kind, label in _PLANS
        ],
        "merged": list(Matter.objects.filter(merged_into=matter).order_by("title", "pk")),
        "ways": [(way, _WAYS[Matter.State(way)]) for way in services.WAYS[matter.state]]
        if may_keep
        else [],
    }
    return render(request, "bodies/matter.html", context)


_PLANS = (
    (Step.Kind.STEP, gettext_lazy("Fahrplan")),
    (Step.Kind.STATION, gettext_lazy("Weg des Papiers")),
)
_WAYS = {
    Matter.State.OPEN: gettext_lazy("Wieder öffnen"),
    Matter.State.RESTING: gettext_lazy("Ruhen lassen"),
    Matter.State.CLOSED: gettext_lazy("Abschließen"),
}


def _oversees(actor: Actor, matter: Matter) -> bool:
    return actor.operates or matter.network_id in actor.networks_as("office")


def _is_late(step: Step, today: Any) -> bool:
    return step.done_on is None and step.planned_on is not None and step.planned_on < today


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def new(request: HttpRequest) -> HttpResponse:
    """A new matter."""
    network, actor = here(request), actor_in(request)
    if not keeps_in(actor, network.pk):
        raise NotAllowed(KEEP)
    page = Page(_("Vorgang beginnen"), above(), _("Vorgang anlegen"), reverse("bodies:matters"))
    if request.method != "POST":
        return form_page(request, page, MatterForm(initial={"started_on": clock.today()}))
    form = MatterForm(request.POST)
    if form.is_valid():
        try:
            matter = services.start_matter(
                network, actor=actor, key=once.key_from(request.POST), **form.cleaned_data
            )
        except Refused as refused:
            refuse(form, refused)
        else:
            messages.success(request, _("Der Vorgang ist angelegt."))
            return redirect("bodies:matter", matter.uuid)
    return form_page(request, page, form, status=422)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def edit(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Other words for a matter."""
    matter, actor = load(request, uuid, keep=True)
    if request.method != "POST":
        return _edit_page(request, matter, MatterForm(initial=MatterForm.initial_of(matter)))
    form = MatterForm(request.POST)
    if not form.is_valid():
        return _edit_page(request, matter, form, status=422, version=version_in(request))
    try:
        services.change_matter(
            matter, actor=actor, expected=version_in(request), **form.cleaned_data
        )
    except Refused as refused:
        refuse(form, refused)
        return _edit_page(request, matter, form, status=422, version=version_in(request))
    except Conflict as conflict:
        if conflict.current is None:
            raise Http404 from None
        return _edit_page(request, conflict.current, form, status=409)
    messages.success(request, _("Der Vorgang ist gespeichert."))
    return redirect("bodies:matter", uuid)


def _edit_page(
    request: HttpRequest, matter: Matter, form: MatterForm, *, status: int = 200,
    version: int | None = None,
) -> HttpResponse:  # fmt: skip
    page = Page(
        _("Vorgang ändern"), above(matter), _("Vorgang speichern"),
        reverse("bodies:matter", args=[matter.uuid]),
        version=matter.version if version is None else version,
    )  # fmt: skip
    stored = MatterForm.initial_of(matter) if status == 409 else None
    return form_page(request, page, form, stored=stored, status=status)


@require_POST
@signed_in
def state(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Rests, closes or opens a matter."""
    matter, actor = load(request, uuid, keep=True)
    services.move_matter(
        matter, actor=actor, expected=version_in(request), state=request.POST.get("state", "")
    )
    messages.success(request, _("Der Vorgang ist jetzt „%(state)s“.")
                     % {"state": matter.get_state_display()})  # fmt: skip
    return redirect("bodies:matter", uuid)


def ref_in(request: HttpRequest) -> Ref:
    """The thing an address names by `art` and `id`. Raises Http404."""
    try:
        return Ref(request.GET.get("art", "")[:60], UUID(request.GET.get("id", "")))
    except ValueError:
        raise Http404 from None


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def tie(request: HttpRequest) -> HttpResponse:
    """Ties a thing to a matter there is, or begins one with it."""
    network, actor, ref = here(request), actor_in(request), ref_in(request)
    line = line_of(actor, ref)
    if line is None or line.network != network.pk:
        raise Http404
    if not keeps_in(actor, network.pk):
        raise NotAllowed(KEEP)
    matters = {str(one.uuid): one for one in queries.unfinished(actor, network.pk)}
    form = TieForm(request.POST if request.method == "POST" else None, matters=matters.values())
    if request.method == "POST" and form.is_valid():
        try:
            matter = _tied(request, network, ref, form, matters)
        except Refused as refused:
            refuse(form, refused)
        else:
            messages.success(request, _("„%(title)s“ gehört jetzt zu diesem Vorgang.")
                             % {"title": line.title})  # fmt: skip
            return redirect("bodies:matter", matter.uuid)
    return _tie_page(request, form, line, actor)


def _tied(
    request: HttpRequest, network: Network, ref: Ref, form: TieForm, matters: dict[str, Matter]
) -> Matter:
    actor, chosen = actor_in(request), form.cleaned_data["matter"]
    if not chosen:
        return services.start_matter(
            network, actor=actor, title=form.cleaned_data["title"], ref=ref,
            key=once.key_from(request.POST),
        )  # fmt: skip
    services.tie(matters[chosen], actor=actor, ref=ref)
    return matters[chosen]


def _tie_page(request: HttpRequest, form: TieForm, line: Line, actor: Actor) -> HttpResponse:
    context = {
        "form": form,
        "line": line,
        "there": list(queries.matters_with(line.ref, actor)),
        "has_matters": len(form.fields["matter"].choices) > 1,  # type: ignore[attr-defined]  # has
    }
    status = 422 if form.is_bound else 200
    return render(request, "bodies/matter_tie.html", context, status=status)


@require_POST
@signed_in
def untie(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Takes a thing out of a matter; twice is once."""
    matter, actor = load(request, uuid, keep=True)
    try:
        wanted = UUID(request.POST.get("knot", ""))
    except ValueError:
        raise Http404 from None
    knot = matter.knots.select_related("matter").filter(uuid=wanted).first()
    if knot is not None:
        services.untie(knot, actor=actor)
    messages.success(request, _("Die Verknüpfung ist gelöst. Das Verknüpfte selbst bleibt."))
    return redirect("bodies:matter", uuid)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def merge(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Lets a matter go on in another."""
    matter, actor = load(request, uuid, keep=True)
    rows = queries.unfinished(actor, matter.network_id).exclude(pk=matter.pk)
    others = {str(one.uuid): one for one in rows}
    form = MergeForm(request.POST if request.method == "POST" else None, matters=others.values())
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            into = others[form.cleaned_data["into"]]
            try:
                services.merge_matter(matter, actor=actor, expected=version_in(request), into=into)
            except Refused as refused:
                refuse(form, refused)
            except Conflict:
                status = 409
                matter, actor = load(request, uuid, keep=True)
            else:
                messages.success(request, _("„%(title)s“ ist in diesem Vorgang aufgegangen.")
                                 % {"title": matter.title})  # fmt: skip
                return redirect("bodies:matter", into.uuid)
    page = Page(
        _("Vorgang zusammenführen"), above(matter), _("Zusammenführen"),
        reverse("bodies:matter", args=[uuid]), version=matter.version,
        hint=_("Alles, was an „%(title)s“ hängt, hängt danach am gewählten Vorgang. Wer den alten "
               "aufruft, wird dorthin geleitet.") % {"title": matter.title},
    )  # fmt: skip
    return form_page(request, page, form, stored={} if status == 409 else None, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def split(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """A new matter out of some of what hangs in this one."""
    matter, actor = load(request, uuid, keep=True)
    thread = queries.thread_of(matter, actor)
    knots = [
        (entry.knot, f"{entry.line.kind}: {entry.line.title}")
        for entry in thread.entries if entry.knot is not None
    ]  # fmt: skip
    form = SplitForm(request.POST if request.method == "POST" else None, knots=knots)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                made = services.split_matter(
                    matter, actor=actor, expected=version_in(request),
                    title=form.cleaned_data["title"], key=once.key_from(request.POST),
                    knots=[UUID(one) for one in form.cleaned_data["knots"]],
                )  # fmt: skip
            except Refused as refused:
                refuse(form, refused)
            except Conflict:
                status = 409
                matter, actor = load(request, uuid, keep=True)
            else:
                messages.success(request, _("Der neue Vorgang ist angelegt."))
                return redirect("bodies:matter", made.uuid)
    page = Page(
        _("Vorgang teilen"), above(matter), _("Neuen Vorgang anlegen"),
        reverse("bodies:matter", args=[uuid]), version=matter.version,
        hint="" if knots else _("An diesem Vorgang hängt noch nichts, was sich teilen ließe."),
    )  # fmt: skip
    return form_page(request, page, form, stored={} if status == 409 else None, status=status)
