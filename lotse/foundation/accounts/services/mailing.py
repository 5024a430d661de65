"""What a signed-in person wants of mails: kept for the address of the account."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import transaction

from lotse.foundation.accounts.services.accounts import note_change
from lotse.foundation.core import mail


@transaction.atomic
def choose_own(account: Any, *, network: UUID, news: str, kinds: Mapping[str, str]) -> None:
    """Keeps what the account's address wants of one sender. Raises Refused.

    An account decides about its own address only, so there is no other right to ask for.
    """
    mail.choose_all(account.email, network, news=news, kinds=kinds)
    note_change(account, "mail.chosen")
