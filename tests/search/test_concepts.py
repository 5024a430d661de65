"""Concepts: other words for the same, in both languages, and what happens when topics change."""

from collections import Counter
from pathlib import Path
from unittest.mock import Mock

import pytest
import yaml
from django.conf import settings
from django.db import connection

from lotse.foundation.core import clock, hooks
from lotse.foundation.core.search import concepts, index, stems
from lotse.foundation.core.search.analysis import Group, index_terms, query_groups
from lotse.foundation.topics.concepts import concepts_of_topics
from lotse.foundation.topics.models import Topic
from lotse.foundation.topics.services import load_topics
from tests.conftest import QueryCount

pytestmark = pytest.mark.django_db


@pytest.fixture
def topics() -> None:
    load_topics()
    concepts.forget()


def satisfied(group: Group, text: str, lang: str = "de") -> bool:
    terms = set(index_terms(text, lang))
    return any(terms.issuperset(way) for way in group.alternatives)


def found(question: str, text: str, lang: str = "de") -> bool:
    return all(satisfied(group, text) for group in query_groups(question, lang, other_lang="de"))


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("Azubi", "Wir begleiten Auszubildende."),
        ("Azubis", "Die Ausbildungsmesse im Frühjahr"),
        ("BGM", "Betriebliches Gesundheitsmanagement"),
        ("bem", "das betriebliche Eingliederungsmanagement"),
        ("Vereinbarkeit von Familie und Beruf", "Kinderbetreuung für Beschäftigte"),
        ("Familie Beruf Vereinbarkeit", "Vereinbarkeit von Beruf und Familie"),
        ("HWK", "Die Handwerkskammer berät"),
        ("Handwerkskammer", "Sprechtag der HWK"),
        ("Firma", "Hilfe für Betriebe"),
        ("Mitarbeitende", "Belegschaften befragen"),
        ("wer macht weiter?", "Betriebsübergabe"),
        ("work-life balance", "Work-Life-Balance"),
        ("Mediation", "Streit schlichten"),
    ],
)
def test_other_words_for_the_same(topics: None, question: str, text: str) -> None:
    assert found(question, text)


def test_english_finds_german_by_its_meaning(topics: None) -> None:
    assert found("apprentices", "Wir begleiten Azubis", "en")
    assert found("works council", "Der Betriebsrat tagt", "en")


def test_a_phrase_is_one_group_and_a_topic_is_marked(topics: None) -> None:
    (group,) = query_groups("Vereinbarkeit von Familie und Beruf", "de")
    assert group.is_concept
    assert group.word == "Vereinbarkeit von Familie und Beruf"
    (firm,) = query_groups("Firma", "de")
    assert not firm.is_concept
    assert len(firm.alternatives) > 1


def test_a_verb_does_not_mean_the_noun_of_its_stem(topics: None) -> None:
    assert not found("Ehrenamt", "Wir helfen gern")
    assert found("Ehrenamt", "Wir suchen Helferinnen")


def test_a_compound_with_a_meaning_of_its_own_does_not_mean_its_head(topics: None) -> None:
    assert found("Azubi", "Ausbildungsmesse")
    assert found("Mentoring", "Ausbildungspaten")
    assert not found("Azubi", "Ausbildungspaten")


def test_groups_of_topics_are_too_broad(topics: None) -> None:
    keys = {key for key, _ in concepts_of_topics()}
    assert "ausbildung" in keys
    assert "fachkraefte" not in keys


def test_the_words_of_a_retired_topic_lead_to_its_successor(topics: None) -> None:
    heir = Topic.objects.get(code="weiterbildung")
    Topic.objects.filter(code="mentoring").update(retired_at=clock.now(), successor=heir)
    Topic.objects.filter(code="praktikum").update(retired_at=clock.now())
    concepts.forget()
    assert found("Mentee", "Ein Lehrgang am Abend")
    assert not found("Schnuppertag", "Hospitation")


def test_no_query_while_the_concepts_are_known(topics: None) -> None:
    query_groups("Ausbildung", "de", other_lang="en")
    with QueryCount(connection) as known:
        query_groups("Ausbildung und Führung", "de", other_lang="en")
        index_terms("Ausbildung und Führung", "de")
    assert known.count == 0
    concepts.forget()
    with QueryCount(connection) as anew:
        query_groups("Ausbildung", "de", other_lang="en")
    assert anew.count == 1


def test_a_change_is_known_at_once_and_the_texts_follow(
    topics: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not found("Kraxeln", "Ausbildung")
    topic = Topic.objects.get(code="ausbildung")
    topic.synonyms["de"].append("Kraxeln")
    topic.save()
    reindex = Mock()
    monkeypatch.setattr(index, "reindex", reindex)
    concepts.changed()
    concepts.put_anew()
    assert found("Kraxeln", "Ausbildung")
    reindex.assert_called_with()


def test_a_room_brings_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    source = Mock(return_value=[("own-key", ["Lotsenhaus", "Haus der Lotsen"])])
    monkeypatch.setattr(hooks.search_concepts, "_entries", [(1, source)])
    concepts.forget()
    assert "k0own0key" in index_terms("Treffen im Haus der Lotsen", "de")
    assert found("Lotsenhaus", "Treffen im Haus der Lotsen")


def own_words() -> list[list[str]]:
    file = Path(settings.CONTENT_DIR) / "words.yaml"
    return list(yaml.safe_load(file.read_text(encoding="utf-8"))["words"])


def test_a_word_stands_in_one_group_of_equal_words_only() -> None:
    count = Counter(word.casefold() for group in own_words() for word in group)
    assert [word for word, times in count.items() if times > 1] == []
    assert all(len(group) > 1 for group in own_words())


def test_abbreviations_are_the_same_in_small_letters() -> None:
    short = [word for group in own_words() for word in group if word.isupper()]
    assert len(short) > 30
    apart = [
        word
        for word in short
        if {r.term for r in stems.readings(word, "de")}
        - {r.term for r in stems.readings(word.lower(), "de")}
    ]
    assert apart == []
