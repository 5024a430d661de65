"""A report without a database: unsaved rows around the shipped content, repeated or made nasty."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.utils import translation

from lotse.foundation.measures.models import Measure, ProgressNote
from lotse.rooms.checks.content import Checkpoint, View, build, label_of
from lotse.rooms.checks.models import SKIP, Answer, Assessment, Check, CheckRevision
from lotse.rooms.checks.queries.library import scope_text
from lotse.rooms.checks.queries.report import PointRow, Report, moved_between
from tests.make import check_content

MOMENT = datetime(2026, 3, 12, 9, 30, tzinfo=UTC)
NETWORK = "Netzwerk Beispielregion"
NOW = ("none", "need", "urgent", "none", "urgent", "need", SKIP)
BEFORE = ("need", "need", "urgent", "none", "need", "urgent", "")

# T22, T19, T17 and the list of nasty inputs: nothing of it may stop a paper or act in it.
NASTY = {
    "emoji family": "Team \U0001f468\u200d\U0001f469\u200d\U0001f467 \U0001f44d\U0001f3fd ok",
    "cjk": "協力 と 合作",
    "arabic": "تعاون مع الشركات",
    "override": "abc\u202egnp.exe\u2066x",
    "control": "a\x00b\x07c\x1bd\x7fe\u2028f",
    "import": '#import "x": *; #read("/etc/passwd")',
    "dollar": "$ sum_x^2 $ 5 $",
    "star": "*fett* _kursiv_ `code` <label> @ref = Titel",
    "preview": "@preview/cetz:0.3.0",
    "template": "{{7*7}} {% debug %} {0.__class__} %(x)s {page}",
    "script": "<script>alert(1)</script>",
    "marks": "Z" + "\u0335\u0301" * 4,
    "backslash": "\\ \\u{41} // Kommentar /* x",
    "formula": "=1+1",
}
LONG_WORD = "w" * 5000


def everywhere(value: Any, change: Callable[[str], str]) -> Any:
    """Content with every human text changed: text maps, provenance, holder of the rights."""
    if isinstance(value, dict):
        keep = ("id", "scale", "format", "license", "status", "date", "scheme", "url")
        return {k: v if k in keep else everywhere(v, change) for k, v in value.items()}
    if isinstance(value, list):
        return [everywhere(item, change) for item in value]
    return change(value) if isinstance(value, str) else value


def nasty_content(text: str) -> dict[str, Any]:
    """The shipped check where every text is `text`, its provenance complete."""
    content = check_content(2)
    content["provenance"] |= {
        "funded_by": ["x"],
        "order_address": "x",
        "identifiers": [{"scheme": "isbn", "value": "x"}],
        "approvals": [{"body": "x", "date": "2019-11-21", "decision": "x", "result": "unanimous"}],
    }
    content["rights"] |= {
        "license": "LicenseRef-Nachdruck",
        "consent": {"status": "pending", "document": "x"},
    }
    for point in content["checkpoints"]:
        point["footnotes"] = [{"id": "f1", "text": {"de": "x"}}]
    checkpoints = everywhere(content["checkpoints"], lambda old: text)
    for number, point in enumerate(checkpoints, 1):
        point["number"] = number
        for group in point["example_groups"]:
            group["intro"] = {"de": text}
            group["items"][0]["items"] = [{"id": "e1a", "text": {"de": text}}]
    return {
        **content,
        "check": content["check"] | {"title": {"de": text}, "goal": {"de": text}},
        "provenance": everywhere(content["provenance"], lambda old: text),
        "rights": everywhere(content["rights"], lambda old: text)
        | {"consent": {"status": "pending", "document": text}},
        "scales": everywhere(content["scales"], lambda old: text),
        "checkpoints": checkpoints,
    }


def view(content: dict[str, Any], lang: str = "de") -> View:
    return build(content, lang)


def assessment(content: dict[str, Any], **fields: Any) -> Assessment:
    """An unsaved assessment of a revision with this content."""
    code = content["check"]["id"]
    revision = CheckRevision(
        check_ref=Check(code=code), number=content["check"]["revision"], sha256="ab" * 32
    )
    fields.setdefault("organisation_name", "Verein Beispiel e. V.")
    fields.setdefault("started_at", MOMENT - timedelta(days=10))
    return Assessment(revision=revision, **fields)


def measure(key: int, point: Checkpoint | None, **fields: Any) -> Measure:
    """An unsaved measure with every field filled."""
    defaults: dict[str, Any] = {
        "title": f"Maßnahme {key}: Angebote auf einem Blatt beschreiben",
        "reason": "Damit wir wissen, womit wir auf Betriebe zugehen.",
        "responsible": "Frau Sommer",
        "due_on": date(2026, 3, 1) + timedelta(days=9 * key % 120),
        "urgency": 1 + key % 3,
        "status": (*Measure.ACTIVE, "done", "parked")[key % 5],
        "delay_reason": "Die Ansprechpartnerin war krank.",
        "controller": "Vorstand",
        "control_on": date(2026, 6, 30),
        "level_before": "urgent",
        "level_after": "none",
        "rated_at": MOMENT,
    } | fields
    if defaults["status"] == "done":
        defaults["done_on"] = date(2026, 3, 10)
    part = point.id if point else ""
    origin = "checks.assessment"
    return Measure(
        pk=key, origin_type=origin, origin_uuid=Check().uuid, origin_part=part, **defaults
    )


def point_row(point: Checkpoint, n: int, measures: list[Measure], text: str = "") -> PointRow:
    """An answered checkpoint with note, marks and own examples."""
    now, before = NOW[n % 7], BEFORE[n % 7]
    label, kind = label_of(point, now)
    before_label, before_kind = label_of(point, before) if before else ("", "")
    examples = point.example_ids
    answer = Answer(level=now, note=text or f"Notiz {n}: Zwei Betriebe\nsind schon bekannt.")
    return PointRow(
        point=point,
        level_id=now,
        label=label,
        kind=kind,
        phrase=str(point.phrases.get(now, "")),
        note=answer.note,
        marks={examples[0]: "applies", examples[-1]: "missing"} if n % 2 else {},
        own_examples=[text or "Unser Sommerfest mit der Schreinerei"] if n % 2 else [],
        measures=measures,
        suggestions=list(point.suggestions),
        version=1,
        before_label=before_label,
        before_kind=before_kind,
        moved=moved_between(point, before, now),
    )


def report(
    content: dict[str, Any] | None = None,
    *,
    lang: str = "de",
    text: str = "",
    previous: bool = True,
) -> Report:
    """A report with a measure for most checkpoints; `text` goes into every field people fill."""
    content = content or check_content(7)
    filled = {"organisation_name": text, "unit": text} if text else {"unit": "Team Jugend"}
    old = assessment(content, started_at=MOMENT - timedelta(days=400), **filled)
    new = assessment(content, previous=old, round=2, scope="team", **filled)
    fields = ("title", "reason", "responsible", "delay_reason", "controller")
    typed = dict.fromkeys(fields, text) if text else {}
    with translation.override(lang):
        seen = view(content, lang)
        rows = []
        for n, point in enumerate(seen.checkpoints):
            own = [measure(n + 1, point, **typed)] if NOW[n % 7] != "none" or n % 7 == 3 else []
            rows.append(point_row(point, n, own, text))
    return Report(
        assessment=new,
        view=seen,
        scope=scope_text(new),
        points=rows,
        measures=[one for row in rows for one in row.measures],
        earlier_measures=[measure(9000, None, status="running", **typed)],
        previous=old if previous else None,
        drawn_at=MOMENT,
    )


def notes(of: Report, text: str = "Erstes Gespräch geführt.") -> dict[Any, list[ProgressNote]]:
    """Four notes of each measure, by its uuid."""
    return {
        one.uuid: [
            ProgressNote(measure=one, at=MOMENT - timedelta(days=n), author=text[:120], text=text)
            for n in range(4)
        ]
        for one in of.measures
    }
