"""Nothing typed is lost: drafts, lost connections, two tabs (T37)."""

from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Dialog, Locator, Page, expect

from lotse.rooms.checks.models import Answer
from tests.e2e import audit
from tests.e2e.site import Prepared
from tests.e2e.watch import Watch

SAVED = "Entwurf gespeichert um"
NO_NETWORK = r"ERR_INTERNET_DISCONNECTED|htmx:sendError|htmx:afterRequest"


def _note(page: Page) -> Locator:
    return page.get_by_label("Notiz")


def _state(page: Page) -> Locator:
    return page.locator("#entwurf")


def _forward(page: Page) -> None:
    page.get_by_role("button", name="Speichern und weiter").click()


def _asked_on_leaving(page: Page, watch: Watch) -> bool:
    """Whether the browser asks; the answer is to stay."""
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    watch.on_dialog = stay
    page.get_by_role("link", name="Über uns").click(no_wait_after=True)
    page.wait_for_function("document.readyState === 'complete'")
    return asked == ["beforeunload"]


def _stored(prepared: Prepared) -> str:
    return Answer.objects.get(assessment=prepared.assessment, checkpoint="moeglichkeiten").note


@pytest.fixture
def point(page: Page, prepared: Prepared) -> Page:
    """The page of the second checkpoint: answered, without a note."""
    page.goto(prepared.open_path())
    page.goto(prepared.path("checkpoint", 2))
    return page


def test_draft_saves_itself_and_says_so(point: Page, prepared: Prepared) -> None:
    """Within two seconds, in a live region; a reload shows the text."""
    expect(_state(point)).to_have_attribute("aria-live", "polite")
    _note(point).press_sequentially("Das tippe ich gerade")
    expect(_state(point)).to_contain_text(SAVED, timeout=2000)
    assert _stored(prepared) == "Das tippe ich gerade"
    expect(_note(point)).to_be_focused()
    point.reload()
    expect(_note(point)).to_have_value("Das tippe ich gerade")


def test_choice_saves_itself(point: Page, prepared: Prepared) -> None:
    """Also a level and a mark are drafts."""
    point.get_by_role("radio", name="Dringender Handlungsbedarf").check()
    expect(_state(point)).to_contain_text(SAVED, timeout=2000)
    point.reload()
    expect(point.get_by_role("radio", name="Dringender Handlungsbedarf")).to_be_checked()


def test_refused_draft_says_why(point: Page, watch: Watch) -> None:
    """A text too long is not saved, and the line says so."""
    watch.expect(422)
    _note(point).fill("Wort " * 900)
    expect(_state(point)).to_contain_text("Noch nicht gespeichert: Bitte kürzen Sie", timeout=3000)


def test_server_out_of_reach(context: BrowserContext, point: Page, watch: Watch,
                             prepared: Prepared) -> None:  # fmt: skip
    """The line says that nothing was saved, the text stays, and later it is saved."""
    watch.expect_text(NO_NETWORK)
    context.set_offline(True)
    _note(point).press_sequentially("Ohne Netz")
    expect(_state(point)).to_contain_text("Gerade nicht gespeichert: keine Verbindung")
    expect(_state(point)).to_have_class("saved bad")
    expect(_note(point)).to_have_value("Ohne Netz")
    assert _stored(prepared) == ""
    context.set_offline(False)
    _note(point).press_sequentially(" und wieder mit")
    expect(_state(point)).to_contain_text(SAVED)
    expect(_state(point)).to_have_class("saved")
    assert _stored(prepared) == "Ohne Netz und wieder mit"


def test_server_does_not_answer(context: BrowserContext, point: Page, watch: Watch) -> None:
    """A server that hangs counts as out of reach after a while; the next draft gets through."""
    watch.expect_text(r"htmx:timeout|htmx:afterRequest")
    assert 0 < point.evaluate("htmx.config.timeout") <= 15_000
    point.evaluate("htmx.config.timeout = 300")
    context.route("**/entwurf/", lambda route: None)
    _note(point).press_sequentially("Ohne Antwort")
    expect(_state(point)).to_contain_text("Gerade nicht gespeichert")
    context.unroute("**/entwurf/")
    point.evaluate("htmx.config.timeout = 5000")
    _note(point).press_sequentially(" und mit")
    expect(_state(point)).to_contain_text(SAVED)


def test_leaving_with_unsaved_text_asks(context: BrowserContext, point: Page, watch: Watch) -> None:
    """Where the server is out of reach, the browser asks before the text is gone."""
    watch.expect_text(NO_NETWORK)
    context.set_offline(True)
    _note(point).press_sequentially("Ohne Netz")
    expect(_state(point)).to_have_class("saved bad")
    context.set_offline(False)
    assert _asked_on_leaving(point, watch)
    expect(_note(point)).to_have_value("Ohne Netz")


