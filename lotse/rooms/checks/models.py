"""Checks, their revisions, and what people answered.

Checkpoint ids are plain strings validated against the pinned revision: no foreign key leads into
the content, so nothing a person answered can cascade away when a check changes.
"""

import uuid as uuid_lib

from django.db import models
from django.utils.translation import gettext_lazy as _

from lotse.foundation.core import clock
from lotse.foundation.core.models import Entity
from lotse.foundation.parties.models import Network, Organisation, Person

SKIP = "skip"


class Check(Entity):
    """A check by its identifier; `current` is the revision visitors get, if any."""

    code = models.CharField(max_length=100, unique=True)
    current = models.OneToOneField(
        "CheckRevision", null=True, on_delete=models.PROTECT, related_name="current_of"
    )

    @property
    def published(self) -> "CheckRevision":
        """The current revision; load the check with `select_related("current")`."""
        if self.current is None:
            raise ValueError(f"{self.code} is not published")
        return self.current


class CheckRevision(Entity):
    """One revision, immutable once imported; the loader is its single writer."""

    check_ref = models.ForeignKey(Check, on_delete=models.PROTECT, related_name="revisions")
    number = models.PositiveIntegerField()
    content = models.JSONField()
    sha256 = models.CharField(max_length=64)
    title = models.JSONField()
    published_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["check_ref", "number"], name="check_revision_once")
        ]
        indexes = [models.Index(fields=["sha256"])]


class Assessment(Entity):
    """One round of a check by an organisation or a team of it, pinned to a revision.

    The rounds of one organisation's check share a `series`, an `owner` (who claimed it with an
    account) and an `organisation` (whose editors share it).
    """

    class Scope(models.TextChoices):
        ORGANISATION = "organisation", _("die ganze Organisation")
        TEAM = "team", _("ein Team oder Bereich")

    network = models.ForeignKey(Network, null=True, on_delete=models.PROTECT)
    revision = models.ForeignKey(CheckRevision, on_delete=models.PROTECT)
    organisation = models.ForeignKey(Organisation, null=True, on_delete=models.SET_NULL)
    owner = models.ForeignKey(
        Person, null=True, on_delete=models.SET_NULL, related_name="assessments"
    )
    organisation_name = models.CharField(max_length=200, blank=True, default="")
    scope = models.CharField(max_length=15, choices=Scope.choices, default=Scope.ORGANISATION)
    unit = models.CharField(max_length=200, blank=True, default="")
    series = models.UUIDField(default=uuid_lib.uuid4, editable=False)
    previous = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="next")
    round = models.PositiveIntegerField(default=1)
    started_at = models.DateTimeField(default=clock.now)
    opened_on = models.DateField(default=clock.today)
    is_demo = models.BooleanField(default=False)

    class Meta:
        indexes = [models.Index(fields=["opened_on"])]
        constraints = [models.UniqueConstraint(fields=["series", "round"], name="round_once")]


class AccessLink(Entity):
    """A secret link to an assessment: to edit or only to read. Kept as a hash (rulings)."""

    assessment = models.ForeignKey(Assessment, on_delete=models.CASCADE, related_name="links")
    level = models.CharField(max_length=10)
    token_hash = models.CharField(max_length=64, unique=True)
    revoked_at = models.DateTimeField(null=True)


class Share(Entity):
    """A series shared with one person, mostly an adviser: to read or to edit, until it is ended."""

    series = models.UUIDField()
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="shared_assessments")
    level = models.CharField(max_length=10)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["series"])]
        constraints = [
            models.UniqueConstraint(
                fields=["series", "person"],
                condition=models.Q(ended_at=None),
                name="share_once",
            )
        ]


class Answer(Entity):
    """The present answer to one checkpoint. `saved_by` is the key of the form that wrote it:
    the drafts of one open page never conflict with that page's own submit."""

    assessment = models.ForeignKey(Assessment, on_delete=models.CASCADE, related_name="answers")
    checkpoint = models.CharField(max_length=40)
    level = models.CharField(max_length=40, blank=True, default="")
    note = models.TextField(blank=True, default="")
    marks = models.JSONField(default=dict)
    own_examples = models.JSONField(default=list)
    saved_by = models.CharField(max_length=64, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["assessment", "checkpoint"], name="answer_once")
        ]


class Rating(models.Model):
    """Every rating is an event and is only ever added: the course over time is a query."""

    assessment = models.ForeignKey(Assessment, on_delete=models.CASCADE, related_name="ratings")
    checkpoint = models.CharField(max_length=40)
    level = models.CharField(max_length=40)
    at = models.DateTimeField(default=clock.now)
    measure_uuid = models.UUIDField(null=True)

    class Meta:
        indexes = [models.Index(fields=["assessment", "checkpoint", "at"])]
