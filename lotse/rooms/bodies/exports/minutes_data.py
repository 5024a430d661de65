"""Minutes as plain data of a paper in one language: PDF and Word file show the same (S1-24).

The source is always a resolved record "lotse-minutes/1" (`queries.minutes.resolved`), never live
rows. Here are the head, the people and what stands at the end; `minutes_items` has the items.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lotse.rooms.bodies.exports.minutes_items import items_of, measures_of, pending_of
from lotse.rooms.bodies.exports.wording import (
    Letter,
    Text,
    Voice,
    by_surname,
    clock_time,
    day_short,
    day_words,
    entries,
    joined,
    letter_frame,
    moment_of,
    ordinal,
    time_span,
)
from lotse.rooms.bodies.models import Attendance, Meeting, Minutes

Json = Mapping[str, Any]
STATE = Minutes.State
PEOPLE_WIDTHS = [52, 0, 32, 30]


@dataclass(frozen=True)
class Proof:
    """What stands at the end of the paper: which revision this is, and how to check it.

    `state` is a `Minutes.State`; without one nothing is said about it. `head` is the head of the
    network's chain of records.
    """

    state: str = ""
    number: int = 0
    sha256: str = ""
    head: str = ""


def minutes(record: Json, *, lang: str, moment: datetime, proof: Proof) -> dict[str, Any]:
    """The whole paper; call inside `translation.override(lang)`. Empty parts are None."""
    voice = Voice(lang, record.get("lang") or lang)
    meeting = record["meeting"]
    title = _("Protokoll: %(of)s") % {"of": meeting["title"]}
    return {
        "frame": _frame(record, title, voice, moment, proof),
        "over": joined(record["body"]["name"], ordinal(meeting.get("number")), by=" · "),
        "heading": title,
        "about": _about(record, voice, proof),
        "corrections": _corrections(record, voice),
        "items": items_of(record, voice),
        "measures": _measures(record, voice),
        "pending": _pending(record, voice),
        "annexes": _annexes(record, voice),
        "dates": _section(_("Nächste Termine"), voice.prose(record.get("next_dates"))),
        "distribution": _section(_("Verteiler"), voice.prose(_distribution(record))),
        "signatures": {
            "label": _("Unterschriften"),
            "place": _("Ort, Datum, Unterschrift"),
            "names": [voice.text(line) for line in _signers(record)],
        },
        "people": _people(record),
        "proof": _proof(proof),
    }


# Functions on whose line the minutes themselves know who it was.
_KNOWN = {
    "moderation": ("sitzungsleitung", "moderation"),
    "minute_takers": ("mitschrift", "protokoll", "protokollführung", "schriftführung"),
}


def _signers(record: Json) -> list[str]:
    """A line for each who signs: what the rules say, with the name where it is known."""
    found = []
    for one in record.get("signatures") or ():
        line = one["attribution"]["words"]
        who = [names(record["meeting"].get(part)) for part, functions in _KNOWN.items()
               if line.lower() in functions]  # fmt: skip
        found.append(joined(line, *who, by=": "))
    return found


def _distribution(record: Json) -> str:
    return "\n".join(one["attribution"]["words"] for one in record.get("distribution") or ())


def _frame(
    record: Json, title: str, voice: Voice, moment: datetime, proof: Proof
) -> dict[str, Any]:
    body, begin = record["body"], moment_of(record["meeting"].get("starts_at"))
    day = day_short(begin.date() if begin else None)
    running = _("Protokoll: %(of)s") % {"of": body.get("short_name") or body["name"]}
    return letter_frame(
        joined(title, day),
        running=joined(running, day, by=" · "),
        voice=voice, network=record.get("network") or "", moment=moment,
        letter=Letter(
            record.get("letterhead") or "", record.get("footer") or "",
            names(record["meeting"].get("minute_takers")), _draft(proof),
        ),
    )  # fmt: skip


def _draft(proof: Proof) -> str:
    if proof.state in (STATE.CIRCULATED, STATE.CORRECTED):
        return _("Noch nicht genehmigt")
    return _("Entwurf") if proof.state == STATE.DRAFT else ""


def names(people: Iterable[Json] | None) -> str:
    """Names with their organisations in one line."""
    return joined(*(one["words"] for one in people or ()))


def label_of(choices: Any, value: str) -> str:
    """The word of a value; of one that a later edition knows, the value itself."""
    return str(dict(choices.choices).get(value, value))


def _about(record: Json, voice: Voice, proof: Proof) -> list[list[Any]]:
    meeting = record["meeting"]
    begin = moment_of(meeting.get("opened_at") or meeting.get("starts_at"))
    end = moment_of(meeting.get("closed_at") or meeting.get("ends_at"))
    kind = meeting.get("kind") or ""
    place = joined(*(meeting.get(key) or "" for key in ("place", "address", "room")))
    return entries(
        (_("Art"), label_of(Meeting.MinutesKind, kind) if kind else ""),
        (_("Stand"), _state(record, proof)),
        (_("Tag"), day_words(begin.date() if begin else None, voice.paper)),
        (_("Zeit"), time_span(begin, end)),
        (_("Form"), label_of(Meeting.Mode, meeting.get("mode") or "")),
        (_("Ort"), voice.text(place)),
        (_("Gastgeber"), meeting.get("host") or ""),
        (_("Moderation"), names(meeting.get("moderation"))),
        (_("Mitschrift"), names(meeting.get("minute_takers"))),
        (_("Reihe"), voice.text(meeting.get("series"))),
        *_counted(record),
    )


def _state(record: Json, proof: Proof) -> str:
    """How far the minutes are; of adopted ones when and by what."""
    word = label_of(STATE, proof.state) if proof.state else ""
    adopted = record.get("adopted")
    if not adopted:
        return word
    by = label_of(Minutes.AdoptedBy, adopted.get("by") or "")
    place = str(adopted.get("in") or "")
    day = _("am %(day)s") % {"day": day_short(adopted["on"])} if adopted.get("on") else ""
    where = "" if not place or _is_uuid(place) else f"({place})"
    said = joined(_("genehmigt"), day, by, where, by=" ")
    return said if word in ("", label_of(STATE, STATE.ADOPTED)) else joined(word, said)


def _is_uuid(value: str) -> bool:
    try:
        UUID(value)
    except ValueError:
        return False
    return True


def _counted(record: Json) -> list[tuple[str, Text | list[str]]]:
    """How many were there, who is excused, whether the body could decide."""
    present, unnamed = record.get("present") or [], record.get("unnamed") or 0
    there = len(present) + unnamed
    people = ngettext("%(n)s Person", "%(n)s Personen", there) % {"n": there} if there else ""
    others = _("davon %(n)s ohne Namen") % {"n": unnamed} if unnamed and present else ""
    listed = _("Liste am Ende") if present else ""
    return [
        (_("Anwesend"), joined(people, others, listed)),
        (_("Entschuldigt"), _number(record.get("excused"))),
        (_("Abwesend"), _number(record.get("absent"))),
        (_("Beschlussfähigkeit"), _quorum(record.get("quorum") or {})),
    ]


def _number(people: Any) -> str:
    count = len(people or ())
    return ngettext("%(n)s Person", "%(n)s Personen", count) % {"n": count} if count else ""


def _quorum(quorum: Json) -> str:
    there = ""
    if quorum.get("present") is not None and quorum.get("entitled"):
        there = _("%(present)s von %(entitled)s Stimmen anwesend") % quorum
    if quorum.get("reached") is None:
        return there
    word = _("beschlussfähig") if quorum["reached"] else _("nicht beschlussfähig")
    needed = quorum.get("needed")
    least = _("nötig sind %(needed)s") % {"needed": needed} if needed is not None else ""
    return joined(f"{word}: {there}" if there else word, least)


def _corrections(record: Json, voice: Voice) -> dict[str, Any] | None:
    """Corrections after adoption, each with its reason: marked before anything else (rulings 5)."""
    rows = [
        [
            [day_short(one.get("on"))],
            [_("TOP %(number)s") % {"number": one["item"]} if one.get("item") else ""],
            [voice.text(one.get("text"))],
            [voice.text(one.get("reason"))],
        ]
        for one in record.get("corrections") or ()
    ]
    return {
        "heading": _("Berichtigungen"),
        "head": [_("Tag"), _("Wo"), _("Was ist berichtigt?"), _("Grund")],
        "widths": [24, 20, 0, 48],
        "rows": rows,
    } if rows else None  # fmt: skip


def _measures(record: Json, voice: Voice) -> dict[str, Any] | None:
    """Who does what until when: all that was agreed, in one table."""
    rows = [
        [[one["who"]], [one["what"]], [one["due"]], [one["item"]]]
        for one in measures_of(record, voice)
    ]
    return {
        "heading": _("Vereinbart: wer macht was bis wann"),
        "head": [_("Wer"), _("Was"), _("Bis wann"), _("TOP")],
        "widths": [48, 0, 34, 16],
        "rows": rows,
    } if rows else None  # fmt: skip


def _pending(record: Json, voice: Voice) -> dict[str, Any] | None:
    """What is parked, and questions nobody answered (S2-06, S2-19)."""
    rows = [
        [[one["kind"]], [one["text"]], [one["until"]], [one["item"]]]
        for one in pending_of(record, voice)
    ]
    return {
        "heading": _("Offen geblieben"),
        "head": [_("Art"), _("Worum geht es?"), _("Bis"), _("TOP")],
        "widths": [24, 0, 48, 16],
        "rows": rows,
    } if rows else None  # fmt: skip


def _annexes(record: Json, voice: Voice) -> dict[str, Any] | None:
    found = record.get("annexes") or []
    rows = [
        [
            [str(one["number"])],
            [voice.text(one.get("title"))],
            [one.get("item") or ""],
            _files(one, voice),
        ]
        for one in found
    ]
    return {
        "heading": _("Anlagen (%(count)s)") % {"count": len(rows)},
        "head": [_("Nr."), _("Titel"), _("zu TOP"), _("Datei")],
        "widths": [14, 0, 20, 58],
        "rows": rows,
    } if rows else None  # fmt: skip


def _files(annex: Json, voice: Voice) -> list[Text]:
    files: list[Text] = [voice.text(each.get("name")) for each in annex.get("files") or ()]
    return [_("wird nachgeliefert")] if annex.get("to_follow") or not files else files


def _section(heading: str, blocks: list[dict[str, Any]]) -> dict[str, Any] | None:
    return {"heading": heading, "blocks": blocks} if blocks else None


def _people(record: Json) -> dict[str, Any] | None:
    """Who was there, who was excused, who was absent: an annex of its own (S2-22)."""
    tables = [
        _table(_("Anwesend"), [_there(one) for one in record.get("present") or ()]),
        _table(_("Entschuldigt"), [_away(one) for one in record.get("excused") or ()]),
        _table(_("Abwesend"), [_away(one) for one in record.get("absent") or ()]),
    ]
    tables = [table for table in tables if table["rows"]]
    unnamed = record.get("unnamed") or 0
    more = ngettext(
        "Dazu %(n)s Person, deren Name nicht festgehalten ist.",
        "Dazu %(n)s Personen, deren Namen nicht festgehalten sind.", unnamed,
    ) % {"n": unnamed}  # fmt: skip
    return {
        "heading": _("Wer teilgenommen hat"),
        "tables": tables,
        "more": more if unnamed else "",
    } if tables else None  # fmt: skip


def _table(heading: str, rows: list[Any]) -> dict[str, Any]:
    head = [_("Name"), _("Organisation"), _("Als"), _("Zeit")]
    rows = sorted(rows, key=lambda row: by_surname(row[0][0]))
    if any(row[2] or row[3] for row in rows):
        return {"heading": f"{heading} ({len(rows)})", "head": head,
                "widths": PEOPLE_WIDTHS, "rows": rows}  # fmt: skip
    return {"heading": f"{heading} ({len(rows)})", "head": head[:2], "widths": [70, 0],
            "rows": [row[:2] for row in rows]}  # fmt: skip


def _there(one: Json) -> list[list[str]]:
    who = one["attribution"] or {"name": "", "organisation": ""}
    stood = one.get("stands_for")
    instead = _("für %(name)s") % {"name": stood["name"]} if stood else ""
    vote = _("mit Stimme") if one.get("vote") else ""
    part = label_of(Attendance.Part, one.get("part") or "")
    spans = one.get("spans") or [[one.get("from"), one.get("to")]]
    return [
        [who["name"]], [who["organisation"]],
        [word for word in (part, instead, vote) if word],
        [span for begin, end in spans if (span := _span(begin, end))],
    ]  # fmt: skip


def _span(begin: str | None, end: str | None) -> str:
    first, last = moment_of(begin), moment_of(end)
    if first and last is None:
        return _("ab %(time)s") % {"time": clock_time(first)}
    return time_span(first, last)


def _away(who: Json) -> list[list[str]]:
    return [[who["name"]], [who["organisation"]], [], []]


def _proof(proof: Proof) -> dict[str, Any] | None:
    rows = entries(
        (_("Fassung"), str(proof.number) if proof.number else ""),
        (_("Prüfsumme (SHA-256)"), proof.sha256),
        (_("Kopf der Kette"), proof.head),
    )
    return {
        "heading": _("Nachweis"),
        "rows": rows,
        "remark": _(
            "Mit Prüfsumme und Kopf der Kette der Nachweise lässt sich feststellen, ob dieses "
            "Protokoll später verändert wurde."
        ),
    } if proof.sha256 or proof.head else None  # fmt: skip
