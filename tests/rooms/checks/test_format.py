"""The format lotse-check/1: what is a check, what is refused and where, writing and reading."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.utils import translation
from jsonschema import Draft202012Validator

from lotse.rooms.checks.format import FORMAT, canonical, validate
from lotse.rooms.checks.format.schema import places, schema

# What stands on a printed guide, and the ids; nothing else.
PRINTED = """\
format: lotse-check/1
check:
  id: beispiel.kooperation
  revision: 1
  default_lang: de
  title: {de: Kooperation}
provenance:
  publishers:
    - name: Verein Beispiel
rights:
  license: LicenseRef-Nachdruck-mit-Zustimmung
  consent: {status: pending}
scales:
  bedarf:
    levels:
      - {id: no, rank: 0, label: {de: Zurzeit kein Handlungsbedarf}}
      - {id: need, rank: 1, label: {de: Handlungsbedarf}}
      - {id: urgent, rank: 2, label: {de: Dringender Handlungsbedarf}}
checkpoints:
  - id: nutzen
    number: 1
    scale: bedarf
    title: {de: Nutzen}
    claim: {de: "Wir wissen, was wir wollen."}
  - id: planen
    number: 2
    scale: bedarf
    title: {de: Planen}
    claim: {de: Wir planen gemeinsam.}
"""

# Everything the format knows. Each line that a broken variant changes stands here once.
FULL = """\
# Ein Kommentar
format: lotse-check/1
check:
  id: beispiel.kooperation-npo
  revision: 2
  edition: "2019"
  status: published
  default_lang: de
  languages: {de: final, en: draft}
  title: {de: Kooperation, en: Cooperation}
  goal:
    de: |
      Erste Zeile
      zweite Zeile, siehe {cp:planen}
  audience: {side: nonprofit, size: [any], roles: [leitung, team, berater]}
  scope_label: {de: Organisation oder Verantwortungsbereich}
  duration_minutes: 45
  x-note: {any: [1, 2.5, null, true]}
provenance:
  publishers:
    - {id: org-a, name: Verein A}
    - {id: org-b, name: Verein B}
  developed_by: [Kammer C]
  funded_by: [Land D]
  identifiers: [{scheme: isbn, value: 978-3-00-000000-0}]
  order_address: Musterweg 1, 12345 Musterstadt
  approvals:
    - {body: Strategiekreis, date: 2019-11-21, decision: TOP 7, result: unanimous}
  review_due: 2027-12-31
  sources:
    - {id: s1, kind: study, title: Eine Studie, year: 2019, url: null}
    - {id: s2, title: Noch eine, url: "https://example.org/a"}
rights:
  license: LicenseRef-reprint-with-consent
  holder: [Verein A]
  consent: {status: granted, document: brief.pdf, covers: [display, report]}
scales:
  bedarf:
    type: ordinal
    levels:
      - {id: none, rank: 0, label: {de: Kein Bedarf}, needs_measure: false}
      - {id: need, rank: 1, label: {de: Bedarf}, needs_measure: true}
      - {id: urgent, rank: 2, label: {de: Dringend}, needs_measure: true, due_within_days: 30}
    skip: {allowed: true, label: {de: Weiß ich nicht / später}}
checkpoints:
  - id: nutzen
    number: 1
    scale: bedarf
    title: {de: Nutzen}
    claim: {de: "Wir haben weniger als < 250 Beschäftigte, a < b.{fn:f1}"}
    report_phrase: {need: {de: Es gibt Bedarf.}, urgent: {de: Es eilt.}}
    applies_if: {size: small}
    guidance: {de: So geht es.}
    footnotes:
      - {id: f1, text: {de: Eine Fußnote.}}
    example_groups:
      - id: fuer-uns
        heading: {de: Für uns}
        intro: {de: Zum Beispiel}
        items:
          - id: e1
            text: {de: Frauen*, en: Women}
            sources: [s1, s2]
            items:
              - {id: e1a, text: {de: "siehe {cp:planen}"}, sources: [s1]}
          - id: e2
            text: {de: Männer}
    measures:
      - id: m1
        text: {de: Moderation holen}
        effort: S
        competence: {de: Moderation}
        from_examples: [e1a, e2]
        offers: [moderation]
  - id: planen
    number: 2
    scale: bedarf
    title: {de: Planen}
    claim: {de: Wir planen.}
changes:
  from: 1
  items:
    - {old: nutzen, kind: reworded, new: [nutzen], meaning: same, note: {de: Klarer}}
    - {old: plan-alt, kind: replaced, new: [planen], meaning: changed}
  scale_map: {bedarf: {none: none, need: need, urgent: urgent}}
