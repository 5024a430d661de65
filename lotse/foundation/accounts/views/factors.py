"""The second factor: overview, app, passkeys, recovery codes, the question for it."""

import json
from typing import Any, cast

from allauth.mfa import app_settings as mfa
from allauth.mfa.base import views as base
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.recovery_codes.internal import flows as code_flows
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as webauthn
from allauth.mfa.webauthn.internal import flows as webauthn_flows
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.serializers.json import DjangoJSONEncoder
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from lotse.foundation.accounts import reauth, signin
from lotse.foundation.accounts.factors import Adapter
from lotse.foundation.accounts.forms.factors import AddPasskey as AddPasskeyForm
from lotse.foundation.accounts.forms.factors import RenamePasskey as RenamePasskeyForm
from lotse.foundation.accounts.models import Account
from lotse.foundation.accounts.queries import factors_of, passkey_key
from lotse.foundation.accounts.services import accounts, factors, sessions, tokens
from lotse.foundation.accounts.strength import is_strong, needs_second_factor
from lotse.foundation.accounts.views.base import Page
from lotse.foundation.core import hooks
from lotse.foundation.core.errors import Refused


def _options(context: dict[str, Any]) -> str:
    """What the browser asks the device, for an attribute: a page holds no inline script."""
    return json.dumps(context.get("js_data"), cls=DjangoJSONEncoder)


def _added(request: HttpRequest, kind: str) -> None:
    """A factor was set up: this session is strong now, all others end."""
    account = cast(Account, request.user)
    authenticator = Authenticator.objects.filter(user_id=account.pk, type=kind).latest("pk")
    signin.strengthened(request, account, type=kind, id=authenticator.pk)
    _changed(request, f"{kind}.added")


def _removed(request: HttpRequest, kind: str) -> None:
    """A factor is gone: all other sessions end, keys for programs lose the roles it opened."""
    tokens.weaken_all(request.user)
    _changed(request, f"{kind}.removed")


def _changed(request: HttpRequest, what: str) -> None:
    row = getattr(request.session, "row", None)
    sessions.end_others(request.user, keep=row.uuid if row else None)
    accounts.note_change(request.user, f"factor.{what}")


@require_safe
@login_required
def index(request: HttpRequest) -> HttpResponse:
    """What is set up, what can be; for a role that demands a second factor, why."""
    context = {
        "factors": factors_of(request.user),
        "notices": [found for look in hooks.factor_notices if (found := look(request))],
        "demanded": not is_strong(request) and needs_second_factor(request.user),
        "next": request.GET.get("next", ""),
    }
    return render(request, "mfa/index.html", context)


class Authenticate(base.AuthenticateView):
    """The second factor at sign-in: a code or a passkey."""

    http_method_names = ["get", "head", "post"]
    template_name = "mfa/authenticate.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return {**context, "passkey_options": _options(context)}

    def form_invalid(self, form: Any) -> HttpResponse:
        response: HttpResponse = super().form_invalid(form)
        response.status_code = 422
        return response


class Reauthenticate(Page, base.ReauthenticateView):
    """ "Is it you?" with the code of the app or a recovery code."""

    template_name = "account/reauthenticate.html"
    title = _("Sind Sie es?")
    lead = _("Bevor es weitergeht, geben Sie bitte einen Code aus Ihrer App ein.")
    button = _("Weiter")


class ReauthenticatePasskey(Page, webauthn.ReauthenticateWebAuthnView):
    """ "Is it you?" with a passkey."""

    template_name = "mfa/reauthenticate_passkey.html"
    title = _("Sind Sie es?")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        context["reauthentication_alternatives"] = self.get_reauthentication_alternatives()
        context["passkey_options"] = _options(context)
        return context

    def form_invalid(self, form: Any) -> HttpResponse:
        return Page.form_invalid(self, form)


