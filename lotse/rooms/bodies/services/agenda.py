"""Writes to the agenda: items in a tree of two levels, their speakers, what they take over."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from lotse.foundation.core import actionlog, once, text
from lotse.foundation.core.actor import Actor
from lotse.foundation.core.db import update_versioned
from lotse.foundation.core.errors import Conflict, Refused
from lotse.foundation.core.permissions import require
from lotse.rooms.bodies.models import AgendaItem, Holder, Meeting, Presenter
from lotse.rooms.bodies.permissions import holds_now
from lotse.rooms.bodies.queries import carrying
from lotse.rooms.bodies.services import taking
from lotse.rooms.bodies.services.live import touch
from lotse.rooms.bodies.services.meetings import require_open

FIELDS = ("title", "kind", "goal", "questions", "minutes_planned", "is_standing", "proposal")
MOST = 200
_LINE = re.compile(
    r"(?P<name>[^(:]+?)\s*(?:\((?P<organisation>[^)]*)\))?\s*(?::\s*(?P<subject>.*))?"
)


@dataclass(frozen=True)
class Speaker:
    """Who speaks to an item: one line of a form."""

    name: str
    organisation: str = ""
    subject: str = ""


def read_speakers(lines: str) -> list[Speaker]:
    """One speaker in each line, as "Name (Organisation): Thema". Raises Refused for a line without
    a name and for too long ones."""
    found = []
    for raw in text.clean(lines).split("\n"):
        line = text.clean_line(raw)
        if not line:
            continue
        match = _LINE.fullmatch(line)
        if match is None or not match["name"].strip():
            raise Refused(
                _("Bitte so eingeben: Name (Organisation): Thema. Nicht lesbar ist: %(line)s")
                % {"line": text.shorten(line, 60)}
            )
        parts = [(part or "").strip() for part in match.groups()]
        if any(len(part) > 200 for part in parts):
            raise Refused(_("Name, Organisation und Thema haben je höchstens 200 Zeichen."))
        found.append(Speaker(*parts))
    return found


@transaction.atomic
def add_item(
    meeting: Meeting, *, actor: Actor, key: str = "", parent: AgendaItem | None = None,
    speakers: Iterable[Speaker] = (), source: carrying.Suggestion | None = None, **values: Any,
) -> AgendaItem:  # fmt: skip
    """A new item at the end of the agenda or under another one.

    Raises NotAllowed, Refused for a third level, a meeting that was called off, minutes sent round.
    """
    require("bodies.meeting.run", actor, meeting)
    require_open(meeting)
    claim = once.claim(key or once.new_key(), scope=f"bodies.item:{meeting.uuid}")
    if claim.repeated:
        return AgendaItem.objects.get(uuid=claim.answer)
    _lock(meeting)
    _check_parent(meeting, parent)
    beside = AgendaItem.objects.filter(meeting=meeting)
    if beside.count() >= MOST:
        raise Refused(_("Mehr als %(most)s Punkte hat keine Tagesordnung.") % {"most": MOST})
    last = beside.aggregate(last=Max("position"))["last"] or 0
    item = AgendaItem.objects.create(
        meeting=meeting, parent=parent, position=last + 1,
        source_type=source.type if source else "", source_uuid=source.uuid if source else None,
        **{name: value for name, value in values.items() if name in FIELDS},
    )  # fmt: skip
    _put_speakers(item, list(speakers))
    _log("bodies.item.added", item, actor, after={"title": item.title, "kind": item.kind})
    claim.remember(str(item.uuid))
    return item


def take_over(
    meeting: Meeting, *, actor: Actor, source_type: str, source: UUID, key: str = ""
) -> AgendaItem:
    """Puts something that waits on the agenda, with where it comes from. Never twice.

    Raises NotAllowed, Refused for what is gone or on an agenda already.
    """
    with transaction.atomic():
        require("bodies.meeting.run", actor, meeting)
        scope = f"bodies.take:{meeting.uuid}"
        claim = once.claim(key or once.new_key(), scope=scope)
        if claim.repeated:
            return AgendaItem.objects.get(uuid=claim.answer)
        # The body, not the meeting: two agendas could take the same thing.
        type(meeting.body)._default_manager.select_for_update().get(pk=meeting.body_id)
        found = carrying.suggestion(meeting, source_type, source)
        if found is None:
            raise Refused(_("Das steht schon auf einer Tagesordnung oder wartet nicht mehr."))
        item = add_item(
            meeting, actor=actor, source=found, title=found.title, kind=found.kind,
            goal=found.goal, proposal=found.proposal, minutes_planned=found.minutes,
        )  # fmt: skip
        taking.mark(found, item, actor)
        claim.remember(str(item.uuid))
        return item


@transaction.atomic
def change_item(
    item: AgendaItem, *, actor: Actor, expected: int, speakers: Iterable[Speaker] | None = None,
    **values: Any,
) -> None:  # fmt: skip
    """Changes an item. Another wording of its proposal is another version of it.

    Raises NotAllowed, Conflict, Refused as `add_item`, for an item with parts under another one.
    """
    meeting = item.meeting
    require("bodies.meeting.run", actor, meeting)
    require_open(meeting)
    changes = {name: value for name, value in values.items() if name in FIELDS}
    if "parent" in values and values["parent"] != item.parent:
        _check_parent(meeting, values["parent"], item)
        changes["parent"] = values["parent"]
    proposal = changes.get("proposal", item.proposal)
    if item.proposal and proposal != item.proposal:
        changes["proposal_version"] = item.proposal_version + 1
    before = {name: _plain(getattr(item, name)) for name in changes}
    update_versioned(item, expected=expected, **changes)
    if speakers is not None:
        _put_speakers(item, list(speakers))
    after = {name: _plain(value) for name, value in changes.items()}
    changed = [name for name in after if before[name] != after[name]]
    _log("bodies.item.changed", item, actor, before={name: before[name] for name in changed},
         after={name: after[name] for name in changed})  # fmt: skip


@transaction.atomic
def move_item(item: AgendaItem, *, actor: Actor, up: bool, key: str = "") -> None:
    """Moves an item before or behind its neighbour on the same level; at the edge it stays.

    Raises NotAllowed, Refused as `add_item`. The same form sent again moves nothing.
    """
    meeting = item.meeting
    require("bodies.meeting.run", actor, meeting)
    require_open(meeting)
    if once.claim(key or once.new_key(), scope=f"bodies.move:{item.uuid}").repeated:
        return
    _lock(meeting)
    rows = list(AgendaItem.objects.filter(meeting=meeting).order_by("position", "pk"))
    level = [row for row in rows if row.parent_id == item.parent_id]
    at = next(place for place, row in enumerate(level) if row.pk == item.pk)
    other = at - 1 if up else at + 1
    if not 0 <= other < len(level):
        return
    here, there = rows.index(level[at]), rows.index(level[other])
    rows[here], rows[there] = rows[there], rows[here]
    for place, row in enumerate(rows, start=1):
        if row.position != place:
            AgendaItem.objects.filter(pk=row.pk).update(position=place)
    _log("bodies.item.moved", item, actor, after={"up": up})


@transaction.atomic
def remove_item(item: AgendaItem, *, actor: Actor, expected: int) -> None:
    """Takes an item off the agenda; what it was taken from waits again, its papers stay.

    Raises NotAllowed, Conflict, Refused where something depends on it: parts, notes, outcomes.
    """
    meeting = item.meeting
    require("bodies.meeting.run", actor, meeting)
    require_open(meeting)
    if item.version != expected:
        raise Conflict(AgendaItem.objects.filter(pk=item.pk).first())
    if item.parts.exists():
        raise Refused(_("Dieser Punkt hat Unterpunkte. Bitte entfernen Sie zuerst diese."))
    begun = item.state in (AgendaItem.State.RUNNING, AgendaItem.State.DONE)
    if begun or item.outcomes.exists() or item.notes.exists() or item.tables.exists():
        raise Refused(
            _("Zu diesem Punkt gibt es schon Notizen oder Ergebnisse. Sie können ihn vertagen.")
        )
    taking.release(item)
    _log("bodies.item.removed", item, actor, before={"title": item.title})
    item.delete()


def _check_parent(
    meeting: Meeting, parent: AgendaItem | None, item: AgendaItem | None = None
) -> None:
    if parent is None:
        return
    if parent.meeting_id != meeting.pk or parent.parent_id is not None or parent == item:
        raise Refused(_("Unter diesen Punkt passt kein weiterer."))
    if item is not None and item.parts.exists():
        raise Refused(_("Dieser Punkt hat Unterpunkte. Er bleibt auf der ersten Ebene."))


def _put_speakers(item: AgendaItem, speakers: list[Speaker]) -> None:
    stored = [Speaker(one.name, one.organisation, one.subject) for one in item.presenters.all()]
    if stored == speakers:
        return
    item.presenters.all().delete()
    known = _members(item.meeting, [one.name for one in speakers])
    Presenter.objects.bulk_create(
        Presenter(item=item, position=place, name=one.name, organisation=one.organisation,
                  subject=one.subject, person_id=known.get(one.name))
        for place, one in enumerate(speakers, start=1)
    )  # fmt: skip


def _members(meeting: Meeting, names: list[str]) -> dict[str, int]:
    """Members of the body among the names: their presence here then counts as their data."""
    if not names:
        return {}
    rows = Holder.objects.filter(holds_now(), mandate__body=meeting.body_id)
    return {row.person.name: row.person_id for row in rows.select_related("person")}


def _lock(meeting: Meeting) -> None:
    Meeting.objects.select_for_update().get(pk=meeting.pk)


def _plain(value: Any) -> Any:
    return str(value.uuid) if isinstance(value, AgendaItem) else value


def _log(code: str, item: AgendaItem, actor: Actor, **values: Any) -> None:
    actionlog.record(code, item, actor=actor, subject=item.meeting.body.uuid, **values)
    touch(item.meeting_id)
