"""PDF: the result with its plan, and the empty check to fill in by hand."""

from datetime import datetime
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from lotse.foundation.core import pdf
from lotse.foundation.core.paperframe import frame
from lotse.rooms.checks.content import Checkpoint, Example, Group, View
from lotse.rooms.checks.exports.provenance import provenance
from lotse.rooms.checks.exports.result import (
    Notes,
    Text,
    foreign,
    length,
    level_text,
    result,
    spoken,
    title_of,
)
from lotse.rooms.checks.queries.report import Report

TEMPLATES = Path(__file__).parent.parent / "papers"
PLAN_ROWS = 9
# A checkpoint with fewer characters does not need a page of its own.
SMALL = 900
# A table's head has fewer.
HEAD = 240
MOST_LEVELS = 4


def report_pdf(report: Report, *, lang: str, network: str, notes: Notes | None = None) -> bytes:
    """Result, plan and provenance, tagged for assistive technology (T61). About 60 ms for seven
    checkpoints."""
    with override(lang):
        data = result(report, lang=lang, network=network, notes=notes)
    return pdf.render(TEMPLATES / "report.typ", data, moment=report.drawn_at)


def form_pdf(view: View, *, lang: str, network: str, moment: datetime) -> bytes:
    """The empty check to print (S0-34): examples, levels, lines to write on, empty plan."""
    with override(lang):
        data = form(view, lang=lang, network=network, moment=moment)
    return pdf.render(TEMPLATES / "paperform.typ", data, moment=moment)


def form(view: View, *, lang: str, network: str, moment: datetime) -> dict[str, Any]:
    """The empty check as plain data; call inside `translation.override(lang)`."""
    return {
        "frame": frame(view.title, running=view.title, lang=lang, network=network, moment=moment),
        "heading": foreign(view.title, "" if view.lang == lang else view.lang),
        "kind": _kind(view),
        "goal": spoken(view.goal),
        "fields": [view.scope_label, _("Datum"), _("Wer bewertet")],
        "guide": _(
            "Lesen Sie zu jedem Checkpunkt die Aussage. Kreuzen Sie an, welche Beispiele bei "
            "Ihnen zutreffen und welche fehlen. Entscheiden Sie dann, wie groß Ihr "
            "Handlungsbedarf ist, und halten Sie Maßnahmen im Plan am Ende fest."
        ),
        "words": _labels(),
        "overview": _overview(view, lang),
        "points": [_point(point, lang) for point in view.checkpoints],
        "plan": _plan(),
        "provenance": provenance(view, lang),
    }


def _labels() -> dict[str, str]:
    return {
        "applies": _("trifft zu"),
        "missing": _("fehlt"),
        "own": _("Eigene Beispiele"),
        "level": _("Wie groß ist Ihr Handlungsbedarf?"),
        "notes": _("Notizen"),
    }


def _plan() -> dict[str, Any]:
    return {
        "heading": _("Maßnahmenplan"),
        "head": [_("Was ist zu tun?"), _("Wer kümmert sich?"), _("Bis wann?"), _("Geprüft")],
        "rows": PLAN_ROWS,
    }


def _kind(view: View) -> str:
    count = len(view.checkpoints)
    parts = [ngettext("%(n)s Checkpunkt", "%(n)s Checkpunkte", count) % {"n": count}]
    if view.minutes:
        parts.append(_("etwa %(n)s Minuten") % {"n": view.minutes})
    return " · ".join([_("Check zum Ausfüllen"), *parts])


def _point(point: Checkpoint, lang: str) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "number": point.number,
        "title": title_of(point, lang),
        "claim": spoken(point.claim),
        "guidance": spoken(point.guidance),
        "groups": [_group(group) for group in point.groups],
        "levels": _levels(point, lang),
        "footnotes": [[number, spoken(note)] for number, note in point.footnotes],
    }
    entry["small"] = length(entry) < SMALL
    return entry


def _levels(point: Checkpoint, lang: str) -> list[list[Text]]:
    levels: list[list[Text]] = [
        [level.kind, level_text(level.label, level.kind, point, lang)] for level in point.levels
    ]
    return [*levels, ["open", point.skip_label]] if point.skip_label else levels


def _overview(view: View, lang: str) -> dict[str, Any] | None:
    """All checkpoints over their levels; only where all have the same few short levels."""
    shared = _levels(view.checkpoints[0], lang)
    if len(shared) > MOST_LEVELS or length([label for _kind, label in shared]) > HEAD:
        return None
    if any(_levels(point, lang) != shared for point in view.checkpoints):
        return None
    return {"heading": _("Auf einen Blick"), "point": _("Checkpunkt"), "levels": shared}


def _group(group: Group) -> dict[str, Any]:
    """A table of examples; what is too long for a head that repeats stands above it."""
    fits = bool(group.heading) and len(group.heading.plain) <= HEAD
    above = [group.intro] if fits else [group.heading, group.intro]
    return {
        "above": [spoken(words) for words in above if words],
        "heading": spoken(group.heading) if fits else _("Beispiele"),
        "items": [_example(item) for item in group.items],
    }


def _example(item: Example) -> dict[str, Any]:
    return {"text": spoken(item.text), "items": [spoken(child.text) for child in item.items]}
