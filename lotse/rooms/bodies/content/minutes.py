"""Minutes in their canonical form "lotse-minutes/1": data without a single name.

Every person stands there as the uuid of an attribution, every moment as ISO 8601 with its offset
in Europe/Berlin, no number as a float: so `records.canonical` gives the same bytes for ever, and a
name can be erased without touching them (rulings 5). `queries.minutes.resolved` puts names in.
"""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from lotse.foundation.measures.models import Helper, Measure
from lotse.rooms.bodies.content import closing
from lotse.rooms.bodies.models import (
    AgendaItem,
    Attendance,
    Charter,
    GroupTable,
    Minutes,
    Outcome,
)
from lotse.rooms.bodies.queries.agenda import Point
from lotse.rooms.bodies.queries.members import restricted_on
from lotse.rooms.bodies.queries.minutes_material import Material, material_of
from lotse.rooms.bodies.queries.quorum import seats_kept
from lotse.rooms.bodies.services.naming import Named, Naming, split_names

FORMAT = "lotse-minutes/1"
Json = dict[str, Any]


def compile_minutes(minutes: Minutes, lang: str, *, naming: Naming | None = None) -> Json:
    """The minutes as the items of their meeting say now. Up to eight queries.

    Missing attributions are stored, so call it inside the transaction of an act; with a `naming`
    that does not write nothing is stored.
    """
    meeting = minutes.meeting
    naming = naming or Naming(meeting.body.network, write=True)
    found = material_of(meeting)
    naming.prepare(_names_in(found))
    naming.restricted = restricted_on(found.attendances)
    with override(lang):
        return _head(minutes, lang, naming) | people_of(found, naming) | {
            "items": [_item(point, found, naming) for point in found.points],
            "annexes": _annexes(found),
            "corrections": [],
            "adopted": None,
        }  # fmt: skip


def _names_in(found: Material) -> list[Named]:
    meeting = found.meeting
    names = [*split_names(meeting.moderation), *split_names(meeting.minute_takers)]
    names += [_attending(one) for one in found.attendances]
    names += [line for lines in _closing(meeting.body.charter).values() for line in lines]
    for presenters in found.presenters.values():
        names += [(one.person_id, one.name, one.organisation) for one in presenters if one.name]
    for tables in found.tables.values():
        for table in tables:
            names += split_names(table.moderators)
    for measures in found.measures.values():
        for measure in measures:
            names += [named for one in _in_charge(measure, found) if (named := _named(one))]
            names += _in_words(measure)
    return names


def _attending(one: Attendance) -> Named:
    return (one.person_id, one.name, one.organisation)


def moment(value: datetime | None) -> str | None:
    """A moment as the minutes write it: to the second, with the offset of Europe/Berlin."""
    return timezone.localtime(value).isoformat(timespec="seconds") if value else None


def _day(value: date | None) -> str | None:
    return value.isoformat() if value else None


def _head(minutes: Minutes, lang: str, naming: Naming) -> Json:
    meeting = minutes.meeting
    body, charter = meeting.body, meeting.body.charter
    return {
        "format": FORMAT, "uuid": str(minutes.uuid), "lang": lang, "network": body.network.name,
        "body": {"uuid": str(body.uuid), "name": body.name, "short_name": body.short_name},
        "meeting": {
            "uuid": str(meeting.uuid), "title": meeting.title, "series": meeting.series,
            "number": meeting.number, "kind": meeting.minutes_kind, "mode": meeting.mode,
            "starts_at": moment(meeting.starts_at), "ends_at": moment(meeting.ends_at),
            "opened_at": moment(meeting.opened_at), "closed_at": moment(meeting.closed_at),
            "place": meeting.place, "address": meeting.address, "room": meeting.room,
            "host": meeting.host.name if meeting.host else meeting.host_words,
            "moderation": _keys(meeting.moderation, naming),
            "minute_takers": _keys(meeting.minute_takers, naming),
        },
        "next_dates": meeting.next_dates, "letterhead": charter.letterhead,
        "footer": charter.footer,
        **{part: [{"attribution": naming.key(*line)} for line in lines]
           for part, lines in _closing(charter).items()},
    }  # fmt: skip


