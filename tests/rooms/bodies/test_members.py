"""The members of a body: list, files, cards; joining and leaving; roles of bodies at the desk."""

from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from lotse.foundation.core import once
from lotse.foundation.core.actor import COMMAND
from lotse.foundation.core.errors import NotAllowed, Refused
from lotse.foundation.parties.models import Body, Person, RoleGrant
from lotse.foundation.parties.services import merging
from lotse.foundation.parties.services import people as parties
from lotse.rooms.bodies.models import Attendance, Charter, Holder, Mandate
from lotse.rooms.bodies.queries import members as reads
from lotse.rooms.bodies.services import bodies, mandates
from tests import people
from tests.people import Cast
from tests.rooms.bodies.conftest import meeting_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def group(cast: Cast) -> Body:
    """An open working group that the network sees."""
    return bodies.create_body(
        cast.network, actor=COMMAND, name="AG Übergang", kind=Body.Kind.WORKING_GROUP,
        is_open=True, level=Charter.Level.NETWORK,
    )  # fmt: skip


def status(client: Client, name: str, body: Body) -> int:
    return int(client.get(reverse(f"bodies:{name}", args=[body.uuid])).status_code)


def text(client: Client, name: str, body: Body, **query: Any) -> str:
    response = client.get(reverse(f"bodies:{name}", args=[body.uuid]), query)
    assert response.status_code == 200
    return str(response.content.decode())


def join(client: Client, body: Body, organisation: Any = None, key: str = "") -> Any:
    data = {"organisation": str(organisation.uuid) if organisation else "", "_key": key}
    return client.post(reverse("bodies:join", args=[body.uuid]), data)


def rows_of(client: Client, body: Body, **query: Any) -> list[list[Any]]:
    response = client.get(reverse("bodies:members", args=[body.uuid]), query)
    return [[cell.value for _title, cell in row] for row in response.context["listing"].rows]


def test_only_those_inside_read_the_list(cast: Cast, council: Body) -> None:
    Charter.objects.filter(body=council).update(level=Charter.Level.PUBLIC)
    for name in ("members", "members-ended", "members-vcard"):
        for role in ("chair", "minute_taker", "voter", "office", "auditor", "operator"):
            assert status(cast.client(role), name, council) == 200, role
        for role in ("member", "editor_b", "registered", "foreign_office"):
            assert status(cast.client(role), name, council) == 403, role
        assert status(cast.client("anonymous"), name, council) == 302
    Charter.objects.filter(body=council).update(level=Charter.Level.BODY)
    assert status(cast.client("member"), "members", council) == 404


def test_a_row_names_organisation_delegate_and_deputies_in_order(cast: Cast, council: Body) -> None:
    seat = Mandate.objects.get(body=council)
    for role in ("member", "adviser"):
        mandates.seat_person(seat, cast[role], actor=COMMAND, part="deputy")
    own = mandates.create_mandate(council, actor=COMMAND, with_vote=False)
    mandates.seat_person(own, cast["registered"], actor=COMMAND)
    mandates.create_mandate(council, actor=COMMAND, organisation=cast.org_a, kind="guest")
    rows = rows_of(cast.client("voter"), council)
    assert [row[0] for row in rows] == ["Ahrens hilft e. V.", "Brandt GmbH", "Rieke Neumann"]
    assert rows[1][1:3] == ["Volker Stimm", "Mats Behrens, Britta Rat"]
    assert rows[0][1] == "nicht besetzt"
    assert [row[4] for row in rows] == ["nein", "ja", "nein"]


def test_the_list_is_searched_filtered_and_taken_along(cast: Cast, council: Body) -> None:
    mandates.create_mandate(council, actor=COMMAND, organisation=cast.org_a, kind="guest")
    client = cast.client("office")
    assert [row[0] for row in rows_of(client, council, suche="stimm")] == ["Brandt GmbH"]
    assert [row[0] for row in rows_of(client, council, art="guest")] == ["Ahrens hilft e. V."]
    assert [row[0] for row in rows_of(client, council, stimme="ja")] == ["Brandt GmbH"]
    url = reverse("bodies:members", args=[council.uuid])
    book = load_workbook(BytesIO(client.get(url, {"als": "xlsx"}).content))
    values = [[cell.value for cell in row] for row in book.worksheets[0].iter_rows()]
    assert any("Volker Stimm" in row for row in values)
    response = client.get(url, {"als": "csv"})
    assert "Volker Stimm" in response.content.decode("utf-8-sig")
    assert "mitglieder-rat-" in response["Content-Disposition"]
    assert "Volker Stimm" in text(client, "members", council, als="druck")


