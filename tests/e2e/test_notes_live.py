"""Two minute takers in two browsers write into the same notes; a session ends in between."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from lotse.foundation.accounts.models import Session
from lotse.rooms.bodies.models import AgendaItem, NoteBlock, Outcome
from tests import people
from tests.e2e.watch import Watch
from tests.rooms.bodies.conftest import item_of, meeting_of
from tests.rooms.bodies.writing import run, seated, url


@pytest.fixture
def item(cast: people.Cast) -> AgendaItem:
    """A decision of a running meeting."""
    meeting = run(meeting_of(cast.council))
    seated(cast, meeting)
    return item_of(meeting, proposal="Der Betrieb wird aufgenommen.")


def test_two_write_into_the_same_notes(item: AgendaItem, page_of: Callable[..., Page]) -> None:
    one, two = page_of("chair"), page_of("minute_taker")
    for page in (one, two):
        page.goto(url("notes", item))
    one.locator("#mitschrift-shared").fill("Begrüßung\n")
    expect(one.locator("[data-block=shared] [data-saved]")).to_have_text("Gespeichert")
    # The other sees it without loading anew, and both go on in their own line.
    expect(two.locator("#mitschrift-shared")).to_have_value("Begrüßung\n")
    one.locator("#mitschrift-shared").press_sequentially("Von der ersten Hand")
    two.locator("#mitschrift-shared").press_sequentially("Von der zweiten Hand")
    for page in (one, two):
        for words in ("Von der ersten Hand", "Von der zweiten Hand"):
            page.wait_for_function(
                "w => document.getElementById('mitschrift-shared').value.includes(w)", arg=words
            )
    lines = NoteBlock.objects.get().text.split("\n")
    assert sorted(filter(None, lines)) == [
        "Begrüßung", "Von der ersten Hand", "Von der zweiten Hand"
    ]  # fmt: skip


def test_both_versions_of_one_line_come_into_the_field(
    item: AgendaItem, page_of: Callable[..., Page], watch: Watch
) -> None:
    watch.expect(409)
    one, two = page_of("chair"), page_of("minute_taker")
    one.goto(url("notes", item))
    one.locator("#mitschrift-shared").fill("Frist: offen")
    expect(one.locator("[data-block=shared] [data-saved]")).to_have_text("Gespeichert")
    two.goto(url("notes", item))
    # Whoever saves first has it; the other, whose save is held up, is shown both.
    held: list[Route] = []
    one.route("**/mitschrift/", lambda route: held.append(route))
    field = one.locator("#mitschrift-shared")
    with one.expect_request("**/mitschrift/"):
        field.fill("Frist: Juni")
    two.locator("#mitschrift-shared").fill("Frist: Mai")
    expect(two.locator("[data-block=shared] [data-saved]")).to_have_text("Gespeichert")
    held[0].continue_()
    expect(one.locator("[data-block=shared] [data-saved]")).to_contain_text("beide Fassungen")
    one.unroute("**/mitschrift/")
    assert {"Frist: Mai", "Frist: Juni"} <= set(field.input_value().split("\n"))
    assert NoteBlock.objects.get().text == "Frist: Mai"
    field.fill("Frist: Mai oder Juni")
    expect(one.locator("[data-block=shared] [data-saved]")).to_have_text("Gespeichert")
    assert NoteBlock.objects.get().text == "Frist: Mai oder Juni"


def test_an_ended_session_keeps_the_text_and_goes_on_after_signing_in(
    item: AgendaItem, page_of: Callable[..., Page], watch: Watch,
    sign_in: Callable[[BrowserContext, str], None],
) -> None:  # fmt: skip
    watch.expect(401)
    watch.expect(403)
    page = page_of("chair")
    page.goto(url("notes", item))
    field = page.locator("#mitschrift-shared")
    field.fill("Vorher")
    said = page.locator("[data-block=shared] [data-saved]")
    expect(said).to_have_text("Gespeichert")
    Session.objects.all().delete()
    field.fill("Vorher\nNachher")
    expect(said).to_contain_text("Anmeldung ist abgelaufen")
    expect(said.get_by_role("link")).to_have_attribute("target", "_blank")
    assert field.input_value() == "Vorher\nNachher"
    sign_in(page.context, "chair")
    expect(said).to_have_text("Gespeichert")
    assert NoteBlock.objects.get().text == "Vorher\nNachher"


def test_the_kind_brings_its_fields_and_keeps_what_was_typed(
    item: AgendaItem, page_of: Callable[..., Page]
) -> None:
    page = page_of("minute_taker")
    page.goto(url("outcomes", item))
    page.get_by_label("Wortlaut").fill("Der Beitrag")
    page.get_by_label("Art des Ergebnisses").select_option("parked")
    expect(page.get_by_label("Was wird geparkt?")).to_have_value("Der Beitrag")
    page.get_by_label("Worauf wird gewartet?").fill("Haushalt")
    page.get_by_role("button", name="Festhalten").click()
    expect(page.get_by_text("bis: Haushalt")).to_be_visible()
    outcome = Outcome.objects.get()
    assert (outcome.kind, outcome.text) == ("parked", "Der Beitrag")
