"""A running meeting in several browsers: what one does the others see, and no word is lost."""

from collections.abc import Callable
from typing import Any

from playwright.sync_api import BrowserContext, Page, expect

from lotse.foundation.core import clock
from lotse.rooms.bodies.models import Meeting, Outcome
from lotse.rooms.bodies.services import holding, live
from tests import make, people
from tests.people import Cast
from tests.rooms.bodies.conftest import item_of, meeting_of

Open = Callable[..., BrowserContext]


def running(cast: Cast) -> Meeting:
    meeting = meeting_of(cast.council, state="running", opened_at=clock.now())
    first = item_of(meeting, "Aufnahme", proposal="Der Betrieb wird aufgenommen.")
    item_of(meeting, "Verschiedenes", kind="information")
    holding.call_item(meeting, first, actor=cast.actor("chair"))
    return meeting


def browser_of(cast: Cast, role: str, new_context: Open, url: str, **options: Any) -> Page:
    context = new_context(**options)
    cookies = cast.client(role).cookies
    context.add_cookies([{"name": k, "value": v.value, "url": url} for k, v in cookies.items()])
    return context.new_page()


def test_open_pages_follow_and_keep_text_and_focus(
    transactional_db: None, new_context: Open, live_server: Any
) -> None:
    cast = people.cast(make.network())
    meeting = running(cast)
    base = f"/gremien/sitzung/{meeting.uuid}/"
    voter = browser_of(cast, "voter", new_context, live_server.url)
    taker = browser_of(cast, "minute_taker", new_context, live_server.url)
    voter.goto(f"{base}jetzt/")
    taker.goto(f"{base}fuehren/")
    taker.fill("#ergebnis-text", "Das schreibe ich gerade")

    voter.get_by_role("button", name="Einchecken").click()
    expect(taker.locator("[data-part=present]")).to_contain_text("1 von 1 Mandaten")
    ask = voter.get_by_role("button", name="Ich möchte sprechen")
    ask.focus()
    Outcome.objects.create(item=meeting.items.order_by("pk")[0], kind="note", text="Neu gesagt")
    live.touch(meeting.pk)

    expect(voter.locator("[data-part=outcomes]")).to_contain_text("Neu gesagt")
    expect(taker.locator("[data-part=outcomes]")).to_contain_text("Neu gesagt")
    expect(taker.locator("#ergebnis-text")).to_have_value("Das schreibe ich gerade")
    expect(taker.locator("#ergebnis-text")).to_be_focused()
    expect(ask).to_be_focused()
    ask.click()
    expect(taker.locator("[data-part=speakers]")).to_contain_text("Volker Stimm")

    chair = browser_of(cast, "chair", new_context, live_server.url)
    chair.goto(f"{base}fuehren/")
    chair.get_by_role("button", name="Nächster TOP").click()
    expect(voter.locator("[data-live-say]")).to_have_text("Jetzt: TOP 2 Verschiedenes")
    # Whoever writes to the item before keeps the page and is told.
    expect(taker.locator("[data-live-say]")).to_contain_text("Ihr Text steht noch hier")
    expect(taker.locator("#ergebnis-text")).to_have_value("Das schreibe ich gerade")


def test_without_scripts_a_link_brings_the_news(
    transactional_db: None, new_context: Open, live_server: Any
) -> None:
    cast = people.cast(make.network())
    meeting = running(cast)
    page = browser_of(cast, "voter", new_context, live_server.url, java_script_enabled=False)
    page.goto(f"/gremien/sitzung/{meeting.uuid}/jetzt/")
    holding.next_item(
        Meeting.objects.get(pk=meeting.pk), actor=cast.actor("chair"),
        after=str(meeting.items.order_by("pk")[0].uuid),
    )  # fmt: skip

    page.get_by_role("link", name="Neu laden").click()

    expect(page.locator("#jetzt")).to_have_text("Verschiedenes")
    page.get_by_role("button", name="Einchecken").click()
    expect(page.get_by_text("Eingecheckt seit")).to_be_visible()
