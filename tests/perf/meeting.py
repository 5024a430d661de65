"""The page of a large meeting and its minutes: what the bench measures of them."""

from datetime import timedelta
from typing import Any

from tests.perf.rounds import Case, Environ, environ

ITEMS = 30
NOTE = "Die Runde spricht über Wege in die Betriebe. Drei Beispiele werden genannt, Nummer {}."


def cases() -> list[Case]:
    """The meeting page as a member of the body sees it, the cockpit, and the paper of minutes."""
    from django.conf import settings
    from django.test import Client
    from django.urls import reverse

    from lotse.foundation.parties.models import Network
    from tests import people

    network = Network.objects.get(is_default=True)
    member, taker = people.person("Mara Mitglied"), people.person("Mika Schrift")
    meeting = _meeting(network, member, taker)
    cookies = {}
    for person in (member, taker):
        client = people.sign_in(Client(), person)
        name = settings.SESSION_COOKIE_NAME
        cookies[person.pk] = {name: client.cookies[name].value}

    def page(name: str, person: Any) -> Environ:
        return environ(reverse(name, args=[meeting.uuid]), cookies=cookies[person.pk])

    return [
        Case("meeting", lambda: page("bodies:meeting", member)),
        Case("cockpit", lambda: page("bodies:cockpit", taker)),
        Case("live", lambda: page("bodies:live", member)),
        Case("minutes pdf", lambda: page("bodies:minutes-pdf", taker), group="papers"),
    ]


def _meeting(network: Any, member: Any, taker: Any) -> Any:
    """A running meeting of 30 items, each with a note, a decision, a question and a measure."""
    from lotse.foundation.core import clock
    from lotse.foundation.core.actor import COMMAND
    from lotse.foundation.core.ref import Ref
    from lotse.foundation.measures import services as measures
    from lotse.rooms.bodies.models import (
        AgendaItem,
        Attendance,
        Meeting,
        Minutes,
        NoteBlock,
        Outcome,
        Presence,
    )
    from lotse.rooms.bodies.services import bodies, mandates
    from tests import people

    body = bodies.create_body(network, actor=COMMAND, name="Rat der Messung", kind="council")
    network.mfa_roles = []
    network.save(update_fields=["mfa_roles"])
    bodies.appoint(body, taker, "minute_taker", actor=COMMAND)
    house = people.organisation(network, "Haus der Messung")
    seat = mandates.create_mandate(body, actor=COMMAND, organisation=house)
    mandates.seat_person(seat, member, actor=COMMAND)
    now = clock.now()
    meeting = Meeting.objects.create(
        body=body, number=1, title="Messsitzung", starts_at=now - timedelta(hours=1),
        ends_at=now + timedelta(hours=5), state="running", invited_at=now, opened_at=now,
        minutes_kind="discussion",
    )  # fmt: skip
    for number in range(40):
        there = Attendance.objects.create(
            meeting=meeting, name=f"Vertretung {number}", organisation=f"Organisation {number}",
            mandate=seat if number == 0 else None, person=member if number == 0 else None,
        )  # fmt: skip
        Presence.objects.create(attendance=there, by=COMMAND.ref)
    for number in range(1, ITEMS + 1):
        item = AgendaItem.objects.create(
            meeting=meeting, position=number, title=f"Wege in die Betriebe, Teil {number}",
            kind="decision", goal="Entscheiden, was wir als Nächstes tun.",
            proposal="Die Partner sprechen zehn Betriebe an.",
            state="running" if number == 1 else "open",
        )  # fmt: skip
        NoteBlock.objects.create(item=item, person=taker, text=NOTE.format(number), revision=1)
        decision = Outcome.objects.create(
            item=item, position=1, kind="decision", text="Die Partner sprechen zehn Betriebe an.",
            number=f"1/{number}", result="adopted", method="unanimous",
        )  # fmt: skip
        Outcome.objects.create(item=item, position=2, kind="question", text="Wer fängt an?")
        measures.create_measure(
            actor=COMMAND, origin=Ref.to(decision), title="Zehn Betriebe ansprechen",
            network=network, organisation=house, due_on=clock.today(),
        )  # fmt: skip
        if number == 1:
            Meeting.objects.filter(pk=meeting.pk).update(current=item)
    Minutes.objects.create(meeting=meeting)
    return meeting
