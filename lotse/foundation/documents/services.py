"""Taking in, handing out and deleting files."""

import hashlib
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from lotse.foundation.core import actionlog, clock, text, trash
from lotse.foundation.core.actor import Actor
from lotse.foundation.core.errors import Refused
from lotse.foundation.core.ref import Ref
from lotse.foundation.documents import types
from lotse.foundation.documents.models import Document


def read_upload(upload: "UploadedFile[Any]") -> tuple[str, str, bytes]:
    """(title, media type, content) of an upload that may be kept.

    Raises Refused for an empty file, one over the size, or a type that is not taken; size is
    looked at before anything is read.
    """
    size = upload.size or 0
    if size > settings.UPLOAD_MAX_BYTES:
        raise Refused(
            _("Die Datei ist zu groß: höchstens %(most)s MB.")
            % {"most": settings.UPLOAD_MAX_BYTES // 1024**2}
        )
    content = upload.read()
    if not content:
        raise Refused(_("Die Datei ist leer."))
    media_type = types.media_type_of(content)
    if not media_type:
        raise Refused(
            _(
                "Diese Art von Datei wird nicht angenommen. Möglich sind PDF, PNG, JPEG, Word, "
                "Excel, PowerPoint, OpenDocument und Text."
            )
        )
    return _title(upload.name or "", media_type), media_type, content


def _title(name: str, media_type: str) -> str:
    """A readable name without path, with the ending of the true type."""
    base = text.clean_line(name).replace("\\", "/").rsplit("/", 1)[-1]
    stem = base.rsplit(".", 1)[0].strip(". ") or _("Datei")
    return f"{stem[:120]}.{types.ENDINGS[media_type]}"


@transaction.atomic
def keep_upload(
    upload: "UploadedFile[Any]", *, owner: Ref, subject: UUID, actor: Actor
) -> Document:
    """Keeps a file for an object. The file is written first and removed if the row fails.

    Raises Refused (see `read_upload`).
    """
    title, media_type, content = read_upload(upload)
    held = Document.objects.filter(subject_uuid=subject).aggregate(total=Sum("size"))["total"] or 0
    if held + len(content) > settings.UPLOAD_MAX_TOTAL:
        raise Refused(
            _("Alle Dateien zusammen dürfen höchstens %(most)s MB haben.")
            % {"most": settings.UPLOAD_MAX_TOTAL // 1024**2}
        )
    content = types.without_metadata(content, media_type)
    document = Document(
        owner_type=owner.type,
        owner_uuid=owner.uuid,
        subject_uuid=subject,
        title=title,
        media_type=media_type,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
    )
    default_storage.save(document.stored_name, ContentFile(content))
    try:
        document.save()
    except Exception:
        default_storage.delete(document.stored_name)
        raise
    actionlog.record(
        "documents.document.kept", document, actor=actor, after={"title": title}, subject=subject
    )
    return document


@transaction.atomic
def delete_document(document: Document, *, actor: Actor, keep_file: bool = False) -> None:
    """Deletes a file; it leaves the disk when the transaction is through.

    With `keep_file` it stays on the disk, for the waste basket holds it (`core.trash`).
    """
    name = document.stored_name
    actionlog.record(
        "documents.document.deleted", document, actor=actor, subject=document.subject_uuid
    )
    document.delete()
    if not keep_file:
        transaction.on_commit(lambda: default_storage.delete(name))


def delete_orphans() -> int:
    """Deletes files older than an hour that no row and no waste basket names: a process may die
    between the file and its row (T42). Returns how many."""
    folder = Path(settings.MEDIA_ROOT) / "documents"
    border = (clock.now() - timedelta(hours=1)).timestamp()
    held = {Path(name).name for name in trash.held_files()}
    old = [
        file
        for file in folder.glob("*/*")
        if file.stat().st_mtime < border and file.name not in held
    ]
    count = 0
    for start in range(0, len(old), 500):
        names = {file.name: file for file in old[start : start + 500]}
        known = Document.objects.filter(uuid__in=[UUID(name) for name in names if _is_ours(name)])
        for found in known.values_list("uuid", flat=True):
            names.pop(found.hex, None)
        for file in names.values():
            file.unlink(missing_ok=True)
            count += 1
    return count


def _is_ours(name: str) -> bool:
    return len(name) == 32 and all(c in "0123456789abcdef" for c in name)


def delete_of_subject(subject: UUID) -> int:
    """Deletes all files of an object that goes as a whole; call inside its transaction."""
    documents = list(Document.objects.filter(subject_uuid=subject))
    names = [document.stored_name for document in documents]
    Document.objects.filter(subject_uuid=subject).delete()
    transaction.on_commit(lambda: _delete_files(names))
    return len(documents)


def _delete_files(names: list[str]) -> None:
    for name in names:
        default_storage.delete(name)
