"""Steckbriefe at the desk: the list, and the page of one."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import NoReverseMatch, reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from lotse.foundation.core import clock
from lotse.foundation.core.permissions import get_visible, has
from lotse.foundation.ui.listing import Cell, Column, Filter, Row, build, shown
from lotse.rooms.directory.content.deadlines import deadline_words
from lotse.rooms.directory.content.freshness import was_assured
from lotse.rooms.directory.models import Announcement, Entry
from lotse.rooms.directory.queries import own
from lotse.rooms.directory.services import announcing
from lotse.surfaces.desk.access import Desk, at_desk
from lotse.surfaces.desk.frame import Line, Link, Section, list_page
from lotse.surfaces.desk.queries import directory as reads
from lotse.surfaces.desk.views.detail import detail_page

VIEW, MANAGE = "directory.entry.view", "directory.entry.manage"
REVISIONS = 5
NOTES = 50


def back() -> Link:
    return Link(_("Steckbriefe"), reverse("desk:entries"))


def url_of(name: str, *args: Any) -> str:
    """The address of a page of the directory; empty while there is none."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


def _states() -> list[tuple[str, Any]]:
    return [
        (reads.INCOMPLETE, _("unvollständig")), ("faellig", _("Bestätigung fällig")),
        ("unbestaetigt", _("nicht bestätigt")), ("niebestaetigt", _("noch nie bestätigt")),
        ("einwilligung", _("wartet auf Einwilligung")),
        ("angekuendigt", _("angekündigt")), ("widersprochen", _("widersprochen")),
        ("nie", _("nie veröffentlicht")), (reads.ARCHIVED, _("archiviert")),
    ]  # fmt: skip


def _counted_states(desk: Desk) -> list[tuple[str, Any]]:
    """The states with how many are in each. One query."""
    states = _states()
    numbers = reads.numbers_of(desk.network, desk.actor, [state for state, _title in states])
    return [
        (state, f"{title} ({numbers[state]})" if state in numbers else title)
        for state, title in states
    ]


@require_safe
@at_desk()
def index(request: HttpRequest, desk: Desk) -> HttpResponse:
    """All Steckbriefe of the network, by what they wait for."""

    def rows(found: Any) -> list[Row]:
        return [_row(one, reads.marks_in(one)) for one in found]

    archived = request.GET.get("stand") == reads.ARCHIVED
    listing = build(
        request,
        title=_("Steckbriefe"),
        columns=[Column("name", _("Name"), 44), Column("kind", _("Art"), 16),
                 Column("state", _("Stand"), 28), Column("seen", _("Zu sehen"), 32),
                 Column("assured", _("Bestätigt am"), 18), Column("flags", _("Kennzeichen"), 24)],
        source=reads.marked(reads.entries_of(desk.network, desk.actor, archived=archived)),
        rows=rows,
        search=reads.named,
        filters=[
            Filter("art", _("Art"), lambda rows, kind: rows.filter(kind=kind), Entry.Kind.choices),
            Filter("stand", _("Stand"),
                   lambda rows, state: reads.in_state(rows, state, desk.network),
                   _counted_states(desk)),
        ],
        empty=_("Hier stehen die Steckbriefe des Netzwerks. Der einer Organisation entsteht mit "
                "der Organisation."),
    )  # fmt: skip
    add = Link(_("Steckbrief einer Person anlegen"), reverse("desk:entry-new"))
    return list_page(
        request, desk, listing, actions=[add] if desk.may_edit else [], name="steckbriefe"
    )


def _row(one: Entry, marks: reads.Marks) -> Row:
    word, tone = reads.state_words(one, marks)
    also = _("unvollständig") if reads.missing_of(one, marks) else ""
    return {
        "name": Cell(own.title_of(one), reverse("desk:entry", args=[one.uuid]), note=_below(one)),
        "kind": str(one.get_kind_display()),
        "state": Cell(word, tone=tone, note=also if also != word else ""),
        "seen": ", ".join(marks.seen) or "–",
        "assured": _confirmed(one),
        "flags": flags_of(one),
    }


