"""Facets: each count is what its choice finds, and nothing hidden is counted (T08)."""

import random
from typing import Any
from uuid import uuid4

import pytest

from lotse.foundation.core import hooks, search
from lotse.foundation.core.search import facets
from lotse.foundation.topics.facets import pairs_of_regions
from lotse.foundation.topics.models import Topic
from lotse.foundation.topics.services import load_regions, load_topics

pytestmark = pytest.mark.django_db
HERE, BELOW, OTHER = uuid4(), uuid4(), uuid4()
VIEWER = search.Viewer({HERE: search.WEB, BELOW: search.WEB | search.MEMBERS})


def doc(title: str, **fields: Any) -> search.Doc:
    values: dict[str, Any] = {"kind": "topic", "ref": uuid4(), "lang": "*", "url": "/x/"}
    return search.Doc(title=title, **values | fields)


def find(question: str = "", **more: Any) -> search.Results:
    return search.find(question, lang="de", viewer=VIEWER, **more)


def titles(**more: Any) -> list[str]:
    return [hit.title for hit in find(**more).hits]


@pytest.fixture
def _many(common_topics: None) -> None:
    """Two hundred documents with all kinds of pairs; a third of them hidden from the viewer."""
    search.drop_kind("topic")
    rng = random.Random(3)
    topics = list(Topic.objects.values_list("code", flat=True))[:12]
    regions = ["00", "08", "08222", "08111", "09", "09162", "05315"]
    docs = []
    for number in range(200):
        pairs = [("topic", code) for code in rng.sample(topics, rng.randint(0, 3))]
        pairs += pairs_of_regions(rng.sample(regions, rng.randint(0, 3)))
        docs.append(
            doc(
                f"{rng.choice(['Mediation', 'Pacht', 'Ernte'])} {number}",
                kind=rng.choice(["topic", "check", "checkpoint"]),
                network=rng.choice([None, HERE, BELOW, OTHER]),
                audience=rng.choice([search.ALL, search.MEMBERS, search.OFFICE]),
                facets=pairs,
            )
        )
    search.put(docs)


CHOICES: list[dict[str, list[str]]] = [
    {},
    {"topic": ["ausbildung"]},
    {"region": ["08222"]},
    {"region": ["08222", "09"], "kind": ["topic"]},
    {"topic": ["personal-gewinnen", "personal-binden"], "region": ["08"], "kind": ["check"]},
    {"network": [HERE.hex]},
]


@pytest.mark.usefixtures("_many")
@pytest.mark.parametrize("question", ["", "Mediation", "Mediation Pacht"])
@pytest.mark.parametrize("chosen", CHOICES)
@pytest.mark.parametrize("capped", [False, True])
def test_each_count_is_what_its_choice_finds(
    question: str, chosen: dict[str, list[str]], capped: bool, monkeypatch: Any
) -> None:
    if capped:
        from lotse.foundation.core.search import query
        from lotse.foundation.core.search import question as asking

        monkeypatch.setattr(query, "MOST", 50)
        monkeypatch.setattr(asking, "MOST", 50)
    found = find(question, chosen=chosen)
    compared = 0
    for key, counts in found.facets.items():
        for value, number in list(counts.items())[:12]:
            alone = find(question, chosen=chosen | {key: [value]})
            assert alone.total == number, (key, value)
            compared += 1
    assert compared or found.capped or not found.total


@pytest.mark.usefixtures("_many")
def test_nothing_hidden_is_counted() -> None:
    found = find()
    assert OTHER.hex not in found.facets["network"]
    everything = search.find("", lang="de", viewer=search.Viewer(
        dict.fromkeys([HERE, BELOW, OTHER], search.ALL)))  # fmt: skip
    assert OTHER.hex in everything.facets["network"]
    assert sum(found.facets["kind"].values()) == found.total < everything.total
    nobody = search.find("", lang="de")
    assert nobody.facets["network"] == {}


