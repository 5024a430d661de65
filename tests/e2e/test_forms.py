"""After a failed submit: a list of faults in focus, each tied to its field, nothing lost."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, expect

from tests.e2e import audit
from tests.e2e.site import Prepared
from tests.e2e.watch import Watch


@dataclass(frozen=True)
class Failing:
    """A form, what is typed into it, and the button that sends it."""

    name: str
    path: Callable[[Prepared], str]
    button: str
    typed: tuple[tuple[str, str], ...] = ()
    kept: str = ""

    def __str__(self) -> str:
        return self.name


FORMS = [
    Failing("start", lambda p: f"/checks/{p.check.uuid}/", "Check beginnen",
            (("Name der Organisation", "a" * 201),), "a" * 201),
    Failing("scope", lambda p: p.path("scope"), "Angaben speichern",
            (("Name der Organisation", "a" * 201),), "a" * 201),
    Failing("checkpoint", lambda p: p.path("checkpoint", 1), "Speichern und weiter",
            (("Notiz", "Wort " * 900 + "Ende"),), "Ende"),
    Failing("new measure", lambda p: p.path("measure-new"), "Maßnahme anlegen",
            (("Wer kümmert sich?", "Frau Özdemir"),), "Frau Özdemir"),
    Failing("measure", lambda p: p.path("measure", p.measure.uuid), "Maßnahme speichern",
            (("Was ist zu tun?", ""), ("Wozu?", "Darum geht es.")), "Darum geht es."),
    Failing("note", lambda p: p.path("measure", p.measure.uuid), "Notiz hinzufügen",
            (("Wer schreibt?", "Jörg"),), "Jörg"),
    Failing("evidence", lambda p: p.path("measure", p.measure.uuid), "Datei hinzufügen"),
    Failing("new rating", lambda p: p.path("measure-rate", p.done.uuid), "Neue Bewertung"),
    Failing("mail link", lambda p: p.path("links"), "Link senden",
            (("Ihre E-Mail-Adresse", "name@verein"),), "name@verein"),
    Failing("delete", lambda p: p.path("delete"), "Endgültig löschen"),
    Failing("report", lambda p: "/barriere-melden/", "Meldung senden",
            (("Auf welcher Seite?", "Startseite"),), "Startseite"),
]  # fmt: skip


@pytest.mark.parametrize("form", FORMS, ids=str)
def test_failed_submit(page: Page, prepared: Prepared, watch: Watch, form: Failing) -> None:
    """422, focus on the list of faults, each fault tied by `aria-describedby`, input kept, axe."""
    watch.expect(422)
    page.goto(prepared.open_path())
    page.goto(form.path(prepared))
    for label, value in form.typed:
        page.get_by_label(label).fill(value)
    with page.expect_navigation() as answer:
        page.get_by_role("button", name=form.button).click()
    assert answer.value.status == 422
    faults = page.locator("[data-focus]")
    expect(faults).to_be_focused()
    expect(faults).to_have_role("alert")
    assert audit.untied(page) == []
    expect(faults.get_by_role("link")).not_to_have_count(0)
    if form.kept:
        values = page.locator("input, textarea").evaluate_all("all => all.map((e) => e.value)")
        assert any(form.kept in value for value in values), "typed text is lost"
    watch.assert_silent()
    page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
    assert audit.axe(page) == []


def test_fault_leads_to_its_field(page: Page, prepared: Prepared, watch: Watch) -> None:
    """The link in the list puts the cursor into the field."""
    watch.expect(422)
    page.goto(prepared.open_path())
    page.goto(prepared.path("measure-new"))
    page.get_by_role("button", name="Maßnahme anlegen").click()
    page.get_by_role("alert").get_by_role("link", name="Was ist zu tun?").press("Enter")
    expect(page.get_by_label("Was ist zu tun?")).to_be_focused()
