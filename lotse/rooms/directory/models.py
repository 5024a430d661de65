"""Entries of the directory: what an organisation, a person or a service says about itself, in
revisions, and which revision readers of each channel see (S1-13, S1-14, S2-09, S2-10)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from lotse.foundation.core import clock
from lotse.foundation.core.models import Entity
from lotse.foundation.parties.models import Network, Organisation, Person
from lotse.foundation.topics.models import Region


class Channel(models.TextChoices):
    """Where an entry can be read; API, feeds and machine-readable data follow web or members."""

    WEB = "web", _("öffentlich im Netz")
    MEMBERS = "members", _("im Netzwerk")
    BROCHURE = "brochure", _("in der Broschüre")


class Entry(Entity):
    """One Steckbrief. A service belongs to an organisation and is an entry of its own (HSDS)."""

    class Kind(models.TextChoices):
        ORGANISATION = "organisation", _("Organisation")
        PERSON = "person", _("Person")
        SERVICE = "service", _("Leistung")

    network = models.ForeignKey(Network, on_delete=models.CASCADE, related_name="entries")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    organisation = models.ForeignKey(
        Organisation, null=True, on_delete=models.CASCADE, related_name="entries"
    )
    person = models.ForeignKey(Person, null=True, on_delete=models.CASCADE, related_name="entries")
    lang = models.CharField(_("Sprache"), max_length=5, default="de")
    latest = models.ForeignKey("Revision", null=True, on_delete=models.SET_NULL, related_name="+")
    is_pilot = models.BooleanField(_("Pilotpartner"), default=False)
    is_lighthouse = models.BooleanField(_("Leuchtturm"), default=False)
    # When somebody last said that all of it is still true; what follows is told by the clock.
    assured_at = models.DateTimeField(default=clock.now)
    asked_at = models.DateTimeField(null=True)
    archived_at = models.DateTimeField(null=True)
    is_demo = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation"],
                condition=models.Q(kind="organisation"),
                name="entry_of_organisation_once",
            ),
            models.UniqueConstraint(
                fields=["network", "person"],
                condition=models.Q(kind="person"),
                name="entry_of_person_once",
            ),
            models.CheckConstraint(
                condition=(
                    models.Q(kind="person", person__isnull=False, organisation__isnull=True)
                    | models.Q(
                        kind__in=["organisation", "service"],
                        person__isnull=True,
                        organisation__isnull=False,
                    )
                ),
                name="entry_has_its_subject",
            ),
        ]
        indexes = [models.Index(fields=["network", "kind"])]


class Template(Entity):
    """Which fields a kind of Steckbrief has in a network, and which make it complete (S2-10).

    A new version is sent to the partners for their agreement before it holds.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("Entwurf")
        CONSULTATION = "consultation", _("in Abstimmung")
        ADOPTED = "adopted", _("gilt")
        REPLACED = "replaced", _("abgelöst")

    network = models.ForeignKey(Network, on_delete=models.CASCADE, related_name="templates")
    kind = models.CharField(max_length=20, choices=Entry.Kind.choices)
    number = models.PositiveIntegerField()
    # Per field key: {"use": bool, "required": bool, "hint": {"de": "", "en": ""}}.
    fields = models.JSONField(default=dict)
    intro = models.JSONField(default=dict)
    state = models.CharField(max_length=20, choices=State.choices, default=State.DRAFT)
    deadline = models.DateTimeField(null=True)
    adopted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["network", "kind", "number"], name="template_once")
        ]


class TemplateAnswer(Entity):
    """What a partner says to a new version of a template."""

    class Answer(models.TextChoices):
        AGREED = "agreed", _("einverstanden")
        OBJECTED = "objected", _("nicht einverstanden")

    template = models.ForeignKey(Template, on_delete=models.CASCADE, related_name="answers")
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")
    answer = models.CharField(max_length=20, choices=Answer.choices)
    note = models.TextField(_("Anmerkung"), blank=True, default="")
    by = models.CharField(max_length=80)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["template", "organisation"], name="template_answer_once"
            )
        ]


class Revision(Entity):
    """What an entry said at one time. Never changed: a change is a new revision."""

    entry = models.ForeignKey(Entry, on_delete=models.CASCADE, related_name="revisions")
    number = models.PositiveIntegerField()
    template = models.ForeignKey(Template, null=True, on_delete=models.SET_NULL, related_name="+")
    content = models.JSONField()
    author = models.CharField(max_length=80)
    # Written by the office for somebody else: marked as such wherever it is shown.
    on_behalf = models.BooleanField(default=False)
    reason = models.CharField(_("Grund der Änderung"), max_length=300, blank=True, default="")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["entry", "number"], name="revision_once")]


class Announcement(Entity):
    """The office announces a revision of an organisation's facts: it is published when the time
    is over and nobody objected (S1-14). Personal data never are (rulings 6)."""

    class State(models.TextChoices):
        OPEN = "open", _("angekündigt")
        # Told by the clock; written down only when another announcement needs the place.
        EFFECTIVE = "effective", _("ohne Widerspruch veröffentlicht")
        APPROVED = "approved", _("zugestimmt")
        CHANGED = "changed", _("geändert")
        OBJECTED = "objected", _("widersprochen")
        WITHDRAWN = "withdrawn", _("zurückgezogen")

    entry = models.ForeignKey(Entry, on_delete=models.CASCADE, related_name="announcements")
    revision = models.ForeignKey(Revision, on_delete=models.CASCADE, related_name="+")
    channels = models.JSONField(default=list)
    note = models.TextField(_("Anschreiben"), blank=True, default="")
    deadline = models.DateTimeField()
    announced_by = models.CharField(max_length=80)
    state = models.CharField(max_length=20, choices=State.choices, default=State.OPEN)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.CharField(max_length=80, blank=True, default="")
    answer_note = models.TextField(blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["entry"], condition=models.Q(state="open"), name="one_open_announcement"
            )
        ]


