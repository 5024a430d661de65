"""Road map and document route of a matter (S2-21, S4-05), and the list of matters."""

from datetime import timedelta
from typing import Any

import pytest

from lotse.foundation.core import clock
from lotse.foundation.core.actor import COMMAND
from lotse.foundation.core.errors import Refused
from lotse.foundation.matters import steps
from lotse.foundation.matters.models import Matter, Step
from lotse.foundation.parties.models import Body
from tests import make
from tests.people import Cast
from tests.rooms.bodies.writing import key_of

pytestmark = pytest.mark.django_db
LIST = "/gremien/vorgaenge/"


@pytest.fixture
def matter(cast: Cast) -> Matter:
    return Matter.objects.create(network=cast.network, title="Lotsen in der Region")


def add(matter: Matter, title: str, **values: Any) -> Step:
    return steps.add_step(matter, actor=COMMAND, title=title, **values)


def titles(matter: Matter, kind: str = "step") -> list[str]:
    rows = matter.steps.filter(kind=kind).order_by("position", "pk")
    return list(rows.values_list("title", flat=True))


class TestSteps:
    def url(self, matter: Matter) -> str:
        return f"/gremien/vorgang/{matter.uuid}/schritt/"

    def test_a_station_is_planned_and_its_result_kept(
        self, cast: Cast, council: Body, matter: Matter
    ) -> None:
        client = cast.client("chair")
        data = {"kind": "station", "title": "Beratung", "body": str(council.uuid),
                "planned_on": "2026-12-01"}  # fmt: skip
        assert client.post(self.url(matter), data).status_code == 302
        step = Step.objects.get()
        assert (step.body, step.kind) == (council, "station")
        done = data | {"done_on": "2026-12-02", "result": "Mit einer Änderung", "version": "1"}
        assert client.post(f"/gremien/schritt/{step.uuid}/", done).status_code == 302
        text = client.get(f"/gremien/vorgang/{matter.uuid}/").content.decode()
        assert "Mit einer Änderung" in text
        assert "geschehen am 02.12.2026" in text
        # A body only for its members is not named to others.
        other = cast.client("editor_a").get(f"/gremien/vorgang/{matter.uuid}/").content.decode()
        assert "Beratung" in other
        assert council.name not in other

    def test_whoever_may_not_know_the_body_lets_it_stand(
        self, cast: Cast, council: Body, matter: Matter
    ) -> None:
        step = add(matter, "Beratung", body=council)
        client = cast.client("coordinator")
        url = f"/gremien/schritt/{step.uuid}/"
        assert council.name not in make.body(client.get(url)).decode()
        data = {"kind": "step", "title": "Beratung, zweimal", "body": str(council.uuid),
                "version": "1"}  # fmt: skip
        assert client.post(url, data).status_code == 302
        step.refresh_from_db()
        assert (step.title, step.body) == ("Beratung, zweimal", council)

    def test_a_result_has_a_day(self, cast: Cast, matter: Matter) -> None:
        data = {"kind": "step", "title": "Entwurf", "result": "Fertig"}
        response = cast.client("office").post(self.url(matter), data)
        assert response.status_code == 422
        assert "Fertig" in make.body(response).decode()

    def test_order_within_the_kind(self, cast: Cast, matter: Matter) -> None:
        one, _station = add(matter, "Eins"), add(matter, "Haltestelle", kind="station")
        two, three = add(matter, "Zwei"), add(matter, "Drei")
        client = cast.client("office")
        move = f"/gremien/schritt/{three.uuid}/platz/"
        client.post(move, {"up": "1"})
        client.post(move, {"up": "1"})
        client.post(move, {"up": "1"})
        assert titles(matter) == ["Drei", "Eins", "Zwei"]
        client.post(f"/gremien/schritt/{one.uuid}/platz/", {"down": "1"})
        assert titles(matter) == ["Drei", "Zwei", "Eins"]
        assert titles(matter, "station") == ["Haltestelle"]
        two.refresh_from_db()
        assert client.post(
            f"/gremien/schritt/{two.uuid}/platz/", {"remove": "1", "version": two.version}
        ).status_code == 302  # fmt: skip
        assert titles(matter) == ["Drei", "Eins"]

    def test_a_double_click_moves_it_once(self, cast: Cast, matter: Matter) -> None:
        add(matter, "Eins")
        add(matter, "Zwei")
        three, client = add(matter, "Drei"), cast.client("office")
        place = f"/gremien/schritt/{three.uuid}/platz/"
        key = key_of(client, f"/gremien/vorgang/{matter.uuid}/", place)
        for _click in range(2):
            assert client.post(place, {"up": "1", "_key": key}).status_code == 302
        assert titles(matter) == ["Eins", "Drei", "Zwei"]

    def test_what_was_done_is_not_removed(self, cast: Cast, matter: Matter) -> None:
        step = add(matter, "Eins", done_on=clock.today())
        with pytest.raises(Refused):
            steps.remove_step(step, actor=COMMAND, expected=1)

    def test_two_who_change_a_step(self, cast: Cast, matter: Matter) -> None:
        step = add(matter, "Eins")
        client = cast.client("office")
        url = f"/gremien/schritt/{step.uuid}/"
        data = {"kind": "step", "title": "Erste Fassung", "body": "", "version": "1"}
        assert client.post(url, data).status_code == 302
        response = client.post(url, data | {"title": "Zweite Fassung"})
        text = make.body(response).decode()
        assert response.status_code == 409
        assert "Erste Fassung" in text
        assert "Zweite Fassung" in text

    @pytest.mark.parametrize(
        ("role", "status"), [("member", 403), ("voter", 403), ("foreign_office", 404)]
    )
    def test_others_plan_nothing(self, cast: Cast, matter: Matter, role: str, status: int) -> None:
        step = add(matter, "Eins")
        client = cast.client(role)
        assert client.get(self.url(matter)).status_code == status
        assert client.get(f"/gremien/schritt/{step.uuid}/").status_code == status
        moved = client.post(f"/gremien/schritt/{step.uuid}/platz/", {"up": "1"})
        assert moved.status_code == status


