"""Two texts written at once: properties of the merge by lines."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lotse.rooms.bodies.content.merging import Marks, merge

MARKS = Marks("<<1", "<<2", "<<3")
LINE = st.sampled_from(["a", "b", "c", "dd", "", "Beitrag", "Frist bis Mai"])
TEXT = st.lists(LINE, max_size=9).map("\n".join)


def _added(base: str, text: str) -> set[str]:
    return {line for line in text.split("\n") if line} - set(base.split("\n"))


@given(TEXT, TEXT)
def test_a_change_of_one_side_alone_is_taken_as_it_is(base: str, text: str) -> None:
    assert merge(base, base, text, MARKS).text == text
    assert merge(base, text, base, MARKS).text == text
    assert merge(base, text, text, MARKS).text == text


@given(TEXT, TEXT, TEXT)
def test_every_added_line_of_both_sides_is_in_the_result(base: str, one: str, two: str) -> None:
    merged = merge(base, one, two, MARKS)
    kept = set(merged.text.split("\n"))
    assert _added(base, one) <= kept
    assert _added(base, two) <= kept


@given(TEXT, TEXT, TEXT)
def test_marks_stand_where_both_are_shown_and_nowhere_else(base: str, one: str, two: str) -> None:
    merged = merge(base, one, two, MARKS)
    lines = merged.text.split("\n")
    found = Counter(line for line in lines if line.startswith("<<"))
    assert set(found.values()) <= {merged.conflicts}
    assert len(found) == (3 if merged.conflicts else 0)


@given(TEXT, TEXT, TEXT)
def test_nothing_comes_from_nowhere(base: str, one: str, two: str) -> None:
    known = set("\n".join((base, one, two)).split("\n"))
    result = set(merge(base, one, two, MARKS).text.split("\n"))
    assert {line for line in result if not line.startswith("<<")} <= known | {""}


@pytest.mark.parametrize(
    ("base", "theirs", "mine", "expected"),
    [
        ("a", "a\nvon ihr", "a\nvon mir", "a\nvon ihr\nvon mir"),
        ("", "von ihr", "von mir", "von ihr\nvon mir"),
        ("a\n", "a\nvon ihr", "a\nvon mir", "a\nvon ihr\nvon mir"),
        ("a\nb\nc", "A\nb\nc", "a\nb\nC", "A\nb\nC"),
        ("a\nb\nc", "a\nc", "a\nb\nc\nd", "a\nc\nd"),
        ("a\nb", "a", "a\nbb", "a\nbb"),
        ("a\nhal", "a\nneu\nhal", "a\nhallo", "a\nneu\nhallo"),
        ("a", "A", "aa", "<<1\nA\n<<2\naa\n<<3"),
    ],
)
def test_examples(base: str, theirs: str, mine: str, expected: str) -> None:
    assert merge(base, theirs, mine, MARKS).text == expected
