"""The format lotse-check/1: how bytes are read, and what hostile or broken files run into."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml
from django.utils import translation

from lotse.rooms.checks.format import reading, validate

HEAD = b"format: lotse-check/1\n"
MIB = 1024 * 1024

pytestmark = pytest.mark.usefixtures("each_parser")


@pytest.fixture(params=["libyaml", "pure"])
def each_parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Both parsers of PyYAML: not every machine has the one in C."""
    if request.param == "pure":
        monkeypatch.setattr(reading, "_Loader", yaml.SafeLoader)
    with translation.override("de"):
        yield request.param


def read(text: str) -> dict[str, Any]:
    return reading.read(text.encode()).content


def faults_of(data: bytes) -> list[tuple[str, int | None]]:
    """Return code and line of every fault; there must be some, and no content with them."""
    content, faults = validate(data)
    assert content is None
    assert faults
    assert all(fault.message.endswith(".") for fault in faults)
    return [(fault.code, fault.line) for fault in faults]


# Words and values


@pytest.mark.parametrize(
    "word",
    ["no", "yes", "on", "off", "y", "0123", "0o7", "0x1F", "+49", "1:30", "1_000", ".5", "1.", "="]
    + ["2026-01-01", "2026-01-01 10:00:00", "nan", "inf", "Nein", "tRUE", "٣"],
)
def test_words_that_yaml_misreads_stay_texts(word: str) -> None:
    assert read(f"a: {word}") == {"a": word}
    assert read(f"a: [{word}]") == {"a": [word]}


def test_words_become_values_only_as_in_json() -> None:
    read_words = read("a: [true, FALSE, null, ~, 12, -3, -0, 1.5, 1e3, 'true', \"12\"]\nb:\n")
    assert read_words == {
        "a": [True, False, None, None, 12, -3, 0, 1.5, 1000.0, "true", "12"],
        "b": None,
    }
    assert isinstance(read_words["a"][0], bool)


def test_no_is_a_key_as_language_norwegian() -> None:
    assert read("{de: A, no: B}") == {"de": "A", "no": "B"}


def test_texts_and_keys_are_normalised() -> None:
    assert read('"Mu\u0308": "Mu\u0308ller\\r\\nA\\rB"') == {"Mü": "Müller\nA\nB"}


def test_lines_are_those_of_the_keys() -> None:
    source = reading.read(b"# x\na:\n  - b: 1\n    c: |\n      x\n      y\n  - d\n")
    assert source.lines[("a", 0, "c")] == 4
    assert source.lines[("a", 1)] == 7
    assert source.line(("a", 0, "missing", "deeper")) == 3
    assert source.line(("missing",)) == 2


def test_byte_order_mark_and_windows_line_ends_are_taken() -> None:
    source = reading.read(b"\xef\xbb\xbfa: 1\r\nb: |\r\n  x\r\n  y\r\n")
    assert source.content == {"a": 1, "b": "x\ny\n"}
    assert source.lines[("b",)] == 2


def test_escaped_pairs_are_joined_in_json_only() -> None:
    assert read('{"a": "\\ud83d\\ude00 \\\\ud83d\\\\ude00"}') == {"a": "\U0001f600 \\ud83d\\ude00"}
    assert faults_of(b'a: "\\ud83d\\ude00"') == [("character", 1)]


# What is refused, with the line


def laughs() -> bytes:
    lines = [b"a: &a [x, x, x, x, x, x, x, x, x]"]
    for before, name in zip("abcdefgh", "bcdefghi", strict=True):
        lines.append(f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]".encode())
    return b"\n".join(lines)


def escaped(text: str) -> bytes:
    return b'a: 1\nb: "x' + text.encode() + b'"\n'


