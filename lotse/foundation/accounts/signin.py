"""What happens around every sign-in, whatever way it was reached: session, device, claims."""

import hashlib
import logging
import secrets
from typing import Any

from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject

from lotse.foundation.accounts import letters, sessions
from lotse.foundation.accounts.guests import actor_of
from lotse.foundation.accounts.models import Account
from lotse.foundation.accounts.services import accounts
from lotse.foundation.accounts.strength import is_strong, needs_second_factor
from lotse.foundation.core import hooks

logger = logging.getLogger("lotse.accounts")
WISH = "stay_wish"
_YEAR = 365 * 24 * 3600


def start(
    request: HttpRequest, account: Account, *, method: str, redirect_url: str | None = None
) -> HttpResponse:
    """Signs in somebody who proved by a one-use link (an invitation) that the address is theirs.

    Goes through the same stages as every sign-in: a second factor is asked for (T14).
    """
    record_authentication(request, account, method=method)
    response: HttpResponse = perform_login(request, Login(user=account, redirect_url=redirect_url))
    return response


def begin(request: HttpRequest, account: Account) -> None:
    """Sets the limits of the new session: short where the account holds a role with second factor,
    30 days only where it does not and the person wished so (T28)."""
    strict = needs_second_factor(account)
    wish = bool(request.session.pop(WISH, False))
    request.session.pop(sessions.STAY, None)
    if wish and not strict:
        request.session[sessions.STAY] = True
        request.session.set_expiry(None)
    else:
        request.session.set_expiry(0)
    request.session.save()
    accounts.note_session(request.session, strict=strict)
    request.actor = SimpleLazyObject(lambda: actor_of(request))  # type: ignore[attr-defined]  # set by CurrentActor
    accounts.note_signed_in(account, strong=is_strong(request))


def end(request: HttpRequest) -> None:
    """One line in the log; the row of the session goes with allauth's sign-out."""
    if request.user.is_authenticated:
        accounts.note_signed_out(request.user)


def completed(request: HttpRequest, account: Account, response: HttpResponse) -> None:
    """Recognises the browser, tells the owner about a new one, lets rooms claim what a visitor
    began. A room that fails at it does not keep anybody out."""
    _know_device(request, account, response)
    for claim in hooks.signed_in:
        try:
            claim(request, request.actor)  # type: ignore[attr-defined]  # set by CurrentActor
        except Exception:
            logger.exception("a claim after sign-in failed")


def _know_device(request: HttpRequest, account: Account, response: HttpResponse) -> None:
    token = request.COOKIES.get(settings.DEVICE_COOKIE_NAME, "")
    if not 20 <= len(token) <= 64:
        token = secrets.token_urlsafe(32)
    label = sessions.device_label(str(request.META.get("HTTP_USER_AGENT", "")))
    digest = hashlib.sha256(token.encode()).hexdigest()
    if accounts.note_device(account, digest=digest, label=label):
        subject, body = letters.device_letter(label)
        letters.write(
            "accounts.device",
            account.email,
            subject=subject,
            body=body,
            network=letters.network_of(request),
        )
    response.set_cookie(
        settings.DEVICE_COOKIE_NAME,
        token,
        max_age=_YEAR,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def strengthened(request: HttpRequest, account: Account, **record: Any) -> None:
    """A factor was just set up and thereby shown: the session counts as strong, under a new key."""
    record_authentication(request, account, "mfa", **record)
    request.session.cycle_key()
