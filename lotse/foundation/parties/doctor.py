"""What `lotse doctor` looks at among networks and people."""

from allauth.mfa.models import Authenticator

from lotse.foundation.core.hooks import Finding
from lotse.foundation.parties.models import Network, RoleGrant

_FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


def look() -> list[Finding]:
    """Demo data, an operator and the operator's second factor. Four queries."""
    demo = Network.objects.filter(is_demo=True).exists()
    found = [Finding("Keine Demodaten", "missing" if demo else "ok",
                     "Für den echten Betrieb mit leerem Datenordner beginnen")]  # fmt: skip
    grants = RoleGrant.objects.filter(role=RoleGrant.Role.OPERATOR, ended_at=None)
    accounts = set(grants.exclude(person__account=None).values_list("person__account", flat=True))
    if not accounts:
        todo = "lotse createoperator"
        return [*found, Finding("Zugang für den Betrieb", "check", todo)]
    strong = Authenticator.objects.filter(user__in=accounts, type__in=_FACTORS)
    weak = accounts - set(strong.values_list("user", flat=True))
    todo = "In Konto, Sicherheit: Passkey oder Authenticator-App einrichten"
    found.append(Finding("Zweiter Faktor für den Betrieb", "missing" if weak else "ok", todo))
    unset = Network.objects.filter(contact_email="").exists()
    found.append(Finding("Kontaktadresse jedes Netzwerks", "check" if unset else "ok",
                         "lotse setnetwork --contact-email …"))  # fmt: skip
    return found
