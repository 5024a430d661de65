"""A form on a page of its own: it saves, or comes back with what was typed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from lotse.foundation.core import once
from lotse.foundation.ui.listing import shown
from lotse.foundation.ui.saving import work_on


@dataclass(frozen=True)
class Way:
    """A link with its words."""

    title: str
    url: str


@dataclass(frozen=True)
class Both:
    """A field of which two people saved different words: what is stored, what was typed."""

    title: str
    stored: str
    typed: str


@dataclass(frozen=True)
class FormPage:
    """`act` gets the cleaned data and returns where to go. `stored` gets the object as somebody
    else saved it, and what was typed; without it a conflict is answered with a page of its own.
    `way` are the links above the heading, the last leads back."""

    title: str
    submit: str
    way: Sequence[Way]
    act: Callable[[dict[str, Any]], str]
    intro: str = ""
    version: int | None = None
    stored: Callable[[Any, dict[str, Any]], list[Both]] | None = None
    done: str = ""
    links: Sequence[Way] = field(default_factory=list)


def form_page(request: HttpRequest, form: BaseForm, page: FormPage) -> HttpResponse:
    """Shows or works on the form: 422 for faults and refusals, 409 with both texts (T37)."""
    back = work_on(request, form, page.act, version=page.version, done=page.done,
                   mends=page.stored is not None)  # fmt: skip
    if isinstance(back, HttpResponse):
        return back
    both = None
    if page.stored is not None and back.current is not None:
        both = page.stored(back.current, form.cleaned_data)
    context = {
        "page": page,
        "form": form,
        "both": both,
        "version": back.version,
        "back": page.way[-1],
        # A repaired form is the same act; a form over what somebody else saved is a new one.
        "key": once.key_from(request.POST) if back.status == 422 else once.new_key(),
    }
    return render(request, "bodies/body_form.html", context, status=back.status)


def differences(form: BaseForm, stored: dict[str, Any], typed: dict[str, Any]) -> list[Both]:
    """The fields in which the two differ, in words. No query."""
    found = []
    for name, bound in form.fields.items():
        if name in stored and stored[name] != typed.get(name):
            words = dict(getattr(bound, "choices", ()) or ())
            found.append(Both(str(bound.label), _in_words(stored[name], words),
                              _in_words(typed.get(name), words)))  # fmt: skip
    return found


def _in_words(value: Any, words: dict[Any, Any]) -> str:
    if isinstance(value, bool):
        return _("ja") if value else _("nein")
    if value in words:
        return str(words[value])
    return shown(value) or "–"


def address_of(name: str, *args: Any) -> str:
    """The address, or nothing while the program has no such page."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""
