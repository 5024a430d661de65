"""Minutes as a Word file: real headings, lists and tables, to go on editing."""

from datetime import datetime
from typing import Any

from lotse.foundation.core.worddoc import Piece, Run, Writer
from lotse.rooms.bodies.exports import worded
from lotse.rooms.bodies.models import Outcome


def write(data: dict[str, Any], *, moment: datetime) -> bytes:
    """The file from the same data as the PDF."""
    paper = worded.begun(data, moment=moment)
    worded.particulars(paper, data["about"])
    worded.table(paper, data["corrections"])
    for item in data["items"]:
        _item(paper, item)
    for part in ("measures", "pending", "annexes"):
        worded.table(paper, data[part])
    for part in ("dates", "distribution"):
        if data[part]:
            paper.heading(data[part]["heading"], 2)
            worded.prose(paper, data[part]["blocks"])
    _signatures(paper, data["signatures"])
    if data["people"]:
        _people(paper, data["people"])
    if data["proof"]:
        paper.heading(data["proof"]["heading"], 2)
        worded.particulars(paper, data["proof"]["rows"])
        paper.paragraph(Run(data["proof"]["remark"], quiet=True))
    return paper.content()


def _item(paper: Writer, item: dict[str, Any]) -> None:
    if item["is_break"]:
        paper.paragraph(Run(item["time"], quiet=True), "  ", Run(item["title"], quiet=True))
        return
    paper.heading(item["title"], item["level"], before=f"{item['number']}  ")
    for line in item["corrected"]:
        paper.paragraph(Run(line, bold=True, tone="urgent"))
    for entry in item["presenters"]:
        paper.paragraph(Run(entry, quiet=True))
    if item["state"]:
        paper.paragraph(Run(item["state"], bold=True))
    for key in ("goal", "questions", "notes"):
        if item[key]:
            paper.paragraph(Run(item[f"{key}_label"], bold=True), keep=True)
            worded.prose(paper, item[key])
    for outcome in item["outcomes"]:
        _outcome(paper, outcome)
    if item["work"]:
        _work(paper, item["work"])


def _outcome(paper: Writer, outcome: dict[str, Any]) -> None:
    label: list[Piece] = [Run(outcome["label"], bold=True)]
    if outcome["speaker"]:
        label.append(f", {outcome['speaker']}")
    label.append(": ")
    blocks = outcome["text"]
    exact = outcome["kind"] == Outcome.Kind.DECISION
    if blocks and "text" in blocks[0]:
        paper.paragraph(*label, Run(blocks[0]["text"], bold=exact), keep=bool(outcome["result"]))
        blocks = blocks[1:]
    else:
        paper.paragraph(*label, keep=True)
    worded.prose(paper, blocks)
    if outcome["result"]:
        paper.paragraph("– ", Run(outcome["result"], bold=True))
    for line in outcome["lines"]:
        paper.paragraph(Run(line, quiet=True))
    _measures(paper, outcome["measures"])


def _measures(paper: Writer, measures: list[dict[str, Any]]) -> None:
    paper.bullets([
        [Run(f"{one['who']}: ", bold=True), one["what"], Run(f" – {one['due']}", quiet=True)]
        for one in measures
    ])  # fmt: skip


def _work(paper: Writer, work: dict[str, Any]) -> None:
    for table in work["tables"]:
        paper.paragraph(Run(f"{table['label']}: ", bold=True), Run(table["question"], bold=True),
                        keep=True)  # fmt: skip
        paper.paragraph(table["second"])
        paper.paragraph(Run(table["about"], quiet=True), keep=True)
        if table["rows"]:
            worded.table(paper, table)
        else:
            paper.paragraph(table["none"])
    if work["clusters"]:
        paper.paragraph(Run(work["clusters_label"], bold=True), keep=True)
        paper.bullets([[title] for title in work["clusters"]])
    if work["measures"]:
        paper.paragraph(Run(work["measures_label"], bold=True), keep=True)
        _measures(paper, work["measures"])


def _signatures(paper: Writer, signatures: dict[str, Any]) -> None:
    if not signatures["names"]:
        return
    paper.heading(signatures["label"], 2)
    for name in signatures["names"]:
        paper.paragraph("\n\n", "_" * 40, "\n", Run(signatures["place"], quiet=True), "\n", name)


def _people(paper: Writer, people: dict[str, Any]) -> None:
    paper.heading(people["heading"], 2)
    for table in people["tables"]:
        worded.table(paper, table, 3)
    if people["more"]:
        paper.paragraph(people["more"])
