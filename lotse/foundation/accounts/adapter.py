"""How allauth behaves here: our limits, our mails, our words, no answer that tells who exists."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.core import context as current
from allauth.core.exceptions import ReauthenticationRequired
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy

from lotse.foundation.accounts import failures, letters, passwords, reauth, signin
from lotse.foundation.accounts.models import Account
from lotse.foundation.accounts.turnstile import Crowd
from lotse.foundation.core import limits
from lotse.foundation.core.limits import address_of

_CODES = {
    "account/email/login_code": "login",
    "account/email/email_confirmation": "verify",
    "account/email/email_confirmation_signup": "verify",
    "account/email/password_reset_code": "reset",
    "account/email/reauthentication_code": "reauth",
}


class Adapter(DefaultAccountAdapter):
    """Settings that need a decision per request."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "account_inactive": gettext_lazy("Dieses Konto ist gesperrt."),
        "duplicate_email": gettext_lazy("Diese Adresse gehört schon zu Ihrem Konto."),
        "email_password_mismatch": gettext_lazy(
            "Adresse und Passwort passen nicht zusammen. Bitte prüfen Sie beides."
        ),
        "email_taken": gettext_lazy("Diese Adresse gehört schon zu einem anderen Konto."),
        "enter_current_password": gettext_lazy("Bitte geben Sie Ihr jetziges Passwort ein."),
        "incorrect_code": gettext_lazy(
            "Dieser Code stimmt nicht. Bitte vergleichen Sie ihn noch einmal."
        ),
        "incorrect_password": gettext_lazy("Dieses Passwort stimmt nicht."),
        "invalid_login": gettext_lazy("Die Anmeldung ging nicht."),
        "too_many_login_attempts": gettext_lazy(
            "Das waren zu viele Versuche. Bitte fordern Sie einen neuen Code an."
        ),
        "rate_limited": gettext_lazy("Das waren zu viele Versuche. Bitte warten Sie kurz."),
        "same_as_current": gettext_lazy("Das ist schon Ihre Adresse."),
    }

    # Who may come in

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return bool(getattr(getattr(request, "network", None), "may_register", False))

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        failures.before(request, str(credentials.get("email", "")))

    def authenticate(self, request: HttpRequest, **credentials: Any) -> Any:
        try:
            found = super().authenticate(request, **credentials)
        except Crowd:
            failures.not_tried(request)
            raise
        if found is not None:
            failures.succeeded(request, str(credentials.get("email", "")))
        return found

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        failures.failed(request, str(credentials.get("email", "")))

    def _rollback_login_failed_rl_usage(self) -> None:
        """Ours are taken back in `authenticate`."""

    def _delete_login_attempts_cached_email(self, request: HttpRequest, **kwargs: Any) -> None:
        """A new password does not open what a pause holds back."""

    def clean_password(self, password: str, user: Any = None) -> str:
        """Raises ValidationError with words; the network's own words count as obvious."""
        network = getattr(current.request, "network", None)
        words = [network.name, *network.own_words] if network else []
        address = str(getattr(user, "email", "") or "").partition("@")[0]
        found = passwords.faults(password, words=[*words, address])
        if found:
            raise ValidationError(found, code="password")
        return password

    def is_ajax(self, request: HttpRequest) -> bool:
        """Only the script that asks for a passkey gets JSON; no form has a second way to answer."""
        match = request.resolver_match
        wanted = request.META.get("HTTP_ACCEPT") == "application/json"
        return wanted and match is not None and match.url_name == "mfa_login_webauthn"

    def is_safe_url(self, url: str) -> bool:
        """Paths of this host only (T16)."""
        request = current.request
        return url.startswith("/") and url_has_allowed_host_and_scheme(
            url, allowed_hosts={request.get_host()}, require_https=request.is_secure()
        )

    # Sign-in and the question "is it you?"

    def login(self, request: HttpRequest, user: Any) -> None:
        super().login(request, user)
        signin.begin(request, user)

    def logout(self, request: HttpRequest) -> None:
        signin.end(request)
        super().logout(request)

    def post_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> HttpResponse:
        response: HttpResponse = super().post_login(request, user, **kwargs)
        signin.completed(request, user, response)
        return response

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Always ours: allauth lets an account that has only mail codes pass."""
        if not reauth.recent(current.request):
            raise ReauthenticationRequired
        return False

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        methods: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        for method in methods:
            method["description"] = _METHOD_NAMES[method["id"]]
        if user.is_authenticated and not any("mfa" in method["id"] for method in methods):
            # A mail code could set a new password anyway; beside a second factor it is too weak.
            methods.append(
                {
                    "id": "reauthenticate_code",
                    "description": _METHOD_NAMES["reauthenticate_code"],
                    "url": reverse("account_reauthenticate_code"),
                }
            )
        return methods

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("accounts:overview")

    def get_email_verification_redirect_url(self, email_address: Any) -> str:
        if current.request.user.is_authenticated:
            return reverse("accounts:overview")
        return reverse("account_login")

    def set_password(self, user: Account, password: str) -> None:
        """The hash is worked out before the row is touched: no lock is held meanwhile."""
        user.set_password(password)
        user.save(update_fields=["password"])

    # What is said

    def add_message(
        self,
        request: HttpRequest,
        level: int,
        message_template: str | None = None,
        message_context: dict[str, Any] | None = None,
        extra_tags: str = "",
        message: str | None = None,
    ) -> None:
        if message_template is not None:
            name = message_template.rpartition("/")[2].removesuffix(".txt")
            told = _MESSAGES.get(name)
            message = str(told) % (message_context or {}) if told else None
        if message:
            messages.add_message(request, level, message, extra_tags=extra_tags)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """All of allauth's mails go to the outbox in our own words.

        Codes, and what stands for a code where there is no account, count together, so the limit
        tells nothing either: few for who asks for an inbox, more for an inbox in all. Nobody uses
        up somebody else's few (T10). Raises TooMany.
        """
        name = template_prefix.rpartition("/")[2]
        request = current.request
        kind = _CODES.get(template_prefix)
        if kind is not None or name in ("unknown_account", "account_already_exists"):
            _count_code(request, email.lower())
        if kind is not None:
            code, letter = f"accounts.code.{kind}", letters.code_letter(kind, context["code"])
        elif name == "unknown_account":
            code, letter = "accounts.unknown", letters.no_account_letter()
        elif name == "account_already_exists":
            code, letter = "accounts.exists", letters.has_account_letter()
        else:
            found = letters.notice(name, context)
            if found is None:
                return
            code, letter = "accounts.changed", found
        letters.write(
            code, email, subject=letter[0], body=letter[1], network=letters.network_of(request)
        )

    def send_notification_mail(
        self,
        template_prefix: str,
        user: Any,
        context: dict[str, Any] | None = None,
        email: str | None = None,
    ) -> None:
        """Without address and browser of who did it: a mail is read by others, too."""
        to = email or EmailAddress.objects.get_primary_email(user)
        if to:
            self.send_mail(template_prefix, to, context or {})

    def get_client_ip(self, request: HttpRequest) -> str:
        return address_of(request)


def _count_code(request: HttpRequest, inbox: str) -> None:
    """What an asker is refused does not count for the inbox: else one could empty it alone. Nor is
    anybody who is signed in held up by what strangers asked."""
    asker = address_of(request)
    limits.hit("accounts.code.address", asker)
    limits.hit("accounts.code", f"{asker}|{inbox}")
    if not request.user.is_authenticated:
        limits.hit("accounts.code.inbox", inbox)


_METHOD_NAMES = {
    "reauthenticate": gettext_lazy("Mit Passwort"),
    "mfa_reauthenticate": gettext_lazy("Mit Code aus der App oder Ersatzcode"),
    "mfa_reauthenticate:webauthn": gettext_lazy("Mit Passkey"),
    "reauthenticate_code": gettext_lazy("Mit Code per Mail"),
}
_MESSAGES = {
    "logged_in": gettext_lazy("Sie sind angemeldet."),
    "logged_out": gettext_lazy("Sie sind abgemeldet."),
    "login_code_sent": gettext_lazy("Der Code ist unterwegs an %(recipient)s."),
    "email_confirmation_sent": gettext_lazy("Der Code ist unterwegs an %(email)s."),
    "email_confirmed": gettext_lazy("Die Adresse %(email)s ist bestätigt."),
    "email_confirmation_failed": gettext_lazy(
        "Die Adresse %(email)s gehört schon zu einem anderen Konto."
    ),
    "password_changed": gettext_lazy("Ihr Passwort ist geändert."),
    "password_set": gettext_lazy("Ihr Passwort ist gesetzt."),
    "totp_activated": gettext_lazy("Die App ist eingerichtet."),
    "totp_deactivated": gettext_lazy("Die App ist entfernt."),
    "webauthn_added": gettext_lazy("Der Passkey ist gespeichert."),
    "webauthn_removed": gettext_lazy("Der Passkey ist entfernt."),
    "recovery_codes_generated": gettext_lazy(
        "Es gibt neue Ersatzcodes. Bewahren Sie sie sicher auf."
    ),
}
