"""Bodies for T02: open, of the network, closed and of another network, each with a meeting, its
minutes in another state, a paper, a seat and a subject, and a guest at one of them."""

import hashlib
from datetime import timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from lotse.foundation.core import clock, records
from lotse.foundation.core.actor import COMMAND
from lotse.foundation.matters.models import Matter
from lotse.foundation.parties.models import Body, Network
from lotse.rooms.bodies.content.minutes import compile_minutes
from lotse.rooms.bodies.models import (
    Annex,
    Appointment,
    Attendance,
    Idea,
    Meeting,
    Minutes,
    MinutesRevision,
)
from lotse.rooms.bodies.services import bodies, mandates, papers
from tests.trust import site as sites


def populate(site: sites.Site) -> None:
    """Four bodies besides the council; the one who only registered is a guest of the closed one."""
    cast = site.cast
    made = [
        _body(cast.network, "Offene Runde", "public", "published"),
        _body(cast.network, "Runde der Partner", "network", "published"),
        _body(cast.network, "Kleiner Kreis", "body", "draft"),
        _body(cast.other, "Runde Nebenan", "public", "adopted"),
    ]
    for body in made[:3]:
        seat = mandates.create_mandate(body, actor=COMMAND, organisation=cast.org_a)
        mandates.seat_person(seat, cast["editor_a"], actor=COMMAND)
    closed = made[2].meetings.get()
    Attendance.objects.create(
        meeting=closed, person=cast["registered"], name="Rieke Neumann",
        part=Attendance.Part.GUEST, invited_at=clock.now(),
    )  # fmt: skip
    now = clock.now()
    Matter.objects.create(network=cast.other, title="Sache der anderen")
    Appointment.objects.create(
        network=cast.other, title="Besuch nebenan", made_by=COMMAND.ref,
        starts_at=now + timedelta(days=3), ends_at=now + timedelta(days=3, hours=2),
    )  # fmt: skip


def _body(network: Network, name: str, level: str, state: str) -> Body:
    body = bodies.create_body(network, actor=COMMAND, name=name, kind="council", level=level)
    now = clock.now()
    meeting = Meeting.objects.create(
        body=body, number=1, title=f"Sitzung: {name}", starts_at=now - timedelta(days=2),
        ends_at=now - timedelta(days=2, hours=-2), state=Meeting.State.HELD, invited_at=now,
    )  # fmt: skip
    annex = Annex.objects.create(meeting=meeting, number=1, title=f"Blatt: {name}")
    file = SimpleUploadedFile("Blatt.pdf", b"%PDF-1.7\n%%EOF\n")
    papers.add_version(annex, file, actor=COMMAND)
    _minutes(meeting, state, level)
    Idea.objects.create(body=body, title=f"Thema: {name}")
    return body


def _minutes(meeting: Meeting, state: str, level: str) -> None:
    given: dict[str, Any] = {"state": state, "level": level}
    if state != "draft":
        given |= {"circulated_at": clock.now()}
    minutes = Minutes.objects.create(meeting=meeting, **given)
    if state == "draft":
        return
    content = records.canonical(compile_minutes(minutes, "de"))
    MinutesRevision.objects.create(
        minutes=minutes, number=1, state=state, content=content.decode(),
        sha256=hashlib.sha256(content).hexdigest(), by=COMMAND.ref,
    )  # fmt: skip
