"""Signing in, registering, codes, passwords: allauth's forms with our fields and words."""

from typing import Any

from allauth.account import forms as base
from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import perform_password_login
from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from lotse.foundation.accounts import signin
from lotse.foundation.accounts.passwords import MAX_LENGTH
from lotse.foundation.accounts.services import accounts
from lotse.foundation.ui.forms import EmailField

TOO_LONG = _("Ein Passwort hat hier höchstens 128 Zeichen.")


class AddressField(EmailField):
    """An address for signing in: lower case, filled in by the browser."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("E-Mail-Adresse"))
        super().__init__(**kwargs)
        self.widget.attrs.update({"autocomplete": "username", "inputmode": "email"})

    def clean(self, value: Any) -> str:
        return str(super().clean(value)).lower()


class PasswordField(forms.CharField):
    """A password as it was typed: never cut, never trimmed; pasting is fine (T29)."""

    default_error_messages = {"max_length": TOO_LONG}

    def __init__(self, *, autocomplete: str = "current-password", **kwargs: Any) -> None:
        kwargs.setdefault("label", _("Passwort"))
        widget = forms.PasswordInput(attrs={"autocomplete": autocomplete})
        super().__init__(strip=False, widget=widget, **kwargs)

    def clean(self, value: Any) -> str:
        typed = str(super().clean(value))
        if len(typed) > 2 * MAX_LENGTH:  # far beyond: not even looked at
            raise forms.ValidationError(TOO_LONG, code="max_length")
        return typed


class NewPasswordField(PasswordField):
    """A password to be set; `user` is known by the form."""

    user: Any = None

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("Neues Passwort"))
        kwargs.setdefault(
            "help_text",
            _("Mindestens 12 Zeichen, besser 15 oder mehr. Am einfachsten sind mehrere Wörter, "
              "die nicht zusammengehören. Alle Zeichen und Leerzeichen gehen."),
        )  # fmt: skip
        super().__init__(autocomplete="new-password", **kwargs)

    def clean(self, value: Any) -> str:
        return str(get_adapter().clean_password(super().clean(value), user=self.user))


class CodeField(forms.CharField):
    """A code out of a mail: digits, with or without the line between."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("Code"))
        super().__init__(max_length=40, **kwargs)
        self.widget.attrs.update({"autocomplete": "one-time-code", "inputmode": "numeric"})
        self.widget.attrs.pop("maxlength", None)


def _stay() -> forms.BooleanField:
    return forms.BooleanField(
        label=_("Auf diesem Gerät 30 Tage angemeldet bleiben"), required=False
    )


class Login(base.LoginForm):
    """Address and password."""

    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"] = AddressField()
        self.fields["password"] = PasswordField()
        self.fields["remember"] = _stay()
        self.order_fields(["login", "password", "remember"])

    def _login_with_password(
        self, request: HttpRequest, redirect_url: str | None, credentials: dict[str, Any]
    ) -> HttpResponse:
        self._login.redirect_url = redirect_url
        request.session[signin.WISH] = bool(self.cleaned_data["remember"])
        response: HttpResponse = perform_password_login(request, credentials, self._login)
        return response


class RequestCode(base.RequestLoginCodeForm):
    """The address a code goes to."""

    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"] = AddressField()
        self.fields["remember"] = _stay()


class _Code:
    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"] = CodeField()  # type: ignore[attr-defined]  # of the form beside


class ConfirmLoginCode(_Code, base.ConfirmLoginCodeForm):
    """The code that signs in."""


class ConfirmEmailCode(_Code, base.ConfirmEmailVerificationCodeForm):
    """The code that proves an address."""


class ConfirmResetCode(_Code, base.ConfirmPasswordResetCodeForm):
    """The code that lets set a new password."""


class ConfirmOwnCode(_Code, base.BaseConfirmCodeForm):
    """The code that answers "is it you?"."""


class Signup(base.SignupForm):
    """An address is enough; a password can follow."""

    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"] = AddressField()
        self.fields.pop("password1", None)
        self.fields.pop("password2", None)

    def try_save(self, request: HttpRequest) -> Any:
        """For an address that has an account the same work is done, and undone (T13)."""
        if self.account_already_exists:
            accounts.pretend_account(request)
        return super().try_save(request)


class ResetPassword(base.ResetPasswordForm):
    """The address the code for a new password goes to."""

    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"] = AddressField()


class _NewPassword:
    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = NewPasswordField()
        field.user = self.user  # type: ignore[attr-defined]  # of allauth's untyped form
        self.fields = {"password1": field}


class ResetPasswordKey(_NewPassword, base.ResetPasswordKeyForm):
    """The new password after the code."""


class SetPassword(_NewPassword, base.SetPasswordForm):
    """A first or another password; who it is was asked before."""


class ChangeEmail(base.AddEmailForm):
    """The new address; it counts when its code was entered."""

    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"] = AddressField(label=_("Neue E-Mail-Adresse"))


class Reauthenticate(base.ReauthenticateForm):
    """The password once more."""

    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"] = PasswordField()
