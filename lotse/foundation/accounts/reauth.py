"""Step-up: what matters asks again "is it you?" if the last proof is older than ten minutes."""

import functools
import time
from collections.abc import Callable
from typing import Any

from allauth.account.internal.flows.login import get_authentication_records
from allauth.core.exceptions import ReauthenticationRequired
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase


def recent(request: HttpRequest) -> bool:
    """Whether the person proved who they are within the last ten minutes, by signing in or by
    answering the question. Rooms ask this before exports of persons or changes of roles."""
    if not request.user.is_authenticated:
        return False
    records = get_authentication_records(request, request.user)
    latest = max((float(record.get("at", 0)) for record in records), default=0.0)
    age = time.time() - latest
    return 0 <= age < settings.ACCOUNT_REAUTHENTICATION_TIMEOUT


def require_recent(request: HttpRequest) -> None:
    """Raises ReauthenticationRequired, which leads to the question and then back to this page."""
    if not recent(request):
        raise ReauthenticationRequired


def required(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Decorator of a view of signed-in people that needs a recent proof."""

    @functools.wraps(view)
    def ask_first(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        require_recent(request)
        return view(request, *args, **kwargs)

    return ask_first
