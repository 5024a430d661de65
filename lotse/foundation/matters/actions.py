"""What the lines of the action log say on the screen."""

from django.utils.translation import gettext_lazy as _

NAMES = {
    "matters.matter.started": _("Vorgang begonnen"),
    "matters.matter.changed": _("Vorgang geändert"),
    "matters.matter.moved": _("Stand eines Vorgangs geändert"),
    "matters.matter.merged": _("Vorgang zusammengeführt"),
    "matters.matter.split": _("Vorgang geteilt"),
    "matters.knot.tied": _("In einen Vorgang aufgenommen"),
    "matters.knot.untied": _("Aus einem Vorgang gelöst"),
    "matters.step.added": _("Schritt geplant"),
    "matters.step.changed": _("Schritt geändert"),
    "matters.step.placed": _("Schritt verschoben"),
    "matters.step.removed": _("Schritt entfernt"),
    "matters.matter": _("Vorgang"),
    "matters.knot": _("Verknüpfung eines Vorgangs"),
    "matters.step": _("Schritt eines Vorgangs"),
}
