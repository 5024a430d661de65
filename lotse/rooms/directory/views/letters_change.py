"""The holder of a link writes it right: the form of a Steckbrief without its pictures."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from lotse.foundation.core import once
from lotse.foundation.core.errors import Conflict, Refused
from lotse.foundation.ui.forms import version_in
from lotse.rooms.directory import mails
from lotse.rooms.directory.content.choosing import load_options
from lotse.rooms.directory.content.cleaning import Faulty
from lotse.rooms.directory.content.differences import Change, changes_between
from lotse.rooms.directory.content.fields import PICTURE
from lotse.rooms.directory.content.labels import load_labels
from lotse.rooms.directory.forms import EntryForm
from lotse.rooms.directory.models import Announcement, Entry
from lotse.rooms.directory.services import announcing, confirming, letters
from lotse.rooms.directory.services.entries import current_template
from lotse.rooms.directory.views.edit import shown_fields
from lotse.rooms.directory.views.holding import Held, Over, answered, gone, held_by
from lotse.rooms.directory.views.inside import language


@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The holder of a link writes it right; pictures are changed signed in. At most twelve
    queries."""
    try:
        held = held_by(request, uuid)
    except Over as over:
        return gone(request, over.network, why=over.why)
    sent = request.method == "POST"
    if not held.is_open and not sent:
        return redirect(held.here)
    form = _form(request, held)
    if not sent:
        return _change_page(request, held, form)
    if not form.is_valid():
        return _change_page(request, held, form, status=422)
    try:
        published = _change(request, held, form)
    except Faulty as faulty:
        form.take_faults(faulty.faults)
    except Refused as refused:
        form.add_error(None, list(refused.messages))
    except Conflict as conflict:
        return _both(request, held, form, conflict)
    else:
        _say_changed(request, published=published)
        return redirect(held.here)
    return _change_page(request, held, form, status=422)


def _say_changed(request: HttpRequest, *, published: bool) -> None:
    if published:
        messages.success(request, _("Danke. Ihre Fassung ist veröffentlicht."))
    else:
        messages.success(
            request,
            _("Danke. Ihre Fassung ist gespeichert. Sie erscheint, sobald jemand sie freigibt, der "
              "für Ihre Organisation veröffentlichen darf."),
        )  # fmt: skip


def _change(request: HttpRequest, held: Held, form: EntryForm) -> bool:
    values: dict[str, Any] = {
        "actor": held.actor,
        "content": form.raw(),
        "note": form.cleaned_data["reason"],
        "key": once.key_from(request.POST),
    }
    if held.announcement is None:
        return confirming.change(held.entry, expected=version_in(request), **values)
    return announcing.change(
        held.announcement,
        expected=held.announcement.version,
        entry_version=version_in(request),
        **values,
    )


def _form(request: HttpRequest, held: Held) -> EntryForm:
    entry, lang = held.entry, language()
    revision = held.announcement.revision if held.announcement else entry.latest
    template = current_template(entry.network, entry.kind)
    fields, hints = shown_fields(entry.kind, template, lang)
    return EntryForm(
        request.POST if request.method == "POST" else None,
        fields=[one for one in fields if one.holds != PICTURE],
        options=load_options(lang),
        content=revision.content if revision else {},
        hints=hints,
    )


def _both(request: HttpRequest, held: Held, form: EntryForm, conflict: Conflict) -> HttpResponse:
    """Somebody else saved, or answered: what was typed stays in the form, above it what is new."""
    if isinstance(conflict.current, Announcement):
        form.add_error(None, answered())
        return _change_page(request, held, form, status=409)
    current = conflict.current if isinstance(conflict.current, Entry) else held.entry
    stored = current.latest.content if current.latest else {}
    typed = form.raw()
    changes = changes_between(current.kind, stored, typed, load_labels([stored, typed], language()))
    return _change_page(
        request, held, form, changes=changes, version=current.version, status=409
    )  # fmt: skip


def _change_page(
    request: HttpRequest,
    held: Held,
    form: EntryForm,
    *,
    changes: list[Change] | None = None,
    version: int = 0,
    status: int = 200,
) -> HttpResponse:
    context = {
        "held": held,
        "entry": held.entry,
        "name": mails.name_of(held.entry),
        "form": form,
        "version": version or held.entry.version,
        # A repaired form is the same act; a form over what somebody else saved is a new one.
        "key": once.key_from(request.POST) if status == 422 else once.new_key(),
        "publishes": letters.may_publish(held.actor, held.entry),
        "changes": changes,
    }
    return render(request, "directory/letter_change.html", context, status=status)
