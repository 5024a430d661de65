"""Accounts and browsers for the tests of signing in."""

import re
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from lotse.foundation.accounts import services
from lotse.foundation.accounts.models import Account
from lotse.foundation.core.actor import COMMAND
from lotse.foundation.core.models import OutboxMail
from tests import make

PASSWORD = "Rote Schuhe am Montag 7"
ADDRESS = "maren.vogt@werkstatt.example"


@pytest.fixture
def network(db: Any) -> Any:
    """A network that lets people register."""
    return make.network(may_register=True, own_words=["Werkbank", "Musterregion"])


@pytest.fixture
def account(network: Any) -> Account:
    """An account with a password and a verified address."""
    return services.create_account(actor=COMMAND, email=ADDRESS, password=PASSWORD)


@pytest.fixture
def visit() -> Any:
    """`visit(ip)`: a browser, by default always from the same address."""

    def browser(ip: str = "127.0.0.1", agent: str = "", **options: Any) -> Client:
        cache.clear()
        return Client(REMOTE_ADDR=ip, HTTP_USER_AGENT=agent, **options)

    return browser


def mails(address: str = ADDRESS, code: str = "") -> list[OutboxMail]:
    """What the outbox holds for an address, the latest last."""
    found = OutboxMail.objects.filter(address=address).order_by("pk")
    return list(found.filter(code__startswith=code) if code else found)


def code_in(address: str = ADDRESS) -> str:
    """The code of the latest mail with one."""
    mail = mails(address, "accounts.code")[-1]
    found = re.search(r"^(\d{4}-\d{4})$", mail.text, re.MULTILINE)
    assert found, mail.text
    return found[1]


def sign_in(client: Client, email: str = ADDRESS, password: str = PASSWORD, **data: Any) -> Any:
    """Sends the form with address and password."""
    return client.post("/konto/anmelden/", {"login": email, "password": password, **data})


def signed_in(client: Client) -> bool:
    """Whether the browser reaches its account."""
    return bool(client.get("/konto/").status_code == 200)
