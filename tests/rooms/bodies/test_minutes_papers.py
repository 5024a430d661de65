"""Minutes as PDF and Word file: whole, accessible (T61), harmless (T22), the same in both."""

import io
from collections.abc import Callable
from typing import Any

import pikepdf
import pytest

from lotse.foundation.core import pdf
from lotse.rooms.bodies.content.minutes import FORMAT
from lotse.rooms.bodies.exports.minutes import minutes_docx, minutes_pdf
from lotse.rooms.bodies.exports.wording import Voice, parts_of
from lotse.rooms.bodies.models import Outcome
from tests.papers import (
    assert_accessible,
    assert_inside,
    assert_word_file,
    elements,
    foot_of,
    text_in,
    text_of,
    words_of,
)
from tests.rooms.bodies import minutes_sample as sample
from tests.rooms.checks.report_sample import LONG_WORD, NASTY

ADOPTED = {"head": sample.HEAD, "state": "adopted", "number": 3, "sha256": sample.SHA}
Record = dict[str, Any]
pytestmark = pytest.mark.usefixtures("no_warnings")


def made(record: Record, **values: Any) -> bytes:
    return minutes_pdf(record, moment=sample.MOMENT, **(ADOPTED | values))


def word_text(record: Record, **values: Any) -> str:
    content = minutes_docx(record, moment=sample.MOMENT, **(ADOPTED | values))
    return text_in(assert_word_file(content, "Frühjahrssitzung"))


def found(**values: Any) -> Record:
    return sample.record(**values)


def test_sample_is_of_the_format_and_has_every_kind_of_outcome() -> None:
    record = sample.record()
    assert record["format"] == FORMAT
    kinds = {
        outcome["kind"]
        for item in [*record["items"], *record["items"][1]["items"]]
        for outcome in item["outcomes"]
    }
    assert kinds == set(Outcome.Kind.values)


@pytest.mark.parametrize("lang", ["de", "en"])
@pytest.mark.parametrize("make", [sample.record, sample.long_record], ids=["all", "thirty items"])
def test_pdf_is_accessible(make: Callable[[], Record], lang: str) -> None:
    assert_accessible(made(make(), lang=lang), "Frühjahrssitzung", lang=lang)


@pytest.mark.parametrize("lang", ["de", "en"])
def test_word_file_has_headings_language_and_heads_of_tables(lang: str) -> None:
    content = minutes_docx(sample.record(), moment=sample.MOMENT, lang=lang, **ADOPTED)
    document = assert_word_file(content, "Frühjahrssitzung", lang=lang)
    headings = [p.text for p in document.paragraphs if p.style.name.startswith("Heading")]
    assert any("Leitlinien für Patenschaften" in heading for heading in headings)
    assert "Emil Hafen\nEin Gremium des Netzwerks Beispielregion" in foot_of(document)
    assert "Entwurf" not in document.sections[0].header.paragraphs[0].text


