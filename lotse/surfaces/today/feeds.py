"""The secret link with which a calendar program reads a person's dates: one per account."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from lotse.foundation.accounts.models import ApiToken
from lotse.foundation.accounts.services import tokens
from lotse.foundation.core import clock

SCOPE = "calendar:read"
DAYS = 365


def current(account: Any) -> ApiToken | None:
    """The link that holds now; its secret is nowhere kept. One query."""
    held = ApiToken.objects.filter(account=account, revoked_at=None, expires_at__gt=clock.now())
    return next((token for token in held.order_by("-pk") if token.scopes == [SCOPE]), None)


@transaction.atomic
def renew(account: Any) -> str:
    """A new link; the one before opens nothing any more. Returns its secret, shown once."""
    withdraw(account)
    # Never strong: a calendar shows the own measures and the days of the own meetings, for which no
    # role with a second factor is needed; what needs one does not go through the link (T14).
    _token, secret = tokens.create_token(
        account, name=_("Kalender"), scopes=[SCOPE], days=DAYS, strong=False
    )
    return secret


@transaction.atomic
def withdraw(account: Any) -> None:
    """No link opens the dates any more, from the next request on."""
    for token in ApiToken.objects.filter(account=account, revoked_at=None):
        if token.scopes == [SCOPE]:
            tokens.revoke_token(account, uuid=token.uuid)
