"""The result of a check as plain data in one language: PDF and Word file show the same."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lotse.foundation.core.paperframe import frame
from lotse.foundation.measures.models import Measure, ProgressNote
from lotse.foundation.measures.queries import Filter, narrowed
from lotse.rooms.checks.content import Checkpoint, Words
from lotse.rooms.checks.exports.provenance import provenance
from lotse.rooms.checks.queries.report import PointRow, Report, asks_for_rating, day_text

# Progress notes by the uuid of their measure, or by its key.
Notes = Mapping[Any, Sequence[ProgressNote]]
# A text of a paper: a string, or text and language where it is foreign to the paper.
Text = str | dict[str, str]

MOST_NOTES = 3
# A row of fewer characters stays on one page.
SHORT = 1500


def spoken(words: Words) -> Text:
    """The text, with its language where that is not the paper's (T64)."""
    return foreign(words.plain, words.lang)


def foreign(value: str, lang: str) -> Text:
    """`value` marked as `lang`; an empty language is the paper's."""
    return {"text": value, "lang": lang.split("-", maxsplit=1)[0]} if lang and value else value


def title_of(point: Checkpoint, lang: str) -> Text:
    """The title of a checkpoint, with its language where that is not the paper's."""
    return foreign(point.title, "" if point.lang == lang else point.lang)


def result(
    report: Report, *, lang: str, network: str, notes: Notes | None = None
) -> dict[str, Any]:
    """The whole paper; call inside `translation.override(lang)`. Empty parts are None. No query
    when the assessment and its revision were loaded together."""
    title = _("Ihr Ergebnis")
    running = f"{title}: {report.view.title}"
    return {
        "frame": frame(
            running, running=running, lang=lang, network=network, moment=report.drawn_at
        ),
        "heading": title,
        "check": foreign(report.view.title, "" if report.view.lang == lang else report.view.lang),
        "about": _about(report),
        "facts": [[fact.word, fact.value] for fact in report.facts],
        "points": {
            "heading": _("Checkpunkte"),
            "rows": [_point(row, lang) for row in report.points],
        },
        "open": _open(report),
        "plan": _plan(report, lang),
        "course": _course(report, notes or {}),
        "comparison": _comparison(report, lang),
        "provenance": provenance(report.view, lang),
    }


def _about(report: Report) -> list[list[str]]:
    assessment = report.assessment
    whole = assessment.Scope(assessment.scope).label
    entries = [
        [_("Für"), report.scope],
        [_("Bewertet wird"), str(whole)],
        [_("Begonnen am"), day_text(timezone.localdate(assessment.started_at))],
        [_("Runde"), str(assessment.round) if assessment.round > 1 else ""],
    ]
    return [entry for entry in entries if entry[1]]


def _point(row: PointRow, lang: str) -> dict[str, Any]:
    point = row.point
    phrase = point.phrases.get(row.level_id) or point.claim
    lists: list[tuple[str, list[Text]]] = [
        (_("Eigene Beispiele"), [*row.own_examples]),
        (_("Fehlt"), [spoken(words) for words in marked(row, "missing")]),
        (_("Trifft zu"), [spoken(words) for words in marked(row, "applies")]),
    ]
    entry: dict[str, Any] = {
        "number": point.number,
        "title": title_of(point, lang),
        "kind": row.kind,
        "label": level_text(row.label, row.kind, point, lang),
        "lead": _("Zu bewerten ist:") if row.kind == "open" else "",
        "text": spoken(phrase),
        "note": row.note,
        "note_label": _("Notiz:"),
        "before": _("In der Runde davor: %(before)s") % {"before": row.before_label}
        if row.moved
        else "",
        "lists": [[label, items] for label, items in lists if items],
        "measures_label": _("Maßnahmen"),
        "measures": [[measure.title, _tags(measure)] for measure in row.measures],
    }
    entry["short"] = length(entry) < SHORT
    return entry


def level_text(label: str, kind: str, point: Checkpoint, lang: str) -> Text:
    """The word of a level; words for "still open" are Lotse's own, in the paper's language."""
    return foreign(label, "" if kind == "open" or point.lang == lang else point.lang)


def length(value: Any) -> int:
    """Characters of all texts in it, a line's worth more for each text."""
    if isinstance(value, dict):
        return sum(length(item) for item in value.values())
    if isinstance(value, list):
        return sum(length(item) for item in value)
    return len(value) + 20 if isinstance(value, str) else 0


def marked(row: PointRow, mark: str) -> list[Words]:
    """The examples with this mark ("applies" or "missing"), nested ones too."""
    if not row.marks:
        return []
    examples = [item for group in row.point.groups for item in group.items]
    examples += [child for item in examples for child in item.items]
    return [item.text for item in examples if row.marks.get(item.id) == mark]


def _tags(measure: Measure) -> str:
    parts = [measure.who or _("noch niemand zuständig"), _when(measure)]
    if not _is_dated(measure):
        parts.append(str(measure.get_status_display()))
    return " · ".join(parts)


def _is_over(measure: Measure) -> bool:
    """Done or dropped: nothing about it is urgent any more."""
    return measure.status in (Measure.Status.DONE, Measure.Status.DROPPED)


def _is_dated(measure: Measure) -> bool:
    """Done on a known day: the day says it all."""
    return measure.status == Measure.Status.DONE and measure.done_on is not None


def _when(measure: Measure) -> str:
    if measure.done_on and _is_dated(measure):
        return _("erledigt am %(day)s") % {"day": day_text(measure.done_on)}
    if measure.due_on:
        return _("bis %(day)s") % {"day": day_text(measure.due_on)}
    return _("ohne Termin")


