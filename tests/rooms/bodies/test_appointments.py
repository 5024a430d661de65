"""Joint appointments of several partners in one region (S2-15)."""

from datetime import timedelta
from typing import Any

import pytest
from icalendar import Calendar

from lotse.foundation.core import clock
from lotse.foundation.core.actor import COMMAND
from lotse.foundation.core.errors import NotAllowed, Refused
from lotse.foundation.topics.models import Region
from lotse.rooms.bodies.models import Appointment
from lotse.rooms.bodies.services import appointments
from tests import make, people
from tests.people import Cast

pytestmark = pytest.mark.django_db
LIST = "/gremien/termine/"


@pytest.fixture
def region(db: None) -> Region:
    return Region.objects.create(key="99999", name="Beispielkreis", kind="kreis")


def typed(cast: Cast, **more: Any) -> dict[str, Any]:
    return {
        "title": "Besuch im Betrieb", "day": "2027-03-01", "begins": "10:00", "ends": "12:00",
        "place": "Musterstadt", "text": "Bitte feste Schuhe",
        "organisations": [str(cast.org_a.uuid), str(cast.org_b.uuid)],
    } | more  # fmt: skip


@pytest.fixture
def one(cast: Cast) -> Appointment:
    begin = clock.now() + timedelta(days=10)
    return appointments.create_appointment(
        cast.network, actor=COMMAND, title="Besuch im Betrieb", starts_at=begin,
        ends_at=begin + timedelta(hours=2), organisations=[cast.org_a, cast.org_b],
    )  # fmt: skip


def page(one: Appointment, more: str = "") -> str:
    return f"/gremien/termin/{one.uuid}/{more}"


def body(response: Any) -> str:
    return make.body(response).decode()


class TestMaking:
    def test_made_once_on_the_wall_clock(self, cast: Cast, region: Region) -> None:
        client = cast.client("editor_a")
        for _n in range(2):
            data = typed(cast, region=region.key, _key="t" * 20)
            assert client.post(LIST + "neu/", data).status_code == 302
        found = Appointment.objects.get()
        assert found.starts_at.isoformat() == "2027-03-01T09:00:00+00:00"
        assert found.region == region
        text = body(cast.client("member").get(page(found)))
        for told in ("Montag, 1. März 2027, 10:00 bis 12:00 Uhr", "Ahrens hilft e. V., Brandt GmbH",
                     "Beispielkreis", "Bitte feste Schuhe"):  # fmt: skip
            assert told in text

    @pytest.mark.parametrize(("more", "said"), [
        ({"ends": "09:00"}, "Das Ende liegt nicht nach dem Beginn."),
        ({"begins": "25:00"}, "Diese Uhrzeit gibt es nicht."),
        ({"day": "2027-03-28", "begins": "02:30"}, "beginnt die Sommerzeit"),
        ({"day": ""}, "Bitte füllen Sie dieses Feld aus."),
        ({"organisations": []}, "mindestens zwei Organisationen"),
        ({"organisations": ["Unsinn"]}, "nur Organisationen aus der Liste"),
        ({"region": "12345"}, "12345"),
    ])  # fmt: skip
    def test_a_fault_is_named_and_nothing_lost(
        self, cast: Cast, more: dict[str, Any], said: str
    ) -> None:
        response = cast.client("office").post(LIST + "neu/", typed(cast, **more))
        assert response.status_code == 422
        text = body(response)
        assert said in text
        assert "Bitte feste Schuhe" in text
        assert not Appointment.objects.exists()

    def test_one_partner_is_too_few(self, cast: Cast) -> None:
        data = typed(cast, organisations=[str(cast.org_a.uuid)])
        assert cast.client("editor_a").post(LIST + "neu/", data).status_code == 422

    def test_an_editor_takes_part_with_the_own_organisation(self, cast: Cast) -> None:
        third = people.organisation(cast.network, "Chor e. V.")
        data = typed(cast, organisations=[str(cast.org_b.uuid), str(third.uuid)])
        assert cast.client("editor_a").post(LIST + "neu/", data).status_code == 422
        assert cast.client("coordinator").post(LIST + "neu/", data).status_code == 302

    def test_the_hour_that_comes_twice_is_the_first(self, cast: Cast) -> None:
        data = typed(cast, day="2027-10-31", begins="02:30", ends="04:00")
        assert cast.client("office").post(LIST + "neu/", data).status_code == 302
        assert Appointment.objects.get().starts_at.isoformat() == "2027-10-31T00:30:00+00:00"

    @pytest.mark.parametrize(("role", "read", "make_", "change"), [
        ("office", 200, 200, 200), ("coordinator", 200, 200, 200), ("editor_a", 200, 200, 200),
        ("editor_b", 200, 200, 200), ("operator", 200, 200, 200), ("member", 200, 403, 403),
        ("voter", 200, 403, 403), ("auditor", 200, 403, 403), ("foreign_office", 404, 403, 404),
        ("registered", 404, 403, 404), ("anonymous", 302, 302, 302),
    ])  # fmt: skip
    def test_who_may(
        self, cast: Cast, one: Appointment, role: str, read: int, make_: int, change: int
    ) -> None:
        client = cast.client(role)
        assert client.get(page(one)).status_code == read
        assert client.get(page(one, "termin.ics")).status_code == read
        assert client.get(LIST + "neu/").status_code == make_
        assert client.get(page(one, "aendern/")).status_code == change

    def test_organisations_of_other_networks_are_refused(self, cast: Cast) -> None:
        foreign = people.organisation(cast.other, "Weit weg GmbH")
        begin = clock.now()
        with pytest.raises(Refused):
            appointments.create_appointment(
                cast.network, actor=COMMAND, title="Besuch", starts_at=begin,
                ends_at=begin + timedelta(hours=1), organisations=[cast.org_a, foreign],
            )  # fmt: skip


