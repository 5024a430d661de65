"""Loading an entry for those who see its inside: drafts, revisions, what waits."""

from dataclasses import dataclass
from functools import cached_property
from uuid import UUID

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import get_language

from lotse.foundation.core.actor import Actor
from lotse.foundation.core.errors import NotAllowed
from lotse.foundation.core.permissions import get_visible, has
from lotse.foundation.parties.here import actor_in
from lotse.rooms.directory.models import Entry
from lotse.rooms.directory.permissions import looks_after
from lotse.rooms.directory.queries.own import title_of

VIEW, EDIT = "directory.entry.view", "directory.entry.edit"
PUBLISH, MANAGE = "directory.entry.publish", "directory.entry.manage"


@dataclass(frozen=True)
class Inside:
    """An entry with what the actor may do with it."""

    entry: Entry
    actor: Actor
    lang: str

    @cached_property
    def may_edit(self) -> bool:
        return self.actor.trusted or has(EDIT, self.actor, self.entry)

    @cached_property
    def may_publish(self) -> bool:
        return has(PUBLISH, self.actor, self.entry)

    @property
    def is_own(self) -> bool:
        """Whether it is the person's own, so that consents are the person's to give."""
        return self.entry.person_id is not None and self.entry.person_id == self.actor.person

    @property
    def on_behalf(self) -> bool:
        """Whether an edit is made for somebody else: by the office, without a say of its own."""
        return self.may_edit and not (
            self.is_own or self.entry.organisation_id in self.actor.organisations()
        )

    @property
    def may_read(self) -> bool:
        """Whether drafts and earlier revisions are theirs to see."""
        return looks_after(self.actor, self.entry) or self.may_edit or self.may_publish

    @property
    def title(self) -> str:
        return title_of(self.entry)


def desk_of(request: HttpRequest, inside: Inside) -> str:
    """The page of the entry at the desk, for who came from there and may look after it; else
    nothing. A word says so and never an address, so that no link leads elsewhere."""
    asked = request.POST.get(BACK) or request.GET.get(BACK)
    entry = inside.entry
    if asked != TO_DESK or entry.pk is None or not has(MANAGE, inside.actor, entry):
        return ""
    return reverse("desk:entry", args=[entry.uuid])


BACK, TO_DESK = "zurueck", "verwaltung"


def language() -> str:
    """The language of the page, two letters."""
    return (get_language() or "de")[:2]


def load(request: HttpRequest, uuid: UUID, *, edit: bool = False) -> Inside:
    """The entry, if the actor sees its inside (or edits it). One query, up to two more for who
    may less.

    Raises Http404 for strangers, NotAllowed for people who read what is published.
    """
    actor = actor_in(request)
    rows = Entry.objects.select_related("organisation", "person", "network", "latest__template")
    code = EDIT if edit else VIEW
    loaded = Inside(get_visible(code, actor, uuid, rows, also=(EDIT,)), actor, language())
    if not loaded.may_read:
        raise NotAllowed(EDIT)
    return loaded
