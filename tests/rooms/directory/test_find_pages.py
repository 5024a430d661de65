"""The find page and its neighbours: what is found, said, counted, taken along, and by how many
queries."""

import re
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.test import Client, override_settings
from django.urls import reverse

from lotse.foundation.core import clock, search
from lotse.foundation.parties.models import Network
from lotse.rooms.directory.models import Entry, Joining
from lotse.rooms.directory.services import entries
from tests import make, people

pytestmark = pytest.mark.django_db
WEB = ("web",)
FIND = "/verzeichnis/"


def page(client: Client, path: str = FIND, **query: Any) -> str:
    response = client.get(path, query)
    assert response.status_code == 200, response.status_code
    return str(make.body(response).decode())


@pytest.fixture
def published(cast: people.Cast) -> list[Entry]:
    """Two organisations, a service and a person, all public."""
    return [
        make.entry(cast.org_a, channels=WEB, name="Ahrens hilft e. V.", city="Mannheim",
                   portfolio=["Nachfolgeberatung"]),
        make.entry(cast.org_b, channels=WEB, name="Brandt GmbH", kind="firm", city="Kiel",
                   regions=["01002"], topics=["gesundheit"]),
        make.entry(cast.org_a, service=True, channels=WEB, name="Erstgespräch zur Nachfolge"),
        make.entry(cast["editor_a"], channels=WEB),
    ]  # fmt: skip


class TestPage:
    def test_shows_all_by_name_with_kind_place_and_sentence(
        self, client: Client, published: list[Entry]
    ) -> None:
        html = page(client)
        assert "4 Treffer" in html
        assert "gemeinnützige Organisation · Mannheim" in html
        assert "Betrieb · Kiel" in html
        assert "Leistung · Ahrens hilft e. V." in html
        assert "Edda Ahrens" in html
        assert "Geordnet nach Namen." in html

    def test_says_why_and_in_which_order(self, client: Client, published: list[Entry]) -> None:
        html = page(client, q="Nachfolge")
        assert "Passt, weil:" in html
        assert "niemand kann einen Platz kaufen" in html
        assert "Brandt GmbH" not in html

    def test_says_what_it_left_out(self, client: Client, published: list[Entry]) -> None:
        html = page(client, q="Nachfolge Unterwasserarchäologie")
        assert "Ahrens hilft" in html
        assert "»Unterwasserarchäologie«" in html

    def test_nothing_found_says_what_to_try(self, client: Client, published: list[Entry]) -> None:
        html = page(client, q="xqzzy")
        assert "nichts gefunden" in html
        assert reverse("directory:topics") in html

    def test_an_empty_network_says_what_belongs_here(self, client: Client) -> None:
        make.network()
        assert "Noch ist nichts veröffentlicht." in page(client)

    def test_an_empty_network_says_the_first_step(self, cast: people.Cast) -> None:
        visitor = page(cast.client("anonymous"))
        assert f'href="{reverse("directory:join")}"' in visitor.split("<footer")[0]
        assert "Organisation anlegen" not in visitor
        assert reverse("directory:az") not in visitor
        for kind in Entry.Kind.values:  # drafts are what the office finds already
            search.drop_kind(kind)
        assert "Organisation anlegen" in page(cast.client("office"))
        Joining.objects.create(network=cast.network, is_open=False)
        cache.clear()
        for path in (FIND, "/", reverse("home:about")):
            # Only at the foot of the page, which asks nothing.
            assert reverse("directory:join") not in page(Client(), path).split("<footer")[0]

    def test_joining_is_offered_where_it_is_open(self, client: Client, cast: people.Cast) -> None:
        join = f'href="{reverse("directory:join")}"'
        home, about = page(client, "/"), page(client, reverse("home:about"))
        assert "Partner werden: sagen Sie" in home
        assert home.count(join) == about.count(join) == 2  # and at the foot
        Network.objects.update(state=Network.State.RESTING)
        assert join not in page(client, "/")

    def test_own_things_are_at_hand(self, published: list[Entry], cast: people.Cast) -> None:
        own = reverse("directory:own")
        assert own not in page(cast.client("anonymous"))
        assert own in page(cast.client("editor_a"))
        assert own in page(cast.client("editor_a"), reverse("accounts:overview"))

    def test_a_search_is_kept_where_something_was_asked(
        self, published: list[Entry], cast: people.Cast
    ) -> None:
        member = cast.client("member")
        assert "Suche merken" not in page(member)
        assert "Suche merken" in page(member, q="Haus")
        assert "Suche merken" in page(member, region="08")

    def test_topics_of_the_front_page_lead_to_partners(
        self, client: Client, cast: people.Cast
    ) -> None:
        entry = make.entry(cast.org_a, channels=("members",))
        assert "/verzeichnis/?topic=" not in page(client, "/")
        assert "/verzeichnis/?topic=fachkraefte" in page(cast.client("member"), "/")
        Entry.objects.filter(pk=entry.pk).delete()

    def test_without_a_network(self, client: Client) -> None:
        assert "Noch ist nichts veröffentlicht." in page(client)

    @pytest.mark.parametrize("query", [
        {"q": '"'}, {"q": "a" * 3000}, {"q": "\0' OR 1=1 --"}, {"seite": "x"}, {"seite": "99999"},
        {"seite": "-1"}, {"topic": "gibt-es-nicht"}, {"topic": "<script>"}, {"region": "99999"},
        {"folge": "geld"}, {"als": "exe"}, {"q": "*" * 40}, {"kind": "check"}, {"land": "99"},
    ])  # fmt: skip
    def test_bad_input_gives_a_page(
        self, client: Client, published: list[Entry], query: dict[str, str]
    ) -> None:
        for path in (FIND, reverse("directory:az"), reverse("directory:map")):
            html = page(client, path, **query)
            assert "<script>" not in html.replace("<script src", "")

    def test_is_in_menu_and_on_the_front_page(self, client: Client) -> None:
        make.network()
        html = page(client, "/")
        assert "Partner finden" in html
        assert f'<a href="{FIND}">Verzeichnis</a>' in html

    def test_in_english(self, client: Client, published: list[Entry]) -> None:
        response = client.get(FIND, headers={"accept-language": "en"})
        html = make.body(response).decode()
        assert 'lang="en"' in html
        assert 'lang="de">Ahrens hilft' in html