class ActivateTOTP(Page, totp.ActivateTOTPView):
    """The app: QR code, the key to type, the first code."""

    template_name = "mfa/totp.html"

    @method_decorator([login_required, reauth.required])
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        return super().dispatch(request, *args, **kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        response: HttpResponse = super().form_valid(form)
        _added(self.request, Authenticator.Type.TOTP)
        return response


class DeactivateTOTP(Page, totp.DeactivateTOTPView):
    """Takes the app away, unless it is the last factor of a role that demands one."""

    template_name = "mfa/remove.html"
    title = _("App entfernen?")
    lead = _("Danach melden Sie sich ohne Code aus der App an.")
    button = _("App entfernen")

    def form_valid(self, form: Any) -> HttpResponse:
        response: HttpResponse = super().form_valid(form)
        _removed(self.request, "totp")
        return response


class AddPasskey(Page, webauthn.AddWebAuthnView):
    """A passkey: made by the device, kept under a name."""

    template_name = "mfa/passkey.html"
    form_class = AddPasskeyForm

    @method_decorator([login_required, reauth.required])
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        return super().dispatch(request, *args, **kwargs)

    def get_form_class(self) -> Any:
        return self.form_class

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        context["form"] = kwargs.get("form") or self.get_form()
        context["passkey_options"] = _options(context)
        return context

    def form_valid(self, form: Any) -> HttpResponse:
        response: HttpResponse = super().form_valid(form)
        _added(self.request, Authenticator.Type.WEBAUTHN)
        return response


def _own_passkey(request: HttpRequest, key: str) -> Authenticator:
    """The signed-in account's passkey of that name in addresses. Raises Http404."""
    own = Authenticator.objects.filter(user_id=request.user.pk, type=Authenticator.Type.WEBAUTHN)
    found = next((passkey for passkey in own if passkey_key(passkey) == key), None)
    if found is None:
        raise Http404
    return found


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@reauth.required
def rename_passkey(request: HttpRequest, key: str) -> HttpResponse:
    """Another name for a passkey, so that its owner knows which device it is."""
    found = _own_passkey(request, key)
    data = request.POST if request.method == "POST" else None
    form = RenamePasskeyForm(data, initial={"name": found.wrap().name})
    if data is not None and form.is_valid():
        factors.rename_passkey(request.user, found, name=form.cleaned_data["name"])
        messages.success(request, _t("Der Passkey heißt jetzt „%(name)s“.") % form.cleaned_data)
        return redirect("mfa_index")
    context = {
        "form": form,
        "title": _t("Passkey umbenennen"),
        "button": _t("Namen speichern"),
    }
    return render(request, "mfa/rename.html", context, status=200 if data is None else 422)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@reauth.required
def remove_passkey(request: HttpRequest, key: str) -> HttpResponse:
    """Asks, then takes a passkey away, unless it is the last factor of a role that demands one."""
    found = _own_passkey(request, key)
    if request.method == "POST":
        if not Adapter().can_delete_authenticator(found):
            raise Refused(str(Adapter.error_messages["cannot_delete_authenticator"]))
        webauthn_flows.remove_authenticator(request, found)
        _removed(request, "webauthn")
        return redirect("mfa_index")
    context = {
        "title": _t("Passkey entfernen?"),
        "lead": _t("Mit „%(name)s“ melden Sie sich danach nicht mehr an.")
        % {"name": found.wrap().name},
        "button": _t("Passkey entfernen"),
    }
    return render(request, "mfa/remove.html", context)


class RecoveryCodes(codes.ViewRecoveryCodesView):
    """The recovery codes: shown once, right after they were made."""

    http_method_names = ["get", "head"]
    template_name = "mfa/codes.html"


class NewRecoveryCodes(Page, codes.GenerateRecoveryCodesView):
    """Ten new codes; the old ones open nothing any more."""

    template_name = "mfa/remove.html"
    title = _("Neue Ersatzcodes erstellen?")
    lead = _("Die alten Codes gelten danach nicht mehr.")
    button = _("Codes erstellen")

    @method_decorator([login_required, reauth.required])
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        return super().dispatch(request, *args, **kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        response: HttpResponse = super().form_valid(form)
        tokens.weaken_all(self.request.user)
        return response


@require_POST
@login_required
@reauth.required
def download_codes(request: HttpRequest) -> HttpResponse:
    """The codes as a file. They are shown once only, so the page sends them along; nothing but the
    account's own codes comes back."""
    wrapper, _seen = code_flows.view_recovery_codes(request)
    shown = request.POST.getlist("codes")[: mfa.RECOVERY_CODE_COUNT]
    own = wrapper.get_unused_codes() if wrapper is not None else []
    if not own or sorted(shown) != sorted(own):
        raise Http404
    lines = [_t("Ersatzcodes für die Anmeldung. Jeder gilt einmal."), "", *own, ""]
    return HttpResponse(
        "\r\n".join(lines),
        content_type="text/plain; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="ersatzcodes.txt"'},
    )