x-origin: own
"""


@pytest.fixture(autouse=True)
def _german() -> Any:
    with translation.override("de"):
        yield


def content_of(text: str, **context: Any) -> dict[str, Any]:
    content, faults = validate(text.encode(), **context)
    assert faults == []
    assert content is not None
    return content


def replaced(text: str, old: str, new: str) -> str:
    assert text.count(old) == 1, old
    return text.replace(old, new)


# What is a check


def test_printed_guide_is_a_check() -> None:
    content = content_of(PRINTED)
    assert content["scales"]["bedarf"]["levels"][0]["id"] == "no"
    assert set(content) == {"format", "check", "provenance", "rights", "scales", "checkpoints"}


def test_a_check_needs_no_provenance_at_all() -> None:
    content_of(replaced(PRINTED, "provenance:\n  publishers:\n    - name: Verein Beispiel\n", ""))


def test_full_check_keeps_everything_it_says() -> None:
    content = content_of(FULL)
    assert content["check"]["x-note"] == {"any": [1, 2.5, None, True]}
    assert content["x-origin"] == "own"
    assert content["check"]["goal"]["de"] == "Erste Zeile\nzweite Zeile, siehe {cp:planen}\n"
    assert content["provenance"]["approvals"][0]["date"] == "2019-11-21"
    assert content["provenance"]["sources"][0]["url"] is None
    assert content["checkpoints"][0]["applies_if"] == {"size": "small"}


def test_full_check_uses_every_property_of_the_schema() -> None:
    used = {step for place in places(content_of(FULL)) for step in place.path[-1:]}
    parts = [schema(), *schema()["$defs"].values()]
    nested = [part for outer in parts for part in objects_in(outer)]
    assert {key for part in nested for key in part["properties"]} <= used


def objects_in(part: Any) -> list[dict[str, Any]]:
    """Return all object schemas with named properties inside a schema."""
    below = part.values() if isinstance(part, dict) else part if isinstance(part, list) else []
    found = [one for inner in below for one in objects_in(inner)]
    if isinstance(part, dict) and part.get("type") == "object" and "properties" in part:
        found.append(part)
    return found


def test_schema_is_a_schema_and_every_object_takes_extensions_only() -> None:
    Draft202012Validator.check_schema(schema())
    objects = [part for part in objects_in(schema()) if "additionalProperties" in part]
    assert len(objects) >= 20
    for part in objects:
        assert part["additionalProperties"] is False
        assert part["patternProperties"]["^x-"] is True


def test_format_is_named_alike_in_schema_and_package() -> None:
    assert schema()["properties"]["format"]["const"] == FORMAT


def test_json_is_read_like_yaml() -> None:
    content = content_of(FULL)
    content["check"]["goal"]["de"] = "Familie \U0001f469\u200d\U0001f467 \\ud83d"
    as_json = json.dumps(content, indent=1)
    assert "\\ud83d\\udc69" in as_json
    assert canonical(content_of(as_json)) == canonical(content)


def test_main_language_without_any_text_is_one_fault() -> None:
    text = replaced(PRINTED, "default_lang: de", "default_lang: fr")
    _content, faults = validate(text.encode())
    assert [(fault.code, fault.path) for fault in faults] == [
        ("language-unused", "check.default_lang")
    ]


@pytest.mark.parametrize(
    ("levels", "points", "expected"),
    [
        (1, 1, [("too-few", "scales.s.levels")]),
        (2, 99, []),
        (7, 1, []),
        (8, 1, [("too-many", "scales.s.levels"), ("out-of-range", "scales.s.levels[7].rank")]),
        (2, 0, [("too-few", "checkpoints")]),
        (2, 100, [("too-many", "checkpoints"), ("out-of-range", "checkpoints[99].number")]),
    ],
)
def test_bounds_of_scales_and_checkpoints(levels: int, points: int, expected: Any) -> None:
    content = content_of(PRINTED)
    text = {"de": "T"}
    content["scales"] = {
        "s": {"levels": [{"id": f"l{n}", "rank": n, "label": text} for n in range(levels)]}
    }
    content["checkpoints"] = [
        {"id": f"c{n}", "number": n, "scale": "s", "title": text, "claim": text}
        for n in range(1, points + 1)
    ]
    faults = validate(canonical(content))[1]
    assert sorted((fault.code, fault.path) for fault in faults) == sorted(expected)


# What is wrong. Each row: the part of FULL that is replaced => by what :: code :: path, and, where
# the fault does not stand in the replaced line, the beginning of the line. A code with + draws
# others after it; without, it must be the only fault. CP is checkpoints[0], CH changes.items.

WRONG = r"""
# the head
format: lotse-check/1 => format: lotse-mirror/1 :: format :: format
format: lotse-check/1\n => :: missing-key :: format :: check:
id: beispiel.kooperation-npo => id: Kooperation :: check-id :: check.id
id: beispiel.kooperation-npo => id: "a.b\n" :: check-id :: check.id
revision: 2 => revision: 0 :: out-of-range :: check.revision
revision: 2 => revision: 1 :: changes-unexpected :: changes :: changes:
revision: 2 => revision: 2.0 :: wrong-type :: check.revision
revision: 2 => revision: "2" :: wrong-type :: check.revision
revision: 2 => revision: true :: wrong-type :: check.revision
revision: 2 => revision: ٣ :: wrong-type :: check.revision
revision: 2 => revision: :: no-value :: check.revision
edition: "2019" => edition: 2019 :: wrong-type :: check.edition
status: published => status: fertig :: not-allowed :: check.status
duration_minutes: 45 => dauer: 45 :: unknown-key :: check.dauer
duration_minutes: 45 => duration_minute: 45 :: unknown-key :: check.duration_minute
duration_minutes: 45 => duration_minutes: -1 :: out-of-range :: check.duration_minutes
side: nonprofit => side: Non Profit :: id :: check.audience.side
size: [any] => size: any :: wrong-type :: check.audience.size
x-origin: own => origin: own :: unknown-key :: origin
# languages
default_lang: de => default_lang: deutsch :: language-code :: check.default_lang
default_lang: de => default_lang: fr :: language-default :: check.languages.fr :: {de: fin
en: draft} => en: fertig} :: not-allowed :: check.languages.en
en: draft} => en: draft, e: final} :: language-code :: check.languages.e
en: draft} => en: draft, fr: final} :: language-unused :: check.languages.fr
{de: final, en: draft} => {de: final} :: language-undeclared :: check.title.en :: Cooper
    de: | =>     en: | :: language-missing :: check.goal.de :: goal:
{de: Zum Beispiel} => {} :: language-missing :: CP.example_groups[0].intro.de
# texts
title: {de: Nutzen} => title: Nutzen :: wrong-type :: CP.title
title: {de: Nutzen} => title: {de: 12} :: wrong-type :: CP.title.de
title: {de: Nutzen} => title: {de: ""} :: text-empty :: CP.title.de
title: {de: Nutzen} => title: {de: "  "} :: text-empty :: CP.title.de
title: {de: Nutzen} => title: {de: "\u200b"} :: text-empty :: CP.title.de
title: {de: Nutzen} => title: {de: <4001>} :: too-long :: CP.title.de
title: {de: Nutzen} => title: {deu: Nutzen} :: language-code :: CP.title.deu
title: {de: Nutzen} => titel: {de: Nutzen} :: unknown-key :: CP.titel
    title: {de: Nutzen}\n => :: missing-key :: CP.title :: - id: nutzen