class TestChoices:
    def test_values_widen_and_keys_narrow(self) -> None:
        search.put([
            doc("A", facets=[("topic", "x")]),
            doc("B", facets=[("topic", "y")]),
            doc("C", facets=[("topic", "x"), *pairs_of_regions(["08"])]),
        ])  # fmt: skip
        assert titles(chosen={"topic": ["x", "y"]}) == ["A", "B", "C"]
        assert titles(chosen={"topic": ["x", "y"], "region": ["08"]}) == ["C"]
        assert titles(chosen={"topic": [], "unknown": ["x"]}) == ["A", "B", "C"]

    @pytest.mark.parametrize(
        "value", ["", " ", '"', "x OR y", "' OR 1=1", "Ä", "x" * 500, "\0", "topic=x", "(", "%s"]
    )
    @pytest.mark.parametrize("question", ["", "Haus"])
    def test_nonsense_finds_nothing(self, value: str, question: str) -> None:
        search.put([doc("Haus", facets=[("topic", "x")])])
        assert find(question, chosen={"topic": [value]}).total == 0
        assert find(question, chosen={"topic": [value, "x"]}).total == 1

    def test_a_word_is_no_facet_and_a_facet_no_word(self) -> None:
        search.put([doc("Haus", facets=[("topic", "mediation")]), doc("Mediation")])
        assert [hit.title for hit in find("topic=mediation").hits] in ([], ["Mediation"])
        assert titles(chosen={"topic": ["mediation"]}) == ["Haus"]
        assert "Haus" not in titles(question="mediation")

    def test_what_choices_leave_is_not_widened(self) -> None:
        """The step to fewer words depends on the words, so that counts stay true."""
        search.put([doc(f"Mediation Pacht {n}") for n in range(6)])
        search.put([doc("Mediation", facets=[("topic", "x")])])
        found = find("Mediation Pacht", chosen={"topic": ["x"]})
        assert found.total == 0
        assert found.left_out == []


class TestRegions:
    @pytest.fixture(autouse=True)
    def _put(self) -> None:
        load_regions()
        search.put([
            doc("Bund", facets=pairs_of_regions(["00", "08222"])),
            doc("Kreis", facets=pairs_of_regions(["08222"])),
            doc("Land", facets=pairs_of_regions(["08", "08111"])),
            doc("Ohne"),
            doc("Süd", facets=pairs_of_regions(["09162"])),
        ])  # fmt: skip

    @pytest.mark.parametrize(
        ("value", "found"),
        [
            ("08222", ["Bund", "Kreis", "Land"]),
            ("08111", ["Bund", "Land"]),
            ("08", ["Bund", "Kreis", "Land"]),
            ("09", ["Bund", "Süd"]),
            ("09663", ["Bund"]),
            ("00", ["Bund"]),
            ("05", ["Bund"]),
        ],
    )
    def test_what_serves_a_region(self, value: str, found: list[str]) -> None:
        assert titles(chosen={"region": [value]}) == found
        assert find().facets["region"][value] == len(found)

    def test_names_in_their_order(self) -> None:
        from lotse.foundation.topics.facets import region_labels

        names = region_labels(["09162", "09", "08", "00", "99999"], "de")
        assert list(names) == ["00", "08", "09", "09162"]
        assert region_labels(["03"], "en") == {"03": "Lower Saxony"}
        both = region_labels(["09162", "09184"], "de")
        assert len(set(both.values())) == 2, "a town and a district of one name are told apart"


class TestTopics:
    def test_a_group_counts_its_topics(self) -> None:
        load_topics()
        search.drop_kind("topic")
        search.put([
            doc("A", facets=[("topic", "personal-gewinnen"), ("topic", "personal-binden")]),
            doc("B", facets=[("topic", "fachkraefte")]),
        ])  # fmt: skip
        assert find().facets["topic"]["fachkraefte"] == 2
        assert titles(chosen={"topic": ["fachkraefte"]}) == ["A", "B"]

    def test_labels_leave_out_what_was_retired(self, count_queries: Any) -> None:
        from lotse.foundation.core import clock
        from lotse.foundation.topics.facets import topic_labels

        load_topics()
        Topic.objects.filter(code="personal-binden").update(retired_at=clock.now())
        names = topic_labels(["personal-binden", "personal-gewinnen", "fachkraefte"], "de")
        assert list(names) == ["fachkraefte", "personal-gewinnen"]
        with count_queries() as queries:
            topic_labels(["fachkraefte"], "de")
        assert queries.count == 0


def test_every_facet_has_a_title_and_labels() -> None:
    keys = [facet.key for facet in hooks.search_facets]
    assert keys[:3] == ["kind", "topic", "region"]
    assert "network" in keys
    for facet in hooks.search_facets:
        assert str(facet.title)
        assert facet.labels([], "de") == {}
        assert facet.labels(["no such value"], "de") == {}


def test_tokens_are_plain() -> None:
    assert facets.token("topic", "a-b.c_1") == "topic=a-b.c_1"
    for key, value in (("", "x"), ("topic", ""), ("topic", "a b"), ("to=pic", "a"), ("t", "a=b")):
        with pytest.raises(ValueError, match="no pair"):
            facets.token(key, value)
