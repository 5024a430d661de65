"""Adopted minutes and their decisions in the network's record chain (T40): hashes and numbers, no
names and no wording, so that nothing there needs to be erased."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from lotse.foundation.core import hooks, records
from lotse.foundation.core.actor import Actor
from lotse.foundation.core.models import ChainRecord
from lotse.rooms.bodies.content.minutes import Json, decisions_in
from lotse.rooms.bodies.models import Minutes, MinutesRevision, Outcome

ADOPTED, AMENDED = "bodies.minutes.adopted", "bodies.minutes.amended"
DECISION = "bodies.decision.adopted"


def record_adoption(
    minutes: Minutes, revision: MinutesRevision, content: Json, *, actor: Actor
) -> str:
    """One record for each decision, one for the minutes behind them; returns the head of the chain
    as `SEQ:HASH`. Four queries each."""
    chain = minutes.meeting.body.network.uuid
    for one in decisions_in(content):
        records.append(chain, action=DECISION, obj=Outcome(uuid=UUID(one["uuid"])), actor=actor,
                       payload={"minutes": str(minutes.uuid)} | _facts(one))  # fmt: skip
    return _record(ADOPTED, minutes, revision, actor)


def record_amendment(minutes: Minutes, revision: MinutesRevision, *, actor: Actor) -> str:
    """One record for a marked correction; returns the head."""
    return _record(AMENDED, minutes, revision, actor)


def _record(action: str, minutes: Minutes, revision: MinutesRevision, actor: Actor) -> str:
    payload = {"revision": revision.number, "sha256": revision.sha256,
               "meeting": str(minutes.meeting.uuid)}  # fmt: skip
    row = records.append(
        minutes.meeting.body.network.uuid, action=action, obj=minutes, actor=actor, payload=payload
    )
    return f"{row.seq}:{row.hash}"


def _facts(one: Mapping[str, Any]) -> dict[str, Any]:
    """What of a decision is kept: its wording as a hash."""
    names = ("number", "result", "method", "yes", "no", "abstain")
    return {name: one[name] for name in names} | {
        "text_sha256": hashlib.sha256(str(one["text"]).encode()).hexdigest()
    }


def head_of(minutes: Minutes) -> str:
    """The head of the chain as it was when these minutes were adopted or corrected last, as
    `SEQ:HASH`; empty before. One query."""
    row = (
        ChainRecord.objects.filter(
            chain=minutes.meeting.body.network.uuid, object_uuid=minutes.uuid,
            action__in=(ADOPTED, AMENDED),
        ).order_by("-seq").first()
    )  # fmt: skip
    return f"{row.seq}:{row.hash}" if row else ""


def _check_minutes(uuid: UUID, payload: Mapping[str, Any]) -> str:
    """Whether the revision still says what was adopted. One query."""
    row = MinutesRevision.objects.filter(minutes__uuid=uuid, number=payload["revision"]).first()
    if row is None:
        return ""  # deleted with its network or as an example
    found = hashlib.sha256(row.content.encode()).hexdigest()
    if found == row.sha256 == payload["sha256"]:
        return ""
    return "Das Protokoll sagt etwas anderes, als beurkundet ist."


def _check_decision(uuid: UUID, payload: Mapping[str, Any]) -> str:
    """Whether the decision still stands in its list as it was adopted. One query."""
    row = Outcome.objects.filter(uuid=uuid).values().first()
    if row is None or _facts(row) == {name: payload[name] for name in _facts(row)}:
        return ""
    return "Der Beschluss sagt etwas anderes, als beurkundet ist."


CHECKS = (
    hooks.RecordCheck(ADOPTED, _check_minutes),
    hooks.RecordCheck(AMENDED, _check_minutes),
    hooks.RecordCheck(DECISION, _check_decision),
)


def content_of(revision: MinutesRevision) -> Json:
    """What a revision says."""
    found: Json = json.loads(revision.content)
    return found
