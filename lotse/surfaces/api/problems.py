"""Refusals of the API as `application/problem+json` (RFC 9457), in the language asked for."""

import errno
import json
import logging
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from ninja.errors import HttpError, ValidationError

from lotse.foundation.core.errors import Conflict, InProgress, NotAllowed, Refused, TooMany

MEDIA_TYPE = "application/problem+json"
logger = logging.getLogger("lotse.api")

# code -> (status, title). The page of the API explains each under `#problem-<code>`.
KINDS: dict[str, tuple[int, Any]] = {
    "malformed": (400, gettext_lazy("Die Anfrage ließ sich nicht lesen")),
    "unauthenticated": (401, gettext_lazy("Der Schlüssel fehlt oder gilt nicht")),
    "scope": (403, gettext_lazy("Der Schlüssel reicht dafür nicht")),
    "not-allowed": (403, gettext_lazy("Das dürfen Sie hier nicht")),
    "not-found": (404, gettext_lazy("Das gibt es hier nicht")),
    "method": (405, gettext_lazy("Diese Methode gibt es hier nicht")),
    "conflict": (409, gettext_lazy("Inzwischen wurde etwas anderes gespeichert")),
    "in-progress": (409, gettext_lazy("Dieselbe Anfrage wird gerade bearbeitet")),
    "changed": (412, gettext_lazy("Der Stand ist nicht mehr der, den Sie gelesen haben")),
    "too-large": (413, gettext_lazy("Das ist zu groß")),
    "media-type": (415, gettext_lazy("Bitte senden Sie JSON")),
    "invalid": (422, gettext_lazy("Verstanden, aber so nicht möglich")),
    "key-reused": (422, gettext_lazy("Dieser Idempotency-Key gehört zu einer anderen Anfrage")),
    "precondition": (428, gettext_lazy("Bitte nennen Sie den Stand, den Sie ändern")),
    "too-many": (429, gettext_lazy("Bitte kurz warten")),
    "unavailable": (503, gettext_lazy("Die Datenbank antwortet gerade nicht")),
    "full": (507, gettext_lazy("Der Speicherplatz ist voll")),
}

# What pydantic found, in our words. Its own messages are English and name Python.
_WORDS = {
    "missing": gettext_lazy("Dieses Feld fehlt."),
    "extra_forbidden": gettext_lazy("Dieses Feld gibt es hier nicht."),
    "string_type": gettext_lazy("Hier steht ein Text."),
    "string_unicode": gettext_lazy("Dieser Text enthält unmögliche Zeichen."),
    "string_too_short": gettext_lazy("Der Text ist zu kurz."),
    "string_too_long": gettext_lazy("Der Text ist zu lang."),
    "int_type": gettext_lazy("Hier steht eine ganze Zahl."),
    "int_parsing": gettext_lazy("Hier steht eine ganze Zahl."),
    "int_parsing_size": gettext_lazy("Diese Zahl ist zu groß."),
    "greater_than_equal": gettext_lazy("Diese Zahl ist zu klein."),
    "less_than_equal": gettext_lazy("Diese Zahl ist zu groß."),
    "literal_error": gettext_lazy("Diesen Wert gibt es hier nicht."),
    "enum": gettext_lazy("Diesen Wert gibt es hier nicht."),
    "uuid_parsing": gettext_lazy("Hier steht eine UUID."),
    "model_attributes_type": gettext_lazy("Hier steht ein JSON-Objekt."),
    "model_type": gettext_lazy("Hier steht ein JSON-Objekt."),
    "dict_type": gettext_lazy("Hier steht ein JSON-Objekt."),
}


class Problem(Exception):
    """One refusal: a code of `KINDS`, what to do, and which fields are meant."""

    def __init__(
        self,
        code: str,
        detail: str = "",
        *,
        errors: list[dict[str, str]] | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail
        self.errors = errors or []
        self.headers = headers or {}


def answer(request: HttpRequest, fault: Exception) -> HttpResponse:
    """The answer to a fault; raises again what is no refusal but a fault of the program."""
    return render(_problem(fault))


def render(problem: Problem) -> HttpResponse:
    """The problem as JSON."""
    status, title = KINDS[problem.code]
    body: dict[str, Any] = {
        "type": f"{settings.BASE_URL}/api/#problem-{problem.code}",
        "title": str(title),
        "status": status,
    }
    if problem.detail:
        body["detail"] = problem.detail
    if problem.errors:
        body["errors"] = problem.errors
    content = json.dumps(body, ensure_ascii=False)
    return HttpResponse(content, status=status, content_type=MEDIA_TYPE, headers=problem.headers)


def _problem(fault: Exception) -> Problem:
    if isinstance(fault, Problem):
        return fault
    found = _by_service(fault)
    if found is not None:
        return found
    if isinstance(fault, ValidationError):
        return _invalid(fault)
    if isinstance(fault, RequestDataTooBig):
        return Problem("too-large")
    if isinstance(fault, HttpError | SuspiciousOperation):
        return Problem("malformed", _("Der Inhalt ist kein gültiges JSON."))
    trouble = _trouble(fault)
    if trouble is None:
        raise fault
    logger.error("%s: %s", trouble.code, fault)
    return trouble


def _by_service(fault: Exception) -> Problem | None:
    """What services and rules answer instead of doing their work (`core.errors`)."""
    if isinstance(fault, Http404):
        return Problem("not-found")
    if isinstance(fault, NotAllowed):
        return Problem("not-allowed")
    if isinstance(fault, Refused):
        return Problem("invalid", " ".join(str(message) for message in fault.messages))
    if isinstance(fault, TooMany):
        return Problem("too-many", headers={"Retry-After": str(fault.retry_after)})
    if isinstance(fault, InProgress):
        return Problem("in-progress", headers={"Retry-After": str(fault.retry_after)})
    if isinstance(fault, Conflict):
        return Problem("conflict", _("Lesen Sie den neuen Stand und senden Sie noch einmal."))
    return None


def _invalid(fault: ValidationError) -> Problem:
    """A wrong body is understood but wrong (422), a wrong parameter is no address (400)."""
    in_body = all(error["loc"][0] == "body" for error in fault.errors)
    errors = [_one(error) for error in fault.errors[:50]]
    return Problem("invalid" if in_body else "malformed", errors=errors)


def _one(error: dict[str, Any]) -> dict[str, str]:
    place = [str(part) for part in error["loc"]]
    words = str(_WORDS.get(error["type"], _("Dieser Wert passt hier nicht.")))
    if error["type"] == "value_error":
        words = str(error.get("ctx", {}).get("error", words))
    if place[0] == "body":
        # The first name below is the parameter of our function, not a field of the sender.
        return {"pointer": "#/" + "/".join(place[2:]), "detail": words}
    return {"parameter": place[-1], "detail": words}


def _trouble(fault: Exception) -> Problem | None:
    full = isinstance(fault, OSError) and fault.errno in (errno.ENOSPC, errno.EDQUOT)
    if full or (isinstance(fault, OperationalError) and "is full" in str(fault)):
        return Problem("full", headers={"Retry-After": "60"})
    if isinstance(fault, OperationalError):
        return Problem("unavailable", headers={"Retry-After": "60"})
    return None
