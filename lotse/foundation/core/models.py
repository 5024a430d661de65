"""Base of all entities, and the tables of the core: log, first answers, limits, search."""

import uuid as uuid_lib

from django.db import models
from django.utils.translation import gettext_lazy as _

from lotse.foundation.core import clock

ALL_NETWORKS = uuid_lib.UUID(int=0)


def random_name() -> str:
    """A name nobody else has, for what happens once only by chance."""
    return uuid_lib.uuid4().hex


class Entity(models.Model):
    """Integer key inside, random uuid outside, a version that every change raises by one.

    uuid4, not uuid7: an address must not tell when or in which order something was made.
    """

    uuid = models.UUIDField(default=uuid_lib.uuid4, unique=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    updated_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        abstract = True


class LogEntry(models.Model):
    """Who did what to which object, with the values before and after (T41).

    `subject` is the object whose deletion takes the content of its lines along: of a deleted
    assessment one line without content stays.
    """

    at = models.DateTimeField(default=clock.now)
    actor = models.CharField(max_length=80)
    code = models.CharField(max_length=80)
    object_type = models.CharField(max_length=60)
    object_uuid = models.UUIDField()
    subject_uuid = models.UUIDField(null=True)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["object_uuid", "at"]),
            models.Index(fields=["subject_uuid"]),
            models.Index(fields=["at"]),
        ]


class FirstAnswer(models.Model):
    """What a form with an idempotency key was answered, kept for a day (T38)."""

    digest = models.BinaryField(max_length=32, unique=True)
    result = models.JSONField(null=True)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        indexes = [models.Index(fields=["created_at"])]


class LimitCounter(models.Model):
    """How often something was tried in a window; the address is only kept as a keyed hash."""

    digest = models.BinaryField(max_length=32, unique=True)
    hits = models.PositiveIntegerField(default=0)
    window_ends = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["window_ends"])]


class SearchDoc(models.Model):
    """One findable thing in one language, or in "*" for an entry that is found from all of them.

    Narrow, for all hits of a question are read: where it may be seen (`network_uuid`, `audience`
    as bits, from when until when), its `facets` as "key=value" tokens, its place in the alphabet
    (`sort_key`) and in the daily changing order of equals (`spot`). `names` says that the title is
    a proper name, in which typing errors are forgiven.
    """

    kind = models.CharField(max_length=40)
    ref = models.UUIDField()
    part = models.CharField(max_length=40, blank=True, default="")
    lang = models.CharField(max_length=5)
    network_uuid = models.UUIDField(null=True)
    audience = models.PositiveSmallIntegerField(default=7)
    from_at = models.DateTimeField(null=True)
    until_at = models.DateTimeField(null=True)
    spot = models.PositiveIntegerField(default=0)
    names = models.BooleanField(default=False)
    sort_key = models.CharField(max_length=80, blank=True, default="")
    facets = models.TextField(blank=True, default="")
    key = models.CharField(max_length=80, blank=True, default="")
    title = models.CharField(max_length=300)
    url = models.CharField(max_length=300)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "ref", "part", "lang"], name="search_doc_once")
        ]
        indexes = [models.Index(fields=["ref"])]


class SearchText(models.Model):
    """The words of a findable thing, analysed; the full-text index of the database is over these.

    `topic_terms` and `body_terms` have one segment for each of `fields`, in their order, with
    " | " in between; in `fields` a "/" stands between those of the two.
    `facets` repeats those of the document, so that one index answers for both.
    """

    doc = models.OneToOneField(
        SearchDoc, primary_key=True, on_delete=models.CASCADE, related_name="text"
    )
    summary = models.TextField(blank=True, default="")
    fields = models.TextField(blank=True, default="")
    title_words = models.TextField(blank=True, default="")
    title_terms = models.TextField(blank=True, default="")
    topic_terms = models.TextField(blank=True, default="")
    body_terms = models.TextField(blank=True, default="")
    name_keys = models.TextField(blank=True, default="")
    facets = models.TextField(blank=True, default="")


