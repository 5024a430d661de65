"""The load of each partner: how many open measures of the network it has, and which (S4-14)."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from lotse.foundation.core import clock
from lotse.foundation.core.actor import COMMAND
from lotse.foundation.core.ref import Ref
from lotse.foundation.measures import services
from lotse.foundation.measures.parties import Party
from lotse.rooms.bodies.models import AgendaItem, Outcome
from lotse.rooms.bodies.queries import measures as reads
from lotse.rooms.bodies.services.actions_agreed import agree
from tests import people
from tests.people import Cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def outcome(item: AgendaItem) -> Outcome:
    return Outcome.objects.create(
        item=item, kind=Outcome.Kind.AGREED_ACTION, text="Der Rat legt ein Konzept zur Anfrage vor."
    )


class TestWorkload:
    URL = "/gremien/auslastung/"

    @pytest.fixture
    def some(self, cast: Cast, outcome: Outcome) -> None:
        """Organisation A has six, one of them late; B helps with one; a plan of its own."""
        late = clock.today() - timedelta(days=1)
        for n in range(6):
            agree(outcome, actor=COMMAND, title=f"Aufgabe {n}", due_on=late if n == 5 else None,
                  parties=[Party(organisation=cast.org_a.pk), *(
                      [Party(organisation=cast.org_b.pk)] if n == 0 else [])])  # fmt: skip
        services.create_measure(
            actor=COMMAND, origin=Ref.to(cast.org_b), title="Eigener Plan", organisation=cast.org_b
        )

    @pytest.mark.usefixtures("some")
    def test_the_fullest_first(self, cast: Cast) -> None:
        """S4-14; what partners plan for themselves is not counted (T01)."""
        found = reads.loads_of(cast.network.pk, cast.actor("office"))
        assert [(one.name, one.open, one.late, one.undated) for one in found] == [
            ("Ahrens hilft e. V.", 6, 1, 5), ("Brandt GmbH", 1, 0, 1),
        ]  # fmt: skip
        page = cast.client("coordinator").get(self.URL).content.decode()
        assert "viel auf einmal" in page
        assert page.index("Ahrens hilft") < page.index("Brandt GmbH")
        assert (
            "Brandt" not in cast.client("office").get(self.URL + "?suche=ahrens").content.decode()
        )
        assert "Brandt" in cast.client("office").get(self.URL + "?als=csv").content.decode()

    @pytest.mark.usefixtures("some")
    def test_what_it_is(self, cast: Cast) -> None:
        url = reverse("bodies:workload-of", args=[cast.org_b.uuid])
        page = cast.client("office").get(url).content.decode()
        assert "Aufgabe 0" in page
        assert "Aufgabe 1" not in page
        assert "Eigener Plan" not in page

    def test_people_and_bodies_count_too(self, cast: Cast, outcome: Outcome) -> None:
        agree(outcome, actor=COMMAND, title="Brief", parties=[
            Party(person=cast["voter"].pk), Party(body=cast.council.pk)])  # fmt: skip
        found = reads.loads_of(cast.network.pk, cast.actor("office"))
        assert {(one.kind, one.open) for one in found} == {("person", 1), ("body", 1)}
        for one in found:
            url = reverse("bodies:workload-of", args=[one.uuid])
            assert "Brief" in cast.client("office").get(url).content.decode()

    @pytest.mark.parametrize(("role", "status"), [
        ("office", 200), ("coordinator", 200), ("auditor", 200), ("operator", 200),
        ("chair", 403), ("voter", 403), ("member", 403), ("registered", 403),
        ("foreign_office", 403), ("anonymous", 302),
    ])  # fmt: skip
    def test_who_reads_it(self, cast: Cast, role: str, status: int) -> None:
        client = cast.client(role)
        assert client.get(self.URL).status_code == status
        url = reverse("bodies:workload-of", args=[cast.org_a.uuid])
        assert client.get(url).status_code == status

    def test_of_another_network_or_nobody(self, cast: Cast) -> None:
        foreign = people.organisation(cast.other, "Fremd e. V.")
        url = reverse("bodies:workload-of", args=[foreign.uuid])
        assert cast.client("office").get(url).status_code == 404

    @pytest.mark.usefixtures("some")
    def test_queries(self, cast: Cast, count_queries: Any) -> None:
        client = cast.client("office")
        detail = reverse("bodies:workload-of", args=[cast.org_a.uuid])
        for url, most in ((self.URL, 8), (detail, 12)):
            client.get(url)
            with count_queries() as queries:
                client.get(url)
            assert queries.count <= most, url
