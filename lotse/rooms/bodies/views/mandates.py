"""Seats: made, changed, filled, given back; one's own, and those of one's organisation."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from lotse.foundation.core import clock, once
from lotse.foundation.core.actor import Actor
from lotse.foundation.core.collation import InOrder
from lotse.foundation.core.errors import NotAllowed
from lotse.foundation.core.permissions import get_visible, has
from lotse.foundation.parties.here import actor_in
from lotse.foundation.parties.models import Body, Organisation, Person
from lotse.foundation.ui.forms import version_in
from lotse.foundation.ui.guard import signed_in
from lotse.foundation.ui.listing import shown
from lotse.rooms.bodies import forms_bodies as forms
from lotse.rooms.bodies.models import Holder, Mandate
from lotse.rooms.bodies.queries import counterparts, members
from lotse.rooms.bodies.services import mandates
from lotse.rooms.bodies.views import frame
from lotse.rooms.bodies.views.body_acts import METHODS, invite_way, sent, way_to
from lotse.rooms.bodies.views.forming import Both, FormPage, Way, differences, form_page

VIEW, FILL = "bodies.mandate.view", "bodies.mandate.fill"


def _load(request: HttpRequest, uuid: UUID, code: str = VIEW) -> tuple[Mandate, Actor]:
    """A seat with its body and organisation. Raises Http404, NotAllowed."""
    actor = actor_in(request)
    rows = Mandate.objects.select_related("body__network", "organisation", "counterpart")
    also = (FILL,) if code != FILL else ()
    return get_visible(code, actor, uuid, rows, also=also), actor


def _managed(request: HttpRequest, uuid: UUID) -> tuple[Mandate, Actor]:
    """A seat for the office of its network."""
    mandate, actor = _load(request, uuid)
    if not has(frame.MANAGE, actor, mandate.body):
        raise NotAllowed(frame.MANAGE)
    return mandate, actor


def title_of(mandate: Mandate) -> str:
    """What a seat is called before anybody is named."""
    return mandate.organisation.name if mandate.organisation else _("Sitz einer Person")


def _way(mandate: Mandate, actor: Actor) -> list[Way]:
    """Links above the heading; who only represents the organisation comes from the own seats."""
    seat = Way(title_of(mandate), reverse("bodies:mandate", args=[mandate.uuid]))
    if has(frame.VIEW, actor, mandate.body):
        return [*way_to(mandate.body), seat]
    return [Way(_("Eigene Mandate"), reverse("bodies:own")), seat]


@require_http_methods(METHODS)
@signed_in
def new(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """A new seat, filled at once where a person is chosen."""
    loaded = frame.load_body(request, uuid, frame.MANAGE)
    body: Body = loaded.obj
    organisations = Organisation.objects.filter(network=body.network)
    known = members.people_for(body.network, loaded.actor).exclude(pk=loaded.actor.person or 0)
    named = organisations.order_by(InOrder("name"), "pk").values_list("uuid", "name")
    seats = counterparts.counterparts_for(body, loaded.actor)
    form = forms.MandateForm(
        sent(request),
        organisations=[(str(key), name) for key, name in named[: members.MOST_CHOICES]],
        people=members.choices_of(known),
        counterparts=_offered(seats),
        initial={"with_vote": True, **forms.today()},
    )

    def act(data: dict[str, Any]) -> str:
        data = data | {"counterpart": seats.get(data.get("counterpart", ""))}
        chosen, person = data.pop("organisation"), data.pop("person")
        mandate = mandates.open_seat(
            body, actor=loaded.actor, key=once.key_from(request.POST),
            organisation=organisations.select_related("network").get(uuid=chosen)
            if chosen else None,
            person=known.get(uuid=person) if person else None, **data,
        )  # fmt: skip
        return reverse("bodies:mandate", args=[mandate.uuid])

    page = FormPage(
        _("Mandat anlegen"), _("Mandat anlegen"), way_to(body), act,
        done=_("Das Mandat ist angelegt."), links=invite_way(loaded.actor, body),
        intro=_("Ein Mandat gehört einer Organisation; sie entsendet eine Person und nennt "
                "Stellvertretungen. Es kann auch einer Person gehören."),
    )  # fmt: skip
    return form_page(request, form, page)


@require_safe
@signed_in
def detail(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One seat: what it is, who sits there, who did before."""
    mandate, actor = _load(request, uuid)
    sitting, gone = members.holders_of(mandate, actor)
    is_over = mandate.ends_on is not None and mandate.ends_on < clock.today()
    deputies = [one for one in sitting if one.part == Holder.Part.DEPUTY]
    may_fill = has(FILL, actor, mandate)
    own = next((one for one in sitting if one.person_id == actor.person), None)
    context = {
        "mandate": mandate,
        "title": title_of(mandate),
        "way": _way(mandate, actor)[:-1],
        "delegates": [one for one in sitting if one.part == Holder.Part.DELEGATE],
        "deputies": deputies,
        "gone": gone,
        "is_over": is_over,
        "may_fill": may_fill and not is_over,
        "may_manage": has(frame.MANAGE, actor, mandate.body) and not is_over,
        "own": own if not is_over else None,
        "outside": members.outside_of(mandate) if may_fill else (),
        "counterpart": counterparts.counterpart_of(mandate, actor),
        "today": clock.today(),
    }
    return render(request, "bodies/mandate.html", context)


