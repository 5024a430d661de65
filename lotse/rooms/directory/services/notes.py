"""What the office notes about a partner for itself: seen by the office, part of a person's own
data, never exported to others."""

from django.db import transaction
from django.utils.translation import gettext as _

from lotse.foundation.core import actionlog, once, text
from lotse.foundation.core.actor import Actor
from lotse.foundation.core.errors import Refused
from lotse.foundation.core.permissions import require
from lotse.rooms.directory.models import Entry, OfficeNote
from lotse.rooms.directory.services.entries import subject_of

MANAGE = "directory.entry.manage"
LENGTH = 4000
MOST = 200


@transaction.atomic
def add_note(entry: Entry, *, actor: Actor, words: str, key: str = "") -> OfficeNote:
    """Adds a note of the office. The log names the note, not its words: an erasure has to be able
    to remove them. Raises NotAllowed, Refused. Five queries."""
    require(MANAGE, actor, entry)
    claim = once.claim(key or once.new_key(), scope=f"directory.note:{entry.uuid}")
    if claim.repeated:
        return OfficeNote.objects.get(uuid=claim.answer)
    said = _checked(words)
    if entry.notes.count() >= MOST:
        raise Refused(_("Mehr als 200 Notizen sind hier nicht vorgesehen. Löschen Sie alte."))
    note = OfficeNote.objects.create(entry=entry, text=said, by=actor.ref)
    claim.remember(str(note.uuid))
    actionlog.record("directory.note.added", note, actor=actor, subject=subject_of(entry))
    return note


@transaction.atomic
def delete_note(note: OfficeNote, *, actor: Actor) -> None:
    """Deletes a note for good. Raises NotAllowed."""
    require(MANAGE, actor, note.entry)
    subject = subject_of(note.entry)
    actionlog.record("directory.note.deleted", note, actor=actor, subject=subject)
    note.delete()


def _checked(value: str) -> str:
    words = text.clean(value)
    if not words:
        raise Refused(_("Bitte schreiben Sie etwas."))
    if len(words) > LENGTH:
        raise Refused(_("Die Notiz ist zu lang: erlaubt sind %(most)s Zeichen.") % {"most": LENGTH})
    return words