SAID = [
    "Protokoll: Frühjahrssitzung", "Rat der Beispielregion · 5. Sitzung", "Marktweg 4",
    "Ergebnisprotokoll mit Diskussion", "Mittwoch, 18. März 2026", "13:05 bis 16:40 Uhr",
    "vor Ort und online", "Haus am Markt, Marktweg 4, 01234 Nordtal, Großer Saal",
    "Alma Wiese (Stiftung Tatkraft), Doreen Fels (Lebenshof gGmbH)", "Emil Hafen",
    "9 Personen, davon 4 ohne Namen", "beschlussfähig: 12 von 16 Stimmen anwesend, nötig sind 9",
    "TOP 2.1 Nordtal", "Hafenamt: Hafentage", "vertagt", "Der Titel ist zu lang.",
    "Beschluss 1/2: Die Leitlinien heißen künftig anders.",
    "angenommen, per Handzeichen, 9 Ja, 1 Nein, 2 Enthaltungen, 12 von 16 Stimmen anwesend",
    "„Grundsätze für Patenschaften“ heißt jetzt „Gut begleitet“", "angenommen, einstimmig",
    "Siehe Anlage 2", "Wiedervorlage am 01.03.2028", "Rat der Beispielregion am 18.03.2026;",
    "Bund der Vereine noch offen", "abgelehnt, 0 Ja, 12 Nein",
    "Frage, Dr. Clara Ufer (Nordtaler Sparverein): Gibt es einen gemeinsamen Stand?",
    "Antwort zugesagt bis 15.04.2026", "Termin: 09.05.2026", "Sicherheitsunterweisung",
    "Tisch 1: Was hilft?", "Was hindert?", "3 Runden", "Kurze Wege zu einer Person", "Ansprache",
    "Keine Ergebnisse festgehalten.", "Besuche im Herbst planen", "30.09.2026",
    "noch niemand zuständig", "bis zur nächsten Sitzung", "bis: der Haushalt vorliegt",
    "Wiedervorlage am 02.11.2026", "Protokoll der AG Ausbildung, 11.02.2026", "Anlagen (2)",
    "regionen.pdf", "wird nachgeliefert", "12.11.2026 AG Ausbildung, nach der Messe",
    "Mitglieder, Gäste, Archiv", "Vorsitz", "Schriftführung", "für Ida Kranich", "mit Stimme",
    "13:05 bis 14:00 Uhr", "ab 15:00 Uhr", "Gesine Torf", "Hauke Brand",
    "Dazu 4 Personen, deren Namen nicht festgehalten sind.", "Neun statt sechs Ja.",
    "Berichtigt am 02.04.2026. Grund: Zahl vertauscht", sample.SHA, sample.HEAD,
    "genehmigt am 01.04.2026 durch Ablauf der Frist",
]  # fmt: skip


def test_pdf_says_everything() -> None:
    """Without layout, so that a cell of two lines is read whole."""
    text = " ".join(text_of(made(sample.record())).replace("\u200b", "").split())
    squeezed = text.replace(" ", "")
    missing = [said for said in SAID if said.replace(" ", "") not in squeezed]
    assert missing == []
    for said in ("Mitschrift: Emil Hafen", "Seite 1 von", "Ein Gremium des Netzwerks"):
        assert said in text


def test_word_file_says_what_the_pdf_says() -> None:
    text = word_text(sample.record())
    squeezed = text.replace(" ", "")
    assert [said for said in SAID if said.replace(" ", "") not in squeezed] == []


def test_answer_follows_its_question() -> None:
    text = words_of(made(sample.record()))
    places = [text.index(said) for said in ("gemeinsamen Stand?", "Ja, wie im Vorjahr",
                                            "Wer bezahlt", "Das wird geklärt")]  # fmt: skip
    assert places == sorted(places)


def test_answered_questions_are_not_open() -> None:
    text = words_of(made(sample.record()))
    pending = text[text.index("Offen geblieben") : text.index("Anlagen (2)")]
    assert "Wer bezahlt den Aufbau?" in pending
    assert "Höhe des Beitrags" in pending
    assert "gemeinsamen Stand" not in pending


def test_counts_stand_only_where_they_are_known() -> None:
    """Real minutes say "einstimmig" without a number."""
    row = sample.outcome("decision", "Wir machen mit.", result="adopted", method="unanimous")
    text = words_of(made(found(items=[sample.item("1", "Eins", outcomes=[row])])))
    assert "– angenommen, einstimmig" in text
    assert "0 Ja" not in text
    assert "None" not in text


@pytest.mark.parametrize(
    ("state", "word"),
    [("draft", "Entwurf"), ("circulated", "Noch nicht genehmigt"),
     ("corrected", "Noch nicht genehmigt")],
)  # fmt: skip
def test_what_is_not_adopted_says_so_on_every_page(state: str, word: str) -> None:
    content = made(found(adopted=None), state=state)
    pages = text_of(content, "-layout").split("\f")[:-1]
    assert len(pages) > 2
    assert [word in page.strip()[:200] for page in pages] == [True] * len(pages)
    assert_accessible(content, f"{word} · Protokoll: Frühjahrssitzung")
    assert f"{word}" in word_text(found(adopted=None), state=state)


def test_adopted_minutes_have_no_draft_mark() -> None:
    text = words_of(made(sample.record(), state="published"))
    assert "Noch nicht genehmigt" not in text
    assert "veröffentlicht, genehmigt am 01.04.2026" in text