def _closing(charter: Charter) -> dict[str, list[Named]]:
    """Who signs and to whom it goes, line by line: somebody may have typed a name."""
    return {
        part: [(None, line, "") for line in closing.lines_of(part, getattr(charter, part))]
        for part in closing.PARTS
    }


def _keys(line: str, naming: Naming) -> list[str]:
    return [naming.key(*named) for named in split_names(line)]


def people_of(found: Material, naming: Naming) -> Json:
    """Who was there, excused or missing, and the quorum at the end of the meeting."""
    there = {one.pk for one in found.attendances if one.pk in found.presences}
    stood_in = {one.stands_for_id for one in found.attendances if one.pk in there}
    key = {one.pk: naming.key(*_attending(one)) for one in found.attendances}
    away = [one for one in found.attendances if one.pk not in there]
    member = Attendance.Part.MEMBER
    count, kept = found.present, seats_kept(found.meeting)
    return {
        "present": [
            _present(one, found, key, kept) for one in found.attendances if one.pk in there
        ],
        "excused": [key[one.pk] for one in away if one.excused],
        "absent": [
            key[one.pk] for one in away
            if one.part == member and not one.excused and one.pk not in stood_in
        ],
        "unnamed": found.meeting.unnamed_count,
        "quorum": {"needed": count.needed, "entitled": count.entitled, "present": count.voting,
                   "reached": count.reached},
    }  # fmt: skip


def _present(
    one: Attendance, found: Material, key: dict[int, str], kept: set[int] | None
) -> Json:  # fmt: skip
    """Somebody who was there. Who left and came back has `spans`, each from-to. `kept` are the
    seats with a vote as they were at the end of the meeting."""
    spans = [(moment(each.from_at), moment(each.to_at)) for each in found.presences[one.pk]]
    stood_for = one.stands_for
    mandate = one.mandate or (stood_for.mandate if stood_for else None)
    has_vote = mandate and (mandate.with_vote if kept is None else mandate.pk in kept)
    row: Json = {
        "attribution": key[one.pk], "part": one.part,
        "stands_for": key.get(one.stands_for_id) if one.stands_for_id else None,
        "vote": bool(has_vote and one.part in ("member", "deputy")),
        "from": spans[0][0], "to": spans[-1][1],
    }  # fmt: skip
    if len(spans) > 1:
        row["spans"] = [list(span) for span in spans]
    return row


def _item(point: Point, found: Material, naming: Naming) -> Json:
    item = point.item
    return {
        "uuid": str(item.uuid), "number": point.number, "title": item.title, "kind": item.kind,
        "state": item.state, "goal": item.goal, "questions": item.questions,
        "starts_at": moment(point.starts_at),
        "presenters": [
            {"attribution": naming.key(one.person_id, one.name, one.organisation) if one.name
             else None, "subject": one.subject, "words": "" if one.name else one.organisation}
            for one in found.presenters.get(item.pk, [])
        ],
        "notes": [words for words in found.notes.get(item.pk, []) if words.strip()],
        "outcomes": [_outcome(one, found, naming) for one in found.outcomes.get(item.pk, [])],
        "group_work": _group_work(item, found, naming),
        "items": [_item(part, found, naming) for part in point.parts],
    }  # fmt: skip