REFUSED: dict[str, tuple[bytes, str, int | None]] = {
    "50 MB of a": (b"a" * (50 * MIB), "too-large", None),
    "50 MB of dashes": (b"- " * (25 * MIB), "too-large", None),
    "50 MB of brackets": (b"[" * (50 * MIB), "too-large", None),
    "one byte too large": (b"a: 1\n#" + b"x" * (MIB - 5), "too-large", None),
    "1 MB of a": (b"a" * (MIB - 1), "not-a-mapping", 1),
    "1 MB of braces": (b"{" * (MIB - 1), "key-not-text", 1),
    "1 MB of brackets": (b"[" * (MIB - 1), "not-a-mapping", 1),
    "nested brackets": (b"a:\n  " + b"[" * (MIB - 9), "too-deep", 2),
    "nested dashes": (b"a:\n" + b"- " * (MIB // 2 - 9), "too-deep", 2),
    "nested braces": (b"a: " + b"{b: " * 10_000, "too-deep", 1),
    "nested JSON": (b'{"a":' * 10_000 + b"1" + b"}" * 10_000, "too-deep", 1),
    "closed brackets": (b"a: " + b"[" * 10_000 + b"]" * 10_000, "too-deep", 1),
    "one level too deep": (b"a: " + b"[" * 20 + b"]" * 20, "too-deep", 1),
    "too many entries": (b"a:\n" + b"- 1\n" * 60_000, "too-many-nodes", 49_999),
    "pile of accents": (b"a: 1\nb: a" + "\u0301".encode() * 3000, "character", 2),
    "escaped pile": (escaped("\\u0301\\u0316" * 1000), "character", 2),
    "long number": (b"a: 1\nb: " + b"9" * 100_000, "number", 2),
    "anchor": (b"a: 1\nb: &x 1\n", "anchor", 2),
    "alias": (b"a: 1\nb: *x\n", "alias", 2),
    "python tag": (b"a: 1\nb: !!python/object/apply:os.system ['true']\n", "tag", 2),
    "tag of the whole": (b"!!python/object:os.system\na: 1\n", "tag", 1),
    "own tag": (b"a: !x 1\n", "tag", 1),
    "bare tag": (b"a: ! 1\n", "tag", 1),
    "standard tag": (b"a: !!str 1\n", "tag", 1),
    "tag directive": (b"%TAG !e! tag:example.org:\n---\na: 1\n", "tag", 1),
    "merge key": (b"a: 1\n<<: {b: 1}\n", "merge-key", 2),
    "duplicate key": (b"a: 1\nb: 1\na: 2\n", "duplicate-key", 3),
    "duplicate in NFC": ('"\u00fc": 1\n"u\u0308": 2\n'.encode(), "duplicate-key", 2),
    "number as key": (b"a: 1\n1: b\n", "key-not-text", 2),
    "true as key": (b"a: 1\ntrue: b\n", "key-not-text", 2),
    "null as key": (b"a: 1\n~: b\n", "key-not-text", 2),
    "list as key": (b"a: 1\n? [b]\n: 1\n", "key-not-text", 2),
    "template as text": (b"a: 1\nb: {{7*7}}\n", "key-not-text", 2),
    "two lines as key": (b'a: 1\n"b\\nc": 1\n', "key-not-text", 2),
    "tab as indentation": (b"a:\n\tb: 1\n", "tab", 2),
    "tab in a text": (b"a: x\nb: 'x\ty'\n", "tab", 2),
    "NUL": (b"a: 1\nb: x\0y\n", "character", 2),
    "bell": (b"a: 1\nb: x\x07\n", "character", 2),
    "terminal escape": (b"a: 1\nb: \x1b[31m\n", "character", 2),
    "next line": ("a: 1\nb: x\u0085y\n".encode(), "character", 2),
    "line separator": ("a: 1\nb: x\u2028y\n".encode(), "character", 2),
    "mark inside": ("a: 1\nb: x\ufeffy\n".encode(), "character", 2),
    "override": ("a: 1\nb: x\u202ey\n".encode(), "character", 2),
    "noncharacter": ("a: 1\nb: x\U0001ffffy\n".encode(), "character", 2),
    "escaped NUL": (escaped("\\0"), "character", 2),
    "escaped override": (escaped("\\u202e"), "character", 2),
    "escaped noncharacter": (escaped("\\ufffe"), "character", 2),
    "lone surrogate": (escaped("\\ud800"), "character", 2),
    "lone surrogate in JSON": (b'{"a": 1,\n"b": "\\ud800"}', "character", 2),
    "surrogate in UTF-8": (b"a: 1\nb: \xed\xa0\x80\n", "encoding", 2),
    "Latin-1": ("a: 1\nb: M\u00fcller\n".encode("latin-1"), "encoding", 2),
    "UTF-16": ("a: 1\n".encode("utf-16"), "encoding", 1),
    "UTF-16 without mark": ("a: 1\n".encode("utf-16-le"), "encoding", 1),
    "not a number": (b"a: 1\nb: .nan\n", "number", 2),
    "infinity": (b"a: 1\nb: [1, -.inf]\n", "number", 2),
    "Python's NaN": (b'{"a": 1,\n"b": NaN}', "number", 2),
    "too big for a float": (b"a: 1\nb: 1e309\n", "number", 2),
    "too big to be exact": (b"a: 1\nb: 9007199254740992\n", "number", 2),
    "empty": (b"", "empty", 1),
    "only a mark": (b"\xef\xbb\xbf", "empty", 1),
    "only comments": (b"# a\n\n# b\n", "empty", 1),
    "only a document mark": (b"---\n", "empty", 1),
    "two documents": (b"a: 1\n---\nb: 1\n", "documents", 2),
    "a list": (b"- a: 1\n", "not-a-mapping", 1),
    "a word": (b"lotse-check/1", "not-a-mapping", 1),
    "unclosed quote": (b'a: 1\nb: "x\n', "syntax", 3),
    "colon in a text": (b"a: 1\nb: c: d\n", "syntax", 2),
    "at sign": (b"a: 1\nb: @c\n", "syntax", 2),
    "bad escape": (b'a: 1\nb: "\\q"\n', "syntax", 2),
    "escape beyond Unicode": (escaped("\\U00110000"), "", 2),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused_with_line(name: str) -> None:
    data, code, line = REFUSED[name]
    found = faults_of(data)
    assert len(found) == 1, found
    assert found[0] == (code or found[0][0], line)


def test_laughs_are_not_expanded_but_named() -> None:
    found = faults_of(laughs())
    assert found[0] == ("anchor", 1)
    # One anchor and one line of aliases each, nothing for every alias.
    assert [code for code, _line in found].count("alias") == 8
    assert len(found) == 17


def test_size_is_looked_at_before_anything_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "_Reading", None)
    monkeypatch.setattr(reading, "_UNWELCOME", None)
    assert faults_of(b"\xff" * (MIB + 1)) == [("too-large", None)]


def test_limits_stop_the_parser_early(monkeypatch: pytest.MonkeyPatch) -> None:
    """By construction: a hostile file gets no further than the limit, however long it is."""
    loader, count = reading._Loader, 0

    class Counting(loader):  # type: ignore[misc, valid-type]
        def get_event(self) -> Any:
            nonlocal count
            count += 1
            return super().get_event()

    monkeypatch.setattr(reading, "_Loader", Counting)
    faults_of(b"a: " + b"[" * 500_000)
    assert count < 30
    faults_of(b"a: [" + b"1," * 500_000)
    assert 50_000 < count < 50_100


def test_one_level_below_the_limit_is_read() -> None:
    nested = "[" * (reading.MAX_DEPTH - 1) + "]" * (reading.MAX_DEPTH - 1)
    assert read(f"a: {nested}")["a"] == json.loads(nested)


def test_as_many_nodes_as_allowed_are_read() -> None:
    assert len(read("a:\n" + "- 1\n" * (reading.MAX_NODES - 3))["a"]) == reading.MAX_NODES - 3


def test_what_just_fits_is_read() -> None:
    assert len(reading.read(b"a: 1\n#" + b"x" * (MIB - 6)).content) == 1
    assert read(f"a: [{2**53 - 1}, {-(2**53) + 1}]")["a"] == [2**53 - 1, -(2**53) + 1]
    assert len(read("a: x" + "\u0316" * 30)["a"]) == 31
    assert faults_of(("a: x" + "\u0316" * 31).encode()) == [("character", 1)]


def test_everything_wrong_while_reading_is_named_at_once() -> None:
    found = faults_of(b"a: &x 1\nb: !y 2\nc: *x\na: 3\n4: 5\nd: .nan\n")
    expected = ["anchor", "tag", "alias", "duplicate-key", "key-not-text", "number"]
    assert found == list(zip(expected, range(1, 7), strict=True))


def test_each_line_with_a_tab_is_named() -> None:
    assert faults_of(b"a:\n\t\tb: 1\n\tc: \x07\n") == [("tab", 2), ("character", 3), ("tab", 3)]


def test_many_faults_are_cut_with_a_word() -> None:
    for data in (b"\t\n" * 5000, HEAD + b"a: 1\n" * 5000):
        _content, faults = validate(data)
        assert len(faults) == 200
        assert [fault.code == "more-faults" for fault in faults] == [False] * 199 + [True]
        assert "199" in faults[-1].message


def test_message_of_a_long_value_stays_short() -> None:
    _content, faults = validate(HEAD + b"check: {status: " + b"a" * 100_000 + b"}\n")
    assert max(len(fault.message) for fault in faults) < 400
    _content, faults = validate(HEAD + b"? " + b"k" * 100_000 + b"\n: 1\n")
    assert max(len(fault.path) + len(fault.message) for fault in faults) < 400


@pytest.mark.parametrize("junk", ["[]", "{}", "x", "1", "[[]]", "[{}]", "{a: {}}", "null", "true"])
@pytest.mark.parametrize(
    "key", ["check", "provenance", "rights", "scales", "checkpoints", "changes", "x-a"]
)
def test_wrong_types_are_faults_and_never_crash(key: str, junk: str) -> None:
    _content, faults = validate(
        HEAD + f"{key}: {junk}\n".encode(), previous={}, retired=frozenset()
    )
    assert faults
