"""Lists of people on paper: to sign in, name badges, who takes part, who belongs (S1-22, S2-22)."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Prefetch
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from lotse.foundation.core import clock, pdf
from lotse.foundation.core.actor import Actor
from lotse.foundation.core.collation import german_key
from lotse.foundation.parties.models import Body
from lotse.rooms.bodies.exports.wording import (
    TEMPLATES,
    Letter,
    Voice,
    by_surname,
    day_short,
    day_words,
    entries,
    joined,
    letter_frame,
    moment_of,
    ordinal,
    time_span,
)
from lotse.rooms.bodies.models import Attendance, Holder, Mandate, Meeting
from lotse.rooms.bodies.permissions import holds_now
from lotse.rooms.bodies.queries.members import (
    restricted_among,
    unname_lines,
    unnamed,
    withheld_from,
    withheld_on,
)

WALK_INS = 10
ON_A_SHEET = 10
PART, REPLY = Attendance.Part, Attendance.Reply


def sign_in_sheet_pdf(meeting: Meeting, *, lang: str = "") -> bytes:
    """Whom to expect, by organisation, with room to sign and lines for others. One query."""
    lang = lang or _language()
    with override(lang):
        rows = [[[one.organisation], [one.name], [_part(one)], []] for one in expected(meeting)] + [
            [[], [], [], []]
        ] * WALK_INS
        head = [_("Organisation"), _("Name"), _("Als"), _("Unterschrift")]
        data = _paper(
            meeting, _("Unterschriftenliste"), lang,
            [{"heading": "", "head": head, "widths": [46, 0, 24, 48], "rows": rows}], tall=True,
        )  # fmt: skip
    return pdf.render(TEMPLATES / "list.typ", data, moment=clock.now())


def participants_pdf(meeting: Meeting, *, lang: str = "", actor: Actor | None = None) -> bytes:
    """Who takes part: before the meeting who answered what, from its opening on who is there and
    when, and who is excused; with the names the actor may read. Two queries, one more where
    somebody's data are restricted."""
    lang = lang or _language()
    with override(lang):
        rows = list(_attendances(meeting).prefetch_related("presences"))
        lines = [*rows, *(one.stands_for for one in rows if one.stands_for is not None)]
        unname_lines(lines, withheld_on(lines, meeting.body, actor))
        begun = meeting.state in (Meeting.State.RUNNING, Meeting.State.HELD)
        tables = _there(rows) if begun else _announced(rows)
        data = _paper(meeting, _("Wer teilnimmt"), lang, tables, remark=_unnamed(meeting))
    return pdf.render(TEMPLATES / "list.typ", data, moment=clock.now())


def members_pdf(body: Body, *, lang: str = "", actor: Actor | None = None) -> bytes:
    """Seats of a body in alphabetical order, with who sits there (S2-08, S2-24), as far as the
    actor may read of them. Two queries, one more where somebody's data are restricted."""
    lang = lang or _language()
    moment = clock.now()
    with override(lang):
        tables = _members(body, actor)
        day = day_short(clock.today())
        title = f"{_('Mitglieder')}: {body.name}"
        frame = letter_frame(
            title, running=title, voice=Voice(lang), network=body.network.name, moment=moment,
            letter=Letter(body.charter.letterhead, body.charter.footer),
        )  # fmt: skip
        data = {
            "frame": frame, "over": str(body.get_kind_display()), "heading": title,
            "about": entries((_("Stand"), day)), "tables": tables, "tall": False, "remark": "",
        }  # fmt: skip
    return pdf.render(TEMPLATES / "list.typ", data, moment=moment)


