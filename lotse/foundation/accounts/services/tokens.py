"""Keys for programs: made, revoked, weakened."""

import secrets
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404
from django.utils.translation import gettext as _

from lotse.foundation.accounts.models import ApiToken
from lotse.foundation.accounts.services.accounts import actor_for_account
from lotse.foundation.accounts.tokens import PREFIX, SCOPES, digest_of
from lotse.foundation.core import actionlog, clock, text
from lotse.foundation.core.actor import Actor
from lotse.foundation.core.errors import Refused

MOST_TOKENS = 20


@transaction.atomic
def create_token(
    account: Any, *, name: str, scopes: list[str], days: int, strong: bool
) -> tuple[ApiToken, str]:
    """A new key and its secret, which is shown once and never again. `days` until it ends, at most
    365. Raises Refused."""
    name = text.clean_line(name)[:80]
    if not name:
        raise Refused(_("Bitte geben Sie einen Namen ein."))
    if not scopes or set(scopes) - set(SCOPES):
        raise Refused(_("Bitte wählen Sie, was der Schlüssel darf."))
    if not 1 <= days <= 365:
        raise Refused(_("Ein Schlüssel gilt höchstens ein Jahr."))
    if _holding(account).count() >= MOST_TOKENS:
        raise Refused(_("Sie haben schon sehr viele Schlüssel. Ziehen Sie alte zurück."))
    secret = PREFIX + secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        account=account,
        name=name,
        scopes=sorted(set(scopes)),
        digest=digest_of(secret),
        strong=strong,
        expires_at=clock.now() + timedelta(days=days),
    )
    actionlog.record(
        "accounts.token.created",
        token,
        actor=actor_for_account(account),
        after={"scopes": token.scopes, "days": days},
        subject=account.uuid,
    )
    return token, secret


def _holding(account: Any) -> QuerySet[ApiToken]:
    """The keys that still open something."""
    return ApiToken.objects.filter(account=account, revoked_at=None, expires_at__gt=clock.now())


@transaction.atomic
def revoke_all(account: Any) -> int:
    """No key of the account opens anything from the next request on; how many did. For a password
    that was reset: whoever knew the old one may have made keys (T28)."""
    found = list(_holding(account))
    ApiToken.objects.filter(account=account, revoked_at=None).update(revoked_at=clock.now())
    for token in found:
        actionlog.record(
            "accounts.token.revoked",
            token,
            actor=actor_for_account(account),
            subject=account.uuid,
        )
    return len(found)


@transaction.atomic
def weaken_all(account: Any, *, actor: Actor | None = None) -> int:
    """Roles that demand a second factor no longer come with the account's keys; how many did. For
    a factor that was replaced or taken away: it may have shown the making of a key (T14). `actor`
    is whoever does it, the owner unless named."""
    found = list(_holding(account).filter(strong=True))
    ApiToken.objects.filter(account=account, strong=True).update(strong=False)
    for token in found:
        actionlog.record(
            "accounts.token.weakened",
            token,
            actor=actor or actor_for_account(account),
            subject=account.uuid,
        )
    return len(found)


@transaction.atomic
def revoke_token(account: Any, *, uuid: UUID) -> None:
    """The key opens nothing from the next request on. Raises Http404 for anybody else's."""
    token = ApiToken.objects.filter(account=account, uuid=uuid).first()
    if token is None:
        raise Http404
    if token.revoked_at is None:
        ApiToken.objects.filter(pk=token.pk).update(revoked_at=clock.now())
        actionlog.record(
            "accounts.token.revoked",
            token,
            actor=actor_for_account(account),
            subject=account.uuid,
        )
