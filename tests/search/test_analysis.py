"""The German analysis: inflection, umlauts, gender forms, hyphens, questions in whole sentences."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from hypothesis import given
from hypothesis import strategies as st

from lotse.foundation.core.search import concepts, dictionary, spelling, stems
from lotse.foundation.core.search.analysis import (
    fold,
    index_terms,
    name_keys,
    query_groups,
    title_words,
)

# Twenty pairs of the field; of directory.md nineteen have to meet.
PAIRS = [
    ("Häuser", "Haus"),
    ("Verträge", "Vertrag"),
    ("Betriebe", "Betrieb"),
    ("Förderungen", "Förderung"),
    ("gefördert", "fördern"),
    ("Ärztinnen", "Arzt"),
    ("Auszubildenden", "Auszubildende"),
    ("Beraterinnen", "Berater"),
    ("Fachkräfte", "Fachkraft"),
    ("Ausschüsse", "Ausschuss"),
    ("Beschlüsse", "Beschluss"),
    ("Netzwerke", "Netzwerk"),
    ("Vereine", "Verein"),
    ("Praktika", "Praktikum"),
    ("Maßnahmen", "Maßnahme"),
    ("Gremien", "Gremium"),
    ("Unternehmens", "Unternehmen"),
    ("Vorstände", "Vorstand"),
    ("ehrenamtliche", "ehrenamtlich"),
    ("Kolleginnen", "Kollege"),
]


@pytest.fixture(autouse=True)
def _no_rooms(monkeypatch: pytest.MonkeyPatch) -> None:
    """Words alone: what topics add has tests of its own."""
    monkeypatch.setattr(concepts, "_read", list)
    concepts.forget()


def meet(one: str, other: str) -> bool:
    """Whether a text with the one is found by a question for the other."""
    return found(other, one)


def found(question: str, text: str, lang: str = "de") -> bool:
    """Whether every group of the question is satisfied by the text."""
    terms = set(index_terms(text, lang))
    groups = query_groups(question, lang)
    return bool(groups) and all(
        any(terms.issuperset(way) for way in group.alternatives) for group in groups
    )


def words(question: str, lang: str = "de") -> list[str]:
    return [group.word for group in query_groups(question, lang)]


def test_forms_of_a_word_meet() -> None:
    missed = [pair for pair in PAIRS if not (meet(*pair) and meet(*reversed(pair)))]
    assert len(missed) <= 1, missed


@pytest.mark.parametrize("pair", PAIRS[:6], ids="-".join)
def test_small_letters_in_a_question_do_not_matter(pair: tuple[str, str]) -> None:
    assert found(pair[1].lower(), f"Etwas über {pair[0]} hier")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Förderung", "Forderung"),
        ("fördern", "fordern"),
        ("Fördermittel", "Forderung"),
        ("Grund", "Gründung"),
        ("schon", "schön"),
        ("Bund", "Bündnis"),
        ("Drucker", "Drücker"),
    ],
)
def test_umlauts_that_the_lemma_keeps_tell_words_apart(one: str, other: str) -> None:
    assert not set(index_terms(one, "de", keep_stop_words=True)) & set(
        index_terms(other, "de", keep_stop_words=True)
    )


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("Foerderung", "Förderung"),
        ("foerdermittel", "Fördermittel"),
        ("Muenchen", "München"),
        ("Strasse", "Straße"),
        ("Landstrassen", "Landstraße"),
        ("Massnahmen", "Maßnahme"),
        ("Aerzte", "Arzt"),
        ("Vertraege", "Vertrag"),
        ("Haeuser", "Haus"),
        ("Mueller", "Müller"),
        ("Oeffentlichkeitsarbeit", "Öffentlichkeitsarbeit"),
        ("Gefaehrdungsbeurteilung", "Gefährdungsbeurteilung"),
        ("Fördermittelberatung", "Foerdermittelberatung"),
    ],
)
def test_umlauts_written_out(typed: str, written: str) -> None:
    assert meet(typed, written)
    assert meet(written, typed)


@pytest.mark.parametrize(
    "word", ["Mauer", "neue", "Quelle", "Zuschuss", "Steuer", "aktuell", "Museum", "Poet", "Frauen"]
)
def test_words_that_only_look_written_out_stay(word: str) -> None:
    assert spelling.umlauts(word) == word


@pytest.mark.parametrize(
    "form",
    [
        "Berater*innen",
        "Berater:innen",
        "Berater_innen",
        "Berater/innen",
        "Berater/-innen",
        "BeraterInnen",
        "Berater(innen)",
        "Beraterinnen und Berater",
        "Berater:in",
        "Berater*in",
        "Berater/-in",
        "BeraterIn",
        "Beraterin",
    ],
)
def test_gender_forms_meet(form: str) -> None:
    assert index_terms(form, "de") == index_terms("Berater", "de")
    assert found(form, "ein Berater")


@pytest.mark.parametrize("word", ["Termin", "Medizin", "Berlin", "Disziplin", "Verein"])
def test_what_only_ends_like_a_woman_stays(word: str) -> None:
    assert dictionary.masculine(word) == word


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Aus- und Weiterbildung", ["Ausbildung", "und", "Weiterbildung"]),
        (
            "Aus-, Fort- und Weiterbildung",
            ["Ausbildung", "Fortbildung", "und", "Weiterbildung"],
        ),
        ("Arbeits- und Gesundheitsschutz", ["Arbeitsschutz", "und", "Gesundheitsschutz"]),
        ("Klein- und Mittelbetriebe", ["Kleinbetriebe", "und", "Mittelbetriebe"]),
        (
            "Gesundheitsschutz und -förderung",
            ["Gesundheitsschutz", "und", "Gesundheitsförderung"],
        ),
        ("Förde-\nrung", ["Förderung"]),
        ("Förde\u00adrung", ["Förderung"]),
        ("Fo\u0308rderung", ["Förderung"]),
        ("IT-Sicherheit", ["ITSicherheit"]),
        ("Xy- und Zzz", ["Xy", "und", "Zzz"]),
    ],
)
def test_hyphens(text: str, expected: list[str]) -> None:
    assert [word.text for word in spelling.words(text, "de")][: len(expected)] == expected


def test_hyphens_are_one_word_and_their_pieces() -> None:
    assert found("IT-Sicherheit", "Sicherheit in der IT")
    assert found("Sicherheit", "IT-Sicherheit")
    assert found("Elearning", "E-Learning")


def test_what_is_it_and_what_is_in_capitals() -> None:
    assert words("IT for us", "en") == ["IT"]
    assert words("DER BETRIEB UND DIE AUSBILDUNG") == ["BETRIEB", "AUSBILDUNG"]
    assert found("kmu", "Beratung für KMUs")
    assert index_terms("HWK", "de") == index_terms("hwk", "de")


@pytest.mark.parametrize(
    ("question", "left"),
    [
        ("Wir finden keine Auszubildenden und haben kaum Zeit", ["Auszubildenden", "Zeit"]),
        ("jemand, der uns bei der Gefährdungsbeurteilung hilft", ["Gefährdungsbeurteilung"]),
        ("Wer kann uns mit der Digitalisierung helfen?", ["Digitalisierung"]),
        ("Ich suche bitte dringend keine Arbeitssicherheit", ["dringend", "Arbeitssicherheit"]),
        ("Who can help us find apprentices?", ["apprentices"]),
        ("2024", ["2024"]),
        ("brauchen", []),
        ("hilft", ["hilft"]),
        ("und", []),
        ("", []),
        ('"*() AND -- %', ["AND"]),
    ],
)
def test_a_question_is_what_it_asks_for(question: str, left: list[str]) -> None:
    assert words(question, "en" if question.startswith("Who") else "de") == left


def test_at_most_twelve_groups_each_once() -> None:
    many = " ".join(f"Wort{n}" for n in range(40))
    assert len(query_groups(f"Haus Häuser Hauses {many}", "de")) == 12
    assert words("Haus Häuser Hauses") == ["Haus"]


def test_the_other_language_is_another_way_to_say_it() -> None:
    (group,) = query_groups("Verträge", "en", other_lang="de")
    assert set(index_terms("Vertrag", "de")) <= {way[0] for way in group.alternatives}
    assert [g.word for g in query_groups("Wir finden keine Verträge", "en", other_lang="de")] == [
        "Verträge"
    ]


def test_a_small_word_is_read_as_a_noun_too() -> None:
    assert found("betrieb", "der Betrieb")
    assert found("Betrieb", "alles klein geschrieben, ein betrieb")


def test_a_group_says_whether_it_is_a_noun() -> None:
    asked = {group.word: group.is_noun for group in query_groups("offene forderungen KMU", "de")}
    assert asked == {"offene": False, "forderungen": True, "KMU": True}


def test_title_words_and_their_keys() -> None:
    assert title_words("Tischlerei Müller-Lüdenscheid & Söhne") == [
        "tischlerei", "muellerluedenscheid", "mueller", "luedenscheid", "soehne",
    ]  # fmt: skip
    assert name_keys(["abc"]) == ["abc"]
    assert name_keys(["meier"]) == ["meier", "eier", "mier", "meer", "meir", "meie"]
    assert fold("Ärzte-Büro") == "aerztebuero"


@given(st.text(max_size=60))
def test_any_text_gives_plain_terms(text: str) -> None:
    for lang in ("de", "en"):
        assert all(term.isalnum() for term in index_terms(text, lang))
        assert index_terms(text, lang) == index_terms(text, lang)
        for group in query_groups(text, lang, other_lang="de"):
            assert group.alternatives
            assert all(term.isalnum() for way in group.alternatives for term in way)
    assert all(word.isalnum() for word in title_words(text))


def test_an_endless_word_is_no_term() -> None:
    assert index_terms("a" * 100_000, "de") == []
    assert query_groups("ä" * 100_000, "de") == []


def test_stems_put_back_what_snowball_takes_for_an_umlaut() -> None:
    assert stems.stem("aktuell", "de") == "aktuell"
    assert stems.stem("foerderung", "de") == "foerder"


def test_the_dictionary_is_built_where_it_can_be(
    tmp_path: Path, settings: pytest.FixtureRequest
) -> None:
    settings.WORDS_DIR = "/proc/nowhere"
    settings.DATA_DIR = tmp_path
    call_command("buildwords", verbosity=0)
    (path,) = (tmp_path / "words").iterdir()
    assert path in dictionary.places()
    assert 3_000_000 < path.stat().st_size < 8_000_000


def test_the_first_use_builds_the_dictionary(tmp_path: Path) -> None:
    (tmp_path / "bare_settings.py").write_text(
        f"from tests.settings import *\nWORDS_DIR = {str(tmp_path / 'with' / 'code')!r}\n",
        encoding="utf-8",
    )
    code = (
        "import django; django.setup()\n"
        "from lotse.foundation.core.search import dictionary\n"
        "print(dictionary.known('Häuser'))"
    )
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "bare_settings",
        "LOTSE_DATA_DIR": str(tmp_path),
        "PYTHONPATH": str(tmp_path),
        "PYTHONIOENCODING": "utf-8",
    }
    root = Path(__file__).parent.parent.parent
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False,
        cwd=root,
    )  # fmt: skip
    assert done.stdout.strip() == "Haus", done.stderr
    assert len(list((tmp_path / "with" / "code").iterdir())) == 1


def test_the_dictionary_of_this_installation_is_mapped() -> None:
    assert dictionary.known("Verträge") == "Vertrag"
    assert dictionary.known("Xyzzy") is None
    assert any(path.exists() for path in dictionary.places()), settings.WORDS_DIR
