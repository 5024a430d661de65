"""The format lotse-check/1: canonical bytes, hash, and YAML that reads back as the same check."""

from __future__ import annotations

import copy
import hashlib
import json
import re
from typing import Any

import pytest
import yaml
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from lotse.rooms.checks.format import canonical, digest, reading, to_yaml, validate
from lotse.rooms.checks.format.scalars import FORBIDDEN, is_visible, refused_character

TRAPS = [
    *("no", "yes", "on", "true", "null", "~", "1.0", "0123", "12", "1e5", ".5", "-0", "NaN", "<<"),
    *("2026-01-01", "1:30", "=", "Infinity", ".inf", "0x1F", "1_000", "-", "- a", "? a", "! a"),
    *(" x ", "a: b", "a #b", "#a", "a:", "'a'", '"a"', "\\n", "{a}", "[a]", "&a", "*a", "@a", "%a"),
    *("|", ">", "|-\n a", "a\nb", "a\n\nb\n", "\na", "a\n", "a\n\n", "a \nb", " a\nb", "a\n b"),
    *("a\tb", "\ta", "---", "...", "--- a", "a\n---\nb", "a\n# b", "\U0001f469\u200d\U0001f467"),
    *("a" * 300, "ab " * 200, "a  " * 90 + "b", "\u00a0a", "\u3000a", "a\u00adb", "\u200fa"),
]


def minimal(**texts: Any) -> dict[str, Any]:
    level = {"label": {"de": "L"}}
    return {
        "format": "lotse-check/1",
        "check": {"id": "a.b", "revision": 1, "default_lang": "de", "title": {"de": "T"}},
        "rights": {"license": "CC0-1.0", "consent": {"status": "granted"}},
        "scales": {
            "s": {"levels": [{"id": "no", "rank": 0} | level, {"id": "1", "rank": 1} | level]}
        },
        "checkpoints": [
            {"id": "c", "number": 1, "scale": "s", "title": {"de": "T"}, "claim": {"de": "C"}}
        ],
        **texts,
    }


def read_back(content: dict[str, Any]) -> dict[str, Any]:
    again, faults = validate(to_yaml(content).encode())
    assert faults == [], to_yaml(content)
    assert again is not None
    return again


# Canonical bytes


def test_canonical_bytes_are_as_described() -> None:
    assert canonical({"b": [1, True, None], "a": "Mu\u0308 \U0001f600\r\n"}) == (
        '{"a":"Mü \U0001f600\\n","b":[1,true,null]}'.encode()
    )
    assert digest({"a": 1}) == hashlib.sha256(b'{"a":1}').hexdigest()


def test_order_of_keys_does_not_matter_and_nothing_is_changed() -> None:
    content = minimal()
    turned = json.loads(json.dumps(content), object_pairs_hook=lambda pairs: dict(pairs[::-1]))
    assert list(turned) != list(content)
    before = copy.deepcopy(turned)
    assert canonical(turned) == canonical(content)
    assert turned == before
    assert list(turned) == list(before)


def test_digest_is_stable() -> None:
    # Stored hashes depend on it: if this figure changes, every stored check is "changed".
    assert digest(minimal()) == "a2f0f2324f8c82cddef789c6c2bbfb5a1283062838d63384cf4281766389a6bf"


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), "\ud800", {"\u00fc": 1, "u\u0308": 2}])
def test_canonical_refuses_what_json_cannot_say(bad: Any) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        canonical({"a": bad})


@pytest.mark.parametrize("bad", [{1: 2}, {"a": {1}}, {"a": b"x"}])
def test_canonical_refuses_what_json_does_not_know(bad: Any) -> None:
    with pytest.raises(TypeError):
        canonical(bad)


# YAML


@pytest.mark.parametrize("text", TRAPS)
def test_trap_texts_come_back(text: str) -> None:
    content = minimal()
    content["check"]["title"]["de"] = f"{text}"
    content["x-own"] = {"key": [text, {"below": text}]}
    if "<<" not in text and "\n" not in text:
        content["x-own"][text] = text
    assert canonical(read_back(content)) == canonical(content)
    # Other readers, with all the habits of YAML 1.1, see the same.
    assert canonical(yaml.safe_load(to_yaml(content))) == canonical(content)


def test_yaml_is_written_in_the_order_of_the_format() -> None:
    content = minimal()
    content["x-a"] = 1
    content["check"].update(
        {"x-b": 2, "edition": "2019", "languages": {"en": "draft", "de": "final"}}
    )
    content["check"]["title"] = {"en": "T", "de": "T\nzwei Zeilen", "ar": "T", "x-c": 1}
    lines = to_yaml(json.loads(canonical(content))).splitlines()
    keys = [line.partition(":")[0] for line in lines]
    assert [key for key in keys if key[:1].strip()] == [
        *("format", "check", "rights", "scales", "checkpoints", "x-a")
    ]
    head = lines[lines.index("check:") + 1 : lines.index("rights:")]
    assert head == [
        "  id: a.b",
        "  revision: 1",
        '  edition: "2019"',
        "  default_lang: de",
        "  languages:",
        "    de: final",
        "    en: draft",
        "  title:",
        "    de: |-",
        "      T",
        "      zwei Zeilen",
        "    ar: T",
        "    en: T",
        "    x-c: 1",
        "  x-b: 2",
    ]
    assert "      - id: 'no'" in lines


