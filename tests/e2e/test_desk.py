"""The desk in a real browser: every page silent, accessible, within a narrow screen."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from lotse.foundation.core import once
from lotse.foundation.core.actor import COMMAND
from lotse.foundation.core.models import OutboxMail
from lotse.foundation.parties.models import Affiliation, Invitation, Report, RoleGrant
from lotse.foundation.parties.services import invitations, networks
from lotse.foundation.topics.models import Topic
from lotse.rooms.checks.models import Check
from tests import people
from tests.e2e import audit
from tests.e2e.watch import Watch

LONG_WORD = "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichenverordnung"
CODE = re.compile(r">[a-z_]+(\.[a-z_]+)+<")
LISTS = ("start", "organisations", "people", "invitations", "roles", "rules", "pages", "checks",
         "topics", "mail-texts", "outbox", "daily", "tasks", "log", "basket", "space", "reports",
         "supports", "hosts", "factor-resets")  # fmt: skip
FORMS = ("setup", "periods", "examples", "organisation-new", "invite", "grant", "check-import",
         "topic-new")  # fmt: skip


@pytest.fixture
def cast(network: Any, cast: people.Cast) -> people.Cast:
    """The cast, with one of everything the desk shows."""
    made = people.organisation(network, f"{LONG_WORD} e. V.")
    people.people.add_seat(cast["member"], made, actor=COMMAND, function=LONG_WORD)
    invitations.invite(network, actor=cast.actor("office"), email="neu@beispiel.test",
                       organisation=made)  # fmt: skip
    networks.report_barrier(network, actor=COMMAND, key=once.new_key(), page="/checks/",
                            body="Der Knopf ist zu klein.", reply_to="")  # fmt: skip
    return cast


def _paths(cast: people.Cast) -> list[str]:
    member, organisation = cast["member"].uuid, cast.org_a.uuid
    seat, grant = Affiliation.objects.first(), RoleGrant.objects.filter(role="office").first()
    topic = Topic.objects.filter(parent__isnull=False)[0].uuid
    assert seat is not None
    assert grant is not None
    single = {
        "organisation": organisation, "organisation-edit": organisation, "seat-new": organisation,
        "seat": seat.uuid, "seat-end": seat.uuid, "person": member, "person-edit": member,
        "suspend": member, "merge": member, "absence": member, "support": member,
        "factor-reset-ask": member,
        "invitation": Invitation.objects.get().uuid, "grant-end": grant.uuid,
        "topic": topic, "topic-edit": topic, "topic-retire": topic, "hosts-edit": cast.network.uuid,
        "check": Check.objects.get().uuid, "report": Report.objects.get().uuid,
        "mail": OutboxMail.objects.filter(code="parties.report").get().uuid,
    }  # fmt: skip
    return [
        *(reverse(f"desk:{name}") for name in (*LISTS, *FORMS)),
        *(reverse(f"desk:{name}", args=[uuid]) for name, uuid in single.items()),
        reverse("desk:page", args=["imprint", "de"]),
        reverse("desk:mail-text", args=["parties.invitation"]),
        reverse("desk:mail-closing", args=["parties.invitation"]),
        reverse("desk:log") + "?als=druck",
        reverse("desk:people") + "?suche=niemand",
        reverse("parties:absence"),
        reverse("parties:support"),
    ]


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_axe_finds_nothing(
    page_of: Callable[..., Page], cast: people.Cast, watch: Watch, colours: str
) -> None:
    """Each page once (T60)."""
    page = page_of("operator", color_scheme=colours)
    faults: list[str] = []
    for path in _paths(cast):
        response = page.goto(path)
        assert response is not None
        assert response.status == 200, path
        watch.assert_silent()
        faults += audit.axe(page)
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("width", [1360, 390, 320])
def test_pages_fit(
    page_of: Callable[..., Page], cast: people.Cast, watch: Watch, width: int
) -> None:
    """Nothing scrolls sideways, no word is torn, targets are at least 24 px (T62)."""
    page = page_of("operator")
    page.set_viewport_size({"width": width, "height": 800})
    faults: list[str] = []
    for path in _paths(cast):
        page.goto(path)
        # Codes, addresses and what people called things may be torn, words of the product not.
        torn = [line for line in audit.broken_words(page)
                if LONG_WORD[:12] not in line and not CODE.search(line)]  # fmt: skip
        faults += audit.too_wide(page) + audit.small_targets(page)
        faults += torn if "protokoll" not in path else []
    assert not faults, "\n".join(faults)


def test_a_failed_form_is_accessible(
    page_of: Callable[..., Page], cast: people.Cast, watch: Watch
) -> None:
    """What was typed stays, and the list of faults has the focus (T60)."""
    watch.expect(422)
    page = page_of("office")
    page.goto(reverse("desk:invite"))
    page.get_by_label("E-Mail-Adresse").fill("keine@adresse")
    page.get_by_role("button", name="Einladung senden").click()
    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.get_by_label("E-Mail-Adresse")).to_have_value("keine@adresse")
    assert not audit.axe(page)


def test_a_support_session_shows_itself(
    page_of: Callable[..., Page], cast: people.Cast, watch: Watch
) -> None:
    """The banner stands on every page and ends the session."""
    page = page_of("operator")
    page.goto(reverse("desk:support", args=[cast["member"].uuid]))
    page.get_by_label("Grund").fill("Frage am Telefon")
    page.get_by_role("button", name="Sitzung beginnen").click()
    banner = page.get_by_text("Sie sehen Lotse wie Mats Behrens")
    expect(banner).to_be_visible()
    page.goto("/checks/")
    expect(banner).to_be_visible()
    assert not audit.axe(page)
    page.get_by_role("button", name="Sitzung beenden").click()
    expect(banner).to_be_hidden()
