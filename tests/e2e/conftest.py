"""A real browser against the real pages; a page that complains fails its test."""

import os
import shutil
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests import people
from tests.e2e import site
from tests.e2e.watch import Watch

# The sync API keeps an event loop in this thread; Django's ORM is used beside it all the same.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"

PATIENCE = 15_000  # the machine may be busy; where speed is promised, the test names its own limit
expect.set_options(timeout=PATIENCE)
DESKTOP = {"width": 1360, "height": 900}
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    # Whatever a page asks for, nothing leaves the machine (T34).
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
]


def pytest_itemcollected(item: pytest.Item) -> None:
    """Every test here needs the browser and a server with committed data."""
    if Path(__file__).parent in item.path.parents:
        item.add_marker(pytest.mark.browser)
        item.add_marker(pytest.mark.django_db(transaction=True))


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Generator[None, Any, Any]:
    """After the test body: nothing may have been complained about, nothing asked of strangers."""
    result = yield
    for watch in Watch.of(pyfuncitem.funcargs):
        watch.assert_silent()
    return result


@pytest.fixture(scope="session")
def django_db_modify_db_settings(tmp_path_factory: pytest.TempPathFactory) -> None:
    """SQLite in a file with the options of production: pages really run side by side.

    A memory database is one connection for all threads, and drafts would step on submits.
    """
    from django.db import connection

    from lotse import environment

    if connection.vendor == "sqlite":
        folder = tmp_path_factory.mktemp("database")
        connection.settings_dict["TEST"]["NAME"] = str(folder / "test.sqlite3")
        options = connection.settings_dict["OPTIONS"]
        production: str = environment.SQLITE_OPTIONS["init_command"]
        # Nobody pulls the plug on a test, so nothing waits for the disk.
        options["init_command"] = production.replace("synchronous=FULL", "synchronous=OFF")


@pytest.fixture(scope="session")
def live_server(django_db_setup: None, live_server: Any) -> Any:
    """The server, started when the database of the tests is the one in use."""
    return live_server


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests; never Playwright's own download."""
    program = shutil.which("chromium")
    if program is None:
        pytest.skip("chromium is not installed")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def watch(live_server: Any) -> Watch:
    """Sees all that goes wrong in the browser; `watch.expect(422)` allows an intended answer."""
    return Watch(live_server.url)


@pytest.fixture
def new_context(
    browser: Browser, live_server: Any, watch: Watch
) -> Iterator[Callable[..., BrowserContext]]:
    """Opens further browsers for one test: `new_context(java_script_enabled=False)`."""
    opened: list[BrowserContext] = []

    def open_context(**options: Any) -> BrowserContext:
        settings = {"locale": "de-DE", "viewport": DESKTOP, "base_url": live_server.url, **options}
        context = browser.new_context(**settings)
        context.set_default_timeout(PATIENCE)
        watch.follow(context)
        opened.append(context)
        return context

    yield open_context
    for context in opened:
        context.close()


@pytest.fixture
def context(new_context: Callable[..., BrowserContext]) -> BrowserContext:
    """The browser of the test."""
    return new_context()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """An empty page; the test fails if anything it shows complains."""
    return context.new_page()


@pytest.fixture
def network(transactional_db: None) -> Any:
    """A network with its own pages, topics and one published check."""
    return site.network()


@pytest.fixture
def cast(network: Any) -> people.Cast:
    """One person per role in this network."""
    return people.cast(network)


@pytest.fixture
def sign_in(cast: people.Cast, live_server: Any) -> Callable[[BrowserContext, str], None]:
    """`sign_in(context, "chair")`: the browser has a session of one of the cast."""

    def act(context: BrowserContext, role: str) -> None:
        from django.conf import settings

        name = settings.SESSION_COOKIE_NAME
        key = cast.client(role).cookies[name].value
        context.add_cookies([{"name": name, "value": key, "url": live_server.url}])

    return act


@pytest.fixture
def page_of(
    new_context: Callable[..., BrowserContext], sign_in: Callable[[BrowserContext, str], None]
) -> Callable[..., Page]:
    """`page_of("office")`: a page in the browser of one of the cast, or of nobody."""

    def opened(role: str = "", **options: Any) -> Page:
        context = new_context(**options)
        if role:
            sign_in(context, role)
        return context.new_page()

    return opened


@pytest.fixture
def prepared(network: Any) -> site.Prepared:
    """Two rounds of a check with all that can be seen on the pages."""
    return site.prepare()
