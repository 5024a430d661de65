"""Own measures: the list, and the page on which whoever takes care reports."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Case, F, Q, QuerySet, When
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from lotse.foundation.core import clock, hooks, limits, once
from lotse.foundation.core.actor import Actor
from lotse.foundation.core.errors import Conflict, Refused
from lotse.foundation.core.permissions import get_visible, has, visible
from lotse.foundation.documents.responses import handed_in
from lotse.foundation.measures import links, work
from lotse.foundation.measures.evidence import evidence_of
from lotse.foundation.measures.forms import AnswerForm, EvidenceForm, OwnNoteForm, WorkForm
from lotse.foundation.measures.models import Measure
from lotse.foundation.measures.permissions import RUNNING
from lotse.foundation.measures.queries import Own, own_measures, with_helpers, with_parties
from lotse.foundation.parties.here import actor_in
from lotse.foundation.parties.models import Body, Organisation
from lotse.foundation.ui import listing
from lotse.foundation.ui.forms import version_back, version_in

VIEW, EDIT = "measures.measure.view", "measures.measure.edit"
COLUMNS = (
    listing.Column("title", gettext_lazy("Was ist zu tun?"), 48),
    listing.Column("status", gettext_lazy("Stand"), 14),
    listing.Column("due_on", gettext_lazy("Bis wann?"), 14),
    listing.Column("organisation", gettext_lazy("Für"), 30),
    listing.Column("who", gettext_lazy("Wer kümmert sich?"), 30),
)


@require_safe
@login_required
def own_list(request: HttpRequest) -> HttpResponse:
    """What the person takes care of, the open ones first; as a table, a file, or for print."""
    actor = actor_in(request)
    today = clock.today()

    def row(measure: Measure) -> listing.Row:
        late = measure.is_late(today)
        return {
            "title": listing.Cell(measure.title, url=links.page_of(measure.uuid)),
            "status": measure.get_status_display(),
            "due_on": listing.Cell(
                measure.due_on or measure.due_words,
                tone="bad" if late else "",
                note=_("überfällig") if late else "",
            ),
            "organisation": Own(measure, actor).actor_for,
            "who": measure.everybody,
        }

    found = listing.build(
        request,
        title=_("Meine Maßnahmen"),
        columns=COLUMNS,
        source=_rows(actor),
        rows=lambda found: [row(measure) for measure in found],
        filters=_filters(actor),
        search=lambda rows, word: rows.filter(Q(title__icontains=word) | Q(reason__icontains=word)),
        empty=_("Hier stehen die Maßnahmen, für die Sie oder Ihre Organisation zuständig sind."),
    )
    return listing.answer(request, found, "today/measures.html", name="massnahmen")


def _rows(actor: Actor) -> QuerySet[Measure]:
    still_to_do = Case(When(status__in=Measure.ACTIVE, then=0), default=1)
    by_date = F("due_on").asc(nulls_last=True)
    return with_helpers(own_measures(actor)).order_by(still_to_do, by_date, "-urgency", "pk")


def _filters(actor: Actor) -> list[listing.Filter]:
    """State, and for whom: the person alone or all organisations."""
    states = [("active", _("noch nicht erledigt")), ("late", _("überfällig"))]
    found = [listing.Filter("stand", _("Stand"), _by_state, [*states, *Measure.Status.choices])]
    choices = [*_organisations(actor), *_bodies(actor)]
    if choices:
        found.append(
            listing.Filter(
                "fuer",
                _("Für"),
                _by_organisation,
                [("ich", _("nur für mich")), *choices],
            )
        )
    return found


def _bodies(actor: Actor) -> list[tuple[str, str]]:
    """The bodies the person runs. One query, none for others."""
    if not (uuids := actor.things_as(*RUNNING)):
        return []
    found = Body.objects.filter(uuid__in=uuids).order_by("name")
    return [(str(uuid), name) for uuid, name in found.values_list("uuid", "name")]


def _organisations(actor: Actor) -> list[tuple[str, str]]:
    """The organisations the person has a seat in. One query, none for others."""
    if not actor.organisations():
        return []
    found = Organisation.objects.filter(pk__in=actor.organisations()).order_by("name")
    return [(str(uuid), name) for uuid, name in found.values_list("uuid", "name")]


def _by_state(rows: QuerySet[Measure], value: str) -> QuerySet[Measure]:
    if value in ("active", "late"):
        rows = rows.filter(status__in=Measure.ACTIVE)
        return rows.filter(due_on__lt=clock.today()) if value == "late" else rows
    return rows.filter(status=value)


def _by_organisation(rows: QuerySet[Measure], value: str) -> QuerySet[Measure]:
    if value == "ich":
        return rows.filter(organisation=None, body=None)
    return rows.filter(Q(organisation__uuid=value) | Q(body__uuid=value))


def _load(request: HttpRequest, uuid: UUID, *, edit: bool = False) -> Measure:
    """The measure, if the actor may see it (or work on it). Raises Http404, NotAllowed."""
    code = EDIT if edit else VIEW
    rows = with_helpers(with_parties())
    return get_visible(code, actor_in(request), uuid, rows, also=(EDIT,))


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def measure(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One measure: what is to be done, how it stands; open also without access to its origin."""
    found = _load(request, uuid, edit=request.method == "POST")
    if request.method != "POST":
        return _page(request, found)
    form = _form_class(found)(request.POST)
    if not form.is_valid():
        return _page(request, found, form=form, status=422)
    try:
        work.report_state(
            found,
            actor=actor_in(request),
            key=once.key_from(request.POST),
            expected=version_in(request),
            **form.cleaned_data,
        )
    except Conflict as conflict:
        return _page(request, conflict.current, form=form, in_conflict=True, status=409)
    except Refused as refusal:
        late = found.owes_reason(clock.today()) and not form.cleaned_data["delay_reason"].strip()
        form.add_error("delay_reason" if late else "status", list(refusal.messages))
        return _page(request, found, form=form, status=422)
    messages.success(request, _("Die Maßnahme ist gespeichert."))
    return redirect("today:today")


