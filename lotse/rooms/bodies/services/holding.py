"""A meeting while it runs: begun, from item to item, ended. One state machine, in one place."""

from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from lotse.foundation.core import actionlog, clock, once, text
from lotse.foundation.core.actor import Actor
from lotse.foundation.core.db import update_versioned
from lotse.foundation.core.errors import Refused
from lotse.foundation.core.permissions import require
from lotse.rooms.bodies.models import AgendaItem, Meeting, Minutes, Presence, SpeakRequest
from lotse.rooms.bodies.queries.agenda import agenda_of, flat
from lotse.rooms.bodies.queries.carrying import taken_by
from lotse.rooms.bodies.queries.quorum import written_down
from lotse.rooms.bodies.services import live
from lotse.rooms.bodies.services.locking import hold

RUN = "bodies.meeting.run"
STATE, ITEM = Meeting.State, AgendaItem.State


def _begin(meeting: Meeting, actor: Actor, key: str, what: str) -> bool:
    """Whether this form is to be worked on: the second of a double click is not. Raises
    NotAllowed."""
    require(RUN, actor, meeting)
    if not key:
        return True
    claim = once.claim(key, scope=f"bodies.holding.{what}:{meeting.uuid}")
    if not claim.repeated:
        claim.remember("done")
    return not claim.repeated


def _must_run(meeting: Meeting) -> None:
    if meeting.state != STATE.RUNNING:
        raise Refused(_("Diese Sitzung läuft gerade nicht. Es wurde nichts geändert."))


@transaction.atomic
def start(meeting: Meeting, *, actor: Actor, key: str = "") -> None:
    """Opens a meeting. Raises NotAllowed, Conflict, Refused for one that runs, is over or was
    cancelled."""
    if not _begin(meeting, actor, key, "start"):
        return
    if meeting.state not in (STATE.PLANNED, STATE.INVITED):
        words = {
            STATE.RUNNING: _("Diese Sitzung läuft schon."),
            STATE.HELD: _("Diese Sitzung ist schon beendet."),
            STATE.CANCELLED: _("Diese Sitzung ist abgesagt."),
        }
        raise Refused(words[STATE(meeting.state)])
    before = meeting.state
    update_versioned(
        meeting, expected=meeting.version, state=STATE.RUNNING, opened_at=clock.now(), current=None
    )
    _log("bodies.meeting.started", meeting, actor, {"state": before}, {"state": STATE.RUNNING})
    live.touch(meeting.pk)


@transaction.atomic
def call_item(meeting: Meeting, item: AgendaItem, *, actor: Actor, key: str = "") -> None:
    """Goes to this item; the one before counts as dealt with. Any item can be called, also again.

    Raises NotAllowed, Conflict when somebody else went on at the same moment, Refused where the
    meeting does not run.
    """
    if not _begin(meeting, actor, key, f"call.{item.uuid}"):
        return
    _must_run(meeting)
    if item.meeting_id != meeting.pk:
        raise Refused(_("Dieser Tagesordnungspunkt gehört zu einer anderen Sitzung."))
    if meeting.current_id != item.pk:
        _go(meeting, item, actor)


@transaction.atomic
def next_item(
    meeting: Meeting, *, actor: Actor, after: str = "", key: str = ""
) -> AgendaItem | None:
    """Goes to the next open item, None when all are dealt with.

    `after` is the uuid of the item the page showed: where somebody else went on already, nothing
    happens and the item is the current one. Raises as `call_item`.
    """
    if not _begin(meeting, actor, key, "next"):
        return meeting.current
    _must_run(meeting)
    if (str(meeting.current.uuid) if meeting.current else "") != after:
        return meeting.current
    target = _following(meeting, meeting.current_id)
    if target is not None or meeting.current_id is not None:
        _go(meeting, target, actor)
    return target


