"""Both databases find the same in the same order: what plain Python says they must.

The model below reads every document and knows no index; it runs on SQLite and on PostgreSQL, so
what both agree with it on they agree on with each other.
"""

import random
from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest

from lotse.foundation.core import hooks, search
from lotse.foundation.core.models import SearchDoc
from lotse.foundation.core.search.analysis import Group, query_groups
from lotse.foundation.core.search.index import SPOTS
from lotse.foundation.core.search.query import turn
from tests.perf.search import Words, documents, questions

pytestmark = pytest.mark.django_db
NETWORKS = [UUID(int=n) for n in (1, 2, 3)]
VIEWER = search.Viewer({NETWORKS[0]: search.WEB, NETWORKS[1]: search.WEB | search.MEMBERS})


@pytest.fixture
def _kinds(monkeypatch: Any) -> Iterator[None]:
    kinds: hooks.Hook[hooks.SearchKind] = hooks.Hook("test")
    for key in ("organisation", "person", "service"):
        kinds.register(hooks.SearchKind(key, key, lambda: 0))
    monkeypatch.setattr(hooks, "search_kinds", kinds)
    search.put(documents(240, NETWORKS))


def seen() -> list[SearchDoc]:
    return [
        doc
        for doc in SearchDoc.objects.select_related("text")
        if doc.network_uuid is None or VIEWER.networks.get(doc.network_uuid, 0) & doc.audience
    ]


def meets(group: Group, terms: str, *, itself: bool) -> bool:
    """In the title and in the words near it a word counts itself, before what means the same."""
    held = set(terms.split())
    ways = group.words or group.alternatives if itself else group.alternatives
    return any(held.issuperset(tokens) for tokens in ways)


def expected(question: str) -> list[UUID]:
    """Hits with all words, by where they are met and then by the turn of the day."""
    groups = query_groups(question, "de", other_lang="en")
    placed = []
    for doc in seen():
        near = f"{doc.text.title_terms} {doc.text.topic_terms}"
        title, whole = doc.text.title_terms, f"{near} {doc.text.body_terms}"
        places = [(title, True), (near, True), (near, False), (whole, False)]
        found = [
            n
            for n, (terms, itself) in enumerate(places)
            if all(meets(g, terms, itself=itself) for g in groups)
        ]
        if found:
            placed.append((found[0], doc.spot * turn() % SPOTS, doc.ref))
    return [ref for _place, _turn, ref in sorted(placed)]


@pytest.mark.usefixtures("_kinds")
def test_hits_and_order_are_those_of_the_model() -> None:
    compared = 0
    for question in questions(Words(random.Random(7))):
        found = search.find(question, lang="de", viewer=VIEWER, per_page=500)
        model = expected(question)
        if found.left_out or found.corrected:
            assert len(model) < 5, question
            assert [hit.ref for hit in found.hits[: found.full]] == model or found.corrected
            continue
        assert [hit.ref for hit in found.hits] == model, question
        compared += 1
    assert compared > 15


@pytest.mark.usefixtures("_kinds")
def test_names_stand_in_the_order_of_the_alphabet() -> None:
    found = search.find("", lang="de", viewer=VIEWER, per_page=500)
    model = sorted(seen(), key=lambda doc: (doc.sort_key, doc.spot))
    assert [hit.ref for hit in found.hits] == [doc.ref for doc in model]
    assert found.total == len(model)


@pytest.mark.usefixtures("_kinds")
@pytest.mark.parametrize("prefix", ["mü", "mue", "Kam", "anna w", "sta", "zi"])
def test_suggestions_are_those_of_the_model(prefix: str) -> None:
    from lotse.foundation.core.search.index import sort_key

    begun = sort_key(prefix)
    words = begun.split()

    def fits(doc: SearchDoc) -> bool:
        title = doc.text.title_words.split()
        return all(any(word.startswith(part) for word in title) for part in words)

    model = [
        doc.ref
        for doc in sorted(
            filter(fits, seen()),
            key=lambda d: (not d.sort_key.startswith(begun), d.sort_key, d.spot),
        )
    ]
    found = search.suggest(prefix, lang="de", viewer=VIEWER, limit=8)
    assert [hit.ref for hit in found] == model[:8]
    assert found or prefix not in {"mü", "mue", "Kam"}


@pytest.mark.usefixtures("_kinds")
def test_what_is_too_much_to_read_keeps_its_order(monkeypatch: Any) -> None:
    """Above the cap the database orders, below it Python does: the same order."""
    from lotse.foundation.core.search import query, question

    for asked in ("Ausbildung", "Beratung", ""):
        whole = search.find(asked, lang="de", viewer=VIEWER, per_page=500)
        most = max(6, len(whole.hits) // 2)
        with monkeypatch.context() as patch:
            patch.setattr(query, "MOST", most)
            patch.setattr(question, "MOST", most)
            first = search.find(asked, lang="de", viewer=VIEWER, per_page=3)
            second = search.find(asked, lang="de", viewer=VIEWER, per_page=3, page=2)
        assert first.capped
        assert first.total == most
        assert first.facets == {}
        assert [h.ref for h in first.hits + second.hits] == [h.ref for h in whole.hits[:6]], asked


def test_the_order_of_equals_changes_from_day_to_day(monkeypatch: Any) -> None:
    from datetime import date

    from lotse.foundation.core import clock

    refs = [uuid4() for _ in range(12)]
    search.put(
        search.Doc(kind="topic", ref=ref, lang="de", title="Ausbildung", url="/") for ref in refs
    )
    orders = []
    for day in (1, 1, 2, 3):
        monkeypatch.setattr(clock, "today", lambda day=day: date(2026, 3, day))
        orders.append([hit.ref for hit in search.find("Ausbildung", lang="de").hits])
    assert orders[0] == orders[1]
    assert orders[0] != orders[2] != orders[3]
    assert all(set(order) == set(refs) for order in orders)
