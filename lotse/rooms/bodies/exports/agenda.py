"""The agenda as a paper that invites: PDF and Word file from the same data (S1-24, S2-02)."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Prefetch
from django.utils.translation import gettext as _
from django.utils.translation import override

from lotse.foundation.core import clock, pdf
from lotse.foundation.core.worddoc import Run
from lotse.rooms.bodies.exports import worded
from lotse.rooms.bodies.exports.wording import (
    TEMPLATES,
    Letter,
    Voice,
    clock_time,
    day_short,
    day_words,
    entries,
    joined,
    letter_frame,
    moment_of,
    ordinal,
    time_span,
    with_organisation,
)
from lotse.rooms.bodies.models import AgendaItem, Annex, AnnexVersion, Meeting
from lotse.rooms.bodies.queries.agenda import Point, agenda_of, flat

WIDTHS = (16, 22, 100, 28)


def agenda_pdf(meeting: Meeting, *, lang: str) -> bytes:
    """The paper that goes out with the invitation, tagged for assistive technology (T61).

    Up to four queries for a meeting loaded with its body, charter, network and host.
    """
    moment = clock.now()
    with override(lang):
        data = agenda(meeting, lang=lang)
    return pdf.render(TEMPLATES / "agenda.typ", data, moment=moment)


def agenda_docx(meeting: Meeting, *, lang: str) -> bytes:
    """The same as a Word file, to go on writing."""
    moment = clock.now()
    with override(lang):
        data = agenda(meeting, lang=lang)
    paper = worded.begun(data, moment=moment)
    if data["notice"]:
        paper.paragraph(Run(data["notice"], bold=True))
    worded.particulars(paper, data["about"])
    worded.prose(paper, data["intro"])
    if data["rights"]:
        paper.paragraph(Run(data["rights_label"], bold=True), keep=True)
        worded.prose(paper, data["rights"])
    paper.heading(data["items_heading"], 2)
    if data["items"]:
        paper.table(data["head"], [_cells(item) for item in data["items"]], WIDTHS)
    else:
        paper.paragraph(data["none"])
    worded.table(paper, data["annexes"])
    return paper.content()


def _cells(item: dict[str, Any]) -> list[list[list[Any]]]:
    """The row of an item, each cell a list of paragraphs."""
    what: list[list[Any]] = [[Run(item["title"], bold=True)]]
    what += [[entry] for entry in item["presenters"]]
    for label, blocks in item["parts"]:
        what += worded.labelled_lines(label, blocks)
    what.append([Run(item["annexes"], quiet=True)])
    return [[[item["number"]]], [[item["time"]]], what, [[item["kind"]]]]


def agenda(meeting: Meeting, *, lang: str) -> dict[str, Any]:
    """The whole paper as plain data; call inside `translation.override(lang)`."""
    voice = Voice(lang)
    body, charter = meeting.body, meeting.body.charter
    begin = moment_of(meeting.starts_at)
    draft = _("Entwurf") if meeting.state == Meeting.State.PLANNED else ""
    title = f"{_('Tagesordnung')}: {meeting.title}"
    return {
        "frame": letter_frame(
            f"{title}, {day_short(begin.date() if begin else None)}",
            running=f"{_('Tagesordnung')} · {body.name}",
            voice=voice, network=body.network.name, moment=clock.now(),
            letter=Letter(charter.letterhead, charter.footer, meeting.minute_takers, draft),
        ),
        "over": joined(_kind(meeting), body.name, ordinal(meeting.number), by=" · "),
        "heading": voice.text(meeting.title),
        "notice": _notice(meeting),
        "about": about_of(meeting, voice),
        "intro": voice.prose(meeting.intro),
        "rights_label": _("So üben Sie Ihre Rechte elektronisch aus"),
        "rights": voice.prose(meeting.rights_statement),
        "items_heading": _("Tagesordnung"),
        "head": [_("TOP"), _("Beginn"), _("Worum geht es?"), _("Art")],
        "none": _("Die Tagesordnung folgt."),
        **_items(meeting, voice),
    }  # fmt: skip


def _kind(meeting: Meeting) -> str:
    """Until the meeting begins, the paper invites."""
    before = meeting.state in (Meeting.State.PLANNED, Meeting.State.INVITED)
    return _("Einladung") if before else ""


def _notice(meeting: Meeting) -> str:
    """What must be read first."""
    if meeting.state != Meeting.State.CANCELLED:
        return ""
    reason = _("Grund: %(reason)s") % {"reason": meeting.cancel_reason}
    return joined(_("Diese Sitzung ist abgesagt."), reason if meeting.cancel_reason else "", by=" ")


def about_of(meeting: Meeting, voice: Voice) -> list[list[Any]]:
    """When, where and with whom a meeting is."""
    begin, end = moment_of(meeting.starts_at), moment_of(meeting.ends_at)
    place = joined(meeting.place, meeting.address, meeting.room)
    host = meeting.host.name if meeting.host else ""
    return entries(
        (_("Tag"), day_words(begin.date() if begin else None, voice.paper)),
        (_("Zeit"), time_span(begin, end)),
        (_("Form"), str(meeting.get_mode_display())),
        (_("Ort"), voice.text(place)),
        (_("Link zur Teilnahme"), meeting.link),
        (_("Gastgeber"), joined(host, meeting.host_words)),
        (_("Moderation"), meeting.moderation),
        (_("Mitschrift"), meeting.minute_takers),
        (_("Reihe"), voice.text(meeting.series)),
    )


@dataclass(frozen=True)
class _Papers:
    """The annexes of a meeting, by item."""

    rows: list[Annex]

    def of(self, item: AgendaItem) -> str:
        numbers = [str(annex.number) for annex in self.rows if annex.item_id == item.pk]
        return _("Anlage %(numbers)s") % {"numbers": ", ".join(numbers)} if numbers else ""


def _items(meeting: Meeting, voice: Voice) -> dict[str, Any]:
    versions = AnnexVersion.objects.select_related("document").order_by("-number")
    annexes = meeting.annexes.order_by("number").prefetch_related(
        Prefetch("versions", queryset=versions)
    )
    papers = _Papers(list(annexes))
    points = flat(agenda_of(meeting, meeting.items.prefetch_related("presenters")))
    return {
        "items": [_item(point, papers, voice) for point in points],
        "annexes": _annexes(papers.rows, {point.item.pk: point.number for point in points}, voice),
    }


def _item(point: Point, papers: _Papers, voice: Voice) -> dict[str, Any]:
    item = point.item
    parts = [
        [_("Ziel"), voice.prose(item.goal)],
        [_("Leitfragen"), voice.prose(item.questions)],
        [_("Beschlussvorschlag"), voice.prose(item.proposal)],
    ]
    return {
        "number": point.number,
        "time": clock_time(moment_of(point.starts_at)),
        "title": voice.text(item.title),
        "kind": str(item.get_kind_display()),
        "is_break": item.kind == AgendaItem.Kind.BREAK,
        "depth": point.depth,
        "presenters": [_presenter(one, voice) for one in item.presenters.all()],
        "parts": [[label, blocks] for label, blocks in parts if blocks],
        "annexes": papers.of(item),
    }


def _presenter(one: Any, voice: Voice) -> Any:
    said = with_organisation(one.name, one.organisation)
    return voice.text(joined(said, one.subject, by=": "))


def _annexes(rows: Iterable[Annex], numbers: dict[int, str], voice: Voice) -> dict[str, Any] | None:
    """The list of annexes, counted (S1-22); those without a file are still to follow (S4-02)."""
    found = [
        [
            [str(annex.number)],
            [voice.text(annex.title)],
            [numbers.get(annex.item_id or 0, "")],
            [_annex_state(annex)],
        ]
        for annex in rows
    ]
    if not found:
        return None
    return {
        "heading": _("Anlagen (%(count)s)") % {"count": len(found)},
        "head": [_("Nr."), _("Titel"), _("zu TOP"), _("Stand")],
        "widths": [14, 0, 20, 48],
        "rows": found,
    }


def _annex_state(annex: Annex) -> str:
    versions = list(annex.versions.all())
    if not versions:
        return _("wird nachgeliefert")
    edition = _("Fassung %(number)s") % {"number": versions[0].number} if len(versions) > 1 else ""
    return joined(_("vorab versandt") if annex.sent_before else "", edition) or _("liegt vor")
