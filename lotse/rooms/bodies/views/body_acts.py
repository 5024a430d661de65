"""What the office does with a body: make, change, let rest; history, offices, commissions."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from lotse.foundation.core import clock, once
from lotse.foundation.core.actor import Actor
from lotse.foundation.core.collation import InOrder
from lotse.foundation.core.errors import NotAllowed
from lotse.foundation.core.permissions import has
from lotse.foundation.parties.here import actor_in, network_in
from lotse.foundation.parties.models import Body, Network, RoleGrant
from lotse.foundation.ui.forms import version_in
from lotse.foundation.ui.guard import signed_in
from lotse.rooms.bodies import forms_bodies as forms
from lotse.rooms.bodies.models import Charter, Commission
from lotse.rooms.bodies.queries import members
from lotse.rooms.bodies.services import bodies, commissions
from lotse.rooms.bodies.views import frame
from lotse.rooms.bodies.views.bodies import MAKE
from lotse.rooms.bodies.views.forming import (
    Both,
    FormPage,
    Way,
    address_of,
    differences,
    form_page,
)

METHODS = ["GET", "HEAD", "POST"]


def way_to(body: Body) -> list[Way]:
    """The links above the heading of a page about a body."""
    return [
        Way(_("Gremien"), reverse("bodies:bodies")),
        Way(body.name, reverse("bodies:body", args=[body.uuid])),
    ]


def sent(request: HttpRequest) -> Any:
    """What a form is bound to: nothing while it is only shown."""
    return request.POST if request.method == "POST" else None


def _above(network: Network, but: Body | None = None) -> list[tuple[str, str]]:
    rows = Body.objects.filter(network=network)
    rows = rows.exclude(pk=but.pk) if but else rows
    return [(str(uuid), name) for uuid, name in
            rows.order_by(InOrder("name"), "pk").values_list("uuid", "name")]  # fmt: skip


def _values(network: Network, data: dict[str, Any]) -> dict[str, Any]:
    """What the services take: the parent as an object, a threshold where none was named."""
    values = dict(data)
    chosen = values.pop("parent")
    values["parent"] = Body.objects.get(network=network, uuid=chosen) if chosen else None
    if values["quorum_value"] is None:
        values["quorum_value"] = 50
    return values


@require_http_methods(METHODS)
@signed_in
def new(request: HttpRequest) -> HttpResponse:
    """Makes a body with its rules."""
    network, actor = network_in(request), actor_in(request)
    if network is None:
        raise Http404
    if not has(MAKE, actor, network):
        raise NotAllowed(MAKE)
    blank = Charter()
    first = {name: getattr(blank, name) for name in _CHARTER}
    form = forms.BodyForm(sent(request), above=_above(network), initial=first)

    def act(data: dict[str, Any]) -> str:
        body = bodies.create_body(
            network, actor=actor, key=once.key_from(request.POST), **_values(network, data)
        )
        return reverse("bodies:body", args=[body.uuid])

    page = FormPage(
        _("Gremium anlegen"), _("Gremium anlegen"), [Way(_("Gremien"), reverse("bodies:bodies"))],
        act, done=_("Das Gremium ist angelegt. Als Nächstes: Mandate und Ämter vergeben."),
        intro=_("Nur Name und Art müssen sein. Alles andere ist vorbelegt und lässt sich später "
                "ändern."),
    )  # fmt: skip
    return form_page(request, form, page)


_OWN = ("name", "short_name", "kind")
_CHARTER = tuple(
    name for name in forms.BodyForm.base_fields if name not in (*_OWN, "parent")
)  # fmt: skip


def _stored(body: Body) -> dict[str, Any]:
    """A body as its form holds it."""
    values = {name: getattr(body, name) for name in _OWN}
    values["parent"] = str(body.parent.uuid) if body.parent else ""
    return values | {name: getattr(body.charter, name) for name in _CHARTER}


@require_http_methods(METHODS)
@signed_in
def edit(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Changes a body and its rules; where two people did, both texts are shown."""
    loaded = frame.load_body(request, uuid, frame.MANAGE)
    body: Body = loaded.obj
    form = forms.BodyForm(sent(request), above=_above(body.network, body), initial=_stored(body))

    def act(data: dict[str, Any]) -> str:
        values = _values(body.network, data)
        bodies.change_body(body, actor=loaded.actor, expected=version_in(request), **values)
        return reverse("bodies:body", args=[uuid])

    def both(current: Body, data: dict[str, Any]) -> list[Both]:
        fresh = Body.objects.select_related("charter", "parent").get(pk=current.pk)
        return differences(form, _stored(fresh), data)

    page = FormPage(
        _("Gremium bearbeiten"), _("Speichern"), way_to(body), act, version=body.version,
        stored=both, intro=_("Was Sie ändern, steht danach in der Geschichte des Gremiums."),
        links=[Way(_("Ruhen lassen, beenden, wieder aufnehmen"),
                   reverse("bodies:body-state", args=[uuid]))],
    )  # fmt: skip
    return form_page(request, form, page)


