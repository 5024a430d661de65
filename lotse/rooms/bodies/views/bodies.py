"""The register of bodies, and the page of one."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from lotse.foundation.core.actor import Actor
from lotse.foundation.core.permissions import has
from lotse.foundation.parties.here import actor_in, network_in
from lotse.foundation.parties.models import Body
from lotse.foundation.ui.listing import Cell, Column, Filter, Row, answer, build
from lotse.rooms.bodies.models import Commission, Mandate
from lotse.rooms.bodies.queries import bodies as reads
from lotse.rooms.bodies.queries import members
from lotse.rooms.bodies.views import frame
from lotse.rooms.bodies.views.forming import Way, address_of

# What the office of the network may do; whoever may edit it makes its bodies.
MAKE = "parties.network.edit"
MOST_NAMES = 12


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Bodies of the network that the actor may know: working ones, below them the others."""
    network = network_in(request)
    if network is None:
        raise Http404
    actor = actor_in(request)
    found = reads.register_of(network, actor)
    working = [one for one in found if one.state == Body.State.ACTIVE]
    still = [one for one in found if one.state != Body.State.ACTIVE]
    chosen = request.GET.get("stand", "") in Body.State.values
    # Files and paper hold all of them; the page shows those at rest below the list.
    whole = chosen or bool(request.GET.get("als"))
    may_make = actor.signed_in and has(MAKE, actor, network)
    listing = build(
        request,
        title=_("Gremien"),
        columns=[
            Column("name", _("Gremium"), 40),
            Column("kind", _("Art"), 22),
            Column("does", _("Befugnis"), 16),
            Column("next", _("Nächste Sitzung"), 18),
            Column("seats", _("Mitglieder"), 12),
            Column("state", _("Stand"), 12),
        ],
        source=found if whole else working,
        rows=_rows,
        search=_search,
        filters=[
            Filter("art", _("Art"), lambda rows, v: [r for r in rows if r.kind == v],
                   Body.Kind.choices),
            Filter("stand", _("Stand"), lambda rows, v: [r for r in rows if r.state == v],
                   Body.State.choices),
        ],
        empty=_empty(may_make, actor.signed_in),
    )  # fmt: skip
    context = {
        "still": [] if whole or listing.narrowed else still,
        "may_make": may_make,
        "ways": _ways(actor.signed_in),
    }
    return answer(request, listing, "bodies/bodies.html", context, name="gremien")


def _rows(found: Sequence[reads.BodyRow]) -> list[Row]:
    return [
        {
            "name": Cell(one.name, reverse("bodies:body", args=[one.uuid]),
                         note=_("gehört zu: %(name)s") % {"name": one.above} if one.above else ""),
            "kind": one.kind_label,
            "does": _("beschließt") if one.decides else _("berät"),
            "next": timezone.localtime(one.next_at).date() if one.next_at else "",
            "seats": one.seats,
            "state": Cell(one.state_label, tone="" if one.state == Body.State.ACTIVE else "muted"),
        }
        for one in found
    ]  # fmt: skip


def _search(rows: Sequence[reads.BodyRow], words: str) -> list[reads.BodyRow]:
    wanted = words.casefold()
    return [one for one in rows if wanted in f"{one.name} {one.short_name}".casefold()]


def _empty(may_make: bool, signed_in: bool) -> str:
    if may_make:
        return _("Hier stehen Rat, Arbeitsgruppen und andere Gremien mit Aufgabe, Regeln und "
                 "Mitgliedern. Legen Sie das erste an, danach vergeben Sie die Mandate."
                 )  # fmt: skip
    if signed_in:
        return _("Hier stehen die Gremien des Netzwerks, die Sie sehen dürfen. Zurzeit gibt es "
                 "keine.")  # fmt: skip
    return _("Hier stehen die öffentlichen Gremien des Netzwerks. Zurzeit gibt es keine.")


def _ways(signed_in: bool) -> list[Way]:
    pages = [(_("Kalender"), "bodies:calendar")]
    if signed_in:
        pages = [
            (_("Eigene Mandate"), "bodies:own"), *pages, (_("Vorgänge"), "bodies:matters"),
            (_("Beschlüsse"), "bodies:decisions"),
        ]  # fmt: skip
    return [Way(title, url) for title, name in pages if (url := address_of(name))]


@require_safe
def detail(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One body: for everybody who may know it what it is for, for those inside who is in it and
    what it does. People outside read no names of people (rulings 6)."""
    loaded = frame.load_body(request, uuid)
    body: Body = loaded.obj
    inside = loaded.may(frame.INSIDE)
    above, parts = reads.relatives_of(body, loaded.actor)
    context: dict[str, Any] = {
        "body": body,
        "above": above,
        "inside": inside,
        "may_manage": loaded.may(frame.MANAGE),
        "may_run": loaded.may(frame.RUN),
        "rules": reads.rules_of(body.charter),
        "paragraphs": _paragraphs(body),
        "parts": parts,
        "history": reads.history_of(body),
        "invite_url": address_of("desk:invite"),
        "meeting_new": address_of("bodies:meeting-new", body.uuid),
    }
    if inside:
        context |= _inside(body, loaded.actor)
    else:
        names, alone = members.organisations_in(body)
        context |= {"names": names, "alone": alone, "next_at": reads.next_date_of(body)}
    context["may_join"] = not context.get("joined") and _may_join(body, loaded.actor)
    return render(request, "bodies/body.html", context)


def _may_join(body: Body, actor: Actor) -> bool:
    """Whether the way in is shown; the page behind it asks the rule."""
    return (
        body.charter.is_open
        and body.state == Body.State.ACTIVE
        and actor.person is not None
        and body.network_id in actor.own_networks
    )


def _inside(body: Body, actor: Actor) -> dict[str, Any]:
    seats = members.members_of(body, actor=actor)
    ahead, behind = reads.meetings_of(body, lambda key: address_of("bodies:meeting", key))
    commissions = reads.commissions_of(body, actor)
    return {
        "seats": seats[:MOST_NAMES],
        "seats_left": max(0, len(seats) - MOST_NAMES),
        "seat_count": sum(1 for one in seats if one.kind != Mandate.Kind.GUEST),
        "vote_count": sum(1 for one in seats if one.with_vote),
        "joined": any(
            one.kind == Mandate.Kind.JOINED and actor.person in one.people for one in seats
        ),
        "offices": reads.offices_of(body, actor),
        "commissions": commissions,
        "running_count": sum(1 for one in commissions if one.state == Commission.State.RUNNING),
        "ahead": ahead,
        "behind": behind,
        "ways": _more_of(body),
    }


def _more_of(body: Body) -> list[Way]:
    found = ((title, address_of(name, body.uuid)) for title, name in _WAYS)
    return [Way(str(title), url) for title, url in found if url]


_WAYS = (
    (gettext_lazy("Alle Mitglieder"), "bodies:members"),
    (gettext_lazy("Alle Sitzungen"), "bodies:meetings"),
    (gettext_lazy("Maßnahmen"), "bodies:measures"),
    (gettext_lazy("Themenspeicher"), "bodies:ideas"),
)


def _paragraphs(body: Body) -> list[tuple[str, str]]:
    charter = body.charter
    said = [
        (_("Wer aufgenommen wird"), charter.admission),
        (_("Aufgaben der Mitglieder"), charter.duties),
        (_("Verhältnis zu anderen Gremien"), charter.relations),
        (_("Vor Ort oder online"), charter.format_rule),
    ]
    return [(title, text) for title, text in said if text]