class OutboxMail(Entity):
    """One mail to one address, written in the transaction of the act that causes it.

    The worker claims it before it sends: of a worker that was killed in between, the mail is
    marked `unclear`, shown at the desk and never sent again by itself (T47). `once` names what is
    mailed once only (a reminder of a day).
    """

    class Class(models.TextChoices):
        SECURITY = "security", _("Sicherheit")
        DUTY = "duty", _("Aufgaben einer Rolle")
        NEWS = "news", _("Neuigkeiten")

    class State(models.TextChoices):
        HELD = "held", _("für die Sammelmail vorgemerkt")
        QUEUED = "queued", _("wartet")
        SENDING = "sending", _("wird gesendet")
        SENT = "sent", _("gesendet")
        UNCLEAR = "unclear", _("unklar")
        FAILED = "failed", _("nicht zustellbar")
        BOUNCED = "bounced", _("zurückgekommen")
        STOPPED = "stopped", _("abbestellt, nicht gesendet")

    network_uuid = models.UUIDField(null=True)
    code = models.CharField(max_length=80)
    mail_class = models.CharField(max_length=10, choices=Class.choices)
    address = models.EmailField(max_length=254)
    person_uuid = models.UUIDField(null=True)
    reply_to = models.EmailField(max_length=254, blank=True, default="")
    lang = models.CharField(max_length=5, default="de")
    subject = models.CharField(max_length=300)
    text = models.TextField()
    html = models.TextField(blank=True, default="")
    reason = models.CharField(max_length=300, blank=True, default="")
    once = models.CharField(max_length=160, unique=True, default=random_name)
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    due_at = models.DateTimeField(default=clock.now)
    attempts = models.PositiveSmallIntegerField(default=0)
    claimed_by = models.CharField(max_length=40, blank=True, default="")
    claimed_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=300, blank=True, default="")
    # What is attached: name, media type, and the text itself or the checksum of a `MailFile`.
    files = models.JSONField(default=list)

    class Meta:
        indexes = [
            models.Index(fields=["state", "due_at"]),
            models.Index(fields=["address", "created_at"]),
            models.Index(fields=["person_uuid"]),
        ]


class MailFile(models.Model):
    """What is attached to mails, kept once for all that carry it, as long as their texts."""

    sha256 = models.CharField(max_length=64, unique=True)
    content = models.BinaryField()
    used_at = models.DateTimeField(default=clock.now)


class MailChoice(models.Model):
    """What an address wants of one kind of mail: each one, one digest a day, or none.

    An empty `code` is the choice for all news of the network.
    """

    class Choice(models.TextChoices):
        EACH = "each", _("jede einzeln")
        DIGEST = "digest", _("einmal am Tag gesammelt")
        OFF = "off", _("keine")

    address = models.EmailField(max_length=254)
    network_uuid = models.UUIDField(default=ALL_NETWORKS)
    code = models.CharField(max_length=80, blank=True, default="")
    choice = models.CharField(max_length=10, choices=Choice.choices)
    changed_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["address", "network_uuid", "code"], name="mail_choice_once"
            )
        ]


class DeadAddress(models.Model):
    """An address from which mail came back for good; nothing but security mail is tried again."""

    address = models.EmailField(max_length=254, unique=True)
    since = models.DateTimeField(default=clock.now)
    reason = models.CharField(max_length=300, blank=True, default="")


class ChainHead(models.Model):
    """The end of one chain of records; locking this row, never the last record, keeps the chain
    from forking. `chain` is the uuid of a network."""

    chain = models.UUIDField(unique=True)
    seq = models.PositiveBigIntegerField(default=0)
    hash = models.CharField(max_length=64, blank=True, default="")


class ChainRecord(models.Model):
    """One link of a record chain: what must not be changed quietly (role grants, decisions)."""

    chain = models.UUIDField()
    seq = models.PositiveBigIntegerField()
    at = models.DateTimeField()
    actor = models.CharField(max_length=80)
    action = models.CharField(max_length=80)
    object_type = models.CharField(max_length=60)
    object_uuid = models.UUIDField()
    payload_hash = models.CharField(max_length=64)
    prev_hash = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["chain", "seq"], name="chain_seq_once"),
            models.UniqueConstraint(fields=["chain", "prev_hash"], name="chain_never_forks"),
        ]
        indexes = [models.Index(fields=["object_uuid"])]


class ChainPayload(models.Model):
    """What a record is about, with its salt: deleting both erases it, and the chain still holds."""

    record = models.OneToOneField(ChainRecord, on_delete=models.PROTECT, related_name="payload")
    salt = models.CharField(max_length=64)
    payload = models.JSONField()


class JobRun(models.Model):
    """One run of one piece of scheduled work: what ran, what failed, what is late."""

    name = models.CharField(max_length=120)
    due_on = models.DateField()
    started_at = models.DateTimeField(default=clock.now)
    ended_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    ok = models.BooleanField(default=False)
    count = models.PositiveIntegerField(default=0)
    error = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["name", "due_on"], name="job_once_a_day")]


class TrashItem(Entity):
    """Something a person deleted, kept for 30 days as it was, for its owner or the office."""

    network_uuid = models.UUIDField(null=True)
    kind = models.CharField(max_length=60)
    object_uuid = models.UUIDField()
    title = models.CharField(max_length=300)
    content = models.JSONField()
    deleted_by = models.CharField(max_length=80)
    owner_uuid = models.UUIDField(null=True)
    expires_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["expires_at"]), models.Index(fields=["owner_uuid"])]