def test_empty_minutes_have_no_empty_parts() -> None:
    """Nothing written yet: a title, a head, nothing else."""
    bare = found(
        items=[], annexes=[], present=[], excused=[], absent=[], unnamed=0, quorum={},
        corrections=[], adopted=None, next_dates="", distribution="", letterhead="", footer="",
        signatures="",
    )  # fmt: skip
    content = minutes_pdf(bare, moment=sample.MOMENT)
    with pikepdf.open(io.BytesIO(content)) as paper:
        assert len(paper.pages) == 1
        with paper.open_outline() as outline:
            assert len(outline.root[0].children) == 0
    document = minutes_docx(bare, moment=sample.MOMENT)
    assert document[:2] == b"PK"


def test_outside_nobody_is_listed() -> None:
    """As `resolved(public=True)` hands it over (rulings 6)."""
    hidden = sample.who("Vertretung Stiftung Tatkraft", "Stiftung Tatkraft")
    hidden["words"] = hidden["name"]
    record = found(present=[], excused=[], absent=[], outside=True, unnamed=0)
    record["meeting"] = record["meeting"] | {"moderation": [hidden]}
    text = words_of(made(record))
    assert "Vertretung Stiftung Tatkraft" in text
    assert "Wer teilgenommen hat" not in text
    assert "Gesine Torf" not in text


def test_people_stand_in_the_order_of_their_surnames() -> None:
    names = ["Zora Ahorn", "Dr. Alma Östlich", "Benno Oper", "Clara Ufer"]
    there = [row | {"attribution": sample.who(name)} for row, name in
             zip(sample.record()["present"], reversed(names), strict=False)]  # fmt: skip
    text = words_of(made(found(present=there)))
    listed = text[text.index("Wer teilgenommen hat") :]
    places = [listed.index(name) for name in
              ("Zora Ahorn", "Benno Oper", "Dr. Alma Östlich", "Clara Ufer")]  # fmt: skip
    assert places == sorted(places)


def test_same_record_same_bytes() -> None:
    assert made(sample.record()) == made(sample.record())


def test_foreign_text_carries_its_language() -> None:
    """An English paper of German minutes (T64)."""
    with pikepdf.open(io.BytesIO(made(sample.record(), lang="en"))) as paper:
        assert str(paper.Root.Lang) == "en-GB"
        spans = [str(e.Lang) for e in elements(paper.Root.StructTreeRoot) if "/Lang" in e]
    assert spans.count("de") > 20


@pytest.mark.parametrize("text", NASTY.values(), ids=NASTY)
def test_nothing_typed_can_break_the_paper(text: str) -> None:
    record = sample.nasty_record(text)
    wanted = " ".join(pdf.printable(text).split())
    assert wanted in words_of(made(record))
    content = minutes_docx(record, moment=sample.MOMENT, **ADOPTED)
    assert_word_file(content, "")


def test_long_words_stay_on_the_page() -> None:
    assert_inside(made(sample.nasty_record(LONG_WORD[:400])))


def test_longest_texts_make_a_paper() -> None:
    """T22: a decision of 20,000 characters breaks over pages, nothing is cut."""
    long = "Ein Wort nach dem anderen. " * 740
    row = sample.outcome("decision", long + "Ende.", result="adopted")
    content = made(found(items=[sample.item("1", "Lang", outcomes=[row])]))
    assert words_of(content).count("Ein Wort nach") == 740
    assert "Ende." in words_of(content)


def test_prose_keeps_paragraphs_and_lists() -> None:
    blocks = Voice("de").prose("Eins\nzwei\n\n- a\n* b\nDrei")
    assert blocks == [{"text": "Eins\nzwei"}, {"items": ["a", "b"]}, {"text": "Drei"}]
    assert Voice("en").prose("- a") == [{"items": [{"text": "a", "lang": "de"}]}]
    assert Voice("de").prose(" \n ") == []
    assert parts_of("Vorsitz, Schriftführung\nGast;") == ["Vorsitz", "Schriftführung", "Gast"]
