"""How strongly a session proved who it is, and whether it must."""

from typing import Any

from django.contrib.auth import SESSION_KEY
from django.http import HttpRequest

from lotse.foundation.core import hooks

_METHODS = "account_authentication_methods"  # where allauth keeps them
_WHOSE = "account_authentication_methods_user"


def is_strong(request: HttpRequest) -> bool:
    """Whether the session was opened, or strengthened later, with a second factor or a passkey."""
    return strong_in(request.session)


def strong_in(data: Any) -> bool:
    """The same for what a session holds. Steps somebody else took in this browser before do not
    count: allauth notes beside them whose they are."""
    if SESSION_KEY not in data or data.get(_WHOSE) != data.get(SESSION_KEY):
        return False
    return any(step.get("method") == "mfa" for step in data.get(_METHODS) or [])


def needs_second_factor(account: Any) -> bool:
    """Whether the account holds a role that demands a second factor. One query per hook."""
    return any(needs(account) for needs in hooks.needs_second_factor)
