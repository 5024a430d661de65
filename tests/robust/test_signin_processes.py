"""Guessing against two web processes and after a restart: limits rest in the database (T12)."""

from collections import Counter

import pytest

from tests.perf.browser import Browser, hidden
from tests.perf.served import Server, Site
from tests.robust.crowd import at_once

pytestmark = pytest.mark.slow

LOGIN = "/konto/anmelden/"


def _guess(browser: Browser) -> int:
    token = hidden(browser.get(LOGIN).text)["csrfmiddlewaretoken"]
    form = {"csrfmiddlewaretoken": token, "login": "maren@werkstatt.example",
            "password": "falsch falsch falsch"}  # fmt: skip
    return browser.post(LOGIN, form).status


def test_guessing_at_once_and_after_a_restart(site: Site) -> None:
    """T10, T12: of 30 guesses at the same moment five to ten are looked at, none after a restart;
    for further accounts from the same address 20 in all."""
    with Server(site) as server:
        answers = Counter(at_once(_guess, [server.browser() for _guesser in range(30)]))
        assert set(answers) == {422, 429}
        assert 5 <= answers[422] <= 10, answers
    with Server(site) as server:
        assert {_guess(server.browser()) for _again in range(4)} == {429}
