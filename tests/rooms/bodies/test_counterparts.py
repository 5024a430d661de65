"""Seats that are given for each other: each of the two mandates names the other (S1-19)."""

from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse

from lotse.foundation.core import clock, once
from lotse.foundation.core.actor import COMMAND
from lotse.foundation.core.errors import Conflict, NotAllowed, Refused
from lotse.foundation.core.models import LogEntry
from lotse.foundation.parties.models import Body
from lotse.rooms.bodies.models import Mandate
from lotse.rooms.bodies.queries.counterparts import counterparts_for
from lotse.rooms.bodies.services import bodies, mandates
from tests import make, people
from tests.people import Cast
from tests.rooms.bodies.writing import at_once, real_database

pytestmark = pytest.mark.django_db


@pytest.fixture
def seat(council: Body) -> Mandate:
    """The seat of organisation B in the council, held by `voter`."""
    return Mandate.objects.get(body=council)


@pytest.fixture
def board(cast: Cast) -> Body:
    """A body whose members alone may know it."""
    return bodies.create_body(cast.network, actor=COMMAND, name="Vorstand Ahrens", kind="board")


@pytest.fixture
def other(cast: Cast, board: Body) -> Mandate:
    """A seat of organisation A, which `editor_a` represents, in that body."""
    return mandates.create_mandate(board, actor=COMMAND, organisation=cast.org_a)


def page(cast: Cast, role: str, seat: Mandate, name: str = "mandate") -> str:
    response = cast.client(role).get(reverse(f"bodies:{name}", args=[seat.uuid]))
    assert response.status_code == 200
    return make.body(response).decode()


def save(cast: Cast, seat: Mandate, role: str = "office", **values: Any) -> Any:
    data = {"with_vote": "on", "ends_on": "", "in_return": "", "note": "", "counterpart": "",
            "version": Mandate.objects.get(pk=seat.pk).version} | values  # fmt: skip
    return cast.client(role).post(reverse("bodies:mandate-edit", args=[seat.uuid]), data)


def pair(one: Mandate) -> Mandate | None:
    one.refresh_from_db()
    return one.counterpart


def test_each_page_names_the_other(cast: Cast, seat: Mandate, other: Mandate) -> None:
    form = page(cast, "office", seat, "mandate-edit")
    assert f'value="{other.uuid}"' in form
    assert "Vorstand Ahrens: Ahrens hilft e. V." in form
    assert save(cast, seat, counterpart=str(other.uuid), in_return="Beschluss 4").status_code == 302
    assert (pair(seat), pair(other)) == (other, seat)
    for one, there in ((seat, other), (other, seat)):
        shown = page(cast, "office", one)
        assert reverse("bodies:mandate", args=[there.uuid]) in shown
        assert f"{there.body.name}: " in shown
    assert "Beschluss 4" in page(cast, "office", seat)
    # In the list of members, as far as its reader knows the other body.
    members = reverse("bodies:members", args=[seat.body.uuid])
    for role, words in (("office", "Vorstand Ahrens, Beschluss 4"), ("voter", ">Beschluss 4")):
        shown = make.body(cast.client(role).get(members)).decode()
        assert words in shown
        assert ("Vorstand Ahrens" in shown) is (role == "office")
    logged = LogEntry.objects.filter(code="bodies.mandate.tied")
    assert set(logged.values_list("subject_uuid", flat=True)) == {seat.body.uuid, other.body.uuid}


def test_it_is_named_only_to_who_may_know_it(cast: Cast, seat: Mandate, other: Mandate) -> None:
    save(cast, seat, counterpart=str(other.uuid), in_return="in Worten")
    # A member of the council knows nothing of the other body, and the other way round.
    shown = page(cast, "voter", seat)
    assert "Vorstand Ahrens" not in shown
    assert "in Worten" in shown
    assert seat.body.name not in page(cast, "editor_a", other)
    other.body.charter.level = "network"  # now everybody in the network knows it
    other.body.charter.save()
    shown = page(cast, "voter", seat)
    assert "Vorstand Ahrens: Ahrens hilft e. V." in shown
    assert reverse("bodies:mandate", args=[other.uuid]) not in shown


def test_another_choice_frees_the_first_and_none_frees_both(
    cast: Cast, council: Body, seat: Mandate, other: Mandate
) -> None:
    third = mandates.create_mandate(other.body, actor=COMMAND, organisation=cast.org_b)
    save(cast, seat, counterpart=str(other.uuid))
    save(cast, seat, counterpart=str(third.uuid))
    assert (pair(seat), pair(other), pair(third)) == (third, None, seat)
    save(cast, third)
    assert (pair(seat), pair(third)) == (None, None)
    save(cast, seat, counterpart=str(other.uuid))
    # What is given for another seat is not offered, and refused to who sends it anyway.
    again = mandates.create_mandate(council, actor=COMMAND, organisation=cast.org_a)
    assert str(other.uuid) not in counterparts_for(council, COMMAND, again)
    assert save(cast, again, counterpart=str(other.uuid)).status_code == 422
    with pytest.raises(Refused, match="schon der Gegensitz"):
        mandates.change_mandate(
            again, actor=COMMAND, expected=again.version, counterpart=other
        )  # fmt: skip