def test_ended_seats_have_a_list_of_their_own(cast: Cast, council: Body) -> None:
    seat = Mandate.objects.get(body=council)
    mandates.end_mandate(seat, actor=COMMAND, expected=1, reason="Austritt")
    client = cast.client("office")
    assert rows_of(client, council) == []
    response = client.get(reverse("bodies:members-ended", args=[council.uuid]))
    rows = [[cell.value for _title, cell in row] for row in response.context["listing"].rows]
    assert [row[:2] for row in rows] == [["Brandt GmbH", "Volker Stimm"]]


def test_cards_say_what_the_reader_may_know(cast: Cast, council: Body) -> None:
    Person.objects.filter(pk=cast["voter"].pk).update(
        phone="0421 12345", email="stimm@beispiel.test", last_name="Stimm; sehr lang " + "ß" * 60
    )
    office = cast.client("office").get(reverse("bodies:members-vcard", args=[council.uuid]))
    assert office["Content-Type"] == "text/vcard; charset=utf-8"
    assert ".vcf" in office["Content-Disposition"]
    lines = office.content.decode().split("\r\n")
    assert all(len(line.encode()) <= 75 for line in lines)
    unfolded = office.content.decode().replace("\r\n ", "")
    assert "TEL;TYPE=work:0421 12345" in unfolded
    assert "ORG:Brandt GmbH" in unfolded
    assert "Stimm\\; sehr lang" in unfolded
    chair = text(cast.client("chair"), "members-vcard", council).replace("\r\n ", "")
    assert "ORG:Brandt GmbH" in chair
    assert "0421 12345" not in chair
    assert "stimm@beispiel.test" not in chair


def test_one_joins_an_open_body_once_and_leaves_it(cast: Cast, group: Body) -> None:
    client, key = cast.client("member"), once.new_key()
    assert "Beitreten" in text(client, "body", group)
    assert status(client, "members", group) == 403
    assert cast.org_a.name in text(client, "join", group)
    for _time in range(2):
        assert join(client, group, cast.org_a, key).status_code == 302
    seat = Mandate.objects.get(body=group)
    assert (seat.kind, seat.with_vote, seat.organisation) == ("joined", False, cast.org_a)
    assert status(client, "members", group) == 200
    assert join(client, group, cast.org_a).status_code == 422
    assert "Austreten" in text(client, "body", group)
    response = client.post(reverse("bodies:leave", args=[group.uuid]), {"reason": ""})
    assert response["Location"] == reverse("bodies:own")
    assert status(client, "members", group) == 403
    seat.refresh_from_db()
    assert seat.end_reason == "Ausgetreten"
    assert status(client, "leave", group) == 404
    with pytest.raises(Refused):
        mandates.leave(group, actor=cast.actor("member"))
    assert join(client, group).status_code == 302
    assert status(client, "members", group) == 200


def test_several_people_of_one_organisation_stand_in_one_row(cast: Cast, group: Body) -> None:
    for role in ("member", "editor_a"):
        assert join(cast.client(role), group, cast.org_a).status_code == 302
    assert join(cast.client("editor_b"), group).status_code == 302
    rows = rows_of(cast.client("member"), group)
    assert [row[:3] for row in rows] == [
        ["Ahrens hilft e. V.", "Mats Behrens / Edda Ahrens", ""], ["Enno Brandt", "Enno Brandt", ""]
    ]  # fmt: skip
    mandates.leave(group, actor=cast.actor("member"))
    rows = rows_of(cast.client("editor_a"), group)
    assert rows[0][1] == "Edda Ahrens"


