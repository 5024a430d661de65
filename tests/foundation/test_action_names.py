"""What the action log shows has a name for people, not only a code (T41)."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils import translation

import lotse
from lotse.foundation.core import actionlog, hooks

SOURCES = Path(lotse.__file__).parent


def recorded() -> Iterator[str]:
    """The codes that are written out in a call of `actionlog.record`."""
    for file in sorted(SOURCES.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text())):
            called = isinstance(node, ast.Call) and ast.unparse(node.func).endswith(
                "actionlog.record"
            )
            if called and isinstance(node.args[0], ast.Constant):
                yield str(node.args[0].value)
            handed_on = isinstance(node, ast.Call) and ast.unparse(node.func) in ("_record", "_log")
            first = node.args[0] if handed_on and node.args else None
            if isinstance(first, ast.Constant) and str(first.value).count(".") == 2:
                yield str(first.value)
            noted = isinstance(node, ast.Call) and ast.unparse(node.func).endswith("note_change")
            if noted and isinstance(node.args[1], ast.Constant):
                yield f"accounts.{node.args[1].value}"


CODES = sorted(set(recorded()))


def test_codes_are_found() -> None:
    assert len(CODES) > 50


@pytest.mark.parametrize("code", CODES)
def test_every_action_has_a_name(code: str) -> None:
    assert actionlog.name(code) != code
    with translation.override("en"):
        english = actionlog.name(code)
    assert english != code


def test_no_name_stands_for_nothing() -> None:
    """But for the kinds of factors, which the code puts together."""
    known = {code for names in hooks.action_names for code in names if code.count(".") == 2}
    text = "".join(file.read_text() for file in SOURCES.rglob("*.py") if file.name != "actions.py")
    gone = {code for code in known if f'"{code}"' not in text and code.split(".", 1)[1] not in text}
    assert not gone


def test_what_nobody_named_shows_itself() -> None:
    assert actionlog.name("plugin.thing.done") == "plugin.thing.done"


def test_found_by_what_the_screen_says() -> None:
    assert "parties.role.granted" in actionlog.codes_like("rolle vergeben")
