"""Keys of the demo's file and what they stand for."""

from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from lotse.foundation.core import clock
from lotse.foundation.core.clock import ZONE
from lotse.foundation.matters.models import Matter
from lotse.foundation.parties.models import Affiliation, Body, Network, Organisation, Person
from lotse.rooms.bodies.models import Attribution


def demo_uuid(kind: str, key: str) -> UUID:
    """The uuid of a thing of the demo: the same after every loading."""
    return uuid5(NAMESPACE_URL, f"urn:lotse:demo:{kind}:{key}")


class Names:
    """What the keys of one network's file lead to."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.bodies: dict[str, Body] = {}
        self.matters: dict[str, Matter] = {}
        self._people = {one.uuid: one for one in Person.objects.filter(is_demo=True)}
        rows = Organisation.objects.filter(network=network)
        self._organisations = {one.uuid: one for one in rows}
        seats = Affiliation.objects.filter(person__is_demo=True).select_related("organisation")
        self._seats: dict[int, Organisation] = {}
        for seat in seats.order_by("-pk"):
            self._seats[seat.person_id] = seat.organisation
        self._attributions: dict[int, Attribution] = {}

    def person(self, key: str) -> Person:
        return self._people[demo_uuid("person", key)]

    def organisation(self, key: str) -> Organisation:
        return self._organisations[demo_uuid("organisation", key)]

    def all_organisations(self) -> list[Organisation]:
        return sorted(self._organisations.values(), key=lambda one: one.pk)

    def seat_of(self, person: Person) -> str:
        """The organisation the person comes from."""
        found = self._seats.get(person.pk)
        return found.name if found else ""

    def attribution(self, key: str) -> Attribution:
        """The name of a person in records."""
        person = self.person(key)
        if person.pk not in self._attributions:
            self._attributions[person.pk] = Attribution.objects.create(
                network=self.network, person=person, name=person.name,
                organisation=self.seat_of(person),
            )  # fmt: skip
        return self._attributions[person.pk]


def day_of(item: dict[str, Any]) -> date:
    """The day of an entry: its own, or so many days from today."""
    if "day" in item:
        return date.fromisoformat(str(item["day"]))
    return clock.today() + timedelta(days=item["in_days"])


def begin_of(item: dict[str, Any]) -> datetime:
    """The moment an entry begins, on the wall clock of Europe/Berlin."""
    return datetime.combine(day_of(item), time.fromisoformat(item["from"]), tzinfo=ZONE)
