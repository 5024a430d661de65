"""Networks, organisations, people, and what people may do in them."""

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from lotse.foundation.core import clock
from lotse.foundation.core.models import Entity
from lotse.foundation.topics.models import Region, Topic


def default_mfa_roles() -> list[str]:
    """Roles that demand a second factor unless the network decides otherwise (T14)."""
    return ["office", "minute_taker", "operator"]


class Network(Entity):
    """An alliance with its own name, brand and pages. One host name shows one network."""

    class State(models.TextChoices):
        ACTIVE = "active", _("aktiv")
        RESTING = "resting", _("ruht")
        ENDED = "ended", _("beendet")

    name = models.CharField(_("Name"), max_length=120)
    claim = models.JSONField(_("Kurzbeschreibung"), default=dict)
    carrier = models.CharField(_("Träger"), max_length=160, blank=True, default="")
    parent = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="parts")
    region = models.ForeignKey(Region, null=True, on_delete=models.PROTECT)
    hosts = models.JSONField(default=list)
    is_default = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=State.choices, default=State.ACTIVE)
    contact_email = models.EmailField(_("Kontaktadresse"), blank=True, default="")
    accent = models.CharField(_("Akzentfarbe"), max_length=7, blank=True, default="")
    logo = models.BinaryField(null=True)
    logo_type = models.CharField(max_length=20, blank=True, default="")
    is_demo = models.BooleanField(default=False)
    may_register = models.BooleanField(_("Registrierung ist offen"), default=False)
    mfa_roles = models.JSONField(default=default_mfa_roles)
    own_words = models.JSONField(default=list)
    # Class of data -> days, where the network keeps it longer or shorter than Lotse would.
    retention = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["is_default"], condition=models.Q(is_default=True), name="one_default"
            )
        ]

    @property
    def brand_css(self) -> str:
        """Address of the style sheet with the accent colour; changes with the version."""
        if not self.accent:
            return ""
        return f"{reverse('parties:brand', args=[self.uuid])}?v={self.version}"

    @property
    def logo_url(self) -> str:
        if not self.logo_type:
            return ""
        return f"{reverse('parties:logo', args=[self.uuid])}?v={self.version}"


class NetworkPage(Entity):
    """One of the pages a network writes itself, per language, in Markdown."""

    class Kind(models.TextChoices):
        ABOUT = "about", _("Über uns")
        IMPRINT = "imprint", _("Impressum")
        PRIVACY = "privacy", _("Datenschutz")
        ACCESSIBILITY = "accessibility", _("Barrierefreiheit")

    network = models.ForeignKey(Network, on_delete=models.CASCADE, related_name="pages")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    lang = models.CharField(max_length=5)
    body = models.TextField(max_length=50_000)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["network", "kind", "lang"], name="network_page_once")
        ]


class MailClosing(Entity):
    """What a network says at the end of one kind of mail, per language; {name} stands for what
    `services.closings` knows."""

    network = models.ForeignKey(Network, on_delete=models.CASCADE, related_name="closings")
    code = models.CharField(max_length=80)
    words = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["network", "code"], name="mail_closing_once")
        ]


class Report(Entity):
    """A barrier or fault somebody reported, for the office. The address to answer is optional."""

    network = models.ForeignKey(Network, on_delete=models.CASCADE, related_name="reports")
    page = models.CharField(_("Seite"), max_length=300, blank=True, default="")
    request_number = models.CharField(_("Vorgangsnummer"), max_length=40, blank=True, default="")
    text = models.TextField(_("Was ist passiert?"))
    reply_to = models.EmailField(_("Ihre E-Mail-Adresse"), blank=True, default="")
    done_at = models.DateTimeField(null=True)


class Organisation(Entity):
    """A partner organisation, a firm, a nonprofit: minimal here, the directory tells more."""

    class Kind(models.TextChoices):
        CHAMBER = "chamber", _("Kammer")
        GUILD = "guild", _("Innung")
        UNION = "union", _("Gewerkschaft")
        ASSOCIATION = "association", _("Verband")
        MINISTRY = "ministry", _("Ministerium oder Behörde")
        ACCIDENT_INSURER = "accident_insurer", _("Berufsgenossenschaft, Unfallkasse")
        HEALTH_INSURER = "health_insurer", _("Krankenkasse")
        PENSION_INSURER = "pension_insurer", _("Rentenversicherung")
        RESEARCH = "research", _("Forschung, Hochschule")
        SERVICE = "service", _("Dienstleister, Beratung")
        FOUNDATION = "foundation", _("Stiftung")
        NETWORK = "network", _("Netzwerk")
        NONPROFIT = "nonprofit", _("gemeinnützige Organisation")
        FIRM = "firm", _("Betrieb")
        SCHOOL = "school", _("Schule, Bildungsträger")
        MUNICIPALITY = "municipality", _("Kommune, Wirtschaftsförderung")

    network = models.ForeignKey(Network, on_delete=models.CASCADE, related_name="organisations")
    # What lists from elsewhere call it: an import finds it again by this (idempotent by key).
    key = models.CharField(_("Schlüssel"), max_length=80, blank=True, default="")
    name = models.CharField(_("Name"), max_length=200)
    short_name = models.CharField(_("Kurzname"), max_length=60, blank=True, default="")
    kind = models.CharField(_("Art"), max_length=20, choices=Kind.choices)
    function = models.TextField(_("Auftrag"), blank=True, default="")
    region = models.ForeignKey(Region, null=True, on_delete=models.PROTECT)
    postal_code = models.CharField(_("Postleitzahl"), max_length=12, blank=True, default="")
    city = models.CharField(_("Ort"), max_length=120, blank=True, default="")
    website = models.CharField(_("Website"), max_length=300, blank=True, default="")
    topics = models.ManyToManyField(Topic, related_name="organisations")
    is_demo = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["network", "key"],
                condition=~models.Q(key=""),
                name="organisation_key_once",
            )
        ]
        indexes = [models.Index(fields=["network", "name"])]


