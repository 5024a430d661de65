"""Writes to minutes: sent round, corrected, adopted, published, corrected with a mark (rulings 5).

Each state is a revision that never changes. What is adopted is what was sent round last, not what
the items of the meeting say by then.
"""

import functools
import hashlib
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Concatenate, ParamSpec, TypeVar

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from lotse.foundation.core import actionlog, clock, once, records, text
from lotse.foundation.core.actor import SYSTEM, Actor
from lotse.foundation.core.db import update_versioned
from lotse.foundation.core.errors import Conflict, Refused
from lotse.foundation.core.permissions import require
from lotse.foundation.procedures import queries as procedures
from lotse.foundation.procedures import services as periods
from lotse.foundation.procedures.models import ObjectionPeriod
from lotse.rooms.bodies import mails_minutes as mails
from lotse.rooms.bodies.content.minutes import Json, compile_minutes
from lotse.rooms.bodies.models import Charter, Meeting, Minutes, MinutesRevision
from lotse.rooms.bodies.services import recording
from lotse.rooms.bodies.services.live import touch
from lotse.rooms.bodies.services.locking import hold
from lotse.rooms.bodies.services.rewording import Wording, people_now, reword

WRITE = "bodies.minutes.write"
LANG = "de"
State = Minutes.State
# What may follow what. Adopted and published minutes get marked corrections in their state.
AFTER: dict[str, tuple[str, ...]] = {
    State.DRAFT: (State.CIRCULATED,),
    State.CIRCULATED: (State.CORRECTED, State.ADOPTED),
    State.CORRECTED: (State.CORRECTED, State.ADOPTED),
    State.ADOPTED: (State.ADOPTED, State.PUBLISHED),
    State.PUBLISHED: (State.PUBLISHED,),
}
OUT = (State.CIRCULATED, State.CORRECTED)
FINAL = (State.ADOPTED, State.PUBLISHED)
# From the widest circle of readers to the narrowest.
LEVELS = (Charter.Level.PUBLIC, Charter.Level.NETWORK, Charter.Level.BODY)
HEAD = ("minutes_kind", "moderation", "minute_takers", "next_dates")
P = ParamSpec("P")
R = TypeVar("R")


def begin(meeting: Meeting) -> Minutes:
    """The minutes of a meeting, made as an empty draft where there are none. Up to two queries."""
    minutes, _made = Minutes.objects.get_or_create(
        meeting=meeting, defaults={"level": meeting.body.charter.level}
    )
    minutes.meeting = meeting
    return minutes


def _locked(minutes: Minutes) -> Minutes:
    """The row as it stands, locked until the transaction ends, with all that hangs above it."""
    rows = Minutes.objects.select_for_update(of=("self",))
    return rows.select_related("meeting__body__charter", "meeting__body__network",
                               "meeting__host").get(pk=minutes.pk)  # fmt: skip


def after_the_clock(
    act: Callable[Concatenate[Minutes, P], R],
) -> Callable[Concatenate[Minutes, P], R]:
    """An act before which the adoption by silence that is due is written down, in a transaction of
    its own: it stands even where the act is refused for it."""

    @functools.wraps(act)
    def settled_first(minutes: Minutes, /, *args: P.args, **values: P.kwargs) -> R:
        if minutes.state in OUT:
            settle(minutes)
        return act(minutes, *args, **values)

    return settled_first


def _start(minutes: Minutes, actor: Actor, expected: int) -> Minutes:
    """Rights and version; who acts on a page from before an adoption meets a conflict."""
    require(WRITE, actor, minutes)
    found = _locked(minutes)
    if found.version != expected:
        raise Conflict(found)
    if _silent_since(found) is not None:
        raise Conflict(found)  # the last moment passed just now: the next act writes it down
    return found


def latest(minutes: Minutes) -> MinutesRevision:
    """The newest revision. One query. Raises Refused for a draft."""
    found = MinutesRevision.objects.filter(minutes=minutes).order_by("-number").first()
    if found is None:
        raise Refused(_("Dieses Protokoll ist noch ein Entwurf."))
    return found