@transaction.atomic
def postpone(meeting: Meeting, item: AgendaItem, *, actor: Actor, key: str = "") -> None:
    """Puts an item off to a later meeting, its parts with it; from the current one it goes on to
    the next. Raises as `call_item`, Refused for an item that was dealt with or put off."""
    if not _begin(meeting, actor, key, f"postpone.{item.uuid}"):
        return
    _must_run(meeting)
    if item.meeting_id != meeting.pk or item.state not in (ITEM.OPEN, ITEM.RUNNING):
        raise Refused(_("Vertagen lässt sich nur, was noch offen ist."))
    parts = [part for part in item.parts.all() if part.state in (ITEM.OPEN, ITEM.RUNNING)]
    together = {item.pk, *(part.pk for part in parts)}
    was_current = meeting.current_id in together
    target = _following(meeting, item.pk, leave_out=together) if was_current else None
    if was_current:
        update_versioned(meeting, expected=meeting.version, current=target)
    now = clock.now()
    for each in (item, *parts):
        before = each.state
        ended = now if each.started_at else None
        update_versioned(each, expected=each.version, state=ITEM.MOVED, ended_at=ended)
        _log_item("bodies.agendaitem.postponed", each, meeting, actor, before)
    above = item.parent
    stays = target is not None and item.parent_id in (target.pk, target.parent_id)
    if was_current and above is not None and not stays:
        _end(above, now)
    if target is not None:
        _enter(target, now)
        _log_item("bodies.agendaitem.called", target, meeting, actor, ITEM.OPEN)
    live.touch(meeting.pk)


@transaction.atomic
def finish(meeting: Meeting, *, actor: Actor, open_items: str = ITEM.MOVED, key: str = "") -> None:
    """Ends a meeting: whoever is still there goes now, open requests to speak lapse, and by which
    seats its quorum counts is written down (`quorum.written_down`).

    Items still open are put off (`moved`), or were dealt with (`done`). Raises NotAllowed,
    Conflict, Refused where the meeting does not run.
    """
    if not _begin(meeting, actor, key, "finish"):
        return
    _must_run(meeting)
    now = clock.now()
    update_versioned(
        meeting, expected=meeting.version, state=STATE.HELD, closed_at=now, current=None,
        **written_down(meeting, now),
    )  # fmt: skip
    wanted = ITEM.DONE if open_items == ITEM.DONE else ITEM.MOVED
    for item in AgendaItem.objects.filter(
        meeting=meeting, state__in=(ITEM.OPEN, ITEM.RUNNING)
    ).order_by("pk"):
        if item.state == ITEM.RUNNING:
            update_versioned(item, expected=item.version, state=ITEM.DONE, ended_at=now)
        elif item.kind != AgendaItem.Kind.BREAK:
            update_versioned(item, expected=item.version, state=wanted)
            _log_item(_ENDED[wanted], item, meeting, actor, ITEM.OPEN)
    for presence in Presence.objects.filter(attendance__meeting=meeting, to_at=None):
        update_versioned(presence, expected=presence.version, to_at=max(now, presence.from_at))
    for request in SpeakRequest.objects.filter(meeting=meeting, ended_at=None):
        update_versioned(request, expected=request.version, ended_at=now)
    _log("bodies.meeting.finished", meeting, actor, {"state": STATE.RUNNING},
         {"state": STATE.HELD})  # fmt: skip
    live.touch(meeting.pk)


@transaction.atomic
def reopen(meeting: Meeting, *, actor: Actor, reason: str, key: str = "") -> None:
    """Takes up a meeting that was ended by mistake, as it stood then: who stayed to the end is
    there again, the item that ran runs, what the end put off is open unless a later agenda has
    taken it. Lapsed requests to speak are asked anew. Its quorum is counted once more at the next
    end.

    Raises NotAllowed, Conflict, Refused without a reason, for one that is not over, and once its
    minutes were sent out.
    """
    if not _begin(meeting, actor, key, "reopen"):
        return
    hold(meeting)
    if meeting.state != STATE.HELD:
        raise Refused(_("Diese Sitzung ist nicht beendet. Es wurde nichts geändert."))
    if Minutes.objects.filter(meeting=meeting.pk).exclude(state=Minutes.State.DRAFT).exists():
        raise Refused(_("Das Protokoll ist schon verschickt. Die Sitzung bleibt beendet."))
    reason = text.shorten(text.clean_line(reason), 300)
    if not reason:
        raise Refused(_("Bitte nennen Sie den Grund."))
    ended = meeting.closed_at
    current = _take_up_items(meeting, ended, actor) if ended else None
    update_versioned(
        meeting, expected=meeting.version, state=STATE.RUNNING, closed_at=None, current=current,
        voting_seats=None, quorum_needed=None,
    )  # fmt: skip
    if ended:
        _take_up_presences(meeting, ended)
    _log("bodies.meeting.reopened", meeting, actor, {"state": STATE.HELD},
         {"state": STATE.RUNNING, "reason": reason})  # fmt: skip
    live.touch(meeting.pk)


