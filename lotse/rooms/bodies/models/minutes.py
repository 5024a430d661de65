"""Minutes: their states, their revisions that never change, the names in them."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from lotse.foundation.core import clock
from lotse.foundation.core.models import Entity
from lotse.foundation.parties.models import Network, Person
from lotse.rooms.bodies.models.bodies import Charter
from lotse.rooms.bodies.models.meetings import Meeting


class Attribution(Entity):
    """A name in records. Revisions refer to it by uuid, so that a name can be erased and every
    revision and checksum stays as it is (architecture: Erasure)."""

    network = models.ForeignKey(Network, on_delete=models.CASCADE, related_name="+")
    person = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    name = models.CharField(max_length=200)
    organisation = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        indexes = [models.Index(fields=["network", "name"])]


class Minutes(Entity):
    """The minutes of a meeting. draft -> circulated -> (corrected ->) adopted -> published; after
    adoption only marked corrections with a reason (rulings 5)."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Entwurf")
        CIRCULATED = "circulated", _("verschickt, Einwände möglich")
        CORRECTED = "corrected", _("berichtigt")
        ADOPTED = "adopted", _("genehmigt")
        PUBLISHED = "published", _("veröffentlicht")

    class AdoptedBy(models.TextChoices):
        DEADLINE = "deadline", _("durch Ablauf der Frist")
        MEETING = "meeting", _("in der nächsten Sitzung")

    meeting = models.OneToOneField(Meeting, on_delete=models.CASCADE, related_name="minutes")
    state = models.CharField(_("Stand"), max_length=12, choices=State.choices, default=State.DRAFT)
    level = models.CharField(
        _("Wer liest es?"), max_length=10, choices=Charter.Level.choices,
        default=Charter.Level.BODY,
    )  # fmt: skip
    circulated_at = models.DateTimeField(null=True)
    adopted_at = models.DateTimeField(null=True)
    adopted_by = models.CharField(max_length=10, choices=AdoptedBy.choices, blank=True, default="")
    adopted_in = models.ForeignKey(Meeting, null=True, on_delete=models.SET_NULL, related_name="+")
    published_at = models.DateTimeField(null=True)


class MinutesRevision(Entity):
    """The minutes as they stood at one state: canonical JSON and its SHA-256. Never changed nor
    deleted by itself (a trigger of the database refuses it)."""

    minutes = models.ForeignKey(Minutes, on_delete=models.CASCADE, related_name="revisions")
    number = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=12, choices=Minutes.State.choices)
    reason = models.CharField(_("Grund der Berichtigung"), max_length=300, blank=True, default="")
    content = models.TextField()
    sha256 = models.CharField(max_length=64)
    at = models.DateTimeField(default=clock.now)
    by = models.CharField(max_length=80)

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["minutes", "number"], name="minutes_revision_once")
        ]
