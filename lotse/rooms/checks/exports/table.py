"""XLSX: the plan to work on, the checkpoints, and where they come from."""

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from lotse.foundation.core.sheets import Sheet, Value
from lotse.foundation.core.spreadsheet import workbook
from lotse.foundation.measures.models import Measure
from lotse.rooms.checks.content import Checkpoint
from lotse.rooms.checks.exports.provenance import provenance
from lotse.rooms.checks.exports.result import in_order, marked
from lotse.rooms.checks.queries.report import Report


def plan_xlsx(report: Report, *, lang: str) -> bytes:
    """Three sheets: plan, checkpoints, about. Text stays text, dates are dates (T27). No query."""
    with override(lang):
        sheets = [_plan(report), _points(report), _about(report, lang)]
        title = _("Maßnahmenplan: %(title)s") % {"title": report.view.title}
        return workbook(sheets, title=title, language=lang)


def _plan(report: Report) -> Sheet:
    points = {row.point.id: row.point for row in report.points}
    today = timezone.localdate(report.drawn_at)
    head = [
        _("Maßnahme"),
        _("Wozu?"),
        _("Checkpunkt"),
        _("Wer"),
        _("Bis wann"),
        _("Überfällig"),
        _("Dringlichkeit"),
        _("Stand"),
        _("Grund der Verspätung"),
        _("Erledigt am"),
        _("Wer prüft das Ergebnis?"),
        _("Wann wird geprüft?"),
        _("Frühere Runde"),
    ]
    earlier = in_order(report.earlier_measures)
    listed = [(measure, "") for measure in in_order(report.measures)]
    listed += [(measure, _("ja")) for measure in earlier]
    rows = [[*_cells(measure, points, late=measure.is_late(today)), old] for measure, old in listed]
    widths = [44, 40, 28, 26, 12, 11, 14, 12, 34, 12, 24, 16, 14]
    return Sheet(_("Plan"), head, rows, widths)


def _cells(measure: Measure, points: dict[str, Checkpoint], *, late: bool) -> list[Value]:
    point = points.get(measure.origin_part)
    return [
        measure.title,
        measure.reason,
        f"{point.number}. {point.title}" if point else "",
        measure.who,
        measure.due_on,
        _("ja") if late else "",
        str(measure.get_urgency_display()),
        str(measure.get_status_display()),
        measure.delay_reason,
        measure.done_on,
        measure.controlled_by,
        measure.control_on,
    ]


def _points(report: Report) -> Sheet:
    head = [
        _("Nr."),
        _("Checkpunkt"),
        _("Einschätzung"),
        _("In der Runde davor"),
        _("Notiz"),
        _("Eigene Beispiele"),
        _("Trifft zu"),
        _("Fehlt"),
    ]
    rows: list[list[Value]] = [
        [
            row.point.number,
            row.point.title,
            row.label,
            row.before_label,
            row.note,
            "\n".join(row.own_examples),
            "\n".join(words.plain for words in marked(row, "applies")),
            "\n".join(words.plain for words in marked(row, "missing")),
        ]
        for row in report.points
    ]
    return Sheet(_("Checkpunkte"), head, rows, [6, 36, 30, 30, 50, 40, 50, 50])


def _about(report: Report, lang: str) -> Sheet:
    assessment = report.assessment
    source = provenance(report.view, lang)
    rows: list[list[Value]] = [
        [_("Für"), report.scope],
        [_("Bewertet wird"), str(assessment.Scope(assessment.scope).label)],
        [_("Begonnen am"), timezone.localdate(assessment.started_at)],
        [_("Runde"), assessment.round],
        [_("Datum"), timezone.localdate(report.drawn_at)],
        *source["entries"],
        *[[source["sources_label"], item] for item in source["sources"]],
    ]
    return Sheet(_("Über den Check"), [_("Angabe"), _("Inhalt")], rows, [24, 90])
