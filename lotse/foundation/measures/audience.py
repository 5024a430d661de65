"""Who is told about a measure: the person; those who help; for a body its chair and minute taker;
for a part of a measure for many partners those who edit the partner's data."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from lotse.foundation.measures.models import Helper
from lotse.foundation.measures.permissions import RUNNING
from lotse.foundation.parties.models import Affiliation, RoleGrant
from lotse.foundation.parties.standing import holds_on


def of(rows: Sequence[dict[str, Any]], day: date) -> dict[int, list[int]]:
    """Measure -> keys of people, each once. Rows hold `pk person seated helped organisation whole
    body_uuid`.

    No query for people alone, one each for those who help, for bodies and for parts of partners.
    """
    found: dict[int, dict[int, None]] = {row["pk"]: {} for row in rows}
    helped = _helped([row["pk"] for row in rows if row["helped"]], day)
    bodies = {row["body_uuid"] for row in rows} | {body for _key, _person, body in helped}
    running = _running({body for body in bodies if body}, day)
    parts = [row for row in rows if row["whole"] and not row["person"]]
    editing = _editing({row["organisation"] for row in parts if row["organisation"]}, day)
    for row in rows:
        if row["person"] and row["seated"]:
            found[row["pk"]][row["person"]] = None
        found[row["pk"]] |= dict.fromkeys(running.get(row["body_uuid"], ()))
    for row in parts:
        found[row["pk"]] |= dict.fromkeys(editing.get(row["organisation"], ()))
    for key, person, body in helped:
        found[key] |= dict.fromkeys([person] if person else running.get(body, ()))
    return {key: list(people) for key, people in found.items()}


def _helped(keys: Collection[int], day: date) -> list[tuple[int, int | None, UUID | None]]:
    """Measure, person and body of everybody who helps; people only while they have their seat."""
    if not keys:
        return []
    seats = Affiliation.objects.filter(
        holds_on(day), person=OuterRef("person"), organisation=OuterRef("organisation")
    )
    seated = Q(organisation=None) | Q(person=None) | Q(Exists(seats))
    rows = Helper.objects.filter(seated, measure__in=keys).order_by("pk")
    return list(rows.values_list("measure", "person", "body__uuid"))


def _running(bodies: Collection[UUID], day: date) -> dict[UUID | None, list[int]]:
    """Chair and minute taker of each body today."""
    found: dict[UUID | None, list[int]] = {}
    if bodies:
        grants = RoleGrant.objects.filter(
            holds_on(day), held_in_uuid__in=bodies, role__in=RUNNING, ended_at=None
        ).order_by("pk")
        for body, person in grants.values_list("held_in_uuid", "person"):
            found.setdefault(body, []).append(person)
    return found


def _editing(organisations: Collection[int], day: date) -> dict[int, list[int]]:
    """Who edits the data of each organisation today."""
    found: dict[int, list[int]] = {}
    if organisations:
        seats = Affiliation.objects.filter(
            holds_on(day), organisation__in=organisations, may_edit=True
        ).order_by("pk")
        for organisation, person in seats.values_list("organisation", "person"):
            found.setdefault(organisation, []).append(person)
    return found
