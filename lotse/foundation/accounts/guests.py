"""The secret links a visitor without an account opened: kept in the session, per browser."""

from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from django.http import HttpRequest

from lotse.foundation.accounts.models import Session
from lotse.foundation.accounts.sessions import hash_of
from lotse.foundation.accounts.strength import is_strong
from lotse.foundation.core import clock, hooks
from lotse.foundation.core.actor import Actor

_NAME = "keys"
_STARTED = "started"
_MOST = 200


def actor_of(request: HttpRequest) -> Actor:
    """The actor behind a request. Queries: none without a cookie; for a visitor the session; for
    an account session, account with person, roles, seats."""
    user = getattr(request, "user", None)
    keys = frozenset(UUID(key) for key in request.session.get(_NAME, []))
    if user is None or not user.is_authenticated or not user.is_active:
        return Actor("guest", keys=keys)
    actor = Actor("account", uuid=user.uuid, label=user.email, keys=keys)
    for stand in hooks.standing:
        actor = stand(actor, account=user, strong=is_strong(request))
    return actor


def remember(request: HttpRequest, keys: Iterable[UUID]) -> None:
    """Remembers that this browser opened these links; the oldest of more than 200 go."""
    held = list(request.session.get(_NAME, []))
    new = [str(key) for key in keys if str(key) not in held]
    if new:
        request.session[_NAME] = [*held, *new][-_MOST:]
        _new_key(request)


def remember_start(request: HttpRequest, series: UUID) -> None:
    """Remembers what a visitor began here, so that it is theirs once they sign in."""
    held = list(request.session.get(_STARTED, []))
    request.session[_STARTED] = [*held, str(series)][-_MOST:]


def started_here(request: HttpRequest) -> list[UUID]:
    """What this browser began and nobody has claimed yet; asking empties the list."""
    return [UUID(value) for value in request.session.pop(_STARTED, [])]


def _new_key(request: HttpRequest) -> None:
    """Another key for the session: one that somebody planted before opens nothing new.

    The old one goes on for a minute, as it was: a form sent twice carries it twice, and the second
    answer must not cost the browser what it opened before (T38).
    """
    old = request.session.session_key
    request.session.create()
    if old:
        soon = clock.now() + timedelta(minutes=1)
        Session.objects.filter(key_hash=hash_of(old), expires_at__gt=soon).update(expires_at=soon)


def forget(request: HttpRequest, keys: Iterable[UUID]) -> None:
    """This browser no longer opens these links."""
    dropped = {str(key) for key in keys}
    held = request.session.get(_NAME, [])
    if dropped & set(held):
        request.session[_NAME] = [key for key in held if key not in dropped]
