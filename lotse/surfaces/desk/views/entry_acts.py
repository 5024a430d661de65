"""What the office does with a Steckbrief: make one, announce, mark, archive, note."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from lotse.foundation.core import once
from lotse.foundation.parties.models import Person
from lotse.foundation.ui.forms import Form, version_in
from lotse.foundation.ui.listing import shown
from lotse.rooms.directory.content.deadlines import deadline_words
from lotse.rooms.directory.models import Announcement, Channel, Entry, OfficeNote
from lotse.rooms.directory.queries import own
from lotse.rooms.directory.queries.letters import answerer_of, letters_of
from lotse.rooms.directory.services import announcing, entries, letters, notes
from lotse.surfaces.desk import forms_directory as forms
from lotse.surfaces.desk.access import EDIT, Desk, at_desk
from lotse.surfaces.desk.frame import FormPage, Line, Link, Section, form_page
from lotse.surfaces.desk.queries import directory as reads
from lotse.surfaces.desk.queries import people
from lotse.surfaces.desk.views.detail import detail_page
from lotse.surfaces.desk.views.entries import (
    announcement_line,
    back,
    flags_of,
    load,
    url_of,
)


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk(EDIT)
def new(request: HttpRequest, desk: Desk) -> HttpResponse:
    """A Steckbrief for a person that has none; empty, and seen by nobody before they let it."""
    known = reads.people_without_entry(people.people_of(desk.network, desk.actor), desk.network)
    form = forms.NewEntryForm(
        request.POST if request.method == "POST" else None, people=people.choices_of(known)
    )

    def act(data: dict[str, Any]) -> str:
        person: Person = known.get(uuid=data["person"])
        made = entries.create_person_entry(person, desk.network, actor=desk.actor)
        return url_of("directory:edit", made.uuid) or reverse("desk:entry", args=[made.uuid])

    page = FormPage(
        _("Steckbrief einer Person anlegen"), _("Steckbrief anlegen"), back(), act,
        done=_("Der Steckbrief ist angelegt."),
        intro=_("Sie tragen ihn im Auftrag ein. Zu sehen ist er erst, wenn die Person einwilligt "
                "und ihn freigibt."),
    )  # fmt: skip
    return form_page(request, desk, form, page)


def _own(entry: Entry) -> Link:
    return Link(own.title_of(entry), reverse("desk:entry", args=[entry.uuid]))


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk(EDIT)
def announce(request: HttpRequest, desk: Desk, uuid: UUID) -> HttpResponse:
    """Announces the facts of an organisation, with a time to object (S1-14)."""
    found = load(desk, uuid, manage=True)
    if found.kind == Entry.Kind.PERSON:
        raise Http404
    form = forms.AnnounceForm(request.POST if request.method == "POST" else None)

    def act(data: dict[str, Any]) -> str:
        announcing.announce(found, actor=desk.actor, key=once.key_from(request.POST), **data)
        return _own(found).url

    page = FormPage(
        _("Ankündigen: %(name)s") % {"name": own.title_of(found)}, _("Ankündigung senden"),
        _own(found), act, done=_("Die Ankündigung ist unterwegs."),
        intro=_("Wer für die Organisation spricht, bekommt eine Mail mit einem Link: zustimmen, "
                "ändern oder widersprechen. Widerspricht bis zur Frist niemand, erscheinen die "
                "Angaben. Erinnert wird zur Halbzeit und drei Tage vorher."),
        **_reach(found),
    )  # fmt: skip
    return form_page(request, desk, form, page)


def _reach(entry: Entry) -> dict[str, Any]:
    """Whom it will reach, or that it reaches nobody. Two queries."""
    if entry.organisation is None:
        return {}
    found = letters.recipients_of([entry.organisation.pk])[entry.organisation.pk]
    if found:
        names = ", ".join(one.name or one.address for one in found)
        return {"facts": [(_("Angeschrieben wird"), names)]}
    return {"warning": _("Für diese Organisation ist niemand erreichbar. Laden Sie zuerst jemanden "
                         "ein, oder tragen Sie im Steckbrief die E-Mail-Adresse der Organisation "
                         "ein.")}  # fmt: skip


def _announcement(desk: Desk, uuid: UUID) -> tuple[Announcement, Entry]:
    """An announcement of an entry the actor looks after, else 404 or 403 like the entry."""
    found = Announcement.objects.select_related("entry__network", "revision").defer(
        "revision__content"
    ).filter(uuid=uuid).first()  # fmt: skip
    if found is None:
        raise Http404
    return found, load(desk, found.entry.uuid, manage=True)


@require_safe
@at_desk(EDIT)
def announcement(request: HttpRequest, desk: Desk, uuid: UUID) -> HttpResponse:
    """One announcement: what was announced, whom it reached, what came back."""
    found, entry = _announcement(desk, uuid)
    names = dict(Channel.choices)
    letters_ = [
        Line(one.name or one.address, one.state, one.address if one.name else "")
        for one in letters_of(found)
    ]
    line = announcement_line(found)
    facts = [
        (_("Stand"), line.name), (_("Angekündigt am"), line.side),
        (_("Frist"), deadline_words(found.deadline)),
        (_("Fassung"), _version(entry, found.revision.number)),
        (_("Wo"), ", ".join(str(names[channel]) for channel in found.channels)),
        (_("Beantwortet am"), shown(found.answered_at)),
        (_("Beantwortet von"), answerer_of(found)), (_("Antwort"), found.answer_note),
        (_("Anschreiben"), found.note),
    ]  # fmt: skip
    back_ = reverse("desk:announcement-withdraw", args=[uuid])
    again = Link(_("Neu ankündigen"), reverse("desk:entry-announce", args=[entry.uuid]))
    return detail_page(
        request, desk, title=_("Ankündigung: %(name)s") % {"name": own.title_of(entry)},
        back=_own(entry), facts=facts,
        sections=[Section("briefe", _("Angeschrieben"), letters_, _("Noch niemand."))],
        actions=[again] if _may_announce_again(entry, found) else [],
        posts=[Link(_("Ankündigung zurückziehen"), back_)] if announcing.is_running(found) else [],
    )  # fmt: skip


def _version(entry: Entry, number: int) -> str:
    """The announced revision, with the way to it."""
    url = url_of("directory:revision", entry.uuid, number)
    return format_html('<a class="kern-link" href="{}">{}</a>', url,
                       _("Fassung %(number)s ansehen") % {"number": number})  # fmt: skip


def _may_announce_again(entry: Entry, found: Announcement) -> bool:
    """Whether this one came to nothing and no other runs. One query."""
    over = found.state in (Announcement.State.OBJECTED, Announcement.State.WITHDRAWN)
    return over and entry.archived_at is None and announcing.running_of(entry.uuid) is None


@require_POST
@at_desk(EDIT)
def withdraw(request: HttpRequest, desk: Desk, uuid: UUID) -> HttpResponse:
    """Takes an announcement back before it takes effect."""
    found, entry = _announcement(desk, uuid)
    announcing.withdraw_announcement(found, actor=desk.actor)
    messages.success(request, _("Die Ankündigung ist zurückgezogen."))
    return redirect(_own(entry).url)


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk(EDIT)
def flags(request: HttpRequest, desk: Desk, uuid: UUID) -> HttpResponse:
    """Marks a pilot partner or a lighthouse (S4-13)."""
    found = load(desk, uuid, manage=True)
    form = forms.FlagsForm(
        request.POST if request.method == "POST" else None,
        initial={"is_pilot": found.is_pilot, "is_lighthouse": found.is_lighthouse},
    )

    def act(data: dict[str, Any]) -> str:
        entries.set_flags(found, actor=desk.actor, expected=version_in(request), **data)
        return _own(found).url

    def stored(now: Entry) -> list[tuple[str, str]]:
        return [(_("Kennzeichen"), flags_of(now) or _("keines"))]

    page = FormPage(
        _("Kennzeichen: %(name)s") % {"name": own.title_of(found)}, _("Kennzeichen speichern"),
        _own(found), act, version=found.version, stored=stored,
        intro=_("Kennzeichen stehen am Steckbrief und lassen sich als Filter wählen. Auf die "
                "Reihenfolge der Treffer haben sie keinen Einfluss."),
    )  # fmt: skip
    return form_page(request, desk, form, page)


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk(EDIT)
def archive(request: HttpRequest, desk: Desk, uuid: UUID) -> HttpResponse:
    """Takes a Steckbrief out of all pages and the search, asked once; nothing is deleted."""
    found = load(desk, uuid, manage=True)
    form = Form(request.POST if request.method == "POST" else None)

    def act(_data: dict[str, Any]) -> str:
        entries.archive(found, actor=desk.actor, expected=version_in(request))
        return _own(found).url

    def stored(now: Entry) -> list[tuple[str, str]]:
        return [(_("Stand"), _("archiviert") if now.archived_at else _("nicht archiviert"))]

    running = announcing.running_of(uuid) is not None
    page = FormPage(
        _("Archivieren: %(name)s") % {"name": own.title_of(found)}, _("Archivieren"), _own(found),
        act, version=found.version, stored=stored,
        done=_("Der Steckbrief ist archiviert. Er ist nirgends mehr zu sehen."),
        intro=_("Der Steckbrief verschwindet aus allen Seiten und aus der Suche. Gelöscht wird "
                "nichts: Sie können ihn jederzeit zurückholen."),
        warning=_("Die laufende Ankündigung endet damit.") if running else "",
    )  # fmt: skip
    return form_page(request, desk, form, page)


@require_POST
@at_desk(EDIT)
def bring_back(request: HttpRequest, desk: Desk, uuid: UUID) -> HttpResponse:
    """Takes it out of the archive."""
    found = load(desk, uuid, manage=True)
    entries.restore(found, actor=desk.actor, expected=version_in(request))
    messages.success(request, _("Der Steckbrief ist wieder da, mit allem, was freigegeben war."))
    return redirect(_own(found).url)


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk(EDIT)
def note(request: HttpRequest, desk: Desk, uuid: UUID) -> HttpResponse:
    """Adds a note of the office for itself."""
    found = load(desk, uuid, manage=True)
    form = forms.NoteForm(request.POST if request.method == "POST" else None)

    def act(data: dict[str, Any]) -> str:
        notes.add_note(found, actor=desk.actor, key=once.key_from(request.POST), **data)
        return _own(found).url + "#notizen"

    page = FormPage(_("Notiz: %(name)s") % {"name": own.title_of(found)}, _("Notiz speichern"),
                    _own(found), act)  # fmt: skip
    return form_page(request, desk, form, page)


@require_POST
@at_desk(EDIT)
def note_delete(request: HttpRequest, desk: Desk, uuid: UUID) -> HttpResponse:
    """Deletes a note for good."""
    found = OfficeNote.objects.select_related("entry").filter(uuid=uuid).first()
    if found is None:
        raise Http404
    entry = load(desk, found.entry.uuid, manage=True)
    notes.delete_note(found, actor=desk.actor)
    messages.success(request, _("Die Notiz ist gelöscht."))
    return redirect(_own(entry).url + "#notizen")
