"""Where words about an organisation name a person: reasons of changes, words of announcements,
notes of the office. They stay with the organisation, without the name."""

from collections.abc import Iterator
from typing import Any

from django.db.models import Model
from django.utils.translation import gettext as _

from lotse.foundation.parties.models import Affiliation, Person
from lotse.foundation.parties.privacy.identity import shells_of, words_of
from lotse.foundation.parties.privacy.rows import planned, without_words
from lotse.rooms.directory.models import Announcement, Entry, Letter, OfficeNote, Revision

_TEXTS: tuple[tuple[type[Model], tuple[str, ...]], ...] = (
    (Revision, ("reason",)),
    (Announcement, ("note", "answer_note")),
    (OfficeNote, ("text",)),
)


def _keys(person: int) -> list[int]:
    """Entries of the organisations the person has or had a seat in, or was written to for."""
    shells = shells_of(person)
    seats = Affiliation.objects.filter(person__uuid__in=shells).values("organisation")
    letters = Letter.objects.filter(person__uuid__in=shells).values("entry__organisation")
    found = Entry.objects.filter(organisation__in=seats) | Entry.objects.filter(
        organisation__in=letters
    )
    return list(found.values_list("pk", flat=True))


def _found(person: int) -> Iterator[tuple[Model, dict[str, str]]]:
    """(row, its texts without the person) for each that names the person."""
    words = words_of(Person.objects.get(pk=person))
    keys = _keys(person) if words else []
    for model, names in _TEXTS:
        rows = model._default_manager.filter(entry__in=keys).order_by("pk")
        for one in rows.only("pk", "uuid", "entry", *names):
            held = {name: getattr(one, name) for name in names}
            bare = without_words(held, words)
            if bare != held:
                yield one, bare


def notes_naming(person: int) -> list[OfficeNote]:
    """Notes about organisations that name the person. Six queries or more."""
    keys = [one.pk for one, _bare in _found(person) if isinstance(one, OfficeNote)]
    return list(OfficeNote.objects.filter(pk__in=keys).order_by("pk"))


def preview(person: int) -> list[dict[str, Any]]:
    """What `erase` does."""
    return planned(_("Texte zu Organisationen, die die Person nennen"),
                   sum(1 for _one in _found(person)), "pseudonymise", kind="B",
                   reason=_("Die Texte gehören zur Organisation. Der Name wird "
                            "entfernt."))  # fmt: skip


def erase(person: int) -> int:
    """Takes the person's name and addresses out of those texts; returns out of how many. Call it
    while the person still has seats and letters."""
    count = 0
    for one, bare in list(_found(person)):
        type(one)._default_manager.filter(pk=one.pk).update(**bare)
        count += 1
    return count
