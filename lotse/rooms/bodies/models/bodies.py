"""Bodies: what they are for, by which rules they work, who has a seat, what they were told."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from lotse.foundation.core import clock
from lotse.foundation.core.models import Entity
from lotse.foundation.parties.models import Body, Organisation, Person, RoleGrant


class Charter(Entity):
    """What a body is for and by which rules it works (S2-07). One for each body.

    Association law counts neither abstentions nor invalid votes (§ 32 BGB); that is the default
    here, and every rule is the body's own setting.
    """

    class Quorum(models.TextChoices):
        NONE = "none", _("keine Mindestzahl")
        SHARE = "share", _("Anteil der Mandate mit Stimme")
        COUNT = "count", _("Zahl der Mandate mit Stimme")

    class Majority(models.TextChoices):
        SIMPLE = "simple", _("einfache Mehrheit der abgegebenen Stimmen")
        ABSOLUTE = "absolute", _("Mehrheit der anwesenden Stimmen")
        TWO_THIRDS = "two_thirds", _("zwei Drittel der abgegebenen Stimmen")
        THREE_QUARTERS = "three_quarters", _("drei Viertel der abgegebenen Stimmen")
        CONSENSUS = "consensus", _("Konsens: keine Gegenstimme")

    class Level(models.TextChoices):
        PUBLIC = "public", _("öffentlich")
        NETWORK = "network", _("im Netzwerk")
        BODY = "body", _("nur im Gremium")

    body = models.OneToOneField(Body, on_delete=models.CASCADE, related_name="charter")
    purpose = models.TextField(_("Aufgabe"), blank=True, default="")
    decides = models.BooleanField(_("fasst Beschlüsse"), default=True)
    rhythm = models.CharField(_("Rhythmus"), max_length=120, blank=True, default="")
    admission = models.TextField(_("Wer aufgenommen wird"), blank=True, default="")
    duties = models.TextField(_("Aufgaben der Mitglieder"), blank=True, default="")
    relations = models.TextField(_("Verhältnis zu anderen Gremien"), blank=True, default="")
    founded_on = models.DateField(_("besteht seit"), null=True, blank=True)
    is_open = models.BooleanField(_("Man kann selbst beitreten"), default=False)

    quorum = models.CharField(
        _("Beschlussfähigkeit"), max_length=10, choices=Quorum.choices, default=Quorum.NONE
    )
    # Percent for a share, else a number of seats. A share is reached by more than the percent
    # where it is 50, else by the percent (German bylaws: "mehr als die Hälfte").
    quorum_value = models.PositiveSmallIntegerField(_("Schwelle"), default=50)
    majority = models.CharField(
        _("Mehrheit"), max_length=20, choices=Majority.choices, default=Majority.SIMPLE
    )
    abstentions_count = models.BooleanField(_("Enthaltungen zählen mit"), default=False)
    circular_votes = models.BooleanField(_("Umlaufbeschlüsse sind erlaubt"), default=False)
    silence_basis = models.CharField(
        _("Regel, nach der Schweigen als Zustimmung gilt"), max_length=300, blank=True, default=""
    )
    invitation_days = models.PositiveSmallIntegerField(_("Einladungsfrist in Tagen"), default=14)
    objection_days = models.PositiveSmallIntegerField(
        _("Frist für Einwände zum Protokoll in Tagen"), default=14
    )
    format_rule = models.TextField(
        _("Wann trifft man sich vor Ort, wann online?"), blank=True, default=""
    )
    level = models.CharField(
        _("Wer liest Protokolle?"), max_length=10, choices=Level.choices, default=Level.BODY
    )
    letterhead = models.TextField(_("Briefkopf"), blank=True, default="")
    footer = models.CharField(_("Fußzeile"), max_length=200, blank=True, default="")
    signatures = models.CharField(
        _("Wer unterschreibt Protokolle?"), max_length=200, blank=True, default=""
    )
    distribution = models.TextField(_("Verteiler des Protokolls"), blank=True, default="")


class Happening(Entity):
    """A line in the history of a body: founded, renamed, given other rules (S2-07)."""

    body = models.ForeignKey(Body, on_delete=models.CASCADE, related_name="happenings")
    on = models.DateField(_("Tag"), default=clock.today)
    title = models.CharField(_("Was geschah?"), max_length=200)
    text = models.TextField(_("Näheres"), blank=True, default="")
    by = models.CharField(max_length=80)

    class Meta:
        ordering = ["-on", "-pk"]


class Commission(Entity):
    """What a body was told to do, and until when: a working group may have several (S1-16)."""

    class State(models.TextChoices):
        RUNNING = "running", _("läuft")
        DONE = "done", _("erfüllt")
        ENDED = "ended", _("beendet")

    body = models.ForeignKey(Body, on_delete=models.CASCADE, related_name="commissions")
    title = models.CharField(_("Auftrag an das Gremium"), max_length=200)
    text = models.TextField(_("Näheres"), blank=True, default="")
    given_by = models.ForeignKey(Body, null=True, on_delete=models.SET_NULL, related_name="+")
    outcome_uuid = models.UUIDField(null=True)
    given_on = models.DateField(_("erteilt am"), default=clock.today)
    due_on = models.DateField(_("bis"), null=True, blank=True)
    state = models.CharField(
        _("Stand"), max_length=10, choices=State.choices, default=State.RUNNING
    )
    result = models.TextField(_("Ergebnis"), blank=True, default="")


class Mandate(Entity):
    """A seat in a body, of an organisation or of a person; `Holder` says who sits there.

    Weight is 1 for every seat: one organisation, one vote (rulings, governance 4).
    """

    class Kind(models.TextChoices):
        SEAT = "seat", _("Mandat")
        GUEST = "guest", _("ständiger Gast")
        JOINED = "joined", _("beigetreten")

    body = models.ForeignKey(Body, on_delete=models.CASCADE, related_name="mandates")
    organisation = models.ForeignKey(
        Organisation, null=True, on_delete=models.CASCADE, related_name="mandates"
    )
    kind = models.CharField(_("Art"), max_length=10, choices=Kind.choices, default=Kind.SEAT)
    with_vote = models.BooleanField(_("mit Stimme"), default=True)
    weight = models.PositiveSmallIntegerField(default=1)
    starts_on = models.DateField(_("ab"), default=clock.today)
    ends_on = models.DateField(_("bis"), null=True, blank=True)
    end_reason = models.CharField(_("Grund des Endes"), max_length=300, blank=True, default="")
    # A seat given for a seat: what the other side gives or owes (S1-19).
    in_return = models.CharField(_("Gegensitz"), max_length=200, blank=True, default="")
    # That seat where its body works here, too: each of the two names the other.
    counterpart = models.OneToOneField(
        "self", null=True, on_delete=models.SET_NULL, related_name="+"
    )
    note = models.CharField(_("Hinweis"), max_length=300, blank=True, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(weight=1), name="mandate_weighs_one")
        ]
        indexes = [models.Index(fields=["body", "ends_on"])]


class Holder(Entity):
    """A person on a seat: the delegate, or one of the deputies. `grant` is the role that lets in;
    it ends with the seat."""

    class Part(models.TextChoices):
        DELEGATE = "delegate", _("vertritt das Mandat")
        DEPUTY = "deputy", _("Stellvertretung")

    mandate = models.ForeignKey(Mandate, on_delete=models.CASCADE, related_name="holders")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="held_mandates")
    part = models.CharField(_("als"), max_length=10, choices=Part.choices, default=Part.DELEGATE)
    position = models.PositiveSmallIntegerField(default=0)
    starts_on = models.DateField(_("ab"), default=clock.today)
    ends_on = models.DateField(_("bis"), null=True, blank=True)
    grant = models.OneToOneField(
        RoleGrant, null=True, on_delete=models.SET_NULL, related_name="holder"
    )

    class Meta:
        ordering = ["part", "position", "pk"]
        indexes = [models.Index(fields=["person", "ends_on"])]
