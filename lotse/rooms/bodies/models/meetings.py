"""Meetings: agenda, papers, who is invited and who was there when."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from lotse.foundation.core import clock
from lotse.foundation.core.models import Entity, random_name
from lotse.foundation.documents.models import Document
from lotse.foundation.parties.models import Body, Organisation, Person
from lotse.rooms.bodies.models.bodies import Mandate


class Meeting(Entity):
    """One meeting of a body. `live` rises with everything that those present should see, so that
    a page asks for one number (architecture: Live)."""

    class Mode(models.TextChoices):
        ON_SITE = "on_site", _("vor Ort")
        ONLINE = "online", _("online")
        HYBRID = "hybrid", _("vor Ort und online")

    class State(models.TextChoices):
        PLANNED = "planned", _("in Vorbereitung")
        INVITED = "invited", _("eingeladen")
        RUNNING = "running", _("läuft")
        HELD = "held", _("beendet")
        CANCELLED = "cancelled", _("abgesagt")

    class MinutesKind(models.TextChoices):
        RESULTS = "results", _("Ergebnisprotokoll")
        DISCUSSION = "discussion", _("Ergebnisprotokoll mit Diskussion")

    body = models.ForeignKey(Body, on_delete=models.CASCADE, related_name="meetings")
    series = models.CharField(_("Reihe"), max_length=80, blank=True, default="")
    number = models.PositiveSmallIntegerField(_("Nummer"), null=True, blank=True)
    title = models.CharField(_("Titel"), max_length=200)
    starts_at = models.DateTimeField(_("Beginn"))
    ends_at = models.DateTimeField(_("Ende"))
    mode = models.CharField(_("Form"), max_length=10, choices=Mode.choices, default=Mode.ON_SITE)
    place = models.CharField(_("Ort"), max_length=200, blank=True, default="")
    address = models.CharField(_("Anschrift"), max_length=300, blank=True, default="")
    room = models.CharField(_("Raum"), max_length=120, blank=True, default="")
    link = models.CharField(_("Link zur Teilnahme"), max_length=500, blank=True, default="")
    # § 32 (2) BGB: the invitation to an online or hybrid meeting says how rights are exercised.
    rights_statement = models.TextField(
        _("Wie werden Mitgliederrechte elektronisch ausgeübt?"), blank=True, default=""
    )
    host = models.ForeignKey(Organisation, null=True, on_delete=models.SET_NULL, related_name="+")
    host_words = models.CharField(_("Gastgeber"), max_length=200, blank=True, default="")
    moderation = models.CharField(_("Moderation"), max_length=200, blank=True, default="")
    minute_takers = models.CharField(_("Mitschrift"), max_length=200, blank=True, default="")
    minutes_kind = models.CharField(
        _("Art des Protokolls"), max_length=12, choices=MinutesKind.choices,
        default=MinutesKind.RESULTS,
    )  # fmt: skip
    intro = models.TextField(_("Text der Einladung"), blank=True, default="")
    next_dates = models.TextField(_("Nächste Termine"), blank=True, default="")
    state = models.CharField(
        _("Stand"), max_length=10, choices=State.choices, default=State.PLANNED
    )
    cancel_reason = models.CharField(_("Grund der Absage"), max_length=300, blank=True, default="")
    invited_at = models.DateTimeField(null=True)
    opened_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    current = models.ForeignKey(
        "bodies.AgendaItem", null=True, on_delete=models.SET_NULL, related_name="+"
    )
    # Rises with every change that calendars must follow (RFC 5545 SEQUENCE).
    sequence = models.PositiveIntegerField(default=0)
    live = models.PositiveIntegerField(default=1)
    check_in_code = models.CharField(max_length=40, default=random_name)
    unnamed_count = models.PositiveSmallIntegerField(_("Weitere, ungenannt"), default=0)
    # Written down at its end, so that its quorum stays what it was: the keys of the seats with a
    # vote, and how many of them had to be there (none where the body has no such rule).
    voting_seats = models.JSONField(null=True)
    quorum_needed = models.PositiveSmallIntegerField(null=True)
    is_demo = models.BooleanField(default=False)

    class Meta:
        indexes = [models.Index(fields=["body", "starts_at"]), models.Index(fields=["starts_at"])]


class AgendaItem(Entity):
    """One item of an agenda (TOP), in a tree of at most two levels; times follow from the planned
    minutes."""

    class Kind(models.TextChoices):
        INFORMATION = "information", _("Information")
        DISCUSSION = "discussion", _("Diskussion")
        DECISION = "decision", _("Beschluss")
        GROUP_WORK = "group_work", _("Gruppenarbeit")
        BREAK = "break", _("Pause")

    class State(models.TextChoices):
        OPEN = "open", _("offen")
        RUNNING = "running", _("läuft")
        DONE = "done", _("behandelt")
        MOVED = "moved", _("vertagt")

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="items")
    parent = models.ForeignKey("self", null=True, on_delete=models.CASCADE, related_name="parts")
    position = models.PositiveSmallIntegerField(default=0)
    title = models.CharField(_("Titel"), max_length=200)
    kind = models.CharField(_("Art"), max_length=12, choices=Kind.choices, default=Kind.INFORMATION)
    goal = models.TextField(_("Ziel"), blank=True, default="")
    questions = models.TextField(_("Leitfragen"), blank=True, default="")
    minutes_planned = models.PositiveSmallIntegerField(_("Dauer in Minuten"), default=10)
    # Several speakers, each with a subject: "news from the ministries" (S1-04). It comes back when
    # a meeting is copied.
    is_standing = models.BooleanField(_("kehrt in jeder Sitzung wieder"), default=False)
    proposal = models.TextField(_("Beschlussvorschlag"), blank=True, default="")
    proposal_version = models.PositiveSmallIntegerField(default=1)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    # What it was taken from: a parked outcome, a measure, an idea, an item of an earlier meeting.
    source_type = models.CharField(max_length=60, blank=True, default="")
    source_uuid = models.UUIDField(null=True)

    class Meta:
        ordering = ["position", "pk"]
        indexes = [models.Index(fields=["source_uuid"])]


class Presenter(Entity):
    """Somebody who speaks to an item, with the subject where several do."""

    item = models.ForeignKey(AgendaItem, on_delete=models.CASCADE, related_name="presenters")
    position = models.PositiveSmallIntegerField(default=0)
    person = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    name = models.CharField(_("Name"), max_length=200, blank=True, default="")
    organisation = models.CharField(_("Organisation"), max_length=200, blank=True, default="")
    subject = models.CharField(_("Thema"), max_length=200, blank=True, default="")

    class Meta:
        ordering = ["position", "pk"]


class Annex(Entity):
    """A paper of a meeting with its number; without a version it is still to follow (S4-02)."""

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="annexes")
    item = models.ForeignKey(
        AgendaItem, null=True, on_delete=models.SET_NULL, related_name="annexes"
    )
    number = models.PositiveSmallIntegerField(_("Nummer"))
    title = models.CharField(_("Titel"), max_length=200)
    sent_before = models.BooleanField(_("vorab versandt"), default=False)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["meeting", "number"], name="annex_number_once")
        ]


class AnnexVersion(Entity):
    """One version of a paper: a file that never changes. Earlier ones stay (S1-08)."""

    annex = models.ForeignKey(Annex, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveSmallIntegerField()
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="+")
    note = models.CharField(_("Was ist anders?"), max_length=200, blank=True, default="")
    at = models.DateTimeField(default=clock.now)
    by = models.CharField(max_length=80)

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["annex", "number"], name="annex_version_once")
        ]


class Attendance(Entity):
    """Somebody invited to a meeting or there: for a seat, as a deputy, as a guest.

    `name` and `organisation` are as printed in the list. `token_hash` is of the link with which one
    answers the invitation without an account.
    """

    class Part(models.TextChoices):
        MEMBER = "member", _("Mitglied")
        DEPUTY = "deputy", _("Vertretung")
        GUEST = "guest", _("Gast")
        STAFF = "staff", _("Geschäftsstelle")

    class Reply(models.TextChoices):
        NONE = "none", _("noch keine Antwort")
        YES = "yes", _("kommt")
        NO = "no", _("kommt nicht")
        DEPUTY = "deputy", _("schickt eine Vertretung")

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="attendances")
    mandate = models.ForeignKey(
        Mandate, null=True, on_delete=models.SET_NULL, related_name="attendances"
    )
    person = models.ForeignKey(
        Person, null=True, on_delete=models.SET_NULL, related_name="attendances"
    )
    name = models.CharField(_("Name"), max_length=200)
    organisation = models.CharField(_("Organisation"), max_length=200, blank=True, default="")
    email = models.EmailField(_("E-Mail-Adresse"), blank=True, default="")
    part = models.CharField(_("als"), max_length=10, choices=Part.choices, default=Part.MEMBER)
    # Who comes instead: an attendance of its own that stands for this one.
    stands_for = models.ForeignKey(
        "self", null=True, on_delete=models.SET_NULL, related_name="stand_ins"
    )
    reply = models.CharField(_("Antwort"), max_length=10, choices=Reply.choices, default=Reply.NONE)
    reply_note = models.CharField(_("Nachricht"), max_length=300, blank=True, default="")
    replied_at = models.DateTimeField(null=True)
    excused = models.BooleanField(_("entschuldigt"), default=False)
    invited_at = models.DateTimeField(null=True)
    reminded_at = models.DateTimeField(null=True)
    token_hash = models.CharField(max_length=64, blank=True, default="", db_index=True)

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["meeting", "person"],
                condition=models.Q(person__isnull=False),
                name="attendance_once",
            )
        ]


class Presence(Entity):
    """From when until when somebody was there; without an end, still. So the quorum is known at
    each vote (governance: Beschlussfähigkeit)."""

    attendance = models.ForeignKey(Attendance, on_delete=models.CASCADE, related_name="presences")
    from_at = models.DateTimeField(default=clock.now)
    to_at = models.DateTimeField(null=True)
    by = models.CharField(max_length=80)

    class Meta:
        ordering = ["from_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["attendance"], condition=models.Q(to_at=None), name="present_once"
            )
        ]


class SpeakRequest(Entity):
    """Somebody wants to speak; whoever asked first comes first (order by key, not by clock)."""

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="speak_requests")
    item = models.ForeignKey(AgendaItem, null=True, on_delete=models.CASCADE, related_name="+")
    attendance = models.ForeignKey(Attendance, on_delete=models.CASCADE, related_name="+")
    called_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["attendance"], condition=models.Q(ended_at=None), name="asks_once"
            )
        ]