def test_written_yaml_needs_no_anchors() -> None:
    shared = {"de": "T"}
    content = minimal()
    content["check"]["title"] = content["checkpoints"][0]["title"] = shared
    assert "&" not in to_yaml(content)


# Generated checks

LETTERS = st.characters(exclude_categories=["Cs"]).filter(lambda one: not FORBIDDEN.search(one))
TEXTS = st.one_of(
    st.sampled_from(TRAPS),
    st.text(LETTERS | st.sampled_from(" \n-:#'\"|>{}[]*&!%@`?,\\"), min_size=1, max_size=80),
).filter(
    lambda text: (
        is_visible(text)
        and not refused_character(text)
        and not re.search(r"<[/A-Za-z!?]|\{\s*[A-Za-z]+\s*:", text)
    )
)
IDS = st.from_regex(r"[a-z0-9][a-z0-9-]{0,39}", fullmatch=True).filter(
    lambda one: not one.startswith("x-")
)
MAPS = st.fixed_dictionaries({"de": TEXTS}, optional={"en": TEXTS, "no": TEXTS})
OWN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | TEXTS
    # Whole floats are written as 1.0 and stay floats.
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            TEXTS.filter(lambda key: not re.search(r"[\r\n]", key)), inner, max_size=3
        )
    ),
    max_leaves=6,
)


@st.composite
def checks(draw: st.DrawFn) -> dict[str, Any]:
    """Draw a valid check with most of what the format knows."""
    level_ids = draw(st.lists(IDS, min_size=2, max_size=7, unique=True))
    ids = draw(st.lists(IDS, min_size=1, max_size=4, unique=True))
    scale = draw(IDS)
    content = minimal(scales={scale: {"levels": []}}, checkpoints=[])
    content["check"]["title"] = draw(MAPS)
    content["x-own"] = draw(OWN)
    for rank, one in enumerate(level_ids):
        level = {"id": one, "rank": rank, "label": draw(MAPS), "needs_measure": rank > 0}
        content["scales"][scale]["levels"].append(level)
    for number, one in enumerate(ids, 1):
        point = {"id": one, "number": number, "scale": scale, "title": draw(MAPS)}
        point["claim"] = draw(MAPS)
        point["report_phrase"] = draw(st.dictionaries(st.sampled_from(level_ids), MAPS))
        point["guidance"] = {"de": draw(TEXTS) + f" {{cp:{draw(st.sampled_from(ids))}}}"}
        items = [{"id": item, "text": draw(MAPS)} for item in draw(st.lists(IDS, unique=True))]
        if items:
            point["example_groups"] = [{"id": "g", "heading": draw(MAPS), "items": items}]
        content["checkpoints"].append(point)
    return content


@settings(max_examples=60, deadline=None)
@given(checks())
def test_generated_checks_come_back(content: dict[str, Any]) -> None:
    again = read_back(content)
    assert canonical(again) == canonical(content)
    assert to_yaml(again) == to_yaml(content)
    as_json, faults = validate(canonical(content))
    assert faults == []
    assert canonical(as_json or {}) == canonical(content)


@settings(max_examples=60, deadline=None)
@given(checks(), st.data())
def test_no_damage_crashes_the_reader(content: dict[str, Any], data: st.DataObject) -> None:
    """Put junk into one place: there is an answer, and the same one with a previous revision."""
    place: Any = content
    while True:
        steps = list(place) if isinstance(place, dict) else list(range(len(place)))
        assume(steps)
        step = data.draw(st.sampled_from(steps))
        below = place[step]
        if not isinstance(below, dict | list) or not below or data.draw(st.booleans()):
            break
        place = below
    previous = copy.deepcopy(content)
    place[step] = data.draw(
        st.sampled_from([None, [], {}, "", "a b", 0, -1, True, [[]], [{}], {"a": {}}])
    )
    found, faults = validate(canonical(content), previous=previous)
    assert (found is None) == bool(faults)
    assert all(fault.line == 1 for fault in faults)


def test_both_parsers_read_what_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    content = minimal()
    content["x-own"] = TRAPS
    written = to_yaml(content).encode()
    fast = reading.read(written)
    monkeypatch.setattr(reading, "_Loader", yaml.SafeLoader)
    slow = reading.read(written)
    assert fast.content == slow.content
    assert fast.lines == slow.lines
