"""Builders for tests of what comes before a meeting: forms, seats, mails, calendar entries."""

from typing import Any

from django.test import Client
from django.urls import reverse
from icalendar import Calendar

from lotse.foundation.core import once
from lotse.foundation.core.models import OutboxMail
from lotse.foundation.parties.models import Body
from lotse.rooms.bodies.models import Attendance, Holder, Mandate, Meeting
from lotse.rooms.bodies.services import inviting, mandates
from tests import make, people
from tests.people import Cast

MAILS = ("bodies.meeting.invitation", "bodies.meeting.changed", "bodies.meeting.cancelled",
         "bodies.meeting.reminder")  # fmt: skip


def post(cast: Cast, role: str, name: str, obj: Any, /, **fields: Any) -> Any:
    """Sends a form of the page with the version that holds now."""
    return send(cast.client(role), reverse(f"bodies:{name}", args=[obj.uuid]), obj, **fields)


def send(client: Client, path: str, obj: Any, **fields: Any) -> Any:
    """The same by any browser."""
    obj.refresh_from_db()
    return client.post(path, {"_key": once.new_key(), "version": obj.version, **fields})


def page(cast: Cast, role: str, name: str, obj: Any, query: str = "") -> str:
    """The page as the role reads it."""
    answer = cast.client(role).get(reverse(f"bodies:{name}", args=[obj.uuid]) + query)
    assert answer.status_code == 200, answer.content.decode()[:600]
    return str(answer.content.decode())


def deputy_of(cast: Cast, body: Body, name: str = "Dana Vertretung", **fields: Any) -> Holder:
    """A deputy on the first seat of the body."""
    seat = Mandate.objects.filter(body=body).order_by("pk")[0]
    person = people.person(name, **fields)
    return mandates.seat_person(seat, person, actor=cast.actor("office"), part=Holder.Part.DEPUTY)


def invite(cast: Cast, meeting: Meeting, **values: Any) -> int:
    """The office invites."""
    meeting.refresh_from_db()
    values = {"actor": cast.actor("office"), "expected": meeting.version} | values
    count = inviting.invite(meeting, **values)
    meeting.refresh_from_db()
    return count


def attendance(cast: Cast, meeting: Meeting, role: str = "voter") -> Attendance:
    """Who is invited as this role."""
    return Attendance.objects.get(meeting=meeting, person=cast[role])


def mails(what: str = "invitation") -> list[OutboxMail]:
    """Mail of a kind in the order in which it was written."""
    return list(OutboxMail.objects.filter(code=f"bodies.meeting.{what}").order_by("pk"))


def mail_to(address: str, what: str = "invitation") -> OutboxMail:
    """The latest mail of a kind to an address."""
    found = [one for one in mails(what) if one.address == address]
    assert found, f"no {what} to {address}"
    return found[-1]


def link_in(sent: OutboxMail) -> str:
    """The path of the personal link, as the mail shows it."""
    return make.link_in(sent, "/gremien/antwort/zugang/")


def opened(client: Client, sent: OutboxMail) -> str:
    """The browser opens the link of a mail; the address it is led to."""
    return make.opened(client, link_in(sent))


def entry_in(sent: OutboxMail) -> tuple[str, Any]:
    """(method, event) of the calendar entry in a mail, read by a calendar library."""
    files = [one for one in sent.files if one["type"].startswith("text/calendar")]
    assert len(files) == 1
    calendar: Any = Calendar.from_ical(files[0]["text"])
    method = str(calendar["method"])
    assert files[0]["type"] == f"text/calendar; method={method}"
    return method, next(iter(calendar.walk("VEVENT")))
