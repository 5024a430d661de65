"""What the pages of the desk have in common: a form that saves, a list, a yes-or-no question."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from lotse.foundation.ui.listing import Listing, shown
from lotse.foundation.ui.listing import answer as answer_listing
from lotse.foundation.ui.saving import work_on
from lotse.surfaces.desk.access import Desk

Stored = Callable[[Any], list[tuple[str, str]]]


@dataclass(frozen=True)
class Link:
    """A way on; the first of a page's actions is the main one."""

    title: str
    url: str
    quiet: bool = False  # first of the actions, yet not the one to take now


@dataclass(frozen=True)
class FormPage:
    """A form on a page of its own. `act` gets the cleaned data and returns where to go."""

    title: str
    submit: str
    back: Link
    act: Callable[[dict[str, Any]], str]
    intro: str = ""
    warning: str = ""
    facts: Sequence[tuple[str, Any]] = ()
    links: Sequence[Link] = ()
    version: int | None = None
    stored: Stored | None = None
    done: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)
    template: str = "desk/form.html"


@dataclass(frozen=True)
class Line:
    """One line of a section: a name, something beside it, a sentence, and what can be done."""

    name: str
    side: str = ""
    sub: str = ""
    url: str = ""
    links: Sequence[Link] = ()
    posts: Sequence[Link] = ()
    version: int | None = None


@dataclass(frozen=True)
class Section:
    """A part of a detail page with its lines, or the words for none."""

    id: str
    title: str
    rows: Sequence[Line]
    empty: str = ""
    add: Link | None = None


def span(starts_on: date, ends_on: date | None) -> str:
    """ "1.3.2026 – 31.8.2026", or "seit 1.3.2026"."""
    if ends_on is None:
        return _("seit %(day)s") % {"day": shown(starts_on)}
    return f"{shown(starts_on)} – {shown(ends_on)}"


def form_page(request: HttpRequest, desk: Desk, form: BaseForm, page: FormPage) -> HttpResponse:
    """Shows or works on the form: 422 for faults and refusals, 409 with both texts (T37)."""
    back = work_on(request, form, page.act, version=page.version, done=page.done,
                   mends=page.stored is not None)  # fmt: skip
    if isinstance(back, HttpResponse):
        return back
    held = None
    if page.stored is not None and back.current is not None:
        held = page.stored(back.current)
    context = {"desk": desk, "form": form, "page": page, "version": back.version, "stored": held}
    return render(request, page.template, {**context, **page.extra}, status=back.status)


def list_page(
    request: HttpRequest,
    desk: Desk,
    listing: Listing,
    *,
    intro: str = "",
    actions: Sequence[Link] = (),
    name: str = "liste",
    notes: Sequence[tuple[str, str, str]] = (),
    template: str = "desk/list.html",
) -> HttpResponse:
    """A list, or the file that was asked for. `notes` are (kind, title, body) above it."""
    context = {"desk": desk, "title": listing.title, "intro": intro, "actions": actions,
               "notes": notes}  # fmt: skip
    return answer_listing(request, listing, template, context, name=name)