class TestFacets:
    def test_narrow_and_can_be_taken_off(self, client: Client, published: list[Entry]) -> None:
        html = page(client, region="01")
        assert "1 Treffer" in html
        assert "Brandt GmbH" in html
        assert "Schleswig-Holstein" in html
        assert 'href="?"' in html or f'href="{FIND}?"' in html

    def test_each_count_is_what_the_choice_finds(
        self, client: Client, published: list[Entry]
    ) -> None:
        from lotse.foundation.ui import finding

        response = client.get(FIND, {"q": "Nachfolge"})
        found: finding.Found = response.context["found"]
        assert found.facets
        for facet in found.facets:
            for choice in (*facet.first, *facet.rest):
                more = client.get(FIND, {"q": "Nachfolge", facet.key: choice.value})
                assert more.context["found"].total == choice.count, (facet.key, choice)

    def test_tell_nothing_of_what_is_hidden(self, client: Client, cast: people.Cast) -> None:
        make.entry(cast.org_a, channels=WEB)
        make.entry(cast.org_b, channels=("members",), name="Verborgen GmbH", regions=["01002"],
                   city="Kiel", target_groups=["pupils"])  # fmt: skip
        for query in ({}, {"q": "Verborgen"}, {"region": "01"}, {"target": "pupils"}):
            html = page(client, **query)
            assert "Kiel" not in html
            assert "Verborgen GmbH" not in html
        counts = client.get(FIND, {"target": "pupils"}).context["found"].counts
        assert "pupils" not in counts["target"]
        assert not counts["region"].get("01")
        member = cast.client("member")
        assert "Verborgen GmbH" in page(member, region="01")

    def test_topics_stand_under_their_group(self, client: Client, published: list[Entry]) -> None:
        html = page(client)
        assert re.search(r'class="pick inner"><input[^>]*value="ausbildung"', html)
        assert re.search(r'class="pick"><input[^>]*value="bildung"', html)

    def test_work_without_script(self, client: Client, published: list[Entry]) -> None:
        html = page(client, topic="ausbildung")
        assert 'form="finden" name="topic" value="ausbildung" checked' in html
        assert '<button type="submit" form="finden"' in html


class TestFiles:
    def test_csv_and_xlsx_hold_the_list(self, client: Client, published: list[Entry]) -> None:
        response = client.get(FIND, {"als": "csv", "q": "Nachfolge"})
        rows = make.body(response).decode("utf-8-sig").splitlines()
        assert rows[0].startswith("Name;Art;")
        assert any("Ahrens hilft" in row for row in rows)
        assert not any("Brandt" in row for row in rows)
        assert "verzeichnis-" in response["Content-Disposition"]
        assert make.body(client.get(FIND, {"als": "xlsx"}))[:2] == b"PK"

    def test_print_view_has_no_form(self, client: Client, published: list[Entry]) -> None:
        html = page(client, als="druck", q="Nachfolge")
        assert "Gesucht: Nachfolge" in html
        assert 'id="finden"' not in html


