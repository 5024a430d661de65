"""Signing in and out, registering, confirming an address, a new password."""

from typing import Any, cast

from allauth.account import views as base
from allauth.account.internal.flows.code_verification import AbstractCodeVerificationProcess
from allauth.account.internal.flows.login import record_authentication
from allauth.account.models import EmailAddress
from allauth.mfa.webauthn import views as webauthn
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse, reverse_lazy
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from lotse.foundation.accounts import reauth, signin
from lotse.foundation.accounts.adapter import Adapter
from lotse.foundation.accounts.forms import signin as forms
from lotse.foundation.accounts.models import Account
from lotse.foundation.accounts.services import accounts, sessions, tokens
from lotse.foundation.accounts.turnstile import Crowd, turnstile
from lotse.foundation.accounts.views.base import Page
from lotse.foundation.core import limits
from lotse.foundation.core.limits import address_of


class Login(Page, base.LoginView):
    """The one page to sign in: a mail code first, then password, then passkey."""

    template_name = "account/login.html"
    form_class = forms.Login

    def get_form_class(self) -> Any:
        return self.form_class

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            response: HttpResponse = super().post(request, *args, **kwargs)
        except Crowd as line:
            return self._later(line.retry_after)
        return response

    def _later(self, seconds: int) -> HttpResponse:
        """The form with the address kept, when a crowd is before this person."""
        typed = {"login": self.request.POST.get("login", "")}
        form = self.form_class(initial=typed, request=self.request)
        context = self.get_context_data(form=form, busy_for=seconds)
        response = render(self.request, self.template_name, context, status=429)
        response["Retry-After"] = str(seconds)
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        context["code_form"] = forms.RequestCode(auto_id="code_%s")
        context["may_register"] = Adapter().is_open_for_signup(self.request)
        return context


@require_GET
def place(request: HttpRequest) -> HttpResponse:
    """A place in the line of those who sign in with a password: seconds to wait. No query."""
    return JsonResponse({"seconds": round(turnstile.place(address_of(request)), 2)})


class RequestCode(Page, base.RequestLoginCodeView):
    """Asks for a code by mail; the answer is the same for every address (T13)."""

    form_class = forms.RequestCode
    title = _("Anmelden mit Code")
    lead = _("Wir senden Ihnen einen Code. Damit melden Sie sich ohne Passwort an.")
    button = _("Code senden")

    def get_form_class(self) -> Any:
        return self.form_class

    def form_valid(self, form: Any) -> HttpResponse:
        self.request.session[signin.WISH] = bool(form.cleaned_data["remember"])
        response: HttpResponse = super().form_valid(form)
        return response


class ConfirmLoginCode(Page, base.ConfirmLoginCodeView):
    """The code out of the mail."""

    template_name = "account/confirm_code.html"
    form_class = forms.ConfirmLoginCode
    title = _("Code eingeben")
    button = _("Anmelden")

    def get_form_class(self) -> Any:
        return super().get_form_class() if self._action == "resend" else self.form_class


class Logout(base.LogoutView):
    """Asks on GET, ends the session on POST."""

    http_method_names = ["get", "head", "post"]
    template_name = "account/logout.html"


class Inactive(base.AccountInactiveView):
    """For somebody with the right password of a suspended account."""

    http_method_names = ["get", "head"]
    template_name = "account/inactive.html"


class Signup(Page, base.SignupView):
    """A new account, where the network lets people register themselves."""

    form_class = forms.Signup
    title = _("Konto anlegen")
    lead = _("Ihre E-Mail-Adresse genügt. Wir senden Ihnen einen Code, um sie zu bestätigen.")
    button = _("Konto anlegen")

    def get_form_class(self) -> Any:
        return self.form_class

    def closed(self) -> HttpResponse:
        return render(self.request, "account/signup_closed.html")

    def form_valid(self, form: Any) -> HttpResponse:
        limits.hit("accounts.register", address_of(self.request))
        # One transaction, whether the address is new or not: one wait for the disk (T13).
        with transaction.atomic():
            response: HttpResponse = super().form_valid(form)
        return response


class ConfirmEmail(Page, base.ConfirmEmailVerificationCodeView):
    """The code that proves an address: at registration and when the address changes."""

    template_name = "account/confirm_code.html"
    form_class = forms.ConfirmEmailCode
    title = _("Adresse bestätigen")
    button = _("Bestätigen")

    def _get_verify_form_class(self) -> Any:
        return self.form_class

    def _verify_form_valid(self, form: Any) -> HttpResponse:
        if self.stage and self._process.user:
            # The inbox is theirs: that is how they came in.
            record_authentication(self.request, self._process.user, method="code")
        response: HttpResponse = super()._verify_form_valid(form)
        if self.request.user.is_authenticated:
            accounts.note_change(self.request.user, "email.changed")
        return response


class PasswordReset(Page, base.PasswordResetView):
    """Asks for a code to set a new password; the same answer for every address (T13)."""

    form_class = forms.ResetPassword
    title = _("Passwort vergessen?")
    lead = _(
        "Wir senden Ihnen einen Code. Damit setzen Sie ein neues Passwort. Ein zweiter Faktor "
        "bleibt davon unberührt."
    )
    button = _("Code senden")

    def get_form_class(self) -> Any:
        return self.form_class


class ConfirmResetCode(Page, base.ConfirmPasswordResetCodeView):
    """The code for a new password."""

    template_name = "account/confirm_code.html"
    form_class = forms.ConfirmResetCode
    title = _("Code eingeben")
    button = _("Weiter")

    def get_form_class(self) -> Any:
        return self.form_class