def _revise(
    minutes: Minutes, content: Json, *, state: str, actor: Actor, reason: str = ""
) -> MinutesRevision:
    written = records.canonical(content)
    last = MinutesRevision.objects.filter(minutes=minutes).order_by("-number").first()
    return MinutesRevision.objects.create(
        minutes=minutes, number=last.number + 1 if last else 1, state=state, reason=reason,
        content=written.decode(), sha256=hashlib.sha256(written).hexdigest(), by=actor.ref,
    )  # fmt: skip


def _move(
    minutes: Minutes, state: str, code: str, actor: Actor, *, after: dict[str, Any] | None = None,
    **values: Any,
) -> None:  # fmt: skip
    """The one way from state to state."""
    was = minutes.state
    if state not in AFTER[was]:
        raise Refused(_not_now(was))
    update_versioned(minutes, expected=minutes.version, state=state, **values)
    actionlog.record(
        code, minutes, actor=actor, subject=minutes.meeting.body.uuid,
        before={"state": was}, after={"state": state} | (after or {}),
    )  # fmt: skip
    touch(minutes.meeting.pk)


def _not_now(state: str) -> str:
    return _("Das geht jetzt nicht: Das Protokoll ist %(state)s.") % {
        "state": State(state).label if state != State.DRAFT else _("noch ein Entwurf")
    }


@transaction.atomic
def change_head(meeting: Meeting, *, actor: Actor, expected: int, **values: Any) -> None:
    """Changes what stands above the items of a draft: kind, moderation, minute takers, next dates.

    `expected` is the version of the meeting. Raises NotAllowed, Conflict, Refused once it is sent.
    """
    require("bodies.meeting.run", actor, meeting)
    hold(meeting)
    if Minutes.objects.filter(meeting=meeting).exclude(state=State.DRAFT).exists():
        raise Refused(_("Das Protokoll ist schon verschickt. Hier wird nichts mehr geändert."))
    values = {name: value for name, value in values.items() if name in HEAD}
    before = {name: getattr(meeting, name) for name in values}
    update_versioned(meeting, expected=expected, **values)
    changed = [name for name in values if before[name] != values[name]]
    actionlog.record(
        "bodies.minutes.head_changed", meeting, actor=actor, subject=meeting.body.uuid,
        before={name: before[name] for name in changed},
        after={name: values[name] for name in changed},
    )  # fmt: skip
    touch(meeting.pk)


@transaction.atomic
def circulate(minutes: Minutes, *, actor: Actor, expected: int, key: str = "") -> MinutesRevision:
    """Sends the draft to those who were present, with a date for objections: a revision.

    Raises NotAllowed, Conflict, Refused before the meeting is over and for one that is sent.
    """
    claim = once.claim(key or once.new_key(), scope=f"bodies.minutes:{minutes.uuid}")
    if claim.repeated:
        return MinutesRevision.objects.get(uuid=claim.answer)
    minutes = _start(minutes, actor, expected)
    hold(minutes.meeting)
    if minutes.state != State.DRAFT:
        raise Refused(_not_now(minutes.state))
    if minutes.meeting.state != Meeting.State.HELD:
        raise Refused(_("Die Sitzung ist noch nicht beendet. Danach können Sie das Protokoll "
                        "verschicken."))  # fmt: skip
    content = compile_minutes(minutes, LANG)
    revision = _revise(minutes, content, state=State.CIRCULATED, actor=actor)
    _move(minutes, State.CIRCULATED, "bodies.minutes.circulated", actor,
          circulated_at=clock.now(), after={"sha256": revision.sha256})  # fmt: skip
    period = _open_period(minutes, actor)
    mails.send_circulated(minutes, period, revision)
    claim.remember(str(revision.uuid))
    return revision


def _open_period(minutes: Minutes, actor: Actor) -> ObjectionPeriod:
    """Days count from tomorrow; the last one counts to its end in Berlin (T49)."""
    charter = minutes.meeting.body.charter
    closes_at = periods.end_of_day(clock.today() + timedelta(days=charter.objection_days))
    return periods.open_period(
        minutes, actor=actor, network=minutes.meeting.body.network, closes_at=closes_at,
        legal_basis=charter.silence_basis,
    )  # fmt: skip