@require_http_methods(METHODS)
@signed_in
def edit(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Changes vote, end, counter-seat and note of a seat."""
    mandate, actor = _managed(request, uuid)
    before = _values(mandate)
    seats = counterparts.counterparts_for(mandate.body, actor, mandate)
    form = forms.MandateChangeForm(
        sent(request), guest=mandate.kind == Mandate.Kind.GUEST, initial=before,
        counterparts=_offered(seats, mandate),
    )  # fmt: skip

    def act(data: dict[str, Any]) -> str:
        chosen = data.get("counterpart", before["counterpart"])
        kept = chosen == before["counterpart"]
        given_for = mandate.counterpart if kept else seats.get(chosen)
        mandates.change_mandate(
            mandate, actor=actor, expected=version_in(request), **data | {"counterpart": given_for}
        )
        return reverse("bodies:mandate", args=[uuid])

    page = FormPage(
        _("Mandat ändern"), _("Speichern"), _way(mandate, actor), act, version=mandate.version,
        stored=lambda current, data: _both(form, current, data, actor),
        intro=_("Mit dem letzten Tag des Mandats enden auch die Rechte derer, die es vertreten."),
    )  # fmt: skip
    return form_page(request, form, page)


def _values(mandate: Mandate) -> dict[str, Any]:
    names = ("with_vote", "ends_on", "in_return", "note")
    given_for = str(mandate.counterpart.uuid) if mandate.counterpart else ""
    return {name: getattr(mandate, name) for name in names} | {"counterpart": given_for}


def _offered(seats: Mapping[str, Mandate], mandate: Mandate | None = None) -> list[tuple[str, str]]:
    """Seats by body and organisation; the one that stands there, also for who may not see it."""
    found = [(key, f"{one.body.name}: {title_of(one)}") for key, one in seats.items()]
    there = mandate.counterpart if mandate is not None else None
    if there is not None and str(there.uuid) not in seats:
        found.append((str(there.uuid), _("bleibt, wie er ist")))
    return found


def _both(
    form: forms.MandateChangeForm, current: Mandate, data: dict[str, Any], actor: Actor
) -> list[Both]:
    """What somebody else saved beside what was typed; their counterpart can be kept, too."""
    if "counterpart" in form.fields:
        seats = counterparts.counterparts_for(current.body, actor, current)
        forms.offer_counterparts(form, _offered(seats, current))
    return differences(form, _values(current), data)


@require_http_methods(METHODS)
@signed_in
def end(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Ends a seat at once."""
    mandate, actor = _managed(request, uuid)
    form = forms.EndForm(sent(request))

    def act(data: dict[str, Any]) -> str:
        mandates.end_mandate(
            mandate, actor=actor, expected=version_in(request), reason=data["reason"]
        )
        return reverse("bodies:mandate", args=[uuid])

    page = FormPage(
        _("Mandat beenden"), _("Mandat beenden"), _way(mandate, actor), act,
        version=mandate.version,
        stored=lambda current, _data: [
            Both(_("Bis"), shown(current.ends_on) or _("ohne Ende"), _("jetzt beenden"))
        ],
        done=_("Das Mandat ist beendet. Wer es vertrat, hat ab sofort keinen Zugang mehr."),
        intro=_("Das Mandat endet sofort. Wer es vertritt, sieht das Gremium danach nicht mehr von "
                "innen. Was in Protokollen steht, bleibt."),
    )  # fmt: skip
    return form_page(request, form, page)


@require_http_methods(METHODS)
@signed_in
def fill(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Puts a person on a seat: the office anybody it sees, the organisation its own people."""
    mandate, actor = _load(request, uuid, FILL)
    groups, known = _choices(mandate, actor)
    form = forms.FillForm(
        sent(request), people=groups,
        initial={**forms.today(), "part": request.GET.get("als", Holder.Part.DELEGATE)},
    )  # fmt: skip

    def act(data: dict[str, Any]) -> str:
        person = known[data.pop("person")]
        mandates.seat_person(mandate, person, actor=actor, key=once.key_from(request.POST), **data)
        return reverse("bodies:mandate", args=[uuid])

    page = FormPage(
        _("Mandat besetzen"), _("Mandat besetzen"), _way(mandate, actor), act,
        done=_("Das Mandat ist besetzt."), links=invite_way(actor, mandate.body),
        intro=f"{title_of(mandate)}, {mandate.body.name}",
    )  # fmt: skip
    return form_page(request, form, page)


class _Known:
    """The people that were offered, by uuid."""

    def __init__(self, *rows: Any) -> None:
        self.rows = rows

    def __getitem__(self, uuid: str) -> Person:
        for people in self.rows:
            person: Person | None = people.filter(uuid=uuid).first()
            if person is not None:
                return person
        raise Http404


def _choices(mandate: Mandate, actor: Actor) -> tuple[list[Any], _Known]:
    """People of the organisation, then for the office all others it sees."""
    own = members.colleagues(mandate)
    near = members.choices_of(own)
    if not has(frame.MANAGE, actor, mandate.body):
        return near, _Known(own)
    everybody = members.people_for(mandate.body.network, actor)
    if mandate.organisation_id not in actor.organisations(represent=True):
        everybody = everybody.exclude(pk=actor.person or 0)
    offered = {key for key, _name in near}
    others = [pair for pair in members.choices_of(everybody) if pair[0] not in offered]
    groups: list[Any] = []
    if near:
        groups.append((_("Aus der Organisation"), near))
    return [*groups, (_("Andere Personen"), others)], _Known(own, everybody)


@require_http_methods(METHODS)
@signed_in
def holder_end(request: HttpRequest, uuid: UUID, holder: UUID) -> HttpResponse:
    """Takes a person off a seat; the person may go, too."""
    mandate, actor = _load(request, uuid)
    found = _holder(mandate, holder)
    if found.person_id != actor.person and not has(FILL, actor, mandate):
        raise NotAllowed(FILL)
    restricted = members.restricted_among([found])
    withheld = members.withheld_from(actor, mandate.body, restricted)
    who = members.no_name() if withheld else found.person.name
    form = forms.EndForm(sent(request))

    def act(data: dict[str, Any]) -> str:
        mandates.unseat(found, actor=actor, reason=data["reason"])
        if found.person_id == actor.person:
            return reverse("bodies:own")
        return reverse("bodies:mandate", args=[uuid])

    page = FormPage(
        _("Vom Mandat nehmen"), _("Vom Mandat nehmen"), _way(mandate, actor), act,
        done=_("Die Person sitzt nicht mehr auf dem Mandat. Ihr Zugang gilt ab sofort nicht mehr."),
        intro=f"{who}: {title_of(mandate)}, {mandate.body.name}",
    )  # fmt: skip
    return form_page(request, form, page)


def _holder(mandate: Mandate, uuid: UUID) -> Holder:
    found = mandate.holders.filter(uuid=uuid).select_related("person", "grant").first()
    if found is None:
        raise Http404
    found.mandate = mandate
    return found


@require_POST
@signed_in
def holder_move(request: HttpRequest, uuid: UUID, holder: UUID) -> HttpResponse:
    """Moves a deputy one place up or down."""
    mandate, actor = _load(request, uuid, FILL)
    up = request.POST.get("go") != "down"
    key = once.key_from(request.POST)
    mandates.move_deputy(_holder(mandate, holder), actor=actor, up=up, key=key)
    messages.success(request, _("Die Reihenfolge ist gespeichert."))
    return redirect(reverse("bodies:mandate", args=[uuid]) + "#stellvertretung")


@require_safe
@signed_in
def own(request: HttpRequest) -> HttpResponse:
    """One's own seats and offices, and the seats of the organisations one may represent."""
    actor = actor_in(request)
    context = {
        "holders": members.own_holders(actor),
        "offices": members.own_offices(actor),
        "seats": members.represented(actor),
        "today": clock.today(),
    }
    return render(request, "bodies/mandates_own.html", context)
