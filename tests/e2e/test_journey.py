"""A visitor's whole way, from the front page to deleting everything, with and without scripts."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.e2e.site import LEVELS, Prepared
from tests.e2e.watch import Watch

NewContext = Callable[..., BrowserContext]
WORDS = {
    "none": "Zurzeit kein Handlungsbedarf",
    "need": "Handlungsbedarf",
    "urgent": "Dringender Handlungsbedarf",
    "skip": "Weiß ich nicht / später",
}
NAME = "Dorfladen Überall & Söhne gGmbH"
NOTE = "Wir haben im Mai damit begonnen."
OWN = "Reparaturtag mit der Tischlerei"


def _main_forms(page: Page) -> list[str]:
    """Where the forms of the content send to."""
    found = page.locator("main form[method=post]")
    return [form.get_attribute("action") or "" for form in found.all()]


def _start(page: Page) -> None:
    page.goto("/")
    page.get_by_role("link", name="Check machen").click()
    page.get_by_role("link", name="Zusammenarbeit mit Betrieben").click()
    page.get_by_label("Name der Organisation").fill(NAME)
    page.get_by_role("button", name="Check beginnen").click()
    expect(page.get_by_text(f"{NAME} · Punkt 1 von 7")).to_be_visible()


def _answer(page: Page) -> None:
    """All seven points; the first with a note, two marks and an example of one's own."""
    for number, level in enumerate(LEVELS, start=1):
        expect(page.get_by_text(f"Punkt {number} von 7")).to_be_visible()
        need = page.get_by_role("group", name="Wie groß ist Ihr Handlungsbedarf?")
        need.get_by_role("radio", name=WORDS[level], exact=True).check()
        if number == 1:
            page.locator("summary").first.click()
            examples = page.locator(".examples > li")
            examples.nth(0).get_by_label("trifft zu").check()
            examples.nth(1).get_by_label("fehlt").check()
            page.locator("summary", has_text="Eigene Beispiele").click()
            page.get_by_label("Eigene Beispiele").fill(OWN)
            page.get_by_label("Notiz").fill(NOTE)
        last = number == len(LEVELS)
        label = "Speichern und Ergebnis ansehen" if last else "Speichern und weiter"
        page.get_by_role("button", name=label).click()


def _see_result(page: Page) -> None:
    expect(page.get_by_role("heading", name="Ihr Ergebnis", level=1)).to_be_visible()
    rows = page.locator("ol.rows > li")
    expect(rows).to_have_count(7)
    for row, level in zip(rows.all(), LEVELS, strict=True):
        expect(row.locator(".need")).to_have_text(WORDS[level])
    expect(rows.first).to_contain_text(NOTE)
    expect(rows.first).to_contain_text(OWN)
    # What was marked is still marked.
    rows.first.get_by_role("link", name="Nutzen klären").click()
    page.locator("summary").first.click()
    examples = page.locator(".examples > li")
    expect(examples.nth(0).get_by_label("trifft zu")).to_be_checked()
    expect(examples.nth(1).get_by_label("fehlt")).to_be_checked()
    page.get_by_role("button", name="Speichern und weiter").click()
    page.goto(page.url.split("punkt/", maxsplit=1)[0] + "ergebnis/")


def _plan_and_rate(page: Page) -> None:
    """A suggestion becomes a measure, gets done, and the point is rated anew."""
    page.get_by_role("button", name="In den Plan").first.click()
    expect(page.get_by_role("status")).to_contain_text("Die Maßnahme steht im Plan.")
    page.get_by_role("link", name="Maßnahmenplan öffnen").click()
    measure = page.locator(".measure")
    expect(measure).to_contain_text("dringend")  # the point was urgent
    measure.get_by_role("link").click()
    page.get_by_label("Wer kümmert sich?").fill("Ayşe Çelik")
    page.get_by_label("Bis wann?").fill("2027-03-31")
    page.get_by_label("Stand").select_option(label="erledigt")
    page.get_by_role("button", name="Maßnahme speichern").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Wie steht es jetzt?")
    page.get_by_role("radio", name=WORDS["none"]).check()
    page.get_by_role("button", name="Neue Bewertung speichern").click()
    expect(page.get_by_role("status")).to_contain_text("Die neue Bewertung ist gespeichert.")
    expect(page.locator(".measure")).to_contain_text("Ayşe Çelik")
    page.locator(".measure").get_by_role("link").first.click()
    effect = page.locator("main p", has_text="Checkpunkt davor:")
    expect(effect.locator(".need")).to_have_text([WORDS["urgent"], WORDS["none"]])


def _take_pdf(page: Page) -> None:
    with page.expect_download() as download:
        page.get_by_role("link", name="Ergebnis und Plan als PDF").click()
    assert download.value.suggested_filename.endswith(".pdf")
    assert Path(download.value.path()).read_bytes().startswith(b"%PDF-")