def _take_up_items(meeting: Meeting, ended: datetime, actor: Actor) -> AgendaItem | None:
    """Items that the end dealt with or put off are as they were; returns the one that ran. One
    query for each, and two."""
    running: AgendaItem | None = None
    closed = AgendaItem.objects.filter(meeting=meeting, state__in=(ITEM.DONE, ITEM.MOVED))
    later = taken_by(OuterRef("uuid")).exclude(meeting=meeting)
    for item in closed.annotate(is_taken=Exists(later)).order_by("position", "pk"):
        was = item.state
        if item.ended_at == ended and was == ITEM.DONE:
            update_versioned(item, expected=item.version, state=ITEM.RUNNING, ended_at=None)
            # Of an item with parts the part is the current one.
            running = item if running is None or item.parent_id is not None else running
        elif item.started_at is None and item.updated_at >= ended and not item.is_taken:
            update_versioned(item, expected=item.version, state=ITEM.OPEN)
            _log_item("bodies.agendaitem.taken_up", item, meeting, actor, was)
    return running


def _take_up_presences(meeting: Meeting, ended: datetime) -> None:
    """Who left with the end of the meeting is there again."""
    still = Presence.objects.filter(attendance=OuterRef("attendance"), to_at=None)
    stayed = Presence.objects.filter(attendance__meeting=meeting, to_at__gte=ended)
    for presence in stayed.filter(~Exists(still)).order_by("from_at", "pk"):
        again = Presence.objects.filter(attendance=presence.attendance_id, to_at=None)
        if not again.exists():
            update_versioned(presence, expected=presence.version, to_at=None)


_ENDED = {ITEM.MOVED: "bodies.agendaitem.postponed", ITEM.DONE: "bodies.agendaitem.done"}


def _following(
    meeting: Meeting, current: int | None, leave_out: set[int] | None = None
) -> AgendaItem | None:
    """The next open item in the order of reading, else the first one that was left out."""
    items = [point.item for point in flat(agenda_of(meeting))]
    at = next((n for n, item in enumerate(items) if item.pk == current), -1)
    for item in items[at + 1 :] + items[: at + 1]:
        if item.state == ITEM.OPEN and item.pk not in (leave_out or ()) and item.pk != current:
            return item
    return None


def _go(meeting: Meeting, target: AgendaItem | None, actor: Actor) -> None:
    """The meeting first: of two who go on at once, one writes and the other meets a conflict."""
    left = meeting.current
    update_versioned(meeting, expected=meeting.version, current=target)
    now = clock.now()
    if left is not None:
        left = AgendaItem.objects.select_related("parent").get(pk=left.pk)
        _leave(left, target, now)
    if target is not None:
        target.refresh_from_db()  # leaving its part may have changed it
        before = target.state
        _enter(target, now)
        _log_item("bodies.agendaitem.called", target, meeting, actor, before)
    elif left is not None:
        _log_item("bodies.agendaitem.done", left, meeting, actor, ITEM.RUNNING)
    live.touch(meeting.pk)


def _leave(left: AgendaItem, target: AgendaItem | None, now: datetime) -> None:
    """An item with parts runs on while one of them does."""
    if target is not None and target.parent_id == left.pk:
        return
    _end(left, now)
    family = (target.pk, target.parent_id) if target is not None else ()
    if left.parent is not None and left.parent.pk not in family:
        _end(left.parent, now)


def _end(item: AgendaItem, now: datetime) -> None:
    if item.state == ITEM.RUNNING:
        update_versioned(item, expected=item.version, state=ITEM.DONE, ended_at=now)


def _enter(item: AgendaItem, now: datetime) -> None:
    parent = item.parent
    if parent is not None and parent.state != ITEM.RUNNING:
        update_versioned(
            parent, expected=parent.version, state=ITEM.RUNNING,
            started_at=parent.started_at or now, ended_at=None,
        )  # fmt: skip
    update_versioned(
        item, expected=item.version, state=ITEM.RUNNING, started_at=item.started_at or now,
        ended_at=None,
    )  # fmt: skip


def _log(
    code: str, meeting: Meeting, actor: Actor, before: dict[str, str], after: dict[str, str]
) -> None:
    actionlog.record(
        code, meeting, actor=actor, before=before, after=after, subject=meeting.body.uuid
    )


def _log_item(code: str, item: AgendaItem, meeting: Meeting, actor: Actor, before: str) -> None:
    actionlog.record(
        code, item, actor=actor, before={"state": before}, after={"state": item.state},
        subject=meeting.body.uuid,
    )  # fmt: skip