class TestScraping:
    def test_no_contact_data_in_lists_and_files(self, client: Client, cast: people.Cast) -> None:
        make.entry(cast.org_a, channels=WEB, email="haus@ahrens.example", phone="0621 4711",
                   street="Verborgene Gasse 1")  # fmt: skip
        person = cast["editor_a"]
        make.entry(person, channels=WEB)
        secret = ("haus@ahrens.example", "0621 4711", "Verborgene Gasse", person.email)
        texts = [page(client), page(client, q="Ahrens"), page(client, reverse("directory:az")),
                 page(client, reverse("directory:suggest"), q="Ahrens"),
                 make.body(client.get(FIND, {"als": "csv"})).decode()]  # fmt: skip
        for text in texts:
            assert "Ahrens" in text
            for word in secret:
                assert word not in text

    @pytest.mark.parametrize("role", ["anonymous", "member"])
    @pytest.mark.parametrize("path", ["entry", "find", "suggest"])
    def test_too_many_looks_in_a_minute_are_stopped(
        self, cast: people.Cast, role: str, path: str
    ) -> None:
        """Three hundred are; here with less, as a busy machine takes longer than the minute."""
        most, seconds = settings.LIMITS[f"directory.{path}"]
        assert most < 290
        assert seconds >= 60
        entry = make.entry(cast.org_a, channels=WEB)
        url = reverse(f"directory:{path}", args=[entry.uuid] if path == "entry" else [])
        client = cast.client(role)
        with override_settings(LIMITS={**settings.LIMITS, f"directory.{path}": (15, 600)}):
            statuses = [client.get(url, {"q": "ah"}).status_code for _n in range(32)]
        assert statuses[0] == 200
        assert statuses[-1] == 429
        assert statuses.count(200) <= 15 + 10

    def test_the_limit_says_when_to_come_back(self, client: Client, cast: people.Cast) -> None:
        entry = make.entry(cast.org_a, channels=WEB)
        limits = {"directory.entry": (2, 60)}
        with override_settings(LIMITS={**settings.LIMITS, **limits}):
            for _n in range(12):
                response = client.get(reverse("directory:entry", args=[entry.uuid]))
        assert response.status_code == 429
        assert 0 < int(response["Retry-After"]) <= 60


class TestSuggestions:
    def test_begin_with_two_letters(self, client: Client, published: list[Entry]) -> None:
        url = reverse("directory:suggest")
        assert page(client, url, q="a").strip() == ""
        html = page(client, url, q="bra")
        assert 'role="option"' in html
        assert "Brandt GmbH" in html
        assert "Ahrens" not in html

    def test_hide_what_is_hidden(self, client: Client, cast: people.Cast) -> None:
        make.entry(cast.org_b, channels=("members",))
        url = reverse("directory:suggest")
        assert "Brandt" not in page(client, url, q="bran")
        assert "Brandt" in page(cast.client("member"), url, q="bran")

    @pytest.mark.parametrize("typed", ["", "'", '"', "*", "a" * 2000, "ä%_", "<b>"])
    def test_bad_input(self, client: Client, published: list[Entry], typed: str) -> None:
        page(client, reverse("directory:suggest"), q=typed)

    def test_cost_few_queries(
        self, client: Client, published: list[Entry], count_queries: Any
    ) -> None:
        url = reverse("directory:suggest")
        client.get(url, {"q": "ah"})
        with count_queries() as queries:
            client.get(url, {"q": "bra"})
        assert queries.count <= 5, queries.counted


