"""Who may see and work on measures: whoever takes care, and whoever may at their origin."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from lotse.foundation.core import clock, hooks
from lotse.foundation.core.actor import Actor
from lotse.foundation.core.permissions import EVERYBODY, NOBODY, rule
from lotse.foundation.measures.models import Helper, Measure
from lotse.foundation.parties.models import Affiliation
from lotse.foundation.parties.permissions import READERS
from lotse.foundation.parties.standing import absences_today, holds_on

INSIDE = ("chair", "minute_taker", "delegate")
RUNNING = ("chair", "minute_taker")


@rule(
    "measures.measure.view",
    model=Measure,
    title=_("Maßnahme ansehen"),
    sentence=_(
        "Eine Maßnahme sehen, wer zuständig ist, daran beteiligt ist oder das Ergebnis prüft, "
        "deren Vertretung, die Personen der zuständigen Organisation, die Mitglieder des "
        "zuständigen Gremiums, und wer sie dort sehen darf, wo sie herkommt. "
        "Geschäftsstelle, Koordination, Revision und Betrieb sehen nur Maßnahmen des Netzwerks."
    ),
)
def view_measure(actor: Actor) -> Q:
    if actor.trusted:
        return EVERYBODY
    seats = actor.organisations()
    found = takes_care(actor) | helps(actor, seats, actor.things_as(*INSIDE))
    if seats:
        found |= Q(organisation__in=seats)
    if bodies := actor.things_as(*INSIDE):
        found |= Q(body__uuid__in=bodies)
    if actor.is_operator:
        found |= Q(network__isnull=False)
    elif networks := actor.networks_as(*READERS):
        found |= Q(network__in=networks)
    for origin in hooks.origin_rights:
        found |= Q(origin_type=origin.type) & origin.view(actor)
    return found


@rule(
    "measures.measure.edit",
    model=Measure,
    title=_("An einer Maßnahme arbeiten"),
    sentence=_(
        "Stand, Notizen und Nachweise einer Maßnahme ändern, wer zuständig ist, daran beteiligt "
        "ist oder das Ergebnis prüft, deren Vertretung, wer die zuständige Organisation bearbeiten "
        "darf, Vorsitz und Schriftführung des zuständigen Gremiums, und wer sie dort ändern darf, "
        "wo sie herkommt."
    ),
    known_by="measures.measure.view",
)
def edit_measure(actor: Actor) -> Q:
    if actor.trusted:
        return EVERYBODY
    found = own(actor)
    for origin in hooks.origin_rights:
        found |= Q(origin_type=origin.type) & origin.edit(actor)
    return found


def own(actor: Actor) -> Q:
    """Measures that are the actor's to work on: as a person, for the organisations the actor edits,
    for the bodies the actor runs, alone or with others."""
    seats, bodies = actor.organisations(edit=True), actor.things_as(*RUNNING)
    found = takes_care(actor) | helps(actor, seats, bodies)
    if seats:
        found |= Q(organisation__in=seats)
    if bodies:
        found |= Q(body__uuid__in=bodies)
    return found


def helps(actor: Actor, organisations: Iterable[int], bodies: Iterable[UUID]) -> Q:
    """Measures the person helps with, or stands in for somebody who does, or one of these
    organisations or bodies does."""
    if actor.person is None:
        return NOBODY
    seated = Q(organisation=None)
    if seats := actor.organisations():
        seated |= Q(organisation__in=seats)
    mine = Q(person=actor.person) & seated
    mine |= stands_in(actor.person, "person") & still_seated()
    if organisations:
        mine |= Q(person=None, organisation__in=organisations)
    if bodies:
        mine |= Q(body__uuid__in=bodies)
    return Q(Exists(Helper.objects.filter(mine, measure=OuterRef("pk"))))


def takes_care(actor: Actor) -> Q:
    """Measures the person is responsible for or controls, or stands in for somebody who is."""
    if actor.person is None:
        return NOBODY
    # Who left the organisation, or the network of whose measure they check, is out (T05).
    seated = near = Q(organisation=None)
    if seats := actor.organisations():
        seated = seated | Q(organisation__in=seats)
    if networks := actor.own_networks:
        near = near | Q(organisation__network__in=networks)
    return (
        (Q(person=actor.person) & seated)
        | (Q(controller_person=actor.person) & near)
        | (stands_in(actor.person, "person") & still_seated())
        | stands_in(actor.person, "controller_person")
    )


def still_seated() -> Q:
    """Measures whose responsible person still has a seat in the measure's organisation, or that
    belong to none."""
    seats = Affiliation.objects.filter(
        holds_on(clock.today()), person=OuterRef("person"), organisation=OuterRef("organisation")
    )
    return Q(organisation=None) | Q(Exists(seats))


def stands_in(person: int, field: str) -> Q:
    """Measures of people who are away today and named this person their deputy."""
    away = absences_today(clock.today()).filter(deputy=person, person=OuterRef(field))
    return Q(Exists(away))
