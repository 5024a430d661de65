"""What a screen reader is given: landmarks, headings, names, groups (T63)."""

from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from playwright.sync_api import Page, expect

from lotse.foundation.core.actor import EDIT
from tests.e2e.site import PAGES, Prepared
from tests.e2e.watch import Watch

CONTROLS = {"textbox", "searchbox", "radio", "checkbox", "combobox", "listbox", "button", "link",
            "DisclosureTriangle", "Date", "spinbutton"}  # fmt: skip
ONCE = ("banner", "main", "contentinfo")


@dataclass
class Node:
    """One node of the browser's accessibility tree."""

    role: str
    name: str
    level: int
    parents: list["Node"] = field(default_factory=list)


def tree(page: Page) -> list[Node]:
    """The tree as the browser hands it to a screen reader, in reading order."""
    session = page.context.new_cdp_session(page)
    raw: list[dict[str, Any]] = session.send("Accessibility.getFullAXTree")["nodes"]
    session.detach()
    by_id = {node["nodeId"]: node for node in raw}
    found: list[Node] = []

    def walk(key: str, parents: list[Node]) -> None:
        node = by_id[key]
        own = Node(
            role=node.get("role", {}).get("value", ""),
            name=str(node.get("name", {}).get("value", "")).strip(),
            level=next((p["value"]["value"] for p in node.get("properties", [])
                        if p["name"] == "level"), 0),
            parents=parents,
        )  # fmt: skip
        if not node["ignored"]:
            found.append(own)
            parents = [*parents, own]
        for child in node.get("childIds", []):
            if child in by_id:
                walk(child, parents)

    walk(raw[0]["nodeId"], [])
    return found


def faults_of(nodes: list[Node]) -> list[str]:
    roles = Counter(node.role for node in nodes)
    faults = [f"{roles[role]} times {role}" for role in ONCE if roles[role] != 1]
    menus = [node.name for node in nodes if node.role == "navigation"]
    if not menus or len(set(menus)) != len(menus) or "" in menus:
        faults.append(f"navigation: {menus}")
    levels = [node.level for node in nodes if node.role == "heading"]
    if levels.count(1) != 1 or levels[:1] != [1]:
        faults.append(f"one h1, first: {levels}")
    faults += [f"heading level skipped: {levels}"
               for above, below in pairwise(levels)
               if below > above + 1]  # fmt: skip
    faults += [f"heading without text, level {node.level}" for node in nodes
               if node.role == "heading" and not node.name]  # fmt: skip
    for node in nodes:
        groups = [parent.name for parent in node.parents if parent.role in ("group", "radiogroup")]
        if node.role in CONTROLS and not node.name:
            faults.append(f"{node.role} without a name in {[p.name for p in node.parents[-3:]]}")
        if node.role == "radio" and not any(groups):
            faults.append(f"radio without a named group: {node.name}")
    return faults


def test_every_page_can_be_heard(page: Page, prepared: Prepared, watch: Watch) -> None:
    """Landmarks, one h1, no skipped level, a name for each control, a named group for radios."""
    watch.expect(404)
    page.goto(prepared.open_path())
    faults, titles = [], []
    for of in PAGES:
        if EDIT not in of.levels:
            continue
        page.goto(of.path(prepared))
        page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
        faults += [f"{of} {page.url}: {fault}" for fault in faults_of(tree(page))]
        titles.append(page.title())
        if page.locator("html").get_attribute("lang") != "de":
            faults.append(f"{of}: lang")
    assert not faults, "\n".join(faults)
    assert all(title.endswith(" · Netzwerk Beispielregion") for title in titles)


def test_checkpoint_is_read_as_meant(page: Page, prepared: Prepared) -> None:
    """The question, its four answers in a group, the note with its hint, and the ways on."""
    page.goto(prepared.open_path())
    page.goto(prepared.path("checkpoint", 2))
    expect(page.locator("main")).to_match_aria_snapshot("""
      - heading "Möglichkeiten sammeln" [level=1]
      - group "Wie groß ist Ihr Handlungsbedarf?":
        - radio "Zurzeit kein Handlungsbedarf"
        - radio "Handlungsbedarf" [checked]
        - radio "Dringender Handlungsbedarf"
        - radio "Weiß ich nicht / später"
      - textbox "Notiz - Optional"
      - status
      - button "Speichern und weiter"
      - button "Zurück"
      - button "Später weitermachen"
    """)
    expect(page.get_by_label("Notiz")).to_have_accessible_description(
        "Was sprach für diese Einschätzung? Was ist schon da?"
    )
    page.locator("summary").first.click()
    first = page.locator(".examples > li").first
    expect(first.get_by_role("group")).to_have_accessible_name(
        first.locator("> div").inner_text().strip()
    )
    page.locator("summary", has_text="Alle Checkpunkte").click()
    here = page.locator(".jump [aria-current=step]")
    expect(here).to_have_accessible_name("2 Möglichkeiten sammeln Handlungsbedarf")


def test_status_is_never_colour_alone(page: Page, prepared: Prepared) -> None:
    """Each level of need has its word and its own shape."""
    page.goto(prepared.open_path())
    page.goto(prepared.path("result"))
    needs = page.locator(".need").evaluate_all(
        "all => all.map((e) => [e.textContent.trim(), e.querySelector('svg').innerHTML])"
    )
    shapes: dict[str, set[str]] = {}
    for word, shape in needs:
        assert word
        shapes.setdefault(word, set()).add(shape)
    assert all(len(of_word) == 1 for of_word in shapes.values())
    assert len(set().union(*shapes.values())) == len(shapes) == 4