@require_http_methods(METHODS)
@signed_in
def state(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Lets a body rest, ends it, takes it up again."""
    loaded = frame.load_body(request, uuid, frame.MANAGE)
    body: Body = loaded.obj
    form = forms.StateForm(sent(request), now=body.state, initial={"close_seats": True})

    def act(data: dict[str, Any]) -> str:
        bodies.set_state(body, actor=loaded.actor, expected=version_in(request), **data)
        return reverse("bodies:body", args=[uuid])

    def both(current: Body, data: dict[str, Any]) -> list[Both]:
        return [Both(_("Stand"), str(current.get_state_display()),
                     str(Body.State(data["state"]).label))]  # fmt: skip

    page = FormPage(
        _("Stand ändern"), _("Stand ändern"), way_to(body), act, version=body.version, stored=both,
        intro=_("Jetzt gilt: %(state)s. Sitzungen, Protokolle und Beschlüsse bleiben in jedem "
                "Fall.") % {"state": body.get_state_display()},
    )  # fmt: skip
    return form_page(request, form, page)


@require_http_methods(METHODS)
@signed_in
def happening_new(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Writes a line into the history of a body."""
    loaded = frame.load_body(request, uuid, frame.MANAGE)
    form = forms.HappeningForm(sent(request), initial={"on": clock.today()})

    def act(data: dict[str, Any]) -> str:
        bodies.note_happening(
            loaded.obj, actor=loaded.actor, key=once.key_from(request.POST), **data
        )
        return reverse("bodies:body", args=[uuid]) + "#geschichte"

    page = FormPage(_("Eintrag in die Geschichte"), _("Eintrag speichern"), way_to(loaded.obj), act)
    return form_page(request, form, page)


@require_http_methods(METHODS)
@signed_in
def office_new(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Makes somebody chair or minute taker; nobody appoints themselves."""
    loaded = frame.load_body(request, uuid, frame.MANAGE)
    body: Body = loaded.obj
    known = members.people_for(body.network, loaded.actor).exclude(pk=loaded.actor.person or 0)
    form = forms.OfficeForm(sent(request), people=members.choices_of(known), initial=forms.today())

    def act(data: dict[str, Any]) -> str:
        person = known.get(uuid=data.pop("person"))
        bodies.appoint(
            body, person, data.pop("role"), actor=loaded.actor, key=once.key_from(request.POST),
            **data,
        )  # fmt: skip
        return reverse("bodies:body", args=[uuid]) + "#aemter"

    page = FormPage(
        _("Amt vergeben"), _("Amt vergeben"), way_to(body), act,
        done=_("Das Amt ist vergeben und steht in der Nachweiskette."),
        intro=_office_words(body.network), links=invite_way(loaded.actor, body),
    )  # fmt: skip
    return form_page(request, form, page)


def _office_words(network: Network) -> str:
    roles = (RoleGrant.Role.CHAIR, RoleGrant.Role.MINUTE_TAKER)
    demanding = [str(role.label) for role in roles if role in network.mfa_roles]
    words = _("Vorsitz und Schriftführung bereiten Sitzungen vor, laden ein und führen das "
              "Protokoll.")  # fmt: skip
    if demanding:
        words += " " + _(
            "Einen zweiten Faktor verlangt: %(roles)s. Ohne ihn gilt das Amt nicht; die Person "
            "wird beim Anmelden danach gefragt."
        ) % {"roles": ", ".join(demanding)}
    return words


def invite_way(actor: Actor, body: Body) -> list[Way]:
    """Where somebody who is not in the list yet is invited; the desk's own page."""
    url = address_of("desk:invite")
    words = _("Die Person fehlt in der Liste? Laden Sie sie zuerst ein.")
    return [Way(words, url)] if url and has(MAKE, actor, body.network) else []


@require_http_methods(METHODS)
@signed_in
def office_end(request: HttpRequest, uuid: UUID, grant: UUID) -> HttpResponse:
    """Ends an office at once."""
    loaded = frame.load_body(request, uuid, frame.MANAGE)
    body: Body = loaded.obj
    found = RoleGrant.objects.filter(
        uuid=grant, held_in_uuid=body.uuid, role__in=bodies.OFFICES
    ).select_related("person", "network").first()  # fmt: skip
    if found is None:
        raise Http404
    form = forms.EndForm(sent(request))

    def act(data: dict[str, Any]) -> str:
        bodies.dismiss(found, actor=loaded.actor, reason=data["reason"])
        return reverse("bodies:body", args=[uuid]) + "#aemter"

    page = FormPage(
        _("Amt beenden"), _("Amt beenden"), way_to(body), act,
        done=_("Das Amt ist beendet. Es gilt ab sofort nicht mehr."),
        intro=f"{found.person.name}: {found.get_role_display()}",
    )  # fmt: skip
    return form_page(request, form, page)


def _giver(network: Network, data: dict[str, Any]) -> dict[str, Any]:
    values = dict(data)
    if "given_by" in values:
        chosen = values["given_by"]
        values["given_by"] = Body.objects.get(network=network, uuid=chosen) if chosen else None
    return values


@require_http_methods(METHODS)
@signed_in
def commission_new(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Tells a body to do something (S1-16)."""
    loaded = frame.load_body(request, uuid, frame.MANAGE)
    body: Body = loaded.obj
    form = forms.CommissionForm(
        sent(request), givers=_above(body.network, body),
        initial={"given_on": clock.today(),
                 "given_by": str(body.parent.uuid) if body.parent else ""},
    )  # fmt: skip

    def act(data: dict[str, Any]) -> str:
        commissions.give_commission(
            body, actor=loaded.actor, key=once.key_from(request.POST), **_giver(body.network, data)
        )
        return reverse("bodies:body", args=[uuid]) + "#auftraege"

    page = FormPage(_("Auftrag erteilen"), _("Auftrag erteilen"), way_to(body), act)
    return form_page(request, form, page)


@require_http_methods(METHODS)
@signed_in
def commission(request: HttpRequest, uuid: UUID, commission: UUID) -> HttpResponse:
    """Says what became of a commission; the office changes the rest, too."""
    loaded = frame.load_body(request, uuid, frame.RUN)
    body: Body = loaded.obj
    found = body.commissions.filter(uuid=commission).select_related("given_by").first()
    if found is None:
        raise Http404
    found.body = body
    stored = _commission(found)
    if loaded.may(frame.MANAGE):
        form: Any = forms.CommissionChangeForm(
            sent(request), givers=_above(body.network, body), initial=stored
        )
    else:
        form = forms.CommissionReportForm(sent(request), initial=stored)

    def act(data: dict[str, Any]) -> str:
        commissions.change_commission(
            found, actor=loaded.actor, expected=version_in(request), **_giver(body.network, data)
        )
        return reverse("bodies:body", args=[uuid]) + "#auftraege"

    page = FormPage(
        _("Auftrag bearbeiten"), _("Speichern"), way_to(body), act, version=found.version,
        stored=lambda current, data: differences(form, _commission(current), data),
        intro=found.title,
    )  # fmt: skip
    return form_page(request, form, page)


def _commission(one: Commission) -> dict[str, Any]:
    """A commission as its form holds it."""
    names = ("title", "text", "given_on", "due_on", "state", "result")
    giver = str(one.given_by.uuid) if one.given_by else ""
    return {name: getattr(one, name) for name in names} | {"given_by": giver}
