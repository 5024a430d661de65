"""Without a mouse: every control reached once, focus seen, no trap, the whole check done (T62)."""

from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.site import PAGES, Prepared, SitePage
from tests.e2e.watch import Watch

# Numbers all controls, remembers how they look, and notes each one that gets the focus.
_PREPARE = """() => {
  document.querySelectorAll("details").forEach((d) => { d.open = true; });
  const look = (e) => {
    const s = getComputedStyle(e);
    const edge = e.querySelector(".edge");  // a tile of the map draws its own ring
    const drawn = edge ? getComputedStyle(edge).stroke + getComputedStyle(edge).strokeWidth : "";
    return {ring: s.outlineStyle !== "none" && parseFloat(s.outlineWidth) > 0,
            other: [s.boxShadow, s.borderColor, s.backgroundColor, drawn].join("|")};
  };
  const groups = new Set();
  const controls = [...document.querySelectorAll(
    "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']")]
    .filter((e) => e.checkVisibility({visibilityProperty: true}) && !e.disabled)
    .filter((e) => {  // a group of radios is one stop
      if (e.type !== "radio") return true;
      const checked = document.querySelector(`[name="${e.name}"]:checked`);
      return checked ? e === checked : !groups.has(e.name) && groups.add(e.name);
    });
  const before = new Map(controls.map((e) => [e, look(e)]));
  window.walk = {stops: [], faults: []};
  let last = null;
  document.addEventListener("keyup", () => {
    const target = document.activeElement;
    if (target === last || target === document.body) return;
    last = target;
    const place = controls.indexOf(target);
    if (place < 0) { walk.faults.push("not listed: " + target.outerHTML.slice(0, 120)); return; }
    walk.stops.push(place);
    const now = look(target);
    if (!now.ring && now.other === before.get(target).other)
      walk.faults.push("focus not seen: " + target.outerHTML.slice(0, 120));
  });
  window.scrollTo(0, 0);
  return controls.map((e) => `${e.outerHTML.slice(0, 100)} ${e.textContent.trim().slice(0, 30)}`);
}"""


def walk(page: Page, key: str = "Tab") -> tuple[list[str], list[int], list[str]]:
    """All controls, the order in which the key reached them, and what was wrong on the way."""
    controls: list[str] = page.evaluate(_PREPARE)
    more = 3 * page.locator("input[type=date]").count()  # day, month, year, calendar
    for _step in range(len(controls) + more):
        page.keyboard.press(key)
    seen: dict[str, Any] = page.evaluate("walk")
    return controls, seen["stops"][: len(controls)], seen["faults"]  # then it starts anew


def _pages() -> list[SitePage]:
    """One page per template."""
    return list({of.name: of for of in PAGES if "edit" in of.levels}.values())


def test_every_control_is_reached_once(page: Page, prepared: Prepared, watch: Watch) -> None:
    """Tab meets each control once, in the order of the page, with a focus one can see."""
    watch.expect(404)
    page.goto(prepared.open_path())
    faults: list[str] = []
    for of in _pages():
        page.goto(of.path(prepared))
        controls, stops, bad = walk(page)
        faults += [f"{of}: {line}" for line in bad]
        if stops != list(range(len(controls))):
            missed = [controls[n] for n in range(len(controls)) if n not in stops]
            faults.append(f"{of}: order {stops}, missed {missed}")
    assert not faults, "\n".join(faults)


def test_backwards_too(page: Page, prepared: Prepared) -> None:
    """Shift and Tab take the same way back: no control holds the focus."""
    page.goto(prepared.open_path())
    page.goto(prepared.path("checkpoint", 1))
    controls, stops, faults = walk(page, "Shift+Tab")
    assert not faults, "\n".join(faults)
    assert stops == list(reversed(range(len(controls))))


def test_skip_link(page: Page, network: Any) -> None:
    """The first stop leads past the menu into the content."""
    page.goto("/checks/")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Zum Inhalt springen")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Zusammenarbeit mit Betrieben")).to_be_focused()
    expect(skip).not_to_be_in_viewport()