def _form_class(measure: Measure) -> type[WorkForm]:
    """One of many partners answers besides (S4-06)."""
    return AnswerForm if measure.whole_id is not None else WorkForm


def _page(
    request: HttpRequest,
    measure: Measure,
    *,
    form: WorkForm | None = None,
    note_form: OwnNoteForm | None = None,
    evidence_form: EvidenceForm | None = None,
    in_conflict: bool = False,
    status: int = 200,
) -> HttpResponse:
    actor = actor_in(request)
    today = clock.today()
    initial = {"status": measure.status, "delay_reason": measure.delay_reason}
    context: dict[str, Any] = {
        "measure": measure,
        "may_edit": in_conflict or has(EDIT, actor, measure),
        "late": measure.is_late(today),
        "awaits_control": measure.awaits_control(today),
        "origin": _origin(actor, measure),
        "form": form or _form_class(measure)(initial=initial),
        "version": version_back(request, measure.version, status),
        "in_conflict": in_conflict,
        "progress": measure.progress.select_related("person"),
        "files": evidence_of(measure),
        "note_form": note_form or OwnNoteForm(auto_id="id_note_%s"),
        "evidence_form": evidence_form or EvidenceForm(),
        "here": links.page_of(measure.uuid),
    }
    return render(request, "today/measure.html", context, status=status)


def _origin(actor: Actor, measure: Measure) -> dict[str, Any] | None:
    """Where the measure comes from; with a link only for who may open it there. One query."""
    for origin in hooks.origin_rights:
        if origin.type == measure.origin_type:
            may = visible(VIEW, actor, Measure.objects.filter(pk=measure.pk))
            opens = may.filter(origin.view(actor)).exists()
            url = origin.page(measure.origin_uuid, measure.uuid) if opens else ""
            return {"title": origin.title, "url": url}
    return None


@require_POST
@login_required
def note(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """A progress note in the own name."""
    found = _load(request, uuid, edit=True)
    form = OwnNoteForm(request.POST, auto_id="id_note_%s")
    if not form.is_valid():
        return _page(request, found, note_form=form, status=422)
    work.add_note(
        found, actor=actor_in(request), key=once.key_from(request.POST), **form.cleaned_data
    )
    messages.success(request, _("Die Notiz ist gespeichert."))
    return redirect("today:measure", uuid)


@require_POST
@login_required
def control(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The result was looked at."""
    found = _load(request, uuid, edit=True)
    work.confirm_control(
        found,
        actor=actor_in(request),
        key=once.key_from(request.POST),
        expected=version_in(request),
    )
    messages.success(request, _("Das Ergebnis ist als geprüft vermerkt."))
    return redirect("today:measure", uuid)


@require_POST
@login_required
def evidence(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Takes a file, or deletes one (`delete`)."""
    found = _load(request, uuid, edit=True)
    actor = actor_in(request)
    if "delete" in request.POST:
        work.delete_evidence(found, actor=actor, document=_uuid(request.POST["delete"]))
        messages.success(request, _("Die Datei ist gelöscht."))
        return redirect("today:measure", uuid)
    form = EvidenceForm(request.POST, request.FILES)
    if form.is_valid():
        limits.hit("documents.upload", str(actor.uuid))
        try:
            work.add_evidence(
                found,
                actor=actor,
                key=once.key_from(request.POST),
                upload=form.cleaned_data["file"],
            )
        except Refused as refusal:
            form.add_error("file", list(refusal.messages))
        else:
            messages.success(request, _("Die Datei ist gespeichert."))
            return redirect("today:measure", uuid)
    return _page(request, found, evidence_form=form, status=422)


def _uuid(value: str) -> UUID:
    try:
        return UUID(value)
    except ValueError:
        raise Http404 from None


@require_safe
@login_required
def evidence_file(request: HttpRequest, uuid: UUID, document: UUID) -> HttpResponse:
    """One file, as an attachment."""
    found = evidence_of(_load(request, uuid)).filter(uuid=document).first()
    if found is None:
        raise Http404
    return handed_in(found)  # type: ignore[return-value]  # a streaming answer
