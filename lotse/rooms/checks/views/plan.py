"""The action plan: measures, their notes, files, and the new rating when one is done."""

from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from lotse.foundation.core import clock, limits, once
from lotse.foundation.core.errors import Conflict, Refused
from lotse.foundation.documents.responses import handed_in
from lotse.foundation.measures.evidence import evidence_of
from lotse.foundation.measures.forms import EvidenceForm, MeasureForm, NewMeasureForm, NoteForm
from lotse.foundation.measures.models import Measure
from lotse.foundation.measures.parties import Choices, choices_for
from lotse.foundation.measures.queries import Filter, narrowed
from lotse.foundation.ui.forms import version_back, version_in
from lotse.rooms.checks.content import label_of
from lotse.rooms.checks.queries.library import scope_text
from lotse.rooms.checks.queries.report import asks_for_rating, day_text, report_of
from lotse.rooms.checks.queries.rounds import earlier_rounds
from lotse.rooms.checks.services import plan as services
from lotse.rooms.checks.views.loading import Loaded, load


@require_safe
def plan(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """All measures of the round, sorted and filtered, and those still active of earlier ones."""
    loaded = load(request, uuid)
    earlier = earlier_rounds(loaded.assessment)
    report = report_of(loaded.assessment, loaded.lang, earlier=earlier)
    wanted = Filter.from_query(request.GET)
    today = clock.today()
    points = {point.id: point for point in loaded.view.checkpoints}
    rows = [
        (measure, points.get(measure.origin_part), measure.is_late(today), asks_for_rating(measure))
        for measure in narrowed(report.measures, wanted)
    ]
    owners = {str(found.uuid): found for found in earlier}
    context = {
        "loaded": loaded,
        "assessment": loaded.assessment,
        "view": loaded.view,
        "report": report,
        "rows": rows,
        "wanted": wanted,
        "statuses": Measure.Status.choices,
        "earlier_rows": [
            (measure, owners[str(measure.origin_uuid)], measure.is_late(today))
            for measure in report.earlier_measures
        ],
    }
    return render(request, "checks/plan.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """A measure in one form; `?punkt=` ties it to a checkpoint."""
    loaded = load(request, uuid, edit=True)
    point = loaded.view.checkpoint(request.POST.get("point") or request.GET.get("punkt", ""))
    form = NewMeasureForm(
        request.POST if request.method == "POST" else None,
        initial=services.defaults_for(loaded.assessment, point),
        choices=choices_for(loaded.actor),
    )
    if request.method == "POST" and form.is_valid():
        services.add_measure(
            loaded.assessment,
            actor=loaded.actor,
            key=once.key_from(request.POST),
            checkpoint=point,
            **form.changes,
        )
        messages.success(request, _("Die Maßnahme steht im Plan."))
        return redirect("checks:plan", uuid)
    context = {
        "loaded": loaded,
        "assessment": loaded.assessment,
        "view": loaded.view,
        "point": point,
        "form": form,
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "checks/measure_new.html", context, status=status)


@require_POST
def take_suggestion(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """A suggested measure in one click."""
    loaded = load(request, uuid, edit=True)
    point = loaded.view.checkpoint(request.POST.get("point", ""))
    wanted = request.POST.get("suggestion", "")
    suggestion = next((s for s in point.suggestions if s.id == wanted), None) if point else None
    if point is None or suggestion is None:
        raise Http404
    services.add_measure(
        loaded.assessment,
        actor=loaded.actor,
        key=once.key_from(request.POST),
        checkpoint=point,
        title=suggestion.text.plain[:200],
        suggestion=suggestion.id,
    )
    messages.success(request, _("Die Maßnahme steht im Plan. Ergänzen Sie dort, wer und bis wann."))
    target = "checks:plan" if request.POST.get("go") == "plan" else "checks:result"
    return redirect(target, uuid)


@require_http_methods(["GET", "HEAD", "POST"])
def measure(request: HttpRequest, uuid: UUID, measure: UUID) -> HttpResponse:
    """One measure: read by all with a link, changed by those who may edit."""
    loaded = load(request, uuid, edit=request.method == "POST")
    found = loaded.measure(measure)
    if request.method != "POST":
        return _measure_page(request, loaded, found)
    form = MeasureForm(request.POST, choices=choices_for(loaded.actor), measure=found)
    if not form.is_valid():
        return _measure_page(request, loaded, found, form=form, status=422)
    try:
        became_done = services.change_measure(
            loaded.assessment,
            found,
            actor=loaded.actor,
            key=once.key_from(request.POST),
            expected=version_in(request),
            changes=form.changes,
        )
    except Conflict as conflict:
        return _measure_page(
            request, loaded, conflict.current, form=form, in_conflict=True, status=409
        )
    messages.success(request, _("Die Maßnahme ist gespeichert."))
    if became_done and found.origin_part:
        return redirect("checks:measure-rate", uuid, measure)
    return redirect("checks:plan", uuid)


def _measure_page(
    request: HttpRequest,
    loaded: Loaded,
    measure: Measure,
    *,
    form: MeasureForm | None = None,
    in_conflict: bool = False,
    note_form: NoteForm | None = None,
    evidence_form: EvidenceForm | None = None,
    status: int = 200,
) -> HttpResponse:
    point = loaded.view.checkpoint(measure.origin_part)
    context: dict[str, Any] = {
        "loaded": loaded,
        "assessment": loaded.assessment,
        "view": loaded.view,
        "scope": scope_text(loaded.assessment),
        "measure": measure,
        "point": point,
        "late": measure.is_late(clock.today()),
        "asks_for_rating": asks_for_rating(measure),
        "before": label_of(point, measure.level_before) if point and measure.rated_at else None,
        "after": label_of(point, measure.level_after) if point and measure.rated_at else None,
        "form": form or MeasureForm.for_measure(measure, _choices(loaded)),
        "version": version_back(request, measure.version, status),
        "stored": _shown(measure) if in_conflict else None,
        "progress": measure.progress.select_related("person"),
        "files": evidence_of(measure),
        "note_form": note_form or NoteForm(auto_id="id_note_%s"),
        "evidence_form": evidence_form or EvidenceForm(),
        "here": reverse("checks:measure", args=[loaded.assessment.uuid, measure.uuid]),
    }
    return render(request, "checks/measure.html", context, status=status)


def _choices(loaded: Loaded) -> Choices | None:
    """Whom the actor may put in charge; nobody is offered to those who only read."""
    return choices_for(loaded.actor) if loaded.may_edit else None


def _shown(measure: Measure) -> list[tuple[str, str]]:
    """Every field of the stored version with its label: nothing is overwritten unseen (T37)."""
    values = {name: getattr(measure, name) for name in MeasureForm.base_fields} | {
        "urgency": measure.get_urgency_display(),
        "status": measure.get_status_display(),
        "responsible": measure.who,
        "controller": measure.controlled_by,
    }
    return [
        (str(field.label), day_text(value) if isinstance(value, date) else str(value))
        for name, field in MeasureForm.base_fields.items()
        if (value := values[name])
    ]


@require_POST
def note(request: HttpRequest, uuid: UUID, measure: UUID) -> HttpResponse:
    """A progress note."""
    loaded = load(request, uuid, edit=True)
    found = loaded.measure(measure)
    form = NoteForm(request.POST, auto_id="id_note_%s")
    if not form.is_valid():
        return _measure_page(request, loaded, found, note_form=form, status=422)
    services.add_note(
        loaded.assessment,
        found,
        actor=loaded.actor,
        key=once.key_from(request.POST),
        **form.cleaned_data,
    )
    messages.success(request, _("Die Notiz ist gespeichert."))
    return redirect("checks:measure", uuid, measure)


@require_http_methods(["GET", "HEAD", "POST"])
def rate(request: HttpRequest, uuid: UUID, measure: UUID) -> HttpResponse:
    """After a measure is done: how does the checkpoint stand now?"""
    loaded = load(request, uuid, edit=True)
    found = loaded.measure(measure)
    point = loaded.view.checkpoint(found.origin_part)
    if point is None:
        raise Http404
    fault = ""
    if request.method == "POST":
        try:
            services.rate_after(
                loaded.assessment,
                found,
                actor=loaded.actor,
                key=once.key_from(request.POST),
                checkpoint=point,
                level=request.POST.get("level", ""),
            )
        except Refused as refusal:
            fault = refusal.messages[0]
        else:
            messages.success(request, _("Die neue Bewertung ist gespeichert."))
            return redirect("checks:plan", uuid)
    answer = loaded.assessment.answers.filter(checkpoint=point.id).first()
    context = {
        "loaded": loaded,
        "assessment": loaded.assessment,
        "view": loaded.view,
        "measure": found,
        "point": point,
        "now": label_of(point, answer.level if answer else ""),
        "fault": fault,
    }
    return render(request, "checks/measure_rate.html", context, status=422 if fault else 200)


@require_POST
def evidence(request: HttpRequest, uuid: UUID, measure: UUID) -> HttpResponse:
    """Takes a file, or deletes one (`delete`)."""
    loaded = load(request, uuid, edit=True)
    found = loaded.measure(measure)
    if "delete" in request.POST:
        services.delete_evidence(
            loaded.assessment, found, actor=loaded.actor, document=_uuid(request.POST["delete"])
        )
        messages.success(request, _("Die Datei ist gelöscht."))
        return redirect("checks:measure", uuid, measure)
    form = EvidenceForm(request.POST, request.FILES)
    if form.is_valid():
        limits.hit("documents.upload", limits.address_of(request))
        try:
            services.add_evidence(
                loaded.assessment,
                found,
                actor=loaded.actor,
                key=once.key_from(request.POST),
                upload=form.cleaned_data["file"],
            )
        except Refused as refusal:
            form.add_error("file", list(refusal.messages))
        else:
            messages.success(request, _("Die Datei ist gespeichert."))
            return redirect("checks:measure", uuid, measure)
    return _measure_page(request, loaded, found, evidence_form=form, status=422)


def _uuid(value: str) -> UUID:
    try:
        return UUID(value)
    except ValueError:
        raise Http404 from None


@require_safe
def evidence_file(request: HttpRequest, uuid: UUID, measure: UUID, document: UUID) -> HttpResponse:
    """One file, as an attachment."""
    loaded = load(request, uuid)
    found = evidence_of(loaded.measure(measure)).filter(uuid=document).first()
    if found is None:
        raise Http404
    return handed_in(found)  # type: ignore[return-value]  # a streaming answer


@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: HttpRequest, uuid: UUID, measure: UUID) -> HttpResponse:
    """Deletes a measure after one question."""
    loaded = load(request, uuid, edit=True)
    found = loaded.measure(measure)
    if request.method == "POST":
        services.delete_measure(loaded.assessment, found, actor=loaded.actor)
        messages.success(request, _("Die Maßnahme ist gelöscht."))
        return redirect("checks:plan", uuid)
    context = {
        "loaded": loaded,
        "assessment": loaded.assessment,
        "view": loaded.view,
        "measure": found,
        "notes": found.progress.count(),
        "files": evidence_of(found).count(),
    }
    return render(request, "checks/measure_delete.html", context)
