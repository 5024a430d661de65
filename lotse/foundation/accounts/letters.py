"""The mails of the accounts: security mail, which has no switch. Codes are private (T32)."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.timezone import localtime
from django.utils.translation import get_language, gettext_lazy, override
from django.utils.translation import gettext as _

from lotse.foundation.accounts.sessions import device_words
from lotse.foundation.core import clock, mail
from lotse.foundation.core.errors import Refused


def write(
    code: str,
    address: str,
    *,
    subject: str,
    body: Sequence[mail.Block],
    network: Any = None,
    lang: str = "",
) -> None:
    """One security mail into the outbox, in the language of the page."""
    mail.send(
        code=code,
        mail_class="security",
        address=address,
        lang=lang or (get_language() or "de")[:2],
        subject=subject,
        reason=_("weil mit dieser Adresse ein Konto benutzt wird oder benutzt werden sollte"),
        body=body,
        network=network,
    )


def network_of(request: HttpRequest | None) -> Any:
    """The network the page belongs to, for the look of the mail; None for Lotse's own."""
    return getattr(request, "network", None) or None


def _care() -> str:
    return _(
        "Waren Sie das nicht? Dann ändern Sie bitte Ihr Passwort und beenden Sie alle anderen "
        "Sitzungen. Wenn Sie nicht mehr hineinkommen, melden Sie sich bei der Geschäftsstelle."
    )


def _account_link() -> mail.Link:
    return mail.Link(_("Mein Konto"), reverse("accounts:overview"))


def code_letter(kind: str, code: str) -> tuple[str, list[mail.Block]]:
    """Subject and body of a mail with a one-time code: login, verify, reset, reauth."""
    purpose = {
        "login": _("Geben Sie diesen Code ein, um sich anzumelden:"),
        "verify": _("Geben Sie diesen Code ein, um Ihre Adresse zu bestätigen:"),
        "reset": _("Geben Sie diesen Code ein, um ein neues Passwort zu setzen:"),
        "reauth": _("Geben Sie diesen Code ein, um zu zeigen, dass Sie es sind:"),
    }[kind]
    subject = {
        "login": _("Ihr Code zum Anmelden"),
        "verify": _("Ihr Code zum Bestätigen der Adresse"),
        "reset": _("Ihr Code für ein neues Passwort"),
        "reauth": _("Ihr Code zur Bestätigung"),
    }[kind]
    care = _(
        "Der Code gilt 15 Minuten und nur einmal. Geben Sie ihn niemandem weiter, auch nicht am "
        "Telefon. Haben Sie nichts angefordert? Dann tun Sie einfach nichts."
    )
    return subject, [_("Guten Tag,"), purpose, code, care]


def no_account_letter() -> tuple[str, list[mail.Block]]:
    """For an address without account: only its owner learns so (T13)."""
    return _("Zu dieser Adresse gibt es kein Konto"), [
        _("Guten Tag,"),
        _("jemand wollte sich mit dieser Adresse anmelden. Zu ihr gibt es hier kein Konto. "
          "Vielleicht nutzen Sie sonst eine andere Adresse."),
        mail.Link(_("Zur Anmeldung"), reverse("account_login")),
        _("Waren Sie das nicht? Dann tun Sie einfach nichts."),
    ]  # fmt: skip


def has_account_letter() -> tuple[str, list[mail.Block]]:
    """For an address that already has an account and was given at registration."""
    return _("Sie haben schon ein Konto"), [
        _("Guten Tag,"),
        _("jemand wollte mit dieser Adresse ein neues Konto anlegen. Sie haben schon eines: "
          "Melden Sie sich damit an."),
        mail.Link(_("Zur Anmeldung"), reverse("account_login")),
        _("Waren Sie das nicht? Dann tun Sie einfach nichts."),
    ]  # fmt: skip


