"""Finding: who may see what, by the clock; one step wider; names with a typing error; reasons."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from lotse.foundation.core import clock, fulltext, search
from lotse.foundation.core.models import SearchDoc, SearchText

pytestmark = pytest.mark.django_db
HERE, OTHER = uuid4(), uuid4()


def doc(title: str, **fields: Any) -> search.Doc:
    values: dict[str, Any] = {"kind": "topic", "ref": uuid4(), "lang": "*", "url": "/x/"}
    return search.Doc(title=title, **values | fields)


def titles(question: str, **more: Any) -> list[str]:
    return [hit.title for hit in search.find(question, lang="de", **more).hits]


class TestWhoSees:
    @pytest.mark.parametrize(
        ("bits", "found"),
        [
            (0, ["Werkstatt überall"]),
            (search.WEB, ["Werkstatt offen", "Werkstatt überall"]),
            (search.WEB | search.MEMBERS,
             ["Werkstatt intern", "Werkstatt offen", "Werkstatt überall"]),
            (search.ALL, ["Werkstatt Büro", "Werkstatt intern", "Werkstatt offen",
                          "Werkstatt überall"]),
        ],
    )  # fmt: skip
    def test_by_audience(self, bits: int, found: list[str]) -> None:
        search.put([
            doc("Werkstatt überall"),
            doc("Werkstatt offen", network=HERE),
            doc("Werkstatt intern", network=HERE, audience=search.MEMBERS | search.OFFICE),
            doc("Werkstatt Büro", network=HERE, audience=search.OFFICE),
            doc("Werkstatt fremd", network=OTHER),
        ])  # fmt: skip
        viewer = search.Viewer({HERE: bits})
        assert sorted(titles("Werkstatt", viewer=viewer)) == found
        assert sorted(titles("", viewer=viewer)) == found
        assert sorted(h.title for h in search.suggest("werk", lang="de", viewer=viewer)) == found

    def test_without_a_network_the_audience_still_counts(self) -> None:
        search.put([doc("Werkstatt", audience=search.MEMBERS)])
        assert titles("Werkstatt") == []
        assert titles("Werkstatt", viewer=search.Viewer({HERE: search.MEMBERS})) == ["Werkstatt"]

    def test_effect_by_the_clock(self, monkeypatch: Any) -> None:
        start = datetime(2026, 3, 1, 12, tzinfo=UTC)
        search.put([doc("Werkstatt", from_at=start, until_at=start + timedelta(days=1))])
        seen = []
        for seconds in (-1, 0, 86_399, 86_400):
            at = start + timedelta(seconds=seconds)
            monkeypatch.setattr(clock, "now", lambda at=at: at)
            seen.append(bool(titles("Werkstatt")))
        assert seen == [False, True, True, False]

    def test_languages(self) -> None:
        search.put([
            doc("Werkstatt beide"),
            doc("Werkstatt deutsch", lang="de"),
            doc("Werkstatt englisch", lang="en"),
        ])  # fmt: skip
        assert sorted(titles("Werkstatt")) == ["Werkstatt beide", "Werkstatt deutsch"]
        english = search.find("Werkstatt", lang="en").hits
        assert sorted(hit.title for hit in english) == ["Werkstatt beide", "Werkstatt englisch"]

    def test_an_unknown_kind_is_nobodys(self) -> None:
        search.put([doc("Werkstatt", kind="unknown")])
        assert titles("Werkstatt") == []
        assert titles("Werkstatt", kinds=["unknown"]) == []


class TestOrder:
    def test_title_before_topic_before_text(self) -> None:
        search.put([
            doc("Drei", body="Wir bieten Mediation an."),
            doc("Eins Mediation"),
            doc("Zwei", words="Mediation"),
            doc("Vier", fields={"offers": "Auch Mediation"}),
        ])  # fmt: skip
        found = titles("Mediation")
        assert found[:2] == ["Eins Mediation", "Zwei"]
        assert set(found[2:]) == {"Drei", "Vier"}

    def test_long_texts_and_repetition_gain_nothing(self) -> None:
        search.put([doc(f"Haus {n}", body="Mediation " * n) for n in range(1, 7)])
        spots = dict(SearchDoc.objects.values_list("title", "spot"))
        from lotse.foundation.core.search.index import SPOTS
        from lotse.foundation.core.search.query import turn

        model = sorted(spots, key=lambda title: spots[title] * turn() % SPOTS)
        assert titles("Mediation") == model

    def test_pages(self) -> None:
        search.put([doc(f"Mediation {n:02}") for n in range(7)])
        whole = search.find("Mediation", lang="de", per_page=50)
        parts = [search.find("Mediation", lang="de", per_page=3, page=n) for n in (1, 2, 3)]
        assert [part.pages for part in parts] == [3, 3, 3]
        assert [h.ref for part in parts for h in part.hits] == [h.ref for h in whole.hits]
        assert search.find("Mediation", lang="de", per_page=3, page=99).page == 3
        assert search.find("Mediation", lang="de", per_page=3, page=-1).page == 1

    def test_by_name_on_request(self) -> None:
        search.put([doc("Zebra Haus"), doc("Ähre Haus"), doc("Birne Haus")])
        assert titles("Haus", order="name") == ["Ähre Haus", "Birne Haus", "Zebra Haus"]
        assert titles("") == ["Ähre Haus", "Birne Haus", "Zebra Haus"]


class TestWider:
    def test_words_that_occur_nowhere_go_first(self) -> None:
        search.put([doc(f"Mediation in Betrieben {n}") for n in range(3)])
        found = search.find("Mediation Betriebe Xqzzyw", lang="de")
        assert found.left_out == ["Xqzzyw"]
        assert found.full == 0
        assert found.total == 3
        assert all(hit.missing == ["Xqzzyw"] for hit in found.hits)

    def test_full_hits_stay_in_front(self) -> None:
        search.put([doc("Pachtvertrag", body="Mediation")])
        search.put([doc(f"Mediation {n}") for n in range(9)])
        found = search.find("Mediation Pachtvertrag", lang="de")
        assert found.hits[0].title == "Pachtvertrag"
        assert found.hits[0].missing == []
        assert found.full == 1
        assert found.total == 10
        assert found.left_out == ["Pachtvertrag"]

    def test_enough_hits_are_not_widened(self) -> None:
        search.put([doc(f"Mediation Pacht {n}") for n in range(5)] + [doc("Mediation")])
        found = search.find("Mediation Pacht", lang="de")
        assert found.total == found.full == 5
        assert found.left_out == []

    def test_it_is_one_step_only(self) -> None:
        search.put([doc("Pacht und Mediation"), doc("Ernte"), doc("Mediation"), doc("Erntefest")])
        found = search.find("Pacht Ernte Mediation", lang="de")
        assert len(found.left_out) == 1
        assert all(len(hit.missing) == 1 for hit in found.hits)

    def test_a_hidden_document_does_not_lead_the_way(self) -> None:
        """What is left out depends on what this viewer may see only."""
        search.put([doc("Mediation sichtbar"), doc("Zeppelin", network=OTHER)])
        found = search.find("Mediation Zeppelin", lang="de")
        assert found.left_out == ["Zeppelin"]
        assert titles("Zeppelin") == []


class TestNames:
    @pytest.mark.parametrize(
        "typed",
        ["Zimmermnan", "Zimermann", "Zimmermannn", "Zimmerman", "Zinmermann", "zimmermanm"],
    )
    def test_one_letter_is_forgiven_and_said(self, typed: str) -> None:
        search.put([doc("Anna Zimmermann", names=True)])
        found = search.find(typed, lang="de")
        assert [hit.title for hit in found.hits] == ["Anna Zimmermann"]
        if found.corrected:
            assert found.corrected == [(typed, "Zimmermann")]

    def test_umlauts_are_shown_as_they_are_written(self) -> None:
        search.put([doc("Jörg Schröder", names=True)])
        found = search.find("Schrödre", lang="de")
        assert found.corrected == [("Schrödre", "Schröder")]
        assert found.total == 1

    def test_two_letters_are_not(self) -> None:
        search.put([doc("Anna Zimmermann", names=True)])
        assert titles("Zimmmermanm") == []

    def test_only_in_names_and_only_where_nothing_else_is_found(self) -> None:
        search.put([doc("Zimmermann", names=False), doc("Wagner", names=True)])
        assert titles("Zimmermnan") == []
        search.put([doc("Wagnar", names=True)])
        assert search.find("Wagner", lang="de").corrected == []

    def test_a_hidden_name_is_not_given_away(self) -> None:
        search.put([doc("Anna Zimmermann", names=True, network=OTHER)])
        found = search.find("Zimmermnan", lang="de")
        assert found.corrected == []
        assert found.hits == []

    def test_with_another_word(self) -> None:
        search.put([doc("Anna Zimmermann", names=True), doc("Anna Wagner", names=True)])
        found = search.find("Anna Zimmermnan", lang="de")
        assert found.hits[0].title == "Anna Zimmermann"
        assert found.left_out == []


class TestReasons:
    def test_where_each_word_was_met(self) -> None:
        search.put([doc("Mediation im Betrieb", words="Ausbildung", summary="Ein Haus.",
                        fields={"offers": "Hospitation am Freitag"}, body="Zeppelin")])  # fmt: skip
        found = search.find("Mediation Ausbildung Hospitation Zeppelin Haus", lang="de").hits[0]
        places = {why.word: why.place for why in found.why}
        assert places == {"Mediation": "title", "Ausbildung": "topic", "Hospitation": "offers",
                          "Zeppelin": "", "Haus": "summary"}  # fmt: skip

    def test_what_is_needed_for_a_line(self) -> None:
        ref = uuid4()
        search.put([doc("Mediation", ref=ref, key="m-1", summary="Kurz.")])
        hit = search.find("Mediation", lang="de").hits[0]
        assert (hit.ref, hit.key, hit.summary, hit.url) == (ref, "m-1", "Kurz.", "/x/")
        assert hit.kind_title == "Thema"

    def test_what_means_the_same_is_not_the_word_itself(self) -> None:
        search.put([
            doc("Werksarzt am Markt"),
            doc("Ohne Namen", words={"keyword": "Betriebsarzt"}),
            doc("Haus der Betriebsärzte"),
        ])  # fmt: skip
        hits = search.find("Betriebsarzt", lang="de").hits
        assert [hit.title for hit in hits[:2]] == ["Haus der Betriebsärzte", "Ohne Namen"]
        why = {hit.title: hit.why[0] for hit in hits}
        assert why["Haus der Betriebsärzte"] == ("title", "Betriebsarzt", "Betriebsärzte", False)
        assert why["Ohne Namen"] == ("keyword", "Betriebsarzt", "Betriebsarzt", False)
        assert why["Werksarzt am Markt"] == ("title", "Betriebsarzt", "Werksarzt", True)


class TestWhatIsLeftOut:
    def test_a_rare_word_says_more(self) -> None:
        search.put([doc(f"Haus {n}", body="Ein Netz und Mitglieder") for n in range(6)])
        search.put([doc("Haus Bild", body="Fotos und Mitglieder")])
        found = search.find("Dürfen wir Fotos von Mitgliedern ins Netz stellen?", lang="de")
        assert found.hits[0].title == "Haus Bild"
        assert "Fotos" not in found.left_out
        assert found.words == ["Fotos", "Mitgliedern", "Netz"]

    @pytest.mark.parametrize(
        ("question", "words"),
        [
            ("Wer hilft uns, wenn es brennt?", ["brennt"]),
            ("Hilfe", ["Hilfe"]),
            ("Hilfe Pflege", ["Hilfe", "Pflege"]),
            ("Fachkräfte einstellen", ["Fachkräfte", "einstellen"]),
            ("Wie können wir Geflüchtete einstellen", ["Geflüchtete"]),
            ("Hilfe bei Insolvenz und Mahnung", ["Insolvenz", "Mahnung"]),
        ],
    )
    def test_fillers_go_where_others_stay(self, question: str, words: list[str]) -> None:
        search.put([doc("Haus", body=question)])
        assert search.find(question, lang="de").words == words

    def test_an_unknown_compound_is_looked_for_by_what_it_is_about(self) -> None:
        search.put([doc("Haus", body="Unsere Küche"), doc("Plan")])
        found = search.find("Küchenplan", lang="de")
        assert [hit.title for hit in found.hits] == ["Haus"]
        assert found.corrected == [("Küchenplan", "Küche")]

    def test_a_part_finds_the_compound(self) -> None:
        search.put([doc("Freiwillige Feuerwehr")])
        assert titles("Feuer") == ["Freiwillige Feuerwehr"]

    @pytest.mark.parametrize(("typed", "right"), [("Giesen", "Gießen"), ("Mol", "Moll"),
                                                  ("Mohl", "Moll")])  # fmt: skip
    def test_a_corrected_name_is_the_same_search(self, typed: str, right: str) -> None:
        search.put([doc(f"Kammer {right}", names=True), doc("Haus", body=f"Bei {right}s Markt"),
                    doc("Amt", body=right)])  # fmt: skip
        assert titles(typed) == titles(right)
        assert len(titles(right)) >= 2


class TestSuggest:
    def test_beginnings_of_any_word(self) -> None:
        search.put([doc("Haus der Jugend"), doc("Jugendhaus Ährental"), doc("Alte Jugend")])
        hits = [hit.title for hit in search.suggest("jug", lang="de")]
        assert hits == ["Jugendhaus Ährental", "Alte Jugend", "Haus der Jugend"]
        assert [hit.title for hit in search.suggest("haus ju", lang="de")] == ["Haus der Jugend"]
        assert [h.title for h in search.suggest("ähr", lang="de")] == ["Jugendhaus Ährental"]

    @pytest.mark.parametrize("typed", ["", "j", " ", '"', "*", "%", "j'", "\0", "x" * 900])
    def test_too_little_or_nonsense(self, typed: str) -> None:
        search.put([doc("Jugend")])
        assert search.suggest(typed, lang="de") == []

    def test_at_most_as_many_as_asked_for(self) -> None:
        search.put([doc(f"Jugend {n}") for n in range(20)])
        assert len(search.suggest("jug", lang="de")) == 8
        assert len(search.suggest("jug", lang="de", limit=3)) == 3


class TestWriting:
    def test_again_replaces_all_of_it(self) -> None:
        ref = uuid4()
        search.put([doc("Alt", ref=ref, words="Mediation", facets=[("topic", "alt")], names=True)])
        search.put([doc("Neu", ref=ref)])
        assert titles("Mediation") == titles("Alt") == []
        assert titles("Neu") == ["Neu"]
        assert search.find("", lang="de").facets["topic"] == {}

    def test_the_same_twice_in_one_writing_is_put_once(self) -> None:
        ref = uuid4()
        assert search.put([doc("Alt", ref=ref), doc("Neu", ref=ref)]) == 1
        assert titles("") == ["Neu"]

    def test_dropping_leaves_nothing(self) -> None:
        ref = uuid4()
        search.put([doc("Eins", ref=ref), doc("Eins", ref=ref, part="p"), doc("Zwei")])
        search.drop(ref)
        assert titles("") == ["Zwei"]
        search.drop_kind("topic")
        assert SearchDoc.objects.count() == SearchText.objects.count() == 0
        search.put([])

    def test_what_is_no_code_is_no_facet(self) -> None:
        with pytest.raises(ValueError, match="no pair"):
            search.put([doc("Eins", facets=[("topic", "Größe A")])])
        assert SearchDoc.objects.count() == 0

    def test_queries_of_one_writing(self, count_queries: Any) -> None:
        for n in (1, 3):
            with count_queries() as queries:
                search.put([doc(f"Haus {i}", facets=[("topic", "x")]) for i in range(n)])
            assert queries.count <= 4


@pytest.mark.parametrize(
    "question",
    ["Mediation", "Mediation Xqzzyw", "Zimmermnan Mediation Haus Xqzzyw", "", "Zimmermnan",
     "Wir finden keine Mediation und haben kaum Zeit"],
)  # fmt: skip
def test_queries_do_not_grow(question: str, count_queries: Any) -> None:
    chosen = {"topic": ["a"], "region": ["08"], "kind": ["topic"]}
    for n in (1, 3, 12):
        search.put([doc(f"Mediation {n} {i}", facets=[("topic", "a")]) for i in range(n)])
        search.put([doc(f"Zimmermann {n} {i}", names=True) for i in range(n)])
        search.find(question, lang="de")
        with count_queries() as queries:
            search.find(question, lang="de", chosen=chosen)
        assert queries.count <= 8


def test_refreshing_does_no_harm() -> None:
    search.put([doc("Mediation")])
    fulltext.refresh()
    assert titles("Mediation") == ["Mediation"]


def test_an_empty_index_is_filled_by_migrating() -> None:
    from lotse.foundation.core.search import upgrade
    from lotse.foundation.topics.services import load_topics

    load_topics()
    search.drop_kind("topic")
    upgrade.fill_empty(plan=[])
    assert search.is_empty()
    upgrade.fill_empty(plan=[(object(), True)])
    assert search.is_empty()
    upgrade.fill_empty(plan=[(object(), False)])
    assert titles("Mediation")


def test_uuids_of_networks_are_compared_as_such() -> None:
    network = UUID(int=5)
    search.put([doc("Mediation", network=network)])
    assert titles("Mediation", viewer=search.Viewer({network: search.WEB})) == ["Mediation"]
