"""Whose name is whose, and who reads of whom: erasure across networks, guests by address, people
under restriction, bodies and days that are not for everybody."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from lotse.foundation.core import clock
from lotse.foundation.core.actor import COMMAND
from lotse.foundation.measures.parties import choices_for
from lotse.foundation.parties.models import Body, Network, Person
from lotse.foundation.parties.privacy import erasure
from lotse.rooms.bodies import privacy
from lotse.rooms.bodies.models import (
    AgendaItem,
    Attendance,
    Attribution,
    Charter,
    GroupTable,
    Mandate,
    Meeting,
    Outcome,
    Presence,
    Presenter,
    SpeakRequest,
)
from lotse.rooms.bodies.queries import measures as measure_reads
from lotse.rooms.bodies.queries.bodies import commissions_of
from lotse.rooms.bodies.queries.outcome_choices import offered_for
from lotse.rooms.bodies.services import actions_agreed, bodies, commissions, inviting, mandates
from tests import people
from tests.papers import words_of
from tests.people import Cast
from tests.rooms.bodies.conftest import item_of, meeting_of

pytestmark = pytest.mark.django_db
NAME, FORMER = "Volker Stimm", "ehemalige Person"
HIDDEN = "Person ohne Namensnennung"


def written(body: Body) -> dict[str, Any]:
    """The name typed wherever a name can be typed, in a meeting of the body."""
    meeting = meeting_of(body, moderation=NAME, minute_takers=f"Kim Muster, {NAME}")
    item = item_of(meeting)
    return {
        "meeting": meeting,
        "table": GroupTable.objects.create(item=item, number=1, question="Was?", moderators=NAME),
        "attendance": Attendance.objects.create(meeting=meeting, name=NAME),
        "presenter": Presenter.objects.create(item=item, name=NAME),
        "attribution": Attribution.objects.create(network=body.network, name=NAME),
    }


def names_in(rows: dict[str, Any]) -> list[str]:
    """What stands there now."""
    for row in rows.values():
        row.refresh_from_db()
    meeting = rows["meeting"]
    return [meeting.moderation, meeting.minute_takers, rows["table"].moderators,
            rows["attendance"].name, rows["presenter"].name, rows["attribution"].name]  # fmt: skip


def body_in(network: Network, name: str = "Rat nebenan", **values: Any) -> Body:
    return bodies.create_body(network, actor=COMMAND, name=name, kind="council", **values)


class TestNamesakes:
    def test_who_has_the_name_in_another_network_keeps_it(self, cast: Cast, council: Body) -> None:
        here, there = written(council), written(body_in(cast.other))
        erasure.erase_person(cast["voter"], COMMAND)
        assert set(names_in(here)) == {FORMER, f"Kim Muster, {FORMER}"}
        assert set(names_in(there)) == {NAME, f"Kim Muster, {NAME}"}

    def test_the_report_counts_the_same(self, cast: Cast, council: Body) -> None:
        written(council), written(body_in(cast.other))
        planned = {row["what"]: row["count"] for row in privacy.preview(cast["voter"].pk)}
        done = privacy.erase(cast["voter"].pk, COMMAND)
        assert planned["Namen in Protokollen"] == done["attributions"] == 1
        assert planned["Teilnahme an Sitzungen"] == done["attendances"] == 1

    @pytest.mark.parametrize("tie", ["home", "seat", "mandate", "role", "there"])
    def test_what_ties_a_person_to_a_network(self, cast: Cast, tie: str) -> None:
        body = body_in(cast.other)
        somebody = people.person("Jo Doppel", account=False)
        rows = written(body)
        for name in ("attendance", "presenter", "attribution"):
            type(rows[name]).objects.filter(pk=rows[name].pk).update(name="Jo Doppel")
        Meeting.objects.filter(pk=rows["meeting"].pk).update(moderation="Jo Doppel")
        if tie == "home":
            Person.objects.filter(pk=somebody.pk).update(home=cast.other)
        elif tie == "seat":
            parties_seat(somebody, cast)
        elif tie == "mandate":
            seat = mandates.create_mandate(body, actor=COMMAND)
            mandates.seat_person(seat, somebody, actor=COMMAND)
        elif tie == "role":
            bodies.appoint(body, somebody, "chair", actor=COMMAND)
        else:
            Attendance.objects.create(
                meeting=meeting_of(body, number=2), person=somebody, name="Jo Doppel"
            )
        erasure.erase_person(somebody, COMMAND)
        found = names_in(rows)
        assert [found[0], *found[3:]] == [FORMER] * 4

    def test_a_longer_name_is_another_one(self, cast: Cast, council: Body) -> None:
        meeting = meeting_of(council, moderation="Volker Stimmberg, Volker Stimm")
        erasure.erase_person(cast["voter"], COMMAND)
        meeting.refresh_from_db()
        assert meeting.moderation == "Volker Stimmberg, ehemalige Person"


def parties_seat(person: Person, cast: Cast) -> None:
    """A place in an organisation of the other network, over since long."""
    from lotse.foundation.parties.services import people as parties

    today = clock.today()
    parties.add_seat(
        person, people.organisation(cast.other, "Verein nebenan"), actor=COMMAND,
        starts_on=today - timedelta(days=99), ends_on=today - timedelta(days=50),
    )  # fmt: skip


class TestGuestsByAddress:
    @pytest.fixture
    def guest(self, cast: Cast, meeting: Meeting) -> Attendance:
        """Invited by address, under a name that is not the one on file."""
        row = inviting.add_guest(
            meeting, actor=cast.actor("office"), name="R. Neumann-Alt",
            email="Registered@Beispiel.test", organisation="Gast e. V.",
        )  # fmt: skip
        Presence.objects.create(attendance=row, by="command")
        SpeakRequest.objects.create(meeting=meeting, attendance=row)
        Attribution.objects.create(
            network=cast.network, name=row.name, organisation=row.organisation
        )
        return row

    @pytest.mark.usefixtures("guest")
    def test_own_data_hold_it(self, cast: Cast) -> None:
        found = privacy.export(cast["registered"].pk)
        assert [row["meeting"] for row in found["meetings"]] == ["Frühjahrssitzung"]
        assert "token_hash" not in found["meetings"][0]
        assert len(found["presences"]) == len(found["speaking"]) == 1
        assert privacy.export(cast["member"].pk)["meetings"] == []

    @pytest.mark.usefixtures("guest")
    def test_it_comes_with_the_own_data_of_the_page(self, cast: Cast) -> None:
        from lotse.foundation.parties.privacy import export

        assert "R. Neumann-Alt" in str(export.everything(cast["registered"]))

    def test_erasure_finds_it(self, cast: Cast, guest: Attendance, meeting: Meeting) -> None:
        same = Attribution.objects.create(network=cast.network, name=guest.name)
        other = Attendance.objects.create(
            meeting=meeting, name="Ria Andere", email="ria@beispiel.test"
        )
        planned = {row["what"]: row["count"] for row in privacy.preview(cast["registered"].pk)}
        assert planned == {"Teilnahme an Sitzungen": 1, "Namen in Protokollen": 1}
        erasure.erase_person(cast["registered"], COMMAND)
        guest.refresh_from_db()
        assert (guest.name, guest.email, guest.token_hash) == (FORMER, "", "")
        said = Attribution.objects.get(organisation="Gast e. V.")
        assert said.name == FORMER
        for row in (same, other):
            row.refresh_from_db()
        assert same.name == "R. Neumann-Alt"
        assert (other.name, other.email) == ("Ria Andere", "ria@beispiel.test")


class TestRestricted:
    """GDPR art. 18: the data are shown to the office and to the person."""

    @pytest.fixture(autouse=True)
    def restricted(self, cast: Cast, council: Body) -> None:
        seat = Mandate.objects.get(body=council)
        mandates.seat_person(seat, cast["editor_a"], actor=COMMAND, part="deputy")
        mandates.seat_person(seat, cast["adviser"], actor=COMMAND, part="deputy")
        for role in ("voter", "editor_a"):
            Person.objects.filter(pk=cast[role].pk).update(restricted_at=clock.now())

    def shown(self, cast: Cast, role: str, name: str, **query: Any) -> str:
        seat = Mandate.objects.get(body=cast.council)
        key = seat.uuid if name == "mandate" else cast.council.uuid
        response = cast.client(role).get(reverse(f"bodies:{name}", args=[key]), query)
        assert response.status_code == 200
        if name == "members-pdf":
            return words_of(response.content)
        return str(response.content.decode())

    @pytest.mark.parametrize("name", ["members", "members-vcard", "members-pdf", "mandate", "body"])
    def test_members_do_not_read_of_them(self, cast: Cast, name: str) -> None:
        for role in ("chair", "minute_taker", "auditor"):
            text = self.shown(cast, role, name)
            assert NAME not in text, role
            assert "Edda" not in text, role
        if name != "body":
            assert "Britta" in text

    @pytest.mark.parametrize("name", ["members", "members-vcard", "members-pdf", "mandate"])
    def test_the_office_does(self, cast: Cast, name: str) -> None:
        text = self.shown(cast, "office", name)
        assert "Volker" in text
        assert "Edda" in text

    @pytest.mark.parametrize("name", ["members", "members-vcard", "members-pdf", "mandate"])
    def test_and_they_themselves(self, cast: Cast, name: str) -> None:
        text = self.shown(cast, "voter", name)
        assert "Volker" in text
        assert "Edda" not in text

    @pytest.mark.parametrize("name", ["members", "members-pdf", "mandate", "body"])
    def test_the_seat_is_not_said_to_be_empty(self, cast: Cast, name: str) -> None:
        text = " ".join(self.shown(cast, "chair", name).split())
        # On paper the long word is parted.
        assert (HIDDEN if name != "members-pdf" else HIDDEN[:18]) in text
        assert "besetzt" not in text

    def test_neither_search_nor_files_give_them_away(self, cast: Cast) -> None:
        url = reverse("bodies:members", args=[cast.council.uuid])
        client = cast.client("chair")
        for query in ({"als": "csv"}, {"als": "druck"}):
            assert NAME not in client.get(url, query).content.decode("utf-8-sig")
        assert client.get(url, {"suche": "stimm"}).context["listing"].rows == []

    def test_nor_does_the_seat_that_ended(self, cast: Cast) -> None:
        seat = Mandate.objects.get(body=cast.council)
        mandates.end_mandate(seat, actor=COMMAND, expected=seat.version, reason="Austritt")
        for name in ("members-ended", "mandate"):
            assert NAME not in self.shown(cast, "chair", name)
            assert NAME in self.shown(cast, "office", name)

    def test_whoever_stands_for_the_organisation_takes_them_off_unnamed(self, cast: Cast) -> None:
        seat = mandates.create_mandate(cast.council, actor=COMMAND, organisation=cast.org_a)
        holder = mandates.seat_person(seat, cast["voter"], actor=COMMAND, part="deputy")
        client = cast.client("editor_a")
        url = reverse("bodies:holder-end", args=[seat.uuid, holder.uuid])
        for page in (url, reverse("bodies:mandate", args=[seat.uuid]), reverse("bodies:own")):
            text = client.get(page).content.decode()
            assert NAME not in text
            assert HIDDEN in text
        client.post(url, {"reason": "Austritt"})
        holder.refresh_from_db()
        assert holder.person == cast["voter"]
        assert holder.ends_on is not None

    def test_queries(self, cast: Cast, count_queries: Any) -> None:
        for name, most in (("members", 8), ("members-vcard", 8), ("mandate", 12), ("body", 12)):
            self.shown(cast, "chair", name)
            client = cast.client("chair")
            seat = Mandate.objects.get(body=cast.council)
            key = seat.uuid if name == "mandate" else cast.council.uuid
            client.get(url := reverse(f"bodies:{name}", args=[key]))
            with count_queries() as queries:
                client.get(url)
            assert queries.count <= most, "\n".join(queries.counted)


class TestBodiesOneMayNotKnow:
    @pytest.fixture
    def secret(self, cast: Cast) -> Body:
        """A body only for its members, with one."""
        body = body_in(cast.network, "Vertrauliche Runde", level=Charter.Level.BODY)
        mandates.create_mandate(body, actor=COMMAND, organisation=cast.org_a)
        return body

    @pytest.fixture
    def known(self, cast: Cast) -> Body:
        body = body_in(cast.network, "Bekannte Runde", level=Charter.Level.NETWORK)
        mandates.create_mandate(body, actor=COMMAND, organisation=cast.org_a)
        return body

    @pytest.mark.usefixtures("secret", "known")
    def test_choices(self, cast: Cast, item: AgendaItem, council: Body) -> None:
        for role, is_offered in (("chair", False), ("office", True)):
            actor = cast.actor(role)
            parties = measure_reads.parties_for(council, actor).parties
            groups = [one.body.name for one in measure_reads.groups_for(council, actor) if one.body]
            offered = offered_for(item, Outcome.Kind.AGREED_ACTION, actor=actor)
            shown = (str(parties), str(groups), str(offered.bodies))
            for found in shown:
                assert ("Vertrauliche Runde" in found) is is_offered, role
                assert "Bekannte Runde" in found, role
                assert council.name in found, role

    def test_pages_and_what_is_sent_anyway(
        self, cast: Cast, item: AgendaItem, secret: Body
    ) -> None:
        client = cast.client("chair")
        url = reverse("bodies:outcome-new", args=[item.uuid, Outcome.Kind.AGREED_ACTION])
        assert secret.name not in client.get(url).content.decode()
        outcome = Outcome.objects.create(item=item, kind="agreed_action", text="Vorlage schreiben")
        (made,) = actions_agreed.agree(
            outcome, actor=COMMAND, parties=[], title="Vorlage schreiben"
        )
        for name in ("measure-edit", "measure-share"):
            url = reverse(f"bodies:{name}", args=[made.uuid])
            assert secret.name not in client.get(url).content.decode(), name
            assert secret.name in cast.client("office").get(url).content.decode(), name
        assert client.post(url, {"to": str(secret.uuid)}).status_code == 422
        made.refresh_from_db()
        assert made.parts.count() == 0

    def test_for_the_own_plan_one_chooses_what_one_runs(
        self, cast: Cast, secret: Body, known: Body
    ) -> None:
        def offered(role: str) -> set[str]:
            found = choices_for(cast.actor(role))
            assert found is not None
            return {str(body.uuid) for body in (secret, known, cast.council)
                    if f"g-{body.uuid}" in found.meaning}  # fmt: skip

        assert offered("chair") == offered("minute_taker") == {str(cast.council.uuid)}
        assert len(offered("office")) == 3
        assert offered("voter") == set()

    def test_who_gave_a_commission(
        self, cast: Cast, council: Body, secret: Body, known: Body
    ) -> None:
        for giver in (secret, known):
            commissions.give_commission(
                council, actor=COMMAND, title=f"Von {giver.pk}", given_by=giver
            )
        url = reverse("bodies:body", args=[council.uuid])
        for role, is_named in (("chair", False), ("voter", False), ("office", True)):
            text = cast.client(role).get(url).content.decode()
            assert (f"Erteilt von {secret.name}" in text) is is_named, role
            assert f"Von {secret.pk}" in text, role
        givers = [one.given_by for one in commissions_of(council, cast.actor("chair"))]
        assert secret not in givers
        assert council.commissions.filter(given_by=secret).count() == 1


class TestDaysInPreparation:
    @pytest.fixture(autouse=True)
    def public(self, council: Body) -> None:
        Charter.objects.filter(body=council).update(level=Charter.Level.PUBLIC)

    def day(self, meeting: Meeting) -> str:
        return f"{timezone.localtime(meeting.starts_at):%d.%m.%Y}"

    def test_only_those_inside_read_them(self, cast: Cast, council: Body) -> None:
        begin = clock.now() + timedelta(days=40)
        planned = meeting_of(council)
        called = meeting_of(council, number=2, state=Meeting.State.INVITED, starts_at=begin,
                            ends_at=begin + timedelta(hours=2))  # fmt: skip
        urls = (reverse("bodies:bodies"), reverse("bodies:body", args=[council.uuid]))
        for role in ("anonymous", "member", "foreign_office"):
            client = cast.client(role)
            for url in urls:
                text = client.get(url).content.decode()
                assert self.day(planned) not in text, (role, url)
                assert self.day(called) in text, (role, url)
        for role in ("voter", "chair", "office", "auditor"):
            for url in urls:
                assert self.day(planned) in cast.client(role).get(url).content.decode(), role

    def test_no_day_at_all_where_none_is_called(self, cast: Cast, council: Body) -> None:
        planned = meeting_of(council)
        for url in (reverse("bodies:bodies"), reverse("bodies:body", args=[council.uuid])):
            assert self.day(planned) not in cast.client("member").get(url).content.decode()
