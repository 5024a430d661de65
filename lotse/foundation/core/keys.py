"""Tokens made of the installation's secret key, and of older keys while it is being changed.

A token is a keyed hash of what it is about, so a page or a mail can show it again while the
database holds only its SHA-256. Older keys (`LOTSE_SECRET_KEY_FALLBACKS`) work out what was given
out before the change; nothing new is made with them.
"""

import base64
import hashlib
import hmac
from collections.abc import Iterator

from django.conf import settings


def all_keys() -> list[str]:
    """The present key first, then older ones."""
    return [str(key) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]


def token_of(purpose: bytes, about: bytes) -> str:
    """A new token: 256 bits, URL-safe."""
    return next(_tokens(purpose, about))


def token_with(digest: str, purpose: bytes, about: bytes) -> str | None:
    """The token that was given out, by its digest; None if it was made with a key that is gone."""
    found = (one for one in _tokens(purpose, about) if hmac.compare_digest(digest_of(one), digest))
    return next(found, None)


def digest_of(token: str) -> str:
    """What the database keeps of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def _tokens(purpose: bytes, about: bytes) -> Iterator[str]:
    for secret in all_keys():
        key = hmac.new(secret.encode(), purpose, hashlib.sha256).digest()
        raw = hmac.new(key, about, hashlib.sha256).digest()
        yield base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
