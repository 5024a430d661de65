"""Bodies of the demo with their seats, and what lies between the meetings."""

from datetime import date, timedelta
from typing import Any

from lotse.foundation.core.actor import COMMAND
from lotse.foundation.matters.models import Matter
from lotse.foundation.parties.models import Body
from lotse.foundation.topics.models import Region
from lotse.rooms.bodies.demo.names import Names, begin_of, demo_uuid
from lotse.rooms.bodies.models import Appointment, Charter, Commission, Happening, Idea, Mandate
from lotse.rooms.bodies.services import bodies, mandates

_OWN = ("name", "short_name", "kind")
_NOT_RULES = (*_OWN, "key", "parent", "chair", "minute_taker", "seats", "happenings",
              "commissions")  # fmt: skip


def load(content: dict[str, Any], names: Names) -> None:
    """Bodies in the order of the file, so that a parent comes before its parts."""
    for item in content["bodies"]:
        names.bodies[item["key"]] = _body(item, names)
    for item in content["matters"]:
        names.matters[item["key"]] = Matter.objects.create(
            uuid=demo_uuid("matter", item["key"]), network=names.network, title=item["title"],
            summary=item["summary"], started_on=item["started_on"], is_demo=True,
        )  # fmt: skip


def _body(item: dict[str, Any], names: Names) -> Body:
    body = Body.objects.create(
        uuid=demo_uuid("body", item["key"]), network=names.network, is_demo=True,
        parent=names.bodies.get(item.get("parent", "")), **{k: item[k] for k in _OWN if k in item},
    )  # fmt: skip
    Charter.objects.create(
        body=body, **{name: value for name, value in item.items() if name not in _NOT_RULES}
    )
    since: date = item["founded_on"]
    for role in ("chair", "minute_taker"):
        for key in item[role]:
            bodies.appoint(body, names.person(key), role, actor=COMMAND, starts_on=since)
    for seat in item["seats"]:
        _seat(body, seat, since, names)
    for row in item.get("happenings", []):
        Happening.objects.create(
            body=body, by=COMMAND.ref, on=row["day"], title=row["title"], text=row.get("text", "")
        )
    for row in item.get("commissions", []):
        Commission.objects.create(body=body, given_by=body.parent, **row)
    return body


def _seat(body: Body, seat: dict[str, Any], since: date, names: Names) -> None:
    kind = seat.get("kind", Mandate.Kind.SEAT)
    mandate = mandates.create_mandate(
        body, actor=COMMAND, organisation=names.organisation(seat["organisation"]), kind=kind,
        with_vote=kind == Mandate.Kind.SEAT, starts_on=since, note=seat.get("note", ""),
        in_return=seat.get("in_return", ""),
    )  # fmt: skip
    mandates.seat_person(mandate, names.person(seat["delegate"]), actor=COMMAND)
    for key in seat.get("deputies", []):
        mandates.seat_person(mandate, names.person(key), actor=COMMAND, part="deputy")


def load_between(content: dict[str, Any], names: Names) -> None:
    """The backlogs and the joint appointments."""
    for number, item in enumerate(content["ideas"]):
        Idea.objects.create(
            uuid=demo_uuid("idea", str(number)), body=names.bodies[item["body"]],
            title=item["title"], text=item.get("text", ""), known=item.get("known", ""),
            proposer=names.attribution(item["proposer"]), proposed_on=item["day"],
            state=item.get("state", Idea.State.OPEN), programme=item.get("programme", ""),
            reason=item.get("reason", ""), is_demo=True,
        )  # fmt: skip
    for number, item in enumerate(content["appointments"]):
        begin = begin_of(item)
        made = Appointment.objects.create(
            uuid=demo_uuid("appointment", str(number)), network=names.network,
            title=item["title"], text=item.get("text", ""), place=item["place"], starts_at=begin,
            ends_at=begin + timedelta(hours=item["hours"]), made_by=COMMAND.ref, is_demo=True,
            region=Region.objects.filter(key=item.get("region", "")).first(),
        )  # fmt: skip
        made.organisations.set([names.organisation(key) for key in item["organisations"]])
