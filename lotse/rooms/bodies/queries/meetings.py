"""Meetings as they are read: their page, their list, the number of the next one."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Max, OuterRef, QuerySet, Subquery
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lotse.foundation.core.actor import Actor
from lotse.foundation.parties.models import Body
from lotse.rooms.bodies import wall
from lotse.rooms.bodies.models import (
    AgendaItem,
    Annex,
    AnnexVersion,
    Attendance,
    Meeting,
    Outcome,
    Presenter,
)
from lotse.rooms.bodies.permissions import INSIDE, OVERSEEING
from lotse.rooms.bodies.queries.agenda import Point, agenda_of, flat
from lotse.rooms.bodies.queries.members import no_name, withheld_from

Reply, Part = Attendance.Reply, Attendance.Part


def _of_series(body: Body, series: str, year: int) -> QuerySet[Meeting]:
    # By the year in Europe/Berlin: Django asks the database in the current time zone.
    rows = Meeting.objects.filter(body=body, series=series, starts_at__year=year)
    return rows.exclude(state=Meeting.State.CANCELLED)


def suggested_number(body: Body, series: str, year: int) -> int:
    """The next number of a series in a year (S1-01). One query."""
    last = _of_series(body, series, year).aggregate(last=Max("number"))["last"]
    return (last or 0) + 1


def taken_number(
    body: Body, series: str, year: int, number: int, *, besides: Meeting | None = None
) -> bool:
    """Whether another meeting of the series has the number in that year. One query."""
    rows = _of_series(body, series, year).filter(number=number)
    return rows.exclude(pk=besides.pk if besides else 0).exists()


def last_meeting(body: Body) -> Meeting | None:
    """The latest meeting of the body that was not called off. One query."""
    rows = Meeting.objects.filter(body=body).exclude(state=Meeting.State.CANCELLED)
    return rows.select_related("host").order_by("-starts_at", "-pk").first()


def number_words(meeting: Meeting) -> str:
    """`5. Sitzung`, with the series where it has a name; empty without a number."""
    if not meeting.number:
        return meeting.series
    words = _("%(number)s. Sitzung") % {"number": meeting.number}
    return f"{words}, {meeting.series}" if meeting.series else words


def when_words(meeting: Meeting) -> str:
    """`Mittwoch, 18.03.2026, 13:00–17:00 Uhr`."""
    return wall.span_words(meeting.starts_at, meeting.ends_at)


def where_words(meeting: Meeting) -> str:
    """Place, room and address in one line; for an online meeting that it is one."""
    if meeting.mode == Meeting.Mode.ONLINE:
        return str(meeting.get_mode_display())
    named = ", ".join(filter(None, (meeting.place, meeting.room, meeting.address)))
    if meeting.mode == Meeting.Mode.HYBRID:
        return ", ".join(filter(None, (named, _("auch online"))))
    return named


def is_inside(actor: Actor, body: Body) -> bool:
    """Whether the actor reads the inside of the body: who is invited, who comes. No query."""
    return (
        actor.operates
        or body.uuid in actor.things_as(*INSIDE)
        or body.network_id in actor.networks_as(*OVERSEEING)
    )


@dataclass(frozen=True)
class Paper:
    """A paper as it is listed; without a version it is still to follow."""

    annex: Annex
    version: int | None
    title: str
    item_number: str = ""

    @property
    def is_there(self) -> bool:
        return self.version is not None

    @property
    def name(self) -> str:
        """`Anlage 3: Übersicht`."""
        return _("Anlage %(n)s: %(title)s") % {"n": self.annex.number, "title": self.annex.title}

    @property
    def note(self) -> str:
        """What stands beside it: still to follow, a later version, its item."""
        parts = []
        if self.version is None:
            parts.append(_("wird nachgeliefert"))
        elif self.version > 1:
            parts.append(_("Fassung %(n)s") % {"n": self.version})
        if self.item_number:
            parts.append(_("zu TOP %(n)s") % {"n": self.item_number})
        return " · ".join(parts)


def papers_of(meeting: Meeting, points: list[Point] | None = None) -> list[Paper]:
    """The papers of a meeting in their order with the latest version of each. One query."""
    latest = AnnexVersion.objects.filter(annex=OuterRef("pk")).order_by("-number")
    rows: Any = Annex.objects.filter(meeting=meeting).order_by("number").annotate(
        last=Subquery(latest.values("number")[:1]),
        file=Subquery(latest.values("document__title")[:1]),
    )  # fmt: skip
    numbers = {point.item.pk: point.number for point in points or ()}
    return [Paper(row, row.last, row.file or "", numbers.get(row.item_id, "")) for row in rows]


def count_words(papers: list[Paper]) -> str:
    """`3 von 4 Anlagen liegen vor` (S1-22)."""
    there = sum(paper.is_there for paper in papers)
    return ngettext(
        "%(there)s von %(all)s Anlage liegt vor", "%(there)s von %(all)s Anlagen liegen vor",
        len(papers),
    ) % {"there": there, "all": len(papers)}  # fmt: skip


def states_of(meeting: Meeting, items: list[AgendaItem]) -> dict[int, str] | None:
    """What each item came to, in words: the result of its decision, else what it brought about,
    else its state. One query; None before the meeting."""
    if meeting.state not in (Meeting.State.RUNNING, Meeting.State.HELD):
        return None
    found: dict[int, list[tuple[str, str]]] = {}
    rows = Outcome.objects.filter(item__meeting=meeting).order_by("position", "pk")
    for item, kind, result in rows.values_list("item", "kind", "result"):
        found.setdefault(item, []).append((kind, result))
    results = {str(key): str(label) for key, label in Outcome.Result.choices}
    return {item.pk: _state(item, found.get(item.pk, []), results) for item in items}


def _state(item: AgendaItem, outcomes: list[tuple[str, str]], results: dict[str, str]) -> str:
    if item.state == AgendaItem.State.RUNNING:
        return _("läuft gerade")
    said = [results[result] for _kind, result in outcomes if result in results]
    actions = sum(kind == Outcome.Kind.AGREED_ACTION for kind, _result in outcomes)
    if actions:
        said.append(
            ngettext("%(n)s Vereinbarung", "%(n)s Vereinbarungen", actions) % {"n": actions}
        )
    if said:
        return ", ".join(dict.fromkeys(said))
    return "" if item.state == AgendaItem.State.OPEN else str(item.get_state_display())


def speakers_of(meeting: Meeting) -> dict[int, list[str]]:
    """Who speaks to which item, a line for each. One query."""
    found: dict[int, list[str]] = {}
    rows = Presenter.objects.filter(item__meeting=meeting).order_by("position", "pk")
    for item, *line in rows.values_list("item", "name", "organisation", "subject"):
        found.setdefault(item, []).append(speaker_line(*line))
    return found


def speaker_line(name: str, organisation: str, subject: str) -> str:
    """`Name (Organisation): Thema`, as it is typed and read (S1-03, S1-04)."""
    line = f"{name} ({organisation})" if organisation else name
    return f"{line}: {subject}" if subject else line


def presenter_line(one: Presenter) -> str:
    """The same of a stored one."""
    return speaker_line(one.name, one.organisation, one.subject)


def points_of(meeting: Meeting) -> list[Point]:
    """The agenda, flat. One query."""
    return flat(agenda_of(meeting, AgendaItem.objects.filter(meeting=meeting)))


class Invited(NamedTuple):
    """What a page with many people needs of each."""

    person_id: int | None
    name: str
    organisation: str
    reply: str
    part: str
    stands_for_id: int | None
    invited_at: datetime | None


@dataclass(frozen=True)
class Replies:
    """Who is invited and what they answered; deputies that nobody sends are only informed."""

    rows: list[Invited]
    own: Invited | None

    @property
    def asked(self) -> list[Invited]:
        return [row for row in self.rows if is_asked(row)]

    @property
    def lines(self) -> list[tuple[str, str]]:
        """Who is asked, with what they answered, in words."""
        words = {str(key): str(label) for key, label in Reply.choices}
        return [
            (f"{row.name}, {row.organisation}" if row.organisation else row.name, words[row.reply])
            for row in self.asked
        ]

    @property
    def words(self) -> str:
        """`7 kommen, 2 kommen nicht, 3 ohne Antwort`."""
        count = Counter(row.reply for row in self.asked)
        coming = count[Reply.YES]
        parts = [ngettext("%(n)s kommt", "%(n)s kommen", coming) % {"n": coming}]
        if no := count[Reply.NO] + count[Reply.DEPUTY]:
            parts.append(ngettext("%(n)s kommt nicht", "%(n)s kommen nicht", no) % {"n": no})
        if none := count[Reply.NONE]:
            parts.append(_("%(n)s ohne Antwort") % {"n": none})
        return ", ".join(parts)


def is_asked(row: Attendance | Invited) -> bool:
    """Whether somebody is asked for an answer: not a deputy who is only told."""
    return bool(row.invited_at) and (row.part != Part.DEPUTY or row.stands_for_id is not None)


_INVITED = ("person", "name", "organisation", "reply", "part", "stands_for", "invited_at")


def replies_of(meeting: Meeting, actor: Actor) -> Replies:
    """Who is invited to a meeting, by name as far as the actor may read it. One query, one more
    where somebody's data are restricted."""
    found = Attendance.objects.filter(meeting=meeting, invited_at__isnull=False)
    lines = list(found.order_by("name", "pk").values_list(*_INVITED, "person__restricted_at"))
    withheld = withheld_from(actor, meeting.body, {line[0] for line in lines if line[-1]})
    rows = [Invited._make(line[:-1]) for line in lines]
    if withheld:
        rows = [one._replace(name=no_name()) if one.person_id in withheld else one for one in rows]
    own = next((row for row in rows if row.person_id and row.person_id == actor.person), None)
    return Replies(rows, own)
