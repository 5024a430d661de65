"""Organisations of the network, and who sits in them."""

from functools import partial
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from lotse.foundation.core import clock, once
from lotse.foundation.core.permissions import get_visible, has
from lotse.foundation.core.reads import count
from lotse.foundation.parties.models import Affiliation, Organisation, Person
from lotse.foundation.parties.services import people
from lotse.foundation.ui.forms import version_in
from lotse.foundation.ui.listing import Cell, Column, Filter, Row, build
from lotse.rooms.directory.queries.templates import silent_organisations
from lotse.surfaces.desk import forms
from lotse.surfaces.desk.access import CREATE, Desk, at_desk
from lotse.surfaces.desk.frame import (
    FormPage,
    Line,
    Link,
    Section,
    form_page,
    list_page,
    span,
)
from lotse.surfaces.desk.queries import people as reads
from lotse.surfaces.desk.views.detail import detail_page

EDIT = "parties.organisation.edit"
VIEW = "parties.organisation.view"


def back() -> Link:
    return Link(_("Organisationen"), reverse("desk:organisations"))


@require_safe
@at_desk()
def index(request: HttpRequest, desk: Desk) -> HttpResponse:
    """All organisations of the network, those nobody looks after among them."""

    def rows(found: Any) -> list[Row]:
        return [
            {
                "name": Cell(one.name, reverse("desk:organisation", args=[one.uuid])),
                "kind": str(one.get_kind_display()),
                "place": f"{one.postal_code} {one.city}".strip(),
                "state": _state(one),
            }
            for one in found
        ]

    listing = build(
        request,
        title=_("Organisationen"),
        columns=[
            Column("name", _("Name"), 44),
            Column("kind", _("Art"), 28),
            Column("place", _("Ort"), 28),
            Column("state", _("Zustand"), 28),
        ],
        source=reads.organisations_of(desk.network, desk.actor),
        rows=rows,
        search=_search,
        filters=[
            Filter("art", _("Art"), lambda rows, v: rows.filter(kind=v), Organisation.Kind.choices),
            Filter("zustand", _("Zustand"), partial(_in_state, desk), [
                ("ansprechperson", _("ohne Ansprechperson")),
                ("bearbeitung", _("ohne Bearbeitung")),
                ("stimme", _("niemand darf antworten")),
            ]),
        ],
        empty=_("Hier stehen die Organisationen des Netzwerks. Legen Sie die erste an."),
    )  # fmt: skip
    add = Link(_("Organisation anlegen"), reverse("desk:organisation-new"))
    return list_page(
        request, desk, listing, actions=[add] if desk.may_create else [], name="organisationen"
    )


def _search(rows: Any, words: str) -> Any:
    for word in words.split()[:6]:
        rows = rows.filter(name__icontains=word) | rows.filter(city__icontains=word)
    return rows


def _in_state(desk: Desk, rows: Any, state: str) -> Any:
    if state == "stimme":
        return rows.filter(pk__in=silent_organisations(desk.network).values("pk"))
    return rows.filter(contact=False) if state == "ansprechperson" else rows.filter(editor=False)


