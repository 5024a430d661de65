"""Search: the same hits on both databases, whole sentences, widening that is said."""

from uuid import uuid4

import pytest

from lotse.foundation.core import search
from lotse.foundation.core.models import SearchDoc

pytestmark = pytest.mark.django_db


def doc(title: str, body: str = "", **fields: object) -> search.Doc:
    values = {"kind": "topic", "ref": uuid4(), "lang": "de", "url": "/x/"} | fields
    return search.Doc(title=title, body=body, **values)  # type: ignore[arg-type]


def titles(question: str, lang: str = "de") -> list[str]:
    return [hit.title for hit in search.find(question, lang=lang).hits]


def test_inflection_and_written_out_umlauts() -> None:
    search.put([doc("Vereinbarungen treffen"), doc("Übergänge gestalten"), doc("Anderes")])
    assert titles("Vereinbarung") == ["Vereinbarungen treffen"]
    assert titles("uebergang") == ["Übergänge gestalten"]


def test_a_whole_sentence_and_the_title_first() -> None:
    search.put([doc("Führung", "Auszubildende gut anleiten"), doc("Auszubildende gewinnen")])
    assert titles("Wir finden keine Auszubildenden")[0] == "Auszubildende gewinnen"


def test_widening_is_said() -> None:
    search.put([doc("Ausbildung"), doc("Inklusion")])
    results = search.find("Ausbildung Inklusion", lang="de")
    assert results.widened
    assert len(results.left_out) == 1
    assert len(results.hits) == 1
    assert results.hits[0].missing == results.left_out
    assert results.full == 0


def test_nonsense_finds_nothing() -> None:
    search.put([doc("Ausbildung")])
    assert titles("xqzzy") == []
    assert titles("und oder der") == []


@pytest.mark.parametrize(
    "question",
    ['"', "' OR 1=1 --", "a AND", "NEAR(", "*", "ausbildung:*", "(((", "& | !", "x" * 5000, "\0",
     "NOT", "^a", "-", "título", "٣", "👨‍👩‍👧", "⑴", "ﷺ", "½", "x⑴y"],
)  # fmt: skip
def test_operators_do_no_harm(question: str) -> None:
    search.put([doc("Ausbildung")])
    assert search.find(question, lang="de").hits in ([], search.find("ausbildung", lang="de").hits)


def test_other_networks_and_languages_stay_hidden() -> None:
    mine, other = uuid4(), uuid4()
    search.put([doc("Ausbildung hier", network=mine), doc("Ausbildung dort", network=other)])
    search.put([doc("Training", lang="en")])
    viewer = search.Viewer({mine: search.WEB})
    found = search.find("ausbildung", lang="de", viewer=viewer)
    assert [hit.title for hit in found.hits] == ["Ausbildung hier"]
    assert titles("training") == []
    assert titles("training", "en") == ["Training"]


def test_putting_again_replaces_and_dropping_removes() -> None:
    ref = uuid4()
    search.put([doc("Alt", ref=ref)])
    search.put([doc("Neu", ref=ref)])
    assert titles("alt") == []
    assert titles("neu") == ["Neu"]
    search.drop(ref)
    assert titles("neu") == []
    assert SearchDoc.objects.count() == 0


def test_queries_do_not_grow(count_queries) -> None:
    for n in (1, 3):
        search.put([doc(f"Ausbildung {i} {n}") for i in range(n)])
        with count_queries() as queries:
            search.find("Ausbildung gewinnen", lang="de")
        assert queries.count <= 8
