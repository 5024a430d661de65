"""What the lines of the action log say on the screen: codes, and kinds of things (T41)."""

from django.utils.translation import gettext_lazy as _

NAMES = {
    "accounts.account.created": _("Konto angelegt"),
    "accounts.account.suspended": _("Konto gesperrt"),
    "accounts.account.merged": _("Konten zusammengeführt"),
    "accounts.account.factors_reset": _("zweite Faktoren zurückgesetzt"),
    "accounts.session.begun": _("angemeldet"),
    "accounts.session.ended": _("abgemeldet"),
    "accounts.session.others_ended": _("andere Sitzungen beendet"),
    "accounts.password.changed": _("Passwort geändert"),
    "accounts.password.reset": _("Passwort neu gesetzt"),
    "accounts.password.attacked": _("viele falsche Passwörter"),
    "accounts.email.changed": _("Adresse geändert"),
    "accounts.mail.chosen": _("Mails gewählt"),
    "accounts.factor.totp.added": _("App eingerichtet"),
    "accounts.factor.totp.removed": _("App entfernt"),
    "accounts.factor.webauthn.added": _("Passkey hinzugefügt"),
    "accounts.factor.webauthn.removed": _("Passkey entfernt"),
    "accounts.factor.webauthn.renamed": _("Passkey umbenannt"),
    "accounts.factor.recovery_codes.added": _("neue Ersatzcodes"),
    "accounts.token.created": _("Schlüssel angelegt"),
    "accounts.token.revoked": _("Schlüssel zurückgezogen"),
    "accounts.token.weakened": _("Rechte eines Schlüssels verringert"),
    "accounts.account": _("Konto"),
    "accounts.session": _("Sitzung im Browser"),
    "accounts.accesstoken": _("Schlüssel"),
}
