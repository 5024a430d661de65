"""The directory in a real browser: the pages behind the public ones, failed forms, two journeys."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.core import mail as django_mail
from django.urls import reverse
from playwright.sync_api import Page, expect

from lotse.foundation.core import mail, once
from lotse.foundation.core.actor import COMMAND
from lotse.foundation.topics.services import load_regions
from lotse.rooms.directory.models import (
    Announcement,
    Application,
    Entry,
    Letter,
    SavedSearch,
    Template,
)
from lotse.rooms.directory.services import announcing, letters, notes, searches, templates
from tests import make, people
from tests.e2e import audit, site
from tests.e2e.watch import Watch

NOTE = "Ruft gern vormittags an."
LETTER = "letter"  # a visitor with the link of a mail


@dataclass(frozen=True)
class Directory:
    """The cast with entries in all states."""

    cast: people.Cast
    entry: Entry
    draft: Entry
    announcement: Announcement

    def path(self, name: str, *args: object) -> str:
        return reverse(name, args=args)


@pytest.fixture
def directory(cast: people.Cast) -> Directory:
    """A public entry with two revisions, one that is announced, a template that is asked about, an
    application, a note and a kept search."""
    load_regions()
    long = {"portfolio": ["Ausbildungsberatung", site.LONG_WORD]}
    make.entry(cast.org_a, channels=("web", "members"), **long)
    entry = make.entry(cast.org_a, channels=("web", "members"), **long, offers="Wir hören zu.")
    make.entry(cast.org_a, service=True, channels=("web", "members"))
    make.entry(cast["editor_a"], channels=("web",))
    draft = make.entry(cast.org_b, name="Brandt GmbH")
    announced = announcing.announce(draft, actor=COMMAND, channels=["web"], note=site.NOTE)
    notes.add_note(entry, actor=COMMAND, words=NOTE)
    sent = templates.draft_template(cast.network, actor=COMMAND, kind="organisation")
    templates.send_template(sent, actor=COMMAND, expected=sent.version)
    templates.draft_template(cast.network, actor=COMMAND, kind="person")
    Application.objects.create(
        network=cast.network, name=f"Kulturhaus {site.LONG_WORD}", kind="nonprofit",
        last_name="Neu",
        email="neu@kulturhaus.example", offers="Ein Saal.", topics=["ausbildung"],
    )  # fmt: skip
    searches.save_search(cast.network, actor=cast.actor("editor_a"), name="", question="Ausbildung",
                         chosen={"topic": ["ausbildung"]}, key=once.new_key())  # fmt: skip
    return Directory(cast, entry, draft, announced)


@pytest.fixture
def page_of(directory: Directory, page_of: Callable[..., Page]) -> Callable[..., Page]:
    """The same, or a page of a visitor with the link of a mail."""

    def opened(role: str = "", **options: Any) -> Page:
        if role != LETTER:
            return page_of(role, **options)
        page = page_of(**options)
        letter = Letter.objects.select_related("entry__network").get()
        address = letters.address_of(str(letter.uuid)) or ""
        page.goto(address.partition("//")[2].partition("/")[2].join(("/", "")))
        return page

    return opened


def _paths(made: Directory) -> dict[str, list[str]]:
    """Every page that is not public, once, by who sees most of it."""
    entry, person = made.entry.uuid, Entry.objects.get(kind="person").uuid
    letter = Letter.objects.get().uuid
    sent = Template.objects.get(state="consultation").uuid
    application = Application.objects.get().uuid

    def of(space: str, uuid: Any, *names: str) -> list[str]:
        return [reverse(f"{space}:{name}", args=[uuid]) for name in names]

    return {
        "": [reverse("directory:joined")],
        "editor_a": [
            reverse("directory:own"), reverse("directory:searches"),
            *of("directory", SavedSearch.objects.get().uuid, "search"),
            *of("directory", entry, "edit", "service-new", "state", "preview", "unpublish",
                "history", "entry"),
            *of("directory", person, "edit", "state"),
            reverse("directory:diff", args=[entry]) + "?alt=2&neu=3",
            reverse("directory:revision", args=[entry, 1]),
            *of("directory", entry, "confirm"), *of("directory", sent, "template"),
            reverse("directory:find"),
        ],
        "editor_b": of("directory", made.draft.uuid, "announcement"),
        LETTER: of("directory", letter, "letter", "letter-change"),
        "office": [
            *(reverse(f"desk:{name}") for name in (
                "entries", "entry-new", "applications", "joining", "network-state", "templates",
                "template-new")),
            *of("desk", entry, "entry", "entry-announce", "entry-flags", "entry-note"),
            *of("desk", made.announcement.uuid, "announcement"),
            *of("desk", application, "application", "application-check", "application-accept",
                "application-decline"),
            *of("desk", sent, "template", "template-adopt"),
            *of("desk", Template.objects.get(state="draft").uuid, "template-edit",
                "template-send"),
        ],
    }  # fmt: skip


@pytest.mark.parametrize("role", ["", "editor_a", "editor_b", LETTER, "office"])
def test_pages_are_accessible_and_fit(
    directory: Directory, page_of: Callable[..., Page], watch: Watch, role: str
) -> None:
    """Each page once, light, with all folds open; then as narrow as a phone (T60, T62)."""
    page = page_of(role)
    faults: list[str] = []
    for path in _paths(directory)[role]:
        page.set_viewport_size({"width": 1360, "height": 900})
        response = page.goto(path)
        assert response is not None
        assert response.status == 200, path
        page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
        watch.assert_silent()
        faults += audit.axe(page)
        page.set_viewport_size({"width": 390, "height": 800})
        faults += audit.too_wide(page) + audit.small_targets(page)
        faults += [line for line in audit.broken_words(page) if site.LONG_WORD[:12] not in line]
    assert not faults, "\n".join(faults)


@dataclass(frozen=True)
class Failing:
    """A form, who sends it, what is typed by the names of fields, and its button."""

    name: str
    role: str
    path: Callable[[Directory], str]
    button: str
    typed: tuple[tuple[str, str], ...] = ()
    unticked: str = ""

    def __str__(self) -> str:
        return self.name


FORMS = [
    Failing("edit", "editor_a", lambda d: d.path("directory:edit", d.entry.uuid), "Nur speichern",
            (("email", "name@verein"), ("offers", "Das bleibt stehen."))),
    Failing("join", "", lambda d: d.path("directory:join"), "Bewerbung senden",
            (("name", "Werkhof Neu e. V."), ("email", "name@verein"))),
    Failing("message", "", lambda d: d.path("directory:message", d.entry.uuid), "Nachricht senden",
            (("name", "Rieke Neu"), ("email", "name@verein"))),
    Failing("announce", "office", lambda d: d.path("desk:entry-announce", d.entry.uuid),
            "Ankündigung senden", (("note", "Das bleibt stehen."),), unticked="channels"),
    Failing("template", "editor_a", lambda d: d.path(
        "directory:template", Template.objects.get(state="consultation").uuid), "Antwort senden",
            (("note", "Das bleibt stehen."),)),
]  # fmt: skip


@pytest.mark.parametrize("form", FORMS, ids=str)
def test_failed_submit(
    directory: Directory, page_of: Callable[..., Page], watch: Watch, form: Failing
) -> None:
    """422, focus on the list of faults, each tied to its field, input kept, axe."""
    watch.expect(422)
    page = page_of(form.role)
    page.goto(form.path(directory))
    for name, value in form.typed:
        page.locator(f"main [name={name}]").fill(value)
    for box in page.locator(f"main [name='{form.unticked}']").all():
        box.uncheck()
    with page.expect_navigation() as answer:
        page.get_by_role("button", name=form.button).click()
    assert answer.value.status == 422
    faults = page.locator("[data-focus]")
    expect(faults).to_be_focused()
    expect(faults).to_have_role("alert")
    expect(faults.get_by_role("link")).not_to_have_count(0)
    assert audit.untied(page) == []
    for name, value in form.typed:
        expect(page.locator(f"main [name={name}]")).to_have_value(value)
    watch.assert_silent()
    page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
    assert audit.axe(page) == []


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_find_and_write(
    directory: Directory, page_of: Callable[..., Page], watch: Watch, scripts: bool
) -> None:
    """A sentence, a filter, an entry, a message that arrives (T63)."""
    make.entry(directory.cast.org_b, channels=("web",), name="Brandt GmbH", regions=["05315"])
    page = page_of(java_script_enabled=scripts)
    page.goto(reverse("directory:find"))
    box = page.locator("#q")
    box.fill("Wir finden keine Auszubildenden und haben kaum Zeit")
    page.get_by_role("button", name="Suchen", exact=True).click()
    rows = page.locator("ol.rows > li .name")
    expect(rows.filter(has_text="Brandt GmbH")).to_be_visible()
    expect(rows.filter(has_text="Ahrens hilft")).to_be_visible()
    expect(page.get_by_text("Passt, weil:").first).to_be_visible()
    before = rows.count()
    page.get_by_role("group", name="Region").get_by_label("Nordrhein-Westfalen").check()
    page.get_by_role("button", name="Filter anwenden").click()
    expect(rows).to_have_count(1)
    assert before > 1
    expect(box).to_have_value("Wir finden keine Auszubildenden und haben kaum Zeit")
    expect(page.get_by_label("Gewählte Filter")).to_contain_text("Nordrhein-Westfalen")
    page.get_by_role("link", name="Brandt GmbH").click()
    expect(page.get_by_role("heading", name="Brandt GmbH", level=1)).to_be_visible()
    page.get_by_role("link", name="Nachricht schreiben").click()
    page.get_by_label("Ihr Name").fill("Rieke Neu")
    page.get_by_label("Ihre E-Mail-Adresse").fill("rieke@betrieb.example")
    page.get_by_label("Worum geht es?").fill("Ein Platz im Herbst")
    page.get_by_label("Ihre Nachricht").fill("Können Sie uns helfen?")
    page.get_by_role("button", name="Nachricht senden").click()
    expect(page.get_by_role("status")).to_contain_text("Ihre Nachricht ist unterwegs.")
    django_mail.outbox.clear()
    mail.deliver_due()
    [sent] = [one for one in django_mail.outbox if "rieke@betrieb.example" in one.reply_to]
    assert sent.to == ["post@haus.example"]
    assert "Können Sie uns helfen?" in sent.body


def test_edit_publish_withdraw(
    directory: Directory, page_of: Callable[..., Page], watch: Watch
) -> None:
    """The editor changes a sentence, others read it, then they do not (T63)."""
    said = "Wir kommen morgens in die Werkstatt."
    public = reverse("directory:entry", args=[directory.entry.uuid])
    editor, visitor = page_of("editor_a"), page_of()
    editor.goto(reverse("directory:own"))
    editor.get_by_role("link", name=re.compile("Bearbeiten.*Ahrens hilft")).click()
    editor.locator("[name=offers]").fill(said)
    editor.get_by_label("Was sich geändert hat").fill("Neue Zeiten")
    editor.get_by_role("button", name="Nur speichern").click()
    visitor.goto(public)
    expect(visitor.locator("main")).to_contain_text("Wir hören zu.")
    editor.goto(reverse("directory:state", args=[directory.entry.uuid]))
    editor.get_by_role("button", name=re.compile("veröffentlichen.*öffentlich im Netz")).click()
    expect(editor.get_by_role("status")).to_contain_text("Veröffentlicht.")
    visitor.goto(public)
    expect(visitor.locator("main")).to_contain_text(said)
    editor.get_by_role("link", name=re.compile("Zurückziehen.*öffentlich im Netz")).click()
    editor.get_by_role("button", name="Zurückziehen").click()
    expect(editor.get_by_role("status")).to_contain_text("Zurückgezogen.")
    watch.expect(404)
    response = visitor.goto(public)
    assert response is not None
    assert response.status == 404
    visitor.goto(reverse("directory:find") + "?q=Ahrens")
    expect(visitor.locator("main")).not_to_contain_text("Ahrens hilft")


def test_suggestions_by_keyboard(
    directory: Directory, page_of: Callable[..., Page], watch: Watch
) -> None:
    """Two letters bring names; arrows choose, Escape closes, Enter leads there (T62)."""
    page = page_of()
    page.goto(reverse("directory:find"))
    box = page.get_by_role("combobox")
    expect(box).to_have_attribute("aria-expanded", "false")
    box.press_sequentially("Ah", delay=30)
    options = page.get_by_role("listbox", name="Vorschläge").get_by_role("option")
    expect(options).to_have_count(2)  # the organisation, and Edda Ahrens
    expect(box).to_have_attribute("aria-expanded", "true")
    assert audit.axe(page) == []
    box.press("ArrowDown")
    box.press("ArrowDown")
    box.press("ArrowUp")
    chosen = options.first
    expect(chosen).to_have_attribute("aria-selected", "true")
    expect(options.last).to_have_attribute("aria-selected", "false")
    expect(box).to_have_attribute("aria-activedescendant", chosen.get_attribute("id") or "-")
    expect(box).to_be_focused()
    box.press("Escape")
    expect(page.get_by_role("listbox")).to_be_hidden()
    expect(box).to_have_value("Ah")
    box.press_sequentially("rens h")
    expect(options).to_have_count(1)
    box.press("ArrowDown")
    with page.expect_navigation():
        box.press("Enter")
    expect(page.get_by_role("heading", name="Ahrens hilft e. V.", level=1)).to_be_visible()
