"""Both languages are complete, and German speaks in the Sie-form (T64)."""

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def messages() -> ModuleType:
    spec = importlib.util.spec_from_file_location("messages_tool", ROOT / "tools" / "messages.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_english_is_complete(messages: ModuleType) -> None:
    assert messages.gaps("en") == []


def test_german_says_sie_and_stays_calm(messages: ModuleType) -> None:
    texts = [m.id if isinstance(m.id, str) else m.id[0] for m in messages.extract() if m.id]
    assert len(texts) > 300
    informal = re.compile(
        r"\b(du|dir|dich|dein|deine|deinen|deiner|euch|euer|eure)\b", re.IGNORECASE
    )
    assert [text for text in texts if informal.search(text)] == []
    assert [text for text in texts if "!" in text.replace("„!“", "")] == []


def test_no_german_text_outside_the_catalogue() -> None:
    """Texts between tags of a template are translated or come from a variable."""
    found = []
    for path in (ROOT / "lotse").rglob("templates/**/*.html"):
        if path.name == "gallery.html":
            continue  # for developers: it names the components
        source = path.read_text(encoding="utf-8")
        source = re.sub(
            r"{%\s*blocktranslate.*?endblocktranslate\s*%}", "", source, flags=re.DOTALL
        )
        source = re.sub(r"{% block (width|bodyclass) %}.*?{% endblock %}", "", source)  # classes
        source = re.sub(r"{%.*?%}|{{.*?}}|<!--.*?-->", "", source, flags=re.DOTALL)
        # The same in every language.
        source = re.sub(r"<(code|style)>.*?</\1>", "", source, flags=re.DOTALL)
        for text in re.findall(r">([^<>]+)<", source):
            if re.search(r"[A-Za-zÄÖÜäöüß]{3,}", text):
                found.append((path.name, text.strip()))
    assert found == []
