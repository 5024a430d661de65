"""Paper, and people who want things to keep still."""

from playwright.sync_api import Page, expect

from tests.e2e.site import NOTE, ORGANISATION, Prepared

# Every element that moves or could.
_MOVING = """() => [...document.querySelectorAll("*")].filter((e) => {
  const s = getComputedStyle(e);
  return s.animationName !== "none"
    || s.transitionDuration.split(",").some((d) => parseFloat(d) > 0);
}).map((e) => e.outerHTML.slice(0, 100)).concat(document.getAnimations().map(String))"""


def _assert_no_controls(page: Page) -> None:
    expect(page.get_by_role("navigation")).to_have_count(0)
    for what in ("button", "select", "input:not([type=hidden])", ".skip", ".foot a"):
        expect(page.locator(what).filter(visible=True)).to_have_count(0)


def test_result_on_paper(page: Page, prepared: Prepared) -> None:
    """No menu and no buttons; name, date, all points, notes, and whose check it is."""
    page.goto(prepared.open_path())
    page.goto(prepared.path("result"))
    page.emulate_media(media="print")
    _assert_no_controls(page)
    expect(page.get_by_role("heading", name="Ihr Ergebnis")).to_be_visible()
    expect(page.get_by_text(ORGANISATION)).to_be_visible()
    expect(page.locator("ol.rows > li").filter(visible=True)).to_have_count(7)
    expect(page.get_by_text(NOTE.splitlines()[0]).first).to_be_visible()
    expect(page.get_by_text("Netzwerk Beispielregion")).to_be_visible()
    expect(page.get_by_text("Lizenz:")).to_be_visible()


def test_plan_on_paper(page: Page, prepared: Prepared) -> None:
    """All measures with who and until when."""
    page.goto(prepared.open_path())
    page.goto(prepared.path("plan"))
    page.emulate_media(media="print")
    _assert_no_controls(page)
    expect(page.get_by_role("heading", name="Maßnahmenplan")).to_be_visible()
    expect(page.locator(".measure").filter(visible=True)).to_have_count(4)
    late = page.locator(".measure", has_text="Gespräch mit der Handwerkskammer")
    expect(late).to_contain_text("Ayşe Çelik-Großmann")
    expect(late).to_contain_text("überfällig")


def test_nothing_moves(page: Page, prepared: Prepared) -> None:
    """With reduced motion no animation and no transition runs, also under the pointer."""
    page.emulate_media(reduced_motion="reduce")
    page.goto(prepared.open_path())
    for name in ("result", "plan", "links"):
        page.goto(prepared.path(name))
        page.locator(".kern-btn:visible").first.hover()
        assert page.evaluate(_MOVING) == []
    page.goto(prepared.path("checkpoint", 1))
    page.locator("summary").first.click()
    page.get_by_label("Notiz").fill("Ein Wort")
    expect(page.locator("#entwurf")).not_to_be_empty()
    assert page.evaluate(_MOVING) == []
