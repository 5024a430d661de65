"""Live notes: blocks of text of an item that several people write at once (rulings 20)."""

from django.db import models

from lotse.foundation.core import clock
from lotse.foundation.core.models import Entity
from lotse.foundation.parties.models import Person
from lotse.rooms.bodies.models.meetings import AgendaItem


class NoteBlock(Entity):
    """Notes to an item. `revision` rises with each accepted save; each is kept."""

    item = models.ForeignKey(AgendaItem, on_delete=models.CASCADE, related_name="notes")
    person = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    text = models.TextField(blank=True, default="")
    revision = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["pk"]


class NoteVersion(Entity):
    """What a block said at one revision: what a later merge is made against."""

    block = models.ForeignKey(NoteBlock, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    text = models.TextField(blank=True, default="")
    at = models.DateTimeField(default=clock.now)
    person = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    merged = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["block", "number"], name="note_version_once")
        ]