def _reader_reads_only(reader: Page, watch: Watch, link: str) -> None:
    """The second link shows result and plan; nothing can be changed with it."""
    watch.expect(403)
    reader.goto(link)
    expect(reader.get_by_role("heading", name="Ihr Ergebnis", level=1)).to_be_visible()
    expect(reader.locator("ol.rows > li").first).to_contain_text(NOTE)
    assert all(action.endswith("/vergessen/") for action in _main_forms(reader))
    base = reader.url.removesuffix("ergebnis/")
    token = reader.locator("[name=csrfmiddlewaretoken]").first.input_value()
    reader.get_by_role("link", name="Maßnahmenplan öffnen").click()
    assert _main_forms(reader) == []
    reader.locator(".measure").get_by_role("link").click()
    assert _main_forms(reader) == []
    expect(reader.locator("main")).to_contain_text("Ayşe Çelik")
    for path in ("punkt/1/", "punkt/1/entwurf/", "angaben/", "plan/neu/", "plan/vorschlag/",
                 "links/neu/", "links/senden/", "loeschen/", "neue-runde/"):  # fmt: skip
        form: dict[str, Any] = {
            "csrfmiddlewaretoken": token,
            "level": "none",
            "title": "x",
            "confirmed": "on",
        }
        assert reader.request.post(base + path, form=form).status == 403, path
    response = reader.goto(base + "punkt/1/")
    assert response is not None
    assert response.status == 403


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_whole_way(network: Any, new_context: NewContext, watch: Watch, settings: Any,
                   live_server: Any, scripts: bool) -> None:  # fmt: skip
    """Front page, check, result, plan, new rating, PDF, links, reader, deleting (T63)."""
    settings.BASE_URL = live_server.url
    page = new_context(java_script_enabled=scripts).new_page()
    _start(page)
    _answer(page)
    _see_result(page)
    result = page.url
    _plan_and_rate(page)
    page.goto(result)
    _take_pdf(page)
    page.get_by_role("link", name="Link sichern oder weitergeben").click()
    links = [page.locator(f"#link-{level}").inner_text().strip() for level in ("edit", "read")]
    expect(page.get_by_role("button", name="Link kopieren")).to_have_count(2 if scripts else 0)
    reader = new_context(java_script_enabled=scripts).new_page()
    _reader_reads_only(reader, watch, links[1])

    page.get_by_role("link", name="Alles löschen").click()
    page.get_by_label("Ja, alles löschen").check()
    page.get_by_role("button", name="Endgültig löschen").click()
    expect(page.get_by_role("status")).to_contain_text("elöscht")
    expect(page.locator("main a[href*='/bewertung/']")).to_have_count(0)
    watch.expect(404)
    for who in (page, reader, new_context(java_script_enabled=scripts).new_page()):
        for url in (*links, result):
            response = who.goto(url)
            assert response is not None
            assert response.status == 404
    watch.assert_silent()


@pytest.mark.parametrize(
    ("link", "name", "start"),
    [
        ("Ergebnis und Plan als PDF", r"^ergebnis-.*\.pdf$", b"%PDF-"),
        ("als Word-Datei", r"^ergebnis-.*\.docx$", b"PK"),
        ("Plan als Excel-Tabelle", r"^plan-.*\.xlsx$", b"PK"),
        ("Termine für den Kalender", r"^termine-.*\.ics$", b"BEGIN:VCALENDAR"),
        ("alle Daten (JSON)", r"^lotse-.*\.json$", b"{"),
    ],
)
def test_takes_away(page: Page, prepared: Prepared, link: str, name: str, start: bytes) -> None:
    """Each link under "Mitnehmen" gives a file with a name that says what it is."""
    page.goto(prepared.open_path())
    page.goto(prepared.path("result"))
    with page.expect_download() as download:
        page.get_by_role("link", name=link).click()
    assert re.search(name, download.value.suggested_filename)
    assert Path(download.value.path()).read_bytes().startswith(start)


def test_paper_form(page: Page, network: Any) -> None:
    """The empty check to print, without starting one."""
    page.goto("/checks/")
    page.get_by_role("link", name="Zusammenarbeit mit Betrieben").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Papierbogen drucken").click()
    assert Path(download.value.path()).read_bytes().startswith(b"%PDF-")


def test_link_is_copied(context: BrowserContext, prepared: Prepared) -> None:
    """The button copies the whole link and says so."""
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto(prepared.open_path())
    page.goto(prepared.path("links"))
    page.get_by_role("button", name="Link kopieren").first.click()
    expect(page.get_by_role("button", name="Kopiert")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == page.locator("#link-edit").inner_text().strip()
