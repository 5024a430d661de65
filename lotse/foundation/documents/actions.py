"""What the lines of the action log say on the screen: codes, and kinds of things (T41)."""

from django.utils.translation import gettext_lazy as _

NAMES = {
    "documents.document.kept": _("Datei hinzugefügt"),
    "documents.document.deleted": _("Datei gelöscht"),
    "documents.document": _("Datei"),
}
