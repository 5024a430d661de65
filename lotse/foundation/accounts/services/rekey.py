"""After a change of the secret key: what the old one locked is locked anew with the present one.

Without this, removing the old key from `LOTSE_SECRET_KEY_FALLBACKS` would end sessions and make
second factors unreadable. Running it twice changes nothing more.
"""

from dataclasses import dataclass
from typing import Any

from allauth.mfa.models import Authenticator
from cryptography.fernet import InvalidToken
from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY
from django.core import signing
from django.db import transaction
from django.utils.crypto import constant_time_compare

from lotse.foundation.accounts.factors import with_present_key
from lotse.foundation.accounts.models import Account, Session
from lotse.foundation.accounts.sessions import SessionStore
from lotse.foundation.core import clock

_SECRETS = ("secret", "seed")  # of a TOTP app, of recovery codes
_LISTED = "migrated_codes"


@dataclass(frozen=True)
class Moved:
    """How much was locked anew, and how many second factors no key opens."""

    factors: int
    sessions: int
    unreadable: int


def rekey() -> Moved:
    """Locks second factors and sessions anew; each row in a transaction of its own."""
    factors, unreadable = _factors()
    return Moved(factors, _sessions(), unreadable)


def daily() -> int:
    """The same as daily work: only while an old key is set. Returns how much was locked anew."""
    if not settings.SECRET_KEY_FALLBACKS:
        return 0
    moved = rekey()
    return moved.factors + moved.sessions


def _factors() -> tuple[int, int]:
    moved = unreadable = 0
    wanted = Authenticator.objects.exclude(type=Authenticator.Type.WEBAUTHN)
    for pk in list(wanted.values_list("pk", flat=True)):
        with transaction.atomic():
            found = Authenticator.objects.select_for_update().filter(pk=pk).first()
            try:
                changed = _locked_anew(found.data) if found is not None else None
            except InvalidToken:
                unreadable += 1
                continue
            if changed is not None:
                Authenticator.objects.filter(pk=pk).update(data=changed)
                moved += 1
    return moved, unreadable


def _locked_anew(data: dict[str, Any]) -> dict[str, Any] | None:
    """The data of a factor under the present key, or None where they are already."""
    changed = {**data}
    for name in _SECRETS:
        if name in data:
            changed[name] = with_present_key(data[name])
    if _LISTED in data:
        changed[_LISTED] = [with_present_key(code) for code in data[_LISTED]]
    return changed if changed != data else None


def _sessions() -> int:
    moved, store = 0, SessionStore()
    rows = Session.objects.filter(expires_at__gt=clock.now()).values_list("pk", "data")
    for pk, data in list(rows):
        held = store.decode(data)
        if not held:
            continue  # no key opens it: the browser signs in again
        row = Session.objects.select_related("account").filter(pk=pk).first()
        if row is None:
            continue
        before = held.get(HASH_SESSION_KEY)
        if row.account is not None and before is not None:
            held[HASH_SESSION_KEY] = _hash_anew(row.account, before)
        # A page may have signed the session with the present key and left the old hash inside.
        if held.get(HASH_SESSION_KEY) == before and _is_present(store, data):
            continue
        # What a page wrote meanwhile stays; the next run finds it.
        moved += Session.objects.filter(pk=pk, data=data).update(data=store.encode(held))
    return moved


def _is_present(store: SessionStore, data: str) -> bool:
    try:
        signing.loads(data, salt=store.key_salt, serializer=store.serializer, fallback_keys=[])
    except signing.BadSignature:
        return False
    return True


def _hash_anew(account: Account, held: str) -> str:
    """Only a hash that still holds is replaced: a session that a new password ended stays ended."""
    olds = account.get_session_auth_fallback_hash()
    good = any(constant_time_compare(held, old) for old in olds)
    return account.get_session_auth_hash() if good else held
