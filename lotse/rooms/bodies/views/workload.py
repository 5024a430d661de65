"""The load of each partner, so that nobody is asked for too much (S4-14)."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from lotse.foundation.core.actor import Actor
from lotse.foundation.core.permissions import require
from lotse.foundation.measures import links
from lotse.foundation.measures.models import Measure
from lotse.foundation.parties.here import actor_in, network_in
from lotse.foundation.parties.models import Network
from lotse.foundation.ui import listing
from lotse.foundation.ui.guard import signed_in
from lotse.rooms.bodies.queries import measures as reads
from lotse.rooms.bodies.views.measures import STATES, by_state, by_words, cells_of

READ = "parties.network.read_desk"
MUCH = 5
KINDS = [
    ("organisation", gettext_lazy("Organisationen")),
    ("person", gettext_lazy("Personen")),
    ("body", gettext_lazy("Gremien")),
]
ONE = {
    "organisation": gettext_lazy("Organisation"),
    "person": gettext_lazy("Person"),
    "body": gettext_lazy("Gremium"),
}
COLUMNS = (
    listing.Column("name", gettext_lazy("Wer?"), 40),
    listing.Column("kind", gettext_lazy("Art"), 14),
    listing.Column("open", gettext_lazy("Noch nicht erledigt"), 18),
    listing.Column("late", gettext_lazy("davon überfällig"), 16),
    listing.Column("undated", gettext_lazy("davon ohne Termin"), 16),
    listing.Column("next_on", gettext_lazy("Nächster Termin"), 16),
)
MEASURES = (
    listing.Column("title", gettext_lazy("Was ist zu tun?"), 48),
    listing.Column("who", gettext_lazy("Wer kümmert sich?"), 36),
    listing.Column("due_on", gettext_lazy("Bis wann?"), 18),
    listing.Column("status", gettext_lazy("Stand"), 14),
    listing.Column("delay_reason", gettext_lazy("Grund der Verspätung"), 36),
)


def _network(request: HttpRequest) -> tuple[Network, Actor]:
    """The network, for who reads its desk. Raises Http404, NotAllowed."""
    network, actor = network_in(request), actor_in(request)
    if network is None:
        raise Http404
    require(READ, actor, network)
    return network, actor


@require_safe
@signed_in
def index(request: HttpRequest) -> HttpResponse:
    """Each organisation, person and body with open measures of the network, the fullest first."""
    network, actor = _network(request)

    def row(load: reads.Load) -> listing.Row:
        full = load.open >= MUCH
        return {
            "name": listing.Cell(load.name, url=reverse("bodies:workload-of", args=[load.uuid])),
            "kind": str(ONE[load.kind]),
            "open": listing.Cell(
                load.open, tone="warn" if full else "", note=_("viel auf einmal") if full else ""
            ),
            "late": listing.Cell(load.late or "", tone="bad" if load.late else ""),
            "undated": load.undated or "",
            "next_on": load.next_on,
        }

    found = listing.build(
        request,
        title=_("Auslastung"),
        columns=COLUMNS,
        source=reads.loads_of(network.pk, actor),
        rows=lambda loads: [row(load) for load in loads],
        filters=[listing.Filter("art", _("Art"), _of_kind, KINDS)],
        search=lambda loads, word: [o for o in loads if word.casefold() in o.name.casefold()],
        empty=_("Im Netzwerk ist zurzeit keine Maßnahme offen."),
    )
    return listing.answer(request, found, "bodies/workload.html", name="auslastung")


def _of_kind(loads: list[reads.Load], kind: str) -> list[reads.Load]:
    return [load for load in loads if load.kind == kind]


@require_safe
@signed_in
def detail(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Open measures of one organisation, person or body."""
    network, actor = _network(request)
    party = reads.party_of(network.pk, uuid, actor)
    if party is None:
        raise Http404
    kind, one = party

    def row(measure: Measure) -> dict[str, Any]:
        title = listing.Cell(measure.title, url=links.page_of(measure.uuid))
        return {"title": title, **cells_of(measure)}

    found = listing.build(
        request,
        title=_("Auslastung: %(name)s") % {"name": one.name},
        columns=MEASURES,
        source=reads.open_for(network.pk, kind, one.pk),
        rows=lambda rows: [row(measure) for measure in rows],
        filters=[listing.Filter("stand", _("Stand"), by_state, STATES[1:])],
        search=by_words,
        empty=_("Zurzeit ist hier keine Maßnahme des Netzwerks offen."),
    )
    context = {"party": one, "kind": ONE[kind]}
    return listing.answer(request, found, "bodies/workload_of.html", context, name="auslastung")
