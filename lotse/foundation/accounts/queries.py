"""Named reads of the account's own pages: ready rows."""

from dataclasses import dataclass
from typing import Any

from allauth.mfa.models import Authenticator
from django.utils.crypto import salted_hmac
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from lotse.foundation.accounts.models import ApiToken, Session
from lotse.foundation.accounts.sessions import device_words
from lotse.foundation.accounts.tokens import SCOPES
from lotse.foundation.core import clock


@dataclass(frozen=True)
class Factors:
    """What an account has beside its password."""

    totp: bool
    passkeys: list[dict[str, str]]
    codes_left: int | None

    @property
    def any(self) -> bool:
        return self.totp or bool(self.passkeys)


def _moment(value: Any) -> str:
    if not value:
        return ""
    local = localtime(value)
    return f"{date_format(local, 'SHORT_DATE_FORMAT')}, {local:%H:%M}"


def passkey_key(authenticator: Any) -> str:
    """How a passkey is named in an address: nothing that counts on (trust, T08)."""
    return salted_hmac("accounts.passkey", str(authenticator.pk), algorithm="sha256").hexdigest()[
        :24
    ]


def factors_of(account: Any) -> Factors:
    """The second factors of an account. One query."""
    totp, passkeys, left = False, [], None
    for found in Authenticator.objects.filter(user_id=account.pk).order_by("created_at"):
        if found.type == Authenticator.Type.TOTP:
            totp = True
        elif found.type == Authenticator.Type.RECOVERY_CODES:
            left = len(found.wrap().get_unused_codes())
        else:
            passkeys.append(
                {
                    "key": passkey_key(found),
                    "name": found.wrap().name,
                    "added": _moment(found.created_at),
                    "used": _moment(found.last_used_at) or _("noch nie"),
                }
            )
    return Factors(totp, passkeys, left)


def sessions_of(account: Any, current: Any) -> list[dict[str, Any]]:
    """The running sessions of an account, this one first, then the latest. One query."""
    now = clock.now()
    found = Session.objects.filter(account=account, expires_at__gt=now).order_by("-seen_at")[:100]
    rows = [
        {
            "uuid": session.uuid,
            "device": device_words(session.device),
            "since": _moment(session.signed_in_at or session.created_at),
            "seen": _moment(session.seen_at),
            "this": current is not None and session.pk == current.pk,
            "strong": session.strong,
        }
        for session in found
        if session.ends_at > now
    ]
    return sorted(rows, key=lambda row: not row["this"])


def tokens_of(account: Any) -> list[dict[str, Any]]:
    """The keys of an account that still open something. One query."""
    found = ApiToken.objects.filter(
        account=account, revoked_at=None, expires_at__gt=clock.now()
    ).order_by("-created_at")
    return [
        {
            "uuid": token.uuid,
            "name": token.name,
            "scopes": ", ".join(str(SCOPES[scope]) for scope in token.scopes if scope in SCOPES),
            "until": date_format(localtime(token.expires_at), "SHORT_DATE_FORMAT"),
            "used": _moment(token.last_used_at) or _("noch nie"),
        }
        for token in found
    ]
