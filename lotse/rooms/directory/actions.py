"""What the action log calls the acts of this room (T41)."""

from typing import Any

from django.utils.translation import gettext_lazy as _

NAMES: dict[str, Any] = {
    "directory.entry.created": _("Steckbrief angelegt"),
    "directory.entry.saved": _("Steckbrief geändert"),
    "directory.entry.confirmed": _("Steckbrief bestätigt"),
    "directory.entry.flagged": _("Kennzeichen eines Steckbriefs gesetzt"),
    "directory.entry.archived": _("Steckbrief archiviert"),
    "directory.entry.restored": _("Steckbrief aus dem Archiv geholt"),
    "directory.entry.published": _("Steckbrief veröffentlicht"),
    "directory.entry.unpublished": _("Veröffentlichung beendet"),
    "directory.entry.imported": _("Steckbrief eingelesen"),
    "directory.announcement.made": _("Veröffentlichung angekündigt"),
    "directory.announcement.approved": _("Ankündigung zugestimmt"),
    "directory.announcement.changed": _("Nach Ankündigung geändert"),
    "directory.announcement.objected": _("Ankündigung widersprochen"),
    "directory.announcement.withdrawn": _("Ankündigung zurückgezogen"),
    "directory.note.added": _("Interne Notiz hinzugefügt"),
    "directory.note.deleted": _("Interne Notiz gelöscht"),
    "directory.message.sent": _("Nachricht weitergeleitet"),
    "directory.template.created": _("Vorlage angelegt"),
    "directory.template.changed": _("Vorlage geändert"),
    "directory.template.sent": _("Vorlage zur Abstimmung gesendet"),
    "directory.template.answered": _("Zur Vorlage geantwortet"),
    "directory.template.adopted": _("Vorlage gilt"),
    "directory.joining.changed": _("Regeln für neue Partner geändert"),
    "directory.application.received": _("Bewerbung eingegangen"),
    "directory.application.checked": _("Bewerbung geprüft"),
    "directory.application.accepted": _("Bewerbung angenommen"),
    "directory.application.declined": _("Bewerbung abgelehnt"),
    "directory.application.withdrawn": _("Bewerbung zurückgezogen"),
    "directory.search.saved": _("Suche gespeichert"),
    "directory.search.changed": _("Gespeicherte Suche geändert"),
    "directory.search.deleted": _("Gespeicherte Suche gelöscht"),
}