def _confirmed(one: Entry) -> Any:
    """The day somebody with the right last said that it is true, or that nobody did yet."""
    return localdate(one.assured_at) if was_assured(one) else _("noch nie")


def _below(one: Entry) -> str:
    """To whom a service belongs."""
    return one.organisation.name if one.kind == Entry.Kind.SERVICE and one.organisation else ""


def flags_of(one: Entry) -> str:
    held = [_("Pilotpartner") if one.is_pilot else "", _("Leuchtturm") if one.is_lighthouse else ""]
    return ", ".join(filter(None, held))


def load(desk: Desk, uuid: UUID, *, manage: bool = False, marked: bool = False) -> Entry:
    """An entry of the desk's network, else 404 or 403; `marked` for `marks_in`."""
    rows = Entry.objects.select_related("organisation", "person", "latest", "network").filter(
        network=desk.network
    )
    return get_visible(
        MANAGE if manage else VIEW, desk.actor, uuid, reads.marked(rows) if marked else rows,
        also=(MANAGE,),
    )  # fmt: skip


@require_safe
@at_desk()
def detail(request: HttpRequest, desk: Desk, uuid: UUID) -> HttpResponse:
    """One Steckbrief: who sees which revision, what is missing, what was noted."""
    found = load(desk, uuid, marked=True)
    manages = has(MANAGE, desk.actor, found)
    channels = own.seen_of([found])[found.pk]
    announcement = reads.last_announcement(found)
    marks = reads.marks_in(found)
    running = announcement if announcement and announcing.is_running(announcement) else None
    noted = list(found.notes.order_by("-created_at", "-pk")[:NOTES]) if manages else []
    revisions = list(found.revisions.defer("content").order_by("-number")[:REVISIONS])
    names = own.names_of([*[one.by for one in noted], *[one.author for one in revisions]])
    sections = [
        Section("kanaele", _("Wer liest was?"), [_channel(found, one) for one in channels]),
        Section("fehlt", _("Was fehlt"),
                [Line(str(one.title)) for one in reads.missing_of(found, marks)],
                _("Nichts. Der Steckbrief ist vollständig.")),
        *_announced(announcement, manages),
        Section("fassungen", _("Fassungen"), [_revision(one, names) for one in revisions],
                _("Noch keine."), _more(found)),
        *_notes(found, noted, names, manages),
    ]  # fmt: skip
    word, _tone = reads.state_words(found, marks)
    facts = [
        (_("Stand"), word), (_("Art"), found.get_kind_display()),
        (_("Gehört zu"), _below(found)), (_("Kennzeichen"), flags_of(found)),
        (_("Zuletzt bestätigt"), shown(_confirmed(found))),
        (_("Nachgefragt am"), shown(found.asked_at)),
        (_("Archiviert am"), shown(found.archived_at)),
    ]  # fmt: skip
    actions, posts = _ways(found, running) if manages else ([], [])
    return detail_page(
        request, desk, title=own.title_of(found), back=back(), facts=facts, sections=sections,
        actions=actions, posts=posts, links=_links(found), version=found.version,
    )  # fmt: skip


def _channel(entry: Entry, seen: own.Seen) -> Line:
    """What readers of one channel see, and why not."""
    words = []
    if seen.publication is None:
        side = _("nicht veröffentlicht")
    else:
        side = _("Fassung %(number)s") % {"number": seen.publication.revision.number}
        words.append(_("%(via)s, seit %(day)s") % {
            "via": seen.publication.get_via_display(),
            "day": shown(localdate(seen.publication.effective_at))})  # fmt: skip
        if not seen.is_current:
            words.append(_("Es gibt eine neuere Fassung."))
    if not seen.is_consented:
        words.append(_("Es fehlt die Einwilligung der Person."))
    if not seen.is_carried:
        words.append(_("Die Organisation ist hier nicht zu sehen, deshalb auch die Leistung "
                       "nicht."))  # fmt: skip
    if seen.coming is not None:
        words.append(_("Angekündigt: Fassung %(number)s ab %(day)s") % {
            "number": seen.coming.revision.number,
            "day": shown(localdate(seen.coming.effective_at))})  # fmt: skip
    return Line(seen.title, side, " · ".join(words))


