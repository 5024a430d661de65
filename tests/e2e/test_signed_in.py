"""Pages of people who signed in, beside the desk: silent, accessible, within a narrow screen."""

from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.urls import reverse
from playwright.sync_api import BrowserContext, Page

from lotse.foundation.core import clock, once
from lotse.foundation.core.actor import READ
from lotse.foundation.parties.models import Person
from lotse.rooms.checks.models import Check
from lotse.rooms.checks.services import assessments, plan, sharing
from tests import people
from tests.e2e import audit
from tests.e2e.watch import Watch


@pytest.fixture
def paths(network: Any) -> list[str]:
    """The pages of editor A, with an owned assessment, a share and a measure due."""
    cast = people.cast(network)
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


@pytest.fixture
def page_of(
    paths: list[str], live_server: Any, new_context: Callable[..., BrowserContext]
) -> Callable[..., Page]:
    """A page in the browser of editor A."""

    def opened(**options: Any) -> Page:
        from django.test import Client

        person = Person.objects.get(email="editor-a@beispiel.test")
        context = new_context(**options)
        key = people.sign_in(Client(), person).cookies[settings.SESSION_COOKIE_NAME].value
        context.add_cookies(
            [{"name": settings.SESSION_COOKIE_NAME, "value": key, "url": live_server.url}]
        )
        return context.new_page()

    return opened


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_axe_finds_nothing(
    page_of: Callable[..., Page], paths: list[str], watch: Watch, colours: str
) -> None:
    """Each page once (T60)."""
    page = page_of(color_scheme=colours)
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
    page = page_of()
    page.set_viewport_size({"width": width, "height": 800})
    faults: list[str] = []
    for path in paths:
        page.goto(path)
        faults += audit.too_wide(page) + audit.small_targets(page)
    assert not faults, "\n".join(faults)