class TestOtherWays:
    def test_a_to_z(self, client: Client, published: list[Entry]) -> None:
        html = page(client, reverse("directory:az"), letter="b")
        assert "Brandt GmbH" in html
        assert "Ahrens hilft" not in html
        assert "Unter diesem Buchstaben" not in html

    def test_people_stand_under_their_surname(
        self, client: Client, published: list[Entry], cast: people.Cast
    ) -> None:
        make.entry(people.person("Zita Berger"), channels=WEB, network=cast.network)
        html = page(client, reverse("directory:az"), letter="b")
        assert html.index("Berger, Zita") < html.index("Brandt GmbH")
        assert "Berger" not in page(client, reverse("directory:az"), letter="z")
        html = page(client)
        assert html.index("Zita Berger") < html.index("Brandt GmbH")

    def test_topics_with_counts(self, client: Client, published: list[Entry]) -> None:
        html = page(client, reverse("directory:topics"))
        assert f'href="{FIND}?topic=ausbildung"' in html

    def test_near_is_remembered_and_can_be_forgotten(
        self, client: Client, published: list[Entry]
    ) -> None:
        url = reverse("directory:near")
        assert "Mannheim" in page(client, url)
        assert client.post(url, {"kreis": "08222"}).url == f"{FIND}?region=08222"
        assert f'href="{FIND}?region=08222"' in page(client)
        html = page(client, region="08222")
        assert "In der Nähe von Mannheim" in html
        assert "In der Nähe" not in page(client, region="01").replace("In der Nähe suchen", "")
        assert "Ahrens hilft" in html
        assert "Brandt GmbH" not in html
        client.post(url, {"kreis": ""})
        assert "Anderen Kreis" not in page(client)

    @pytest.mark.parametrize("key", ["99999", "08", "x", "08222' --", "0" * 500])
    def test_near_refuses_what_is_no_kreis(
        self, client: Client, cast: people.Cast, key: str
    ) -> None:
        response = client.post(reverse("directory:near"), {"kreis": key})
        assert response.status_code == 422
        assert "Diesen Kreis gibt es nicht" in response.content.decode()

    def test_flags_and_age_stand_beside_the_name(self, client: Client, cast: people.Cast) -> None:
        entry = make.entry(cast.org_a, channels=WEB)
        entries.set_flags(entry, actor=cast.actor("office"), expected=entry.version,
                          is_pilot=True, is_lighthouse=False)  # fmt: skip
        from datetime import timedelta

        old = clock.now() - timedelta(days=450)
        Entry.objects.filter(pk=entry.pk).update(assured_at=old)
        html = page(client)
        assert "Pilotpartner" in html
        assert "nicht bestätigt seit" in html


class TestQueries:
    @pytest.mark.parametrize("role", ["anonymous", "member", "office"])
    @pytest.mark.parametrize("query", [{}, {"q": "Haus"}, {"q": "Haus Unfug", "region": "08"}])
    def test_do_not_grow_with_the_entries(
        self, cast: people.Cast, count_queries: Any, role: str, query: dict[str, str]
    ) -> None:
        client, counts = cast.client(role), []
        for n in range(3):
            org = people.organisation(cast.network, f"Haus {n}")
            make.entry(org, channels=("web", "members"))
            make.entry(org, service=True, channels=("web", "members"), name=f"Haus Rat {n}")
            if n != 1:
                client.get(FIND, query)
                with count_queries() as queries:
                    assert "Haus" in page(client, **query)
                counts.append(queries.count)
        assert len(set(counts)) == 1, counts
        # A search that has to widen asks more.
        most = 8 + 4 * ("Unfug" in query.get("q", ""))
        assert counts[0] <= most, queries.counted

    @pytest.mark.parametrize("name", ["az", "topics", "map", "near"])
    def test_of_the_other_pages(self, cast: people.Cast, count_queries: Any, name: str) -> None:
        client, counts, url = cast.client("anonymous"), [], reverse(f"directory:{name}")
        for n in range(3):
            make.entry(people.organisation(cast.network, f"Haus {n}"), channels=WEB)
            client.get(url, {"land": "08"})
            with count_queries() as queries:
                client.get(url, {"land": "08"})
            counts.append(queries.count)
        assert len(set(counts)) == 1, counts
        assert counts[0] <= 8, queries.counted


def test_who_names_no_sector_serves_each(cast: people.Cast) -> None:
    make.entry(cast.org_a, channels=WEB, sectors=["F"])
    make.entry(cast.org_b, channels=WEB)
    client = Client()
    both = page(client, sector="f")
    assert "Ahrens hilft" in both
    assert "Brandt GmbH" in both
    assert "Ahrens hilft" not in page(client, sector="c")
    assert "Brandt GmbH" in page(client, sector="c")


def test_a_file_leaves_nothing_out_quietly(
    published: list[Entry], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, mode in (("EXPORT_MOST", "csv"), ("PRINT_MOST", "druck")):
        monkeypatch.setattr(f"lotse.rooms.directory.views.finding.{name}", 1)
        response = Client().get(FIND, {"als": mode})
        assert response.status_code == 422
        assert "höchstens 1" in response.content.decode()
