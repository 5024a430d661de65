"""What the lines of the action log say on the screen: codes, and kinds of things (T41)."""

from django.utils.translation import gettext_lazy as _

NAMES = {
    "checks.answer.saved": _("Bewertung gespeichert"),
    "checks.answer.rated_again": _("neu bewertet"),
    "checks.assessment.started": _("Check begonnen"),
    "checks.assessment.repeated": _("neue Runde begonnen"),
    "checks.assessment.claimed": _("Check ins Konto übernommen"),
    "checks.assessment.given": _("Check weitergegeben"),
    "checks.assessment.shared": _("Check geteilt"),
    "checks.assessment.scope_changed": _("Angaben zum Check geändert"),
    "checks.assessment.deleted": _("Check gelöscht"),
    "checks.share.ended": _("Teilen beendet"),
    "checks.link.sent": _("Link gesendet"),
    "checks.link.renewed": _("Link erneuert"),
    "checks.revision.imported": _("Inhalt eines Checks eingelesen"),
    "checks.check.published": _("Check veröffentlicht"),
    "checks.check.withdrawn": _("Check zurückgezogen"),
    "checks.check": _("Check"),
    "checks.checkrevision": _("Inhalt eines Checks"),
    "checks.assessment": _("Durchgang eines Checks"),
    "checks.answer": _("Bewertung"),
    "checks.share": _("geteilter Check"),
}
