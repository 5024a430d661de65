"""Files and papers as HTTP answers: always an attachment, never sniffed, never cached."""

from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpResponse
from django.utils.http import content_disposition_header

from lotse.foundation.core.middleware import CSP_FILE
from lotse.foundation.documents.models import Document

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def paper(content: bytes, *, name: str, media_type: str) -> HttpResponse:
    """A rendered paper under its name."""
    response = HttpResponse(content, content_type=media_type)
    response["Content-Disposition"] = content_disposition_header(True, name)
    response["Content-Security-Policy"] = CSP_FILE
    response["Cache-Control"] = "no-store"
    return response


def handed_in(document: Document) -> FileResponse:
    """A file somebody handed in; call only after the permission was checked."""
    try:
        file = default_storage.open(document.stored_name)
    except FileNotFoundError:
        raise Http404 from None
    response = FileResponse(
        file, as_attachment=True, filename=document.title, content_type=document.media_type
    )
    response["Content-Security-Policy"] = CSP_FILE
    response["Cache-Control"] = "no-store"
    return response
