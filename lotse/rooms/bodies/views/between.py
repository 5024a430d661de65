"""A page with one form, the same for matters, steps, subjects and appointments."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from lotse.foundation.core.errors import Refused
from lotse.foundation.ui.forms import Form
from lotse.foundation.ui.listing import shown

Above = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Page:
    """What stands around a form: title, the way up, the button, where "Abbrechen" leads."""

    title: str
    above: Above
    button: str
    back: str
    hint: str = ""
    version: int | None = None


def form_page(
    request: HttpRequest, page: Page, form: Form, *, stored: Mapping[str, Any] | None = None,
    status: int = 200,
) -> HttpResponse:  # fmt: skip
    """The form; with `stored` above it what somebody else saved in between."""
    context = {
        "page": page,
        "form": form,
        "changes": differing(form, stored) if stored is not None else None,
    }
    return render(request, "bodies/between_form.html", context, status=status)


def differing(form: Form, stored: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(label, stored value) of each field in which the stored value is not what was typed."""
    found = []
    for name, value in stored.items():
        bound = form[name]
        if form.cleaned_data.get(name) != value:
            found.append((str(bound.label), _words(bound.field, value)))
    return found


def _words(field: forms.Field, value: Any) -> str:
    if isinstance(field, forms.ChoiceField):
        chosen = value if isinstance(value, list) else [value]
        choices: Any = field.choices
        return ", ".join(str(label) for key, label in choices if str(key) in chosen)
    return f"{value:%H:%M}" if isinstance(field, forms.TimeField) and value else shown(value)


def refuse(form: Form, refused: Refused, field: str | None = None) -> None:
    """Puts what a service refused on top of the form, or at the field it is about."""
    form.add_error(field, list(refused.messages))
