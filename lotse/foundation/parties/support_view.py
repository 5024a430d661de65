"""While a support session runs, the operator's browser shows what the person would see."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from lotse.foundation.accounts.strength import is_strong
from lotse.foundation.core.actor import Actor
from lotse.foundation.parties.models import SupportSession
from lotse.foundation.parties.services.support import running_support
from lotse.foundation.parties.standing import stand

NAME = "support"
_SAFE = ("GET", "HEAD", "OPTIONS")
# What works although the session only reads: leaving it, leaving at all, the language.
OPEN_NAMES = {"parties:support-end", "account_logout", "home:language"}
Handler = Callable[[HttpRequest], HttpResponse]


SECRET_NAMES = {
    "checks:links",
    "checks:open",
    "parties:invitation",
    "parties:invitation-accept",
    "today:calendar",
}


class SupportView:
    """Puts the person in the operator's place for reading; nothing can be changed meanwhile.

    The person's own pages below /konto/ stay closed too: own data is nobody else's to take.
    Nothing is asked of the database for a browser without a running session.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.support = None  # type: ignore[attr-defined]  # set by the middlewares
        if settings.SESSION_COOKIE_NAME in request.COOKIES:
            own = request.actor  # type: ignore[attr-defined]  # set by the middlewares
            request.support = SimpleLazyObject(lambda: _running(request, own))  # type: ignore[attr-defined]  # set by the middlewares
            request.actor = SimpleLazyObject(lambda: _acting(request, own))  # type: ignore[attr-defined]  # set by the middlewares
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: Any
    ) -> HttpResponse | None:
        match = request.resolver_match
        own_pages = request.path.startswith("/konto/")
        # What shows or takes a secret would go on working after the session.
        secret = match is not None and match.view_name in SECRET_NAMES
        if request.method in _SAFE and not own_pages and not secret:
            return None
        if match is not None and match.view_name in OPEN_NAMES:
            return None
        if not request.support:  # type: ignore[attr-defined]  # set by the middlewares
            return None
        text = _("Eine Sitzung zur Unterstützung liest nur, und das Konto der Person bleibt zu. "
                 "Beenden Sie die Sitzung oben auf der Seite.")  # fmt: skip
        context = {"title": _("Das geht in dieser Sitzung nicht"), "text": text}
        return render(request, "ui/refusal.html", context, status=403)


def _running(request: HttpRequest, own: Actor) -> SupportSession | None:
    """The running session, worked out once; what ended is forgotten."""
    held = request.session.get(NAME)
    if not held:
        return None
    found = running_support(held, own.person) if own.is_operator and own.person else None
    if found is None:
        request.session.pop(NAME, None)
    return found


def _acting(request: HttpRequest, own: Actor) -> Actor:
    session = request.support  # type: ignore[attr-defined]  # set by the middlewares
    if not session:
        return own
    account = session.person.account
    actor = Actor("account", uuid=account.uuid, label=account.email)
    return stand(actor, account=account, strong=is_strong(request))
