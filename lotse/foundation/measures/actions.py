"""What the lines of the action log say on the screen: codes, and kinds of things (T41)."""

from django.utils.translation import gettext_lazy as _

NAMES = {
    "measures.measure.created": _("Maßnahme angelegt"),
    "measures.measure.changed": _("Maßnahme geändert"),
    "measures.measure.deleted": _("Maßnahme gelöscht"),
    "measures.measure.controlled": _("Maßnahme geprüft"),
    "measures.measure.helpers_changed": _("Beteiligte einer Maßnahme geändert"),
    "measures.measure.shared_out": _("Maßnahme an Partner verteilt"),
    "measures.measure.parts_reminded": _("An offene Teile einer Maßnahme erinnert"),
    "measures.measure.effect_recorded": _("Wirkung festgehalten"),
    "measures.note.added": _("Notiz hinzugefügt"),
    "measures.measure": _("Maßnahme"),
    "measures.progressnote": _("Notiz"),
    "measures.helper": _("Beteiligte an einer Maßnahme"),
}
