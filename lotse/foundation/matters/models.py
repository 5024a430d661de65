"""Matter: the thread that ties items, papers, decisions and measures across bodies and years."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from lotse.foundation.core import clock
from lotse.foundation.core.models import Entity
from lotse.foundation.parties.models import Body, Network, Organisation


class Matter(Entity):
    """A matter of a network: from the idea to the report. One that was merged into another stays
    as a signpost."""

    class State(models.TextChoices):
        OPEN = "open", _("offen")
        RESTING = "resting", _("ruht")
        CLOSED = "closed", _("abgeschlossen")

    network = models.ForeignKey(Network, on_delete=models.CASCADE, related_name="matters")
    title = models.CharField(_("Titel"), max_length=200)
    summary = models.TextField(_("Worum geht es?"), blank=True, default="")
    state = models.CharField(_("Stand"), max_length=10, choices=State.choices, default=State.OPEN)
    merged_into = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="+")
    started_on = models.DateField(_("Beginn"), default=clock.today)
    closed_on = models.DateField(_("Ende"), null=True, blank=True)
    is_demo = models.BooleanField(default=False)

    class Meta:
        indexes = [models.Index(fields=["network", "state"])]


class Knot(Entity):
    """One thing of a matter: an item, paper, decision or measure of any app, by type and uuid.

    `at` is when it happened, for the order; `title` what it was called then, for whoever may not
    open it and for the time after it is gone.
    """

    matter = models.ForeignKey(Matter, on_delete=models.CASCADE, related_name="knots")
    ref_type = models.CharField(max_length=60)
    ref_uuid = models.UUIDField()
    at = models.DateTimeField(default=clock.now)
    title = models.CharField(max_length=300, blank=True, default="")
    added_by = models.CharField(max_length=80)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["matter", "ref_type", "ref_uuid"], name="knot_once_in_matter"
            )
        ]
        indexes = [models.Index(fields=["ref_type", "ref_uuid"])]


class Step(Entity):
    """A planned step of a matter: a step of a road map (S4-05), or a station that a paper passes
    (S2-21)."""

    class Kind(models.TextChoices):
        STEP = "step", _("Schritt")
        STATION = "station", _("Station")

    matter = models.ForeignKey(Matter, on_delete=models.CASCADE, related_name="steps")
    kind = models.CharField(_("Art"), max_length=10, choices=Kind.choices, default=Kind.STEP)
    position = models.PositiveSmallIntegerField(default=0)
    title = models.CharField(_("Was geschieht?"), max_length=200)
    who = models.CharField(_("Wo oder bei wem?"), max_length=160, blank=True, default="")
    body = models.ForeignKey(Body, null=True, on_delete=models.SET_NULL, related_name="+")
    organisation = models.ForeignKey(
        Organisation, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    planned_on = models.DateField(_("Geplant für"), null=True, blank=True)
    done_on = models.DateField(_("Geschehen am"), null=True, blank=True)
    result = models.CharField(_("Ergebnis"), max_length=300, blank=True, default="")

    class Meta:
        ordering = ["position", "pk"]