class TestList:
    def test_search_state_and_file(self, cast: Cast, matter: Matter) -> None:
        Matter.objects.create(network=cast.network, title="Leitlinien", state="closed")
        Matter.objects.create(network=cast.other, title="Woanders")
        add(matter, "Konzept", planned_on=clock.today() - timedelta(days=1))
        client = cast.client("member")
        text = client.get(LIST).content.decode()
        assert "Lotsen in der Region" in text
        assert "Leitlinien" in text
        assert "Konzept" in text
        assert "überfällig" in text
        assert "Woanders" not in text
        assert "Lotsen" not in client.get(LIST + "?stand=closed").content.decode()
        assert "Leitlinien" not in client.get(LIST + "?suche=lotsen").content.decode()
        csv = make.body(client.get(LIST + "?als=csv")).decode()
        assert "Leitlinien" in csv
        assert "Woanders" not in csv

    def test_only_who_may_is_offered_to_begin(self, cast: Cast) -> None:
        assert "Vorgang beginnen" in cast.client("chair").get(LIST).content.decode()
        assert "Vorgang beginnen" not in cast.client("member").get(LIST).content.decode()
        assert cast.client("member").get(LIST + "neu/").status_code == 403

    def test_queries_do_not_grow(self, cast: Cast, count_queries: Any) -> None:
        client = cast.client("member")
        counts = []
        for _round in range(2):
            for _n in range(2):
                add(Matter.objects.create(network=cast.network, title="Sache"), "Schritt")
            with count_queries() as found:
                client.get(LIST)
            counts.append(found.count)
        assert counts[0] == counts[1] <= 8
