"""Nobody finds out who has an account (T13)."""

import statistics
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings as project
from django.contrib.auth.hashers import MD5PasswordHasher
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from lotse.foundation.accounts.models import Account
from lotse.foundation.core.models import LimitCounter, OutboxMail
from tests.trust.signin.conftest import KNOWN, LOGIN, PASSWORD, UNKNOWN, browser


def asks(path: str, field: str) -> Callable[[Client, str], Any]:
    data = {"password": "falsch falsch falsch"} if path == LOGIN else {}
    return lambda client, email: client.post(path, {field: email, **data})


FORMS = {
    "login": asks(LOGIN, "login"),
    "code": asks("/konto/anmelden/code/", "email"),
    "reset": asks("/konto/passwort/vergessen/", "email"),
    "register": asks("/konto/registrieren/", "email"),
}


def seen(client: Client, response: Any, email: str) -> tuple[Any, ...]:
    """All a stranger sees of an answer, and of the page it leads to."""
    pages = [response]
    if response.status_code == 302:
        pages.append(client.get(response["Location"]))
    shown = []
    for page in pages:
        body = page.content.decode().replace(email, "[address]")
        lines = [line for line in body.splitlines() if "csrfmiddlewaretoken" not in line]
        shown.append((page.status_code, page.get("Location"), "\n".join(lines)))
    cookies = sorted((name, len(cookie.value) > 0) for name, cookie in client.cookies.items())
    return (*shown, cookies)


@pytest.mark.parametrize("form", FORMS)
def test_nobody_learns_who_has_an_account(account: Account, form: str) -> None:
    """T13: body, status, redirect, cookies, number of mails, also after a wrong code."""
    answers, mails = [], []
    for email in (KNOWN, UNKNOWN):
        client = browser()
        before = OutboxMail.objects.count()
        first = seen(client, FORMS[form](client, email), email)
        mails.append(OutboxMail.objects.count() - before)
        if form == "login":
            answers.append(first)
            continue
        place = {
            "code": "/konto/anmelden/code/eingeben/",
            "register": "/konto/adresse/bestaetigen/",
            "reset": "/konto/passwort/vergessen/code/",
        }[form]
        tries = [
            seen(client, client.post(place, {"code": "0000-0001"}), email) for _try in range(3)
        ]
        answers.append((first, tries))
    assert answers[0] == answers[1]
    assert mails[0] == mails[1]


@pytest.mark.parametrize("form", FORMS)
def test_the_same_work_is_done_for_known_and_unknown(
    account: Account, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """T13, what can be counted on any machine: the same number of passwords is hashed, and the
    database is asked about as often."""
    hashed: list[str] = []
    real = MD5PasswordHasher.encode

    def encode(hasher: MD5PasswordHasher, password: str, salt: str) -> str:
        hashed.append(salt)
        return real(hasher, password, salt)

    monkeypatch.setattr(MD5PasswordHasher, "encode", encode)
    work = []
    for email in (KNOWN, UNKNOWN):
        client = browser()
        hashed.clear()
        with CaptureQueriesContext(connection) as queries:
            FORMS[form](client, email)
        work.append((len(hashed), len(queries)))
    (known_hashes, known_queries), (unknown_hashes, unknown_queries) = work
    assert known_hashes == unknown_hashes
    assert abs(known_queries - unknown_queries) <= 6, work


@pytest.mark.measured
@pytest.mark.parametrize("form", FORMS)
def test_time_tells_nothing_either(account: Account, form: str, settings: Any) -> None:
    """T13: medians of 50 differ by less than 10 %; run by `make bench`, not on a busy machine.
    Known and unknown by turns, with the hashing of production."""
    settings.PASSWORD_HASHERS = ["lotse.foundation.accounts.hashers.Argon2id"]
    settings.LIMITS = {name: (10**6, span) for name, (_most, span) in project.LIMITS.items()}
    account.set_password(PASSWORD)
    account.save()
    spent: dict[str, list[float]] = {KNOWN: [], UNKNOWN: []}
    for _round in range(55):
        for email, times in spent.items():
            client = browser()
            start = time.thread_time()
            FORMS[form](client, email)
            times.append(time.thread_time() - start)
            LimitCounter.objects.all().delete()
            Account.objects.exclude(pk=account.pk).delete()
    known, unknown = (statistics.median(times[5:]) for times in spent.values())
    assert abs(known - unknown) / max(known, unknown) < 0.10, (known, unknown)
