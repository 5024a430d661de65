"""Names as records keep them: looked up once, referred to by uuid ever after."""

from lotse.foundation.core import text
from lotse.foundation.parties.models import Network, Person
from lotse.rooms.bodies.models import Attribution


def attribute(
    network: Network, *, name: str, organisation: str = "", person: Person | int | None = None
) -> Attribution:
    """The attribution of this name, made where there is none. Call inside the transaction of an
    act. Up to two queries."""
    key = person.pk if isinstance(person, Person) else person
    wanted = {
        "network": network,
        "person_id": key,
        "name": text.shorten(text.clean_line(name), 200),
        "organisation": text.shorten(text.clean_line(organisation), 200),
    }
    found = Attribution.objects.filter(**wanted).order_by("pk").first()
    return found or Attribution.objects.create(**wanted)