def badges_pdf(meeting: Meeting, *, lang: str = "") -> bytes:
    """Name badges of those expected, ten on a sheet, and a sheet of empty ones. One query."""
    lang = lang or _language()
    moment = clock.now()
    with override(lang):
        title = f"{_('Namensschilder')}: {meeting.title}"
        frame = letter_frame(
            title, running=title, voice=Voice(lang), network=meeting.body.network.name,
            moment=moment, letter=Letter(),
        )  # fmt: skip
        badges = [
            _badge(one.name, one.organisation, _part(one))
            for one in sorted(expected(meeting), key=lambda one: by_surname(one.name))
            if one.name
        ]
        sheets = [badges[at : at + ON_A_SHEET] for at in range(0, len(badges), ON_A_SHEET)]
        data = {
            "frame": frame, "heading": title,
            "sheets": sheets or [[_badge("", "", "")] * ON_A_SHEET],
        }  # fmt: skip
    return pdf.render(TEMPLATES / "badges.typ", data, moment=moment)


def _language() -> str:
    return (get_language() or "de")[:2]


def _badge(name: str, organisation: str, part: str) -> dict[str, Any]:
    """A long name is set smaller, so that it keeps to three lines."""
    size = 20 if len(name) <= 28 else 15 if len(name) <= 60 else 11
    return {"name": name, "organisation": organisation, "part": part, "size": size}


def _paper(
    meeting: Meeting, title: str, lang: str, tables: list[dict[str, Any]], *,
    tall: bool = False, remark: str = "",
) -> dict[str, Any]:  # fmt: skip
    body = meeting.body
    begin, end = moment_of(meeting.starts_at), moment_of(meeting.ends_at)
    day = begin.date() if begin else None
    heading = f"{title}: {meeting.title}"
    empty = _("Noch steht niemand auf der Liste.")
    return {
        "frame": letter_frame(
            joined(heading, day_short(day)), running=heading, voice=Voice(lang),
            network=body.network.name, moment=clock.now(), letter=Letter(),
        ),
        "over": joined(body.name, ordinal(meeting.number), by=" · "),
        "heading": heading,
        "about": entries(
            (_("Tag"), day_words(day, lang)),
            (_("Zeit"), time_span(begin, end)),
            (_("Ort"), joined(meeting.place, meeting.address, meeting.room)),
        ),
        "tables": [{"empty": empty, **table} for table in tables],
        "tall": tall,
        "remark": remark,
    }  # fmt: skip


def _attendances(meeting: Meeting) -> Any:
    return meeting.attendances.select_related("person", "stands_for__person")


def expected(meeting: Meeting) -> list[Attendance]:
    """Who may come: all but those who said no or are excused, and those whose deputy is named
    instead. By organisation. Everybody in the room reads it, so that people whose data are
    restricted are left out (GDPR art. 18). One query."""
    rows = list(_attendances(meeting))
    replaced = {one.stands_for_id for one in rows}
    coming = [
        one for one in rows
        if one.reply != REPLY.NO and not one.excused and one.pk not in replaced
        and not (one.person and one.person.restricted_at)
    ]  # fmt: skip
    return sorted(coming, key=_place)


def _place(one: Attendance) -> tuple[Any, ...]:
    return german_key(one.organisation), by_surname(one.name), one.pk


def _part(one: Attendance) -> str:
    return str(one.get_part_display())


def _announced(rows: Iterable[Attendance]) -> list[dict[str, Any]]:
    """Before the meeting: by answer."""
    groups = [
        (_("Zugesagt"), (REPLY.YES, REPLY.DEPUTY)),
        (_("Noch keine Antwort"), (REPLY.NONE,)),
        (_("Kommen nicht"), (REPLY.NO,)),
    ]
    found = list(rows)
    tables = []
    for heading, replies in groups:
        chosen = [one for one in found if one.reply in replies]
        if chosen:
            tables.append(_table(heading, [_row(one, _answer(one)) for one in _sorted(chosen)],
                                 _("Antwort")))  # fmt: skip
    return tables or [_table("", [], _("Antwort"))]


def _answer(one: Attendance) -> str:
    return "" if one.reply == REPLY.NONE else str(one.get_reply_display())


