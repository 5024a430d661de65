"""What the lines of the action log say on the screen."""

from django.utils.translation import gettext_lazy as _

NAMES = {
    "procedures.period.opened": _("Frist für Einwände begonnen"),
    "procedures.period.ended": _("Frist für Einwände beendet"),
    "procedures.objection.made": _("Einwand erhoben"),
    "procedures.objection.answered": _("Einwand beantwortet"),
    "procedures.objection.withdrawn": _("Einwand zurückgezogen"),
    "procedures.objectionperiod": _("Frist für Einwände"),
    "procedures.objection": _("Einwand"),
}