@after_the_clock
@transaction.atomic
def correct(
    minutes: Minutes, *, actor: Actor, expected: int, wording: Wording, reason: str,
    with_people: bool = True,
) -> MinutesRevision:  # fmt: skip
    """A corrected revision before adoption, with a new time for objections; those present are
    told. Besides the new wording only the list of those present is read anew.

    Raises NotAllowed, Conflict, Refused while an objection has no answer, without a reason, where
    nothing changed, after adoption.
    """
    minutes = _start(minutes, actor, expected)
    if minutes.state not in OUT:
        raise Refused(_not_now(minutes.state))
    reason = text.shorten(text.clean_line(reason), 300)
    if not reason:
        raise Refused(_("Bitte schreiben Sie, was Sie berichtigt haben."))
    period = procedures.latest_period(minutes)
    _require_answered(period)
    old = json.loads(latest(minutes).content)
    new = reword(minutes, old, wording)
    if with_people:
        new |= people_now(minutes)
    if records.canonical(new) == records.canonical(old):
        raise Refused(_("Es hat sich nichts geändert."))
    revision = _revise(minutes, new, state=State.CORRECTED, actor=actor, reason=reason)
    _move(minutes, State.CORRECTED, "bodies.minutes.corrected", actor,
          after={"sha256": revision.sha256, "reason": reason})  # fmt: skip
    if period is not None:
        periods.end_period(period, actor=actor)
    mails.send_corrected(minutes, _open_period(minutes, actor), reason, revision)
    return revision


def _require_answered(period: ObjectionPeriod | None) -> None:
    waiting = [one for one in (period.objections.all() if period else ()) if one.state == "open"]
    if waiting:
        raise Refused(_("Bitte beantworten Sie zuerst alle Einwände. Offen: %(number)s")
                      % {"number": len(waiting)})  # fmt: skip


@transaction.atomic
def settle(minutes: Minutes) -> bool:
    """Writes down an adoption by silence that the clock has brought about; whether it was so.

    For the daily job and for whoever writes next; reading never does (T15). A second call changes
    nothing. Five queries where nothing is due.
    """
    return _settle(_locked(minutes))


def _settle(minutes: Minutes) -> bool:
    since = _silent_since(minutes)
    if since is None:
        return False
    # The end of a day is the first moment of the next: the day itself is meant.
    day = timezone.localdate(since - timedelta(microseconds=1)).isoformat()
    adopted = {"on": day, "by": Minutes.AdoptedBy.DEADLINE.value, "in": ""}
    _adopt(minutes, adopted, actor=SYSTEM, adopted_at=since)
    return True


def _silent_since(minutes: Minutes) -> datetime | None:
    if minutes.state not in OUT:
        return None
    period = procedures.latest_period(minutes)
    if period is None:
        return None
    # Whoever objects at this moment holds the period; their objection is read after it.
    period = ObjectionPeriod.objects.select_for_update().get(pk=period.pk)
    return procedures.silent_since(period, list(period.objections.all()))


def _adopt(minutes: Minutes, adopted: Json, *, actor: Actor, **values: Any) -> MinutesRevision:
    content = json.loads(latest(minutes).content) | {"adopted": adopted}
    revision = _revise(minutes, content, state=State.ADOPTED, actor=actor)
    _move(minutes, State.ADOPTED, "bodies.minutes.adopted", actor,
          after={"sha256": revision.sha256, "by": adopted["by"]},
          adopted_by=adopted["by"], **values)  # fmt: skip
    head = recording.record_adoption(minutes, revision, content, actor=actor)
    mails.send_adopted(minutes, revision, head)
    return revision


