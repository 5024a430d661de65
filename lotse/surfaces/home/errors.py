"""Error pages in plain words: what happened, what is kept, what to do."""

import re
import sys

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from lotse.foundation.core import logs
from lotse.foundation.ui.middleware import trouble

_ENTRY = re.compile(r"/verzeichnis/[0-9a-f-]{36}/")


def _refuse(request: HttpRequest, status: int, title: str, text: str) -> HttpResponse:
    return render(request, "ui/refusal.html", {"title": title, "text": text}, status=status)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400, also for more text or fields than are taken."""
    return _refuse(
        request,
        400,
        _("Diese Anfrage ließ sich nicht lesen"),
        _("Vielleicht war sie zu groß. Gehen Sie zurück: Ihre Eingabe steht noch dort."),
    )


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403."""
    return _refuse(
        request, 403, _("Das dürfen Sie hier nicht"), _("Dafür reicht Ihr Zugang nicht aus.")
    )


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 for a form that was open too long or came from elsewhere."""
    return _refuse(
        request,
        403,
        _("Das Formular war zu lange offen"),
        _("Gehen Sie zurück, laden Sie die Seite neu und senden Sie noch einmal. "
          "Cookies müssen erlaubt sein."),
    )  # fmt: skip


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404: the same for what does not exist and for what is not visible."""
    if _ENTRY.match(request.path):
        return render(
            request, "ui/refusal.html", status=404,
            context={
                "title": _("Dieser Eintrag ist nicht oder nicht mehr zu lesen."),
                "text": _("Vielleicht gibt es einen anderen, der weiterhilft."),
                "link": (_("Im Verzeichnis suchen"), reverse("directory:find")),
            },
        )  # fmt: skip
    return _refuse(
        request,
        404,
        _("Diese Seite gibt es nicht"),
        _("Vielleicht wurde sie gelöscht, oder der Link ist nicht vollständig. "
          "Kamen Sie über einen geheimen Link? Öffnen Sie ihn bitte noch einmal."),
    )  # fmt: skip


def server_error(request: HttpRequest) -> HttpResponse:
    """500, without database and templates of rooms: it must work when they do not.

    Here arrives, too, what a middleware raises, as for a session when the database is away (T44).
    """
    if (answer := trouble(sys.exception())) is not None:
        return answer
    title = _("Hier ist etwas schiefgegangen")
    text = _("Was Sie zuletzt gespeichert haben, ist erhalten. Bitte versuchen Sie es in einer "
             "Minute noch einmal.")  # fmt: skip
    number = _("Vorgangsnummer: %(number)s") % {"number": logs.request_id.get()}
    lang = (get_language() or "de")[:2]
    body = (
        f'<!doctype html><html lang="{lang}"><meta charset="utf-8"><title>{title}</title>'
        f'<h1>{title}</h1><p>{text}</p><p>{number}</p><p><a href="/">Lotse</a></p></html>'
    )
    return HttpResponse(body, status=500)
