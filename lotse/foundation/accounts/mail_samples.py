"""The mails of the accounts by their codes, with example data for the desk."""

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext_lazy as _

from lotse.foundation.accounts import letters
from lotse.foundation.core import hooks, mail

ADDRESS = "kim.muster@verein.example"
CODE = "1234-5678"
Letter = tuple[str, list[mail.Block]]
_MAILS: dict[str, tuple[Any, Callable[[], Letter | None]]] = {
    "accounts.code.login": (
        _("Code zum Anmelden"), lambda: letters.code_letter("login", CODE)),
    "accounts.code.verify": (
        _("Code zum Bestätigen der Adresse"), lambda: letters.code_letter("verify", CODE)),
    "accounts.code.reset": (
        _("Code für ein neues Passwort"), lambda: letters.code_letter("reset", CODE)),
    "accounts.code.reauth": (
        _("Code zur Bestätigung"), lambda: letters.code_letter("reauth", CODE)),
    "accounts.unknown": (_("Kein Konto zu dieser Adresse"), letters.no_account_letter),
    "accounts.exists": (_("Konto gibt es schon"), letters.has_account_letter),
    "accounts.blocked": (_("Mehrere falsche Passwörter"), letters.blocked_letter),
    "accounts.device": (
        _("Anmeldung von einem neuen Gerät"), lambda: letters.device_letter("Firefox / Linux")),
    "accounts.changed": (
        _("Änderung am Konto"), lambda: letters.notice("password_changed", {})),
}  # fmt: skip
_MERGED = hooks.MailKind("accounts.merged", _("Zwei Konten zusammengeführt"), private=True)


def _write(code: str) -> Callable[[Any, str], None]:
    def write(network: Any, lang: str) -> None:
        letter = _MAILS[code][1]()
        if letter is not None:
            # Who tries passwords does so at no network: that letter is Lotse's own.
            look = None if code == "accounts.blocked" else network
            letters.write(code, ADDRESS, subject=letter[0], body=letter[1], network=look, lang=lang)

    return write


def _merged(network: Any, lang: str) -> None:
    letters.tell_merged(ADDRESS, "kim@verein.example", langs=(lang, lang))


def register() -> None:
    """Puts kinds and samples into the lists; called when apps are ready."""
    for code, (title, _letter) in _MAILS.items():
        hooks.mail_kinds.register(hooks.MailKind(code, title, private=True))
        hooks.mail_samples.register(hooks.MailSample(code, _write(code)))
    hooks.mail_kinds.register(_MERGED)
    hooks.mail_samples.register(hooks.MailSample(_MERGED.code, _merged))
