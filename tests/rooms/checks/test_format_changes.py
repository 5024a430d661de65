"""The format lotse-check/1: a new revision beside the previous one, nothing is lost unsaid."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from django.utils import translation

from lotse.rooms.checks.format import validate

Check = dict[str, Any]


@pytest.fixture(autouse=True)
def _german() -> Any:
    with translation.override("de"):
        yield


def text(words: str) -> dict[str, str]:
    return {"de": words}


def revision(number: int, ids: str, items: list[dict[str, Any]] | None = None) -> Check:
    """Build a revision with checkpoints `ids`; the claim of each is its own id."""
    levels = [{"id": name, "rank": rank, "label": text(name)} for rank, name in enumerate("nu")]
    points = [
        {"id": one, "number": number, "scale": "s", "title": text(one), "claim": text(one)}
        for number, one in enumerate(ids.split(), 1)
    ]
    check: Check = {
        "format": "lotse-check/1",
        "check": {"id": "a.b", "revision": number, "default_lang": "de", "title": text("T")},
        "rights": {"license": "CC0-1.0", "consent": {"status": "none-needed"}},
        "scales": {"s": {"levels": levels}, "t": {"levels": levels}},
        "checkpoints": points,
    }
    if items is not None:
        check["changes"] = {"from": number - 1, "items": items}
    return check


def change(old: str, kind: str, *new: str, **more: Any) -> dict[str, Any]:
    if kind in ("reworded", "replaced"):
        more.setdefault("meaning", "changed")
    return {"old": old, "kind": kind, "new": list(new), **more}


def found(check: Check, previous: Check | None = None, retired: str = "") -> list[tuple[str, str]]:
    """Return code and path of each fault."""
    content, faults = validate(
        json.dumps(check).encode(), previous=previous, retired=frozenset(retired.split())
    )
    assert (content is None) == bool(faults)
    return [(fault.code, fault.path) for fault in faults]


ITEM = "changes.items[0]"
KINDS = [
    ("a", [change("a", "kept", "a")], []),
    ("a", [change("a", "kept", "a", meaning="same")], []),
    ("b", [change("a", "kept", "b")], [("change-not-kept", f"{ITEM}.kind")]),
    ("a b", [change("a", "kept", "a", "b")], [("change-new-count", f"{ITEM}.new")]),
    ("a", [change("a", "reworded", "a", meaning="same")], []),
    ("a", [change("a", "reworded", "a", meaning="changed")], []),
    ("a", [change("a", "reworded")], [("change-new-count", f"{ITEM}.new")]),
    ("b", [change("a", "replaced", "b")], []),
    ("b", [change("a", "replaced", "c")], [("change-new-unknown", f"{ITEM}.new[0]")]),
    ("a b", [change("a", "replaced", "b")], [("id-reused", f"{ITEM}.old")]),
    ("b c", [change("a", "split", "b", "c")], []),
    ("a c", [change("a", "split", "a", "c")], []),
    ("b", [change("a", "split", "b")], [("change-new-count", f"{ITEM}.new")]),
    ("b c", [change("a", "split", "b", "b")], [("listed-twice", f"{ITEM}.new[1]")]),
    ("b", [change("a", "retired")], []),
    ("b", [{"old": "a", "kind": "retired"}], []),
    ("b", [change("a", "retired", "b")], [("change-new-count", f"{ITEM}.new")]),
    ("a", [change("a", "retired")], [("id-reused", f"{ITEM}.old")]),
    ("a", [], [("change-missing", "changes.items")]),
    ("a", [change("z", "retired"), change("a", "kept", "a")], [("change-old-unknown", "")]),
]


@pytest.mark.parametrize(("ids", "items", "expected"), KINDS)
def test_each_kind_of_change(ids: str, items: Any, expected: list[tuple[str, str]]) -> None:
    result = found(revision(2, ids, items), previous=revision(1, "a"))
    assert [(code, path or f"{ITEM}.old") for code, path in expected] == result


def test_merged_takes_several_old_into_one_new() -> None:
    both = [change("a", "merged", "c"), change("b", "merged", "c")]
    assert found(revision(2, "c", both), previous=revision(1, "a b")) == []
    into_one = [change("a", "kept", "a"), change("b", "merged", "a")]
    assert found(revision(2, "a", into_one), previous=revision(1, "a b")) == []
    twice = [change("a", "replaced", "c"), change("b", "replaced", "c")]
    assert found(revision(2, "c", twice), previous=revision(1, "a b")) == [
        ("change-new-twice", "changes.items[1].new[0]")
    ]


def test_every_undeclared_removal_is_named() -> None:
    check = revision(2, "d", [change("b", "retired")])
    previous = revision(1, "a b c")
    assert found(check) == []
    assert found(check, previous) == [("change-missing", "changes.items")] * 2
    messages = [
        fault.message for fault in validate(json.dumps(check).encode(), previous=previous)[1]
    ]
    assert "„a“" in messages[0]
    assert "„c“" in messages[1]


def test_the_same_revision_again_is_no_fault_but_another_content_is() -> None:
    first = revision(1, "a")
    assert found(first, previous=first) == []
    second = revision(2, "a", [change("a", "kept", "a")])
    assert found(second, previous=second) == []
    other = copy.deepcopy(second)
    other["check"]["title"] = text("Anders")
    assert ("revision-exists", "check.revision") in found(other, previous=second)
    assert found(first, previous=second) == [("revision-order", "check.revision")]


def test_the_id_of_a_check_never_changes() -> None:
    second = revision(2, "a", [change("a", "kept", "a")])
    second["check"]["id"] = "a.c"
    assert found(second, previous=revision(1, "a")) == [("identity", "check.id")]


def test_from_is_the_previous_revision_and_numbers_may_jump() -> None:
    check = revision(5, "a", [change("a", "kept", "a")])
    check["changes"]["from"] = 3
    assert found(check, previous=revision(3, "a", [])) == []
    assert found(check, previous=revision(2, "a", [])) == [("change-from", "changes.from")]


def test_a_revision_above_one_needs_changes() -> None:
    assert found(revision(2, "a")) == [("missing-key", "changes")]
    assert found(revision(2, "a"), previous=revision(1, "a")) == [("missing-key", "changes")]
    first = revision(1, "a") | {"changes": {"from": 1, "items": []}}
    assert found(first) == [("changes-unexpected", "changes")]


def test_an_id_retired_long_ago_is_not_used_again() -> None:
    check = revision(3, "a b", [change("a", "kept", "a")])
    assert found(check, revision(2, "a", []), retired="c") == []
    assert found(check, revision(2, "a", []), retired="b c") == [
        ("id-retired", "checkpoints[1].id")
    ]


@pytest.mark.parametrize("kind", ["kept", "reworded"])
def test_answers_are_not_copied_onto_another_scale(kind: str) -> None:
    check = revision(2, "a", [change("a", kind, "a", meaning="same")])
    check["checkpoints"][0]["scale"] = "t"
    assert found(check, revision(1, "a")) == [("change-scale", f"{ITEM}.kind")]
    check["changes"]["items"][0].update(kind="reworded", meaning="changed")
    assert found(check, revision(1, "a")) == []


def test_kept_means_the_same_words_but_a_new_language_is_fine() -> None:
    check = revision(2, "a", [change("a", "kept", "a")])
    check["checkpoints"][0]["claim"]["en"] = "A"
    assert found(check, revision(1, "a")) == []
    check["checkpoints"][0]["claim"]["de"] = "anders"
    assert found(check, revision(1, "a")) == [("change-not-kept", f"{ITEM}.kind")]


MAP = "changes.scale_map.s"
MAPS = [
    (None, [("scale-map-missing", MAP)]),
    ({"n": "n", "u": "v"}, []),
    ({"n": "n", "u": "v", "x-why": "so"}, []),
    ({"n": "n"}, [("level-unmapped", f"{MAP}.u")]),
    ({"n": "n", "u": "u"}, [("unknown-level", f"{MAP}.u")]),
    ({"n": "n", "u": "v", "w": "v"}, [("unknown-level", f"{MAP}.w")]),
]


@pytest.mark.parametrize(("mapping", "expected"), MAPS)
def test_levels_that_are_gone_need_a_successor(mapping: Any, expected: Any) -> None:
    check = revision(2, "a", [change("a", "kept", "a")])
    check["scales"]["s"] = copy.deepcopy(check["scales"]["s"])
    check["scales"]["s"]["levels"][1]["id"] = "v"
    if mapping is not None:
        check["changes"]["scale_map"] = {"s": mapping}
    assert found(check, revision(1, "a")) == expected
