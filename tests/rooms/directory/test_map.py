"""The map of tiles: numbers that are those of the search, in words and for every keyboard."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from lotse.foundation.parties.models import Network
from lotse.foundation.topics.models import Region
from lotse.rooms.directory.tiles import PLACES, tiles_of
from tests import make, people

pytestmark = pytest.mark.django_db
WEB = ("web",)
FIND = "/verzeichnis/"


def page(client: Client, **query: Any) -> str:
    response = client.get(reverse("directory:map"), query)
    assert response.status_code == 200
    return str(make.body(response).decode())


def total(client: Client, **query: Any) -> int:
    return int(client.get(FIND, query).context["found"].total)


@pytest.fixture
def spread(cast: people.Cast) -> None:
    """One in a Kreis, one in a whole Land, one everywhere."""
    make.entry(cast.org_a, channels=WEB, regions=["08222"])
    make.entry(cast.org_b, channels=WEB, regions=["08"])
    make.entry(people.organisation(cast.network, "Überall e. V."), channels=WEB, regions=["00"])


@pytest.mark.parametrize(("key", "n"), [("08", 3), ("01", 1), ("16", 1)])
def test_a_tile_counts_what_its_link_finds(client: Client, spread: None, key: str, n: int) -> None:
    html = page(client)
    assert html.count("<rect class=") == 32
    assert total(client, region=key) == n
    assert f"land={key}#kreise" in html


def test_the_tile_says_land_and_number_in_words(client: Client, spread: None) -> None:
    html = page(client)
    assert "<title>Baden-Württemberg: 3 Einträge</title>" in html
    assert "<title>Schleswig-Holstein: 1 Eintrag</title>" in html
    assert "1 bundesweit" in html


def test_the_kreise_of_a_land_count_what_they_find(client: Client, spread: None) -> None:
    response = client.get(reverse("directory:map"), {"land": "08"})
    districts = response.context["districts"]
    assert len(districts) == 44
    for name, count, url in districts:
        key = url.rpartition("region=")[2]
        if key in ("08222", "08111"):
            assert total(client, region=key) == count, name
    assert "Mannheim" in make.body(response).decode()


def test_follows_the_present_choice(client: Client, spread: None, cast: people.Cast) -> None:
    make.entry(people.organisation(cast.network, "Kur GmbH"), channels=WEB, regions=["01"],
               topics=["gesundheit"], city="Kiel", kind="firm")  # fmt: skip
    html = page(client, topic="gesundheit")
    assert "<title>Schleswig-Holstein: 1 Eintrag</title>" in html
    assert "<title>Baden-Württemberg: 0 Einträge</title>" in html
    assert "topic=gesundheit&amp;land=01" in html


def test_hidden_entries_are_not_counted(client: Client, cast: people.Cast) -> None:
    make.entry(cast.org_a, channels=("members",), regions=["08222"])
    assert "<title>Baden-Württemberg: 0 Einträge</title>" in page(client)
    assert "<title>Baden-Württemberg: 1 Eintrag</title>" in page(cast.client("member"))


def test_opens_on_the_land_of_the_network(client: Client, spread: None, cast: people.Cast) -> None:
    Network.objects.update(region=Region.objects.get(key="08222"))
    html = page(client)
    assert 'id="kreise"' in html
    assert '<h2 class="kern-heading-medium">Baden-Württemberg</h2>' in html
    assert "Nach Ländern" in page(client, land="alle")
    near = client.get(reverse("directory:near"))
    assert near.context["groups"][0][0] == "Baden-Württemberg"


def test_nothing_is_no_link(client: Client, cast: people.Cast) -> None:
    make.entry(cast.org_a, channels=WEB, regions=["08222"])
    html = page(client, land="08")
    assert "land=08#kreise" in html
    assert "land=01#kreise" not in html
    assert "region=08222" in html
    assert "region=08111" not in html


@pytest.mark.parametrize("land", ["99", "x", "<b>", "08222", ""])
def test_an_unknown_land_shows_all(client: Client, spread: None, land: str) -> None:
    html = page(client, land=land)
    assert "Nach Ländern" in html
    assert "<b>" not in html


def test_every_land_has_its_place(taxonomy: None) -> None:
    from lotse.rooms.directory.queries.places import states_of

    assert set(PLACES) == set(states_of("de"))
    assert len({(column, row) for column, row, _short in PLACES.values()}) == 16
    svg = tiles_of(states_of("en"), {"09": 5}, lambda key: "?land=09" if key == "09" else "", "09")
    assert svg.count("<rect class=") == 32
    assert svg.count("<a href=") == 1
    assert "Bavaria: 5" in svg
    assert svg.count('aria-current="true"') == 1
    assert "style=" not in svg