class Keys:
    """A person with a keyboard."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def to(self, target: Locator) -> None:
        """Tab until the target has the focus."""
        for _step in range(150):
            self.page.keyboard.press("Tab")
            if target.evaluate("e => e === document.activeElement"):
                try:
                    expect(target).to_be_in_viewport(timeout=3000)
                except AssertionError:
                    # A busy Chromium at times drops the scroll of a focus: once back and forth.
                    self.press("Shift+Tab", "Tab")
                    expect(target).to_be_in_viewport()
                return
        pytest.fail(f"Tab does not reach {target}")

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def follow(self, target: Locator) -> None:
        self.to(target)
        with self.page.expect_navigation():
            self.press("Enter")

    def type(self, target: Locator, text: str) -> None:
        self.to(target)
        self.page.keyboard.type(text)


def test_whole_check_by_keyboard(page: Page, network: Any) -> None:
    """From the front page to the plan and to deleting, with Tab, arrows, Space and Enter only."""
    keys, link = Keys(page), page.get_by_role
    page.goto("/")
    keys.follow(link("link", name="Check machen"))
    keys.follow(link("link", name="Zusammenarbeit mit Betrieben"))
    keys.type(page.get_by_label("Name der Organisation"), "Verein Tastatur e. V.")
    keys.to(page.get_by_label("die ganze Organisation"))
    keys.press("ArrowDown")
    expect(page.get_by_label("ein Team oder Bereich")).to_be_checked()
    keys.type(page.get_by_label("Name des Teams oder Bereichs"), "Werkstatt")
    keys.follow(link("button", name="Check beginnen"))

    for number in range(1, 8):
        expect(page.get_by_text(f"Punkt {number} von 7")).to_be_visible()
        if number == 1:
            keys.to(page.locator("summary").first)
            keys.press("Enter")
            keys.to(page.locator(".examples > li").first.get_by_label("keine Angabe"))
            keys.press("ArrowUp", "ArrowUp")
            expect(page.locator(".examples > li").first.get_by_label("trifft zu")).to_be_checked()
        keys.to(page.locator("[name=level]").first)
        keys.press("Space", *["ArrowDown"] * (number % 3))
        expect(page.locator("[name=level]").nth(number % 3)).to_be_checked()
        keys.type(page.get_by_label("Notiz"), f"Notiz {number}")
        keys.follow(page.locator("button[name=go][value=next]"))

    expect(link("heading", name="Ihr Ergebnis", level=1)).to_be_visible()
    expect(page.locator("ol.rows > li")).to_contain_text([f"Notiz {n}" for n in range(1, 8)])
    keys.follow(link("button", name="In den Plan").first)
    keys.follow(link("link", name="Maßnahmenplan öffnen"))
    keys.follow(page.locator(".measure").get_by_role("link"))
    keys.type(page.get_by_label("Wer kümmert sich?"), "Frau Öz")
    keys.type(page.get_by_label("Bis wann?"), "11112027")
    keys.to(page.get_by_label("Stand"))
    keys.press("ArrowDown", "ArrowDown", "ArrowDown")
    keys.follow(link("button", name="Maßnahme speichern"))
    keys.to(page.locator("[name=level]").first)
    keys.press("Space")
    keys.follow(link("button", name="Neue Bewertung speichern"))
    expect(page.locator(".measure")).to_contain_text("Frau Öz")
    expect(page.locator(".measure")).to_contain_text("erledigt")

    keys.follow(link("link", name="Zusammenarbeit mit Betrieben"))
    keys.follow(link("link", name="Alles löschen"))
    keys.to(page.get_by_label("Ja, alles löschen"))
    keys.press("Space")
    keys.follow(link("button", name="Endgültig löschen"))
    expect(page.get_by_role("status")).to_contain_text("elöscht")