geht es. => geht es, oder so. :: unknown-key :: CP.guidance.oder so.
geht es. => geht <a href=x>es</a>. :: html :: CP.guidance.de
geht es. => geht es</p> :: html :: CP.guidance.de
geht es. => <script src=x :: html :: CP.guidance.de
geht es. => <!-- x" :: html :: CP.guidance.de
name: Verein B => name: <b>B</b> :: html :: provenance.publishers[1].name
# inline references
So geht es. => "a {cp:plannen}" :: reference-checkpoint :: CP.guidance.de
So geht es. => "a {cp: planen}" :: reference-checkpoint :: CP.guidance.de
So geht es. => "a {cp:planen" :: reference-checkpoint :: CP.guidance.de
So geht es. => "a {fn:f2}" :: reference-footnote :: CP.guidance.de
{de: Wir planen.} => {de: "{fn:f1}"} :: reference-footnote :: checkpoints[1].claim.de
So geht es. => "a {foo:bar}" :: reference-kind :: CP.guidance.de
So geht es. => {cp:planen} :: wrong-type :: CP.guidance.de
# provenance and rights
date: 2019-11-21 => date: 21.11.2019 :: date :: provenance.approvals[0].date
date: 2019-11-21 => date: 2019-11-21 10:00:00 :: date :: provenance.approvals[0].date
review_due: 2027-12-31 => review_due: 2027-02-29 :: date :: provenance.review_due
year: 2019 => year: 19 :: out-of-range :: provenance.sources[0].year
https://example.org/a => javascript:alert(1) :: address :: provenance.sources[1].url
id: org-b => id: org-a :: duplicate-id :: provenance.publishers[1].id
id: s2, title => id: s1, title :: duplicate-id+ :: provenance.sources[1].id
LicenseRef-reprint-with-consent => Alle Rechte vorbehalten :: license :: rights.license
LicenseRef-reprint-with-consent => LicenseRef- :: license :: rights.license
status: granted => status: ja :: not-allowed :: rights.consent.status
{status: granted, d => {d :: missing-key :: rights.consent.status
# scales
rank: 2 => rank: 3 :: rank-order :: scales.bedarf.levels[2].rank
id: urgent, rank => id: need, rank :: duplicate-id+ :: scales.bedarf.levels[2].id
id: urgent, rank => id: x-urgent, rank :: id+ :: scales.bedarf.levels[2].id
needs_measure: false => needs_measure: nein :: wrong-type :: scales.bedarf.levels[0].needs_measure
{allowed: true, l => {l :: missing-key :: scales.bedarf.skip.allowed
  bedarf: =>   beduerfnis: :: unknown-scale :: CP.scale :: scale: bedarf
  bedarf: =>   Bedarf: :: id :: scales.Bedarf
# checkpoints
- id: planen => - id: nutzen :: duplicate-id+ :: checkpoints[1].id
number: 2 => number: 3 :: number-order :: checkpoints[1].number
number: 2 => number: 100 :: out-of-range :: checkpoints[1].number
{need: {de: Es => {neded: {de: Es :: unknown-level :: CP.report_phrase.neded
applies_if: {size: small} => applies_if: [a] :: wrong-type :: CP.applies_if
id: f1, text => id: f1, text: {de: A}}\n      - {id: f1, text :: duplicate-id :: CP.footnotes[1].id
[s1, s2] => [s1, s3] :: unknown-source :: CP.example_groups[0].items[0].sources[1]
[s1, s2] => [s1, s1] :: listed-twice :: CP.example_groups[0].items[0].sources[1]
id: e1a, => id: e2, :: duplicate-id+ :: CP.example_groups[0].items[1].id :: - id: e2
, sources: [s1]} => , items: []} :: example-depth :: CP.example_groups[0].items[0].items[0].items
[e1a, e2] => [e1b] :: unknown-example :: CP.measures[0].from_examples[0]
effort: S => effort: XXL :: not-allowed :: CP.measures[0].effort
offers: [moderation] => offers: moderation :: wrong-type :: CP.measures[0].offers
- id: m1 => - id: m1\n        text: {de: A}\n      - id: m1 :: duplicate-id :: CP.measures[1].id
# changes, as far as the file alone shows it
from: 1 => from: 2 :: change-from :: changes.from
kind: reworded => kind: umbenannt :: not-allowed :: CH[0].kind
new: [nutzen] => new: [nutzem] :: change-new-unknown :: CH[0].new[0]
new: [planen] => new: [] :: change-new-count :: CH[1].new
new: [planen] => new: [nutzen] :: change-new-twice :: CH[1].new[0]
kind: replaced => kind: split :: change-new-count :: CH[1].new
kind: replaced => kind: retired :: change-new-count :: CH[1].new
meaning: changed} => x-m: changed} :: change-meaning :: CH[1].meaning
old: plan-alt, kind: replaced => old: plan-alt, kind: kept :: change-meaning :: CH[1].meaning
old: plan-alt => old: nutzen :: change-twice :: CH[1].old
old: plan-alt, kind: replaced, new: [planen] => old: planen, kind: retired :: id-reused :: CH[1].old
urgent: urgent} => urgent: hoch} :: unknown-level :: changes.scale_map.bedarf.urgent
{bedarf: {none => {bedraf: {none :: unknown-scale :: changes.scale_map.bedraf
"""


@pytest.mark.parametrize("row", [row for row in WRONG.splitlines() if row and row[0] != "#"])
def test_broken_variants(row: str) -> None:
    swap, code, path, *at = (cell.removesuffix(" ") for cell in row.split(" :: "))
    old, new = (re.sub(r"\\n(?!\")", "\n", part) for part in swap.split(" =>"))
    new = new.removeprefix(" ").replace("<4001>", "a" * 4001)
    text = replaced(FULL, old, new)
    start = text.index(at[0]) if at else FULL.index(old) + len(old) - len(old.lstrip())
    content, faults = validate(text.encode())
    assert content is None
    found = [fault for fault in faults if fault.code == code.removesuffix("+")]
    path = path.replace("CP", "checkpoints[0]").replace("CH", "changes.items")
    assert [fault.path for fault in found] == [path]
    assert found[0].line == text.count("\n", 0, start) + 1 + new.count("\n")
    assert code.endswith("+") or faults == found
    for fault in faults:
        # Sentences of our own, never those of the library.
        assert fault.message.endswith((".", "?"))
        assert not re.search(r"\b(is|not|required|property|expected|does)\b", fault.message)
