"""Measures and their files in the waste basket. Callers authorise, as for every other write."""

from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lotse.foundation.core import trash
from lotse.foundation.core.actor import Actor
from lotse.foundation.core.errors import Refused
from lotse.foundation.core.models import TrashItem
from lotse.foundation.documents import services as documents
from lotse.foundation.documents.models import Document
from lotse.foundation.measures.evidence import evidence_of
from lotse.foundation.measures.models import Measure

MEASURE = trash.Kind("measures.measure", gettext_lazy("Maßnahme"))
EVIDENCE = trash.Kind("measures.evidence", gettext_lazy("Nachweis"))


def register() -> None:
    trash.register(MEASURE)
    trash.register(EVIDENCE)


@transaction.atomic
def throw_measure(measure: Measure, *, actor: Actor) -> None:
    """Puts a measure with who helps, its notes and files into the basket; call before it goes. The
    files lose their rows and stay on the disk."""
    found = list(evidence_of(measure))
    trash.put(
        [measure, *measure.helpers.order_by("id"), *measure.progress.order_by("id"), *found],
        kind=MEASURE.code,
        title=measure.title,
        actor=actor,
        owner=measure.origin_uuid,
        files=[document.stored_name for document in found],
    )
    for document in found:
        documents.delete_document(document, actor=actor, keep_file=True)


@transaction.atomic
def throw_evidence(measure: Measure, document: Document, *, actor: Actor) -> None:
    """Puts one file into the basket; its row goes, the file stays on the disk."""
    trash.put(
        [document],
        kind=EVIDENCE.code,
        title=document.title,
        actor=actor,
        owner=measure.origin_uuid,
        files=[document.stored_name],
    )
    documents.delete_document(document, actor=actor, keep_file=True)


@transaction.atomic
def restore(origin: UUID, item: UUID, *, actor: Actor) -> None:
    """Brings something of this origin back. Raises Refused when it is there already or gone for
    good, or when the measure of a file is not there."""
    found = trash.items_of(origin).filter(uuid=item).first()
    if found is None:
        raise Refused(_("Das liegt nicht mehr im Papierkorb."))
    if found.kind == EVIDENCE.code and not _has_measure(found):
        raise Refused(_("Stellen Sie zuerst die Maßnahme wieder her, zu der die Datei gehört."))
    trash.restore(found, actor=actor)


def _has_measure(item: TrashItem) -> bool:
    owner = item.content["objects"][0]["fields"]["owner_uuid"]
    return Measure.objects.filter(uuid=owner).exists()
