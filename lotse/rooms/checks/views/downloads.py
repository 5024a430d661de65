"""Papers to take away. The engines are imported when first needed: they are half the memory."""

from datetime import date
from functools import lru_cache
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from lotse.foundation.core import clock
from lotse.foundation.core.permissions import get_visible
from lotse.foundation.documents.models import Document
from lotse.foundation.documents.responses import DOCX, XLSX, paper
from lotse.foundation.measures.models import Measure, ProgressNote
from lotse.foundation.parties.here import actor_in, network_in
from lotse.rooms.checks.content import view_by_hash, view_of
from lotse.rooms.checks.models import Check
from lotse.rooms.checks.queries.report import Report, report_of
from lotse.rooms.checks.queries.rounds import earlier_rounds
from lotse.rooms.checks.views.loading import language, load


def _report(request: HttpRequest, uuid: UUID) -> tuple[Report, str]:
    loaded = load(request, uuid)
    earlier = earlier_rounds(loaded.assessment)
    return report_of(loaded.assessment, loaded.lang, earlier=earlier), loaded.lang


def _network(request: HttpRequest) -> str:
    network = network_in(request)
    return network.name if network else "Lotse"


def _name(report: Report, what: str, ending: str) -> str:
    parts = [what, slugify(report.scope)[:60], clock.today().isoformat()]
    return "-".join(filter(None, parts)) + f".{ending}"


def _notes(report: Report) -> dict[UUID, list[ProgressNote]]:
    """Progress notes by measure. One query."""
    uuids = {measure.pk: measure.uuid for measure in report.measures}
    found: dict[UUID, list[ProgressNote]] = {}
    for note in ProgressNote.objects.filter(measure__in=list(uuids)).select_related("person"):
        found.setdefault(uuids[note.measure_id], []).append(note)
    return found


@lru_cache(maxsize=12)
def _form_pdf(sha256: str, lang: str, network: str, day: date) -> bytes:
    """The form is the same for everybody all day: drawn once per process."""
    from lotse.rooms.checks.exports import papers

    view = view_by_hash(sha256, lang)
    return papers.form_pdf(view, lang=lang, network=network, moment=clock.now())


@require_safe
def paper_form(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The empty check to print and fill in by hand."""
    rows = Check.objects.select_related("current").defer("current__content")
    check = get_visible("checks.check.view", actor_in(request), uuid, rows)
    lang = language()
    view = view_of(check.published, lang)
    content = _form_pdf(check.published.sha256, lang, _network(request), clock.today())
    return paper(content, name=f"{slugify(view.title)}.pdf", media_type="application/pdf")


@require_safe
def report_pdf(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Result and plan as PDF."""
    from lotse.rooms.checks.exports import papers

    report, lang = _report(request, uuid)
    content = papers.report_pdf(report, lang=lang, network=_network(request), notes=_notes(report))
    return paper(content, name=_name(report, _("ergebnis"), "pdf"), media_type="application/pdf")


@require_safe
def report_docx(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Result and plan as a Word file."""
    from lotse.rooms.checks.exports.worddoc import report_docx as render

    report, lang = _report(request, uuid)
    content = render(report, lang=lang, network=_network(request), notes=_notes(report))
    return paper(content, name=_name(report, _("ergebnis"), "docx"), media_type=DOCX)


@require_safe
def plan_xlsx(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The plan as a spreadsheet."""
    from lotse.rooms.checks.exports.table import plan_xlsx as render

    report, lang = _report(request, uuid)
    content = render(report, lang=lang)
    return paper(content, name=_name(report, _("plan"), "xlsx"), media_type=XLSX)


@require_safe
def everything(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """All that is stored of the assessment, as JSON."""
    from lotse.rooms.checks.exports.everything import everything as all_of

    report, _lang = _report(request, uuid)
    data = all_of(
        report,
        notes=_notes(report),
        ratings=list(report.assessment.ratings.order_by("at", "id")),
        documents=list(Document.objects.filter(subject_uuid=report.assessment.uuid)),
    )
    response = JsonResponse(data, json_dumps_params={"ensure_ascii": False, "indent": 2})
    return paper(
        response.content, name=_name(report, "lotse", "json"), media_type="application/json"
    )


@require_safe
def dates(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The due dates as a calendar file."""
    from lotse.rooms.checks.exports.dates import dates_ics

    report, lang = _report(request, uuid)

    def url_of(measure: Measure) -> str:
        return settings.BASE_URL + reverse("checks:measure", args=[uuid, measure.uuid])

    host = settings.BASE_URL.split("://", 1)[-1].split(":", 1)[0]
    content = dates_ics(report, lang=lang, host=host, url_of=url_of)
    return paper(content, name=_name(report, _("termine"), "ics"), media_type="text/calendar")
