"""A form that was sent: saved, or on its way back with what was typed."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from lotse.foundation.core.errors import Conflict, Refused
from lotse.foundation.ui.forms import version_back


@dataclass(frozen=True)
class Back:
    """How a form comes back; after a conflict with the object as somebody else saved it."""

    status: int = 200
    version: int | None = None
    current: Any = None


def work_on(
    request: HttpRequest, form: BaseForm, act: Callable[[dict[str, Any]], str], *,
    version: int | None, done: str = "", mends: bool = False,
) -> HttpResponse | Back:  # fmt: skip
    """Works on the form where it was sent: the way to what `act` answers, with `done` as message;
    or how the form comes back, 422 for faults and refusals, 409 for a conflict (T37). `version` is
    that of the stored object, None where the form changes none.

    Raises Conflict where the page does not mend one, or the object is gone.
    """
    if request.method != "POST":
        return Back(version=version)
    faulty = Back(422, None if version is None else version_back(request, version, 422))
    if not form.is_valid():
        return faulty
    try:
        target = act(form.cleaned_data)
    except Refused as refusal:
        form.add_error(None, list(refusal.messages))
        return faulty
    except Conflict as conflict:
        if not mends or conflict.current is None:
            raise
        return Back(409, conflict.current.version, conflict.current)
    messages.success(request, done or _("Gespeichert."))
    return redirect(target)