class CompleteReset(Page, base.CompletePasswordResetView):
    """The new password; all sessions and keys for programs end, a second factor is asked for before
    the sign-in."""

    form_class = forms.ResetPasswordKey
    title = _("Neues Passwort setzen")
    lead = _(
        "Danach sind Sie angemeldet. Alle anderen Sitzungen enden, und Schlüssel für Programme "
        "gelten nicht mehr."
    )
    button = _("Passwort speichern")

    def get_form_class(self) -> Any:
        return self.form_class

    def form_valid(self, form: Any) -> HttpResponse:
        account = self._process.user
        sessions.end_others(account, keep=None)
        tokens.revoke_all(account)
        accounts.note_change(account, "password.reset")
        response: HttpResponse = super().form_valid(form)
        return response


class ResetDone(base.PasswordResetFromKeyDoneView):
    """After a reset without sign-in."""

    http_method_names = ["get", "head"]
    template_name = "account/reset_done.html"


@method_decorator([login_required, reauth.required], name="dispatch")
class ChangePassword(Page):
    """Sets or changes the password; all other sessions end (T28)."""

    form_class = forms.SetPassword
    success_url = reverse_lazy("accounts:overview")
    title = _("Passwort ändern")
    lead = _("Alle anderen Sitzungen enden dann.")
    button = _("Passwort speichern")

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "user": self.request.user}

    def form_valid(self, form: Any) -> HttpResponse:
        had_one = form.user.has_usable_password()
        form.save()
        flows = base.flows.password_change
        (flows.finalize_password_change if had_one else flows.finalize_password_set)(
            self.request, form.user
        )
        row = getattr(self.request.session, "row", None)
        sessions.end_others(self.request.user, keep=row.uuid if row else None)
        accounts.note_change(self.request.user, "password.changed")
        return HttpResponseRedirect(str(self.success_url))


@method_decorator([login_required, reauth.required], name="dispatch")
class ChangeEmail(Page, base.EmailView):
    """A new address: its code goes there, a notice to the old one."""

    template_name = "account/form.html"
    form_class = forms.ChangeEmail
    title = _("E-Mail-Adresse ändern")
    lead = _(
        "Wir senden einen Code an die neue Adresse. Sie gilt, sobald Sie ihn eingeben. Die alte "
        "bekommt eine Nachricht."
    )
    button = _("Code senden")

    def get_form_class(self) -> Any:
        return self.form_class

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = self.get_form()
        return self.form_valid(form) if form.is_valid() else self.form_invalid(form)


class PasskeyLogin(webauthn.LoginWebAuthnView):
    """Signing in with a passkey: asked for by the script, sent by its form."""

    http_method_names = ["get", "head", "post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        limits.hit("accounts.passkey", address_of(request))
        response: HttpResponse = super().post(request, *args, **kwargs)
        return response


class Reauthenticate(Page, base.ReauthenticateView):
    """ "Is it you?" with the password."""

    template_name = "account/reauthenticate.html"
    form_class = forms.Reauthenticate
    title = _("Sind Sie es?")
    lead = _("Bevor es weitergeht, geben Sie bitte noch einmal Ihr Passwort ein.")
    button = _("Weiter")

    def get_form_class(self) -> Any:
        return self.form_class


class _OwnCode(AbstractCodeVerificationProcess):
    """A code to the own address, kept in the session, good for three tries and 15 minutes."""

    KEY = "account_own_code"

    def __init__(self, request: HttpRequest, state: dict[str, Any]) -> None:
        self.request = request
        super().__init__(state=state, timeout=15 * 60, max_attempts=3, user=_account(request))

    @classmethod
    def begin(cls, request: HttpRequest) -> "_OwnCode":
        process = cls(request, cls.initial_state(_account(request)))
        process.send()
        process.persist()
        return process

    @classmethod
    def resume(cls, request: HttpRequest) -> "_OwnCode | None":
        state = request.session.get(cls.KEY)
        found = cls(request, state).abort_if_invalid() if state else None
        return found if isinstance(found, cls) else None

    def send(self) -> None:
        adapter = Adapter()
        self.state["code"] = adapter.generate_login_code()
        to = EmailAddress.objects.get_primary_email(_account(self.request))
        adapter.send_mail("account/email/reauthentication_code", to or "", {"code": self.code})

    def persist(self) -> None:
        self.request.session[self.KEY] = self.state

    def abort(self) -> None:
        self.request.session.pop(self.KEY, None)


def _account(request: HttpRequest) -> Account:
    return cast(Account, request.user)


@method_decorator(login_required, name="dispatch")
class ReauthenticateByCode(Page, base.BaseReauthenticateView):
    """ "Is it you?" with a code by mail, for accounts without a second factor."""

    template_name = "account/reauthenticate.html"
    form_class = forms.ConfirmOwnCode
    title = _("Sind Sie es?")
    button = _("Weiter")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        context["sent"] = _OwnCode.resume(self.request) is not None
        return context

    def get_form_kwargs(self) -> dict[str, Any]:
        process = _OwnCode.resume(self.request)
        return {**super().get_form_kwargs(), "code": process.code if process else ""}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.POST.get("action") == "send" or _OwnCode.resume(request) is None:
            _OwnCode.begin(request)
            return redirect(self.passthrough_next_url(reverse("account_reauthenticate_code")))
        response: HttpResponse = super().post(request, *args, **kwargs)
        return response

    def form_invalid(self, form: Any) -> HttpResponse:
        process = _OwnCode.resume(self.request)
        if process is not None:
            process.record_invalid_attempt()
        return super().form_invalid(form)

    def form_valid(self, form: Any) -> HttpResponse:
        self.request.session.pop(_OwnCode.KEY, None)
        record_authentication(
            self.request, _account(self.request), method="code", reauthenticated=True
        )
        response: HttpResponse = super().form_valid(form)
        return response
