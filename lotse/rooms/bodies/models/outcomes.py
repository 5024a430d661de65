"""What a meeting brings about: typed outcomes, results of group work, joint adoptions."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from lotse.foundation.core.models import Entity
from lotse.foundation.parties.models import Body, Organisation
from lotse.rooms.bodies.models.meetings import AgendaItem, Annex
from lotse.rooms.bodies.models.minutes import Attribution


class Outcome(Entity):
    """One outcome of an item, typed (rulings 2). The wording of a decision is exact.

    Counts of a decision are each nullable: real minutes say "einstimmig" without a number.
    `entitled` and `present` are seats with a vote at that moment, from the list of those present.
    """

    class Kind(models.TextChoices):
        DECISION = "decision", _("Beschluss")
        CONSENTED_SUMMARY = "consented_summary", _("Zusammenfassung mit Zustimmung")
        PARKED = "parked", _("geparkt")
        AGREED_ACTION = "agreed_action", _("Vereinbarung")
        REQUEST = "request", _("Bitte")
        RECOMMENDATION = "recommendation", _("Empfehlung")
        QUESTION = "question", _("Frage")
        ANSWER = "answer", _("Antwort")
        TASK = "task", _("Aufgabe")
        SUGGESTION = "suggestion", _("Anregung")
        NOTE = "note", _("Notiz")
        QUOTE = "quote", _("Zitat aus einem Protokoll")
        EXTERNAL_DATE = "external_date", _("Termin anderer")
        SAFETY_BRIEFING = "safety_briefing", _("Sicherheitsunterweisung")

    class Result(models.TextChoices):
        ADOPTED = "adopted", pgettext_lazy("Beschluss", "angenommen")
        REJECTED = "rejected", pgettext_lazy("Beschluss", "abgelehnt")
        DEFERRED = "deferred", _("vertagt")
        NOTED = "noted", _("zur Kenntnis genommen")

    class Method(models.TextChoices):
        UNANIMOUS = "unanimous", _("einstimmig")
        HANDS = "hands", _("per Handzeichen")
        CONSENT = "consent", _("ohne Gegenrede")

    item = models.ForeignKey(AgendaItem, on_delete=models.CASCADE, related_name="outcomes")
    position = models.PositiveSmallIntegerField(default=0)
    kind = models.CharField(_("Art"), max_length=20, choices=Kind.choices)
    text = models.TextField(_("Wortlaut"))
    speaker = models.ForeignKey(Attribution, null=True, on_delete=models.SET_NULL, related_name="+")
    annex = models.ForeignKey(Annex, null=True, on_delete=models.SET_NULL, related_name="+")

    # Decision
    number = models.CharField(max_length=40, blank=True, default="")
    result = models.CharField(max_length=10, choices=Result.choices, blank=True, default="")
    method = models.CharField(max_length=10, choices=Method.choices, blank=True, default="")
    yes = models.PositiveSmallIntegerField(_("Ja"), null=True, blank=True)
    no = models.PositiveSmallIntegerField(_("Nein"), null=True, blank=True)
    abstain = models.PositiveSmallIntegerField(_("Enthaltung"), null=True, blank=True)
    entitled = models.PositiveSmallIntegerField(null=True)
    present = models.PositiveSmallIntegerField(null=True)
    had_quorum = models.BooleanField(null=True)
    review_on = models.DateField(_("Wiedervorlage"), null=True, blank=True)
    replaces = models.ForeignKey(
        "self", null=True, on_delete=models.SET_NULL, related_name="replaced_by"
    )
    # A decision about a paper may change its title before it is adopted (S1-08).
    title_before = models.CharField(max_length=200, blank=True, default="")
    title_after = models.CharField(max_length=200, blank=True, default="")

    # Parked: what must come first, and when to ask again.
    trigger = models.CharField(_("bis"), max_length=300, blank=True, default="")
    trigger_on = models.DateField(_("Wiedervorlage"), null=True, blank=True)
    # Answer: to which question, promised for when; external date: on which day.
    answer_to = models.ForeignKey(
        "self", null=True, on_delete=models.SET_NULL, related_name="answers"
    )
    on_day = models.DateField(_("Tag"), null=True, blank=True)
    source = models.CharField(_("Quelle"), max_length=300, blank=True, default="")
    # Parked things taken up, questions answered.
    settled_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["position", "pk"]
        indexes = [models.Index(fields=["kind", "settled_at"])]


class JointAdoption(Entity):
    """A decision that several organisations adopt, each on its own day (S1-18)."""

    outcome = models.ForeignKey(Outcome, on_delete=models.CASCADE, related_name="adoptions")
    organisation = models.ForeignKey(
        Organisation, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    body = models.ForeignKey(Body, null=True, on_delete=models.SET_NULL, related_name="+")
    words = models.CharField(_("Wer?"), max_length=200, blank=True, default="")
    adopted_on = models.DateField(_("am"), null=True, blank=True)

    class Meta:
        ordering = ["pk"]


class GroupTable(Entity):
    """A table of group work (World-Café): its question, who moderates, how many results are meant
    to be told (S1-11; a soft limit)."""

    item = models.ForeignKey(AgendaItem, on_delete=models.CASCADE, related_name="tables")
    number = models.PositiveSmallIntegerField()
    question = models.CharField(_("Frage"), max_length=300)
    sub_question = models.CharField(_("Zweite Frage"), max_length=300, blank=True, default="")
    moderators = models.CharField(_("Moderation"), max_length=200, blank=True, default="")
    rounds = models.PositiveSmallIntegerField(_("Runden"), default=1)
    minutes_a_round = models.PositiveSmallIntegerField(_("Minuten je Runde"), default=20)
    most = models.PositiveSmallIntegerField(_("Wichtigste Ergebnisse"), default=5)

    class Meta:
        ordering = ["number", "pk"]


class GroupCluster(Entity):
    """Results of several tables that belong together."""

    item = models.ForeignKey(AgendaItem, on_delete=models.CASCADE, related_name="clusters")
    position = models.PositiveSmallIntegerField(default=0)
    title = models.CharField(_("Überschrift"), max_length=200)

    class Meta:
        ordering = ["position", "pk"]


class GroupResult(Entity):
    """A result of a table, with the rank the table gave it."""

    table = models.ForeignKey(GroupTable, on_delete=models.CASCADE, related_name="results")
    cluster = models.ForeignKey(
        GroupCluster, null=True, on_delete=models.SET_NULL, related_name="results"
    )
    round = models.PositiveSmallIntegerField(_("Runde"), default=1)
    rank = models.PositiveSmallIntegerField(_("Rang"), null=True, blank=True)
    text = models.TextField(_("Ergebnis"))

    class Meta:
        ordering = ["rank", "pk"]
