"""Second factors: secrets encrypted at rest, a last one that is demanded stays."""

import base64
import hashlib
from typing import Any

from allauth.core import context as current
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.utils.translation import gettext_lazy as _

from lotse.foundation.accounts.strength import needs_second_factor
from lotse.foundation.core import keys


class Adapter(DefaultMFAAdapter):
    """Allauth's second factors in our words."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "cannot_delete_authenticator": _(
            "Ihre Rolle verlangt einen zweiten Faktor. Richten Sie zuerst einen anderen ein."
        ),
        "cannot_generate_recovery_codes": _(
            "Ersatzcodes gibt es erst, wenn ein zweiter Faktor eingerichtet ist."
        ),
        "incorrect_code": _("Dieser Code stimmt nicht, oder er wurde schon benutzt."),
        "unverified_email": _("Bitte bestätigen Sie zuerst Ihre E-Mail-Adresse."),
    }

    def encrypt(self, text: str) -> str:
        return _cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _cipher().decrypt(encrypted_text.encode()).decode()

    def can_delete_authenticator(self, authenticator: Any) -> bool:
        """The last factor stays while a role demands one."""
        others = Authenticator.objects.filter(
            user_id=authenticator.user_id,
            type__in=[Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN],
        ).exclude(pk=authenticator.pk)
        return others.exists() or not needs_second_factor(authenticator.user)

    def generate_authenticator_name(self, user: Any, type: Any) -> str:
        return str(_("Mein Passkey"))

    def get_totp_issuer(self) -> str:
        network = getattr(current.request, "network", None)
        # A colon separates issuer and account in the address the app reads.
        return (network.name if network else "Lotse").replace(":", " ")

    def _get_site_name(self) -> str:
        return self.get_totp_issuer()


def _cipher() -> MultiFernet:
    """Keys made of the installation's secret; the first encrypts, older ones still decrypt."""
    return MultiFernet([_fernet(key) for key in keys.all_keys()])


def _fernet(key: str) -> Fernet:
    made = hashlib.sha256(f"lotse.factors|{key}".encode()).digest()
    return Fernet(base64.urlsafe_b64encode(made))


def with_present_key(text: str) -> str:
    """The same secret encrypted with the present key; unchanged where it is already. Raises
    InvalidToken where no key opens it."""
    try:
        _fernet(keys.all_keys()[0]).decrypt(text)
    except InvalidToken:
        return _cipher().rotate(text).decode()
    return text
