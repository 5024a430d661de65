"""The one account there is, and browsers that try to get into it."""

from typing import Any

import pytest
from django.test import Client

from lotse.foundation.accounts import services
from lotse.foundation.accounts.models import Account
from lotse.foundation.core.actor import COMMAND
from tests import make

PASSWORD = "Rote Schuhe am Montag 7"
KNOWN, UNKNOWN = "maren.vogt@werkstatt.example", "niemand.da@werkstatt.example"
LOGIN = "/konto/anmelden/"


@pytest.fixture
def account(db: Any) -> Account:
    """The one account there is."""
    make.network(may_register=True, own_words=["Werkbank", "Musterregion"])
    return services.create_account(actor=COMMAND, email=KNOWN, password=PASSWORD)


def browser(ip: str = "127.0.0.1", **options: Any) -> Client:
    return Client(REMOTE_ADDR=ip, **options)


def attempt(client: Client, password: str, email: str = KNOWN, **headers: Any) -> Any:
    return client.post(LOGIN, {"login": email, "password": password}, **headers)
