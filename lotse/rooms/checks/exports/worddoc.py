"""DOCX: the same content as the PDF, with real headings, lists and tables, to go on editing."""

from typing import Any

from django.utils.translation import override

from lotse.foundation.core.worddoc import Run, Writer
from lotse.rooms.checks.exports.result import Notes, result
from lotse.rooms.checks.queries.report import Report

PLAN_WIDTHS = (58, 31, 25, 26, 26)
ROUND_WIDTHS = (56, 44, 44, 22)


def report_docx(report: Report, *, lang: str, network: str, notes: Notes | None = None) -> bytes:
    """Result and plan as a Word file: heading styles, repeated table heads, language, page
    numbers. No query beyond those of the report."""
    with override(lang):
        data = result(report, lang=lang, network=network, notes=notes)
    paper = Writer(data["frame"], moment=report.drawn_at)
    _first(paper, data)
    for row in data["points"]["rows"]:
        _point(paper, row)
    if data["open"]:
        paper.heading(data["open"]["heading"], 2)
        paper.bullets([[item] for item in data["open"]["items"]])
    if data["plan"]:
        _plan(paper, data["plan"])
    if data["comparison"]:
        _comparison(paper, data["comparison"])
    if data["course"]:
        _course(paper, data["course"])
    _provenance(paper, data["provenance"])
    return paper.content()


def _first(paper: Writer, data: dict[str, Any]) -> None:
    paper.heading(data["heading"], 1)
    paper.paragraph(Run(data["check"], bold=True))
    for label, text in data["about"]:
        paper.paragraph(f"{label}: ", Run(text, bold=True))
    words, values = zip(*data["facts"], strict=True)
    width = 166 // len(words)
    paper.table(
        list(words), [[[[Run(value, bold=True)]] for value in values]], [width] * len(words)
    )
    paper.heading(data["points"]["heading"], 2)


def _point(paper: Writer, row: dict[str, Any]) -> None:
    paper.heading(row["title"], 3, before=f"{row['number']}. ")
    paper.paragraph(_level(row["kind"], row["label"]))
    paper.paragraph(f"{row['lead']} " if row["lead"] else "", row["text"])
    if row["before"]:
        paper.paragraph(row["before"])
    if row["note"]:
        paper.paragraph(Run(f"{row['note_label']} ", bold=True), row["note"])
    for label, items in row["lists"]:
        paper.paragraph(Run(label, bold=True), keep=True)
        paper.bullets([[item] for item in items])
    if row["measures"]:
        paper.paragraph(Run(row["measures_label"], bold=True), keep=True)
        paper.bullets([[title, "\n", Run(tags, quiet=True)] for title, tags in row["measures"]])


def _level(kind: str, label: Any) -> Run:
    return Run(label, bold=True, tone=kind)


def _plan(paper: Writer, plan: dict[str, Any]) -> None:
    paper.heading(plan["heading"], 2)
    if plan["rows"]:
        paper.table(plan["head"], [_planned(row) for row in plan["rows"]], PLAN_WIDTHS)
    if plan["earlier"]:
        paper.heading(plan["earlier_heading"], 3)
        paper.table(plan["head"], [_planned(row) for row in plan["earlier"]], PLAN_WIDTHS)


def _planned(row: dict[str, Any]) -> list[list[list[Any]]]:
    """The cells of a measure, each a list of paragraphs."""
    what = [[Run(row["title"], bold=True)], [Run(row["point"], quiet=True)], [row["reason"]]]
    when = [[row["due"]], [Run(row["late"], bold=True, tone="urgent")], [row["done"]]]
    return [
        [*what, [row["delay"]]],
        [[row["who"]]],
        when,
        [[row["status"]], [Run(row["urgency"], bold=row["high"], quiet=not row["high"])]],
        [[part] for part in row["control"]],
    ]


def _comparison(paper: Writer, comparison: dict[str, Any]) -> None:
    paper.heading(comparison["heading"], 2)
    paper.paragraph(Run(comparison["finding"], bold=True), keep=True)
    rows = [
        [
            [[f"{row['number']}. ", row["title"]]],
            [[_level(*row["before"]) if row["before"] else "–"]],
            [[_level(*row["now"])]],
            [[Run(row["moved"], bold=row["changed"])]],
        ]
        for row in comparison["rows"]
    ]
    paper.table(comparison["head"], rows, ROUND_WIDTHS)


def _course(paper: Writer, course: dict[str, Any]) -> None:
    paper.heading(course["heading"], 2)
    for entry in course["entries"]:
        paper.paragraph(Run(entry["title"], bold=True), keep=True)
        if entry["effect"]:
            paper.paragraph(entry["effect"])
        items: list[list[Any]] = [
            [Run(f"{when}: ", quiet=True), said] for when, said in entry["notes"]
        ]
        if entry["more"]:
            items.append([Run(entry["more"], quiet=True)])
        paper.bullets(items)


def _provenance(paper: Writer, source: dict[str, Any]) -> None:
    paper.heading(source["heading"], 2)
    for label, text in source["entries"]:
        paper.paragraph(Run(f"{label}: ", bold=True), text)
    if source["sources"]:
        paper.paragraph(Run(f"{source['sources_label']}:", bold=True), keep=True)
        paper.bullets([[item] for item in source["sources"]])