def test_with_a_new_seat(cast: Cast, council: Body, other: Mandate) -> None:
    url = reverse("bodies:mandate-new", args=[council.uuid])
    data = {
        "organisation": str(cast.org_a.uuid), "person": "", "kind": "seat", "with_vote": "on",
        "starts_on": clock.today().isoformat(), "counterpart": str(other.uuid),
        "_key": once.new_key(),
    }  # fmt: skip
    wrong = cast.client("office").post(url, data | {"counterpart": "erfunden"})
    assert wrong.status_code == 422
    assert "counterpart" in wrong.context["form"].errors
    for _time in range(2):
        assert cast.client("office").post(url, data).status_code == 302
    made = Mandate.objects.get(body=council, organisation=cast.org_a)
    assert (pair(other), pair(made)) == (made, other)


def test_neither_of_the_same_body_nor_of_a_person_nor_unseen(
    cast: Cast, council: Body, seat: Mandate, board: Body, other: Mandate
) -> None:
    near = mandates.create_mandate(council, actor=COMMAND, organisation=cast.org_a)
    own = mandates.create_mandate(board, actor=COMMAND)
    for wrong, words in ((near, "anderen Gremium"), (own, "von Organisationen")):
        assert str(wrong.uuid) not in counterparts_for(council, COMMAND, seat)
        with pytest.raises(Refused, match=words):
            mandates.change_mandate(
                seat, actor=COMMAND, expected=seat.version, counterpart=wrong
            )  # fmt: skip
    assert counterparts_for(board, COMMAND, own) == {}
    away = bodies.create_body(cast.other, actor=COMMAND, name="Rat nebenan", kind="council")
    foreign = mandates.create_mandate(
        away, actor=COMMAND, organisation=people.organisation(cast.other, "Verein nebenan")
    )
    with pytest.raises(NotAllowed):
        mandates.change_mandate(
            seat, actor=cast.actor("office"), expected=seat.version, counterpart=foreign
        )
    # The operator sees both networks; the office keeps what it may not see, unnamed.
    mandates.change_mandate(seat, actor=COMMAND, expected=seat.version, counterpart=foreign)
    assert "Rat nebenan" not in page(cast, "office", seat)
    form = page(cast, "office", seat, "mandate-edit")
    assert "bleibt, wie er ist" in form
    assert "Rat nebenan" not in form
    assert save(cast, seat, counterpart=str(foreign.uuid), note="Neu").status_code == 302
    assert pair(seat) == foreign


def test_who_wrote_at_the_same_time_sees_both(cast: Cast, seat: Mandate, other: Mandate) -> None:
    third = mandates.create_mandate(other.body, actor=COMMAND, organisation=cast.org_b)
    old = seat.version
    save(cast, other, counterpart=str(seat.uuid))
    # The form of the other seat, opened before, would take it away again.
    answer = save(cast, seat, counterpart=str(third.uuid), version=old)
    assert answer.status_code == 409
    shown = make.body(answer).decode()
    assert "Vorstand Ahrens: Ahrens hilft e. V." in shown
    assert str(pair(seat).uuid) == str(other.uuid)
    assert save(cast, seat, counterpart=str(other.uuid), note="Bleibt").status_code == 302


def test_a_seat_that_ended_stands_there_as_such(
    cast: Cast, seat: Mandate, other: Mandate, count_queries: Any
) -> None:
    save(cast, seat, counterpart=str(other.uuid))
    other.refresh_from_db()
    mandates.end_mandate(other, actor=COMMAND, expected=other.version, reason="Satzung geändert")
    assert "(beendet)" in page(cast, "office", seat)
    assert save(cast, seat, counterpart=str(other.uuid), note="Neu").status_code == 302
    assert pair(seat) == other
    client = cast.client("office")
    for name in ("mandate", "mandate-edit"):
        url = reverse(f"bodies:{name}", args=[seat.uuid])
        client.get(url)
        with count_queries() as queries:
            assert client.get(url).status_code == 200
        assert queries.count <= 12


@pytest.mark.django_db(transaction=True)
def test_two_offices_at_once(cast: Cast, council: Body, tmp_path: Path) -> None:
    """Each names the seat of the other side: one is written, none waits for the other for good."""
    seat = Mandate.objects.get(body=council)
    board = bodies.create_body(cast.network, actor=COMMAND, name="Vorstand", kind="board")
    other = mandates.create_mandate(board, actor=COMMAND, organisation=cast.org_a)

    def name(one: int, there: int | None) -> Any:
        def act() -> str:
            found = Mandate.objects.select_related("body").get(pk=one)
            given_for = Mandate.objects.get(pk=there) if there else None
            try:
                mandates.change_mandate(
                    found, actor=COMMAND, expected=found.version, counterpart=given_for
                )
            except Conflict:
                return "told"
            return "written"

        return act

    def look() -> set[tuple[int, int | None]]:
        return set(Mandate.objects.values_list("pk", "counterpart"))

    with real_database(tmp_path):
        for _n in range(5):
            assert "written" in at_once([name(seat.pk, other.pk), name(other.pk, seat.pk)])
            assert at_once([look]) == [{(seat.pk, other.pk), (other.pk, seat.pk)}]
            at_once([name(seat.pk, None)])
            assert at_once([look]) == [{(seat.pk, None), (other.pk, None)}]
