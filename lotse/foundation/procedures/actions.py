"""What the lines of the action log say on the screen."""

from django.utils.translation import gettext_lazy as _

NAMES = {
    "procedures.objectionperiod": _("Frist für Einwände"),
    "procedures.objection": _("Einwand"),
}
