"""Codes of second factors, limited and used once in the database (T12, T14)."""

from typing import Any

from allauth.mfa.base import forms as base
from allauth.mfa.internal.flows.add import validate_can_add_authenticator
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.totp.internal.auth import validate_totp_code
from allauth.mfa.webauthn.forms import AddWebAuthnForm
from django import forms
from django.utils.translation import gettext_lazy as _

from lotse.foundation.accounts.factors import Adapter
from lotse.foundation.accounts.forms.signin import CodeField
from lotse.foundation.accounts.services.factors import NAME_MOST
from lotse.foundation.core import limits
from lotse.foundation.core.errors import TooMany
from lotse.foundation.ui.forms import Form, LineField


def _once(user: Any, authenticator: Any, code: str) -> None:
    """A code of the app is good once, on whichever process. Raises ValidationError."""
    if authenticator.type != Authenticator.Type.TOTP:
        return
    digits = "".join(letter for letter in code if letter.isdigit())
    try:
        limits.hit("accounts.factor.once", f"{user.pk}|{digits}")
    except TooMany:
        raise Adapter().validation_error("incorrect_code") from None


class _Code:
    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"] = CodeField(  # type: ignore[attr-defined]  # of allauth's untyped form
            label=_("Code aus der App oder Ersatzcode")
        )

    def clean_code(self) -> str:
        """Counts before it looks: five wrong codes in 15 minutes and account. Raises TooMany."""
        user = self.user  # type: ignore[attr-defined]  # of allauth's untyped form
        limits.hit("accounts.factor", str(user.pk))
        code: str = super().clean_code()  # type: ignore[misc]  # of allauth's untyped form
        _once(user, self.authenticator, code)  # type: ignore[attr-defined]  # of allauth's untyped form
        limits.forget("accounts.factor", str(user.pk))
        return code


class Authenticate(_Code, base.AuthenticateForm):
    """The second factor at sign-in."""


class Reauthenticate(_Code, base.ReauthenticateForm):
    """The second factor as an answer to "is it you?"."""


class ActivateTOTP(ActivateTOTPForm):
    """The first code of the app shows that it is set up."""

    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"] = CodeField(label=_("Code aus der App"))

    def clean_code(self) -> str:
        limits.hit("accounts.factor", str(self.user.pk))
        validate_can_add_authenticator(self.user)
        code: str = self.cleaned_data["code"]
        if not validate_totp_code(self.secret, code):
            raise Adapter().validation_error("incorrect_code")
        limits.forget("accounts.factor", str(self.user.pk))
        return code


KNOWN_BY = _("Woran Sie ihn erkennen, zum Beispiel „Telefon“.")


class AddPasskey(AddWebAuthnForm):
    """A passkey with a name of its own; always one that signs in alone."""

    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"] = LineField(
            label=_("Name"),
            max_length=NAME_MOST,
            help_text=KNOWN_BY,
            required=False,
        )
        self.fields["passwordless"].widget = forms.HiddenInput()
        self.initial["passwordless"] = "on"


class RenamePasskey(Form):
    """Another name for a passkey."""

    name = LineField(label=_("Name"), max_length=NAME_MOST, help_text=KNOWN_BY)