def test_who_may_not_join(cast: Cast, group: Body, council: Body) -> None:
    assert join(cast.client("voter"), council).status_code == 403
    assert join(cast.client("office"), council).status_code == 403
    assert join(cast.client("registered"), group).status_code == 404
    assert join(cast.client("foreign_office"), group).status_code == 404
    forged = cast.client("member").post(
        reverse("bodies:join", args=[group.uuid]), {"organisation": str(cast.org_b.uuid)}
    )
    assert forged.status_code == 422
    with pytest.raises(NotAllowed):
        mandates.join(group, actor=cast.actor("member"), organisation=cast.org_b)
    elsewhere = people.organisation(cast.other, "Verein nebenan")
    parties.add_seat(cast["member"], elsewhere, actor=COMMAND)
    with pytest.raises(NotAllowed):
        mandates.join(group, actor=cast.actor("member"), organisation=elsewhere)
    Body.objects.filter(pk=group.pk).update(state=Body.State.RESTING)
    assert join(cast.client("member"), group).status_code == 403
    assert not Holder.objects.filter(mandate__body=group).exists()


def test_the_desk_gives_no_roles_of_bodies_and_says_where_they_are_held(
    cast: Cast, council: Body
) -> None:
    client = cast.client("office")
    for name in ("desk:grant", "desk:invite"):
        page = client.get(reverse(name), follow=True).content.decode()
        assert 'value="office"' in page, name
        for role in RoleGrant.OF_BODIES:
            assert f'value="{role}"' not in page, (name, role)
    page = client.get(reverse("desk:roles")).content.decode()
    assert page.count('under">Rat der Beispielregion<') == 3
    assert page.count(reverse("bodies:body", args=[council.uuid])) == 3
    rights = client.get(reverse("desk:rules")).content.decode()
    assert "Vorsitz: Corinna Leiter (Rat der Beispielregion)" in rights
    assert "Mitglied im Gremium: 1 Mandat" in rights


def test_the_desk_does_not_end_a_seat_behind_the_bodys_back(cast: Cast, council: Body) -> None:
    client = cast.client("office")
    grant = RoleGrant.objects.get(person=cast["voter"], held_in_uuid=council.uuid)
    url = reverse("desk:grant-end", args=[grant.uuid])
    data = {"reason": "Versehen", "version": str(grant.version)}
    assert client.post(url, data).status_code == 422
    grant.refresh_from_db()
    assert grant.ended_at is None
    person = client.get(reverse("desk:person", args=[cast["voter"].uuid])).content.decode()
    assert url not in person
    assert reverse("bodies:body", args=[council.uuid]) in person


def test_two_people_who_are_one_sit_once(cast: Cast, council: Body) -> None:
    seat = Mandate.objects.get(body=council)
    double = people.person("Volker Stim", account=False, home=cast.network)
    mandates.seat_person(seat, double, actor=COMMAND, part="deputy")
    meeting = meeting_of(council)
    for person in (cast["voter"], double):
        Attendance.objects.create(meeting=meeting, person=person, name=person.name)
    merging.merge(cast["voter"], double, actor=COMMAND)
    sitting, gone = reads.holders_of(seat)
    assert [(one.person, one.part) for one in sitting] == [(cast["voter"], "delegate")]
    assert [one.person for one in gone] == [cast["voter"]]
    assert status(cast.client("voter"), "body", council) == 200
    names = dict(meeting.attendances.values_list("name", "person"))
    assert names == {"Volker Stimm": cast["voter"].pk, "Volker Stim": None}


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_asks_the_same_number_of_queries(
    cast: Cast, council: Body, count_queries: Any, number: int
) -> None:
    for n in range(number):
        seat = mandates.create_mandate(
            council, actor=COMMAND, organisation=people.organisation(cast.network, f"Verein {n}")
        )
        for part in ("delegate", "deputy"):
            mandates.seat_person(seat, people.person(f"Kim {part}{n}"), actor=COMMAND, part=part)
    for role in ("office", "voter"):
        client = cast.client(role)
        for name, most in (("members", 8), ("members-vcard", 8)):
            status(client, name, council)
            with count_queries() as queries:
                assert status(client, name, council) == 200
            assert queries.count <= most, "\n".join(queries.counted)
