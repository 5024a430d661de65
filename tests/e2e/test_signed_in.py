"""Pages of people who signed in, beside the desk: silent, accessible, within a narrow screen."""

from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page

from lotse.foundation.core import clock, once
from lotse.foundation.core.actor import READ
from lotse.rooms.checks.models import Check
from lotse.rooms.checks.services import assessments, plan, sharing
from tests import people
from tests.e2e import audit
from tests.e2e.watch import Watch


@pytest.fixture
def paths(network: Any, cast: people.Cast) -> list[str]:
    """The pages of editor A, with an owned assessment, a share and a measure due."""
    actor, me = cast.actor("editor_a"), cast["editor_a"]
    check = Check.objects.select_related("current").get()
    owned = assessments.start_assessment(
        check, actor=actor, key=once.new_key(), network=network, organisation=cast.org_a
    )
    sharing.share(owned, cast["adviser"], READ, actor=actor, key=once.new_key())
    measure = plan.add_measure(
        owned, actor=actor, key=once.new_key(), checkpoint=None, title="Ein Blatt schreiben",
        due_on=clock.today(), person=me,
    )  # fmt: skip
    assert measure is not None
    return [
        *(reverse(f"today:{name}") for name in ("today", "measures", "calendar")),
        reverse("today:measure", args=[measure.uuid]),
        reverse("checks:sharing", args=[owned.uuid]),
        reverse("checks:result", args=[owned.uuid]),
        reverse("checks:plan", args=[owned.uuid]),
        reverse("checks:basket", args=[owned.uuid]),
        *(reverse(f"parties:{name}") for name in ("own", "absence", "support")),
        *(reverse(f"privacy:{name}") for name in ("consents", "own", "erase")),
        reverse("api:docs"),
        reverse("checks:check", args=[check.uuid]),
    ]


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_axe_finds_nothing(
    page_of: Callable[..., Page], paths: list[str], watch: Watch, colours: str
) -> None:
    """Each page once (T60)."""
    page = page_of("editor_a", color_scheme=colours)
    faults: list[str] = []
    for path in paths:
        response = page.goto(path)
        assert response is not None
        assert response.status == 200, path
        watch.assert_silent()
        faults += audit.axe(page)
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("width", [390, 320])
def test_pages_fit(
    page_of: Callable[..., Page], paths: list[str], watch: Watch, width: int
) -> None:
    """Nothing scrolls sideways, targets are at least 24 px (T62)."""
    page = page_of("editor_a")
    page.set_viewport_size({"width": width, "height": 800})
    faults: list[str] = []
    for path in paths:
        page.goto(path)
        faults += audit.too_wide(page) + audit.small_targets(page)
    assert not faults, "\n".join(faults)