def _state(one: Any) -> Cell:
    missing = []
    if not one.contact:
        missing.append(_("ohne Ansprechperson"))
    if not one.editor:
        missing.append(_("ohne Bearbeitung"))
    return Cell(", ".join(missing), tone="warn") if missing else Cell(_("in Ordnung"))


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk(CREATE)
def new(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Takes an organisation up."""
    form = forms.OrganisationForm(request.POST if request.method == "POST" else None)

    def act(data: dict[str, Any]) -> str:
        made = people.create_organisation(
            desk.network, actor=desk.actor, key=once.key_from(request.POST), **data
        )
        return reverse("desk:organisation", args=[made.uuid])

    page = FormPage(_("Organisation anlegen"), _("Organisation anlegen"), back(), act,
                    done=_("Die Organisation ist angelegt."))  # fmt: skip
    return form_page(request, desk, form, page)


def _load(desk: Desk, uuid: UUID, *, edit: bool = False) -> Organisation:
    return get_visible(
        EDIT if edit else VIEW, desk.actor, uuid,
        Organisation.objects.select_related("network", "region"), also=(EDIT,),
    )  # fmt: skip


@require_safe
@at_desk()
def detail(request: HttpRequest, desk: Desk, uuid: UUID) -> HttpResponse:
    """One organisation: what is known of it, and its people."""
    count("parties.detail", str(desk.actor.uuid))
    found = _load(desk, uuid)
    may_edit = has(EDIT, desk.actor, found)
    seats = list(reads.seats_of(organisation=found)[:500])
    present = [_seat_line(seat, may_edit) for seat in seats if not reads.is_over(seat.ends_on)]
    past = [_seat_line(seat, False) for seat in seats if reads.is_over(seat.ends_on)]
    add = Link(_("Person hinzufügen"), reverse("desk:seat-new", args=[uuid]))
    sections = [
        Section("personen", _("Personen"), present,
                _("Noch niemand. Laden Sie jemanden ein."), add if may_edit else None),
    ]  # fmt: skip
    if past:
        sections.append(Section("frueher", _("Früher"), past))
    invite = f"{reverse('desk:invite')}?organisation={uuid}"
    actions = [
        Link(_("Bearbeiten"), reverse("desk:organisation-edit", args=[uuid])),
        Link(_("Jemanden einladen"), invite),
    ]
    facts = [
        (_("Art"), found.get_kind_display()),
        (_("Kurzname"), found.short_name),
        (_("Auftrag"), found.function),
        (_("Ort"), f"{found.postal_code} {found.city}".strip()),
        (_("Region"), found.region.name if found.region else ""),
        (_("Website"), found.website),
    ]
    return detail_page(request, desk, title=found.name, back=back(), facts=facts,
                       sections=sections, actions=actions if may_edit else [])  # fmt: skip


def _seat_line(seat: Affiliation, may_edit: bool) -> Line:
    rights = [
        str(Affiliation._meta.get_field(name).verbose_name)  # type: ignore[union-attr]  # a plain field
        for name in (*people.RIGHTS, "is_contact")
        if getattr(seat, name)
    ]
    links = [
        Link(_("Ändern"), reverse("desk:seat", args=[seat.uuid])),
        Link(_("Beenden oder übergeben"), reverse("desk:seat-end", args=[seat.uuid])),
    ]
    words = [seat.function, *rights]
    if seat.successor is not None:
        words.append(_("Nachfolge: %(name)s") % {"name": seat.successor.name})
    return Line(
        seat.person.name,
        span(seat.starts_on, seat.ends_on),
        " · ".join(filter(None, words)),
        reverse("desk:person", args=[seat.person.uuid]),
        links if may_edit else (),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk()
def edit(request: HttpRequest, desk: Desk, uuid: UUID) -> HttpResponse:
    """Changes what is known of an organisation."""
    found = _load(desk, uuid, edit=True)
    names = list(forms.OrganisationForm.base_fields)
    form = forms.OrganisationForm(
        request.POST if request.method == "POST" else None,
        initial={name: getattr(found, name) for name in names},
    )

    def act(data: dict[str, Any]) -> str:
        people.change_organisation(found, actor=desk.actor, expected=version_in(request), **data)
        return reverse("desk:organisation", args=[uuid])

    def stored(now: Organisation) -> list[tuple[str, str]]:
        values = {name: getattr(now, name) for name in names} | {"kind": now.get_kind_display()}
        return [(str(form.fields[name].label), str(values[name])) for name in names]

    page = FormPage(found.name, _("Organisation speichern"),
                    Link(found.name, reverse("desk:organisation", args=[uuid])), act,
                    version=found.version, stored=stored)  # fmt: skip
    return form_page(request, desk, form, page)


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk()
def seat_new(request: HttpRequest, desk: Desk, uuid: UUID) -> HttpResponse:
    """A seat for somebody who is known already; others are invited."""
    found = _load(desk, uuid, edit=True)
    known = reads.people_of(desk.network, desk.actor)
    form = forms.NewSeatForm(
        request.POST if request.method == "POST" else None,
        people=reads.choices_of(known),
        initial={"starts_on": clock.today()},
    )

    def act(data: dict[str, Any]) -> str:
        person = known.get(uuid=data.pop("person"))
        people.add_seat(person, found, actor=desk.actor, key=once.key_from(request.POST), **data)
        return reverse("desk:organisation", args=[uuid])

    page = FormPage(
        _("Person hinzufügen"), _("Person hinzufügen"),
        Link(found.name, reverse("desk:organisation", args=[uuid])), act,
        intro=_("Zur Wahl stehen Personen, die im Netzwerk schon bekannt sind. Alle anderen "
                "laden Sie ein."),
    )  # fmt: skip
    return form_page(request, desk, form, page)


def _seat(desk: Desk, uuid: UUID) -> Affiliation:
    """A seat of an organisation the actor may edit, else 404 or 403 like the organisation."""
    seat = Affiliation.objects.select_related("person", "organisation").filter(uuid=uuid).first()
    if seat is None:
        raise Http404
    seat.organisation = _load(desk, seat.organisation.uuid, edit=True)
    return seat


def _of(seat: Affiliation) -> Link:
    return Link(seat.organisation.name, reverse("desk:organisation", args=[seat.organisation.uuid]))


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk()
def seat(request: HttpRequest, desk: Desk, uuid: UUID) -> HttpResponse:
    """Function, rights and span of a seat."""
    found = _seat(desk, uuid)
    names = list(forms.SeatForm.base_fields)
    form = forms.SeatForm(
        request.POST if request.method == "POST" else None,
        initial={name: getattr(found, name) for name in names},
    )

    def act(data: dict[str, Any]) -> str:
        people.change_seat(found, actor=desk.actor, expected=version_in(request), **data)
        return _of(found).url

    def stored(now: Affiliation) -> list[tuple[str, str]]:
        rights = [str(form.fields[n].label) for n in (*people.RIGHTS, "is_contact")
                  if getattr(now, n)]  # fmt: skip
        return [(_("Funktion"), now.function), (_("Rechte"), ", ".join(rights)),
                (_("Zeit"), span(now.starts_on, now.ends_on))]  # fmt: skip

    page = FormPage(found.person.name, _("Sitz speichern"), _of(found), act,
                    version=found.version, stored=stored)  # fmt: skip
    return form_page(request, desk, form, page)


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk()
def seat_end(request: HttpRequest, desk: Desk, uuid: UUID) -> HttpResponse:
    """Ends a seat; a successor takes over rights and open work."""
    found = _seat(desk, uuid)
    known = reads.people_of(desk.network, desk.actor).exclude(pk=found.person.pk)
    form = forms.EndSeatForm(
        request.POST if request.method == "POST" else None, people=reads.choices_of(known)
    )

    def act(data: dict[str, Any]) -> str:
        chosen = data["successor"]
        successor: Person | None = known.get(uuid=chosen) if chosen else None
        people.end_seat(
            found, actor=desk.actor, expected=version_in(request), successor=successor,
            on=data["on"],
        )  # fmt: skip
        return _of(found).url

    page = FormPage(
        _("Sitz beenden: %(name)s") % {"name": found.person.name}, _("Sitz beenden"), _of(found),
        act, version=found.version, done=_("Der Sitz ist beendet."),
        intro=_("Die Rechte aus diesem Sitz enden mit dem letzten Tag. Mit einer Nachfolge gehen "
                "Rechte und offene Maßnahmen über; sonst stehen sie auf der Startseite der "
                "Verwaltung als „ohne Person“."),
    )  # fmt: skip
    return form_page(request, desk, form, page)
