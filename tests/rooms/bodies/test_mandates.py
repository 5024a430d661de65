"""Seats: made, changed, ended, filled by the office or by the organisation, given back."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from lotse.foundation.core import clock, once
from lotse.foundation.core.actor import COMMAND
from lotse.foundation.core.errors import Conflict, NotAllowed, Refused
from lotse.foundation.core.models import LogEntry, OutboxMail
from lotse.foundation.parties.models import Affiliation, Body, RoleGrant
from lotse.foundation.parties.services import people as parties
from lotse.rooms.bodies.models import Holder, Mandate
from lotse.rooms.bodies.queries.members import left_behind
from lotse.rooms.bodies.services import bodies, mandates
from tests import people
from tests.people import Cast

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture
def seat(council: Body) -> Mandate:
    """The seat of organisation B, held by `voter`."""
    return Mandate.objects.get(body=council)


@pytest.fixture
def seat_a(cast: Cast, council: Body) -> Mandate:
    """A vacant seat of organisation A, which `editor_a` may represent."""
    return mandates.create_mandate(council, actor=COMMAND, organisation=cast.org_a)


def status(client: Client, name: str, *args: Any) -> int:
    return int(client.get(reverse(f"bodies:{name}", args=args)).status_code)


def text(client: Client, name: str, *args: Any) -> str:
    response = client.get(reverse(f"bodies:{name}", args=args))
    assert response.status_code == 200
    return str(response.content.decode())


def new_seat(cast: Cast, **values: Any) -> dict[str, Any]:
    return {
        "organisation": str(cast.org_a.uuid), "person": "", "kind": "seat", "with_vote": "on",
        "starts_on": clock.today().isoformat(), "ends_on": "", "in_return": "", "note": "",
        "_key": once.new_key(),
    } | values  # fmt: skip


def test_the_office_makes_a_seat_once_and_fills_it(cast: Cast, council: Body) -> None:
    client, url = cast.client("office"), reverse("bodies:mandate-new", args=[council.uuid])
    data = new_seat(cast, person=str(cast["member"].uuid), in_return="Sitz im Beirat nebenan")
    answers = [client.post(url, data) for _time in range(2)]
    seat = Mandate.objects.get(body=council, organisation=cast.org_a)
    assert {answer["Location"] for answer in answers} == {
        reverse("bodies:mandate", args=[seat.uuid])
    }
    assert seat.weight == 1
    assert seat.holders.get().person == cast["member"]
    assert "Sitz im Beirat nebenan" in text(cast.client("member"), "mandate", seat.uuid)
    assert LogEntry.objects.filter(code="bodies.mandate.created", subject_uuid=council.uuid,
                                   object_uuid=seat.uuid).count() == 1  # fmt: skip
    assert client.post(url, data | {"_key": once.new_key()}).status_code == 422


def test_a_seat_may_be_a_persons_and_a_guest_has_no_vote(cast: Cast, council: Body) -> None:
    client, url = cast.client("office"), reverse("bodies:mandate-new", args=[council.uuid])
    data = new_seat(cast, organisation="", person=str(cast["adviser"].uuid), kind="guest")
    assert client.post(url, data).status_code == 302
    seat = Mandate.objects.get(kind="guest")
    assert (seat.organisation, seat.with_vote) == (None, False)
    assert status(cast.client("adviser"), "body", council.uuid) == 200
    with pytest.raises(Refused):
        mandates.change_mandate(
            seat, actor=cast.actor("office"), expected=seat.version, with_vote=True
        )


@pytest.mark.parametrize(("wrong", "field"), [
    ({"organisation": ""}, "organisation"), ({"kind": "joined"}, "kind"),
    ({"ends_on": "2020-01-01"}, "ends_on"), ({"starts_on": "bald"}, "starts_on"),
    ({"person": "niemand"}, "person"),
])  # fmt: skip
def test_wrong_input_comes_back(
    cast: Cast, council: Body, wrong: dict[str, str], field: str
) -> None:
    url = reverse("bodies:mandate-new", args=[council.uuid])
    response = cast.client("office").post(url, new_seat(cast, note="Bitte prüfen", **wrong))
    assert response.status_code == 422
    assert field in response.context["form"].errors
    assert "Bitte prüfen" in response.content.decode()
    assert council.mandates.count() == 1


def test_a_seat_of_another_network_is_refused_and_unknown(cast: Cast, seat: Mandate) -> None:
    elsewhere = people.organisation(cast.other, "Verein nebenan")
    with pytest.raises(Refused):
        mandates.create_mandate(seat.body, actor=COMMAND, organisation=elsewhere)
    for name in ("mandate", "mandate-edit", "mandate-end", "mandate-fill"):
        assert status(cast.client("foreign_office"), name, seat.uuid) == 404
        assert status(cast.client("member"), name, seat.uuid) == 404


def test_rights_end_with_the_seat_at_the_next_request(
    cast: Cast, council: Body, seat: Mandate
) -> None:
    voter, office = cast.client("voter"), cast.client("office")
    assert status(voter, "body", council.uuid) == 200
    url = reverse("bodies:mandate-end", args=[seat.uuid])
    data = {"reason": "Austritt aus dem Netzwerk", "version": str(seat.version)}
    assert office.post(url, data | {"reason": ""}).status_code == 422
    assert office.post(url, data | {"version": "77"}).status_code == 409
    assert office.post(url, data).status_code == 302
    assert status(voter, "body", council.uuid) == 404
    assert status(voter, "mandate", seat.uuid) == 404
    assert "Austritt aus dem Netzwerk" in text(office, "mandate", seat.uuid)
    seat.refresh_from_db()
    again = office.post(url, data | {"version": str(seat.version)})
    assert again.status_code == 422
    assert LogEntry.objects.filter(code="bodies.mandate.ended").count() == 1


def test_a_seat_that_ends_takes_along_who_was_to_come(
    cast: Cast, council: Body, seat: Mandate
) -> None:
    mandates.seat_person(seat, cast["member"], actor=COMMAND, starts_on=clock.today() + 5 * DAY)
    mandates.end_mandate(seat, actor=COMMAND, expected=seat.version, reason="Austritt")
    assert not RoleGrant.objects.filter(
        held_in_uuid=council.uuid, role="delegate", ended_at=None
    ).exists()


def test_rights_begin_and_end_by_date(cast: Cast, council: Body, seat: Mandate) -> None:
    today = clock.today()
    later = mandates.create_mandate(
        council, actor=COMMAND, organisation=cast.org_a, starts_on=today + DAY
    )
    mandates.seat_person(later, cast["member"], actor=COMMAND)
    assert status(cast.client("member"), "body", council.uuid) == 404
    mandates.change_mandate(seat, actor=COMMAND, expected=seat.version, ends_on=today)
    assert status(cast.client("voter"), "body", council.uuid) == 200
    RoleGrant.objects.filter(person=cast["voter"]).update(ends_on=today - DAY)
    assert status(cast.client("voter"), "body", council.uuid) == 404


def test_a_later_end_holds_for_those_who_sit_as_long_as_the_seat(cast: Cast, seat: Mandate) -> None:
    today = clock.today()
    deputy = mandates.seat_person(seat, cast["member"], actor=COMMAND, part="deputy")
    mandates.seat_person(seat, cast["adviser"], actor=COMMAND, starts_on=today + 10 * DAY)
    mandates.change_mandate(seat, actor=COMMAND, expected=1, ends_on=today + 20 * DAY)
    ends = {one.person: (one.ends_on, one.grant.ends_on) for one in seat.holders.all()}  # type: ignore[union-attr]  # each has one
    assert ends[cast["voter"]] == (today + 9 * DAY, today + 9 * DAY)
    assert ends[deputy.person] == (today + 20 * DAY, today + 20 * DAY)
    mandates.change_mandate(seat, actor=COMMAND, expected=2, ends_on=today + 5 * DAY)
    ends_on = set(seat.holders.values_list("ends_on", "grant__ends_on"))
    assert ends_on == {(today + 5 * DAY, today + 5 * DAY)}


def test_change_shows_both_texts_and_refuses_nonsense(cast: Cast, seat: Mandate) -> None:
    client, url = cast.client("office"), reverse("bodies:mandate-edit", args=[seat.uuid])
    data = {"with_vote": "on", "ends_on": "", "in_return": "", "note": "Nachwahl im Mai"}
    mandates.change_mandate(seat, actor=COMMAND, expected=1, note="Bestätigt im Rat")
    response = client.post(url, data | {"version": "1"})
    assert response.status_code == 409
    for words in ("Nachwahl im Mai", "Bestätigt im Rat"):
        assert words in response.content.decode()
    past = (clock.today() - DAY).isoformat()
    assert client.post(url, data | {"version": "2", "ends_on": past}).status_code == 422
    assert client.post(url, data | {"version": "2"}).status_code == 302
    seat.refresh_from_db()
    assert seat.note == "Nachwahl im Mai"
    for role in ("chair", "voter"):
        assert cast.client(role).post(url, data).status_code == 403


def test_the_organisation_fills_its_seat_with_its_own_people(
    cast: Cast, council: Body, seat_a: Mandate
) -> None:
    client = cast.client("editor_a")
    assert status(client, "body", council.uuid) == 404
    url = reverse("bodies:mandate-fill", args=[seat_a.uuid])
    form = text(client, "mandate-fill", seat_a.uuid)
    assert str(cast["member"].uuid) in form
    assert str(cast["voter"].uuid) not in form
    assert str(cast["former"].uuid) not in form
    data = {"person": str(cast["member"].uuid), "part": "delegate",
            "starts_on": clock.today().isoformat(), "_key": once.new_key()}  # fmt: skip
    for _time in range(2):
        assert client.post(url, data).status_code == 302
    assert seat_a.holders.count() == 1
    assert status(cast.client("member"), "body", council.uuid) == 200
    assert client.post(url, data | {"_key": once.new_key()}).status_code == 422
    forged = data | {"person": str(cast["voter"].uuid), "_key": once.new_key()}
    assert client.post(url, forged).status_code == 422
    with pytest.raises(Refused):
        mandates.seat_person(seat_a, cast["voter"], actor=cast.actor("editor_a"))
    assert seat_a.holders.count() == 1


def test_who_may_not_represent_fills_nothing(cast: Cast, seat: Mandate, seat_a: Mandate) -> None:
    assert status(cast.client("voter"), "mandate-fill", seat.uuid) == 403
    assert status(cast.client("chair"), "mandate-fill", seat_a.uuid) == 403
    assert status(cast.client("editor_b"), "mandate", seat.uuid) == 404
    for role in ("chair", "member", "editor_b"):
        with pytest.raises(NotAllowed):
            mandates.seat_person(seat_a, cast["member"], actor=cast.actor(role))
    Affiliation.objects.filter(person=cast["editor_a"]).update(may_represent=False)
    assert status(cast.client("editor_a"), "mandate", seat_a.uuid) == 404


def test_the_office_seats_nobody_on_its_own_and_not_itself(cast: Cast, seat_a: Mandate) -> None:
    form = text(cast.client("office"), "mandate-fill", seat_a.uuid)
    assert str(cast["office"].uuid) not in form
    assert str(cast["voter"].uuid) in form
    with pytest.raises(NotAllowed):
        mandates.seat_person(seat_a, cast["office"], actor=cast.actor("office"))
    parties.add_seat(cast["office"], cast.org_a, actor=COMMAND, may_represent=True)
    holder = mandates.seat_person(seat_a, cast["office"], actor=cast.actor("office"))
    assert holder.person == cast["office"]


def test_a_new_delegate_takes_over_on_the_day(cast: Cast, council: Body, seat: Mandate) -> None:
    today = clock.today()
    mandates.seat_person(seat, cast["member"], actor=COMMAND, starts_on=today + 3 * DAY)
    assert status(cast.client("voter"), "body", council.uuid) == 200
    assert status(cast.client("member"), "body", council.uuid) == 404
    before = Holder.objects.get(person=cast["voter"])
    assert before.ends_on == before.grant.ends_on == today + 2 * DAY  # type: ignore[union-attr]  # it has one
    mandates.seat_person(seat, cast["adviser"], actor=COMMAND)
    assert status(cast.client("adviser"), "body", council.uuid) == 200
    assert status(cast.client("voter"), "body", council.uuid) == 404
    assert not RoleGrant.objects.filter(
        person=cast["member"], held_in_uuid=council.uuid, ended_at=None
    ).exists()


def test_deputies_stand_in_order(cast: Cast, seat: Mandate) -> None:
    actor = cast.actor("office")
    held = [mandates.seat_person(seat, cast[role], actor=actor, part="deputy")
            for role in ("member", "adviser", "registered")]  # fmt: skip
    client = cast.client("office")

    def order() -> list[int]:
        rows = seat.holders.filter(part="deputy").order_by("position", "pk")
        return [held.index(one) for one in rows]

    def move(which: int, go: str, key: str = "") -> int:
        url = reverse("bodies:holder-move", args=[seat.uuid, held[which].uuid])
        return int(client.post(url, {"go": go, "_key": key}).status_code)

    key = once.new_key()
    assert move(2, "up", key) == move(2, "up", key) == 302
    assert order() == [0, 2, 1]
    assert move(0, "down") == 302
    assert order() == [2, 0, 1]
    assert move(2, "up") == 302
    assert order() == [2, 0, 1]
    page = text(client, "mandate", seat.uuid)
    assert page.index("1. Rieke Neumann") < page.index("2. Mats Behrens") < page.index("3. Britta")
    url = reverse("bodies:holder-move", args=[seat.uuid, held[0].uuid])
    assert client.get(url).status_code == 405
    assert cast.client("voter").post(url, {"go": "up"}).status_code == 403


def test_a_person_goes_by_its_own_hand_and_nobody_elses(
    cast: Cast, council: Body, seat: Mandate
) -> None:
    held = seat.holders.get()
    url = reverse("bodies:holder-end", args=[seat.uuid, held.uuid])
    assert status(cast.client("chair"), "holder-end", seat.uuid, held.uuid) == 403
    voter = cast.client("voter")
    assert voter.post(url, {"reason": ""}).status_code == 422
    response = voter.post(url, {"reason": "Neue Stelle"})
    assert response["Location"] == reverse("bodies:own")
    assert status(voter, "body", council.uuid) == 404
    assert "nicht besetzt" in text(cast.client("office"), "mandate", seat.uuid)
    with pytest.raises(Refused):
        mandates.unseat(Holder.objects.get(), actor=COMMAND, reason="Noch einmal")
    other = reverse("bodies:holder-end", args=[mandates.create_mandate(
        council, actor=COMMAND, organisation=cast.org_a).uuid, held.uuid])  # fmt: skip
    assert cast.client("office").get(other).status_code == 404


def test_own_seats_and_those_of_ones_organisation(
    cast: Cast, seat: Mandate, seat_a: Mandate
) -> None:
    own = text(cast.client("voter"), "own")
    assert "Brandt GmbH" in own
    assert "Platz abgeben" in own
    page = text(cast.client("editor_a"), "own")
    assert "Sie sitzen in keinem Gremium" in page
    assert "nicht besetzt" in page
    assert reverse("bodies:mandate-fill", args=[seat_a.uuid]) in page
    assert "Vorsitz" in text(cast.client("chair"), "own")
    assert "Mandate Ihrer Organisation" not in text(cast.client("member"), "own")
    assert cast.client("anonymous").get(reverse("bodies:own")).status_code == 302


def test_two_saves_of_one_seat_do_not_both_win(cast: Cast, seat: Mandate) -> None:
    actor = cast.actor("office")
    mandates.change_mandate(seat, actor=actor, expected=1, note="Eins")
    with pytest.raises(Conflict):
        mandates.change_mandate(seat, actor=actor, expected=1, note="Zwei")
    assert Mandate.objects.get(pk=seat.pk).note == "Eins"


def test_a_person_that_is_erased_cannot_be_seated(cast: Cast, seat_a: Mandate) -> None:
    gone = cast["member"]
    gone.erased_at = clock.now()
    with pytest.raises(Refused):
        mandates.seat_person(seat_a, gone, actor=COMMAND)
    with pytest.raises(Refused):
        bodies.appoint(seat_a.body, gone, "chair", actor=COMMAND)
    with pytest.raises(Refused):
        mandates.open_seat(seat_a.body, actor=COMMAND)


def test_the_first_person_begins_with_the_seat_and_the_next_today(
    cast: Cast, council: Body
) -> None:
    today = clock.today()
    old = mandates.create_mandate(
        council, actor=COMMAND, organisation=cast.org_a, starts_on=today - 90 * DAY
    )
    first = mandates.seat_person(old, cast["member"], actor=COMMAND)
    deputy = mandates.seat_person(old, cast["adviser"], actor=COMMAND, part="deputy")
    assert first.starts_on == deputy.starts_on == today - 90 * DAY
    assert mandates.seat_person(old, cast["registered"], actor=COMMAND).starts_on == today


def test_nobody_begins_after_the_seat_has_ended(cast: Cast, seat_a: Mandate) -> None:
    end = clock.today() + DAY
    mandates.change_mandate(seat_a, actor=COMMAND, expected=1, ends_on=end)
    with pytest.raises(Refused):
        mandates.seat_person(seat_a, cast["adviser"], actor=COMMAND, starts_on=end + DAY)
    assert not seat_a.holders.exists()


@pytest.mark.parametrize("number", [1, 3])
def test_pages_ask_the_same_number_of_queries(
    cast: Cast, seat: Mandate, seat_a: Mandate, count_queries: Any, number: int
) -> None:
    for n in range(number):
        person = people.person(f"Kim Muster{n}")
        parties.add_seat(person, cast.org_a, actor=COMMAND)
        mandates.seat_person(seat_a, person, actor=COMMAND, part="deputy")
        body = bodies.create_body(cast.network, actor=COMMAND, name=f"AG {n}", kind="other")
        bodies.appoint(body, cast["editor_a"], "chair", actor=COMMAND)
        mandates.create_mandate(body, actor=COMMAND, organisation=cast.org_a)
    for role in ("office", "editor_a"):
        client = cast.client(role)
        for name, most in (("mandate", 10), ("mandate-fill", 12), ("own", 10)):
            args = [] if name == "own" else [seat_a.uuid]
            status(client, name, *args)
            with count_queries() as queries:
                assert status(client, name, *args) == 200
            assert queries.count <= most, "\n".join(queries.counted)


def test_people_are_told_what_they_hold_and_that_a_second_factor_lacks(
    cast: Cast, council: Body, seat_a: Mandate
) -> None:
    office = cast.actor("office")
    mandates.seat_person(seat_a, cast["member"], actor=office, part="deputy")
    told = OutboxMail.objects.get(code="bodies.seat.given")
    assert told.address == "member@beispiel.test"
    assert "Stellvertretung für Ahrens hilft e. V." in told.subject
    assert "zweiten Faktor" not in told.text
    key = once.new_key()
    for _time in range(2):
        bodies.appoint(council, cast["registered"], "minute_taker", actor=office, key=key)
    told = OutboxMail.objects.get(address="registered@beispiel.test")
    assert "zweiten Faktor" in told.text
    assert reverse("bodies:body", args=[council.uuid]) in told.text
    bodies.appoint(council, cast["voter"], "chair", actor=COMMAND)
    assert OutboxMail.objects.count() == 2


def test_the_office_hears_of_people_who_left_their_organisation(
    cast: Cast, council: Body, seat_a: Mandate
) -> None:
    mandates.seat_person(seat_a, cast["member"], actor=COMMAND)
    page = text(cast.client("office"), "mandate", seat_a.uuid)
    assert "gehört nicht zur Organisation" not in page
    assert len(left_behind(cast.network.pk)) == 1  # the voter, who holds no place in B
    Affiliation.objects.filter(person=cast["member"]).update(ends_on=clock.today() - DAY)
    assert "gehört nicht zur Organisation" in text(cast.client("office"), "mandate", seat_a.uuid)
    assert left_behind(cast.network.pk)[0].startswith("2 Mandate")
    assert left_behind(cast.other.pk) == []
