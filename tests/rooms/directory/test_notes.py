"""What the office notes for itself."""

import pytest

from lotse.foundation.core import once
from lotse.foundation.core.errors import NotAllowed, Refused
from lotse.foundation.core.models import LogEntry
from lotse.rooms.directory.models import Entry, OfficeNote
from lotse.rooms.directory.services import notes
from tests.people import Cast

pytestmark = pytest.mark.django_db


def test_the_office_notes_and_deletes(cast: Cast, entry_a: Entry) -> None:
    office, key = cast.actor("office"), once.new_key()
    made = [notes.add_note(entry_a, actor=office, words="Ruft an.", key=key) for _ in range(2)]
    assert made[0] == made[1] == OfficeNote.objects.get()
    assert made[0].by == office.ref
    notes.delete_note(made[0], actor=office)
    assert not OfficeNote.objects.exists()


def test_its_words_are_not_in_the_log(cast: Cast, entry_a: Entry) -> None:
    note = notes.add_note(entry_a, actor=cast.actor("office"), words="Vertraulich.")
    notes.delete_note(note, actor=cast.actor("office"))
    lines = LogEntry.objects.filter(code__startswith="directory.note")
    assert lines.count() == 2
    assert all(line.before is None and line.after is None for line in lines)


@pytest.mark.parametrize("words", ["", "  \n ", "x" * 4001])
def test_nothing_and_too_much_are_refused(cast: Cast, entry_a: Entry, words: str) -> None:
    with pytest.raises(Refused):
        notes.add_note(entry_a, actor=cast.actor("office"), words=words)


@pytest.mark.parametrize("role", ["editor_a", "coordinator", "auditor", "foreign_office",
                                  "member"])  # fmt: skip
def test_nobody_else(cast: Cast, entry_a: Entry, role: str) -> None:
    with pytest.raises(NotAllowed):
        notes.add_note(entry_a, actor=cast.actor(role), words="Hallo")
    note = notes.add_note(entry_a, actor=cast.actor("office"), words="Ruft an.")
    with pytest.raises(NotAllowed):
        notes.delete_note(note, actor=cast.actor(role))
