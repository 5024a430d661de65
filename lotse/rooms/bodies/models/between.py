"""Between meetings: ideas for later, appointments of several partners."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from lotse.foundation.core import clock
from lotse.foundation.core.models import Entity
from lotse.foundation.parties.models import Body, Network, Organisation
from lotse.foundation.topics.models import Region
from lotse.rooms.bodies.models.minutes import Attribution


class Idea(Entity):
    """A subject for later, with who proposed it; it may come into a work programme (S1-17)."""

    class State(models.TextChoices):
        OPEN = "open", _("im Speicher")
        PLANNED = "planned", _("im Arbeitsprogramm")
        TAKEN = "taken", _("auf einer Tagesordnung")
        DROPPED = "dropped", _("nicht weiter verfolgt")

    body = models.ForeignKey(Body, on_delete=models.CASCADE, related_name="ideas")
    title = models.CharField(_("Thema"), max_length=200)
    text = models.TextField(_("Worum geht es, wem hilft es?"), blank=True, default="")
    known = models.TextField(_("Was gibt es dazu schon?"), blank=True, default="")
    contribution = models.TextField(_("Was können wir beitragen?"), blank=True, default="")
    proposer = models.ForeignKey(
        Attribution, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    proposed_on = models.DateField(default=clock.today)
    state = models.CharField(_("Stand"), max_length=10, choices=State.choices, default=State.OPEN)
    programme = models.CharField(_("Arbeitsprogramm"), max_length=60, blank=True, default="")
    reason = models.CharField(_("Grund"), max_length=300, blank=True, default="")
    is_demo = models.BooleanField(default=False)

    class Meta:
        ordering = ["proposed_on", "pk"]


class Appointment(Entity):
    """An appointment of several partners in one region, for those of the network to see (S2-15)."""

    network = models.ForeignKey(Network, on_delete=models.CASCADE, related_name="appointments")
    title = models.CharField(_("Was?"), max_length=200)
    text = models.TextField(_("Näheres"), blank=True, default="")
    starts_at = models.DateTimeField(_("Beginn"))
    ends_at = models.DateTimeField(_("Ende"))
    place = models.CharField(_("Ort"), max_length=200, blank=True, default="")
    region = models.ForeignKey(Region, null=True, on_delete=models.SET_NULL, related_name="+")
    organisations = models.ManyToManyField(Organisation, related_name="appointments")
    sequence = models.PositiveIntegerField(default=0)
    cancelled_at = models.DateTimeField(null=True)
    made_by = models.CharField(max_length=80)
    is_demo = models.BooleanField(default=False)

    class Meta:
        ordering = ["starts_at", "pk"]
        indexes = [models.Index(fields=["network", "starts_at"])]
