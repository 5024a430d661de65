"""Two web processes, one database: limits, forms sent twice, edits that meet (T12, T37, T38)."""

import re
import time
from collections import Counter
from dataclasses import dataclass
from html import unescape

import pytest

from tests.perf.browser import Browser, Reply, checks, hidden, levels, note_of
from tests.perf.served import Server, Site
from tests.robust.crowd import at_once

pytestmark = pytest.mark.slow

_REASON = re.compile(r'<textarea name="reason"[^>]*>\n?(.*?)</textarea>', re.DOTALL)
FORM = ("csrfmiddlewaretoken", "_key", "version")


def copies(server: Server, browser: Browser, number: int) -> list[Browser]:
    """The same browser in many tabs: the same cookies, connections of their own."""
    return [server.browser(browser.cookies) for _ in range(number)]


def start_form(browser: Browser, name: str) -> tuple[str, dict[str, str]]:
    """(address, form) to begin the check of seven points."""
    path = next(p for p, n in checks(browser.get("/checks/").text).items() if n == 7)
    form = hidden(browser.get(path).text) | {"scope": "organisation", "organisation_name": name}
    return path, form


def insist(browser: Browser, path: str, form: dict[str, str]) -> Reply:
    """Sends a form; while the same one is being worked on, waits as told and sends it again."""
    for _ in range(20):
        reply = browser.post(path, form)
        if not (reply.status == 409 and "retry-after" in reply.headers):
            return reply
        time.sleep(float(reply.headers["retry-after"]) / 4)
    return reply


def both_worked(server: Server, before: dict[int, int]) -> bool:
    """Whether both web processes used time since `before`."""
    now = ticks(server)
    return len(now) == 2 and all(now[pid] > before.get(pid, 0) for pid in now)


def ticks(server: Server) -> dict[int, int]:
    return {process.pid: process.ticks for process in server.web_children()}


def test_a_limit_holds_over_two_processes_and_a_restart(site: Site) -> None:
    site.more["LOTSE_LIMIT_START"] = "20"
    with Server(site) as server:
        before = ticks(server)
        people = [server.browser() for _ in range(60)]
        path, _form = start_form(people[0], "")
        replies = at_once(lambda person: _start(person, path), people)
        assert Counter(reply.status for reply in replies) == {302: 20, 429: 40}
        assert all(int(r.headers["retry-after"]) > 3500 for r in replies if r.status == 429)
        assert both_worked(server, before)
        assert site.count("checks_assessment", "organisation_name = 'Grenze'") == 20
        server.stop()
        server.start()
        late = server.browser()
        assert _start(late, path).status == 429
        assert site.count("checks_assessment", "organisation_name = 'Grenze'") == 20


def _start(browser: Browser, path: str) -> Reply:
    form = hidden(browser.get(path).text)
    return browser.post(path, form | {"scope": "organisation", "organisation_name": "Grenze"})


@pytest.mark.parametrize("has_begun", [False, True], ids=["new visitor", "has begun another"])
def test_the_start_form_twenty_times_at_once_is_one_assessment(site: Site, has_begun: bool) -> None:
    with Server(site) as server:
        browser = server.browser()
        if has_begun:
            browser.start_check()
        path, form = start_form(browser, "Zwanzigmal")
        tabs = copies(server, browser, 20)
        replies = at_once(lambda tab: insist(tab, path, form), tabs)
        assert {reply.status for reply in replies} == {302}
        assert len({reply.location for reply in replies}) == 1
        assert site.count("checks_assessment", "organisation_name = 'Zwanzigmal'") == 1
        assert site.count("core_logentry", "code = 'checks.assessment.started'") == 1 + has_begun
        for tab in tabs:
            # Whichever answer the browser kept, it opens what was begun, now and before.
            assert tab.get(replies[0].location).status == 200
            if has_begun:
                assert tab.get(browser.path("ergebnis/")).status == 200


def test_a_measure_twenty_times_at_once_is_one_measure(site: Site) -> None:
    with Server(site) as server:
        browser = server.browser()
        browser.start_check()
        form = hidden(browser.get(browser.path("plan/neu/")).text)
        form |= {"title": "Nur einmal", "urgency": "2", "reason": "", "responsible": ""}
        tabs = copies(server, browser, 20)
        replies = at_once(lambda tab: insist(tab, browser.path("plan/neu/"), form), tabs)
        assert {(r.status, r.location) for r in replies} == {(302, browser.path("plan/"))}
        assert site.count("measures_measure", "title = 'Nur einmal'") == 1
        assert site.count("core_logentry", "code = 'measures.measure.created'") == 1


def test_an_answer_twenty_times_at_once_is_one_answer(site: Site) -> None:
    with Server(site) as server:
        browser = server.browser()
        browser.start_check()
        form = browser.form_of(3, note="Nur einmal")
        tabs = copies(server, browser, 20)
        replies = at_once(lambda tab: insist(tab, browser.path("punkt/3/"), form), tabs)
        assert {(r.status, r.location) for r in replies} == {(302, browser.path("punkt/4/"))}
        assert site.count("checks_answer", "note = 'Nur einmal'") == 1
        assert site.count("core_logentry", "code = 'checks.answer.saved'") == 1


@dataclass(frozen=True)
class Edit:
    """One attempt to save: what was written and what came back."""

    text: str
    reply: Reply


def check_edits(edits: list[Edit]) -> tuple[set[str], list[Edit]]:
    """(texts that were saved, edits that were refused); nothing else may have happened."""
    saved = {edit.text for edit in edits if edit.reply.status == 302}
    refused = [edit for edit in edits if edit.reply.status == 409]
    assert len(saved) + len(refused) == len(edits), Counter(e.reply.status for e in edits)
    return saved, refused