class Body(Entity):
    """A council, a working group: a party that holds measures, roles and matters (rulings 3).

    What it is for, its rules, seats and meetings belong to the room of the bodies.
    """

    class Kind(models.TextChoices):
        COUNCIL = "council", _("Rat")
        STEERING = "steering", _("Leitungskreis")
        COORDINATION = "coordination", _("Koordinierungsteam")
        WORKING_GROUP = "working_group", _("Arbeitsgruppe")
        EXPERT_GROUP = "expert_group", _("Fachgruppe")
        PLENARY = "plenary", _("Plenum")
        BOARD = "board", _("Vorstand, Kuratorium")
        OTHER = "other", _("anderes Gremium")

    class State(models.TextChoices):
        ACTIVE = "active", _("aktiv")
        RESTING = "resting", _("ruht")
        ENDED = "ended", _("beendet")

    network = models.ForeignKey(Network, on_delete=models.CASCADE, related_name="bodies")
    name = models.CharField(_("Name"), max_length=160)
    short_name = models.CharField(_("Kurzname"), max_length=40, blank=True, default="")
    kind = models.CharField(_("Art"), max_length=20, choices=Kind.choices)
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="children"
    )
    state = models.CharField(_("Stand"), max_length=10, choices=State.choices, default=State.ACTIVE)
    is_demo = models.BooleanField(default=False)

    class Meta:
        indexes = [models.Index(fields=["network", "state"])]


class Person(Entity):
    """Who somebody is. How the person signs in is the account; what the person may do are seats
    and roles. Names in adopted records point elsewhere, so that this row can be erased."""

    account = models.OneToOneField(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="person"
    )
    title = models.CharField(_("Titel"), max_length=60, blank=True, default="")
    first_name = models.CharField(_("Vorname"), max_length=120, blank=True, default="")
    last_name = models.CharField(_("Nachname"), max_length=120)
    email = models.EmailField(_("E-Mail-Adresse"), max_length=254, blank=True, default="")
    phone = models.CharField(_("Telefon"), max_length=60, blank=True, default="")
    lang = models.CharField(_("Sprache"), max_length=5, default="de")
    home = models.ForeignKey(Network, null=True, on_delete=models.SET_NULL, related_name="+")
    merged_into = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="+")
    erased_at = models.DateTimeField(null=True)
    restricted_at = models.DateTimeField(null=True)
    is_demo = models.BooleanField(default=False)

    class Meta:
        indexes = [
            models.Index(fields=["last_name", "first_name"]),
            models.Index(fields=["email"]),
        ]

    @property
    def name(self) -> str:
        """Title, first and last name as one line."""
        return " ".join(part for part in (self.title, self.first_name, self.last_name) if part)


class Affiliation(Entity):
    """A person's seat in an organisation, with what it lets the person do for it."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="affiliations")
    organisation = models.ForeignKey(
        Organisation, on_delete=models.CASCADE, related_name="affiliations"
    )
    function = models.CharField(_("Funktion"), max_length=160, blank=True, default="")
    may_edit = models.BooleanField(_("darf bearbeiten"), default=False)
    may_publish = models.BooleanField(_("darf veröffentlichen"), default=False)
    may_represent = models.BooleanField(_("darf vertreten"), default=False)
    is_contact = models.BooleanField(_("Ansprechperson"), default=False)
    starts_on = models.DateField(_("ab"), default=clock.today)
    ends_on = models.DateField(_("bis"), null=True, blank=True)
    successor = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["organisation", "ends_on"])]


class RoleGrant(Entity):
    """A role held in something: by whom given, why, from when and until when."""

    class Role(models.TextChoices):
        ADVISER = "adviser", _("Beraterin oder Berater")
        COORDINATOR = "coordinator", _("Koordination")
        OFFICE = "office", _("Geschäftsstelle")
        AUDITOR = "auditor", _("Revision (liest)")
        OPERATOR = "operator", _("Betrieb")
        CHAIR = "chair", _("Vorsitz")
        MINUTE_TAKER = "minute_taker", _("Schriftführung")
        DELEGATE = "delegate", _("Mitglied im Gremium")

    OF_BODIES = (Role.CHAIR, Role.MINUTE_TAKER, Role.DELEGATE)

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="grants")
    role = models.CharField(_("Rolle"), max_length=20, choices=Role.choices)
    network = models.ForeignKey(Network, null=True, on_delete=models.CASCADE, related_name="+")
    held_in_type = models.CharField(max_length=60, blank=True, default="")
    held_in_uuid = models.UUIDField(null=True)
    reason = models.CharField(_("Grund"), max_length=300)
    starts_on = models.DateField(_("ab"), default=clock.today)
    ends_on = models.DateField(_("bis"), null=True, blank=True)
    granted_by = models.CharField(max_length=80)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=80, blank=True, default="")

    class Meta:
        indexes = [models.Index(fields=["network", "role"])]


class Absence(Entity):
    """While a person is away, a deputy holds the person's roles too."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="absences")
    deputy = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="stands_in")
    starts_on = models.DateField(_("ab"))
    ends_on = models.DateField(_("bis"))
    note = models.CharField(_("Hinweis"), max_length=300, blank=True, default="")


