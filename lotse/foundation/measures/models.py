"""Measure: who does what until when, and why. One table for every room."""

from datetime import date

from django.db import models
from django.utils.translation import gettext_lazy as _

from lotse.foundation.core import clock
from lotse.foundation.core.models import Entity
from lotse.foundation.core.ref import Ref
from lotse.foundation.parties.models import Body, Network, Organisation, Person


class Measure(Entity):
    """A measure with its origin: `origin` names the object of a room, `origin_part` a part of it.

    Who takes care is a person, an organisation (a person may act for it), a body, or free text
    where none of them is known here; `helpers` take care with them. `network` is set only where
    the network itself is concerned: its office then reads the measure; the plan of a check stays
    with those who made it.
    """

    class Status(models.TextChoices):
        OPEN = "open", _("offen")
        RUNNING = "running", _("läuft")
        WAITING = "waiting", _("wartet")
        DONE = "done", _("erledigt")
        PARKED = "parked", _("geparkt")
        DROPPED = "dropped", _("verworfen")

    class Urgency(models.IntegerChoices):
        LOW = 1, _("kann warten")
        NORMAL = 2, _("normal")
        HIGH = 3, _("dringend")

    ACTIVE = (Status.OPEN, Status.RUNNING, Status.WAITING)

    origin_type = models.CharField(max_length=60)
    origin_uuid = models.UUIDField()
    origin_part = models.CharField(max_length=40, blank=True, default="")
    suggestion = models.CharField(max_length=40, blank=True, default="")

    title = models.CharField(_("Was ist zu tun?"), max_length=200)
    reason = models.TextField(_("Wozu?"), blank=True, default="")
    network = models.ForeignKey(Network, null=True, on_delete=models.SET_NULL, related_name="+")
    responsible = models.CharField(_("Wer kümmert sich?"), max_length=200, blank=True, default="")
    person = models.ForeignKey(
        Person, null=True, on_delete=models.SET_NULL, related_name="measures"
    )
    organisation = models.ForeignKey(
        Organisation, null=True, on_delete=models.SET_NULL, related_name="measures"
    )
    body = models.ForeignKey(Body, null=True, on_delete=models.SET_NULL, related_name="measures")
    # One measure for many partners: each has a part of its own, with its own answer (S4-06).
    whole = models.ForeignKey("self", null=True, on_delete=models.CASCADE, related_name="parts")
    due_on = models.DateField(_("Bis wann?"), null=True, blank=True)
    due_words = models.CharField(_("Termin in Worten"), max_length=120, blank=True, default="")
    urgency = models.PositiveSmallIntegerField(
        _("Dringlichkeit"), choices=Urgency.choices, default=Urgency.NORMAL
    )
    status = models.CharField(
        _("Stand"), max_length=10, choices=Status.choices, default=Status.OPEN
    )
    delay_reason = models.TextField(_("Grund der Verspätung"), blank=True, default="")
    controller = models.CharField(
        _("Wer prüft das Ergebnis?"), max_length=200, blank=True, default=""
    )
    controller_person = models.ForeignKey(
        Person, null=True, on_delete=models.SET_NULL, related_name="controlled_measures"
    )
    control_on = models.DateField(_("Wann wird geprüft?"), null=True, blank=True)
    controlled_on = models.DateField(null=True, blank=True)
    reminded_on = models.DateField(null=True, blank=True)
    done_on = models.DateField(null=True, blank=True)
    level_before = models.CharField(max_length=40, blank=True, default="")
    level_after = models.CharField(max_length=40, blank=True, default="")
    rated_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["origin_type", "origin_uuid"]),
            models.Index(fields=["status", "due_on"]),
            models.Index(fields=["person", "status"]),
            models.Index(fields=["organisation", "status"]),
            models.Index(fields=["body", "status"]),
        ]

    @property
    def origin(self) -> Ref:
        return Ref(self.origin_type, self.origin_uuid)

    @property
    def party(self) -> str:
        """The person, organisation or body that takes care, by name. Load them with the
        measure."""
        if self.person is not None:
            return self.person.name
        if self.organisation is not None:
            return self.organisation.name
        return self.body.name if self.body is not None else ""

    @property
    def who(self) -> str:
        """Everybody who takes care: person or organisation, and the free text."""
        return ", ".join(dict.fromkeys(filter(None, (self.party, self.responsible))))

    @property
    def everybody(self) -> str:
        """Everybody who takes care, with those who help. Load `helpers` with the measure."""
        names = [helper.name for helper in self.helpers.all()]
        return ", ".join(dict.fromkeys(filter(None, (self.party, *names, self.responsible))))

    @property
    def controlled_by(self) -> str:
        """Everybody who looks at the result: the person, and the free text."""
        name = self.controller_person.name if self.controller_person is not None else ""
        return ", ".join(dict.fromkeys(filter(None, (name, self.controller))))

    @property
    def is_active(self) -> bool:
        return self.status in self.ACTIVE

    def awaits_control(self, today: date) -> bool:
        """The day to look at the result has come, and nobody has."""
        return (
            self.control_on is not None
            and self.control_on <= today
            and self.controlled_on is None
            and (self.is_active or self.status == self.Status.DONE)
        )

    def is_late(self, today: date) -> bool:
        """Past its date and neither done, parked nor dropped."""
        return self.is_active and self.due_on is not None and self.due_on < today

    def owes_reason(self, today: date) -> bool:
        """A late measure of the network says why it is late; what people plan for themselves does
        not have to (X-07)."""
        return self.network_id is not None and self.is_late(today)


class Helper(Entity):
    """Somebody who takes care of a measure together with whoever is named first (S1-10)."""

    measure = models.ForeignKey(Measure, on_delete=models.CASCADE, related_name="helpers")
    person = models.ForeignKey(Person, null=True, on_delete=models.CASCADE, related_name="+")
    organisation = models.ForeignKey(
        Organisation, null=True, on_delete=models.CASCADE, related_name="+"
    )
    body = models.ForeignKey(Body, null=True, on_delete=models.CASCADE, related_name="+")

    @property
    def name(self) -> str:
        """Who it is. Load all three with the row."""
        found = self.person or self.organisation or self.body
        return found.name if found is not None else ""


class ProgressNote(Entity):
    """What happened on a measure: a short note with its author's own words."""

    measure = models.ForeignKey(Measure, on_delete=models.CASCADE, related_name="progress")
    at = models.DateTimeField(default=clock.now)
    author = models.CharField(_("Wer schreibt?"), max_length=120, blank=True, default="")
    person = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    text = models.TextField(_("Was ist passiert?"))

    class Meta:
        ordering = ["-at", "-id"]

    @property
    def written_by(self) -> str:
        """The person's name, else what a guest typed. Load the person with the note."""
        return self.person.name if self.person is not None else self.author