def _announced(announcement: Announcement | None, manages: bool) -> list[Section]:
    """The newest announcement; nothing where there was none."""
    if announcement is None or not manages:
        return []
    return [Section("ankuendigung", _("Letzte Ankündigung"), [announcement_line(announcement)])]


def announcement_line(announcement: Announcement) -> Line:
    """State, day and answer of an announcement, with the way to its letters."""
    running = announcing.is_running(announcement)
    end = _("Frist: %(until)s") if running else _("Frist war: %(until)s")
    said = [end % {"until": deadline_words(announcement.deadline)}, announcement.answer_note]
    state = Announcement.State(announcing.state_at(announcement, clock.now()))
    return Line(str(state.label), shown(announcement.created_at), " · ".join(filter(None, said)),
                reverse("desk:announcement", args=[announcement.uuid]))  # fmt: skip


def _revision(one: Any, names: Any) -> Line:
    words = [own.author_in(names, one.author), one.reason]
    if one.on_behalf:
        words.append(_("im Auftrag eingetragen"))
    title = _("Fassung %(number)s") % {"number": one.number}
    return Line(title, shown(one.created_at), " · ".join(filter(None, words)))


def _more(entry: Entry) -> Link | None:
    url = url_of("directory:history", entry.uuid)
    return Link(_("Alle Fassungen mit ihren Unterschieden"), url) if url else None


def _notes(entry: Entry, noted: Any, names: Any, manages: bool) -> list[Section]:
    if not manages:
        return []
    rows = [
        Line(own.author_in(names, one.by), shown(one.created_at), one.text,
             posts=[Link(_("Löschen"), reverse("desk:entry-note-delete", args=[one.uuid]))])
        for one in noted
    ]  # fmt: skip
    add = Link(_("Notiz hinzufügen"), reverse("desk:entry-note", args=[entry.uuid]))
    return [Section("notizen", _("Interne Notizen"), rows, _("Noch keine."), add)]


def _ways(entry: Entry, running: Announcement | None) -> tuple[list[Link], list[Link]]:
    """(actions, buttons) of the office."""
    if entry.archived_at is not None:
        return [], [Link(_("Aus dem Archiv holen"), reverse("desk:entry-back", args=[entry.uuid]))]
    actions, posts = [], []
    if running is not None:
        posts.append(Link(_("Ankündigung zurückziehen"),
                          reverse("desk:announcement-withdraw", args=[running.uuid])))  # fmt: skip
    elif entry.kind != Entry.Kind.PERSON:
        actions.append(Link(_("Ankündigen"), reverse("desk:entry-announce", args=[entry.uuid])))
    if edit := url_of("directory:edit", entry.uuid):
        actions.append(Link(_("Im Auftrag bearbeiten"), edit + "?zurueck=verwaltung"))
    actions.append(Link(_("Kennzeichen setzen"), reverse("desk:entry-flags", args=[entry.uuid])))
    actions.append(Link(_("Archivieren"), reverse("desk:entry-archive", args=[entry.uuid])))
    return actions, posts


def _links(entry: Entry) -> list[Link]:
    found = [Link(_("So sehen es andere"), url_of("directory:entry", entry.uuid))]
    if entry.organisation is not None:
        url = reverse("desk:organisation", args=[entry.organisation.uuid])
        found.append(Link(_("Organisation und ihre Personen"), url))
    if entry.person is not None:
        found.append(Link(_("Zur Person"), reverse("desk:person", args=[entry.person.uuid])))
    return [link for link in found if link.url]
