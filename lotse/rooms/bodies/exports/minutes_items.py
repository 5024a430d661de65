"""The items of minutes as data of a paper: discussion, typed outcomes, group work."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lotse.rooms.bodies.content.outcome_kinds import replacing_words
from lotse.rooms.bodies.exports.wording import (
    Text,
    Voice,
    clock_time,
    day_short,
    joined,
    moment_of,
    plain,
)
from lotse.rooms.bodies.models import AgendaItem, Outcome

Json = Mapping[str, Any]
KIND = Outcome.Kind
# The house style has three levels of headings; the first is the title.
DEEPEST = 3


def items_of(record: Json, voice: Voice) -> list[dict[str, Any]]:
    """All items in the order of reading, each with the level of its heading."""
    corrections = record.get("corrections") or ()
    return [_item(item, depth, corrections, voice) for item, depth in walk(record.get("items"))]


def walk(items: Iterable[Json] | None, depth: int = 0) -> Iterator[tuple[Json, int]]:
    """Items with those below them, in the order of reading, each with its depth."""
    for item in items or ():
        yield item, depth
        yield from walk(item.get("items"), depth + 1)


def _item(item: Json, depth: int, corrections: Iterable[Json], voice: Voice) -> dict[str, Any]:
    number = item.get("number") or ""
    said: list[Text] = [_presenter(one, voice) for one in item.get("presenters") or ()]
    return {
        "level": min(2 + depth, DEEPEST),
        "number": _("TOP %(number)s") % {"number": number} if number else "",
        "title": voice.text(item["title"]),
        "is_break": item.get("kind") == AgendaItem.Kind.BREAK,
        "time": clock_time(moment_of(item.get("starts_at"))),
        "presenters": said,
        "state": _("vertagt") if item.get("state") == AgendaItem.State.MOVED else "",
        "goal_label": _("Ziel"),
        "goal": voice.prose(item.get("goal")),
        "questions_label": _("Leitfragen"),
        "questions": voice.prose(item.get("questions")),
        "corrected": [
            _("Berichtigt am %(day)s. Grund: %(reason)s")
            % {"day": day_short(one.get("on")), "reason": one.get("reason") or ""}
            for one in corrections
            if one.get("item") and one["item"] in (number, item.get("uuid"))
        ],
        "notes_label": _("Diskussion"),
        "notes": [block for note in item.get("notes") or () for block in voice.prose(note)],
        "outcomes": _outcomes(item.get("outcomes") or (), voice),
        "work": _work(item.get("group_work"), voice),
    }


def _presenter(one: Json, voice: Voice) -> Text:
    who = (one.get("attribution") or {}).get("words") or one.get("words") or ""
    return voice.text(joined(who, one.get("subject") or "", by=": "))


def _outcomes(outcomes: Iterable[Json], voice: Voice) -> list[dict[str, Any]]:
    """Outcomes in their order; an answer follows its question."""
    rows = list(outcomes)
    questions = {one["uuid"] for one in rows if one["kind"] == KIND.QUESTION}
    answers: dict[str, list[Json]] = {}
    for one in rows:
        if one.get("answer_to") in questions:
            answers.setdefault(one["answer_to"], []).append(one)
    found = []
    for one in rows:
        if one.get("answer_to") not in questions:
            found.append(_outcome(one, voice))
            found += [_outcome(each, voice) for each in answers.get(one["uuid"], ())]
    return found


def _outcome(one: Json, voice: Voice) -> dict[str, Any]:
    speaker = one.get("speaker")
    return {
        "kind": one["kind"],
        "label": joined(kind_word(one["kind"]), one.get("number") or "", by=" "),
        "speaker": speaker["words"] if speaker else "",
        "text": voice.prose(one.get("text")),
        "result": _result(one),
        "lines": [line for line in _lines(one, voice) if plain(line)],
        "measures": [_measure(each, voice) for each in one.get("measures") or ()],
    }


def kind_word(kind: str) -> str:
    """What an outcome of this kind is called, at the beginning of a line."""
    word = str(dict(KIND.choices).get(kind, kind))
    return word[:1].upper() + word[1:]


def _result(one: Json) -> str:
    """ "angenommen, einstimmig, 9 Ja, 1 Nein"; counts stand only where they are known."""
    result = str(dict(Outcome.Result.choices).get(one.get("result") or "", ""))
    method = str(dict(Outcome.Method.choices).get(one.get("method") or "", ""))
    away = one.get("abstain") or 0
    abstained = ngettext("%(n)s Enthaltung", "%(n)s Enthaltungen", away)
    counts = [
        text % {"n": one[key]}
        for key, text in (("yes", _("%(n)s Ja")), ("no", _("%(n)s Nein")), ("abstain", abstained))
        if one.get(key) is not None
    ]
    there = ""
    if one.get("present") is not None and one.get("entitled"):
        there = _("%(present)s von %(entitled)s Stimmen anwesend") % one
    return joined(result, method, *counts, there)


def _lines(one: Json, voice: Voice) -> Iterator[Text]:
    """What else is known of an outcome, a line each."""
    if one.get("title_after"):
        old = one.get("title_before") or ""
        changed = {"old": old, "new": one["title_after"]}
        yield _("Titel geändert: „%(old)s“ heißt jetzt „%(new)s“") % changed
    if one.get("replaces"):
        yield replacing_words(one["replaces"]["number"], one.get("result") or "")
    if one.get("replaced_by"):
        yield _("ersetzt durch Beschluss %(number)s vom %(day)s") % one["replaced_by"]
    if one.get("trigger") or one.get("trigger_on"):
        yield joined(_until(one), by="")
    if one.get("on_day"):
        yield _day_line(one["kind"], day_short(one["on_day"]))
    if one.get("source"):
        yield _("Quelle: %(source)s") % {"source": one["source"]}
    if one.get("annex"):
        yield _("Siehe Anlage %(number)s") % {"number": one["annex"]}
    if one.get("review_on"):
        yield _("Wiedervorlage am %(day)s") % {"day": day_short(one["review_on"])}
    if one.get("adoptions"):
        yield _("Verabschiedet: %(who)s") % {"who": _adopted(one["adoptions"])}


def _until(one: Json) -> str:
    """What something parked waits for."""
    trigger = one.get("trigger") or ""
    day = one.get("trigger_on")
    when = _("Wiedervorlage am %(day)s") % {"day": day_short(day)} if day else ""
    return joined(_("bis: %(what)s") % {"what": trigger} if trigger else "", when)


def _day_line(kind: str, day: str) -> str:
    if kind == KIND.ANSWER:
        return _("Antwort zugesagt bis %(day)s") % {"day": day}
    return _("Termin: %(day)s") % {"day": day}


def _adopted(rows: Iterable[Json]) -> str:
    def words(one: Json) -> str:
        on = one.get("on")
        when = _("am %(day)s") % {"day": day_short(on)} if on else _("noch offen")
        return joined(one.get("who") or "", when, by=" ")

    return joined(*map(words, rows), by="; ")


def _measure(one: Json, voice: Voice) -> dict[str, Any]:
    who = joined(*(each["words"] for each in one.get("who") or ()))
    due = day_short(one.get("due_on")) or one.get("due_words") or _("ohne Termin")
    return {
        "who": who or _("noch niemand zuständig"),
        "what": voice.text(one.get("what")),
        "due": due,
    }


def measures_of(record: Json, voice: Voice) -> Iterator[dict[str, Any]]:
    """All that was agreed, each with the number of its item."""
    for item, _depth in walk(record.get("items")):
        rows = [each for one in item.get("outcomes") or () for each in one.get("measures") or ()]
        rows += (item.get("group_work") or {}).get("measures") or []
        for one in rows:
            yield _measure(one, voice) | {"item": item.get("number") or ""}


def pending_of(record: Json, voice: Voice) -> Iterator[dict[str, Any]]:
    """What is parked, and questions without an answer or with one only promised."""
    for item, _depth in walk(record.get("items")):
        rows = item.get("outcomes") or ()
        answered = {one.get("answer_to") for one in rows if plain(one.get("text") or "").strip()
                    and not one.get("on_day")}  # fmt: skip
        promised = {one["answer_to"]: one["on_day"] for one in rows
                    if one.get("answer_to") and one.get("on_day")}  # fmt: skip
        for one in rows:
            if one["kind"] == KIND.PARKED:
                until = _until(one)
            elif one["kind"] == KIND.QUESTION and one["uuid"] not in answered:
                day = promised.get(one["uuid"])
                until = _day_line(KIND.ANSWER, day_short(day)) if day else ""
            else:
                continue
            yield {
                "kind": kind_word(one["kind"]), "text": voice.text(one.get("text")),
                "until": until, "item": item.get("number") or "",
            }  # fmt: skip


def _work(work: Json | None, voice: Voice) -> dict[str, Any] | None:
    """Group work: each table with its ranked results, then how they were bundled (S1-11, S1-12)."""
    if not work:
        return None
    return {
        "tables": [_table(one, voice) for one in work.get("tables") or ()],
        "clusters_label": _("Gebündelt unter"),
        "clusters": [voice.text(title) for title in work.get("clusters") or ()],
        "measures_label": _("Daraus vereinbart"),
        "measures": [_measure(one, voice) for one in work.get("measures") or ()],
    }


def _table(one: Json, voice: Voice) -> dict[str, Any]:
    moderators = joined(*(each["words"] for each in one.get("moderators") or ()))
    rounds = one.get("rounds") or 1
    results = one.get("results") or []
    bundled = any(each.get("cluster") for each in results)
    rows = [
        [[str(each.get("rank") or "–")], [voice.text(each.get("text"))],
         *([[voice.text(each.get("cluster"))]] if bundled else [])]
        for each in results
    ]  # fmt: skip
    head = [_("Rang"), _("Ergebnis"), *([_("Gehört zu")] if bundled else [])]
    return {
        "label": _("Tisch %(number)s") % {"number": one.get("number")},
        "question": voice.text(one.get("question")),
        "second": voice.text(one.get("sub_question")),
        "about": joined(
            _("Moderation: %(names)s") % {"names": moderators} if moderators else "",
            _("%(n)s Runden") % {"n": rounds} if rounds > 1 else "",
            by=" · ",
        ),
        "none": _("Keine Ergebnisse festgehalten."),
        "heading": "",
        "head": head,
        "widths": [14, 0, *([46] if bundled else [])],
        "rows": rows,
    }
