"""One person speaks for one seat of a body, and for one seat at a meeting."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse

from lotse.foundation.core import clock, once
from lotse.foundation.core.actor import COMMAND
from lotse.foundation.core.errors import Refused
from lotse.foundation.parties.models import Body, Person
from lotse.foundation.parties.services import merging
from lotse.rooms.bodies.models import Attendance, Charter, Holder, Mandate, Meeting
from lotse.rooms.bodies.queries.presence import present_at
from lotse.rooms.bodies.services import mandates, presence, replying
from tests import people
from tests.people import Cast
from tests.rooms.bodies.conftest import meeting_of
from tests.rooms.bodies.preparing import attendance, invite, page, post, send
from tests.rooms.bodies.writing import at_once, real_database

DAY = timedelta(days=1)
ALREADY = "vertritt in diesem Gremium schon ein anderes Mandat"


@pytest.fixture
def seat(council: Body) -> Mandate:
    """The seat of organisation B, held by `voter`."""
    return Mandate.objects.get(body=council)


@pytest.fixture
def second(cast: Cast, council: Body) -> Mandate:
    """A vacant seat of organisation A."""
    return mandates.create_mandate(council, actor=COMMAND, organisation=cast.org_a)


@pytest.fixture
def running(council: Body) -> Meeting:
    begin = clock.now() - timedelta(hours=1)
    return meeting_of(
        council, state=Meeting.State.RUNNING, opened_at=begin, starts_at=begin,
        ends_at=begin + timedelta(hours=4),
    )  # fmt: skip


def delegates(mandate: Mandate) -> list[Person]:
    rows = mandate.holders.filter(part="delegate").order_by("pk")
    return [one.person for one in rows.select_related("person")]


class TestSeats:
    def test_no_second_seat_in_one_body(self, cast: Cast, seat: Mandate, second: Mandate) -> None:
        url = reverse("bodies:mandate-fill", args=[second.uuid])
        data = {"person": str(cast["voter"].uuid), "part": "delegate",
                "starts_on": clock.today().isoformat(), "_key": once.new_key()}  # fmt: skip
        mandates.seat_person(second, cast["member"], actor=COMMAND)

        answer = cast.client("office").post(url, data)

        assert answer.status_code == 422
        assert ALREADY in answer.content.decode()
        assert delegates(second) == [cast["member"]]
        # As a deputy they may sit there.
        assert cast.client("office").post(url, data | {"part": "deputy"}).status_code == 302
        assert second.holders.get(part="deputy").person == cast["voter"]

    def test_nor_by_a_new_seat_or_one_without_a_vote(self, cast: Cast, council: Body) -> None:
        for kind in ("seat", "guest"):
            with pytest.raises(Refused, match=ALREADY):
                mandates.open_seat(council, actor=COMMAND, person=cast["voter"], kind=kind)

    def test_nor_by_joining_before_the_own_seat_begins(self, cast: Cast, council: Body) -> None:
        Charter.objects.filter(body=council).update(is_open=True, level="network")
        later = mandates.create_mandate(council, actor=COMMAND, starts_on=clock.today() + DAY)
        mandates.seat_person(later, cast["member"], actor=COMMAND)
        body = Body.objects.get(pk=council.pk)
        with pytest.raises(Refused, match=ALREADY):
            mandates.join(body, actor=cast.actor("member"), organisation=None)

    def test_one_after_the_other_and_in_another_body_is_fine(
        self, cast: Cast, seat: Mandate, second: Mandate
    ) -> None:
        last = clock.today() + 10 * DAY
        mandates.change_mandate(seat, actor=COMMAND, expected=seat.version, ends_on=last)
        with pytest.raises(Refused, match=ALREADY):
            mandates.seat_person(second, cast["voter"], actor=COMMAND, starts_on=last)
        mandates.seat_person(second, cast["voter"], actor=COMMAND, starts_on=last + DAY)
        assert delegates(second) == [cast["voter"]]
        # Prolonged, the first one would reach into the second.
        seat.refresh_from_db()
        with pytest.raises(Refused, match="an diesen Tagen"):
            mandates.change_mandate(
                seat, actor=COMMAND, expected=seat.version, ends_on=last + 2 * DAY
            )
        other = Body.objects.create(network=cast.network, name="Beirat", kind="council")
        Charter.objects.create(body=other)
        elsewhere = mandates.create_mandate(other, actor=COMMAND, organisation=cast.org_b)
        assert mandates.seat_person(elsewhere, cast["voter"], actor=COMMAND).pk

    def test_who_is_found_to_be_one_keeps_the_seat_with_a_vote(
        self, cast: Cast, council: Body, seat: Mandate
    ) -> None:
        guest = mandates.create_mandate(council, actor=COMMAND, kind="guest")
        double = people.person("Volker Stim", account=False, home=cast.network)
        mandates.seat_person(guest, double, actor=COMMAND)
        merging.merge(double, cast["voter"], actor=COMMAND)
        today = clock.today()
        held = {one.mandate_id: one for one in Holder.objects.all()}
        assert {one.person_id for one in held.values()} == {double.pk}
        assert held[seat.pk].ends_on is None
        assert held[guest.pk].ends_on == today - DAY

    def test_a_deputy_who_moves_up_has_the_vote_at_meetings_to_come(
        self, cast: Cast, seat: Mandate
    ) -> None:
        meeting = meeting_of(seat.body)
        mandates.seat_person(seat, cast["member"], actor=COMMAND, part="deputy")
        invite(cast, meeting)
        before = attendance(cast, meeting, "member")
        assert (before.part, before.mandate) == ("deputy", seat)

        mandates.seat_person(seat, cast["member"], actor=COMMAND)

        own = attendance(cast, meeting, "member")
        assert (own.part, own.mandate, own.organisation) == ("member", seat, "Brandt GmbH")
        assert attendance(cast, meeting, "voter").mandate is None


@pytest.mark.django_db(transaction=True)
def test_two_who_seat_one_person_at_once(cast: Cast, council: Body, tmp_path: Path) -> None:
    """On two seats of one body: one of both is told."""
    person = cast["member"]

    def put(name: str) -> Any:
        home = people.organisation(cast.network, name)
        made = mandates.create_mandate(council, actor=COMMAND, organisation=home)

        def act() -> str:
            found = Mandate.objects.select_related("body__network").get(pk=made.pk)
            try:
                mandates.seat_person(found, person, actor=COMMAND)
            except Refused:
                return "told"
            return "seated"

        return act

    acts = [put(name) for name in ("Chor", "Dachverband", "Verein")]
    with real_database(tmp_path):
        assert sorted(at_once(acts)) == ["seated", "told", "told"]


class TestAnswers:
    """Two seats with a vote: `voter` and `member` hold them; each is deputy of the other."""

    @pytest.fixture(autouse=True)
    def seats(self, cast: Cast, seat: Mandate, second: Mandate) -> None:
        mandates.seat_person(second, cast["member"], actor=COMMAND)
        mandates.seat_person(seat, cast["member"], actor=COMMAND, part="deputy")
        for mandate in (seat, second):
            mandates.seat_person(mandate, cast["adviser"], actor=COMMAND, part="deputy")

    def answer(self, cast: Cast, meeting: Meeting, role: str, **stand_in: Any) -> None:
        row = attendance(cast, meeting, role)
        replying.answer(
            row, actor=cast.actor(role), expected=row.version, reply="deputy",
            stand_in=replying.StandIn(**stand_in),
        )  # fmt: skip

    def test_who_has_a_seat_is_neither_offered_nor_sent(
        self, cast: Cast, meeting: Meeting, seat: Mandate
    ) -> None:
        invite(cast, meeting)
        busy = seat.holders.get(person=cast["member"])
        text = page(cast, "voter", "reply", meeting)
        assert str(seat.holders.get(person=cast["adviser"]).uuid) in text
        assert str(busy.uuid) not in text
        sent = post(cast, "voter", "reply", meeting, reply="deputy", deputy=str(busy.uuid))
        assert sent.status_code == 422
        assert "selbst eingeladen oder vertritt schon" in sent.content.decode()
        with pytest.raises(Refused, match="schon selbst eingeladen"):
            self.answer(cast, meeting, "voter", holder=busy.uuid)
        # The seat came after the invitation: then it is not on the list yet.
        Attendance.objects.filter(person=cast["member"]).delete()
        with pytest.raises(Refused, match="schon ein eigenes Mandat"):
            self.answer(cast, meeting, "voter", holder=busy.uuid)

    def test_nobody_is_sent_for_two_seats(
        self, cast: Cast, meeting: Meeting, seat: Mandate, second: Mandate
    ) -> None:
        invite(cast, meeting)
        self.answer(cast, meeting, "voter", holder=seat.holders.get(person=cast["adviser"]).uuid)
        again = second.holders.get(person=cast["adviser"])
        assert str(again.uuid) not in page(cast, "member", "reply", meeting)
        with pytest.raises(Refused, match="schon ein anderes Mandat"):
            self.answer(cast, meeting, "member", holder=again.uuid)
        assert attendance(cast, meeting, "adviser").stands_for == attendance(cast, meeting)
        # For the first seat the choice stays as it was.
        mine = str(seat.holders.get(person=cast["adviser"]).uuid)
        assert mine in page(cast, "voter", "reply", meeting)

    def test_nor_by_name(self, cast: Cast, meeting: Meeting) -> None:
        invite(cast, meeting)
        path = reverse("bodies:reply", args=[meeting.uuid])
        sent = send(
            cast.client("voter"), path, attendance(cast, meeting), reply="deputy", deputy="",
            deputy_name="mats  behrens", deputy_email="m@beispiel.test",
        )  # fmt: skip
        assert sent.status_code == 422
        assert "steht schon für ein Mandat auf der Liste" in sent.content.decode()
        assert "m@beispiel.test" in sent.content.decode()
        assert attendance(cast, meeting).reply == "none"
        self.answer(cast, meeting, "voter", name="Mats Behrens (Vertrieb)", email="m@beispiel.test")
        assert attendance(cast, meeting).reply == "deputy"

    def test_the_page_asks_the_same_number_of_queries(
        self, cast: Cast, meeting: Meeting, seat: Mandate, count_queries: Any
    ) -> None:
        counts = []
        for number in (0, 2):
            for n in range(number):
                mandates.seat_person(seat, people.person(f"Kim {n}"), actor=COMMAND, part="deputy")
            invite(cast, meeting)
            client = cast.client("voter")
            client.get(url := reverse("bodies:reply", args=[meeting.uuid]))
            with count_queries() as queries:
                assert client.get(url).status_code == 200
            counts.append(queries.count)
        assert counts[0] == counts[1] <= 12, queries.counted


class TestAtTheMeeting:
    def sent(self, second: Mandate, name: str) -> dict[str, str]:
        return {"name": name, "seat": str(second.uuid), "organisation": "Kammer",
                "_key": once.new_key()}  # fmt: skip

    def test_who_is_there_for_a_seat_is_not_entered_for_another(
        self, cast: Cast, running: Meeting, second: Mandate
    ) -> None:
        client, url = cast.client("chair"), reverse("bodies:presence-deputy", args=[running.uuid])
        for _time in ("not on the list yet", "on it"):
            answer = client.post(url, self.sent(second, " volker STIMM"))
            text = answer.content.decode()
            assert answer.status_code == 422
            assert "steht schon für ein Mandat auf der Liste" in text
            assert 'value="Kammer"' in text
            presence.check_in(running, actor=cast.actor("voter"))
        assert not Attendance.objects.filter(part="deputy").exists()
        other = self.sent(second, "Volker Stimm (Ausbildung)")
        assert client.post(url, other).status_code == 302
        assert present_at(running).voting == 2

    def test_a_deputy_is_entered_for_one_seat_only(
        self, cast: Cast, running: Meeting, seat: Mandate, second: Mandate
    ) -> None:
        actor = cast.actor("chair")
        values: dict[str, Any] = {"actor": actor, "name": "Vera Tretung", "part": "deputy"}
        presence.add_person(running, mandate=seat, **values)
        with pytest.raises(Refused, match="steht schon für ein Mandat"):
            presence.add_person(running, mandate=second, **values)
        assert Attendance.objects.filter(name="Vera Tretung").count() == 1
        guest = presence.add_person(running, actor=actor, name="Vera Tretung")
        assert guest.part == "guest"

    def test_a_delegate_is_not_ticked_for_another_seat(
        self, cast: Cast, running: Meeting, second: Mandate
    ) -> None:
        holder = mandates.seat_person(second, cast["voter"], actor=COMMAND, part="deputy")
        client, url = cast.client("chair"), reverse("bodies:presence", args=[running.uuid])
        assert str(holder.uuid) not in client.get(url).content.decode()
        answer = client.post(url, {"who": f"h-{holder.uuid}", "act": "arrive"})
        assert answer.status_code == 422
        assert "ein eigenes Mandat" in answer.content.decode()
        assert not Attendance.objects.exists()

    def test_ticking_costs_the_same_for_one_and_for_three(
        self, cast: Cast, running: Meeting, count_queries: Any
    ) -> None:
        client, url = cast.client("chair"), reverse("bodies:presence", args=[running.uuid])
        client.get(url)
        counts = []
        for number in (1, 3):
            ticked = []
            for n in range(number):
                home = people.organisation(cast.network, f"Verein {number} {n}")
                mandate = mandates.create_mandate(running.body, actor=COMMAND, organisation=home)
                for part in ("delegate", "deputy"):
                    who = people.person(f"Kim {part}{number}{n}")
                    made = mandates.seat_person(mandate, who, actor=COMMAND, part=part)
                    ticked.append(f"h-{made.uuid}")
            with count_queries() as queries:
                answer = client.post(url, {"who": ticked, "act": "excuse"})
            assert answer.status_code == 302
            made_now = [one for one in queries.counted if 'INTO "bodies_attendance"' in one]
            assert len(made_now) == 1, "\n".join(queries.counted)
            read = [one for one in queries.counted if one.startswith("SELECT")]
            counts.append(len(read))
        assert counts[0] == counts[1], "\n".join(queries.counted)
        assert Attendance.objects.filter(meeting=running, excused=True).count() == 8
