"""What is measured on a page: axe, width, targets, headings, names."""

from functools import cache
from typing import Any

from playwright.sync_api import Page

from tests.make import CONTENT

AXE = CONTENT.parent / "node_modules" / "axe-core" / "axe.min.js"
BAD = ("serious", "critical", "moderate")

_RUN_AXE = """async () => {
  const result = await axe.run(document, {preload: false, resultTypes: ["violations"]});
  return result.violations.map((v) => ({
    id: v.id, impact: v.impact, help: v.help,
    nodes: v.nodes.map((n) => n.target.join(" ") + " | " + n.html.slice(0, 160)),
  }));
}"""

_WIDER = """() => {
  const most = document.documentElement.clientWidth;
  if (document.scrollingElement.scrollWidth <= most) return [];
  const found = [...document.body.querySelectorAll("*")].filter((e) => {
    const box = e.getBoundingClientRect();
    return box.width && box.right > most + 0.5 && !e.closest(".scroll, .skip");
  });
  return [`${document.scrollingElement.scrollWidth} px`,
          ...found.slice(-3).map((e) => e.outerHTML.slice(0, 140))];
}"""

# A text that its own box cuts off is lost, with or without a scroll bar.
_CUT_OFF = """() => [...document.querySelectorAll("main *, header *, footer *")].filter((e) => {
  const style = getComputedStyle(e);
  if (!["hidden", "clip"].includes(style.overflowX)) return false;
  if (e.matches("input, select, .sr, .kern-sr-only")) return false;  // they scroll or are heard
  return e.scrollWidth > e.clientWidth + 1 || e.scrollHeight > e.clientHeight + 1;
}).map((e) => e.outerHTML.slice(0, 140))"""

# Words of up to 24 letters that stand on two lines: nobody reads type that runs downwards.
_BROKEN = """() => {
  const found = [], range = document.createRange();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const e = node.parentElement;
    if (!e.checkVisibility() || e.closest("script, textarea, select, .sr, .kern-sr-only")) continue;
    for (const {0: word, index} of node.data.matchAll(/\\p{L}{2,24}(?!\\p{L})/gu)) {
      if (index && /\\p{L}|\\d/u.test(node.data[index - 1])) continue;  // part of a longer word
      range.setStart(node, index);
      range.setEnd(node, index + word.length);
      const tops = new Set([...range.getClientRects()].map((box) => Math.round(box.top)));
      if (tops.size > 1) found.push(`"${word}" in ${e.outerHTML.slice(0, 100)}`);
    }
  }
  return found;
}"""

# WCAG 2.5.8: a link inside a sentence is exempt; a radio counts with its label.
_SMALL = """() => {
  const shown = (e) => e.checkVisibility({visibilityProperty: true});
  const inSentence = (e) => {
    if (!e.matches("a, button.plain") || getComputedStyle(e).display !== "inline") return false;
    let block = e.parentElement;
    while (getComputedStyle(block).display.startsWith("inline")) block = block.parentElement;
    const clone = block.cloneNode(true);
    clone.querySelectorAll("a, button").forEach((a) => a.remove());
    return clone.textContent.trim().length > 2;
  };
  return [...document.querySelectorAll("a[href], button, input, select, textarea, summary")]
    .filter((e) => shown(e) && e.type !== "hidden" && !e.matches(".skip") && !inSentence(e))
    .map((e) => {
      const box = (e.matches("[type=radio], [type=checkbox]") ? e.closest("label") : e)
        .getBoundingClientRect();
      const size = `${box.width.toFixed(1)} x ${box.height.toFixed(1)}`;
      const bad = box.width < 23.95 || box.height < 23.95;
      return bad ? `${size} ${e.outerHTML.slice(0, 120)}` : "";
    }).filter(Boolean);
}"""


# Each fault of the list leads to a field that says the same beside it.
_TIED = """() => [...document.querySelectorAll("[data-focus] a[href^='#']")].map((link) => {
  const field = document.querySelector(link.getAttribute("href"));
  if (!field) return `no field for ${link.outerHTML}`;
  const ids = (field.getAttribute("aria-describedby") || "").split(" ").filter(Boolean);
  if (ids.some((id) => !document.getElementById(id))) return `${field.id}: ${ids} not on the page`;
  const said = ids.map((id) => document.getElementById(id).textContent.trim()).join(" ");
  const message = link.parentElement.textContent.slice(link.textContent.length + 1).trim();
  return said.includes(message) ? "" : `${field.id} is not tied to "${message}"`;
}).filter(Boolean)"""


@cache
def _axe_source() -> str:
    return AXE.read_text(encoding="utf-8")


def axe(page: Page) -> list[str]:
    """What axe finds serious, critical or moderate; the page must have been silent before it."""
    page.evaluate(_axe_source())  # a script tag would be blocked by the page's own policy
    found: list[dict[str, Any]] = page.evaluate(_RUN_AXE)
    return [
        f"{page.url} {rule['impact']} {rule['id']}: {rule['help']}\n  " + "\n  ".join(rule["nodes"])
        for rule in found
        if rule["impact"] in BAD
    ]


def too_wide(page: Page) -> list[str]:
    """What makes the page scroll sideways; empty when nothing does."""
    found: list[str] = page.evaluate(_WIDER)
    return [f"{page.url}: {line}" for line in found]


def cut_off(page: Page) -> list[str]:
    """Text that its own box hides in part."""
    return [f"{page.url}: {line}" for line in page.evaluate(_CUT_OFF)]


def broken_words(page: Page) -> list[str]:
    """Words torn apart because their box is too narrow; secret links and addresses may be."""
    found = [line for line in page.evaluate(_BROKEN) if "http" not in line and "secret" not in line]
    return [f"{page.url}: {line}" for line in found]


def small_targets(page: Page) -> list[str]:
    """Links and controls outside sentences that are under 24 px in one direction."""
    return [f"{page.url}: {line}" for line in page.evaluate(_SMALL)]


def untied(page: Page) -> list[str]:
    """Faults of a failed form that do not lead to a field which says them, too."""
    found: list[str] = page.evaluate(_TIED)
    return found
