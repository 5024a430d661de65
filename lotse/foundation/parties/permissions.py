"""Who may do what with networks, organisations, people and roles."""

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from lotse.foundation.core import clock
from lotse.foundation.core.actor import Actor
from lotse.foundation.core.permissions import EVERYBODY, NOBODY, rule
from lotse.foundation.parties.models import (
    Affiliation,
    FactorReset,
    Invitation,
    Network,
    Organisation,
    Person,
    RoleGrant,
)

READERS = ("office", "coordinator", "auditor")


def in_networks(actor: Actor, *roles: str) -> Q:
    """Networks in which the actor holds one of the roles; all for the operator and commands."""
    if actor.operates:
        return EVERYBODY
    held = actor.networks_as(*roles)
    return Q(pk__in=held) if held else NOBODY


def of_networks(actor: Actor, field: str, *roles: str) -> Q:
    """The same for things that point to their network by `field`."""
    if actor.operates:
        return EVERYBODY
    held = actor.networks_as(*roles)
    return Q(**{f"{field}__in": held}) if held else NOBODY


def operator_only(actor: Actor) -> Q:
    """Everything for the operator and for commands, nothing for anybody else."""
    return EVERYBODY if actor.operates else NOBODY


@rule(
    "parties.network.view",
    model=Network,
    title=_("Netzwerk ansehen"),
    sentence=_("Name, Auftritt und Seiten eines Netzwerks sehen alle."),
)
def view_network(actor: Actor) -> Q:
    return EVERYBODY


@rule(
    "parties.network.belong",
    model=Network,
    title=_("Zum Netzwerk gehören"),
    sentence=_("Dazu gehört, wer im Netzwerk eine Organisation vertritt oder eine Rolle hat."),
    known_by="parties.network.view",
)
def belong_to_network(actor: Actor) -> Q:
    if actor.operates:
        return EVERYBODY
    return Q(pk__in=actor.own_networks) if actor.own_networks else NOBODY


@rule(
    "parties.network.edit",
    model=Network,
    title=_("Netzwerk bearbeiten"),
    sentence=_("Name, Auftritt und Seiten ändert die Geschäftsstelle, sonst der Betrieb."),
    known_by="parties.network.view",
)
def edit_network(actor: Actor) -> Q:
    return in_networks(actor, "office")


@rule(
    "parties.network.read_desk",
    model=Network,
    title=_("Verwaltung lesen"),
    sentence=_(
        "Organisationen, Personen, Rollen und Protokoll lesen Geschäftsstelle, Koordination, "
        "Revision und Betrieb."
    ),
    known_by="parties.network.view",
)
def read_desk(actor: Actor) -> Q:
    return in_networks(actor, *READERS)


@rule(
    "parties.role.grant",
    model=Network,
    title=_("Rollen vergeben"),
    sentence=_(
        "Rollen vergibt und beendet die Geschäftsstelle im eigenen Netzwerk, sonst der Betrieb. "
        "Niemand gibt sich selbst eine Rolle."
    ),
    known_by="parties.network.read_desk",
)
def grant_roles(actor: Actor) -> Q:
    return in_networks(actor, "office")


@rule(
    "parties.network.set_hosts",
    model=Network,
    title=_("Adressen festlegen"),
    sentence=_("Unter welchem Hostnamen ein Netzwerk erscheint, legt nur der Betrieb fest."),
    known_by="parties.network.view",
)
def set_hosts(actor: Actor) -> Q:
    return operator_only(actor)


@rule(
    "parties.demo.remove",
    model=Network,
    title=_("Beispiele entfernen"),
    sentence=_("Beispielpersonen, -organisationen und -bewertungen entfernt nur der Betrieb."),
    known_by="parties.network.view",
)
def remove_demo(actor: Actor) -> Q:
    return operator_only(actor)


@rule(
    "parties.support.start",
    model=Network,
    title=_("Sitzung zur Unterstützung"),
    sentence=_(
        "Nur der Betrieb sieht Lotse für kurze Zeit so, wie eine andere Person es sieht: mit "
        "Grund, höchstens 30 Minuten, ohne etwas zu ändern. Die Person erfährt es per Mail."
    ),
    known_by="parties.network.view",
)
def start_support(actor: Actor) -> Q:
    return operator_only(actor)


@rule(
    "parties.role.view",
    model=RoleGrant,
    title=_("Rollen ansehen"),
    sentence=_(
        "Wer welche Rolle hat, sehen Geschäftsstelle, Koordination, Revision und Betrieb; "
        "die eigenen Rollen sieht jede Person."
    ),
)
def view_grant(actor: Actor) -> Q:
    own = Q(person=actor.person) if actor.person else NOBODY
    return of_networks(actor, "network", *READERS) | own


@rule(
    "parties.organisation.view",
    model=Organisation,
    title=_("Organisation ansehen"),
    sentence=_("Organisationen sieht, wer zum Netzwerk gehört."),
)
def view_organisation(actor: Actor) -> Q:
    if actor.operates:
        return EVERYBODY
    return Q(network__in=actor.own_networks) if actor.own_networks else NOBODY


