"""The backlog of a body: proposed with a name in brackets, sorted into a programme (S1-17)."""

from typing import Any

import pytest

from lotse.foundation.core.actor import COMMAND
from lotse.foundation.core.errors import NotAllowed, Refused
from lotse.foundation.core.models import LogEntry
from lotse.foundation.core.ref import Ref
from lotse.foundation.matters import services as matters
from lotse.foundation.matters.models import Matter
from lotse.foundation.parties.models import Body
from lotse.rooms.bodies.models import AgendaItem, Idea
from lotse.rooms.bodies.services import ideas
from tests import make
from tests.people import Cast

pytestmark = pytest.mark.django_db
TYPED = {"title": "Nachwuchs gewinnen", "text": "Betriebe finden niemanden.",
         "known": "Eine Messe im Herbst", "contribution": "Räume und Lotsen"}  # fmt: skip


@pytest.fixture
def url(council: Body) -> str:
    return f"/gremien/{council.uuid}/themen/"


@pytest.fixture
def idea(cast: Cast, council: Body) -> Idea:
    return ideas.propose_idea(council, actor=cast.actor("voter"), **TYPED)


def body(response: Any) -> str:
    return make.body(response).decode()


class TestProposing:
    def test_a_member_proposes_and_stands_in_brackets(self, cast: Cast, url: str) -> None:
        client = cast.client("voter")
        for _n in range(2):
            assert client.post(url + "neu/", TYPED | {"_key": "i" * 20}).status_code == 302
        found = Idea.objects.select_related("proposer").get()
        assert found.proposer is not None
        assert found.proposer.person == cast["voter"]
        assert "Nachwuchs gewinnen (Volker Stimm, Brandt GmbH)" in body(client.get(url))
        assert LogEntry.objects.filter(code="bodies.idea.proposed").count() == 1

    def test_who_keeps_the_backlog_names_somebody_else(self, cast: Cast, url: str) -> None:
        data = TYPED | {"by_name": "Frau Beispiel", "by_organisation": "Kammer"}
        assert cast.client("minute_taker").post(url + "neu/", data).status_code == 302
        assert "(Frau Beispiel, Kammer)" in body(cast.client("chair").get(url))

    def test_a_member_speaks_in_the_own_name_only(self, cast: Cast, council: Body) -> None:
        with pytest.raises(Refused):
            ideas.propose_idea(
                council, actor=cast.actor("voter"), title="Neu", by_name="Jemand anders"
            )

    def test_without_a_subject_nothing_is_lost(self, cast: Cast, url: str) -> None:
        response = cast.client("voter").post(url + "neu/", TYPED | {"title": " "})
        assert response.status_code == 422
        assert "Eine Messe im Herbst" in body(response)

    def test_not_in_an_ended_body(self, cast: Cast, council: Body) -> None:
        Body.objects.filter(pk=council.pk).update(state="ended")
        council.refresh_from_db()
        with pytest.raises(Refused):
            ideas.propose_idea(council, actor=cast.actor("voter"), title="Neu")

    @pytest.mark.parametrize(("role", "read", "propose"), [
        ("voter", 200, 200), ("chair", 200, 200), ("minute_taker", 200, 200),
        ("office", 200, 200), ("operator", 200, 200), ("auditor", 200, 403),
        ("member", 404, 404), ("editor_a", 404, 404), ("coordinator", 404, 404),
        ("foreign_office", 404, 404), ("registered", 404, 404), ("anonymous", 302, 302),
    ])  # fmt: skip
    def test_who_may(
        self, cast: Cast, url: str, idea: Idea, role: str, read: int, propose: int
    ) -> None:
        client = cast.client(role)
        assert client.get(url).status_code == read
        assert client.get(f"/gremien/thema/{idea.uuid}/").status_code == read
        assert client.get(url + "programm/").status_code == read
        assert client.get(url + "neu/").status_code == propose

    def test_a_public_body_shows_its_backlog_to_members_only(
        self, cast: Cast, council: Body, url: str
    ) -> None:
        type(council.charter).objects.filter(body=council).update(level="public")
        assert cast.client("member").get(url).status_code == 403


