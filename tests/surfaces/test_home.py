"""The front page and its neighbours: complete without data, with data, in both languages."""

from typing import Any

import pytest
from django.core.management import call_command
from django.urls import reverse

from lotse.foundation.measures.models import Measure
from lotse.foundation.parties.models import Network, Organisation
from lotse.rooms.checks.models import Assessment
from tests import make

pytestmark = pytest.mark.django_db
PAGES = ["/", "/checks/", "/suche/", "/suche/?q=Ausbildung", "/themen/", "/ueber-uns/",
         "/impressum/", "/datenschutz/", "/barrierefreiheit/", "/barriere-melden/"]  # fmt: skip


@pytest.mark.parametrize("lang", ["de", "en"])
@pytest.mark.parametrize("path", PAGES)
def test_works_without_any_data(client: Any, path: str, lang: str) -> None:
    response = client.get(path, headers={"accept-language": lang})
    assert response.status_code == 200
    assert f'<html lang="{lang}">' in response.content.decode()


def test_shows_network_doors_and_topics(client: Any) -> None:
    from lotse.foundation.topics.services import load_topics

    make.network()
    load_topics()
    html = client.get("/").content.decode()
    assert "Netzwerk Beispielregion" in html
    assert "Wir helfen einander." in html
    assert "Stiftung Beispiel" in html
    assert "Check machen" in html
    assert "Fachkräfte" in html
    assert "Partner finden" in html


def test_the_box_finds_checks_checkpoints_and_topics(client: Any) -> None:
    from lotse.foundation.topics.services import load_topics

    make.network()
    make.check()
    load_topics()
    html = client.get("/suche/?q=Vereinbarung").content.decode()
    assert "Checkpunkt" in html
    assert ">Thema<" in client.get("/suche/?q=Azubi").content.decode()
    assert ">Check<" in client.get("/suche/?q=Zusammenarbeit+mit+Betrieben").content.decode()
    assert "nichts gefunden" in client.get("/suche/?q=xqzzy").content.decode()
    sentence = client.get("/suche/?q=Wir+finden+keine+Auszubildenden+und+haben+kaum+Zeit")
    assert "nichts gefunden" not in sentence.content.decode()


def test_queries_do_not_grow(client: Any, count_queries: Any) -> None:
    make.network()
    counts: dict[str, set[int]] = {}
    for n in (1, 2, 3):
        make.long_check(3, code=f"test.nr{n}")
        for path in ("/", "/checks/"):
            client.get(path)
            with count_queries() as queries:
                client.get(path)
            counts.setdefault(path, set()).add(queries.count)
    assert all(len(found) == 1 for found in counts.values()), counts
    assert max(max(found) for found in counts.values()) <= 8


def test_robots_stay_away_from_assessments(client: Any) -> None:
    assert "Disallow: /checks/bewertung/" in client.get("/robots.txt").content.decode()


def test_loading_content_leaves_what_the_operator_took_back(client: Any) -> None:
    from lotse.rooms.checks.models import Check

    call_command("loadcontent")
    assert Check.objects.exclude(current=None).count() == 3
    Check.objects.filter(code="lotse.kooperation-betrieb").update(current=None)
    call_command("loadcontent")
    assert Check.objects.exclude(current=None).count() == 2


class TestDemo:
    def test_loads_twice_to_the_same(self, client: Any) -> None:
        call_command("loaddemo")
        first = self.state()
        call_command("loaddemo")
        assert self.state() == first
        call_command("loaddemo", "--if-empty")
        assert Network.objects.count() == 1

    def state(self) -> tuple[Any, ...]:
        return (
            Organisation.objects.count(),
            sorted(Assessment.objects.values_list("uuid", "round")),
            sorted(Measure.objects.values_list("uuid", "title", "status")),
        )

    def test_has_what_a_newcomer_should_see(self, client: Any) -> None:
        call_command("loaddemo")
        assert 38 <= Organisation.objects.count() <= 45
        assert Organisation.objects.values("kind").distinct().count() == 16
        assert set(Measure.objects.values_list("status", flat=True)) == set(Measure.Status.values)
        finished, running = 0, 0
        for assessment in Assessment.objects.select_related("revision"):
            points = len(assessment.revision.content["checkpoints"])
            done = assessment.answers.exclude(level="").count() == points
            finished, running = finished + done, running + (not done)
            make.open_as(client, assessment)
            for page in ("ergebnis", "plan"):
                url = f"/checks/bewertung/{assessment.uuid}/{page}/"
                assert client.get(url).status_code == 200
        assert (finished, running) == (3, 2)


@pytest.mark.django_db
def test_the_address_of_a_button_opened_as_a_page_says_so(client, settings) -> None:
    assessment = make.assessment()
    make.open_as(client, assessment)
    response = client.get(reverse("checks:draft", args=[assessment.uuid, 1]))
    assert response.status_code == 405
    assert response["Allow"] == "POST"
    assert "Hier gibt es keine Seite" in response.content.decode()