class Invitation(Entity):
    """A one-use link to one person for one purpose: a seat, a role, or both (T06)."""

    network = models.ForeignKey(Network, on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField(_("E-Mail-Adresse"), max_length=254)
    first_name = models.CharField(_("Vorname"), max_length=120, blank=True, default="")
    last_name = models.CharField(_("Nachname"), max_length=120, blank=True, default="")
    organisation = models.ForeignKey(Organisation, null=True, on_delete=models.CASCADE)
    function = models.CharField(_("Funktion"), max_length=160, blank=True, default="")
    may_edit = models.BooleanField(default=False)
    may_publish = models.BooleanField(default=False)
    may_represent = models.BooleanField(default=False)
    role = models.CharField(max_length=20, blank=True, default="", choices=RoleGrant.Role.choices)
    reason = models.CharField(_("Grund"), max_length=300, blank=True, default="")
    message = models.TextField(_("Persönliche Nachricht"), blank=True, default="")
    token_hash = models.CharField(max_length=64, unique=True)
    invited_by = models.CharField(max_length=80)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    accepted_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    revoked_at = models.DateTimeField(null=True)


class Consent(Entity):
    """A person's own revocable yes for one purpose and channel, with the wording it was given to
    (GDPR art. 7); a withdrawal ends it at once."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="consents")
    network = models.ForeignKey(Network, null=True, on_delete=models.CASCADE, related_name="+")
    purpose = models.CharField(max_length=40)
    channel = models.CharField(max_length=20)
    wording = models.TextField()
    wording_version = models.CharField(max_length=40)
    lang = models.CharField(max_length=5, default="de")
    given_at = models.DateTimeField(default=clock.now)
    given_by = models.CharField(max_length=80)
    source = models.CharField(max_length=160, blank=True, default="")
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.CharField(max_length=80, blank=True, default="")

    class Meta:
        indexes = [models.Index(fields=["person", "purpose"])]


class Erasure(Entity):
    """A request to erase a person: dry run, a second pair of eyes, receipt."""

    class State(models.TextChoices):
        ASKED = "asked", _("beantragt")
        CONFIRMED = "confirmed", _("bestätigt")
        DONE = "done", _("ausgeführt")
        WITHDRAWN = "withdrawn", _("zurückgezogen")

    person = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    person_uuid = models.UUIDField()
    network = models.ForeignKey(Network, null=True, on_delete=models.SET_NULL, related_name="+")
    asked_by = models.CharField(max_length=80)
    asked_at = models.DateTimeField(default=clock.now)
    confirmed_by = models.CharField(max_length=80, blank=True, default="")
    confirmed_at = models.DateTimeField(null=True)
    not_before = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.ASKED)
    report = models.JSONField(default=dict)


class FactorReset(Entity):
    """A request to take the second factor off an account whose owner lost it: one asks, another
    confirms. One that was asked for more than seven days ago has lapsed, by the clock."""

    class State(models.TextChoices):
        ASKED = "asked", _("beantragt")
        DONE = "done", _("ausgeführt")
        WITHDRAWN = "withdrawn", _("zurückgezogen")

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    network = models.ForeignKey(Network, null=True, on_delete=models.SET_NULL, related_name="+")
    reason = models.CharField(_("Grund"), max_length=300)
    identity = models.CharField(_("So geprüft"), max_length=300)
    asked_by = models.CharField(max_length=80)
    asked_at = models.DateTimeField(default=clock.now)
    lapses_at = models.DateTimeField()
    confirmed_by = models.CharField(max_length=80, blank=True, default="")
    done_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.ASKED)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(confirmed_by=models.F("asked_by")), name="factor_reset_two"
            )
        ]

    @property
    def has_lapsed(self) -> bool:
        """Whether nobody confirmed it in time."""
        return self.state == self.State.ASKED and self.lapses_at <= clock.now()


class SupportSession(Entity):
    """The operator acting as a person: limited in time, with a reason, shown to the person."""

    operator = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    reason = models.CharField(_("Grund"), max_length=300)
    starts_at = models.DateTimeField(default=clock.now)
    ends_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
