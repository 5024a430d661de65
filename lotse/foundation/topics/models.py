"""One taxonomy of topics and one of regions, used by every room."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from lotse.foundation.core.models import Entity


class Topic(Entity):
    """A topic in two levels; names, summaries and synonyms are text maps (language -> text).

    A topic is never deleted, for others refer to it by its code: it is retired, with a successor
    where it is in use. `shipped` is what the content last said; a value that differs from it was
    changed at the desk and is kept. What the desk made itself `is_own`.
    """

    code = models.CharField(max_length=40, unique=True)
    parent = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="topics")
    name = models.JSONField()
    summary = models.JSONField(default=dict)
    synonyms = models.JSONField(default=dict)
    position = models.PositiveIntegerField(default=0)
    note = models.TextField(_("Hinweis"), blank=True, default="")
    retired_at = models.DateTimeField(null=True)
    successor = models.ForeignKey(
        "self", null=True, on_delete=models.PROTECT, related_name="replaced"
    )
    is_own = models.BooleanField(default=False)
    shipped = models.JSONField(default=dict)

    class Meta:
        ordering = ["position", "pk"]


class Region(Entity):
    """Bund, Land or Kreis by its official key (AGS): 00, two digits, five digits."""

    class Kind(models.TextChoices):
        COUNTRY = "bund", _("Bund")
        STATE = "land", _("Land")
        DISTRICT = "kreis", _("Landkreis")
        CITY = "stadt", _("kreisfreie Stadt")

    key = models.CharField(max_length=5, unique=True)
    name = models.CharField(max_length=120)
    name_en = models.CharField(max_length=120, blank=True, default="")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    parent = models.ForeignKey("self", null=True, on_delete=models.CASCADE, related_name="regions")

    class Meta:
        ordering = ["key"]