def test_fifty_edits_of_one_answer_lose_no_text(site: Site) -> None:
    with Server(site) as server:
        browser = server.browser()
        browser.start_check()
        path = browser.path("punkt/1/")
        tabs = copies(server, browser, 50)
        forms = [browser.form_of(1, note=f"Fassung {n} <&> „so“") for n in range(50)]
        edits = at_once(lambda n: Edit(forms[n]["note"], tabs[n].post(path, forms[n])), range(50))
        saved, refused = check_edits(edits)
        assert len(saved) == 1
        for edit in refused:
            assert note_of(edit.reply.text) == edit.text
            assert unescape(edit.reply.text).count(next(iter(saved))) >= 1, "the other version"

        # The loser sends the page of the conflict as it stands: now it is saved.
        loser = refused[0]
        again = {name: value for name, value in hidden(loser.reply.text).items() if name in FORM}
        again |= {"level": levels(loser.reply.text)[0], "note": note_of(loser.reply.text)}
        assert tabs[0].post(path, again).status == 302

        # And a while of everybody reading and saving as they please.
        more = at_once(lambda n: _edit_answer(tabs[n], path, n), range(50))
        saved_later, refused = check_edits(more)
        for edit in refused:
            assert note_of(edit.reply.text) == edit.text
        ((note, version),) = site.rows(
            "SELECT note, version FROM checks_answer WHERE note LIKE 'Fassung %' "
            "OR note LIKE 'Runde %'"
        )
        assert note in (saved_later or {loser.text})
        assert version == site.count("core_logentry", "code = 'checks.answer.saved'")
        assert version == 2 + len(saved_later)


def _edit_answer(tab: Browser, path: str, number: int) -> Edit:
    page = tab.get(path).text
    form = {name: value for name, value in hidden(page).items() if name in FORM}
    form |= {"level": levels(page)[number % 2], "note": f"Runde {number}", "go": "next"}
    return Edit(form["note"], tab.post(path, form))


def test_fifty_edits_of_one_measure_lose_no_text(site: Site) -> None:
    with Server(site) as server:
        browser = server.browser()
        browser.start_check()
        form = hidden(browser.get(browser.path("plan/neu/")).text)
        form |= {"title": "Gemeinsam", "urgency": "2"}
        assert browser.post(browser.path("plan/neu/"), form).status == 302
        uuid = re.search(r"/plan/([0-9a-f-]{36})/", browser.get(browser.path("plan/")).text)
        assert uuid
        path = browser.path(f"plan/{uuid[1]}/")
        tabs = copies(server, browser, 50)
        at_first = [_measure_form(tab, path, f"Grund {n} <&>") for n, tab in enumerate(tabs)]
        edits = at_once(
            lambda n: Edit(at_first[n]["reason"], tabs[n].post(path, at_first[n])), range(50)
        )
        saved, refused = check_edits(edits)
        assert len(saved) == 1
        for edit in refused:
            assert _reason(edit.reply.text) == edit.text
            assert next(iter(saved)) in unescape(edit.reply.text), "the other version"

        def read_and_save(number: int) -> Edit:
            form = _measure_form(tabs[number], path, f"Runde {number}")
            return Edit(form["reason"], tabs[number].post(path, form))

        more = at_once(read_and_save, range(50))
        saved_later, refused = check_edits(more)
        assert all(_reason(edit.reply.text) == edit.text for edit in refused)
        ((reason, version),) = site.rows(
            "SELECT reason, version FROM measures_measure WHERE title = 'Gemeinsam'"
        )
        assert reason in (saved_later or saved)
        assert version - 1 == site.count("core_logentry", "code = 'measures.measure.changed'")
        assert version - 1 == 1 + len(saved_later)


def _measure_form(tab: Browser, path: str, reason: str) -> dict[str, str]:
    shown = hidden(tab.get(path).text)
    form = {name: value for name, value in shown.items() if name in FORM}
    return form | {"title": "Gemeinsam", "urgency": "2", "status": "open", "reason": reason}


def _reason(page: str) -> str:
    found = _REASON.search(page)
    return unescape(found[1]) if found else ""


def test_a_page_never_conflicts_with_its_own_drafts(site: Site) -> None:
    """Drafts under way while the page is sent: the page wins, whatever comes last."""
    with Server(site) as server:
        browser = server.browser()
        browser.start_check()
        tabs = copies(server, browser, 6)
        for turn in range(24):
            number = turn % 7 + 1
            path = browser.path(f"punkt/{number}/")
            form = browser.form_of(number, note=f"Fertig {turn}")
            sendings = [
                (f"{path}entwurf/", form | {"note": f"Entwurf {turn}, {n}"}) for n in range(5)
            ]
            sendings.append((path, form))
            replies = at_once(lambda pair: pair[0].post(*pair[1]), zip(tabs, sendings, strict=True))
            assert replies[5].status == 302, f"turn {turn}: conflict with its own draft"
            assert {reply.status for reply in replies[:5]} == {200}
            assert note_of(browser.get(path).text) == f"Fertig {turn}"


def test_rounds_begun_at_the_same_time_have_numbers_of_their_own(site: Site) -> None:
    with Server(site) as server:
        browser = server.browser()
        browser.start_check()
        path = browser.path("neue-runde/")
        tabs = copies(server, browser, 12)
        forms = [hidden(tab.get(path).text) for tab in tabs]
        replies = at_once(lambda n: tabs[n].post(path, forms[n]), range(12))
        assert {reply.status for reply in replies} == {302}
        newest = "(SELECT series FROM checks_assessment ORDER BY id DESC LIMIT 1)"
        numbers = site.rows(
            f"SELECT round FROM checks_assessment WHERE series = {newest} ORDER BY round"
        )
        assert numbers == [(number,) for number in range(1, 14)]