class TestSorting:
    def test_into_a_programme_and_on_paper(self, cast: Cast, url: str, idea: Idea) -> None:
        client = cast.client("chair")
        data = {"state": "planned", "programme": "2027", "version": "1"}
        assert client.post(f"/gremien/thema/{idea.uuid}/", data).status_code == 302
        text = body(client.get(url + "programm/?name=2027"))
        for told in (*TYPED.values(), "(Volker Stimm, Brandt GmbH)", "data-print"):
            assert told in text
        assert client.get(url + "programm/?name=2031").status_code == 404
        assert "Nachwuchs" in body(client.get(url + "?programm=2027"))
        assert "Nachwuchs" not in body(client.get(url + "?stand=open"))

    def test_dropped_with_a_reason(self, cast: Cast, url: str, idea: Idea) -> None:
        client = cast.client("office")
        page = f"/gremien/thema/{idea.uuid}/"
        response = client.post(page, {"state": "dropped", "reason": "", "version": "1"})
        assert response.status_code == 422
        data = {"state": "dropped", "reason": "Macht schon die Kammer", "version": "1"}
        assert client.post(page, data).status_code == 302
        assert "Macht schon die Kammer" in body(cast.client("voter").get(url))
        idea.refresh_from_db()
        ideas.sort_idea(idea, actor=cast.actor("office"), expected=2, state="open")
        assert idea.reason == ""

    def test_only_ways_that_there_are(self, cast: Cast, idea: Idea) -> None:
        office = cast.actor("office")
        for wrong in ("open", "taken", "", "erfunden"):
            with pytest.raises(Refused):
                ideas.sort_idea(idea, actor=office, expected=1, state=wrong)
        with pytest.raises(Refused):
            ideas.sort_idea(idea, actor=office, expected=1, state="planned", programme=" ")

    def test_a_member_does_not_sort(self, cast: Cast, idea: Idea) -> None:
        client = cast.client("voter")
        data = {"state": "dropped", "reason": "Nein", "version": "1"}
        assert client.post(f"/gremien/thema/{idea.uuid}/", data).status_code == 403
        assert client.get(f"/gremien/thema/{idea.uuid}/aendern/").status_code == 403
        assert "Entscheidung speichern" not in body(client.get(f"/gremien/thema/{idea.uuid}/"))
        with pytest.raises(NotAllowed):
            ideas.sort_idea(idea, actor=cast.actor("voter"), expected=1, state="open")

    def test_two_who_decide(self, cast: Cast, idea: Idea) -> None:
        client = cast.client("office")
        page = f"/gremien/thema/{idea.uuid}/"
        client.post(page, {"state": "planned", "programme": "2027", "version": "1"})
        response = client.post(page, {"state": "dropped", "reason": "Zu groß", "version": "1"})
        assert response.status_code == 409
        text = body(response)
        assert "im Arbeitsprogramm" in text
        assert "Zu groß" in text

    def test_two_who_change_the_words(self, cast: Cast, idea: Idea) -> None:
        client = cast.client("office")
        page = f"/gremien/thema/{idea.uuid}/aendern/"
        assert (
            client.post(page, TYPED | {"known": "Zwei Messen", "version": "1"}).status_code == 302
        )
        response = client.post(page, TYPED | {"known": "Drei Messen", "version": "1"})
        assert response.status_code == 409
        text = body(response)
        assert "Zwei Messen" in text
        assert "Drei Messen" in text

    def test_it_leads_to_its_agenda_and_its_matter(
        self, cast: Cast, item: AgendaItem, idea: Idea
    ) -> None:
        AgendaItem.objects.filter(pk=item.pk).update(
            source_type="bodies.idea", source_uuid=idea.uuid
        )
        Idea.objects.filter(pk=idea.pk).update(state="taken")
        matter = Matter.objects.create(network=cast.network, title="Nachwuchs überall")
        matters.tie(matter, actor=COMMAND, ref=Ref.to(idea))
        text = body(cast.client("voter").get(f"/gremien/thema/{idea.uuid}/"))
        assert f"/gremien/sitzung/{item.meeting.uuid}/" in text
        assert "Nachwuchs überall" in text

    def test_queries_do_not_grow(
        self, cast: Cast, council: Body, url: str, count_queries: Any
    ) -> None:
        client = cast.client("voter")
        counts = []
        for round_ in (1, 2):
            for _n in range(round_):
                ideas.propose_idea(council, actor=cast.actor("voter"), title="Thema")
            with count_queries() as found:
                client.get(url)
            counts.append(found.count)
        assert counts[0] == counts[1] <= 8