class Publication(Entity):
    """A revision let through for a channel. The one that took effect last and has not ended is
    what readers see; "effective" is asked of the clock, never set by a job."""

    class Via(models.TextChoices):
        RELEASED = "released", _("freigegeben")
        ANNOUNCED = "announced", _("nach Ankündigung")

    entry = models.ForeignKey(Entry, on_delete=models.CASCADE, related_name="publications")
    channel = models.CharField(max_length=20, choices=Channel.choices)
    revision = models.ForeignKey(Revision, on_delete=models.CASCADE, related_name="publications")
    effective_at = models.DateTimeField(default=clock.now)
    ended_at = models.DateTimeField(null=True)
    via = models.CharField(max_length=20, choices=Via.choices)
    by = models.CharField(max_length=80)
    announcement = models.ForeignKey(
        Announcement, null=True, on_delete=models.SET_NULL, related_name="publications"
    )

    class Meta:
        indexes = [models.Index(fields=["entry", "channel", "effective_at"])]


class Letter(Entity):
    """A one-time link sent to one address about one entry: to answer an announcement, or to
    confirm that everything is still true. The database holds its hash only (rulings 19)."""

    class Purpose(models.TextChoices):
        ANNOUNCEMENT = "announcement", _("Ankündigung")
        CONFIRMATION = "confirmation", _("jährliche Bestätigung")

    entry = models.ForeignKey(Entry, on_delete=models.CASCADE, related_name="letters")
    purpose = models.CharField(max_length=20, choices=Purpose.choices)
    announcement = models.ForeignKey(
        Announcement, null=True, on_delete=models.CASCADE, related_name="letters"
    )
    person = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    address = models.EmailField(max_length=254)
    token_hash = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)


class Picture(Entity):
    """A logo or photo, drawn anew at taking in: no metadata of the camera is kept."""

    entry = models.ForeignKey(Entry, on_delete=models.CASCADE, related_name="pictures")
    content = models.BinaryField()
    media_type = models.CharField(max_length=20)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()


class OfficeNote(Entity):
    """What the office notes about a partner for itself; part of a person's own data, never
    exported to others."""

    entry = models.ForeignKey(Entry, on_delete=models.CASCADE, related_name="notes")
    text = models.TextField(_("Notiz"))
    by = models.CharField(max_length=80)


class Joining(Entity):
    """How partners join a network: criteria of admission, and what is done to welcome them
    (X-01, S4-10)."""

    network = models.OneToOneField(Network, on_delete=models.CASCADE, related_name="joining")
    is_open = models.BooleanField(_("Bewerbungen sind möglich"), default=True)
    intro = models.JSONField(default=dict)
    # [{"key": "...", "text": {"de": "", "en": ""}}]
    criteria = models.JSONField(default=list)
    # [{"title": {"de": "", "en": ""}, "days": 14}]
    welcome = models.JSONField(default=list)


class Application(Entity):
    """An organisation that wants to join: asked for, checked against the criteria, decided."""

    class State(models.TextChoices):
        RECEIVED = "received", _("eingegangen")
        CHECKED = "checked", _("geprüft")
        ACCEPTED = "accepted", _("aufgenommen")
        DECLINED = "declined", _("abgelehnt")
        WITHDRAWN = "withdrawn", _("zurückgezogen")

    network = models.ForeignKey(Network, on_delete=models.CASCADE, related_name="applications")
    state = models.CharField(max_length=20, choices=State.choices, default=State.RECEIVED)
    name = models.CharField(_("Name der Organisation"), max_length=200)
    kind = models.CharField(_("Art"), max_length=20, choices=Organisation.Kind.choices)
    city = models.CharField(_("Ort"), max_length=120, blank=True, default="")
    postal_code = models.CharField(_("Postleitzahl"), max_length=12, blank=True, default="")
    region = models.ForeignKey(Region, null=True, on_delete=models.SET_NULL, related_name="+")
    website = models.CharField(_("Website"), max_length=300, blank=True, default="")
    topics = models.JSONField(default=list)
    offers = models.TextField(_("Was Sie einbringen"))
    seeks = models.TextField(_("Was Sie suchen"), blank=True, default="")
    first_name = models.CharField(_("Vorname"), max_length=120, blank=True, default="")
    last_name = models.CharField(_("Nachname"), max_length=120)
    email = models.EmailField(_("E-Mail-Adresse"), max_length=254)
    phone = models.CharField(_("Telefon"), max_length=60, blank=True, default="")
    lang = models.CharField(max_length=5, default="de")
    # Criterion key -> {"said": bool, "checked": bool | None, "note": ""}.
    criteria = models.JSONField(default=dict)
    fit_note = models.TextField(_("Passung zu vorhandenen Angeboten"), blank=True, default="")
    decided_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=80, blank=True, default="")
    decision_note = models.TextField(_("Begründung"), blank=True, default="")
    organisation = models.ForeignKey(
        Organisation, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        indexes = [models.Index(fields=["network", "state"])]


class SavedSearch(Entity):
    """A search a person keeps, with a mail when something new is found."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    network = models.ForeignKey(Network, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(_("Name"), max_length=120)
    question = models.CharField(max_length=500, blank=True, default="")
    chosen = models.JSONField(default=dict)
    notify = models.BooleanField(_("Mail bei neuen Treffern"), default=True)
    seen = models.JSONField(default=list)
    looked_at = models.DateTimeField(default=clock.now)
