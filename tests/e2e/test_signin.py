"""Signing in with a real browser: passkey, app, password, and how the pages look and sound."""

import re
import time
from collections.abc import Callable
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from playwright.sync_api import BrowserContext, Page, expect

from lotse.foundation.accounts import services
from lotse.foundation.accounts.models import Account
from lotse.foundation.core.actor import COMMAND
from lotse.foundation.core.models import OutboxMail
from tests.e2e import audit
from tests.e2e.watch import Watch

ADDRESS, PASSWORD = "maren.vogt@werkstatt.example", "Rote Schuhe am Montag 7"


@pytest.fixture
def account(network: Any) -> Account:
    return services.create_account(actor=COMMAND, email=ADDRESS, password=PASSWORD)


@pytest.fixture
def home(live_server: Any, watch: Watch, new_context: Callable[..., BrowserContext]) -> Page:
    """A browser at `localhost`: passkeys do not exist on an address made of numbers."""
    watch.home = f"http://localhost:{live_server.url.rpartition(':')[2]}"
    return new_context(base_url=watch.home).new_page()


def sign_in(page: Page) -> None:
    """By the form with address and password; the password is pasted, not typed (T29)."""
    page.goto("/konto/anmelden/")
    form = page.locator("form", has=page.get_by_label("Passwort", exact=True))
    form.get_by_label("E-Mail-Adresse").fill(ADDRESS)
    field = form.get_by_label("Passwort", exact=True)
    pasted = field.evaluate(
        """(field, text) => {
          const data = new DataTransfer();
          data.setData("text/plain", text);
          field.focus();
          const event = new ClipboardEvent("paste",
            {clipboardData: data, bubbles: true, cancelable: true});
          const allowed = field.dispatchEvent(event);
          if (allowed) document.execCommand("insertText", false, text);
          return allowed;
        }""",
        PASSWORD,
    )
    assert pasted, "pasting a password is prevented"
    form.get_by_role("button", name="Anmelden").click()
    expect(page.get_by_role("button", name="Abmelden").first).to_be_visible()


