"""Who may see and keep matters. What hangs in a matter keeps the rights of its own."""

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from lotse.foundation.core.actor import Actor
from lotse.foundation.core.permissions import EVERYBODY, NOBODY, rule
from lotse.foundation.matters.models import Matter


@rule(
    "matters.matter.view",
    model=Matter,
    title=_("Vorgang ansehen"),
    sentence=_(
        "Einen Vorgang sehen alle, die zum Netzwerk gehören. Was an ihm hängt, sieht nur, wer es "
        "auch an seinem Ort sehen darf."
    ),
)
def view_matter(actor: Actor) -> Q:
    if actor.operates:
        return EVERYBODY
    return Q(network__in=actor.own_networks) if actor.own_networks else NOBODY


@rule(
    "matters.matter.keep",
    model=Matter,
    title=_("Vorgang führen"),
    sentence=_(
        "Einen Vorgang anlegen, ordnen, zusammenführen und teilen Geschäftsstelle, Koordination, "
        "und wer im Netzwerk einem Gremium vorsitzt oder für es protokolliert."
    ),
    known_by="matters.matter.view",
)
def keep_matter(actor: Actor) -> Q:
    if actor.operates:
        return EVERYBODY
    held = _held(actor)
    return Q(network__in=held) if held else NOBODY


def keeps_in(actor: Actor, network: int) -> bool:
    """Whether the actor may begin matters in a network. No query."""
    return actor.operates or network in _held(actor)


def _held(actor: Actor) -> frozenset[int]:
    return frozenset(
        grant.network
        for grant in actor.grants
        if grant.network is not None
        and (
            (grant.role in ("office", "coordinator") and grant.held_in is None)
            or grant.role in ("chair", "minute_taker")
        )
    )