def _there(rows: Iterable[Attendance]) -> list[dict[str, Any]]:
    """From the opening on: who was there from when until when, who is excused, who is missing."""
    found = list(rows)
    there = [one for one in found if one.presences.all()]
    replaced = {one.stands_for_id for one in there}
    away = [one for one in found if not one.presences.all()]
    excused = [one for one in away if one.excused or one.reply == REPLY.NO]
    missing = [
        one for one in away
        if one not in excused and one.pk not in replaced and one.part == PART.MEMBER
    ]  # fmt: skip
    groups = [(_("Anwesend"), there), (_("Entschuldigt"), excused), (_("Abwesend"), missing)]
    tables = [
        _table(heading, [_row(one, _times(one)) for one in _sorted(chosen)], _("Zeit"))
        for heading, chosen in groups
        if chosen
    ]
    return tables or [_table("", [], _("Zeit"))]


def _sorted(rows: Iterable[Attendance]) -> list[Attendance]:
    return sorted(rows, key=_place)


def _times(one: Attendance) -> list[str]:
    spans = sorted(one.presences.all(), key=lambda each: (each.from_at, each.pk))
    return [_span(each.from_at, each.to_at) for each in spans]


def _span(begin: datetime, end: datetime | None) -> str:
    return time_span(moment_of(begin), moment_of(end))


def _row(one: Attendance, last: str | Sequence[str]) -> list[list[str]]:
    stood = one.stands_for
    instead = _("für %(name)s") % {"name": stood.name} if stood else ""
    final = [last] if isinstance(last, str) else list(last)
    return [[one.organisation], [one.name], [part for part in (_part(one), instead) if part],
            [part for part in final if part]]  # fmt: skip


def _table(heading: str, rows: list[list[list[str]]], last: str) -> dict[str, Any]:
    return {
        "heading": f"{heading} ({len(rows)})" if heading else "",
        "head": [_("Organisation"), _("Name"), _("Als"), last],
        "widths": [56, 0, 34, 34],
        "rows": rows,
    }


def _unnamed(meeting: Meeting) -> str:
    if not meeting.unnamed_count:
        return ""
    return _("Dazu %(n)s ohne Namen.") % {"n": meeting.unnamed_count}


def _members(body: Body, actor: Actor | None) -> list[dict[str, Any]]:
    holders = Holder.objects.filter(holds_now()).select_related("person")
    seats = (
        Mandate.objects.filter(holds_now(), body=body)
        .select_related("organisation")
        .prefetch_related(Prefetch("holders", queryset=holders))
    )
    found = list(seats)
    sitting = [holder for one in found for holder in one.holders.all()]
    unnamed(sitting, withheld_from(actor, body, restricted_among(sitting)))
    rows = sorted((_seat(one) for one in found), key=lambda row: german_key(row[0][0]))
    return [{
        "heading": "", "empty": _("Noch ist kein Mandat vergeben."),
        "head": [_("Mandat"), _("Vertreten durch"), _("Stellvertretung"), _("Stimme")],
        "widths": [56, 0, 40, 26], "rows": rows,
    }]  # fmt: skip


def _seat(mandate: Mandate) -> list[list[str]]:
    sitting = sorted(mandate.holders.all(), key=lambda one: (one.position, one.pk))
    names: dict[str, list[str]] = {part: [] for part in Holder.Part.values}
    for one in sitting:
        names[one.part].append(one.person.name)
    delegates = names[Holder.Part.DELEGATE]
    own = mandate.organisation.name if mandate.organisation else joined(*delegates, by="/")
    vote = _("mit Stimme") if mandate.with_vote else _("ohne Stimme")
    kind = "" if mandate.kind == Mandate.Kind.SEAT else str(mandate.get_kind_display())
    return [
        [own or _("unbesetzt")], delegates or [_("unbesetzt")], names[Holder.Part.DEPUTY],
        [part for part in (vote, kind) if part],
    ]  # fmt: skip
