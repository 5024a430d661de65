"""Matters: one page across bodies and years, begun from anything, merged, split, planned."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client

from lotse.foundation.core import clock
from lotse.foundation.core.actor import COMMAND
from lotse.foundation.core.errors import Conflict, NotAllowed, Refused
from lotse.foundation.core.models import LogEntry
from lotse.foundation.core.ref import Ref
from lotse.foundation.matters import queries, services, steps
from lotse.foundation.matters.lines import line_of
from lotse.foundation.matters.models import Knot, Matter
from lotse.foundation.measures import services as measures
from lotse.foundation.measures.models import Measure
from lotse.foundation.parties.models import Body
from lotse.foundation.procedures.models import ObjectionPeriod
from lotse.rooms.bodies.models import AgendaItem, Annex, Idea, Meeting, Minutes, Outcome
from lotse.rooms.bodies.services import bodies
from tests import make
from tests.people import Cast
from tests.rooms.bodies.conftest import item_of, meeting_of

pytestmark = pytest.mark.django_db
LIST = "/gremien/vorgaenge/"


@pytest.fixture
def matter(cast: Cast) -> Matter:
    return Matter.objects.create(network=cast.network, title="Lotsen in der Region")


def page_of(matter: Matter, more: str = "") -> str:
    return f"/gremien/vorgang/{matter.uuid}/{more}"


def tie(matter: Matter, thing: Any) -> Knot:
    return services.tie(matter, actor=COMMAND, ref=Ref.to(thing))


def decide(item: AgendaItem, text: str = "Wir bilden Lotsen aus.") -> Outcome:
    return Outcome.objects.create(item=item, kind="decision", text=text, result="adopted")


def do(outcome: Outcome, cast: Cast, title: str = "Konzept schreiben") -> Measure:
    return measures.create_measure(
        actor=COMMAND, origin=Ref.to(outcome), title=title, network=cast.network
    )


def html(client: Client, url: str, status: int = 200) -> str:
    response = client.get(url)
    assert response.status_code == status
    return make.body(response).decode()


class TestThread:
    def test_one_page_tells_the_matter_across_bodies_and_years(
        self, cast: Cast, council: Body, matter: Matter
    ) -> None:
        group = bodies.create_body(
            cast.network, actor=COMMAND, name="Arbeitsgruppe Lotsen", kind=Body.Kind.WORKING_GROUP
        )
        year = timedelta(days=365)
        first = item_of(meeting_of(group, starts_at=clock.now() - 2 * year), title="Die Idee")
        then = item_of(meeting_of(council, starts_at=clock.now() - year), title="Der Auftrag")
        Annex.objects.create(meeting=then.meeting, item=then, number=1, title="Konzept")
        do(decide(then), cast)
        tie(matter, then)
        tie(matter, first)
        text = html(cast.client("office"), page_of(matter))
        told = ["Die Idee", "Der Auftrag", "Konzept", "Wir bilden Lotsen aus.", "Konzept schreiben"]
        places = [text.index(title) for title in told]
        assert places == sorted(places)
        assert "Arbeitsgruppe Lotsen" in text
        assert "wird nachgeliefert" in text
        assert text.index(f">{then.meeting.starts_at.year - 1}</h3>") < text.index("Der Auftrag")

    def test_a_measure_out_of_a_tied_item_stands_there_untied(
        self, cast: Cast, item: AgendaItem, matter: Matter
    ) -> None:
        tie(matter, item)
        do(decide(item), cast)
        thread = queries.thread_of(matter, cast.actor("office"))
        assert [(one.line.kind, one.knot is None) for one in thread.entries] == [
            ("TOP", False), ("Beschluss", True), ("Maßnahme", True),
        ]  # fmt: skip

    def test_the_matter_goes_on_in_an_item_made_from_what_was_parked(
        self, cast: Cast, council: Body, item: AgendaItem, matter: Matter
    ) -> None:
        parked = Outcome.objects.create(item=item, kind="parked", text="Der Beitrag")
        later = meeting_of(council, starts_at=clock.now() + timedelta(days=200))
        item_of(later, title="Beitrag, neu", source_type="bodies.outcome", source_uuid=parked.uuid)
        tie(matter, item)
        thread = queries.thread_of(matter, cast.actor("office"))
        assert thread.entries[-1].line.title == "Beitrag, neu"

    def test_ideas_minutes_and_periods_have_their_lines(
        self, cast: Cast, council: Body, meeting: Meeting, matter: Matter
    ) -> None:
        minutes = Minutes.objects.create(meeting=meeting, state="circulated")
        ObjectionPeriod.objects.create(
            network=cast.network, subject_type="bodies.minutes", subject_uuid=minutes.uuid,
            closes_at=clock.now() + timedelta(days=3),
        )  # fmt: skip
        tie(matter, minutes)
        tie(matter, Idea.objects.create(body=council, title="Nachwuchs"))
        thread = queries.thread_of(matter, cast.actor("voter"))
        found = {one.line.kind: one.line.state for one in thread.entries}
        assert found == {
            "Thema": "im Speicher", "Protokoll": "verschickt, Einwände möglich",
            "Frist für Einwände": "läuft",
        }  # fmt: skip

    def test_what_somebody_may_not_see_is_left_out_without_a_trace(
        self, cast: Cast, item: AgendaItem, matter: Matter
    ) -> None:
        tie(matter, item)
        do(decide(item), cast)
        text = html(cast.client("member"), page_of(matter))
        assert matter.title in text
        for secret in (item.title, "Wir bilden Lotsen aus.", "Konzept schreiben", "Rat"):
            assert secret not in text

    def test_a_decision_of_published_minutes_is_read_there(
        self, cast: Cast, meeting: Meeting, item: AgendaItem, matter: Matter
    ) -> None:
        tie(matter, decide(item))
        Minutes.objects.create(meeting=meeting, state="published", level="network")
        text = html(cast.client("member"), page_of(matter))
        assert "Wir bilden Lotsen aus." in text
        assert f"/gremien/sitzung/{meeting.uuid}/protokoll/" in text

    def test_the_office_unties_what_is_gone(
        self, cast: Cast, item: AgendaItem, matter: Matter
    ) -> None:
        knot = tie(matter, item)
        item.delete()
        assert "Nicht mehr vorhanden" not in html(cast.client("chair"), page_of(matter))
        office = cast.client("office")
        assert "Nicht mehr vorhanden" in html(office, page_of(matter))
        assert office.post(page_of(matter, "loesen/"), {"knot": str(knot.uuid)}).status_code == 302
        assert not matter.knots.exists()

    @pytest.mark.parametrize("role", ["office", "member"])
    def test_queries_do_not_grow(
        self, cast: Cast, item: AgendaItem, matter: Matter, count_queries: Any, role: str
    ) -> None:
        client = cast.client(role)
        counts = []
        for round_ in (1, 2, 2):
            for _n in range(round_):
                other = item_of(item.meeting)
                tie(matter, other)
                do(decide(other), cast)
                steps.add_step(matter, actor=COMMAND, title="Schritt")
            with count_queries() as found:
                client.get(page_of(matter))
            counts.append(found.count)
        assert counts[0] <= 12
        assert counts[0] == counts[1] == counts[2]


class TestKeeping:
    def test_begun_once_even_if_sent_twice(self, cast: Cast) -> None:
        data = {"title": "Neue Partner", "summary": "", "started_on": "2026-01-15",
                "_key": "k" * 20}  # fmt: skip
        client = cast.client("chair")
        answers = [client.post(LIST + "neu/", data)["Location"] for _n in range(2)]
        assert answers[0] == answers[1]
        assert Matter.objects.get().started_on == date(2026, 1, 15)
        assert LogEntry.objects.filter(code="matters.matter.started").count() == 1

    def test_a_fault_keeps_what_was_typed(self, cast: Cast) -> None:
        response = cast.client("office").post(
            LIST + "neu/", {"title": " ", "summary": "Schon gesagt", "started_on": "31.2.2026"}
        )
        text = make.body(response).decode()
        assert response.status_code == 422
        assert "Schon gesagt" in text
        assert "Dieses Datum gibt es nicht" in text

    @pytest.mark.parametrize(("role", "status"), [
        ("member", 403), ("voter", 403), ("auditor", 403), ("minute_taker", 200), ("chair", 200),
        ("coordinator", 200), ("operator", 200), ("office", 200), ("foreign_office", 404),
        ("registered", 404), ("former", 404),
    ])  # fmt: skip
    def test_who_may_change_one(self, cast: Cast, matter: Matter, role: str, status: int) -> None:
        assert cast.client(role).get(page_of(matter, "aendern/")).status_code == status

    def test_without_the_second_factor_the_minute_taker_keeps_nothing(
        self, cast: Cast, matter: Matter
    ) -> None:
        weak = cast.actor("minute_taker", strong=False)
        with pytest.raises(NotAllowed):
            services.move_matter(matter, actor=weak, expected=1, state="closed")

    def test_two_who_change_it_lose_nothing(self, cast: Cast, matter: Matter) -> None:
        client = cast.client("office")
        data = {"title": "Lotsen, erste Fassung", "summary": "", "started_on": "2026-01-15",
                "version": "1"}  # fmt: skip
        assert client.post(page_of(matter, "aendern/"), data).status_code == 302
        again = data | {"title": "Lotsen, zweite Fassung", "summary": "Mein langer Text"}
        response = client.post(page_of(matter, "aendern/"), again)
        text = make.body(response).decode()
        assert response.status_code == 409
        for kept in ("Lotsen, erste Fassung", "Lotsen, zweite Fassung", "Mein langer Text",
                     'name="version" value="2"'):  # fmt: skip
            assert kept in text
        matter.refresh_from_db()
        assert matter.title == "Lotsen, erste Fassung"

    def test_the_ways_of_a_matter(self, cast: Cast, matter: Matter) -> None:
        office = cast.actor("office")
        for state in ("resting", "closed", "open", "closed"):
            services.move_matter(matter, actor=office, expected=matter.version, state=state)
        assert matter.closed_on == clock.today()
        for wrong in ("resting", "closed", "", "erfunden"):
            with pytest.raises(Refused):
                services.move_matter(matter, actor=office, expected=matter.version, state=wrong)
        with pytest.raises(Conflict):
            services.move_matter(matter, actor=office, expected=1, state="open")

    def test_a_closed_matter_takes_nothing_more(
        self, cast: Cast, item: AgendaItem, matter: Matter
    ) -> None:
        office = cast.actor("office")
        services.move_matter(matter, actor=office, expected=1, state="closed")
        with pytest.raises(Refused):
            services.tie(matter, actor=office, ref=Ref.to(item))
        with pytest.raises(Refused):
            steps.add_step(matter, actor=office, title="Zu spät")
        response = cast.client("office").post(
            page_of(matter, "stand/"), {"state": "open", "version": "2"}
        )
        assert response.status_code == 302
        assert Matter.objects.get(pk=matter.pk).closed_on is None


class TestTying:
    def address(self, thing: Any) -> str:
        ref = Ref.to(thing)
        return f"{LIST}verknuepfen/?art={ref.type}&id={ref.uuid}"

    def test_a_matter_begins_with_a_decision(self, cast: Cast, item: AgendaItem) -> None:
        decision = decide(item)
        client = cast.client("chair")
        assert "Wir bilden Lotsen aus." in html(client, self.address(decision))
        response = client.post(self.address(decision), {"matter": "", "title": "Lotsen"})
        assert response["Location"] == page_of(Matter.objects.get())
        knot = Knot.objects.get()
        assert (knot.ref_type, knot.title) == ("bodies.outcome", "Wir bilden Lotsen aus.")
        assert knot.at == item.meeting.starts_at

    def test_it_joins_a_matter_once(self, cast: Cast, item: AgendaItem, matter: Matter) -> None:
        client = cast.client("chair")
        for _n in range(2):
            data = {"matter": str(matter.uuid), "title": ""}
            assert client.post(self.address(item), data).status_code == 302
        assert matter.knots.count() == 1
        assert matter.title in html(client, self.address(item))

    def test_neither_or_both_is_asked_again(
        self, cast: Cast, item: AgendaItem, matter: Matter
    ) -> None:
        for data in ({"matter": "", "title": ""}, {"matter": str(matter.uuid), "title": "Neu"}):
            assert cast.client("chair").post(self.address(item), data).status_code == 422
        assert not Knot.objects.exists()

    def test_nobody_ties_what_is_not_theirs_to_see(
        self, cast: Cast, item: AgendaItem, matter: Matter
    ) -> None:
        assert cast.client("coordinator").get(self.address(item)).status_code == 404
        assert cast.client("foreign_office").get(self.address(item)).status_code == 404
        assert cast.client("voter").get(self.address(item)).status_code == 403
        with pytest.raises(Refused):
            services.tie(matter, actor=cast.actor("coordinator"), ref=Ref.to(item))
        elsewhere = Matter.objects.create(network=cast.other, title="Woanders")
        with pytest.raises(Refused):
            services.tie(elsewhere, actor=COMMAND, ref=Ref.to(item))

    @pytest.mark.parametrize("query", [
        "", "?art=bodies.agendaitem", "?art=accounts.account&id=", "?art=erfunden&id=1",
        "?art=parties.person&id=00000000-0000-4000-8000-000000000000",
    ])  # fmt: skip
    def test_an_address_without_a_thing_is_none(self, cast: Cast, query: str) -> None:
        assert cast.client("office").get(f"{LIST}verknuepfen/{query}").status_code == 404

    def test_each_type_can_be_tied(self, cast: Cast, item: AgendaItem) -> None:
        idea = Idea.objects.create(body=item.meeting.body, title="Nachwuchs")
        decision = decide(item)
        annex = Annex.objects.create(meeting=item.meeting, item=item, number=1, title="Konzept")
        for thing in (item, decision, annex, idea, do(decision, cast)):
            line = line_of(cast.actor("office"), Ref.to(thing))
            assert line is not None
            assert (line.ref, line.network) == (Ref.to(thing), cast.network.pk)


class TestMergeAndSplit:
    def test_a_merged_matter_leads_on(self, cast: Cast, item: AgendaItem, matter: Matter) -> None:
        other = Matter.objects.create(network=cast.network, title="Lotsen, doppelt")
        oldest = Matter.objects.create(
            network=cast.network, title="Noch älter", merged_into=other, state="closed"
        )
        for each in (matter, other):
            tie(each, item)
        tie(other, decide(item))
        steps.add_step(other, actor=COMMAND, title="Anfangen")
        client = cast.client("office")
        response = client.post(
            page_of(other, "zusammenfuehren/"), {"into": str(matter.uuid), "version": "1"}
        )
        assert response["Location"] == page_of(matter)
        assert matter.knots.count() == 2
        assert matter.steps.count() == 1
        for each in (other, oldest):
            assert client.get(page_of(each))["Location"] == page_of(matter)
        assert "Lotsen, doppelt" in html(client, page_of(matter))
        assert "Lotsen, doppelt" not in html(client, LIST)
        with pytest.raises(Refused):
            services.tie(Matter.objects.get(pk=other.pk), actor=COMMAND, ref=Ref.to(item))

    def test_only_into_another_of_the_network(self, cast: Cast, matter: Matter) -> None:
        away = Matter.objects.create(network=cast.other, title="Woanders")
        for into in (matter, away):
            with pytest.raises(Refused):
                services.merge_matter(matter, actor=COMMAND, expected=1, into=into)
        with pytest.raises(NotAllowed):
            services.merge_matter(matter, actor=cast.actor("office"), expected=1, into=away)
        response = cast.client("office").post(
            page_of(matter, "zusammenfuehren/"), {"into": str(away.uuid), "version": "1"}
        )
        assert response.status_code == 422

    def test_a_stale_merge_is_a_conflict(self, cast: Cast, matter: Matter) -> None:
        into = Matter.objects.create(network=cast.network, title="Anderer")
        response = cast.client("office").post(
            page_of(matter, "zusammenfuehren/"), {"into": str(into.uuid), "version": "7"}
        )
        assert response.status_code == 409
        assert Matter.objects.get(pk=matter.pk).merged_into is None

    def test_the_chosen_go_into_a_new_matter(
        self, cast: Cast, item: AgendaItem, matter: Matter
    ) -> None:
        stays, goes = tie(matter, item), tie(matter, item_of(item.meeting, title="Anderes"))
        client = cast.client("chair")
        assert "Anderes" in html(client, page_of(matter, "teilen/"))
        data = {"title": "Etwas Eigenes", "knots": [str(goes.uuid)], "version": "1",
                "_key": "s" * 20}  # fmt: skip
        first = client.post(page_of(matter, "teilen/"), data)
        made = Matter.objects.get(title="Etwas Eigenes")
        assert first["Location"] == page_of(made)
        assert list(made.knots.all()) == [goes]
        assert list(matter.knots.all()) == [stays]

    def test_nothing_chosen_and_things_of_others_are_refused(
        self, cast: Cast, item: AgendaItem, matter: Matter
    ) -> None:
        foreign = tie(Matter.objects.create(network=cast.network, title="Anderer"), item)
        client = cast.client("office")
        for knots in ([], [str(foreign.uuid)], ["Unsinn"]):
            data = {"title": "Neu", "knots": knots, "version": "1"}
            assert client.post(page_of(matter, "teilen/"), data).status_code == 422
        with pytest.raises(Refused):
            services.split_matter(
                matter, actor=COMMAND, expected=1, title="Neu", knots=[foreign.uuid]
            )
        assert foreign.matter.knots.count() == 1