@after_the_clock
@transaction.atomic
def adopt_minutes(
    minutes: Minutes, *, actor: Actor, expected: int, meeting: Meeting
) -> MinutesRevision:
    """Records that a later meeting of the body adopted the minutes.

    Raises NotAllowed, Conflict, Refused for a meeting of another body, an earlier one or one that
    did not take place, and while an objection is open or promised to be taken over.
    """
    minutes = _start(minutes, actor, expected)
    if minutes.state not in OUT:
        raise Refused(_not_now(minutes.state))
    if meeting.body_id != minutes.meeting.body_id or meeting.starts_at <= minutes.meeting.starts_at:
        raise Refused(_("Genehmigen kann nur eine spätere Sitzung desselben Gremiums."))
    if meeting.state not in (Meeting.State.RUNNING, Meeting.State.HELD):
        raise Refused(_("Diese Sitzung hat noch nicht stattgefunden."))
    period = procedures.latest_period(minutes)
    _require_answered(period)
    if period and any(one.state == "accepted" for one in period.objections.all()):
        raise Refused(_("Ein Einwand ist übernommen, aber noch nicht eingearbeitet. Bitte "
                        "berichtigen Sie das Protokoll zuerst."))  # fmt: skip
    if period is not None:
        periods.end_period(period, actor=actor)
    now = clock.now()
    day = min(now, meeting.closed_at or now)
    adopted = {
        "on": timezone.localdate(day).isoformat(),
        "by": Minutes.AdoptedBy.MEETING.value,
        "in": meeting.title,
    }
    return _adopt(minutes, adopted, actor=actor, adopted_at=day, adopted_in=meeting)


def levels_of(charter: Charter) -> list[Any]:
    """To whom minutes of this body may be opened: at most as widely as its rules say."""
    return list(LEVELS[LEVELS.index(Charter.Level(charter.level)):])  # fmt: skip


@after_the_clock
@transaction.atomic
def publish(minutes: Minutes, *, actor: Actor, expected: int, level: str) -> None:
    """Opens adopted minutes to the readers of `level`; published ones get another level so.

    Raises NotAllowed, Conflict, Refused before adoption and for a wider level than the body's.
    """
    minutes = _start(minutes, actor, expected)
    if minutes.state not in FINAL:
        raise Refused(_("Veröffentlichen lässt sich ein Protokoll erst, wenn es genehmigt ist."))
    if level not in levels_of(minutes.meeting.body.charter):
        raise Refused(_("So weit öffnet dieses Gremium seine Protokolle nicht."))
    if minutes.state == State.ADOPTED:
        last = latest(minutes)
        _revise(minutes, json.loads(last.content), state=State.PUBLISHED, actor=actor)
    _move(minutes, State.PUBLISHED, "bodies.minutes.published", actor, level=level,
          published_at=minutes.published_at or clock.now(), after={"level": level})  # fmt: skip


@after_the_clock
@transaction.atomic
def mark_correction(
    minutes: Minutes, *, actor: Actor, expected: int, item: str, words: str, reason: str,
    key: str = "",
) -> MinutesRevision:  # fmt: skip
    """A marked correction of adopted minutes ("Berichtigung"): a new revision that adds it to the
    list of corrections and changes nothing else. `item` is a printed number or empty.

    Raises NotAllowed, Conflict, Refused without words or reason, for an item that is none, and
    before adoption.
    """
    claim = once.claim(key or once.new_key(), scope=f"bodies.minutes:{minutes.uuid}")
    if claim.repeated:
        return MinutesRevision.objects.get(uuid=claim.answer)
    minutes = _start(minutes, actor, expected)
    if minutes.state not in FINAL:
        raise Refused(_("Noch ist das Protokoll nicht genehmigt. Berichtigen Sie den Text."))
    reason, words = text.shorten(text.clean_line(reason), 300), text.clean(words)
    if not reason or not words.strip():
        raise Refused(_("Bitte nennen Sie, was richtig ist, und den Grund."))
    content = json.loads(latest(minutes).content)
    if item and item not in numbers_in(content):
        raise Refused(_("Diesen Tagesordnungspunkt gibt es im Protokoll nicht."))
    entry = {"on": clock.today().isoformat(), "item": item, "reason": reason, "text": words}
    content["corrections"] = [*content["corrections"], entry]
    revision = _revise(minutes, content, state=minutes.state, actor=actor, reason=reason)
    _move(minutes, minutes.state, "bodies.minutes.amended", actor,
          after={"sha256": revision.sha256, "reason": reason})  # fmt: skip
    head = recording.record_amendment(minutes, revision, actor=actor)
    mails.send_amended(minutes, revision, head)
    claim.remember(str(revision.uuid))
    return revision


def numbers_in(content: Json) -> list[str]:
    """The printed numbers of all items, in the order of reading."""
    found: list[str] = []
    for item in content.get("items", []):
        found += [item["number"]] if item["number"] else []
        found += numbers_in(item)
    return found
