"""Corrections before adoption: wording and counts put right, in the minutes and where they came
from, so that lists of decisions say the same."""

from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from lotse.foundation.core import text
from lotse.foundation.core.db import update_versioned
from lotse.foundation.core.errors import Refused
from lotse.rooms.bodies.content.minutes import Json, people_of
from lotse.rooms.bodies.models import Minutes, Outcome
from lotse.rooms.bodies.queries.minutes_material import attending
from lotse.rooms.bodies.services.naming import Naming

COUNTS = ("yes", "no", "abstain")
CHANGEABLE = ("text", "result", *COUNTS)


@dataclass
class Wording:
    """What is put right: of outcomes by uuid the fields that change, of items by uuid their notes
    as one text."""

    outcomes: dict[str, dict[str, Any]] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)


def reword(minutes: Minutes, content: Json, wording: Wording) -> Json:
    """The content with the new wording; outcomes of the meeting follow. One query, two more for
    each outcome that changes. Raises Refused for a decision that would lose its result."""
    changed: dict[str, dict[str, Any]] = {}
    new: Json = content | {"items": _items(content["items"], wording, changed)}
    rows = Outcome.objects.filter(item__meeting=minutes.meeting, uuid__in=list(changed))
    for row in rows:
        update_versioned(row, expected=row.version, **changed[str(row.uuid)])
    return new


def _items(items: list[Json], wording: Wording, changed: dict[str, Any]) -> list[Json]:
    return [
        item | {
            "notes": _notes(item, wording),
            "outcomes": [_outcome(one, wording, changed) for one in item["outcomes"]],
            "items": _items(item["items"], wording, changed),
        }
        for item in items
    ]  # fmt: skip


def _notes(item: Json, wording: Wording) -> list[str]:
    if item["uuid"] not in wording.notes:
        return list(item["notes"])
    words = text.clean(wording.notes[item["uuid"]]).strip("\n")
    # Sent as it was shown, it stays as it is stored, in its blocks.
    if words == text.clean("\n\n".join(item["notes"])).strip("\n"):
        return list(item["notes"])
    return [words] if words else []


def _outcome(one: Json, wording: Wording, changed: dict[str, Any]) -> Json:
    asked = wording.outcomes.get(one["uuid"], {})
    new = {name: value for name, value in asked.items() if name in CHANGEABLE}
    words = text.clean(str(new.pop("text", "")))
    if words.strip() and words.strip() != text.clean(one["text"]).strip():
        new["text"] = words
    # Counts and result are a decision's; a decision without words is none.
    if one["kind"] != Outcome.Kind.DECISION:
        new = {name: value for name, value in new.items() if name == "text"}
    new = {name: value for name, value in new.items() if one[name] != value}
    if "result" in new and new["result"] not in Outcome.Result.values:
        raise Refused(_("Beschluss %(number)s braucht ein Ergebnis. Bitte wählen Sie eines.")
                      % {"number": one["number"]})  # fmt: skip
    if new:
        changed[one["uuid"]] = new
    return one | new


def people_now(minutes: Minutes) -> Json:
    """Who was there, as the list of the meeting says by now: those present, excused, absent and the
    quorum. About seven queries."""
    found = attending(minutes.meeting)
    naming = Naming(minutes.meeting.body.network, write=True)
    naming.prepare((one.person_id, one.name, one.organisation) for one in found.attendances)
    return people_of(found, naming)