def blocked_letter() -> tuple[str, list[mail.Block]]:
    """For the owner, once, when somebody tried wrong passwords (T10)."""
    return _("Mehrere falsche Passwörter für Ihr Konto"), [
        _("Guten Tag,"),
        _("jemand hat mehrmals ein falsches Passwort für Ihr Konto eingegeben. Weitere Versuche "
          "von dort bremsen wir. Sie selbst können sich weiter anmelden, mit Code oder Passkey "
          "auch sofort."),
        _("Waren Sie es selbst? Dann warten Sie kurz, oder lassen Sie sich einen Code senden."),
        mail.Link(_("Zur Anmeldung"), reverse("account_login")),
    ]  # fmt: skip


def device_letter(device: str) -> tuple[str, list[mail.Block]]:
    """A sign-in from a browser that was not seen before."""
    when = f"{localtime(clock.now()):%d.%m.%Y, %H:%M}"
    return _("Anmeldung von einem neuen Gerät"), [
        _("Guten Tag,"),
        _("in Ihrem Konto hat sich gerade jemand von einem Gerät angemeldet, das wir noch nicht "
          "kennen."),
        _("Gerät: %(device)s. Zeit: %(when)s Uhr.")
        % {"device": device_words(device), "when": when},
        _("Waren Sie das, müssen Sie nichts tun."),
        _care(),
        _account_link(),
    ]  # fmt: skip


def tell_merged(kept: str, closed: str, *, langs: tuple[str, str] = ("", "")) -> None:
    """Both inboxes learn that two accounts became one, and whom to ask if they should not have.

    `langs` are the languages of the two; empty is that of the page.
    """
    said = (
        gettext_lazy("ein zweites Konto, das auch Ihnen gehört, wurde mit diesem "
                     "zusammengeführt. Sie melden sich an wie bisher."),
        gettext_lazy("dieses Konto wurde mit einem anderen zusammengeführt, das auch Ihnen "
                     "gehört. Melden Sie sich künftig dort an. Das alte Passwort gilt nicht mehr."),
    )  # fmt: skip
    for address, what, lang in zip((kept, closed), said, langs, strict=True):
        # An address that no mail can reach must not keep them apart.
        with override(lang or get_language()), suppress(Refused):
            wrong = _("Gehört Ihnen nur eines der beiden? Dann melden Sie sich bitte gleich bei "
                      "der Geschäftsstelle.")  # fmt: skip
            body: list[mail.Block] = [_("Guten Tag,"), str(what), wrong, _account_link()]
            write("accounts.merged", address, subject=_("Zwei Konten sind jetzt eines"), body=body)


# allauth's notices: what happened, told to the owner. `{…}` are values of the context.
def notice(template: str, context: dict[str, Any]) -> tuple[str, list[mail.Block]] | None:
    """Subject and body for one of allauth's notices, by the last part of its template's name."""
    told = {
        "password_changed": _("Ihr Passwort wurde geändert."),
        "password_set": _("Für Ihr Konto wurde ein Passwort gesetzt."),
        "password_reset": _("Ihr Passwort wurde über einen Code neu gesetzt."),
        "email_changed": _("Die E-Mail-Adresse Ihres Kontos wurde geändert. Neu ist: %(new)s")
        % {"new": context.get("to_email", "")},
        "email_deleted": _("Eine E-Mail-Adresse wurde aus Ihrem Konto entfernt."),
        "totp_activated": _("Eine App für den zweiten Faktor wurde eingerichtet."),
        "totp_deactivated": _("Die App für den zweiten Faktor wurde entfernt."),
        "webauthn_added": _("Ein Passkey wurde hinzugefügt."),
        "webauthn_removed": _("Ein Passkey wurde entfernt."),
        "recovery_codes_generated": _("Es wurden neue Ersatzcodes erstellt. Die alten gelten "
                                      "nicht mehr."),
    }.get(template)  # fmt: skip
    if told is None:
        return None
    return _("Änderung an Ihrem Konto"), [_("Guten Tag,"), told, _care(), _account_link()]
