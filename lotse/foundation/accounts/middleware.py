"""`request.user`, `request.actor`, and the gate for roles that demand a second factor."""

from collections.abc import Callable
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.core.exceptions import ReauthenticationRequired
from django.conf import settings
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from lotse.foundation.accounts import sessions
from lotse.foundation.accounts.backend import account_in
from lotse.foundation.accounts.guests import actor_of
from lotse.foundation.accounts.strength import is_strong, needs_second_factor

Handler = Callable[[HttpRequest], HttpResponse]

# What stays open to an account that must set up or show its second factor first (T14).
OPEN_NAMES = {
    "account_logout",
    "account_reauthenticate",
    "account_reauthenticate_code",
    "mfa_reauthenticate",
    "mfa_reauthenticate_webauthn",
    "mfa_index",
    "mfa_activate_totp",
    "mfa_add_webauthn",
    "mfa_view_recovery_codes",
    "mfa_download_recovery_codes",
    "home:language",
    "home:imprint",
    "home:privacy",
    "home:accessibility",
    "home:robots",
    "parties:brand",
    "parties:logo",
}


class CurrentAccount(AuthenticationMiddleware):
    """`request.user`, with the account the session row brought along: no query of its own."""

    def process_request(self, request: HttpRequest) -> None:
        request.session.agent = str(request.META.get("HTTP_USER_AGENT", ""))  # type: ignore[attr-defined]  # set for later middleware
        request.user = SimpleLazyObject(lambda: account_in(request))  # type: ignore[assignment]  # set for later middleware


class CurrentActor:
    """`request.actor`, worked out when first asked for: a page that asks nothing about the actor
    costs no query. Afterwards it is noted, once a minute, that the person is still there."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.actor = SimpleLazyObject(lambda: actor_of(request))  # type: ignore[attr-defined]  # set for later middleware
        response = self.get_response(request)
        if request.session.accessed and request.user.is_authenticated:
            sessions.touch(request, lambda: needs_second_factor(request.user))
        if "no-store" in response.get("Cache-Control", ""):
            # Allauth's own wording of it; `SecurityHeaders` says it the same way for all (T31).
            del response["Cache-Control"]
            if response.has_header("Expires"):
                del response["Expires"]
        return response


class SecondFactor:
    """An account that holds a role which demands a second factor sees nothing but its set-up, or
    the question for it, until the session is strong (T14). Roles are withheld until then anyway,
    so a gap here would open nothing."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: Any
    ) -> HttpResponse | None:
        match = request.resolver_match
        if settings.SESSION_COOKIE_NAME not in request.COOKIES or match is None:
            return None
        if match.view_name in OPEN_NAMES or not request.user.is_authenticated:
            return None
        if is_strong(request) or not needs_second_factor(request.user):
            return None
        if request.path.startswith("/api/"):
            return JsonResponse({"detail": _("Der zweite Faktor fehlt.")}, status=403)
        return _away(request, _gate(request))

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Leads to the question "is it you?" and back. What was sent is not kept meanwhile: it
        would hold cookies and passwords."""
        if not isinstance(exception, ReauthenticationRequired):
            return None
        methods = get_adapter().get_reauthentication_methods(request.user)
        target = methods[0]["url"] if methods else reverse("account_login")
        return _away(request, target)


def _gate(request: HttpRequest) -> str:
    from allauth.mfa.models import Authenticator

    kinds = set(
        Authenticator.objects.filter(user_id=request.user.pk).values_list("type", flat=True)
    )
    if Authenticator.Type.TOTP in kinds:
        return reverse("mfa_reauthenticate")
    if Authenticator.Type.WEBAUTHN in kinds:
        return reverse("mfa_reauthenticate_webauthn")
    return reverse("mfa_index")


def _away(request: HttpRequest, target: str) -> HttpResponse:
    url = f"{target}?{urlencode({'next': request.get_full_path()})}"
    if getattr(request, "htmx", False):
        return HttpResponse(headers={"HX-Redirect": url})
    return redirect(url)