def _open(report: Report) -> dict[str, Any] | None:
    items = [item.text for item in report.open_items]
    return {"heading": _("Noch offen"), "items": items} if items else None


def in_order(measures: Sequence[Measure]) -> list[Measure]:
    """What is to be done first, by date; then done, parked and dropped."""
    return sorted(narrowed(measures, Filter()), key=lambda measure: not measure.is_active)


def _plan(report: Report, lang: str) -> dict[str, Any] | None:
    if not report.measures and not report.earlier_measures:
        return None
    points = {row.point.id: row.point for row in report.points}
    today = timezone.localdate(report.drawn_at)

    def rows(measures: Sequence[Measure]) -> list[dict[str, Any]]:
        return [
            _planned(measure, points.get(measure.origin_part), today, lang)
            for measure in in_order(measures)
        ]

    return {
        "heading": _("Maßnahmenplan"),
        "head": plan_head(),
        "rows": rows(report.measures),
        "earlier_heading": _("Aus früheren Runden noch offen"),
        "earlier": rows(report.earlier_measures),
    }


def plan_head() -> list[str]:
    """The head of the plan's table."""
    return [
        _("Was und wozu"),
        _("Wer"),
        _("Bis wann"),
        f"{_('Stand')}, {_('Dringlichkeit')}",
        _("Prüfung"),
    ]


def _planned(measure: Measure, point: Checkpoint | None, today: date, lang: str) -> dict[str, Any]:
    late = measure.is_late(today)
    control = [measure.controlled_by, day_text(measure.control_on) if measure.control_on else ""]
    reason = _("Grund der Verspätung: %(reason)s") % {"reason": measure.delay_reason}
    entry: dict[str, Any] = {
        "title": measure.title,
        "point": f"{point.number}. {point.title}" if point else "",
        "reason": measure.reason,
        "delay": reason if measure.delay_reason else "",
        "who": measure.who or _("noch niemand zuständig"),
        "due": day_text(measure.due_on) if measure.due_on else _("ohne Termin"),
        "late": _("überfällig") if late else "",
        "done": _when(measure) if _is_dated(measure) else "",
        "urgency": "" if _is_over(measure) else str(measure.get_urgency_display()),
        "high": measure.urgency == Measure.Urgency.HIGH and measure.is_active,
        "status": str(measure.get_status_display()),
        "control": list(filter(None, control)),
    }
    entry["short"] = length(entry) < SHORT
    return entry


def _course(report: Report, notes: Notes) -> dict[str, Any] | None:
    points = {row.point.id: row.point for row in report.points}
    entries = []
    for measure in in_order(report.measures):
        found = notes_of(measure, notes)
        effect = _effect(measure, points.get(measure.origin_part))
        if found or effect:
            entries.append(
                {
                    "title": measure.title,
                    "effect": effect,
                    "notes": [_note(note) for note in found[:MOST_NOTES]],
                    "more": _more(len(found) - MOST_NOTES),
                }
            )
    return {"heading": _("Was daraus wurde"), "entries": entries} if entries else None


def notes_of(measure: Measure, notes: Notes) -> list[ProgressNote]:
    """The notes of a measure, newest first."""
    found = notes.get(measure.uuid) or notes.get(measure.pk) or ()
    return sorted(found, key=lambda note: note.at, reverse=True)


def _note(note: ProgressNote) -> list[str]:
    day = day_text(timezone.localdate(note.at))
    return [", ".join(filter(None, [day, note.written_by])), note.text]


def _more(count: int) -> str:
    text = ngettext("und %(n)s ältere Notiz", "und %(n)s ältere Notizen", count)
    return text % {"n": count} if count > 0 else ""


def _effect(measure: Measure, point: Checkpoint | None) -> str:
    """The level of need before and after, where somebody rated again after the measure."""
    if point is None or asks_for_rating(measure):
        return ""
    before, after = point.level(measure.level_before), point.level(measure.level_after)
    if before is None or after is None:
        return ""
    return _("Checkpunkt davor: %(before)s, danach: %(after)s") % {
        "before": before.label,
        "after": after.label,
    }


def finding(report: Report) -> str:
    """What moved since the round before, in one line."""
    better = ngettext("%(n)s Checkpunkt besser", "%(n)s Checkpunkte besser", report.better)
    worse = _("%(n)s schlechter") % {"n": report.worse}
    return f"{better % {'n': report.better}}, {worse}"


def _comparison(report: Report, lang: str) -> dict[str, Any] | None:
    if report.previous is None or not any(row.before_label for row in report.points):
        return None
    return {
        "heading": _("Vergleich mit der Runde davor"),
        "finding": finding(report),
        "head": [
            _("Checkpunkt"),
            _round(report.previous),
            _round(report.assessment),
            _("Bewegung"),
        ],
        "rows": [_compared(row, lang) for row in report.points],
    }


def _round(assessment: Any) -> str:
    name = _("Runde %(n)s") % {"n": assessment.round}
    return f"{name}, {day_text(timezone.localdate(assessment.started_at))}"


def _compared(row: PointRow, lang: str) -> dict[str, Any]:
    point = row.point
    before = None
    if row.before_label:
        before = [row.before_kind, level_text(row.before_label, row.before_kind, point, lang)]
    return {
        "number": point.number,
        "title": title_of(point, lang),
        "before": before,
        "now": [row.kind, level_text(row.label, row.kind, point, lang)],
        "moved": _moved(row),
        "changed": row.moved != 0,
    }


def _moved(row: PointRow) -> str:
    if row.moved:
        return _("besser") if row.moved > 0 else _("schlechter")
    comparable = row.before_kind not in ("", "open") and row.kind != "open"
    return _("gleich") if comparable else "–"