class TestChanging:
    def event(self, cast: Cast, one: Appointment) -> Any:
        content = make.body(cast.client("member").get(page(one, "termin.ics")))
        return Calendar.from_ical(content).walk("VEVENT")[0]

    def test_calendars_follow_a_change_and_a_cancellation(
        self, cast: Cast, one: Appointment
    ) -> None:
        before = self.event(cast, one)
        client = cast.client("editor_b")
        assert client.post(page(one, "aendern/"), typed(cast, version="1")).status_code == 302
        after = self.event(cast, one)
        assert after["UID"] == before["UID"]
        assert after["SEQUENCE"] == before["SEQUENCE"] + 1
        assert after.decoded("DTSTART").utcoffset() == timedelta(hours=1)
        assert client.post(page(one, "absagen/"), {"version": "2"}).status_code == 302
        off = self.event(cast, one)
        assert (off["STATUS"], off["SEQUENCE"]) == ("CANCELLED", after["SEQUENCE"] + 1)
        assert off["UID"] == before["UID"]
        assert "Dieser Termin ist abgesagt" in body(client.get(page(one)))

    def test_what_is_called_off_stays_so(self, cast: Cast, one: Appointment) -> None:
        office = cast.actor("office")
        appointments.cancel_appointment(one, actor=office, expected=1)
        with pytest.raises(Refused):
            appointments.cancel_appointment(one, actor=office, expected=2)
        response = cast.client("office").post(page(one, "aendern/"), typed(cast, version="2"))
        assert response.status_code == 422

    def test_two_who_change_it(self, cast: Cast, one: Appointment) -> None:
        client = cast.client("office")
        data = typed(cast, version="1", place="Erster Ort")
        assert client.post(page(one, "aendern/"), data).status_code == 302
        response = client.post(page(one, "aendern/"), data | {"place": "Zweiter Ort"})
        text = body(response)
        assert response.status_code == 409
        assert "Erster Ort" in text
        assert "Zweiter Ort" in text
        assert client.post(page(one, "absagen/"), {"version": "1"}).status_code == 409

    def test_the_form_is_filled_with_what_is_stored(self, cast: Cast, one: Appointment) -> None:
        text = body(cast.client("office").get(page(one, "aendern/")))
        assert text.count(" checked") == 2
        assert 'value="Besuch im Betrieb"' in text

    def test_others_change_nothing(self, cast: Cast, one: Appointment) -> None:
        with pytest.raises(NotAllowed):
            appointments.cancel_appointment(one, actor=cast.actor("member"), expected=1)
        assert cast.client("member").post(page(one, "absagen/"), {}).status_code == 403


class TestList:
    def test_by_region_time_and_partner(self, cast: Cast, one: Appointment, region: Region) -> None:
        begin = clock.now() - timedelta(days=30)
        appointments.create_appointment(
            cast.network, actor=COMMAND, title="Runder Tisch", starts_at=begin, region=region,
            ends_at=begin + timedelta(hours=2), organisations=[cast.org_a, cast.org_b],
        )  # fmt: skip
        client = cast.client("member")
        assert "Runder Tisch" not in body(client.get(LIST))
        assert "Besuch im Betrieb" in body(client.get(LIST))
        text = body(client.get(LIST + "?zeit=alle&region=99999"))
        assert "Runder Tisch" in text
        assert "Besuch im Betrieb" not in text
        assert "Besuch im Betrieb" in body(client.get(LIST + "?suche=brandt"))
        assert "Runder Tisch" in body(client.get(LIST + "?zeit=vorbei&als=csv"))

    def test_queries_do_not_grow(self, cast: Cast, one: Appointment, count_queries: Any) -> None:
        client = cast.client("editor_a")
        counts = []
        for _round in range(2):
            with count_queries() as found:
                client.get(LIST)
            counts.append(found.count)
            for _n in range(2):
                begin = clock.now() + timedelta(days=5)
                appointments.create_appointment(
                    cast.network, actor=COMMAND, title="Mehr", starts_at=begin,
                    ends_at=begin + timedelta(hours=2), organisations=[cast.org_a, cast.org_b],
                )  # fmt: skip
        assert counts[0] == counts[1] <= 8
