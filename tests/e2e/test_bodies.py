"""Bodies and their meetings in a real browser: every page silent, accessible, within its screen."""

import re
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page

from tests import people
from tests.e2e import audit
from tests.e2e.watch import Watch
from tests.trust import site, site_bodies

# Files, answers for programs and acts without a page.
NO_PAGE = re.compile(r"pdf|docx|ics|vcf|vcard|download|file|state|autosave|-open$|check-in-code")


@pytest.fixture
def cast(cast: people.Cast) -> people.Cast:
    """The cast, and the council's running meeting with one of everything."""
    site_bodies.build(cast)
    return cast


def _paths(cast: people.Cast) -> list[str]:
    """Every address of the room that the office opens as a page."""
    where: Any = SimpleNamespace(cast=cast)
    client = cast.client("office")
    found = []
    for name, arguments in site.all_names().items():
        if not name.startswith("bodies:") or NO_PAGE.search(name):
            continue
        values = {**site.VALUES, **site_bodies.SPECIAL["bodies:"]}
        values |= site_bodies.SPECIAL.get(name, {})
        path = reverse(name, kwargs={key: values[key](where) for key in arguments})
        answer = client.get(path)
        if answer.status_code == 200 and "text/html" in answer["Content-Type"]:
            found.append(path)
    return found


def test_every_page_of_the_room(
    page_of: Callable[..., Page], cast: people.Cast, watch: Watch
) -> None:
    """Axe; on three widths nothing scrolls sideways, no word is torn, targets are 24 px (T62)."""
    page, faults = page_of("office"), []
    paths = _paths(cast)
    assert len(paths) > 30
    for path in paths:
        page.set_viewport_size({"width": 1360, "height": 900})
        response = page.goto(path)
        assert response is not None
        assert response.status == 200, path
        watch.assert_silent()
        faults += audit.axe(page)
        for width in (1360, 390, 320):
            page.set_viewport_size({"width": width, "height": 900})
            faults += [f"{width} {line}" for line in audit.too_wide(page)]
            faults += [f"{width} {line}" for line in audit.small_targets(page)]
            faults += [f"{width} {line}" for line in audit.broken_words(page)]
    assert not faults, "\n".join(faults)


def test_dark_pages_are_readable(page_of: Callable[..., Page], cast: people.Cast) -> None:
    """The pages people have open during a meeting, in the dark."""
    page, faults = page_of("minute_taker", color_scheme="dark"), []
    for name in ("bodies:meeting", "bodies:cockpit", "bodies:live", "bodies:projector"):
        values = {**site_bodies.SPECIAL["bodies:"], **site_bodies.SPECIAL.get(name, {})}
        page.goto(reverse(name, args=[values["uuid"](SimpleNamespace(cast=cast))]))
        faults += audit.axe(page)
    assert not faults, "\n".join(faults)
