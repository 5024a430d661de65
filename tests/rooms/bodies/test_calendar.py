"""Dates of all bodies, as a page, as a file, and by the secret link of a person (S1-21, S4-16)."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from icalendar import Calendar

from lotse.foundation.core import clock
from lotse.foundation.core.actor import COMMAND
from lotse.foundation.core.clock import ZONE
from lotse.foundation.parties.models import Body, RoleGrant
from lotse.rooms.bodies.models import AgendaItem, Attendance, Meeting, Outcome
from lotse.rooms.bodies.services import appointments, bodies, mandates
from tests import make
from tests.people import Cast
from tests.rooms.bodies.conftest import meeting_of

pytestmark = pytest.mark.django_db
PAGE, FILE = "/gremien/kalender/", "/gremien/kalender/gremien.ics"
INSIDE = {"title": "Frühjahrssitzung", "place": "Haus der Wirtschaft", "state": "invited",
          "link": "https://raum.beispiel.test/rat"}  # fmt: skip


def body(response: Any) -> str:
    return make.body(response).decode()


def events(content: bytes) -> dict[str, Any]:
    """What a calendar program reads: summary -> event."""
    found = Calendar.from_ical(content).walk("VEVENT")
    return {str(event["SUMMARY"]): event for event in found}


def feed(cast: Cast, role: str) -> dict[str, Any]:
    """What the secret link of a person answers to a program that is not signed in."""
    html = body(cast.client(role).post("/heute/kalender/"))
    path = "/heute/zugang/" + html.partition("/heute/zugang/")[2].partition("<")[0]
    return events(make.body(Client().get(path)))


@pytest.fixture
def open_group(cast: Cast) -> Body:
    """A body that all of the network may know."""
    return bodies.create_body(
        cast.network, actor=COMMAND, name="Arbeitsgruppe Lotsen", level="network",
        kind=Body.Kind.WORKING_GROUP,
    )  # fmt: skip


class TestPage:
    def test_insiders_read_all_others_body_and_time(self, cast: Cast, open_group: Body) -> None:
        meeting_of(open_group, **INSIDE)
        office = body(cast.client("office").get(PAGE))
        assert "Frühjahrssitzung" in office
        assert "Haus der Wirtschaft" in office
        other = body(cast.client("member").get(PAGE))
        assert "Sitzung: Arbeitsgruppe Lotsen" in other
        assert "Frühjahrssitzung" not in other
        assert "Haus der Wirtschaft" not in other

    def test_a_body_for_its_members_is_not_there_for_others(
        self, cast: Cast, council: Body
    ) -> None:
        meeting_of(council, **INSIDE)
        assert "Rat" not in body(cast.client("member").get(PAGE))
        assert "Rat: Frühjahrssitzung" in body(cast.client("voter").get(PAGE))

    def test_a_day_in_preparation_is_for_insiders(self, cast: Cast, open_group: Body) -> None:
        meeting_of(open_group, state="planned")
        assert "Arbeitsgruppe Lotsen" not in body(cast.client("member").get(PAGE))
        assert "in Vorbereitung" in body(cast.client("office").get(PAGE))

    def test_visitors_find_public_bodies(self, cast: Cast, open_group: Body) -> None:
        meeting_of(open_group, **INSIDE)
        assert "Arbeitsgruppe Lotsen" not in body(Client().get(PAGE))
        type(open_group.charter).objects.filter(body=open_group).update(level="public")
        text = body(Client().get(PAGE))
        assert "Sitzung: Arbeitsgruppe Lotsen" in text
        assert "Haus der Wirtschaft" not in text

    def test_month_body_kind_and_past(self, cast: Cast, council: Body) -> None:
        past = meeting_of(council, title="Vorige Sitzung", state="held",
                          starts_at=clock.now() - timedelta(days=90),
                          ends_at=clock.now() - timedelta(days=89),
                          next_dates="Nach der Tagung in Musterstadt")  # fmt: skip
        meeting_of(council, **INSIDE)
        client = cast.client("chair")
        text = body(client.get(PAGE))
        assert "Nach der Tagung in Musterstadt" in text
        assert "Rat: Vorige Sitzung" not in text
        month = f"?monat={past.starts_at.astimezone(ZONE):%Y-%m}"
        assert "Rat: Vorige Sitzung" in body(client.get(PAGE + month))
        assert "Rat: Frühjahrssitzung" not in body(client.get(PAGE + "?zeit=vorbei"))
        assert "Rat: Frühjahrssitzung" not in body(client.get(PAGE + "?art=external"))
        assert "Rat: Frühjahrssitzung" in body(client.get(PAGE + "?suche=haus&als=csv"))

    def test_external_dates_of_a_meeting(self, cast: Cast, item: AgendaItem) -> None:
        Outcome.objects.create(
            item=item, kind="external_date", text="Tag der Wirtschaft",
            on_day=clock.today() + timedelta(days=9),
        )  # fmt: skip
        assert "Tag der Wirtschaft" in body(cast.client("voter").get(PAGE))
        assert "Tag der Wirtschaft" not in body(cast.client("member").get(PAGE))

    def test_queries_do_not_grow(
        self, cast: Cast, council: Body, item: AgendaItem, count_queries: Any
    ) -> None:
        client = cast.client("voter")
        counts = []
        for _round in range(2):
            for _n in range(2):
                meeting_of(council, **INSIDE)
                Outcome.objects.create(
                    item=item, kind="external_date", text="Tag", on_day=clock.today()
                )
            with count_queries() as found:
                client.get(PAGE)
            counts.append(found.count)
        assert counts[0] == counts[1] <= 8


class TestFile:
    def test_ten_o_clock_stays_ten_o_clock_across_the_change(
        self, cast: Cast, council: Body, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """T49: a weekly meeting before and after the night in which the clock changes."""
        now = datetime(2027, 3, 1, 12, tzinfo=ZONE)
        monkeypatch.setattr(clock, "now", lambda: now)
        for week, day in enumerate((24, 31), start=1):
            begin = datetime(2027, 3, day, 10, tzinfo=ZONE)
            meeting_of(council, title=f"Woche {week}", starts_at=begin,
                       ends_at=begin + timedelta(hours=1), state="invited")  # fmt: skip
        content = make.body(cast.client("chair").get(FILE))
        found = events(content)
        starts = [found[f"Rat: Woche {n}"].decoded("DTSTART") for n in (1, 2)]
        assert [start.strftime("%d. %H:%M") for start in starts] == ["24. 10:00", "31. 10:00"]
        assert [start.utcoffset() for start in starts] == [timedelta(hours=1), timedelta(hours=2)]
        assert b"TZID=Europe/Berlin" in content
        zones = Calendar.from_ical(content).walk("VTIMEZONE")
        assert [str(zone["TZID"]) for zone in zones] == ["Europe/Berlin"]

    def test_uid_stays_and_sequence_rises(self, cast: Cast, council: Body) -> None:
        meeting = meeting_of(council, **INSIDE)
        client = cast.client("voter")
        before = events(make.body(client.get(FILE)))["Rat: Frühjahrssitzung"]
        Meeting.objects.filter(pk=meeting.pk).update(state="cancelled", sequence=3)
        after = events(make.body(client.get(FILE)))["Rat: Frühjahrssitzung"]
        assert before["UID"] == after["UID"]
        assert str(after["UID"]).startswith(str(meeting.uuid))
        assert (before["STATUS"], before["SEQUENCE"]) == ("CONFIRMED", 0)
        assert (after["STATUS"], after["SEQUENCE"]) == ("CANCELLED", 3)
        assert before["LOCATION"] == "Haus der Wirtschaft"
        assert "raum.beispiel.test" in str(before["DESCRIPTION"])

    def test_no_cache_keeps_it_and_others_get_no_place(self, cast: Cast, open_group: Body) -> None:
        meeting_of(open_group, **INSIDE)
        response = cast.client("member").get(FILE)
        assert "no-store" in response["Cache-Control"]
        event = events(make.body(response))["Sitzung: Arbeitsgruppe Lotsen"]
        assert "LOCATION" not in event
        assert "DESCRIPTION" not in event

    def test_a_day_is_a_day(self, cast: Cast, item: AgendaItem) -> None:
        day = clock.today() + timedelta(days=9)
        Outcome.objects.create(item=item, kind="external_date", text="Tag", on_day=day)
        found = events(make.body(cast.client("voter").get(FILE)))
        assert found["Tag"].decoded("DTSTART") == day


class TestFeed:
    def test_members_find_their_meetings_with_place_and_link(
        self, cast: Cast, council: Body, open_group: Body
    ) -> None:
        meeting_of(council, **INSIDE)
        meeting_of(open_group, **INSIDE)
        found = feed(cast, "voter")
        assert set(found) == {"Rat: Frühjahrssitzung"}
        assert found["Rat: Frühjahrssitzung"]["LOCATION"] == "Haus der Wirtschaft"
        assert feed(cast, "chair")["Rat: Frühjahrssitzung"]["LOCATION"] == "Haus der Wirtschaft"
        assert feed(cast, "member") == {}

    def test_a_role_with_a_second_factor_gives_the_link_body_and_time_only(
        self, cast: Cast, council: Body
    ) -> None:
        """T14: the secret link never is strong, and the minute taker still sees when to come."""
        meeting = meeting_of(council, **INSIDE)
        event = feed(cast, "minute_taker")["Sitzung: Rat"]
        assert event.decoded("DTSTART") == meeting.starts_at
        assert "LOCATION" not in event
        assert "DESCRIPTION" not in event
        assert "URL" not in event

    def test_an_invited_guest_finds_that_meeting(self, cast: Cast, council: Body) -> None:
        meeting = meeting_of(council, **INSIDE)
        meeting_of(council, title="Ohne Gast")
        Attendance.objects.create(
            meeting=meeting,
            person=cast["member"],
            name="Mats Behrens",
            part="guest",
            invited_at=clock.now(),
        )
        assert set(feed(cast, "member")) == {"Rat: Frühjahrssitzung"}

    def test_it_ends_with_the_seat(self, cast: Cast, council: Body) -> None:
        meeting_of(council, **INSIDE)
        holder = council.mandates.get().holders.get()
        mandates.unseat(holder, actor=COMMAND, reason="Andere Aufgabe")
        assert feed(cast, "voter") == {}
        RoleGrant.objects.filter(person=cast["minute_taker"]).update(ended_at=clock.now())
        assert feed(cast, "minute_taker") == {}

    def test_offices_at_large_do_not_fill_it(self, cast: Cast, council: Body) -> None:
        meeting_of(council, **INSIDE)
        assert feed(cast, "office") == {}
        own = make.body(cast.client("office").get("/heute/termine.ics"))
        assert events(own) == {}

    def test_appointments_of_the_own_organisation(self, cast: Cast) -> None:
        begin = clock.now() + timedelta(days=3)
        appointments.create_appointment(
            cast.network, actor=COMMAND, title="Besuch im Betrieb", starts_at=begin,
            ends_at=begin + timedelta(hours=2), organisations=[cast.org_a, cast.org_b],
        )  # fmt: skip
        assert set(feed(cast, "member")) == {"Besuch im Betrieb"}
        assert feed(cast, "voter") == {}
