"""The format lotse-check/1: what a person reads who made a mistake."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.utils import translation

from lotse.rooms.checks.format import Fault, Refused, validate

CHECK = """\
format: lotse-check/1
check:
  id: beispiel.kooperation
  revision: 1
  default_lang: de
  languages: {de: final, en: final}
  title: {de: Kooperation, en: Cooperation}
rights:
  license: CC-BY-4.0
  consent: {status: granted}
scales:
  bedarf:
    levels:
      - {id: none, rank: 0, label: {de: Kein Bedarf, en: No need}}
      - {id: need, rank: 1, label: {de: Bedarf, en: Need}}
checkpoints:
  - id: nutzen
    number: 1
    scale: bedarf
    title: {de: Nutzen, en: Use}
    claim: {de: Wir planen, en: We plan}
    measures: []
"""

# The part that is replaced => by what :: a piece of the one message.
MESSAGES = """
format: lotse-check/1 => format: lotse-mirror/1 :: nennt als Format „lotse-mirror/1“
format: lotse-check/1 => formt: lotse-check/1 :: Meinten Sie „format“?
id: beispiel.kooperation => id: Koop :: zum Beispiel „mein-verein.zusammenarbeit“
revision: 1 => revision: 2 :: Ab Revision 2 gehört in die Datei der Abschnitt „changes“
revision: 1 => revision: 0 :: 0 ist zu klein, mindestens 1 ist möglich
rank: 1 => rank: 7 :: 7 ist zu groß, höchstens 6 ist möglich
revision: 1 => revision: 1.5 :: Hier steht eine Kommazahl, erwartet wird eine ganze Zahl.
revision: 1 => revision: "1" :: erwartet wird eine ganze Zahl. Bitte lassen Sie die An
revision: 1 => revision: eins :: Hier steht ein Text, erwartet wird eine ganze Zahl.$
revision: 1 => revision: :: Nach „revision“ steht nichts
default_lang: de => default_lang: deu :: mit zwei Kleinbuchstaben genannt
default_lang: de => default_lang: fr :: Die Hauptsprache „fr“ fehlt in „languages“
{de: final, en: final} => {de: final} :: Die Sprache „en“ kommt in Texten vor
{de: Nutzen, en: Use} => {de: Nutzen} :: in der Sprache „en“, die als fertig („final“) gemeldet ist
{de: Nutzen, en: Use} => {en: Use} :: Hier fehlt der Text in der Hauptsprache „de“
{de: Nutzen, en: Use} => Nutzen :: ein Text je Sprache. Schreiben Sie zum Beispiel „de: …“
{de: Nutzen, en: Use} => [Nutzen] :: Hier steht eine Liste, erwartet wird ein Text je Sprache.$
de: Nutzen, en => de: 1, en :: Hier steht eine Zahl, erwartet wird ein Text. Bitte setzen Sie
de: Nutzen, en => de: {cp:nutzen}, en :: Klammern am Anfang gehört in Anführungszeichen
de: Nutzen, en => de: true, en :: Hier steht ein Ja-Nein-Wert
de: Nutzen, en => de: "{cp:nutze}", en :: Diesen Checkpunkt gibt es nicht. Meinten Sie „nutzen“?
de: Nutzen, en => de: "{fn:a}", en :: Diese Fußnote gibt es im selben Checkpunkt nicht
de: Nutzen, en => de: "{cp:nutzen", en :: fehlt die schließende Klammer.$
de: Wir planen => de: Wir planen, dann handeln :: In geschweiften Klammern trennt ein Komma
scale: bedarf => scale: bedraf :: „bedraf“ gibt es in „scales“ nicht. Meinten Sie „bedarf“?
measures: [] => mesures: :: Der Schlüssel „mesures“ ist hier nicht bekannt. Meinten Sie „measures“?
measures: [] => dauer: 3 :: ist hier nicht bekannt. Eigene Angaben beginnen mit „x-“.$
measures: [] => dauer: :: „dauer“ steht hier als Schlüssel ohne Wert
measures: [] => measures: a :: erwartet wird eine Liste. Jeder Eintrag einer Liste beginnt mit „- “
measures: [] => measures: [null] :: Hier steht nichts
measures: [] => applies_if: [a] :: eine Liste, erwartet wird ein Block aus „Schlüssel: Wert“.$
measures: [] => report_phrase: {x y: {de: a, en: b}} :: höchstens 40 Kleinbuchstaben
id: nutzen => id: x-Nutzen :: höchstens 40 Kleinbuchstaben
id: need, => id: x-need, :: Kennungen von Skalen und Stufen beginnen nicht mit „x-“
CC-BY-4.0 => Alle Rechte :: als SPDX-Kürzel
{status: granted} => {status: ja} :: „ja“ ist hier nicht möglich. Erlaubt: none-needed, pend
{status: granted} => {status: } :: „(leer)“ ist hier nicht möglich
{status: granted} => granted :: Hier steht ein Text, erwartet wird ein Block aus „Schlüssel: Wert“.$
"""


@pytest.fixture(autouse=True)
def _german() -> Any:
    with translation.override("de"):
        yield


def faults_of(text: str) -> list[Fault]:
    return validate(text.encode())[1]


def test_the_check_itself_is_right() -> None:
    assert faults_of(CHECK) == []


@pytest.mark.parametrize("row", MESSAGES.strip().splitlines())
def test_each_mistake_gets_its_own_sentence(row: str) -> None:
    swap, _separator, piece = row.rpartition(" :: ")
    old, new = swap.split(" => ")
    assert CHECK.count(old) == 1
    faults = faults_of(CHECK.replace(old, new))
    assert len(faults) == 1, faults
    if piece.endswith("$"):
        assert faults[0].message.endswith(piece[:-1])
    else:
        assert piece in faults[0].message
    assert not re.search(r"%\(|\{\}", faults[0].message)


def test_faults_are_sorted_by_line_and_plain_data_for_json() -> None:
    text = CHECK.replace("id: nutzen", "id: N").replace("revision: 1", "revision: 0")
    faults = faults_of(text)
    assert [fault.line for fault in faults] == [4, 17]
    assert json.loads(json.dumps(faults[0].as_dict())) == {
        "path": "check.revision",
        "line": 4,
        "code": "out-of-range",
        "message": faults[0].message,
    }


def test_refused_carries_its_faults_and_reads_as_a_sentence() -> None:
    faults = [Fault("a", 1, "x", "Eins."), Fault("b", 2, "y", "Zwei.")]
    refused = Refused(iter(faults))
    assert refused.faults == tuple(faults)
    assert str(refused) == "Eins. Zwei."
