"""Services' refusals, and a machine in trouble, as HTTP answers with a page in plain words."""

import errno
import logging
from collections.abc import Callable

from django.conf import settings
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.html import format_html
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from lotse.foundation.core import logs
from lotse.foundation.core.errors import Conflict, InProgress, NotAllowed, Refused, TooMany

Handler = Callable[[HttpRequest], HttpResponse]
logger = logging.getLogger("lotse.web")
FORM_BYTES = 1024 * 1024


class Refusals:
    """Innermost: sees what views raise, and requests before their body is read."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if _length(request) > settings.UPLOAD_MAX_BYTES + FORM_BYTES:
            # Refused unread: no gigabyte goes through memory or the temporary folder (T25).
            megabytes = settings.UPLOAD_MAX_BYTES // 1024**2
            text = _(
                "Gehen Sie zurück und wählen Sie eine kleinere Datei: höchstens %(most)s MB."
            ) % {"most": megabytes}
            return _page(request, 413, _("Das ist zu groß"), text)
        response = self.get_response(request)
        if response.status_code == 405 and not response.streaming and not response.content:
            return _not_this_way(request, response["Allow"])
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, NotAllowed):
            text = _("Ihr Zugang erlaubt das Lesen, aber nicht das Ändern.")
            return _page(request, 403, _("Das dürfen Sie hier nicht"), text)
        if isinstance(exception, Refused):
            return _page(request, 422, _("Das ging nicht"), " ".join(exception.messages))
        if isinstance(exception, TooMany):
            return _too_many(request, exception)
        if isinstance(exception, InProgress | Conflict):
            return _conflict(request, exception)
        return trouble(exception)


def _length(request: HttpRequest) -> int:
    value = str(request.META.get("CONTENT_LENGTH") or "0")
    return int(value) if value.isascii() and value.isdigit() else 0


def _not_this_way(request: HttpRequest, allowed: str) -> HttpResponse:
    """405, mostly the address of a form that somebody opened as a page."""
    text = _("Diese Adresse gehört zu einer Schaltfläche. Gehen Sie zurück und nutzen Sie diese.")
    response = _page(request, 405, _("Hier gibt es keine Seite"), text)
    response["Allow"] = allowed
    return response


def _too_many(request: HttpRequest, exception: TooMany) -> HttpResponse:
    minutes = -(-exception.retry_after // 60)
    text = ngettext(
        "Das waren sehr viele Versuche. Bitte warten Sie eine Minute.",
        "Das waren sehr viele Versuche. Bitte warten Sie %(minutes)s Minuten.",
        minutes,
    ) % {"minutes": minutes}
    response = _page(request, 429, _("Bitte kurz warten"), text)
    response["Retry-After"] = str(exception.retry_after)
    return response


def _conflict(request: HttpRequest, exception: InProgress | Conflict) -> HttpResponse:
    if isinstance(exception, Conflict):
        text = _("Gehen Sie zurück: Ihre Eingabe steht noch dort. Laden Sie die Seite dann neu.")
        return _page(request, 409, _("Inzwischen wurde etwas anderes gespeichert"), text)
    text = _("Sie wurde zweimal abgeschickt; die erste wird noch bearbeitet.")
    response = _page(request, 409, _("Ihre Eingabe wird gerade gespeichert"), text)
    response["Retry-After"] = str(exception.retry_after)
    return response


def trouble(exception: BaseException | None) -> HttpResponse | None:
    """A full disk (507) or a database that does not answer (503); anything else is a fault."""
    full = isinstance(exception, OSError) and exception.errno in (errno.ENOSPC, errno.EDQUOT)
    full = full or (isinstance(exception, OperationalError) and "is full" in str(exception))
    if full:
        logger.error("Der Speicherplatz ist voll: %s", exception)
        return _plain(507, _("Der Speicherplatz ist voll. Lesen geht weiter, Speichern nicht."))
    if isinstance(exception, OperationalError):
        logger.error("Die Datenbank antwortet nicht: %s", exception)
        return _plain(503, _("Die Datenbank antwortet gerade nicht. Bitte warten Sie kurz."))
    return None


def _page(request: HttpRequest, status: int, title: str, text: str) -> HttpResponse:
    return render(request, "ui/refusal.html", {"title": title, "text": text}, status=status)


def _plain(status: int, text: str) -> HttpResponse:
    """Without template and database: it must work when they do not."""
    body = format_html(
        '<!doctype html><html lang="{}"><meta charset="utf-8"><title>Lotse</title>'
        "<h1>{}</h1><p>{}</p><p>{}</p>",
        (get_language() or "de")[:2],
        text,
        _("Gehen Sie zurück: Ihre Eingabe steht noch dort. Senden Sie sie in einer Minute erneut."),
        _("Vorgangsnummer: %(number)s") % {"number": logs.request_id.get()},
    )
    return HttpResponse(body, status=status, headers={"Retry-After": "60"})
