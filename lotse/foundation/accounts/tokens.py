"""Keys for programs, as the API asks for them: `Authorization: Bearer lotse_…`."""

import hashlib
from dataclasses import replace
from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from lotse.foundation.accounts.models import ApiToken
from lotse.foundation.core import clock, hooks
from lotse.foundation.core.actor import Actor

PREFIX = "lotse_"
SCOPES = {
    "networks:read": _("Netzwerke lesen"),
    "organisations:read": _("Organisationen lesen"),
    "directory:read": _("Verzeichnis lesen"),
    "checks:read": _("Checks lesen"),
    "measures:read": _("Maßnahmen lesen"),
    "measures:write": _("Maßnahmen anlegen und ändern"),
    "calendar:read": _("Eigene Termine lesen (Kalender)"),
}


def digest_of(secret: str) -> str:
    """What the table keeps of a key."""
    return hashlib.sha256(secret.encode()).hexdigest()


def actor_for(secret: str) -> Actor | None:
    """Who acts with this key, with roles and seats of this moment; None for a key that is unknown,
    ended or revoked, or whose account is suspended.

    Roles that demand a second factor come with it only if it was made in a session that had shown
    one. Queries: one, those of the standing, and once a minute a note of its use.
    """
    if not secret.startswith(PREFIX) or len(secret) > 100:
        return None
    now = clock.now()
    token = (
        ApiToken.objects.select_related("account__person")
        .filter(digest=digest_of(secret), revoked_at=None, expires_at__gt=now)
        .first()
    )
    if token is None or not token.account.is_active:
        return None
    if token.last_used_at is None or now - token.last_used_at > timedelta(minutes=1):
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
    actor = Actor("account", uuid=token.account.uuid, label=token.account.email)
    for stand in hooks.standing:
        actor = stand(actor, account=token.account, strong=token.strong)
    return replace(actor, scopes=frozenset(token.scopes))
