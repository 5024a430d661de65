"""Files people hand in, kept under generated names; rendered papers come from `papers`."""

from django.db import models

from lotse.foundation.core.models import Entity


def stored_name(key: str) -> str:
    """Where the file of a document lies, by the 32 hex digits of its uuid."""
    return f"documents/{key[:2]}/{key}"


class Document(Entity):
    """One uploaded file of an object of any room (`owner_type`, `owner_uuid`)."""

    owner_type = models.CharField(max_length=60)
    owner_uuid = models.UUIDField()
    subject_uuid = models.UUIDField()
    title = models.CharField(max_length=200)
    media_type = models.CharField(max_length=100)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)

    class Meta:
        indexes = [
            models.Index(fields=["owner_type", "owner_uuid"]),
            models.Index(fields=["subject_uuid"]),
        ]

    @property
    def stored_name(self) -> str:
        """Where the file lies: generated, never from what the person called it (T23)."""
        return stored_name(self.uuid.hex)
