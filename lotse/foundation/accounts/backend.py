"""Who a session belongs to: the account together with its person, read with the session."""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare

from lotse.foundation.accounts.models import Account
from lotse.foundation.accounts.turnstile import turnstile
from lotse.foundation.core.limits import address_of


class Backend(AuthenticationBackend):
    """Allauth's backend; a suspended account is nobody at the next request (T05, T28)."""

    def authenticate(self, request: HttpRequest, **credentials: Any) -> Any:
        """One password at a time. Raises Crowd."""
        with turnstile.through(address_of(request) if request else ""):
            return super().authenticate(request, **credentials)

    def get_user(self, user_id: Any) -> Account | None:
        return Account.objects.select_related("person").filter(pk=user_id, is_active=True).first()


def account_in(request: HttpRequest) -> Account | AnonymousUser:
    """The account a request acts for. The session brought it along: no query of its own.

    As Django does, a session whose password hash is no longer the account's ends here: a changed
    password, or a suspension, ends all sessions at their next request (T28).
    """
    key = request.session.get(SESSION_KEY)
    if key is None or request.session.get(BACKEND_SESSION_KEY) not in (
        settings.AUTHENTICATION_BACKENDS
    ):
        return AnonymousUser()
    row = getattr(request.session, "row", None)
    account: Account | None = row.account if row is not None else None
    if account is None or str(account.pk) != key:
        account = Backend().get_user(key)
    held = request.session.get(HASH_SESSION_KEY, "")
    if account is None or not account.is_active or not _hash_holds(account, held):
        request.session.flush()
        return AnonymousUser()
    if held != account.get_session_auth_hash():
        # Made with a former secret key: it goes over to the present one, as in Django.
        request.session[HASH_SESSION_KEY] = account.get_session_auth_hash()
    return account


def _hash_holds(account: Account, held: str) -> bool:
    known = [account.get_session_auth_hash(), *account.get_session_auth_fallback_hash()]
    return any(constant_time_compare(held, value) for value in known)
