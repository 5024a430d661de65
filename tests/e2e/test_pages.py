"""Every page once: listed, silent, accessible, and within a narrow screen."""

from typing import Any

import pytest
from django.urls import URLPattern, URLResolver, get_resolver
from playwright.sync_api import Page

from lotse.foundation.core.actor import EDIT, READ
from tests.e2e import audit
from tests.e2e.site import MAIN, NO_PAGES, PAGES, Prepared, SitePage
from tests.e2e.watch import Watch


def _named(resolver: URLResolver, space: str = "") -> set[str]:
    names: set[str] = set()
    for entry in resolver.url_patterns:
        if isinstance(entry, URLPattern):
            names.add(f"{space}{entry.name}")
        else:
            names |= _named(entry, f"{entry.namespace}:" if entry.namespace else space)
    return names


# Pages for people who signed in: `test_desk.py`, `test_signed_in.py`, `test_signin.py`; those of
# bodies: `test_bodies.py` walks all that open.
ELSEWHERE = ("bodies:", "parties:", "desk:", "today:", "privacy:", "api:", "account", "mfa_")


def test_every_page_is_listed() -> None:
    """A new page without a line in `site.PAGES` fails here (T60)."""
    named = {name for name in _named(get_resolver()) if not name.startswith(ELSEWHERE)}
    listed = {page.name for page in PAGES if ":" in page.name}
    assert named - listed - NO_PAGES == set(), "add the page to tests/e2e/site.py"
    assert listed - named == set(), "this page no longer exists"
    assert NO_PAGES - named == set(), "this address no longer exists"


def _visit(page: Page, prepared: Prepared, of: SitePage) -> None:
    response = page.goto(of.path(prepared))
    assert response is not None
    assert response.status == of.status, of.name
    assert "text/html" in response.headers["content-type"]


def _entered(page: Page, prepared: Prepared, watch: Watch, level: str) -> list[SitePage]:
    """Opens the secret link; the pages this visitor can reach."""
    watch.expect(403, 404)
    page.goto(prepared.open_path(level))
    return [of for of in PAGES if level in of.levels]


def test_axe_finds_nothing(page: Page, prepared: Prepared, watch: Watch) -> None:
    """Each page once, light, with all folds open, as the visitor who may edit (T60)."""
    faults: list[str] = []
    for of in _entered(page, prepared, watch, EDIT):
        _visit(page, prepared, of)
        page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
        watch.assert_silent()
        faults += audit.axe(page)
    assert not faults, "\n".join(faults)


def test_axe_finds_nothing_for_readers(page: Page, prepared: Prepared, watch: Watch) -> None:
    """The pages that look different with the link for reading (T60)."""
    faults: list[str] = []
    for of in _entered(page, prepared, watch, READ):
        if of.name.startswith("home:"):
            continue
        _visit(page, prepared, of)
        watch.assert_silent()
        faults += audit.axe(page)
    assert not faults, "\n".join(faults)


def test_axe_finds_nothing_in_the_dark(new_context: Any, prepared: Prepared, watch: Watch) -> None:
    """The four main pages in dark colours (T60)."""
    page = new_context(color_scheme="dark").new_page()
    faults: list[str] = []
    for of in _entered(page, prepared, watch, EDIT):
        if of.name in MAIN:
            _visit(page, prepared, of)
            faults += audit.axe(page)
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("width", [1360, 390, 320])
def test_page_fits(page: Page, prepared: Prepared, watch: Watch, width: int) -> None:
    """Nothing scrolls sideways, no word is torn, links and controls are at least 24 px (T62).

    With very long words in names and notes, which may be torn, and all folds open.
    """
    page.set_viewport_size({"width": width, "height": 800})
    faults: list[str] = []
    for of in _entered(page, prepared, watch, EDIT):
        _visit(page, prepared, of)
        page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
        faults += audit.too_wide(page) + audit.broken_words(page) + audit.small_targets(page)
    assert not faults, "\n".join(faults)
