"""Files of mails: kept once, sent along, gone with the texts; appointments that update."""

from datetime import datetime, timedelta
from email import message_from_bytes, policy
from typing import Any
from uuid import uuid4

import pytest
from django.core import mail as sink
from icalendar import Calendar

from lotse.foundation.core import clock, ical, mail
from lotse.foundation.core.mail import files, upkeep
from lotse.foundation.core.models import MailFile, OutboxMail

pytestmark = pytest.mark.django_db
PDF = mail.File("Tagesordnung.pdf", "application/pdf", b"%PDF-1.7 agenda")


def _send(**values: Any) -> OutboxMail:
    return mail.send(
        code="test.invitation", mail_class="duty", address="kim@beispiel.test", lang="de",
        subject="Einladung", reason="Prüfung", body=["Guten Tag,"], **values,
    )  # fmt: skip


def _event(**values: Any) -> ical.MeetingEvent:
    begin = datetime(2026, 10, 24, 14, 0, tzinfo=clock.ZONE)
    given = {"uid": uuid4(), "starts_at": begin, "ends_at": begin + timedelta(hours=3),
             "title": "5. Sitzung\nRat", "place": "Haus der Wirtschaft"} | values  # fmt: skip
    return ical.MeetingEvent(**given)


def _invited(event: ical.MeetingEvent) -> bytes:
    organizer = ical.Address("buero@netzwerk.example", "Büro")
    invitation = ical.Invitation(event, host="lotse.example", organizer=organizer)
    return invitation.to(ical.Address("kim@beispiel.test", 'Kim "K." Muster; x'))


def test_what_is_sent_to_many_is_kept_once() -> None:
    for number in range(3):
        _send(files=[PDF], once=f"test:{number}")
    assert MailFile.objects.count() == 1
    assert [one.files[0]["name"] for one in OutboxMail.objects.all()] == ["Tagesordnung.pdf"] * 3


def test_files_arrive_and_a_calendar_entry_is_offered_as_one() -> None:
    entry = mail.File("termin.ics", "text/calendar; method=REQUEST", _invited(_event()))
    _send(files=[PDF, entry])
    mail.deliver_due()
    arrived = message_from_bytes(sink.outbox[0].message().as_bytes(), policy=policy.default)
    parts = {part.get_content_type(): part for part in arrived.walk()}
    assert parts["application/pdf"].get_content() == PDF.content
    assert parts["application/pdf"].get_filename() == "Tagesordnung.pdf"
    offered = [part for part in arrived.walk() if part.get_content_type() == "text/calendar"]
    assert [part.get_filename() for part in offered] == [None, "termin.ics"]
    assert offered[0]["Content-Type"].params["method"] == "REQUEST"


def test_files_go_with_the_texts() -> None:
    kept = _send(files=[PDF])
    OutboxMail.objects.update(state="sent", created_at=clock.now() - timedelta(days=31))
    MailFile.objects.update(used_at=clock.now() - timedelta(days=31))
    upkeep.empty_old_texts()
    kept.refresh_from_db()
    assert (kept.files, MailFile.objects.count()) == ([], 0)


def test_a_file_that_is_gone_does_not_stop_the_mail() -> None:
    kept = _send(files=[PDF])
    MailFile.objects.all().delete()
    assert list(files.files_of(kept)) == []
    mail.deliver_due()
    assert len(sink.outbox) == 1


def test_too_much_is_a_fault_of_ours() -> None:
    with pytest.raises(ValueError, match="5 MB"):
        _send(files=[mail.File("a.pdf", "application/pdf", b"x" * (files.MOST_BYTES + 1))])


class TestInvitation:
    def test_a_change_and_a_cancellation_reach_the_same_entry(self) -> None:
        first = _event()
        sent = []
        for changes in ({}, {"sequence": 1}, {"sequence": 2, "cancelled": True}):
            sent.append(Calendar.from_ical(_invited(_event(uid=first.uid, **changes))))
        events = [calendar.walk("VEVENT")[0] for calendar in sent]
        assert len({str(event["uid"]) for event in events}) == 1
        assert [int(event["sequence"]) for event in events] == [0, 1, 2]
        assert [str(one["method"]) for one in sent] == ["REQUEST", "REQUEST", "CANCEL"]
        assert [str(one["status"]) for one in events] == ["CONFIRMED", "CONFIRMED", "CANCELLED"]

    def test_it_names_who_invites_and_who_is_invited(self) -> None:
        event = Calendar.from_ical(_invited(_event())).walk("VEVENT")[0]
        assert str(event["organizer"]) == "mailto:buero@netzwerk.example"
        assert str(event["attendee"]) == "mailto:kim@beispiel.test"
        assert event["attendee"].params["PARTSTAT"] == "NEEDS-ACTION"
        assert str(event["summary"]) == "5. Sitzung Rat"

    @pytest.mark.parametrize("cancelled", [False, True])
    def test_of_many_each_is_named_in_their_own(self, cancelled: bool) -> None:
        event = _event(title="Rat\r\nBEGIN:VALARM\r\nEND:VEVENT\r\n", cancelled=cancelled)
        office = ical.Address("buero@netzwerk.example", "Büro")
        many = ical.Invitation(event, host="lotse.example", organizer=office)
        people = [(ical.Address(f"kim{n}@beispiel.test", "Kim " + "lang " * 30), said)
                  for n, said in enumerate(("accepted", "declined", ""))]  # fmt: skip
        for person, said in people:
            read = Calendar.from_ical(many.to(person, answer=said))
            assert str(read["method"]) == many.method == ("CANCEL" if cancelled else "REQUEST")
            [found] = read.walk("VEVENT")
            assert str(found["attendee"]) == f"mailto:{person.email}"
            assert found["attendee"].params["PARTSTAT"] == (said.upper() or "NEEDS-ACTION")
            assert found["attendee"].params["CN"].strip() == person.name.strip()
            assert str(found["summary"]) == "Rat BEGIN:VALARM END:VEVENT"
            assert len(found.walk("VALARM")) == (0 if cancelled else 1)

    @pytest.mark.parametrize("day", ["2026-03-28", "2026-03-29", "2026-10-24", "2026-10-25"])
    def test_fourteen_o_clock_stays_fourteen_o_clock(self, day: str) -> None:
        begin = datetime.fromisoformat(f"{day}T14:00").replace(tzinfo=clock.ZONE)
        content = _invited(_event(starts_at=begin, ends_at=begin + timedelta(hours=1)))
        read = Calendar.from_ical(content)
        at = read.walk("VEVENT")[0]["dtstart"].dt
        assert (at.hour, at.timestamp()) == (14, begin.timestamp())
        assert read.walk("VTIMEZONE")[0]["tzid"] == "Europe/Berlin"


def test_days_and_meetings_stand_in_one_calendar() -> None:
    days = ical.DayEvent(uid=uuid4(), day=clock.today(), title="Fällig")
    read = Calendar.from_ical(ical.calendar("Rat", [days, _event()], host="lotse.example"))
    assert [str(one["summary"]) for one in read.walk("VEVENT")] == ["Fällig", "5. Sitzung Rat"]
