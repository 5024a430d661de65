"""The agenda as PDF, as the mails of one act carry it (S2-01, S2-02)."""

from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import override

from lotse.foundation.core.mail.files import File
from lotse.rooms.bodies.models import Meeting


@dataclass(frozen=True)
class Paper:
    """What was drawn of a meeting as it stood at `live`, by language."""

    live: int
    drawn: dict[str, File] = field(default_factory=dict)


def draw_ahead(meeting: Meeting, langs: Iterable[str], **changes: Any) -> Paper:
    """Draws the agenda before the transaction of an act, as it will be with its `changes`: 0.2 s
    for each language in which nobody else has to wait for a lock. One query, and up to four for
    each language; of an empty agenda there is no paper."""
    paper = Paper(meeting.live)
    if not meeting.items.exists():
        return paper
    shown = copy(meeting)
    for name, value in changes.items():
        setattr(shown, name, value)
    for lang in sorted(set(langs)):
        paper.drawn[lang] = _draw(shown, lang)
    return paper


def files_of(meeting: Meeting, langs: Iterable[str], paper: Paper | None) -> dict[str, list[File]]:
    """The agenda in each language; call inside the transaction, with the meeting locked. What was
    drawn ahead goes out if nothing of the meeting changed since, else it is drawn anew. One query,
    and those of what is drawn."""
    holds = paper is not None and Meeting.objects.filter(pk=meeting.pk, live=paper.live).exists()
    drawn = paper.drawn if paper is not None and holds else {}
    return {lang: [drawn.get(lang) or _draw(meeting, lang)] for lang in sorted(set(langs))}


def _draw(meeting: Meeting, lang: str) -> File:
    from lotse.rooms.bodies.exports.agenda import agenda_pdf  # draws papers: only when one is sent

    with override(lang):
        name = _("tagesordnung.pdf")
    return File(name, "application/pdf", agenda_pdf(meeting, lang=lang))
