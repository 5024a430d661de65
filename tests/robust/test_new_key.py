"""Another secret key by the environment, with real servers: nobody is signed out, no link dies."""

import re

import pytest

from tests.perf.served import Server, Site

pytestmark = pytest.mark.slow
OLD, NEW = "old-" + "a" * 40, "new-" + "b" * 40
_LINK = re.compile(r"/checks/zugang/[\w-]{43}/")


def links_on(page: str) -> list[str]:
    return sorted(set(_LINK.findall(page)))


def test_a_new_key_while_the_old_one_is_kept_and_after_it_is_gone(site: Site) -> None:
    site.more["LOTSE_SECRET_KEY"] = OLD
    with Server(site, worker=False) as server:
        browser = server.browser()
        browser.start_check()
        shown = links_on(browser.get(browser.path("links/")).text)
        cookies, result, page = browser.cookies, browser.path("ergebnis/"), browser.path("links/")
    assert len(shown) == 2

    old_file = site.folder / "old_keys"
    old_file.write_text(f"{OLD}\n")
    site.more |= {"LOTSE_SECRET_KEY": NEW, "LOTSE_SECRET_KEY_FALLBACKS_FILE": str(old_file)}
    with Server(site, worker=False) as server:
        browser = server.browser(cookies)
        assert browser.get(result).status == 200
        assert links_on(browser.get(page).text) == shown
    assert "1 Sitzungen" in site.lotse("rekey")

    del site.more["LOTSE_SECRET_KEY_FALLBACKS_FILE"]
    with Server(site, worker=False) as server:
        browser = server.browser(cookies)
        assert browser.get(result).status == 200
        for link in shown:
            assert server.browser().get(link).status == 303
        assert links_on(browser.get(page).text) != shown
