"""A form that comes back with a fault stands over what its reader saw (T37): it still carries the
version it was opened with, so that what somebody else saved meanwhile is not overwritten unseen."""

from html.parser import HTMLParser
from typing import Any

import pytest

from tests.trust import site as sites

pytestmark = pytest.mark.django_db
OPENED_WITH = "77"
# Address -> who works there. Forms whose fault is not an empty field say what they send.
PAGES = {
    "bodies:body-edit": "office", "bodies:body-state": "office", "bodies:mandate-edit": "office",
    "bodies:meeting-edit": "office",
    "bodies:agenda-item": "office", "bodies:paper-edit": "office", "bodies:matter-edit": "office",
    "bodies:matter-step": "office", "bodies:idea-edit": "office",
    "bodies:appointment-edit": "office", "bodies:measure-edit": "office",
    "bodies:group-table-change": "minute_taker", "bodies:group-result": "minute_taker",
    "bodies:group-cluster": "minute_taker", "bodies:outcome": "minute_taker",
    "bodies:objection-answer": "minute_taker", "bodies:minutes-head": "minute_taker",
    "checks:scope": "editor_a", "checks:measure": "editor_a", "checks:checkpoint": "editor_a",
    "desk:organisation-edit": "office", "desk:person-edit": "office", "desk:periods": "office",
    "desk:topic-edit": "operator", "desk:hosts-edit": "operator", "desk:template-edit": "office",
    "directory:edit": "editor_a", "directory:search": "member", "parties:own": "member",
    "today:measure": "member",
}  # fmt: skip
SENT = {
    "bodies:mandate-edit": {"ends_on": "31.02.2026"},
    "checks:checkpoint": {"note": "x" * 30_000},
    "checks:scope": {"organisation_name": "x" * 300},
    "desk:hosts-edit": {"hosts": "kein Host"},
    "bodies:minutes-head": {"venue": "x" * 5_000},
    "today:measure": {"status": "gibt es nicht"},
}


class Hidden(HTMLParser):
    """The values of all hidden fields named `version`."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "input" and given.get("name") == "version":
            self.found.append(given.get("value") or "")


@pytest.mark.parametrize("name", PAGES)
def test_the_version_stays_as_it_was_opened(site: sites.Site, browser: Any, name: str) -> None:
    client = browser(PAGES[name])
    sent = {"version": OPENED_WITH, "_key": "k" * 20, **SENT.get(name, {})}
    answer = client.post(site.url(name), sent)
    assert answer.status_code == 422, answer.status_code
    page = Hidden()
    page.feed(answer.content.decode())
    assert OPENED_WITH in page.found, page.found
