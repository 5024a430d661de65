"""All that is stored of an assessment, to take along (format lotse-assessment/1)."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Model

from lotse.foundation.documents.models import Document
from lotse.foundation.measures.models import Measure
from lotse.rooms.checks.exports.result import Notes, notes_of
from lotse.rooms.checks.models import Assessment, Rating
from lotse.rooms.checks.queries.report import PointRow, Report

FORMAT = "lotse-assessment/1"


def everything(
    report: Report,
    *,
    notes: Notes,
    ratings: Iterable[Rating] | None = None,
    documents: Iterable[Document] = (),
) -> dict[str, Any]:
    """JSON-ready: ids as strings, dates and times ISO 8601, texts as they were typed.

    Without `ratings` they are read: one query.
    """
    assessment = report.assessment
    if ratings is None:
        ratings = assessment.ratings.order_by("at", "id")
    return {
        "format": FORMAT,
        "drawn_at": report.drawn_at.isoformat(),
        "check": _check(report),
        "assessment": _assessment(assessment, report.previous),
        "answers": [_answer(row) for row in report.points],
        "ratings": [_values(one, "checkpoint", "level", "at", "measure_uuid") for one in ratings],
        "measures": [_measure(measure, notes) for measure in report.measures],
        "files": [_values(document, "title", "size", "sha256") for document in documents],
    }


def _check(report: Report) -> dict[str, Any]:
    return {
        "id": report.view.code,
        "revision": report.view.revision,
        "sha256": report.assessment.revision.sha256,
    }


def _assessment(assessment: Assessment, previous: Assessment | None) -> dict[str, Any]:
    return _all(assessment) | {"previous": str(previous.uuid) if previous else None}


def _answer(row: PointRow) -> dict[str, Any]:
    return {
        "checkpoint": row.point.id,
        "level": row.level_id,
        "note": row.note,
        "marks": dict(row.marks),
        "own_examples": list(row.own_examples),
        "version": row.version,
    }


def _measure(measure: Measure, notes: Notes) -> dict[str, Any]:
    found = [
        _values(note, "uuid", "at", "text") | {"author": note.written_by}
        for note in notes_of(measure, notes)
    ]
    return _all(measure) | {
        "who": measure.who,
        "controlled_by": measure.controlled_by,
        "notes": found,
    }


def _all(obj: Model) -> dict[str, Any]:
    """Every field but keys of the database, so that a new field is not forgotten here."""
    fields = obj._meta.concrete_fields
    return _values(obj, *(f.name for f in fields if not f.primary_key and not f.is_relation))


def _values(obj: Model, *names: str) -> dict[str, Any]:
    return {name: _plain(getattr(obj, name)) for name in names}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value
