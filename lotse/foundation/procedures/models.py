"""Procedures: what happens unless somebody objects by a date. Its state is told by the clock."""

from datetime import datetime

from django.db import models
from django.utils.translation import gettext_lazy as _

from lotse.foundation.core import clock
from lotse.foundation.core.models import Entity
from lotse.foundation.parties.models import Network, Person


class ObjectionPeriod(Entity):
    """A time in which those entitled may object to something of any app (`subject`).

    `opens_at` and `closes_at` frame it; whether it runs, lapsed or was ended before its time is
    computed when it is read, never by a job (architecture: Time). `legal_basis` names the rule that
    lets silence count as agreement; a period without one only collects objections.
    """

    class State(models.TextChoices):
        COMING = "coming", _("beginnt noch")
        RUNNING = "running", _("läuft")
        LAPSED = "lapsed", _("abgelaufen")
        ENDED = "ended", _("beendet")

    network = models.ForeignKey(Network, on_delete=models.CASCADE, related_name="+")
    subject_type = models.CharField(max_length=60)
    subject_uuid = models.UUIDField()
    legal_basis = models.CharField(_("Rechtsgrundlage"), max_length=300, blank=True, default="")
    opens_at = models.DateTimeField(default=clock.now)
    closes_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=80, blank=True, default="")

    class Meta:
        indexes = [models.Index(fields=["subject_type", "subject_uuid"])]

    def state_at(self, moment: datetime | None = None) -> str:
        """Where the period stands at a moment, now by default. No query."""
        moment = moment or clock.now()
        if self.ended_at is not None and self.ended_at <= moment:
            return self.State.ENDED
        if moment < self.opens_at:
            return self.State.COMING
        return self.State.RUNNING if moment < self.closes_at else self.State.LAPSED


class Objection(Entity):
    """What somebody says against a part of the subject, and what came of it."""

    class Kind(models.TextChoices):
        OBJECTION = "objection", _("Einspruch")
        CHANGE = "change", _("Änderungswunsch")

    class State(models.TextChoices):
        OPEN = "open", _("offen")
        ACCEPTED = "accepted", _("übernommen")
        DECLINED = "declined", _("nicht übernommen")
        WITHDRAWN = "withdrawn", _("zurückgezogen")

    period = models.ForeignKey(ObjectionPeriod, on_delete=models.CASCADE, related_name="objections")
    # The part it is about (the uuid of an agenda item); empty for the whole.
    part = models.CharField(max_length=40, blank=True, default="")
    kind = models.CharField(_("Art"), max_length=12, choices=Kind.choices, default=Kind.OBJECTION)
    text = models.TextField(_("Was soll anders sein?"))
    person = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    by = models.CharField(max_length=80)
    at = models.DateTimeField(default=clock.now)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    answer = models.TextField(_("Antwort"), blank=True, default="")
    answered_by = models.CharField(max_length=80, blank=True, default="")
    answered_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["at", "pk"]
