"""The rows of an agenda, finished: a page with thirty items asks for no template loop (issue 5)."""

from collections.abc import Mapping, Sequence

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from lotse.rooms.bodies import wall
from lotse.rooms.bodies.models import AgendaItem
from lotse.rooms.bodies.queries.agenda import Point

_CELL = '<td class="kern-table__cell" role="cell"'


def agenda_rows(
    points: Sequence[Point], speakers: Mapping[int, Sequence[str]], states: Mapping[int, str] | None
) -> SafeString:
    """The rows of the table in `bodies/meeting_agenda.html`, every word escaped. Without `states`
    the column of states is left out. No query."""
    kinds = {key: escape(str(label)) for key, label in AgendaItem.Kind.choices}
    at, kind, state = escape(_("Beginn")), escape(_("Art")), escape(_("Stand"))
    rows = []
    for point in points:
        item = point.item
        cells = [
            f'<td class="kern-table__cell n" role="cell">{point.number}</td>',
            f"{_CELL}>{_about(item, speakers.get(item.pk, ()))}</td>",
            f'<td class="kern-table__cell n" role="cell" data-title="{at}">'
            f"{wall.clock_words(point.starts_at)}</td>",
            f'{_CELL} data-title="{kind}">{kinds.get(item.kind, "")}</td>',
        ]
        if states is not None:
            cells.append(f'{_CELL} data-title="{state}">{escape(states.get(item.pk, ""))}</td>')
        part = " part" if point.depth else ""
        begin = f'<tr class="kern-table__row{part}" role="row" id="top-{item.uuid}">'
        rows.append(f"{begin}{''.join(cells)}</tr>")
    return mark_safe("".join(rows))


def _about(item: AgendaItem, speakers: Sequence[str]) -> str:
    found = [f'<span class="name">{escape(item.title)}</span>']
    found += [f'<span class="small under">{escape(line)}</span>' for line in speakers]
    if item.goal:
        found.append(f'<span class="muted small under lines">{escape(item.goal)}</span>')
    if item.questions:
        words = escape(f"{_('Leitfragen')}: {item.questions}")
        found.append(f'<span class="muted small under lines">{words}</span>')
    if item.proposal:
        version = item.proposal_version
        named = _("Beschlussvorschlag")
        if version > 1:
            named = _("Beschlussvorschlag (Fassung %(n)s)") % {"n": version}
        words = escape(f"{named}: {item.proposal}")
        found.append(f'<span class="small under lines">{words}</span>')
    return "".join(found)
