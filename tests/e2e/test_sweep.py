"""Every page in every mode, before a release (T60, T64): `make sweep`."""

from typing import Any

import pytest
from playwright.sync_api import Page

from lotse.foundation.core.actor import EDIT, READ
from tests.e2e import audit
from tests.e2e.site import PAGES, Prepared, SitePage
from tests.e2e.watch import Watch

pytestmark = pytest.mark.sweep
LEVELS = pytest.mark.parametrize("level", [EDIT, READ])

# German is about a third longer than English, some languages are longer still.
_LENGTHEN = """() => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const text = node.data.trim();
    if (text) node.data += " " + text.slice(0, Math.ceil(text.length * 0.35));
  }
}"""
# Texts that do not grow with the size of type a person has set.
_FIXED = """(before) => [...document.querySelectorAll("body *")].filter((e, n) =>
  [...e.childNodes].some((c) => c.nodeType === Node.TEXT_NODE && c.data.trim())
  && parseFloat(getComputedStyle(e).fontSize) < before[n] * 1.9
).map((e) => e.outerHTML.slice(0, 120))"""
_SIZES = """() => [...document.querySelectorAll("body *")]
  .map((e) => parseFloat(getComputedStyle(e).fontSize))"""


def _open_all(page: Page, prepared: Prepared, of: SitePage) -> None:
    page.goto(of.path(prepared))
    page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })")


def _entered(page: Page, prepared: Prepared, watch: Watch, level: str) -> list[SitePage]:
    watch.expect(403, 404)
    page.goto(prepared.open_path(level))
    return [of for of in PAGES if level in of.levels]


@LEVELS
@pytest.mark.parametrize("width", [1360, 390, 320])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_in_every_mode(
    new_context: Any, prepared: Prepared, watch: Watch, scheme: str, width: int, level: str
) -> None:
    """axe finds nothing, nothing scrolls sideways, nothing is cut off, targets are large."""
    size = {"width": width, "height": 900}
    page = new_context(color_scheme=scheme, viewport=size).new_page()
    faults: list[str] = []
    for of in _entered(page, prepared, watch, level):
        _open_all(page, prepared, of)
        watch.assert_silent()
        faults += audit.axe(page) + audit.too_wide(page) + audit.cut_off(page)
        faults += audit.small_targets(page) + audit.broken_words(page)
    assert not faults, "\n".join(faults)


@LEVELS
def test_text_at_200_percent(page: Page, prepared: Prepared, watch: Watch, level: str) -> None:
    """Twice the size of type at 1280 px: all text grows, nothing is lost (WCAG 1.4.4)."""
    page.set_viewport_size({"width": 1280, "height": 900})
    faults: list[str] = []
    for of in _entered(page, prepared, watch, level):
        _open_all(page, prepared, of)
        before = page.evaluate(_SIZES)
        page.evaluate("document.documentElement.style.fontSize = '200%'")
        faults += [f"{of} does not grow: {line}" for line in page.evaluate(_FIXED, before)]
        faults += audit.too_wide(page) + audit.cut_off(page) + audit.broken_words(page)
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("width", [1360, 320])
def test_longer_words(page: Page, prepared: Prepared, watch: Watch, width: int) -> None:
    """A third more text in every label and button still fits (T64)."""
    page.set_viewport_size({"width": width, "height": 900})
    faults: list[str] = []
    for of in _entered(page, prepared, watch, EDIT):
        _open_all(page, prepared, of)
        page.evaluate(_LENGTHEN)
        faults += audit.too_wide(page) + audit.cut_off(page)
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_english_pages(new_context: Any, prepared: Prepared, watch: Watch, theme: str) -> None:
    """The same pages in English, on a phone."""
    size = {"width": 320, "height": 800}
    page = new_context(locale="en-GB", viewport=size, color_scheme=theme).new_page()
    faults: list[str] = []
    for of in _entered(page, prepared, watch, EDIT):
        _open_all(page, prepared, of)
        if page.locator("html").get_attribute("lang") != "en":
            faults.append(f"{of}: lang")
        faults += audit.axe(page) + audit.too_wide(page) + audit.broken_words(page)
    assert not faults, "\n".join(faults)


def test_on_an_empty_site(page: Page, transactional_db: None, watch: Watch) -> None:
    """Before anything is set up: no fault, and the pages say what belongs there."""
    watch.expect(404)
    faults: list[str] = []
    for path in ("/", "/suche/?q=x", "/themen/", "/checks/", "/ueber-uns/", "/barriere-melden/"):
        page.goto(path)
        faults += audit.axe(page) + audit.too_wide(page)
    assert not faults, "\n".join(faults)
