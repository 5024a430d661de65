"""Compounds: found by their parts, and words that are none left whole."""

import pytest

from lotse.foundation.core.search import compounds, concepts
from lotse.foundation.core.search.analysis import index_terms, query_groups

# Twenty compounds of the field and what they are to be found by; of directory.md seventeen have to.
COMPOUNDS = [
    ("Arbeitsschutzberatung", ["Arbeitsschutz", "Beratung", "Schutz"]),
    ("Gesundheitsmanagement", ["Gesundheit", "Management"]),
    ("Fachkräftesicherung", ["Fachkraft", "Fachkräfte", "Sicherung"]),
    ("Unternehmensnachfolge", ["Unternehmen", "Nachfolge"]),
    ("Wissenstransfer", ["Wissen", "Transfer"]),
    ("Gefährdungsbeurteilung", ["Gefährdung", "Beurteilung"]),
    ("Handwerkskammer", ["Handwerk", "Kammer"]),
    ("Ausbildungsplatz", ["Ausbildung", "Platz"]),
    ("Wirtschaftsförderung", ["Wirtschaft", "Förderung"]),
    ("Freiwilligenagentur", ["Freiwillige", "Agentur"]),
    ("Mitgliederversammlung", ["Mitglied", "Versammlung"]),
    ("Fördermittelberatung", ["Fördermittel", "Beratung"]),
    ("Personalentwicklung", ["Personal", "Entwicklung"]),
    ("Betriebsrat", ["Betrieb"]),
    ("Schulkooperation", ["Schule", "Kooperation"]),
    ("Jugendfeuerwehr", ["Jugend", "Feuerwehr"]),
    ("Lehrstellenbörse", ["Lehrstelle", "Börse"]),
    ("Wärmepumpe", ["Wärme", "Pumpe"]),
    ("Nachbarschaftshilfe", ["Nachbarschaft", "Hilfe"]),
    ("Datenschutzbeauftragte", ["Datenschutz", "Beauftragte"]),
]
WHOLE = [
    "Hospitation", "Bericht", "Vertrag", "Betrieb", "Unterstützung", "Mitgliedschaft", "Wirtschaft",
    "Gesellschaft", "Gründung", "Beratung", "Verantwortung", "Abteilung", "Material", "Vorstand",
    "Moderation", "Handwerk", "Netzwerk", "Generationen", "Praktikanten", "Beschreibung",
    "Weitergabe", "Unternehmen", "Ausbildung", "Gesundheit", "Freiwillige", "Donnerstag",
    "Transformation", "Koordination", "Qualifizierung", "Wiedereinstieg", "Organisation",
]  # fmt: skip


@pytest.fixture(autouse=True)
def _no_rooms(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(concepts, "_read", list)
    concepts.forget()


def found(question: str, text: str) -> bool:
    terms = set(index_terms(text, "de"))
    return all(
        any(terms.issuperset(way) for way in group.alternatives)
        for group in query_groups(question, "de")
    )


def test_compounds_are_found_by_their_parts() -> None:
    missed = [
        (whole, part) for whole, parts in COMPOUNDS for part in parts if not found(part, whole)
    ]
    assert len({whole for whole, _ in missed}) <= 3, missed


def test_a_compound_finds_its_parts_said_apart() -> None:
    missed = [whole for whole, parts in COMPOUNDS if not found(whole, " und ".join(parts))]
    assert len(missed) <= 3, missed
    assert not found("Arbeitsschutzberatung", "Beratung zum Steuerrecht")


def test_a_compound_in_small_letters() -> None:
    assert found("unternehmensnachfolge", "Nachfolge im Unternehmen")


@pytest.mark.parametrize("word", WHOLE)
def test_what_is_no_compound_stays_whole(word: str) -> None:
    assert compounds.splits(word) == ()


@pytest.mark.parametrize(
    ("word", "pair"),
    [
        ("Arbeitstag", ("Arbeit", "Tag")),
        ("Landesamt", ("Land", "Amt")),
        ("Unternehmenscheck", ("Unternehmen", "Check")),
        ("Gebietsstand", ("Gebiet", "Stand")),
        ("Ausbildungspaten", ("Ausbildung", "Pate")),
    ],
)
def test_a_letter_between_belongs_to_the_head(word: str, pair: tuple[str, str]) -> None:
    assert compounds.splits(word) == (pair,)


def test_a_compound_that_no_dictionary_has_is_inflected_as_its_tail() -> None:
    assert index_terms("Transferhäuser", "de") == index_terms("Transferhaus", "de")


def test_an_endless_word_is_not_parted() -> None:
    assert compounds.splits("Donau" * 30) == ()
    assert compounds.parts("") == []
