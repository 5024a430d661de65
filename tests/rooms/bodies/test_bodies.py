"""Bodies: the register, the page of one, its rules and history, offices and commissions."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from lotse.foundation.core import clock, once
from lotse.foundation.core.actor import COMMAND
from lotse.foundation.core.errors import NotAllowed, Refused
from lotse.foundation.core.models import LogEntry
from lotse.foundation.parties.models import Body, RoleGrant
from lotse.rooms.bodies.models import Charter, Commission, Happening, Mandate
from lotse.rooms.bodies.queries.bodies import rules_of
from lotse.rooms.bodies.services import bodies, commissions, mandates
from tests import people
from tests.people import Cast
from tests.rooms.bodies.conftest import meeting_of

pytestmark = pytest.mark.django_db

FULL = {
    "name": "Arbeitsgruppe Übergang", "short_name": "AG Übergang", "kind": "working_group",
    "parent": "", "founded_on": "2026-03-01", "purpose": "Sucht Wege in die Ausbildung.",
    "rhythm": "viermal im Jahr", "relations": "", "admission": "", "duties": "", "decides": "on",
    "quorum": "share", "quorum_value": "50", "majority": "two_thirds", "silence_basis": "",
    "invitation_days": "10", "format_rule": "", "objection_days": "14", "level": "network",
    "letterhead": "", "footer": "", "signatures": "", "distribution": "",
}  # fmt: skip


def body_of(cast: Cast, name: str = "Arbeitsgruppe Übergang", **values: Any) -> Body:
    values = {"kind": Body.Kind.WORKING_GROUP, "level": Charter.Level.PUBLIC} | values
    return bodies.create_body(cast.network, actor=COMMAND, name=name, **values)


def page(client: Client, name: str, *args: Any, status: int = 200, **query: Any) -> str:
    response = client.get(reverse(f"bodies:{name}", args=args), query)
    assert response.status_code == status
    return str(response.content.decode())


def test_the_register_shows_each_role_what_it_may_know(cast: Cast) -> None:
    body_of(cast, "Öffentliches Forum")
    body_of(cast, "Interne Runde", level=Charter.Level.NETWORK)
    seen = {
        "anonymous": {"Öffentliches Forum"},
        "registered": {"Öffentliches Forum"},
        "foreign_office": {"Öffentliches Forum"},
        "member": {"Öffentliches Forum", "Interne Runde"},
        "voter": {"Öffentliches Forum", "Interne Runde", "Rat der Beispielregion"},
        "auditor": {"Öffentliches Forum", "Interne Runde", "Rat der Beispielregion"},
    }
    for role, names in seen.items():
        text = page(cast.client(role), "bodies")
        shown = {name for name in seen["voter"] if name in text}
        assert shown == names, role


def test_parents_stand_over_their_children_and_resting_ones_apart(
    cast: Cast, council: Body
) -> None:
    body_of(cast, "Zirkel Nachwuchs", parent=council)
    body_of(cast, "Zirkel Presse", parent=council)
    body_of(cast, "Beirat Alt", state=Body.State.ENDED)
    rows = cast.client("office").get(reverse("bodies:bodies")).context["listing"].rows
    assert [row[0][1].value for row in rows] == [
        "Rat der Beispielregion", "Zirkel Nachwuchs", "Zirkel Presse"
    ]  # fmt: skip
    assert rows[1][0][1].note == "gehört zu: Rat der Beispielregion"
    text = page(cast.client("office"), "bodies")
    assert text.index("Zirkel Presse") < text.index("Ruhend und beendet") < text.index("Beirat Alt")
    only = page(cast.client("office"), "bodies", stand="ended")
    assert "Beirat Alt" in only
    assert "Zirkel Presse" not in only
    found = page(cast.client("office"), "bodies", suche="presse")
    assert "Zirkel Presse" in found
    assert "Zirkel Nachwuchs" not in found


def test_the_register_counts_seats_and_names_the_next_meeting(cast: Cast, council: Body) -> None:
    mandates.create_mandate(council, actor=COMMAND, organisation=cast.org_a, kind="guest")
    meeting = meeting_of(council)
    meeting_of(council, starts_at=clock.now() - timedelta(days=9),
               ends_at=clock.now() - timedelta(days=9))  # fmt: skip
    client = cast.client("office")
    row = client.get(reverse("bodies:bodies")).context["listing"].rows[0]
    cells = [cell.value for _title, cell in row]
    assert cells[3] == timezone.localtime(meeting.starts_at).date()
    assert cells[4] == 1
    for ending in ("csv", "xlsx", "druck"):
        assert client.get(reverse("bodies:bodies"), {"als": ending}).status_code == 200


def test_an_empty_register_says_what_belongs_there(cast: Cast, council: Body) -> None:
    council.delete()
    assert "Legen Sie das erste an" in page(cast.client("office"), "bodies")
    visitor = page(cast.client("anonymous"), "bodies")
    assert "die öffentlichen Gremien" in visitor
    assert "Gremium anlegen" not in visitor


def test_people_outside_read_organisations_and_no_names(cast: Cast, council: Body) -> None:
    Charter.objects.filter(body=council).update(level=Charter.Level.PUBLIC)
    alone = mandates.create_mandate(council, actor=COMMAND)
    mandates.seat_person(alone, cast["registered"], actor=COMMAND)
    for role in ("anonymous", "registered", "member", "foreign_office"):
        client = cast.client("anonymous" if role == "registered" else role)
        text = page(client, "body", council.uuid)
        assert "Brandt GmbH" in text
        assert "1 Person, die für sich selbst spricht" in text
        for name in ("Volker", "Corinna", "Mika", "Neumann"):
            assert name not in text, (role, name)
    inside = page(cast.client("voter"), "body", council.uuid)
    for name in ("Volker Stimm", "Corinna Leiter", "Mika Schreiber"):
        assert name in inside


def test_body_of_another_network_is_unknown(cast: Cast, council: Body) -> None:
    client = cast.client("foreign_office")
    for name in ("body", "body-edit", "members", "mandate-new", "office-new", "leave"):
        assert client.get(reverse(f"bodies:{name}", args=[council.uuid])).status_code == 404
    other = bodies.create_body(cast.other, actor=COMMAND, name="Rat nebenan", kind="council")
    assert cast.client("office").get(reverse("bodies:body", args=[other.uuid])).status_code == 404


@pytest.mark.parametrize("name", ["body-edit", "body-state", "happening-new", "office-new",
                                  "commission-new", "mandate-new"])  # fmt: skip
def test_only_the_office_manages(cast: Cast, council: Body, name: str) -> None:
    url = reverse(f"bodies:{name}", args=[council.uuid])
    for role in ("chair", "minute_taker", "voter", "auditor"):
        client = cast.client(role)
        assert client.get(url).status_code == 403, role
        assert client.post(url, {}).status_code == 403, role
    assert cast.client("office").get(url).status_code == 200
    assert cast.client("operator").get(url).status_code == 200
    assert cast.client("anonymous").get(url).status_code == 302


def test_the_office_makes_a_body_once(cast: Cast, council: Body) -> None:
    client, url = cast.client("office"), reverse("bodies:body-new")
    assert client.get(url).status_code == 200
    data = FULL | {"parent": str(council.uuid), "_key": once.new_key()}
    first = client.post(url, data)
    again = client.post(url, data)
    body = Body.objects.get(name="Arbeitsgruppe Übergang")
    assert first.status_code == again.status_code == 302
    assert first["Location"] == again["Location"] == reverse("bodies:body", args=[body.uuid])
    assert body.parent == council
    assert body.charter.majority == "two_thirds"
    assert body.happenings.get().on.isoformat() == "2026-03-01"
    assert LogEntry.objects.filter(code="bodies.body.created", object_uuid=body.uuid).count() == 1
    for role in ("chair", "coordinator", "registered"):
        assert cast.client(role).post(url, data).status_code == 403, role


@pytest.mark.parametrize(("wrong", "field"), [
    ({"name": ""}, "name"), ({"kind": "club"}, "kind"), ({"quorum_value": "101"}, "quorum_value"),
    ({"quorum_value": ""}, "quorum_value"), ({"invitation_days": "-1"}, "invitation_days"),
    ({"is_open": "on", "level": "body"}, "level"), ({"founded_on": "31.2.2026"}, "founded_on"),
    ({"parent": "0"}, "parent"),
])  # fmt: skip
def test_wrong_input_comes_back_with_what_was_typed(
    cast: Cast, wrong: dict[str, str], field: str
) -> None:
    response = cast.client("office").post(reverse("bodies:body-new"), FULL | wrong)
    assert response.status_code == 422
    text = response.content.decode()
    assert field in response.context["form"].errors
    assert f'href="#id_{field}"' in text
    assert "Sucht Wege in die Ausbildung." in text
    assert not Body.objects.filter(short_name="AG Übergang").exists()


def test_services_refuse_what_the_form_would(cast: Cast, council: Body) -> None:
    actor = cast.actor("office")
    for values in ({"is_open": True}, {"quorum": "share", "quorum_value": 101},
                   {"quorum": "count", "quorum_value": 0}, {"parent": council}):  # fmt: skip
        with pytest.raises(Refused):
            bodies.change_body(council, actor=actor, expected=council.version, **values)
        council = Body.objects.select_related("charter").get(pk=council.pk)
    with pytest.raises(NotAllowed):
        bodies.create_body(cast.other, actor=actor, name="Fremd", kind="council")


def test_two_editors_see_both_texts(cast: Cast, council: Body) -> None:
    client, url = cast.client("office"), reverse("bodies:body-edit", args=[council.uuid])
    data = FULL | {"version": str(council.version)}
    bodies.change_body(council, actor=COMMAND, expected=council.version, purpose="Berät nur noch.")
    response = client.post(url, data)
    assert response.status_code == 409
    text = response.content.decode()
    assert "Berät nur noch." in text
    assert "Sucht Wege in die Ausbildung." in text
    council.refresh_from_db()
    assert council.name == "Rat der Beispielregion"
    saved = client.post(url, data | {"version": str(council.version)})
    assert saved.status_code == 302
    assert Body.objects.get(pk=council.pk).name == "Arbeitsgruppe Übergang"


def test_a_change_is_a_line_of_the_history(cast: Cast, council: Body) -> None:
    bodies.change_body(
        council, actor=cast.actor("office"), expected=council.version, rhythm="zweimal im Jahr",
        objection_days=21,
    )  # fmt: skip
    line = council.happenings.order_by("-pk")[0]
    assert line.title == "Geändert: Rhythmus, Frist für Einwände zum Protokoll in Tagen"
    client = cast.client("office")
    url = reverse("bodies:happening-new", args=[council.uuid])
    data = {"on": "2019-05-16", "title": "Das Plenum wird Forum", "text_": "Beschlossen im Rat.",
            "_key": once.new_key()}  # fmt: skip
    for _time in range(2):
        assert client.post(url, data).status_code == 302
    assert council.happenings.filter(title="Das Plenum wird Forum").count() == 1
    assert client.post(url, data | {"title": " ", "_key": ""}).status_code == 422
    assert "Das Plenum wird Forum" in page(client, "body", council.uuid)


def test_rest_and_end(cast: Cast, council: Body) -> None:
    client, url = cast.client("office"), reverse("bodies:body-state", args=[council.uuid])
    data = {"state": "resting", "reason": "Neuwahl", "version": "99"}
    assert client.post(url, data).status_code == 409
    assert client.post(url, data | {"reason": ""}).status_code == 422
    assert client.post(url, data | {"version": str(council.version)}).status_code == 302
    council.refresh_from_db()
    assert council.state == "resting"
    assert page(cast.client("voter"), "body", council.uuid).count("ruht") >= 1
    data |= {"state": "ended", "close_seats": "on", "version": str(council.version)}
    assert client.post(url, data).status_code == 302
    for role in ("voter", "chair", "minute_taker"):
        page(cast.client(role), "body", council.uuid, status=404)
    assert not RoleGrant.objects.filter(held_in_uuid=council.uuid, ended_at=None).exists()
    assert council.happenings.filter(title="Stand: beendet").exists()
    council.refresh_from_db()
    with pytest.raises(Refused):
        mandates.create_mandate(council, actor=COMMAND, organisation=cast.org_a)


def test_an_ended_body_may_keep_its_readers(cast: Cast, council: Body) -> None:
    bodies.set_state(
        council,
        actor=cast.actor("office"),
        expected=council.version,
        state="ended",
        reason="Fertig",
    )
    assert "beendet" in page(cast.client("voter"), "body", council.uuid)
    assert Mandate.objects.get(body=council).ends_on is None


def test_rules_are_sentences() -> None:
    said = rules_of(Charter(quorum="share", quorum_value=50, silence_basis="GO Nr. 7"))
    assert "mehr als die Hälfte der Mandate mit Stimme" in said[1]
    assert "Schweigen gilt als Zustimmung nach dieser Regel: GO Nr. 7" in said
    assert "Enthaltungen zählen nicht." in said
    advice = rules_of(Charter(decides=False, quorum="count", quorum_value=1, is_open=True))
    assert advice[0] == "Das Gremium berät. Es fasst keine Beschlüsse."
    assert not any("Umlauf" in one for one in advice)
    for majority in Charter.Majority.values:
        for level in Charter.Level.values:
            assert all(rules_of(Charter(majority=majority, level=level, quorum_value=60)))


def test_the_hint_on_silence_names_its_source(cast: Cast) -> None:
    text = page(cast.client("office"), "body-new")
    assert "§ 32 Abs. 3 BGB" in text
    assert "prüft Lotse nicht" in text


def test_offices_are_given_once_and_hold_at_once(cast: Cast, council: Body) -> None:
    client, url = cast.client("office"), reverse("bodies:office-new", args=[council.uuid])
    page(cast.client("member"), "body", council.uuid, status=404)
    data = {"person": str(cast["member"].uuid), "role": "chair", "starts_on": clock.today(),
            "ends_on": "", "_key": once.new_key()}  # fmt: skip
    for _time in range(2):
        assert client.post(url, data).status_code == 302
    grant = RoleGrant.objects.get(person=cast["member"], held_in_uuid=council.uuid)
    page(cast.client("member"), "body", council.uuid)
    assert client.post(url, data | {"_key": once.new_key()}).status_code == 422
    end = reverse("bodies:office-end", args=[council.uuid, grant.uuid])
    assert client.post(end, {"reason": ""}).status_code == 422
    assert client.post(end, {"reason": "Wechsel"}).status_code == 302
    page(cast.client("member"), "body", council.uuid, status=404)
    assert client.post(end, {"reason": "Wechsel"}).status_code == 422


def test_an_office_begins_and_ends_by_date(cast: Cast, council: Body) -> None:
    today = clock.today()
    grant = bodies.appoint(
        council, cast["member"], "minute_taker", actor=cast.actor("office"),
        starts_on=today + timedelta(days=1), ends_on=today + timedelta(days=9),
    )  # fmt: skip
    people.second_factor(cast["member"])
    page(cast.client("member"), "body", council.uuid, status=404)
    RoleGrant.objects.filter(pk=grant.pk).update(starts_on=today, ends_on=today)
    page(cast.client("member"), "body", council.uuid)
    RoleGrant.objects.filter(pk=grant.pk).update(ends_on=today - timedelta(days=1))
    page(cast.client("member"), "body", council.uuid, status=404)


def test_nobody_appoints_themselves(cast: Cast, council: Body) -> None:
    actor = cast.actor("office")
    with pytest.raises(NotAllowed):
        bodies.appoint(council, cast["office"], "chair", actor=actor)
    with pytest.raises(Refused):
        bodies.appoint(council, cast["member"], "office", actor=actor)
    url = reverse("bodies:office-new", args=[council.uuid])
    assert str(cast["office"].uuid) not in cast.client("office").get(url).content.decode()


def test_the_office_sees_what_an_office_lacks(cast: Cast, council: Body) -> None:
    stranger = people.person("Kim Ohnekonto", account=False, home=cast.network)
    bodies.appoint(council, stranger, "minute_taker", actor=COMMAND)
    bodies.appoint(council, cast["member"], "minute_taker", actor=COMMAND)
    text = page(cast.client("office"), "body", council.uuid)
    assert text.count("hat noch kein Konto") == 1
    assert reverse("desk:invite") in text
    assert text.count("hat noch keinen zweiten Faktor") == 1
    assert "zweiten Faktor" not in page(cast.client("voter"), "body", council.uuid)
    form = page(cast.client("office"), "office-new", council.uuid)
    assert "Einen zweiten Faktor verlangt: Schriftführung" in form


def test_a_body_has_several_commissions(cast: Cast, council: Body) -> None:
    client = cast.client("office")
    url = reverse("bodies:commission-new", args=[council.uuid])
    data = {"title": "Papier zur Ausbildung", "text": "", "given_by": "",
            "given_on": "2026-11-01", "due_on": "2027-03-01", "_key": once.new_key()}  # fmt: skip
    for _time in range(2):
        assert client.post(url, data).status_code == 302
    assert client.post(url, data | {"title": "Zweites Papier", "_key": ""}).status_code == 302
    wrong = client.post(url, data | {"due_on": "2026-10-01", "_key": ""})
    assert wrong.status_code == 422
    assert "Papier zur Ausbildung" in wrong.content.decode()
    assert council.commissions.count() == 2
    found = council.commissions.get(title="Papier zur Ausbildung")
    change = reverse("bodies:commission", args=[council.uuid, found.uuid])
    report = {"state": "done", "result": "", "version": str(found.version)}
    chair = cast.client("chair")
    assert chair.post(change, report).status_code == 422
    report |= {"result": "Angenommen im Mai"}
    assert chair.post(change, report).status_code == 302
    late = chair.post(change, report | {"result": "Abgelehnt"})
    assert late.status_code == 409
    assert "Angenommen im Mai" in late.content.decode()
    assert "Abgelehnt" in late.content.decode()
    assert cast.client("voter").get(change).status_code == 403
    assert "Angenommen im Mai" in page(cast.client("voter"), "body", council.uuid)
    with pytest.raises(NotAllowed):
        commissions.change_commission(
            Commission.objects.get(pk=found.pk), actor=cast.actor("chair"), expected=2, title="Neu"
        )


@pytest.mark.parametrize("number", [1, 3])
def test_pages_ask_the_same_number_of_queries(
    cast: Cast, council: Body, count_queries: Any, number: int
) -> None:
    for n in range(number):
        part = body_of(cast, f"Arbeitsgruppe {n}", parent=council)
        seat = mandates.create_mandate(
            council, actor=COMMAND, organisation=people.organisation(cast.network, f"Verein {n}")
        )
        mandates.seat_person(seat, people.person(f"Kim Muster{n}"), actor=COMMAND)
        bodies.appoint(council, people.person(f"Robin Amt{n}"), "chair", actor=COMMAND)
        commissions.give_commission(council, actor=COMMAND, title=f"Auftrag {n}", given_by=part)
        Happening.objects.create(body=council, title=f"Zeile {n}", by="command")
        meeting_of(council, number=n)
    Charter.objects.filter(body=council).update(is_open=True, level="public")
    for role, most in (("office", 12), ("voter", 12), ("anonymous", 12)):
        client = cast.client(role)
        page(client, "body", council.uuid)
        with count_queries() as queries:
            page(client, "body", council.uuid)
        assert queries.count <= most, "\n".join(queries.counted)
        with count_queries() as queries:
            page(client, "bodies")
        assert queries.count <= 8, "\n".join(queries.counted)
