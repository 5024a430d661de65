"""Two languages: the switch stays on the page, and nothing stays behind in German (T64)."""

import re

import pytest
from playwright.sync_api import Page, expect

from lotse.foundation.core.actor import EDIT
from lotse.foundation.documents.models import Document
from lotse.foundation.measures.models import Measure
from lotse.foundation.parties.models import Organisation
from lotse.foundation.topics.models import Region
from lotse.rooms.checks.models import CheckRevision
from lotse.rooms.directory.models import Revision
from tests.e2e import site
from tests.e2e.site import PAGES, Prepared
from tests.e2e.watch import Watch

# Texts, and the attributes a person hears or sees; hidden folds count, scripts do not.
_TEXTS = """() => {
  const found = [document.title], walker = document.createTreeWalker(
    document.body, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (node.nodeType === Node.TEXT_NODE) found.push(node.data);
    else for (const name of ["aria-label", "placeholder", "alt", "title", "data-failed",
                             "data-copied"]) found.push(node.getAttribute(name) || "");
  }
  return found.map((text) => text.replace(/\\s+/g, " ").trim()).filter(Boolean);
}"""


def _strings(value: object) -> list[str]:
    if isinstance(value, dict):
        return [text for item in value.values() for text in _strings(item)]
    if isinstance(value, list):
        return [text for item in value for text in _strings(item)]
    return [str(value)]


def _content() -> list[str]:
    """What is the same in both languages by nature: names, what people wrote, sources."""
    content = CheckRevision.objects.get().content
    known = [site.NOTE, site.OWN, site.LONG_WORD, site.ORGANISATION, "Netzwerk Beispielregion",
             "Stiftung Beispiel", content["check"]["id"]]  # fmt: skip
    known += _strings(content["provenance"]) + _strings(content["rights"])
    for texts in Measure.objects.values_list("title", "reason", "responsible"):
        known += texts
    known += Document.objects.values_list("title", flat=True)
    known += Organisation.objects.values_list("name", flat=True)
    known += Region.objects.filter(kind__in=["kreis", "stadt"]).values_list("name", flat=True)
    for entry in Revision.objects.values_list("content", flat=True):
        known += _strings(entry)
    spaced = {re.sub(r"\s+", " ", text).strip() for text in known}
    return sorted(filter(None, spaced), key=len, reverse=True)


def _words(text: str, content: list[str]) -> int:
    """How many words a text has beside content and addresses."""
    for known in content:
        if len(known) > 4:
            text = text.replace(known, "")
    return len(re.findall(r"[^\W\d_]{2,}", re.sub(r"https?://\S+|\S+@\S+", "", text)))


def _switch(page: Page, label: str) -> None:
    page.locator("header").get_by_role("button", name=label).click()


def test_switch_keeps_the_page(page: Page, prepared: Prepared) -> None:
    """With its query; the choice holds for the next page; `lang` says so."""
    page.goto(prepared.open_path())
    page.goto(prepared.path("plan") + "?stand=late&suche=kammer")
    address = page.url
    _switch(page, "English")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    assert page.url == address
    page.goto("/checks/")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.get_by_role("link", name="Working with local businesses").first).to_be_visible()
    _switch(page, "Deutsch")
    expect(page.locator("html")).to_have_attribute("lang", "de")


@pytest.mark.parametrize(
    ("name", "button"),
    [
        ("links", "Link senden"),
        ("measure", "Notiz hinzufügen"),
        ("measure", "Datei hinzufügen"),
        ("measure-new", "Maßnahme anlegen"),
    ],
)
def test_switch_after_a_failed_submit(
    page: Page, prepared: Prepared, watch: Watch, name: str, button: str
) -> None:
    """It leads to the form, also where the form sends to an address of its own."""
    watch.expect(422)
    page.goto(prepared.open_path())
    page.goto(prepared.path(name, *([prepared.measure.uuid] if name == "measure" else [])))
    address = page.url
    if name == "links":
        page.get_by_label("Ihre E-Mail-Adresse").fill("name@verein")
    page.get_by_role("button", name=button).click()
    expect(page.get_by_role("alert")).to_be_focused()
    _switch(page, "English")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    assert page.url == address


def test_nothing_stays_german(page: Page, prepared: Prepared, watch: Watch) -> None:
    """No text of three words or more is the same in both languages, but names and content."""
    watch.expect(404)
    page.goto(prepared.open_path())
    pages = [of for of in PAGES if EDIT in of.levels]
    texts: dict[str, list[set[str]]] = {}
    for language in ("Deutsch", "English"):
        for of in pages:
            page.goto(of.path(prepared))
            texts.setdefault(page.url, []).append(set(page.evaluate(_TEXTS)))
        if language == "Deutsch":
            page.goto("/")
            _switch(page, "English")
    content = _content()
    same = {
        text
        for german, english in texts.values()
        for text in german & english
        if _words(text, content) >= 3
    }
    assert not same, "\n".join(sorted(same))
