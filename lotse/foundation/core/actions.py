"""What the lines of the action log say on the screen: codes, and kinds of things (T41)."""

from django.utils.translation import gettext_lazy as _

NAMES = {
    "core.mail.written": _("Mail geschrieben"),
    "core.mail.resent": _("Mail erneut gesendet"),
    "core.trash.restored": _("aus dem Papierkorb geholt"),
    "tables.read": _("in die Tabellen gesehen"),
    "core.outboxmail": _("Mail"),
    "core.trashitem": _("Gelöschtes"),
}