def authenticator(page: Page) -> Any:
    """A virtual device with fingerprint that keeps passkeys."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return session


def test_passkey(home: Page, account: Account, watch: Watch) -> None:
    """Added under a name; from then on it signs in alone, and may be taken away."""
    page, _session = home, authenticator(home)
    sign_in(page)
    page.goto("/konto/zwei-faktor/")
    page.get_by_role("link", name="Passkey hinzufügen").click()
    page.get_by_label("Name").fill("Telefon")
    page.get_by_role("button", name="Passkey anlegen").click()
    expect(page.get_by_role("heading", name="Ersatzcodes")).to_be_visible()
    expect(page.locator("#codes li")).to_have_count(10)
    page.goto("/konto/zwei-faktor/")
    expect(page.get_by_text("Telefon", exact=True)).to_be_visible()
    watch.assert_silent()
    assert audit.axe(page) == []
    page.get_by_role("button", name="Abmelden").click()
    page.goto("/konto/anmelden/?next=/konto/sitzungen/")
    page.get_by_role("button", name="Mit Passkey anmelden").click()
    expect(page.get_by_role("heading", name="Sitzungen")).to_be_visible()
    page.goto("/konto/zwei-faktor/")
    page.get_by_role("link", name=re.compile("Entfernen")).click()
    page.get_by_role("button", name="Passkey entfernen").click()
    expect(page.get_by_text("Der Passkey ist entfernt.")).to_be_visible()


def test_passkey_as_second_factor(home: Page, account: Account) -> None:
    """After the password the device is asked; without it nobody comes in."""
    page, _session = home, authenticator(home)
    sign_in(page)
    page.goto("/konto/zwei-faktor/passkeys/neu/")
    page.get_by_role("button", name="Passkey anlegen").click()
    expect(page.get_by_role("heading", name="Ersatzcodes")).to_be_visible()
    page.get_by_role("button", name="Abmelden").click()
    page.goto("/konto/anmelden/")
    form = page.locator("form", has=page.get_by_label("Passwort", exact=True))
    form.get_by_label("E-Mail-Adresse").fill(ADDRESS)
    form.get_by_label("Passwort", exact=True).fill(PASSWORD)
    form.get_by_role("button", name="Anmelden").click()
    expect(page.get_by_role("heading", name="Zweiter Faktor")).to_be_visible()
    page.goto("/konto/")
    expect(page.get_by_role("heading", name="Zweiter Faktor")).to_be_visible()
    assert audit.axe(page) == []
    page.get_by_role("button", name="Passkey benutzen").click()
    expect(page.get_by_role("button", name="Abmelden").first).to_be_visible()


def test_without_a_passkey_the_page_says_so(home: Page, account: Account) -> None:
    """A device that knows none: words on the page, no silence."""
    page = home
    session = authenticator(page)
    page.goto("/konto/anmelden/")
    session.send("WebAuthn.disable")
    page.evaluate("() => { navigator.credentials.get = () => Promise.reject(new Error('none')); }")
    page.get_by_role("button", name="Mit Passkey anmelden").click()
    expect(page.get_by_role("alert")).to_contain_text("Das ging nicht")


def test_app(home: Page, account: Account) -> None:
    """QR code, key, first code, recovery codes as a file; then the question at sign-in."""
    page = home
    sign_in(page)
    page.goto("/konto/zwei-faktor/app/")
    shown = page.get_by_role("img", name=re.compile("QR-Code"))
    assert shown.evaluate("(image) => image.complete && image.naturalWidth > 0")
    secret = page.locator(".secret").inner_text().strip()
    assert audit.axe(page) == []
    page.get_by_label("Code aus der App").fill(_code(secret))
    page.get_by_role("button", name="App einrichten").click()
    expect(page.locator("#codes li")).to_have_count(10)
    first = page.locator("#codes li").first.inner_text()
    with page.expect_download() as download:
        page.get_by_role("button", name="Als Datei speichern").click()
    assert first in download.value.path().read_text(encoding="utf-8")
    assert audit.axe(page) == []


def _code(secret: str) -> str:
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // 30)))


def test_code_by_mail_with_the_keyboard_alone(page: Page, account: Account) -> None:
    page.goto("/konto/anmelden/")
    page.locator("#code_email").focus()
    page.keyboard.type(ADDRESS)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Code eingeben")).to_be_visible()
    text = OutboxMail.objects.get(code="accounts.code.login").text
    found = re.search(r"\d{4}-\d{4}", text)
    assert found
    page.get_by_label("Code", exact=True).fill(found[0])
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Abmelden").first).to_be_visible()


PUBLIC = ["/konto/anmelden/", "/konto/anmelden/code/", "/konto/registrieren/",
          "/konto/passwort/vergessen/"]  # fmt: skip
OWN = ["/konto/", "/konto/mails/", "/konto/sitzungen/", "/konto/schluessel/", "/konto/zwei-faktor/",
       "/konto/zwei-faktor/app/", "/konto/zwei-faktor/passkeys/neu/", "/konto/passwort/",
       "/konto/adresse/", "/konto/abmelden/", "/konto/pruefen/",
       "/konto/pruefen/code/"]  # fmt: skip


@pytest.mark.parametrize("width", [1360, 390, 320])
def test_pages_fit(page: Page, account: Account, network: Any, watch: Watch, width: int) -> None:
    """Every account page: axe (once), no sideways scrolling, targets of 24 px, no torn word."""
    type(network).objects.update(may_register=True)
    page.set_viewport_size({"width": width, "height": 800})
    faults: list[str] = []

    def look(path: str) -> None:
        answer = page.goto(path)
        assert answer is not None
        assert answer.status == 200, path
        watch.assert_silent()
        if width == 1360:
            faults.extend(audit.axe(page))
        faults.extend(audit.too_wide(page) + audit.broken_words(page) + audit.small_targets(page))

    for path in PUBLIC:
        look(path)
    sign_in(page)
    for path in OWN:
        look(path)
    assert not faults, "\n".join(faults)


def test_pages_in_the_dark(
    new_context: Callable[..., BrowserContext], account: Account, watch: Watch
) -> None:
    page = new_context(color_scheme="dark").new_page()
    faults: list[str] = []
    for path in PUBLIC:
        page.goto(path)
        faults += audit.axe(page)
    sign_in(page)
    for path in OWN:
        page.goto(path)
        faults += audit.axe(page)
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize(
    ("path", "button"),
    [
        ("/konto/anmelden/code/", "Code senden"),
        ("/konto/passwort/vergessen/", "Code senden"),
        ("/konto/registrieren/", "Konto anlegen"),
    ],
)
def test_failed_submit(
    page: Page, account: Account, network: Any, watch: Watch, path: str, button: str
) -> None:
    """422, the list of faults in focus, axe."""
    type(network).objects.update(may_register=True)
    watch.expect(422)
    page.goto(path)
    page.get_by_label("E-Mail-Adresse").fill("name@verein")
    page.get_by_role("button", name=button).click()
    expect(page.locator("[data-focus]")).to_be_focused()
    assert page.get_by_label("E-Mail-Adresse").input_value() == "name@verein"
    watch.assert_silent()
    assert audit.axe(page) == []
