"""People of the network: who they are, what they hold, whether they can sign in."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from lotse.foundation.core import clock, once
from lotse.foundation.core.permissions import get_visible, has
from lotse.foundation.core.reads import count
from lotse.foundation.parties.models import Absence, Invitation, Person, RoleGrant
from lotse.foundation.parties.privacy.retention import alive
from lotse.foundation.parties.services import merging, people, roles, suspension
from lotse.foundation.ui.forms import version_in
from lotse.foundation.ui.listing import Cell, Column, Filter, Row, build, shown
from lotse.surfaces.desk import forms
from lotse.surfaces.desk.access import OPERATE, Desk, at_desk
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
from lotse.surfaces.desk.queries import rights
from lotse.surfaces.desk.views.detail import detail_page

EDIT = "parties.person.edit"
VIEW = "parties.person.view"


def back() -> Link:
    return Link(_("Personen"), reverse("desk:people"))


@require_safe
@at_desk()
def index(request: HttpRequest, desk: Desk) -> HttpResponse:
    """All people of the network. Addresses are searched, not listed (T08)."""

    def rows(found: Any) -> list[Row]:
        places = reads.places_of(found)
        role_names = dict(RoleGrant.Role.choices)
        nothing: dict[str, list[str]] = {"seat": [], "role": []}
        return [
            {
                "name": Cell(
                    f"{one.last_name}, {one.first_name}" if one.first_name else one.last_name,
                    reverse("desk:person", args=[one.uuid]),
                ),
                "seats": ", ".join(sorted(places.get(one.pk, nothing)["seat"])),
                "roles": ", ".join(
                    sorted(str(role_names[role]) for role in places.get(one.pk, nothing)["role"])
                ),
                "account": _account_cell(one),
            }
            for one in found
        ]

    listing = build(
        request,
        title=_("Personen"),
        columns=[
            Column("name", _("Name"), 32),
            Column("seats", _("Organisationen"), 44),
            Column("roles", _("Rollen"), 32),
            Column("account", _("Konto"), 16),
        ],
        source=reads.people_of(desk.network, desk.actor).select_related("account"),
        rows=rows,
        search=reads.named,
        filters=[
            Filter("konto", _("Konto"), _by_account, [
                ("offen", _("offen")), ("gesperrt", _("gesperrt")), ("keins", _("ohne Konto")),
            ]),
            Filter("rolle", _("Rolle"), _by_role, RoleGrant.Role.choices),
        ],
        empty=_("Hier stehen die Personen des Netzwerks. Laden Sie die erste ein."),
    )  # fmt: skip
    add = Link(_("Jemanden einladen"), reverse("desk:invite"))
    return list_page(
        request, desk, listing, actions=[add] if desk.may_edit else [], name="personen",
        intro=_("Die Suche findet Namen und E-Mail-Adressen. Adressen und Telefonnummern stehen "
                "nur auf der Seite der Person."),
    )  # fmt: skip


def _account_cell(person: Person) -> Cell:
    if person.account is None:
        return Cell(_("ohne Konto"), tone="muted")
    return Cell(_("offen")) if person.account.is_active else Cell(_("gesperrt"), tone="bad")


def _by_account(rows: Any, value: str) -> Any:
    if value == "keins":
        return rows.filter(account=None)
    return rows.filter(account__is_active=value == "offen")


def _by_role(rows: Any, value: str) -> Any:
    held = RoleGrant.objects.filter(reads.held_now(), role=value)
    return rows.filter(pk__in=held.values("person"))


def _load(desk: Desk, uuid: UUID, *, edit: bool = False) -> Person:
    found = get_visible(
        EDIT if edit else VIEW, desk.actor, uuid,
        Person.objects.select_related("account", "home"), also=(EDIT,),
    )  # fmt: skip
    if found.erased_at is not None:
        raise Http404
    return found


def _page_of(person: Person) -> Link:
    return Link(person.name, reverse("desk:person", args=[person.uuid]))


@require_safe
@at_desk()
def detail(request: HttpRequest, desk: Desk, uuid: UUID) -> HttpResponse:
    """One person: seats, roles, invitations, deputies, and the account."""
    count("parties.detail", str(desk.actor.uuid))
    found = _load(desk, uuid)
    may_edit = has(EDIT, desk.actor, found)
    account = found.account
    facts = [
        (_("E-Mail-Adresse"), account.email if account else found.email),
        (_("Telefon"), found.phone),
        (_("Konto"), _account_cell(found).shown),
        (_("Zuletzt angemeldet"), shown(account.last_login) if account else ""),
        (_("Sprache"), _("Englisch") if found.lang == "en" else _("Deutsch")),
    ]
    notes = []
    if found.merged_into is not None:
        notes.append(("info", _("Dieser Eintrag ist mit einem anderen zusammengeführt."), ""))
    if found.restricted_at is not None:
        notes.append(("warning", _("Die Verarbeitung ist eingeschränkt."),
                      _("Nutzen Sie die Angaben nur noch, um sie aufzubewahren.")))  # fmt: skip
    return detail_page(
        request, desk, title=found.name, back=back(), facts=facts, notes=notes,
        sections=_sections(found, desk, may_edit),
        actions=_actions(found, may_edit), links=_more(found, desk, may_edit),
    )  # fmt: skip


def _actions(person: Person, may_edit: bool) -> list[Link]:
    return [Link(_("Bearbeiten"), reverse("desk:person-edit", args=[person.uuid]))] * may_edit


def _more(person: Person, desk: Desk, may_edit: bool) -> list[Link]:
    """What is done rarely, below the facts."""
    if not may_edit or desk.actor.person == person.pk:
        return []
    at = [person.uuid]
    links = [Link(_("Mit doppeltem Eintrag zusammenführen"), reverse("desk:merge", args=at))]
    if person.account is not None:
        open_now = person.account.is_active
        title = _("Konto sperren") if open_now else _("Konto wieder öffnen")
        links.append(Link(title, reverse("desk:suspend", args=at)))
        if open_now:
            links.append(Link(_("Zweiten Faktor zurücksetzen"),
                              reverse("desk:factor-reset-ask", args=at)))  # fmt: skip
        if desk.is_operator and open_now:
            links.append(Link(_("Sitzung zur Unterstützung"), reverse("desk:support", args=at)))
    return links


def _sections(person: Person, desk: Desk, may_edit: bool) -> list[Section]:
    seats = [
        Line(seat.organisation.name, span(seat.starts_on, seat.ends_on), seat.function,
             reverse("desk:organisation", args=[seat.organisation.uuid]))
        for seat in reads.seats_of(person=person)[:100]
    ]  # fmt: skip
    grants = [_grant_line(grant, desk) for grant in
              RoleGrant.objects.filter(person=person).select_related("network")
              .order_by("-starts_on", "-pk")[:100]]  # fmt: skip
    sections = [
        Section("sitze", _("Organisationen"), seats, _("Keine.")),
        Section("rollen", _("Rollen"), grants, _("Keine.")),
    ]
    if may_edit:
        sections.append(_absences(person))
        address = person.account.email if person.account else person.email
        sent = alive(
            Invitation.objects.filter(email=address.lower(), network=desk.network), desk.network
        )
        lines = [Line(_invited_to(one), shown(one.created_at)) for one in
                 sent.select_related("organisation").order_by("-created_at")[:20]]  # fmt: skip
        sections.append(Section("einladungen", _("Einladungen"), lines, _("Keine.")))
    return sections


def _invited_to(invitation: Invitation) -> str:
    what = [invitation.organisation.name if invitation.organisation else "",
            str(invitation.get_role_display() or "")]  # fmt: skip
    return ", ".join(filter(None, what)) or _("Netzwerk")


def _grant_line(grant: RoleGrant, desk: Desk) -> Line:
    over = grant.ended_at is not None or reads.is_over(grant.ends_on)
    end = [Link(_("Rolle beenden"), reverse("desk:grant-end", args=[grant.uuid]))]
    if rights.is_of_body(grant):
        end = [Link(_("Zum Gremium"), reverse("bodies:body", args=[grant.held_in_uuid]))]
    where = grant.network.name if grant.network else _("ganze Installation")
    side = _("beendet") if over else span(grant.starts_on, grant.ends_on)
    links = end if desk.may_grant and not over else ()
    return Line(str(grant.get_role_display()), side, f"{where} · {grant.reason}", links=links)


def _absences(person: Person) -> Section:
    found = Absence.objects.filter(person=person, ends_on__gte=clock.today())
    lines = [
        Line(_("vertreten durch %(name)s") % {"name": one.deputy.name},
             span(one.starts_on, one.ends_on), one.note,
             posts=[Link(_("Vertretung beenden"), reverse("desk:absence-end", args=[one.uuid]))])
        for one in found.select_related("deputy").order_by("starts_on")
    ]  # fmt: skip
    add = Link(_("Vertretung eintragen"), reverse("desk:absence", args=[person.uuid]))
    return Section("vertretung", _("Vertretung"), lines, _("Keine eingetragen."), add)


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk()
def edit(request: HttpRequest, desk: Desk, uuid: UUID) -> HttpResponse:
    """Name and phone. The address belongs to the account: only the person changes it."""
    found = _load(desk, uuid, edit=True)
    names = list(forms.PersonForm.base_fields)
    form = forms.PersonForm(
        request.POST if request.method == "POST" else None,
        initial={name: getattr(found, name) for name in names},
    )

    def act(data: dict[str, Any]) -> str:
        people.change_person(found, actor=desk.actor, expected=version_in(request), **data)
        return _page_of(found).url

    def stored(now: Person) -> list[tuple[str, str]]:
        return [(str(form.fields[name].label), getattr(now, name)) for name in names]

    page = FormPage(found.name, _("Person speichern"), _page_of(found), act,
                    version=found.version, stored=stored)  # fmt: skip
    return form_page(request, desk, form, page)


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk()
def suspend(request: HttpRequest, desk: Desk, uuid: UUID) -> HttpResponse:
    """Closes the account, or opens it again."""
    found = _load(desk, uuid, edit=True)
    if found.account is None:
        raise Http404
    closing = found.account.is_active
    form = forms.ReasonForm(request.POST if request.method == "POST" else None)

    def act(data: dict[str, Any]) -> str:
        do = suspension.suspend if closing else suspension.reactivate
        do(found, actor=desk.actor, reason=data["reason"])
        return _page_of(found).url

    page = FormPage(
        _("Konto sperren") if closing else _("Konto wieder öffnen"),
        _("Konto sperren") if closing else _("Konto öffnen"), _page_of(found), act,
        intro=_("%(name)s kann sich dann nicht mehr anmelden; offene Sitzungen enden sofort. "
                "Sitze und Rollen bleiben stehen.") % {"name": found.name} if closing else
        _("%(name)s kann sich dann wieder anmelden, mit allen Sitzen und Rollen, die noch "
          "gelten.") % {"name": found.name},
        done=_("Das Konto ist gesperrt.") if closing else _("Das Konto ist wieder offen."),
    )  # fmt: skip
    return form_page(request, desk, form, page)


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk()
def merge(request: HttpRequest, desk: Desk, uuid: UUID) -> HttpResponse:
    """Two entries become one; the first submit shows what would move."""
    found = _load(desk, uuid, edit=True)
    others = reads.people_of(desk.network, desk.actor).exclude(pk__in=[found.pk, desk.actor.person])
    data = request.POST if request.method == "POST" else None
    form = forms.MergeForm(data, people=reads.choices_of(others))
    page = FormPage(
        _("Zusammenführen: %(name)s") % {"name": found.name}, _("Weiter"), _page_of(found),
        lambda cleaned: _merged(found, others.get(uuid=cleaned["other"]), desk),
        intro=_merge_intro(desk),
        done=_("Die Einträge sind zusammengeführt."), template="desk/merge.html",
    )  # fmt: skip
    if data is not None and form.is_valid() and not form.cleaned_data["confirmed"]:
        other = others.get(uuid=form.cleaned_data["other"])
        shown_first = FormPage(
            page.title, _("Zusammenführen"), page.back, page.act, page.intro,
            extra={"moves": merging.preview(found, other), "other": other},
            template=page.template,
        )  # fmt: skip
        return _preview(request, desk, form, shown_first)
    return form_page(request, desk, form, page)


def _merge_intro(desk: Desk) -> str:
    intro = _("Dieser Eintrag bleibt. Beim ersten Absenden sehen Sie nur, was übergeht.")
    if desk.is_operator:
        return intro
    limits = _("Haben beide ein Konto, oder hat eine der beiden Personen Rollen oder Sitze in "
               "einem anderen Netzwerk, führt nur der Betrieb sie zusammen.")  # fmt: skip
    return f"{intro} {limits}"


def _preview(request: HttpRequest, desk: Desk, form: Any, page: FormPage) -> HttpResponse:
    from django.shortcuts import render

    context = {"desk": desk, "form": form, "page": page, "version": None, "stored": None}
    return render(request, page.template, {**context, **page.extra})


def _merged(keep: Person, other: Person, desk: Desk) -> str:
    merging.merge(keep, other, actor=desk.actor)
    return _page_of(keep).url


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk()
def absence(request: HttpRequest, desk: Desk, uuid: UUID) -> HttpResponse:
    """A deputy for somebody who cannot name one."""
    found = _load(desk, uuid, edit=True)
    known = reads.people_of(desk.network, desk.actor).filter(account__is_active=True)
    known = known.exclude(pk=found.pk)
    form = forms.DeskAbsenceForm(
        request.POST if request.method == "POST" else None,
        people=reads.choices_of(known),
        initial={"starts_on": clock.today()},
    )

    def act(data: dict[str, Any]) -> str:
        deputy = known.select_related("account").get(uuid=data.pop("deputy"))
        roles.set_absence(found, deputy, actor=desk.actor, key=once.key_from(request.POST), **data)
        return _page_of(found).url

    page = FormPage(
        _("Vertretung für %(name)s") % {"name": found.name}, _("Vertretung eintragen"),
        _page_of(found), act, done=_("Die Vertretung ist eingetragen."),
        intro=_("Die Vertretung hat in dieser Zeit auch die Rollen von %(name)s, nie die des "
                "Betriebs.") % {"name": found.name},
    )  # fmt: skip
    return form_page(request, desk, form, page)


@require_POST
@at_desk()
def absence_end(request: HttpRequest, desk: Desk, uuid: UUID) -> HttpResponse:
    """Back early."""
    found = Absence.objects.select_related("person").filter(uuid=uuid).first()
    if found is None:
        raise Http404
    person = _load(desk, found.person.uuid, edit=True)
    roles.end_absence(found, actor=desk.actor)
    messages.success(request, _("Die Vertretung ist beendet."))
    return redirect(_page_of(person).url)


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk(OPERATE, recent=True)
def support(request: HttpRequest, desk: Desk, uuid: UUID) -> HttpResponse:
    """The operator looks at Lotse as this person: a while, read only, told."""
    from lotse.foundation.parties.services.support import start_support
    from lotse.foundation.parties.support_view import NAME

    found = _load(desk, uuid)
    form = forms.SupportForm(request.POST if request.method == "POST" else None)

    def act(data: dict[str, Any]) -> str:
        session = start_support(found, actor=desk.actor, network=desk.network, **data)
        request.session[NAME] = str(session.uuid)
        return reverse("home:home")

    page = FormPage(
        _("Sitzung zur Unterstützung"), _("Sitzung beginnen"), _page_of(found), act,
        intro=_("Sie sehen Lotse so, wie %(name)s es sieht, auch deren Bewertungen. Ändern können "
                "Sie nichts. %(name)s bekommt sofort eine Mail mit Ihrem Namen und dem Grund.")
        % {"name": found.name},
        done=_("Die Sitzung läuft. Beenden Sie sie, sobald Sie fertig sind."),
    )  # fmt: skip
    return form_page(request, desk, form, page)
