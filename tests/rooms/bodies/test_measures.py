"""Measures that meetings agree on: made, seen, changed, listed for a body and for each partner."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from lotse.foundation.core import clock
from lotse.foundation.core.actor import COMMAND
from lotse.foundation.core.errors import Conflict, NotAllowed, Refused
from lotse.foundation.core.models import LogEntry
from lotse.foundation.core.permissions import has
from lotse.foundation.core.ref import Ref
from lotse.foundation.matters import services as matters
from lotse.foundation.measures import services
from lotse.foundation.measures.models import Measure
from lotse.foundation.measures.parties import Party
from lotse.foundation.parties.models import Body
from lotse.rooms.bodies.models import (
    AgendaItem,
    Attendance,
    GroupCluster,
    GroupResult,
    GroupTable,
    Meeting,
    Outcome,
)
from lotse.rooms.bodies.queries import measures as reads
from lotse.rooms.bodies.services.actions_agreed import agree, change_agreed
from tests import people
from tests.people import Cast
from tests.rooms.bodies.conftest import meeting_of

pytestmark = pytest.mark.django_db
VIEW, WORK = "measures.measure.view", "measures.measure.edit"


@pytest.fixture
def outcome(item: AgendaItem) -> Outcome:
    return Outcome.objects.create(
        item=item, kind=Outcome.Kind.AGREED_ACTION, text="Der Rat legt ein Konzept zur Anfrage vor."
    )


@pytest.fixture
def agreed(cast: Cast, outcome: Outcome) -> Measure:
    """The council and an organisation, without a date."""
    parties = [Party(body=cast.council.pk), Party(organisation=cast.org_a.pk)]
    (measure,) = agree(
        outcome, actor=cast.actor("chair"), parties=parties, title="Konzept vorlegen"
    )
    return measure


def who_may(cast: Cast, code: str, measure: Measure) -> set[str]:
    return {role for role in people.ROLES if has(code, cast.actor(role), measure)}


class TestAgreeing:
    def test_origin_parties_network_and_log(
        self, cast: Cast, agreed: Measure, outcome: Outcome, meeting: Meeting
    ) -> None:
        assert agreed.origin == Ref.to(outcome)
        assert (agreed.body, agreed.network) == (cast.council, cast.network)
        assert [helper.name for helper in agreed.helpers.all()] == ["Ahrens hilft e. V."]
        assert LogEntry.objects.filter(object_uuid=agreed.uuid).exists()
        before = meeting.live
        meeting.refresh_from_db()
        assert meeting.live == before + 1

    @pytest.mark.parametrize("role", ["voter", "member", "auditor", "coordinator", "registered"])
    def test_only_who_runs_the_meeting(self, cast: Cast, outcome: Outcome, role: str) -> None:
        with pytest.raises(NotAllowed):
            agree(outcome, actor=cast.actor(role), title="Konzept")
        assert not Measure.objects.exists()

    def test_the_same_form_twice_makes_one(self, cast: Cast, outcome: Outcome) -> None:
        for _ in range(2):
            found = agree(outcome, actor=cast.actor("office"), title="Konzept", key="k" * 20)
            assert [one.title for one in found] == ["Konzept"]
        assert Measure.objects.count() == 1

    def test_refused_without_words_and_for_strangers(self, cast: Cast, outcome: Outcome) -> None:
        foreign = people.organisation(cast.other, "Fremd e. V.")
        chair = cast.actor("chair")
        with pytest.raises(Refused):
            agree(outcome, actor=chair, title=" ")
        with pytest.raises(Refused):
            agree(outcome, actor=chair, title="Bitte", parties=[Party(organisation=foreign.pk)])
        assert not Measure.objects.exists()

    def test_results_and_clusters_of_group_work_are_origins_too(
        self, cast: Cast, item: AgendaItem
    ) -> None:
        """S1-12."""
        table = GroupTable.objects.create(item=item, number=1, question="Was hilft?")
        result = GroupResult.objects.create(table=table, text="Besuche vor Ort")
        cluster = GroupCluster.objects.create(item=item, title="Ansprache")
        for source in (result, cluster):
            (measure,) = agree(source, actor=cast.actor("chair"), title="Besuche planen")
            assert measure.origin == Ref.to(source)
            assert {"voter", "chair", "office"} <= who_may(cast, VIEW, measure)
            url = reverse("bodies:measure", args=[measure.uuid])
            assert cast.client("voter").get(url).status_code == 200


class TestRights:
    def test_who_may_see_the_meeting_sees_who_runs_it_works(
        self, cast: Cast, outcome: Outcome
    ) -> None:
        (measure,) = agree(outcome, actor=cast.actor("office"), title="Konzept")
        assert who_may(cast, VIEW, measure) == {
            "chair", "minute_taker", "voter", "office", "coordinator", "auditor", "operator"
        }  # fmt: skip
        assert who_may(cast, WORK, measure) == {"chair", "minute_taker", "office", "operator"}
        assert not has(VIEW, cast.actor("foreign_office"), measure)

    def test_a_guest_of_the_meeting_sees_it(
        self, cast: Cast, agreed: Measure, meeting: Meeting
    ) -> None:
        url = reverse("bodies:measure", args=[agreed.uuid])
        assert cast.client("registered").get(url).status_code == 404
        Attendance.objects.create(
            meeting=meeting,
            person=cast["registered"],
            name="Gast",
            part="guest",
            invited_at=clock.now(),
        )
        assert cast.client("registered").get(url).status_code == 200

    def test_who_helps_does_not_see_the_meeting(self, cast: Cast, agreed: Measure) -> None:
        client = cast.client("editor_a")
        page = client.get(reverse("today:measure", args=[agreed.uuid]))
        assert page.status_code == 200
        assert "aus einer Sitzung" in page.content.decode()
        url = reverse("bodies:measure", args=[agreed.uuid])
        assert url not in page.content.decode()
        # The address in the room, from somebody who is inside, leads to the page that opens.
        assert client.get(url)["Location"] == reverse("today:measure", args=[agreed.uuid])
        assert cast.client("editor_b").get(url).status_code == 404
        assert client.get(reverse("bodies:measure-edit", args=[agreed.uuid])).status_code == 404

    def test_every_list_leads_to_a_page_that_opens(
        self, cast: Cast, agreed: Measure, outcome: Outcome
    ) -> None:
        """Coordination reads what the network agreed, and nothing of the meeting."""
        matter = matters.start_matter(
            cast.network, actor=COMMAND, title="Lotsen", ref=Ref.to(agreed)
        )
        lists = {
            "workload": reverse("bodies:workload-of", args=[cast.org_a.uuid]),
            "matter": reverse("bodies:matter", args=[matter.uuid]),
            "body": reverse("bodies:measures", args=[cast.council.uuid]),
        }
        readers = {"workload": {"office", "coordinator", "auditor", "operator"},
                   "matter": set(people.ROLES),
                   "body": {"office", "auditor", "operator", "chair", "voter"}}  # fmt: skip
        for role in ("coordinator", "office", "auditor", "operator", "chair", "voter", "editor_a"):
            client, may = cast.client(role), has(VIEW, cast.actor(role), agreed)
            for name, url in lists.items():
                response = client.get(url)
                assert (response.status_code == 200) is (role in readers[name]), (role, name)
                text = response.content.decode() if role in readers[name] else ""
                found = set(re.findall(rf'"(/[^" ]*{agreed.uuid}/)"', text))
                assert bool(found) is (may and role in readers[name]), (role, name)
                assert all(client.get(one).status_code == 200 for one in found), (role, name)
        page = cast.client("coordinator").get(reverse("bodies:measure", args=[agreed.uuid]))
        shown = cast.client("coordinator").get(page["Location"]).content.decode()
        assert agreed.title in shown
        assert outcome.item.title not in shown
        assert outcome.text not in shown


class TestPage:
    def test_it_says_where_it_comes_from(
        self, cast: Cast, agreed: Measure, item: AgendaItem, count_queries: Any
    ) -> None:
        client = cast.client("voter")
        url = reverse("bodies:measure", args=[agreed.uuid])
        client.get(url)
        with count_queries() as queries:
            page = client.get(url).content.decode()
        assert queries.count <= 12
        for words in (item.title, "Der Rat legt ein Konzept", "ohne Termin", "Ahrens hilft e. V.",
                      reverse("bodies:meeting", args=[item.meeting.uuid])):  # fmt: skip
            assert words in page
        assert "Maßnahme ändern" not in page
        assert "Maßnahme ändern" in cast.client("chair").get(url).content.decode()

    def form(self, measure: Measure, **values: Any) -> dict[str, Any]:
        assert measure.body is not None
        return {
            "version": measure.version, "title": measure.title, "status": "open",
            "party_0": f"g-{measure.body.uuid}", **values,
        }  # fmt: skip

    def test_changed_by_who_runs_the_meeting(self, cast: Cast, agreed: Measure) -> None:
        url = reverse("bodies:measure-edit", args=[agreed.uuid])
        day = clock.today() + timedelta(days=9)
        values = {
            "title": "Kurzes Konzept", "due_on": day.isoformat(), "due_words": "vor den Ferien",
            "party_0": f"o-{cast.org_b.uuid}", "party_1": "", "party_2": f"g-{cast.council.uuid}",
        }  # fmt: skip
        client = cast.client("minute_taker")
        assert client.get(url).status_code == 200
        assert client.post(url, self.form(agreed, **values)).status_code == 302
        agreed.refresh_from_db()
        assert (agreed.title, agreed.due_on, agreed.due_words) == (
            "Kurzes Konzept", day, "vor den Ferien"
        )  # fmt: skip
        assert (agreed.organisation, agreed.body) == (cast.org_b, None)
        assert [helper.body for helper in agreed.helpers.all()] == [cast.council]

    @pytest.mark.parametrize(
        ("role", "status"),
        [("voter", 403), ("auditor", 403), ("editor_a", 404), ("anonymous", 403)],
    )
    def test_not_by_others(self, cast: Cast, agreed: Measure, role: str, status: int) -> None:
        client = cast.client(role)
        for name in ("measure-edit", "measure-share", "measure-remind"):
            url = reverse(f"bodies:{name}", args=[agreed.uuid])
            assert client.post(url, self.form(agreed, title="Anders")).status_code == status
        agreed.refresh_from_db()
        assert agreed.title == "Konzept vorlegen"

    def test_nothing_typed_is_lost(self, cast: Cast, agreed: Measure) -> None:
        client, url = cast.client("chair"), reverse("bodies:measure-edit", args=[agreed.uuid])
        empty = client.post(url, self.form(agreed, title="", reason="Meine Worte"))
        assert empty.status_code == 422
        assert "Meine Worte" in empty.content.decode()
        old = self.form(agreed, title="Fassung zwei")
        services.change_measure(
            agreed, actor=COMMAND, expected=agreed.version, changes={"title": "Fassung eins"}
        )
        page = client.post(url, old)
        assert page.status_code == 409
        assert "Fassung eins" in page.content.decode()
        assert "Fassung zwei" in page.content.decode()

    def test_a_late_one_needs_a_reason(self, cast: Cast, agreed: Measure) -> None:
        """X-07."""
        Measure.objects.update(due_on=clock.today() - timedelta(days=2))
        agreed.refresh_from_db()
        url = reverse("bodies:measure-edit", args=[agreed.uuid])
        later = {"due_on": (clock.today() + timedelta(days=30)).isoformat()}
        page = cast.client("chair").post(url, self.form(agreed, **later))
        assert page.status_code == 422
        assert "Bitte schreiben Sie, warum." in page.content.decode()
        done = self.form(agreed, **later, delay_reason="Der Haushalt fehlt.")
        assert cast.client("chair").post(url, done).status_code == 302
        agreed.refresh_from_db()
        assert agreed.delay_reason == "Der Haushalt fehlt."

    def test_of_two_who_save_one_is_told(
        self, cast: Cast, agreed: Measure, outcome: Outcome
    ) -> None:
        """T37."""
        chair, version = cast.actor("chair"), agreed.version
        change_agreed(agreed, outcome, actor=chair, expected=version, title="Eins")
        with pytest.raises(Conflict):
            change_agreed(agreed, outcome, actor=chair, expected=version, title="Zwei")
        agreed.refresh_from_db()
        assert agreed.title == "Eins"


class TestBody:
    def url(self, cast: Cast) -> str:
        return reverse("bodies:measures", args=[cast.council.uuid])

    def test_without_a_date_first_then_by_date(self, cast: Cast, outcome: Outcome) -> None:
        """S1-10, and what comes to the next agenda."""
        chair, today = cast.actor("chair"), clock.today()
        for title, days in (("Später", 20), ("Ohne Termin", None), ("Überfällig", -3)):
            due = None if days is None else today + timedelta(days=days)
            agree(outcome, actor=chair, title=title, due_on=due)
        done = agree(outcome, actor=chair, title="Erledigt")[0]
        services.change_measure(
            done, actor=COMMAND, expected=done.version, changes={"status": "done"}
        )
        expected = ["Ohne Termin", "Überfällig", "Später"]
        assert [one.title for one in reads.open_of(cast.council)] == expected
        overview = reads.overview_of(cast.council, chair)
        assert [one.title for one in overview.measures] == [*expected, "Erledigt"]
        assert overview.counts == {"active": 3, "late": 1, "undated": 1, "done": 1}

    def test_everything_that_is_the_bodys(self, cast: Cast, outcome: Outcome) -> None:
        other = Body.objects.create(network=cast.network, name="Arbeitsgruppe", kind="other")
        theirs = Outcome.objects.create(
            item=AgendaItem.objects.create(meeting=meeting_of(other), title="Bericht"),
            kind="request", text="Der Rat wird gebeten.",
        )  # fmt: skip
        office, council = cast.actor("office"), Party(body=cast.council.pk)
        agree(outcome, actor=office, title="Eigene")
        agree(theirs, actor=office, title="Erbeten", parties=[council])
        agree(theirs, actor=office, title="Gemeinsam", parties=[Party(body=other.pk), council])
        agree(theirs, actor=office, title="Fremde", parties=[Party(body=other.pk)])
        found = {one.title for one in reads.open_of(cast.council)}
        assert found == {"Eigene", "Erbeten", "Gemeinsam"}
        page = cast.client("voter").get(self.url(cast)).content.decode()
        assert "Erbeten" in page
        assert "Fremde" not in page

    @pytest.mark.parametrize(("role", "status"), [
        ("chair", 200), ("voter", 200), ("office", 200), ("auditor", 200), ("operator", 200),
        ("member", 404), ("coordinator", 404), ("registered", 404), ("foreign_office", 404),
        ("anonymous", 302),
    ])  # fmt: skip
    def test_who_reads_it(self, cast: Cast, role: str, status: int) -> None:
        response = cast.client(role).get(self.url(cast))
        assert response.status_code == status
        load = "/gremien/auslastung/" in response.content.decode()
        assert load is (role in ("office", "auditor", "operator"))

    def test_filters_files_and_print(self, cast: Cast, agreed: Measure, meeting: Meeting) -> None:
        client = cast.client("chair")
        for query, there in (("stand=undated", True), ("stand=late", False), ("stand=done", False),
                             (f"sitzung={meeting.uuid}", True), ("suche=Rat der", True),
                             ("suche=nirgends", False), ("als=druck", True)):  # fmt: skip
            page = client.get(f"{self.url(cast)}?{query}").content.decode()
            assert ("Konzept vorlegen" in page) is there, query
        file = client.get(f"{self.url(cast)}?als=csv").content.decode("utf-8-sig")
        assert "Rat der Beispielregion, Ahrens hilft e. V." in file
        assert "Grund der Verspätung" in file
        assert client.get(f"{self.url(cast)}?als=xlsx").status_code == 200

    def test_queries(self, cast: Cast, outcome: Outcome, count_queries: Any) -> None:
        client, counts = cast.client("chair"), []
        client.get(self.url(cast))
        for n in (1, 3):
            while Measure.objects.count() < n:
                agree(outcome, actor=COMMAND, title="Konzept", parties=[
                    Party(body=cast.council.pk), Party(organisation=cast.org_a.pk)])  # fmt: skip
            with count_queries() as queries:
                client.get(self.url(cast))
            counts.append(queries.count)
            found = "?suche=Konzept&stand=active&seite=1"
            with count_queries() as queries:
                client.get(self.url(cast) + found)
            counts.append(queries.count)
        assert len(set(counts)) == 1
        assert counts[0] <= 8, counts
