"""Whom a person may put in charge: the own organisations with their people, the bodies one runs,
nobody else by name."""

from dataclasses import dataclass, field

from django.db.models import F, Q
from django.utils.translation import gettext as _

from lotse.foundation.core import clock
from lotse.foundation.core.actor import Actor
from lotse.foundation.core.permissions import visible
from lotse.foundation.measures.permissions import RUNNING
from lotse.foundation.parties.models import Affiliation, Body, Organisation, Person
from lotse.foundation.parties.standing import holds_on

KEEP = "keep"
Group = tuple[str, list[tuple[str, str]]]


@dataclass(frozen=True)
class Party:
    """A person, an organisation, a person acting for an organisation, or a body, by their keys."""

    person: int | None = None
    organisation: int | None = None
    body: int | None = None

    @property
    def fields(self) -> dict[str, int | None]:
        """As measures and those who help with them store it."""
        return {
            "person_id": self.person,
            "organisation_id": self.organisation,
            "body_id": self.body,
        }


@dataclass
class Choices:
    """What the select fields of the plan offer one person, and what each value stands for."""

    parties: list[Group] = field(default_factory=list)
    people: list[tuple[str, str]] = field(default_factory=list)
    meaning: dict[str, Party] = field(default_factory=dict)

    def value_of(
        self, person: int | None, organisation: int | None, body: int | None = None
    ) -> str:
        """The value for what is stored; `KEEP` where the person choosing may not choose it."""
        wanted = Party(person, organisation, body)
        if wanted == Party():
            return ""
        return next((value for value, party in self.meaning.items() if party == wanted), KEEP)


def choices_for(actor: Actor) -> Choices | None:
    """What a signed-in person may choose; None for visitors. One query, three for the office, one
    more for who runs a body.

    People appear only as far as `parties.person.view` reaches (T01). The own organisations are
    those of the actor's seats; the office and the coordination may also choose any organisation
    of their network; bodies as `bodies_for`.
    """
    if actor.person is None:
        return None
    found = Choices()
    own = actor.organisations()
    people = visible("parties.person.view", actor, Person.objects.filter(erased_at=None))
    seats = (
        Affiliation.objects.filter(holds_on(clock.today()), organisation__in=own)
        .filter(person__in=people)
        .select_related("person", "organisation")
        .order_by("organisation__name", "person__last_name", "person__first_name")
    )
    mine = f"p-{actor.person_uuid}"
    _add(found, _("Ich"), [(mine, _("ich selbst"), Party(actor.person))])
    found.people.append((mine, _("ich selbst")))
    groups: dict[Organisation, list[tuple[str, str, Party]]] = {}
    for seat in seats:
        organisation, person = seat.organisation, seat.person
        entries = groups.setdefault(organisation, [_whole(organisation)])
        alone = f"p-{person.uuid}"
        entries.append(
            (f"{alone}-{organisation.uuid}", person.name, Party(person.pk, organisation.pk))
        )
        if alone not in found.meaning:
            found.people.append((alone, person.name))
            found.meaning[alone] = Party(person.pk)
    for organisation, entries in groups.items():
        _add(found, organisation.name, entries)
    if networks := actor.networks_as("office", "coordinator"):
        rest = Organisation.objects.filter(network__in=networks).exclude(
            pk__in=[organisation.pk for organisation in groups]
        )
        entries = [_whole(each) for each in rest.order_by(F("name"))]
        _add(found, _("Organisationen im Netzwerk"), entries)
    if bodies := bodies_for(actor):
        _add(found, _("Gremien"), [(f"g-{b.uuid}", b.name, Party(body=b.pk)) for b in bodies])
    return found


def bodies_for(actor: Actor) -> list[Body]:
    """Bodies the actor may put in charge: the office all that work in its networks, others those
    they run, so that nobody reads of bodies they may not know (S1-10). One query, none for
    whoever does neither."""
    networks, run = actor.networks_as("office"), actor.things_as(*RUNNING)
    if not networks and not run:
        return []
    own = Q(network__in=networks) | Q(uuid__in=run)
    found = Body.objects.filter(own).exclude(state=Body.State.ENDED)
    return list(found.order_by("name", "pk"))


def _whole(organisation: Organisation) -> tuple[str, str, Party]:
    return (f"o-{organisation.uuid}", organisation.name, Party(None, organisation.pk))


def _add(found: Choices, title: str, entries: list[tuple[str, str, Party]]) -> None:
    if entries:
        found.parties.append((title, [(value, label) for value, label, _party in entries]))
        found.meaning |= {value: party for value, _label, party in entries}
