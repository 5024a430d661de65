"""What the lines of the action log say on the screen."""

from django.utils.translation import gettext_lazy as _

NAMES = {
    "matters.matter": _("Vorgang"),
    "matters.knot": _("Verknüpfung eines Vorgangs"),
    "matters.step": _("Schritt eines Vorgangs"),
}
