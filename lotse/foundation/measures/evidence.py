"""Files that show what was done on a measure. Callers authorise."""

from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from lotse.foundation.core.actor import Actor
from lotse.foundation.core.errors import Refused
from lotse.foundation.core.ref import Ref
from lotse.foundation.documents import services as documents
from lotse.foundation.documents.models import Document
from lotse.foundation.measures.models import Measure

MOST_FILES = 20


def evidence_of(measure: Measure) -> QuerySet[Document]:
    """The files of a measure."""
    owner = Ref.to(measure)
    return Document.objects.filter(owner_type=owner.type, owner_uuid=owner.uuid).order_by("id")


def keep(measure: Measure, upload: "UploadedFile[Any]", *, actor: Actor) -> None:
    """Keeps a file; it goes with the origin of the measure. Raises Refused (type, size, more than
    20 files)."""
    if evidence_of(measure).count() >= MOST_FILES:
        raise Refused(_("Mehr als 20 Dateien je Maßnahme sind nicht vorgesehen."))
    documents.keep_upload(upload, owner=Ref.to(measure), subject=measure.origin_uuid, actor=actor)


def drop(measure: Measure, document: UUID, *, actor: Actor) -> None:
    """Puts one file of a measure into the waste basket; one that is gone already is no fault."""
    from lotse.foundation.measures import basket  # which asks this module for the files

    found = evidence_of(measure).filter(uuid=document).first()
    if found is not None:
        basket.throw_evidence(measure, found, actor=actor)
