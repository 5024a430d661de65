"""A crowd at the sign-in: one password at a time, the others get a place in the line (T53)."""

import threading
from itertools import pairwise
from typing import Any

import pytest

from lotse.foundation.accounts.models import Account
from lotse.foundation.accounts.turnstile import MOST_WAIT, Turnstile, turnstile
from lotse.foundation.core.errors import TooMany
from lotse.foundation.core.models import LimitCounter
from tests.foundation.accounts.conftest import ADDRESS, sign_in, signed_in


@pytest.fixture
def line() -> Turnstile:
    """A turnstile whose clock stands still and where nobody waits."""
    return Turnstile(patience=0, clock=lambda: 1000.0)


@pytest.fixture
def crowd() -> Any:
    """Somebody's password is being checked for as long as the test takes."""
    inside, done = threading.Event(), threading.Event()

    def stay() -> None:
        with turnstile.through("198.51.100.1"):
            inside.set()
            done.wait(60)

    before = threading.Thread(target=stay)
    before.start()
    inside.wait(60)
    yield
    done.set()
    before.join()


def test_places_follow_one_another(line: Turnstile) -> None:
    places = [line.place(who) for who in "abcd"]
    assert places[0] == 0
    assert [round(b - a, 6) for a, b in pairwise(places)] == [0.2] * 3


def test_nobody_waits_longer_than_said(line: Turnstile) -> None:
    assert max(line.place("a") for _ in range(5000)) == MOST_WAIT


def test_who_takes_places_and_never_comes_holds_up_only_themselves(line: Turnstile) -> None:
    """T10: also with thousands of places."""
    for _ in range(5000):
        line.place("somebody bad")
    assert line.place("another") <= 0.5


def test_one_at_a_time_and_free_again_after_a_fault(line: Turnstile) -> None:
    with line.through("a"), pytest.raises(TooMany) as later, line.through("a"):
        pytest.fail("two at once")
    assert later.value.retry_after == 1
    with pytest.raises(ZeroDivisionError), line.through("a"):
        raise ZeroDivisionError
    with line.through("a"):
        pass


def test_behind_a_crowd_the_form_keeps_the_address(
    account: Account, visit: Any, crowd: None
) -> None:
    client = visit()
    answer = sign_in(client)
    text = answer.content.decode()
    assert answer.status_code == 429
    assert int(answer["Retry-After"]) >= 1
    assert "Gerade melden sich viele an." in text
    assert f'value="{ADDRESS}"' in text
    assert "Rote Schuhe" not in text, "a password never comes back"
    assert not signed_in(client)


def test_the_crowd_holds_up_nobody_who_is_in(account: Account, visit: Any, crowd: None) -> None:
    assert visit().get("/konto/anmelden/").status_code == 200


def test_the_place_costs_no_query(visit: Any, db: Any, count_queries: Any) -> None:
    client = visit()
    with count_queries() as queries:
        found = client.get("/konto/anmelden/platz/").json()
    assert found["seconds"] >= 0
    assert queries.count == 0
    assert client.post("/konto/anmelden/platz/").status_code == 405


def test_a_crowd_is_no_wrong_password(account: Account, visit: Any, crowd: None) -> None:
    """Whoever was not looked at has not tried: twenty refusals pause nobody (T10)."""
    client = visit()
    for _ in range(3):
        sign_in(client, password="falsch")
    assert LimitCounter.objects.filter(hits__gt=0).count() == 0


def test_a_pause_after_wrong_passwords_says_so(account: Account, visit: Any) -> None:
    client = visit()
    answers = [sign_in(client, password=f"falsch {n}") for n in range(8)]
    assert answers[-1].status_code == 429
    text = answers[-1].content.decode()
    assert "sehr viele Versuche" in text
    assert "melden sich viele an" not in text