def _outcome(one: Outcome, found: Material, naming: Naming) -> Json:
    if one.speaker is not None:
        naming.by_uuid[str(one.speaker.uuid)] = one.speaker
    return {
        "uuid": str(one.uuid), "kind": one.kind, "number": one.number, "text": one.text,
        "speaker": str(one.speaker.uuid) if one.speaker else None,
        "result": one.result, "method": one.method, "yes": one.yes, "no": one.no,
        "abstain": one.abstain, "entitled": one.entitled, "present": one.present,
        "annex": one.annex.number if one.annex else None,
        "trigger": one.trigger, "trigger_on": _day(one.trigger_on), "on_day": _day(one.on_day),
        "source": one.source, "review_on": _day(one.review_on),
        "title_before": one.title_before, "title_after": one.title_after,
        "answer_to": str(one.answer_to.uuid) if one.answer_to else None,
        "replaces": {"uuid": str(one.replaces.uuid), "number": one.replaces.number}
        if one.replaces else None,
        "measures": _measures(found.measures.get(one.uuid, []), found, naming),
        "adoptions": [
            {"who": who, "on": _day(day)} for who, day in found.adoptions.get(one.pk, [])
        ],
    }  # fmt: skip


def _in_charge(measure: Measure, found: Material) -> list[Measure | Helper]:
    return [measure, *found.helpers.get(measure.pk, [])]


def _named(one: Measure | Helper) -> Named | None:
    """The person who takes care, with the organisation they do it for."""
    if one.person is None:
        return None
    return (one.person.pk, one.person.name, one.organisation.name if one.organisation else "")


def _in_words(measure: Measure) -> list[Named]:
    """Who takes care in free text: it may be somebody's name."""
    words = measure.responsible
    return [(None, words, "")] if words and words != measure.party else []


def _measures(measures: Iterable[Measure], found: Material, naming: Naming) -> list[Json]:
    rows = []
    for measure in measures:
        who: list[Json] = []
        for one in _in_charge(measure, found):
            if named := _named(one):
                who.append({"attribution": naming.key(*named)})
            elif party := one.organisation or one.body:
                who.append({"words": party.name})
        if shares := found.shares.get(measure.pk):
            who.append({"words": _("%(number)s Partnerorganisationen") % {"number": shares}})
        who += [{"attribution": naming.key(*named)} for named in _in_words(measure)]
        rows.append({"uuid": str(measure.uuid), "who": who, "what": measure.title,
                     "due_on": _day(measure.due_on), "due_words": measure.due_words})  # fmt: skip
    return rows


def _group_work(item: AgendaItem, found: Material, naming: Naming) -> Json | None:
    tables = found.tables.get(item.pk, [])
    clusters = found.clusters.get(item.pk, [])
    if not tables and not clusters:
        return None
    origins = [one.uuid for table in tables for one in found.results.get(table.pk, [])]
    origins += [one.uuid for one in clusters]
    measures = [one for origin in origins for one in found.measures.get(origin, [])]
    return {
        "tables": [_table(table, found, naming) for table in tables],
        "clusters": [one.title for one in clusters],
        "measures": _measures(measures, found, naming),
    }


def _table(table: GroupTable, found: Material, naming: Naming) -> Json:
    return {
        "number": table.number, "question": table.question, "sub_question": table.sub_question,
        "moderators": _keys(table.moderators, naming), "rounds": table.rounds,
        "results": [
            {"rank": one.rank, "text": one.text,
             "cluster": one.cluster.title if one.cluster else ""}
            for one in found.results.get(table.pk, [])
        ],
    }  # fmt: skip


def _annexes(found: Material) -> list[Json]:
    numbers = found.numbers
    rows = []
    for one in found.papers:
        rows.append({
            "number": one.number, "title": one.title,
            "item": numbers.get(one.item_id, "") if one.item_id else "",
            "files": [] if one.sha256 is None else [{"name": one.name, "sha256": one.sha256}],
            "to_follow": one.sha256 is None,
        })  # fmt: skip
    return rows


def decisions_in(content: Json) -> list[Json]:
    """All decisions of the minutes in the order of reading, each with the number of its item."""
    found: list[Json] = []

    def walk(items: list[Json]) -> None:
        for item in items:
            found.extend({**one, "item": item["number"]} for one in item["outcomes"]
                         if one["kind"] == Outcome.Kind.DECISION)  # fmt: skip
            walk(item["items"])

    walk(content.get("items", []))
    return found