@rule(
    "parties.organisation.edit",
    model=Organisation,
    title=_("Organisation bearbeiten"),
    sentence=_(
        "Angaben einer Organisation ändern ihre Personen mit dem Recht „darf bearbeiten“ "
        "und die Geschäftsstelle."
    ),
    known_by="parties.organisation.view",
)
def edit_organisation(actor: Actor) -> Q:
    own = actor.organisations(edit=True)
    return of_networks(actor, "network", "office") | (Q(pk__in=own) if own else NOBODY)


@rule(
    "parties.organisation.create",
    model=Network,
    title=_("Organisation aufnehmen"),
    sentence=_("Organisationen nehmen Geschäftsstelle und Koordination auf."),
    known_by="parties.network.view",
)
def create_organisation(actor: Actor) -> Q:
    return in_networks(actor, "office", "coordinator")


@rule(
    "parties.person.view",
    model=Person,
    title=_("Person ansehen"),
    sentence=_(
        "Angaben zu einer Person sehen sie selbst, wer in derselben Organisation bearbeiten darf, "
        "und Geschäftsstelle, Koordination, Revision ihres Netzwerks. Eingeschränkte Angaben sehen "
        "nur sie selbst und die Geschäftsstelle."
    ),
)
def view_person(actor: Actor) -> Q:
    if actor.operates:
        return EVERYBODY
    others = _people_of_networks(actor.networks_as(*READERS)) | _people_of_organisations(
        actor.organisations(edit=True)
    )
    # Restricted data are the office's and the person's to see (GDPR art. 18), erased nobody's.
    office = _people_of_networks(actor.networks_as("office")) & Q(erased_at=None)
    return _self(actor) | office | (others & Q(erased_at=None, restricted_at=None))


@rule(
    "parties.person.edit",
    model=Person,
    title=_("Person bearbeiten"),
    sentence=_("Angaben zu einer Person ändern sie selbst und die Geschäftsstelle."),
    known_by="parties.person.view",
)
def edit_person(actor: Actor) -> Q:
    if actor.operates:
        return EVERYBODY
    return _self(actor) | _people_of_networks(actor.networks_as("office"))


@rule(
    "parties.person.own",
    model=Person,
    title=_("Eigene Angaben"),
    sentence=_("Einwilligungen, eigene Daten und Vertretung regelt nur die Person selbst."),
    known_by="parties.person.view",
)
def own_person(actor: Actor) -> Q:
    return _self(actor)


@rule(
    "parties.person.protect",
    model=Person,
    title=_("Datenschutzanfragen bearbeiten"),
    sentence=_("Auskunft und Löschung bearbeiten Geschäftsstelle und Betrieb, immer zu zweit."),
    known_by="parties.person.view",
)
def protect_person(actor: Actor) -> Q:
    if actor.operates:
        return EVERYBODY
    return _people_of_networks(actor.networks_as("office"))


@rule(
    "parties.person.reset_factors",
    model=Person,
    title=_("Zweiten Faktor zurücksetzen"),
    sentence=_(
        "Den verlorenen zweiten Faktor einer Person entfernen Geschäftsstelle und Betrieb, immer "
        "zu zweit und nie für sich selbst; den des Betriebs nur der Betrieb."
    ),
    known_by="parties.person.view",
)
def reset_factors(actor: Actor) -> Q:
    return protect_person(actor)


@rule(
    "parties.factor_reset.handle",
    model=FactorReset,
    title=_("Anträge zum zweiten Faktor bearbeiten"),
    sentence=_(
        "Anträge, einen zweiten Faktor zurückzusetzen, sehen und bestätigen Geschäftsstelle und "
        "Betrieb; nie, wer beantragt hat."
    ),
)
def handle_factor_reset(actor: Actor) -> Q:
    return of_networks(actor, "network", "office")


@rule(
    "parties.invitation.manage",
    model=Invitation,
    title=_("Einladungen verwalten"),
    sentence=_(
        "Einladungen sehen und ziehen zurück die Geschäftsstelle und, für ihre Organisation, "
        "Personen mit dem Recht „darf bearbeiten“."
    ),
)
def manage_invitation(actor: Actor) -> Q:
    own = actor.organisations(edit=True)
    return of_networks(actor, "network", "office") | (
        Q(organisation__in=own, role="") if own else NOBODY
    )


def _self(actor: Actor) -> Q:
    return Q(pk=actor.person) if actor.person else NOBODY


def _people_of_networks(networks: frozenset[int]) -> Q:
    if not networks:
        return NOBODY
    seats = Affiliation.objects.filter(person=OuterRef("pk"), organisation__network__in=networks)
    grants = RoleGrant.objects.filter(person=OuterRef("pk"), network__in=networks)
    return Q(home__in=networks) | Q(Exists(seats)) | Q(Exists(grants))


def _people_of_organisations(organisations: frozenset[int]) -> Q:
    if not organisations:
        return NOBODY
    today = clock.today()
    seats = Affiliation.objects.filter(
        Q(ends_on=None) | Q(ends_on__gte=today),
        person=OuterRef("pk"),
        organisation__in=organisations,
    )
    return Q(Exists(seats))
