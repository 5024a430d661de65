"""Whom a message from the directory reaches, without telling the writer (T08)."""

from django.db.models import Q

from lotse.foundation.core import clock
from lotse.foundation.parties.models import Affiliation, Person
from lotse.rooms.directory.models import Entry
from lotse.rooms.directory.queries.reading import Seen

_MOST = 5


def recipients_of(seen: Seen) -> list[Person]:
    """People a message about this entry goes to: the person, or the contact people of the
    organisation. Empty for a draft, and where nobody has an address. One query at most."""
    entry = seen.entry
    if seen.is_draft:
        return []
    if entry.person is not None:
        return [entry.person] if _can_read(entry.person) else []
    today = clock.today()
    seats = Affiliation.objects.filter(
        Q(ends_on=None) | Q(ends_on__gte=today),
        organisation=entry.organisation,
        is_contact=True,
        starts_on__lte=today,
        person__erased_at=None,
        person__restricted_at=None,
    ).exclude(person__email="")
    people = [seat.person for seat in seats.select_related("person").order_by("pk")[:_MOST]]
    return list({person.pk: person for person in people}.values())


def is_reachable(seen: Seen) -> bool:
    """Whether a message about this entry would arrive with somebody. One query at most."""
    return bool(recipients_of(seen) or address_of(seen))


def _can_read(person: Person) -> bool:
    return bool(person.email) and person.erased_at is None and person.restricted_at is None


def address_of(seen: Seen) -> str:
    """The address an organisation published for itself, which a message goes to when it has no
    contact person."""
    if seen.is_draft or seen.entry.kind == Entry.Kind.PERSON:
        return ""
    return str(seen.content.get("email", ""))
