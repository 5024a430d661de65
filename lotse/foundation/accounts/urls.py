"""Addresses of the account. Allauth looks its own pages up by these names; what is not here (phone,
social accounts, links for confirmation) does not exist."""

from django.urls import include, path
from django.urls.resolvers import URLPattern, URLResolver
from django.views.decorators.http import require_http_methods
from django.views.generic.base import RedirectView

from lotse.foundation.accounts.views import factors, own, signin

_own = [
    path("", own.overview, name="overview"),
    path("sitzungen/", own.session_list, name="sessions"),
    path("sitzungen/andere-beenden/", own.end_others, name="sessions-end-others"),
    path("sitzungen/<uuid:uuid>/beenden/", own.end_session, name="session-end"),
    path("schluessel/", own.token_list, name="tokens"),
    path("schluessel/<uuid:uuid>/zurueckziehen/", own.revoke_token, name="token-revoke"),
    path(
        "zwei-faktor/passkey/<str:key>/umbenennen/", factors.rename_passkey, name="passkey-rename"
    ),
    path("zwei-faktor/passkey/<str:key>/entfernen/", factors.remove_passkey, name="passkey-remove"),
]
_gone = RedirectView.as_view(
    pattern_name="mfa_index", http_method_names=["get", "head"], permanent=False
)
_change_password = signin.ChangePassword.as_view()

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include((_own, "accounts"))),
    path("anmelden/", signin.Login.as_view(), name="account_login"),
    path("anmelden/platz/", signin.place, name="account_place"),
    path("anmelden/code/", signin.RequestCode.as_view(), name="account_request_login_code"),
    path(
        "anmelden/code/eingeben/",
        signin.ConfirmLoginCode.as_view(),
        name="account_confirm_login_code",
    ),
    path("anmelden/passkey/", signin.PasskeyLogin.as_view(), name="mfa_login_webauthn"),
    path("anmelden/zweiter-faktor/", factors.Authenticate.as_view(), name="mfa_authenticate"),
    path("abmelden/", signin.Logout.as_view(), name="account_logout"),
    path("gesperrt/", signin.Inactive.as_view(), name="account_inactive"),
    path("registrieren/", signin.Signup.as_view(), name="account_signup"),
    path("adresse/", signin.ChangeEmail.as_view(), name="account_email"),
    path(
        "adresse/bestaetigen/",
        signin.ConfirmEmail.as_view(),
        name="account_email_verification_sent",
    ),
    path("passwort/", _change_password, name="account_change_password"),
    path("passwort/setzen/", _change_password, name="account_set_password"),
    path("passwort/vergessen/", signin.PasswordReset.as_view(), name="account_reset_password"),
    path(
        "passwort/vergessen/code/",
        signin.ConfirmResetCode.as_view(),
        name="account_confirm_password_reset_code",
    ),
    path(
        "passwort/vergessen/neu/",
        signin.CompleteReset.as_view(),
        name="account_complete_password_reset",
    ),
    path(
        "passwort/vergessen/fertig/",
        signin.ResetDone.as_view(),
        name="account_password_reset_completed",
    ),
    path("pruefen/", signin.Reauthenticate.as_view(), name="account_reauthenticate"),
    path(
        "pruefen/code/", signin.ReauthenticateByCode.as_view(), name="account_reauthenticate_code"
    ),
    path("pruefen/faktor/", factors.Reauthenticate.as_view(), name="mfa_reauthenticate"),
    path(
        "pruefen/passkey/",
        factors.ReauthenticatePasskey.as_view(),
        name="mfa_reauthenticate_webauthn",
    ),
    path("zwei-faktor/", factors.index, name="mfa_index"),
    path("zwei-faktor/app/", factors.ActivateTOTP.as_view(), name="mfa_activate_totp"),
    path(
        "zwei-faktor/app/entfernen/", factors.DeactivateTOTP.as_view(), name="mfa_deactivate_totp"
    ),
    path("zwei-faktor/passkeys/", _gone, name="mfa_list_webauthn"),
    path("zwei-faktor/passkeys/neu/", factors.AddPasskey.as_view(), name="mfa_add_webauthn"),
    path("zwei-faktor/codes/", factors.RecoveryCodes.as_view(), name="mfa_view_recovery_codes"),
    path(
        "zwei-faktor/codes/neu/",
        factors.NewRecoveryCodes.as_view(),
        name="mfa_generate_recovery_codes",
    ),
    path("zwei-faktor/codes/laden/", factors.download_codes, name="mfa_download_recovery_codes"),
]

# Django's form views take PUT for POST; here nothing but the two is a way in (T01).
for _pattern in urlpatterns:
    if isinstance(_pattern, URLPattern):
        _pattern.callback = require_http_methods(["GET", "HEAD", "POST"])(_pattern.callback)