@pytest.mark.parametrize("moment", ["at once", "while the draft is under way"])
def test_own_draft_is_no_conflict(point: Page, prepared: Prepared, moment: str) -> None:
    """Going on right after typing never meets the page's own draft: five times."""
    for round_ in range(5):
        point.goto(prepared.path("checkpoint", 2))
        _note(point).fill("")
        if moment == "at once":
            _note(point).press_sequentially(f"Runde {round_}")
        else:
            with point.expect_request("**/entwurf/"):
                _note(point).press_sequentially(f"Runde {round_}")
        _forward(point)
        expect(point.get_by_text("Punkt 3 von 7")).to_be_visible()
        assert _stored(prepared) == f"Runde {round_}"


def test_pressed_twice(point: Page, prepared: Prepared) -> None:
    """A double click goes on by one point and saves once."""
    before = Answer.objects.get(assessment=prepared.assessment, checkpoint="moeglichkeiten")
    _note(point).fill("Doppelt gedrückt")
    point.get_by_role("button", name="Speichern und weiter").dblclick()
    expect(point.get_by_text("Punkt 3 von 7")).to_be_visible()
    after = Answer.objects.get(pk=before.pk)
    assert (after.note, after.version) == ("Doppelt gedrückt", before.version + 1)


def test_back_and_changed_again(point: Page, prepared: Prepared) -> None:
    """Back with the browser's own button, changed, sent: the change is kept."""
    _note(point).fill("Erste Fassung")
    _forward(point)
    expect(point.get_by_text("Punkt 3 von 7")).to_be_visible()
    point.go_back()
    expect(_note(point)).to_have_value("Erste Fassung")
    _note(point).fill("Zweite Fassung")
    _forward(point)
    expect(point.get_by_text("Punkt 3 von 7")).to_be_visible()
    assert _stored(prepared) == "Zweite Fassung"


def test_two_tabs(context: BrowserContext, point: Page, prepared: Prepared, watch: Watch) -> None:
    """The second submit shows both texts and loses neither; sent again, mine is kept."""
    watch.expect(409)
    other = context.new_page()
    other.goto(point.url)
    _note(other).fill("Fassung der anderen")
    _forward(other)
    expect(other.get_by_text("Punkt 3 von 7")).to_be_visible()

    _note(point).fill("Meine Fassung")
    with point.expect_response(lambda r: r.request.is_navigation_request()) as answer:
        _forward(point)
    assert answer.value.status == 409
    alert = point.get_by_role("alert")
    expect(alert).to_be_focused()
    expect(alert).to_contain_text("Fassung der anderen")
    expect(_note(point)).to_have_value("Meine Fassung")
    assert _stored(prepared) == "Fassung der anderen"
    assert audit.axe(point) == []
    _forward(point)
    expect(point.get_by_text("Punkt 3 von 7")).to_be_visible()
    assert _stored(prepared) == "Meine Fassung"


def test_two_tabs_and_drafts(context: BrowserContext, point: Page, prepared: Prepared,
                             watch: Watch) -> None:  # fmt: skip
    """A draft never overwrites what another page saved; it says that it was not saved."""
    watch.expect(409)
    other = context.new_page()
    other.goto(point.url)
    _note(other).fill("Fassung der anderen")
    expect(_state(other)).to_contain_text(SAVED)
    _note(point).fill("Meine Fassung")
    expect(_state(point)).to_contain_text("Nicht gespeichert:")
    assert _stored(prepared) == "Fassung der anderen"
    assert _asked_on_leaving(point, watch)
    expect(_note(point)).to_have_value("Meine Fassung")


def test_two_tabs_on_a_measure(context: BrowserContext, page: Page, prepared: Prepared,
                               watch: Watch) -> None:  # fmt: skip
    """The same for a measure."""
    watch.expect(409)
    tabs: list[Any] = [page, context.new_page()]
    page.goto(prepared.open_path())
    for tab, text in zip(tabs, ("Meine Fassung", "Fassung der anderen"), strict=True):
        tab.goto(prepared.path("measure", prepared.measure.uuid))
        tab.get_by_label("Wozu?").fill(text)
    tabs[1].get_by_role("button", name="Maßnahme speichern").click()
    expect(tabs[1].get_by_role("status")).to_contain_text("Die Maßnahme ist gespeichert.")
    page.get_by_role("button", name="Maßnahme speichern").click()
    alert = page.get_by_role("alert")
    expect(alert).to_be_focused()
    expect(alert).to_contain_text("Fassung der anderen")
    expect(page.get_by_label("Wozu?")).to_have_value("Meine Fassung")
    assert audit.axe(page) == []
    page.get_by_role("button", name="Maßnahme speichern").click()
    expect(page.get_by_role("status")).to_contain_text("Die Maßnahme ist gespeichert.")
    prepared.measure.refresh_from_db()
    assert prepared.measure.reason == "Meine Fassung"
