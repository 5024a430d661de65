"""Editing a Steckbrief: the form made from its fields, two texts where two people wrote."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from lotse.foundation.core import limits, once, text
from lotse.foundation.core.errors import Conflict, Refused
from lotse.foundation.ui.forms import version_back, version_in
from lotse.foundation.ui.guard import signed_in
from lotse.rooms.directory.content.choosing import load_options
from lotse.rooms.directory.content.cleaning import Faulty, clean_content
from lotse.rooms.directory.content.differences import Change, changes_between
from lotse.rooms.directory.content.fields import PICTURE, Field, fields_of
from lotse.rooms.directory.content.labels import load_labels
from lotse.rooms.directory.forms import EntryForm
from lotse.rooms.directory.models import Channel, Entry, Picture, Revision, Template
from lotse.rooms.directory.queries import own
from lotse.rooms.directory.queries.templates import adopted_template, used_fields
from lotse.rooms.directory.services import editing, pictures
from lotse.rooms.directory.views.inside import Inside, desk_of, load

PUBLISH = "publish"


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def edit(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Shows and saves a Steckbrief. Showing: at most twelve queries."""
    inside = load(request, uuid, edit=True)
    stored = inside.entry.latest.content if inside.entry.latest else {}
    if request.method != "POST":
        begun = _begun_with(request, inside, stored)
        return edit_page(request, inside, _form(request, inside, begun))
    form = _sent(request, inside, stored)
    if not form.is_valid() or not _has_channels(request, form):
        return edit_page(request, inside, form, status=422)
    try:
        revision = editing.save_and_publish(
            inside.entry,
            actor=inside.actor,
            expected=version_in(request),
            content=form.raw(),
            channels=_channels(request, form),
            reason=form.cleaned_data["reason"],
            key=once.key_from(request.POST),
        )
    except Faulty as faulty:
        form.take_faults(faulty.faults)
        return edit_page(request, inside, form, status=422)
    except Refused as refused:
        form.take_faults({"": refused.messages})
        return edit_page(request, inside, form, status=422)
    except Conflict as conflict:
        return _both(request, inside, form, conflict)
    desk = desk_of(request, inside)
    _say_saved(request, form, revision, inside.entry if desk else None)
    return redirect(desk or reverse("directory:state", args=[uuid]))


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def new_service(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """A new service of the organisation whose Steckbrief this is."""
    carrier = load(request, uuid, edit=True)
    organisation = carrier.entry.organisation
    if carrier.entry.kind != Entry.Kind.ORGANISATION or organisation is None:
        raise Http404
    blank = Entry(kind=Entry.Kind.SERVICE, network=carrier.entry.network, organisation=organisation)
    inside = replace(carrier, entry=blank)
    inside.__dict__["may_edit"] = True
    inside.__dict__["may_publish"] = carrier.may_publish
    if request.method != "POST":
        return edit_page(request, inside, _form(request, inside, _START), carrier=carrier)
    form = _form(request, inside, {}, request.POST)
    if not form.is_valid() or not _has_channels(request, form):
        return edit_page(request, inside, form, carrier=carrier, status=422)
    try:
        entry = editing.create_and_publish(
            organisation,
            actor=carrier.actor,
            content=form.raw(),
            channels=_channels(request, form),
            key=once.key_from(request.POST),
        )
    except Faulty as faulty:
        form.take_faults(faulty.faults)
        return edit_page(request, inside, form, carrier=carrier, status=422)
    except Refused as refused:
        form.take_faults({"": refused.messages})
        return edit_page(request, inside, form, carrier=carrier, status=422)
    _say_saved(request, form, entry.latest)
    return redirect("directory:state", entry.uuid)


_START = {"status": "active"}


def _begun_with(
    request: HttpRequest, inside: Inside, stored: Mapping[str, Any]
) -> Mapping[str, Any]:
    """What the form is filled in with: the latest revision, or an earlier one to start from."""
    asked = request.GET.get("fassung", "")
    if not asked.isdigit() or not asked.isascii() or len(asked) > 6:
        return stored
    found = Revision.objects.filter(entry=inside.entry, number=int(asked)).first()
    return found.content if found else stored


def _say_saved(
    request: HttpRequest,
    form: EntryForm,
    revision: Revision | None,
    managed: Entry | None = None,
) -> None:
    """What was done; to the office, for the entry it looks after, also what comes next."""
    number = revision.number if revision else 1
    if _channels(request, form):
        messages.success(request, _("Gespeichert und veröffentlicht: Fassung %(n)s.")
                         % {"n": number})  # fmt: skip
    elif managed is not None and managed.kind == Entry.Kind.PERSON:
        messages.success(request, _("Gespeichert als Fassung %(n)s. Veröffentlichen kann sie nur "
                                    "die Person selbst.") % {"n": number})  # fmt: skip
    elif managed is not None:
        messages.success(request, _("Gespeichert als Fassung %(n)s. Als Nächstes: ankündigen.")
                         % {"n": number})  # fmt: skip
    else:
        messages.success(request, _("Gespeichert als Fassung %(n)s. Veröffentlicht ist sie noch "
                                    "nicht.") % {"n": number})  # fmt: skip


def _channels(request: HttpRequest, form: EntryForm) -> list[str]:
    """Where it is to be published: nowhere, unless that button was pressed."""
    if request.POST.get("go") != PUBLISH:
        return []
    return list(form.cleaned_data.get("channels", []))


def _has_channels(request: HttpRequest, form: EntryForm) -> bool:
    if request.POST.get("go") != PUBLISH or _channels(request, form):
        return True
    place = "channels" if "channels" in form.fields else None
    form.add_error(place, _("Bitte wählen Sie, wo der Steckbrief zu lesen sein soll."))
    return False


def shown_fields(
    kind: str, template: Template | None, lang: str
) -> tuple[list[Field], dict[str, str]]:
    """The fields the network's template uses, required as it says, and its own hints."""
    used = [one for one in used_fields(kind, template) if one.use]
    fields = [replace(one.field, required=one.required) for one in used]
    return fields, {one.key: hint for one in used if (hint := text.pick(one.hint, lang))}


def _form(
    request: HttpRequest, inside: Inside, content: Mapping[str, Any], data: Any = None
) -> EntryForm:
    entry = inside.entry
    template = adopted_template(entry.network, entry.kind)
    fields, hints = shown_fields(entry.kind, template, inside.lang)
    open_to, ticked = _channels_of(inside)
    return EntryForm(
        data,
        files=request.FILES if data is not None else None,
        fields=fields,
        options=load_options(inside.lang),
        content=content,
        hints=hints,
        open_to=open_to if inside.may_publish else [],
        channels=ticked,
    )


def _channels_of(inside: Inside) -> tuple[list[str], list[str]]:
    """(where it can be published, what is ticked at first): ticked is where it is published; for
    what never was, everywhere. People only where they said yes."""
    entry = inside.entry
    if not inside.may_publish:
        return [], []
    if entry.pk is None:
        return list(Channel.values), list(Channel.values)
    seen = own.seen_of([entry])[entry.pk]
    possible = [one.channel for one in seen if one.is_consented]
    published = [one.channel for one in seen if one.publication and one.is_consented]
    return possible, published or possible


def _sent(request: HttpRequest, inside: Inside, stored: Mapping[str, Any]) -> EntryForm:
    """The form as it was sent; a picture is kept at once, so that a fault elsewhere does not lose
    it."""
    faults: dict[str, list[str]] = {}
    content = dict(stored)
    for one in fields_of(inside.entry.kind):
        if one.holds == PICTURE:
            try:
                content[one.key] = _picture(request, inside, one.key, str(stored.get(one.key, "")))
            except Refused as refused:
                faults[one.key] = list(refused.messages)
    form = _form(request, inside, content, request.POST)
    form.is_valid()
    form.take_faults(faults)
    return form


def _picture(request: HttpRequest, inside: Inside, key: str, stored: str) -> str:
    """The picture that holds: one sent now, none, one sent with an earlier try, the stored one."""
    upload = request.FILES.get(key)
    if upload is not None:
        limits.hit("documents.upload", str(inside.actor.uuid))
        return str(pictures.keep_picture(inside.entry, upload, actor=inside.actor).uuid)
    if request.POST.get(f"{key}-off"):
        return ""
    earlier = request.POST.get(f"{key}-now", stored)
    if earlier == stored or not earlier:
        return stored
    # Of this entry only: the address of somebody else's photo opens nothing here.
    try:
        found = Picture.objects.filter(entry=inside.entry, uuid=UUID(earlier)).exists()
    except ValueError:
        found = False
    return earlier if found else stored


def _both(
    request: HttpRequest, inside: Inside, form: EntryForm, conflict: Conflict
) -> HttpResponse:
    """Somebody saved in between: the form keeps what was typed, above it stands what is stored."""
    current: Entry = conflict.current or inside.entry
    stored = current.latest.content if current.latest else {}
    # Nothing is a conflict that was not right before.
    typed = clean_content(inside.entry.kind, form.raw(), lang=inside.lang)
    labels = load_labels([stored, typed], inside.lang)
    changes = changes_between(inside.entry.kind, stored, typed, labels)
    return edit_page(
        request, inside, form, changes=changes, version=current.version, status=409
    )  # fmt: skip


def edit_page(
    request: HttpRequest,
    inside: Inside,
    form: EntryForm,
    *,
    carrier: Inside | None = None,
    changes: Sequence[Change] | None = None,
    version: int | None = None,
    status: int = 200,
) -> HttpResponse:
    """The form with everything around it."""
    entry = inside.entry
    context = {
        "entry": entry,
        "inside": inside,
        "carrier": carrier,
        "form": form,
        "changes": changes,
        "title": inside.title,
        "version": version_back(request, entry.version, status) if version is None else version,
        # A repaired form is the same act; a form over what somebody else saved is a new one.
        "key": once.key_from(request.POST) if status == 422 else once.new_key(),
        "steps": _steps(form),
        "desk": desk_of(request, inside),
    }
    return render(request, "directory/edit_form.html", context, status=status)


@dataclass(frozen=True)
class Step:
    """A section to jump to."""

    key: str
    title: str


def _steps(form: EntryForm) -> list[Step]:
    return [Step(one["key"], str(one["title"])) for one in form.sections]
