"""What the form of an outcome offers: who speaks, who takes care, which annex, which question."""

from dataclasses import dataclass, field
from typing import Any

from django.db.models import Exists, OuterRef

from lotse.foundation.core.actor import Actor
from lotse.foundation.core.permissions import visible
from lotse.foundation.measures.parties import Party
from lotse.foundation.parties.models import Body, Organisation
from lotse.rooms.bodies.content.outcome_kinds import FIELDS, KIND, speaker_words
from lotse.rooms.bodies.models import AgendaItem, Annex, Attendance, Meeting, Outcome, Presence
from lotse.rooms.bodies.queries.outcomes import (
    open_questions_of,
    replaceable_by,
    replaceable_words,
)
from lotse.rooms.bodies.services.outcomes import Speaker

Pairs = list[tuple[str, str]]
# A body decides a few dozen times a year: ten years of it.
MOST = 300


@dataclass
class Offered:
    """Values with their words, and what each stands for."""

    speakers: Pairs = field(default_factory=list)
    said_by: dict[str, Speaker] = field(default_factory=dict)
    annexes: Pairs = field(default_factory=list)
    annex_of: dict[str, Annex] = field(default_factory=dict)
    questions: Pairs = field(default_factory=list)
    earlier: Pairs = field(default_factory=list)
    earlier_of: dict[str, Outcome] = field(default_factory=dict)
    bodies: Pairs = field(default_factory=list)
    people: Pairs = field(default_factory=list)
    organisations: Pairs = field(default_factory=list)
    party_of: dict[str, Party] = field(default_factory=dict)


def offered_for(
    item: AgendaItem, kind: str, outcome: Outcome | None = None, *, actor: Actor
) -> Offered:
    """Only what the kind asks for, of bodies those the actor may know. Up to three queries."""
    found, meeting = Offered(), item.meeting
    fields = FIELDS[kind]
    if "speaker" in fields:
        _offer_speakers(found, meeting)
    if "annex" in fields:
        for annex in Annex.objects.filter(meeting=meeting).order_by("number"):
            found.annexes.append((str(annex.uuid), f"{annex.number}: {annex.title}"))
            found.annex_of[str(annex.uuid)] = annex
    if "answer_to" in fields:
        found.questions = open_questions_of(meeting, outcome)
    if "replaces" in fields:
        _offer_earlier(found, meeting, outcome)
    if kind == KIND.AGREED_ACTION and outcome is None:
        _offer_parties(found, meeting, actor)
    return found


def _there(meeting: Meeting) -> list[Attendance]:
    """Who was there at any time; before anybody is, who was invited. Nobody whose data are
    restricted (GDPR art. 18): whoever is to stand in the minutes anyway is named by hand."""
    came = Presence.objects.filter(attendance=OuterRef("pk"))
    rows: list[Any] = list(
        Attendance.objects.filter(meeting=meeting, person__restricted_at=None)
        .annotate(was_there=Exists(came))
        .order_by("name", "pk")
    )
    return [row for row in rows if row.was_there] or rows


def _offer_earlier(found: Offered, meeting: Meeting, outcome: Outcome | None) -> None:
    """Decisions it may replace, the latest first; the one it replaces already among them."""
    rows = list(replaceable_by(meeting, outcome).select_related("item__meeting")[:MOST])
    kept = outcome.replaces if outcome is not None else None
    if kept is not None and kept not in rows:
        rows.insert(0, kept)
    for one in rows:
        found.earlier.append((str(one.uuid), replaceable_words(one)))
        found.earlier_of[str(one.uuid)] = one


def _offer_speakers(found: Offered, meeting: Meeting) -> None:
    for row in _there(meeting):
        value = str(row.uuid)
        found.speakers.append((value, speaker_words(row.name, row.organisation)))
        found.said_by[value] = Speaker(row.name, row.organisation, row.person_id)


def _offer_parties(found: Offered, meeting: Meeting, actor: Actor) -> None:
    network = meeting.body.network
    active = Body.objects.filter(network=network, state=Body.State.ACTIVE)
    active = visible("bodies.body.view", actor, active)
    for key, uuid, name in active.order_by("name").values_list("pk", "uuid", "name"):
        found.bodies.append((f"b-{uuid}", name))
        found.party_of[f"b-{uuid}"] = Party(body=key)
    ours = Organisation.objects.filter(network=network).order_by("name")
    for key, uuid, name in ours.values_list("pk", "uuid", "name"):
        found.organisations.append((f"o-{uuid}", name))
        found.party_of[f"o-{uuid}"] = Party(organisation=key)
    for row in _there(meeting):
        if row.person_id is not None:
            found.people.append((f"a-{row.uuid}", speaker_words(row.name, row.organisation)))
            found.party_of[f"a-{row.uuid}"] = Party(person=row.person_id)
