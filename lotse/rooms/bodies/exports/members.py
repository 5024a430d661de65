"""Contact cards of a body's members (vCard 4.0, RFC 6350).

Name, organisation and part are what every member reads on the page; mail address and telephone
only of people whose data the reader may see (`parties.person.view`).
"""

from lotse.foundation.core import clock, vcard
from lotse.foundation.core.actor import Actor
from lotse.foundation.core.permissions import visible
from lotse.foundation.core.vcard import plain
from lotse.foundation.parties.models import Affiliation, Body, Person
from lotse.foundation.parties.standing import holds_on
from lotse.rooms.bodies.models import Holder
from lotse.rooms.bodies.permissions import holds_now
from lotse.rooms.bodies.queries.members import restricted_among, withheld_from


def cards_of(body: Body, actor: Actor) -> bytes:
    """One card for each person on a seat today whom the actor may read of, in one file. Three
    queries, one more where somebody's data are restricted."""
    holders = list(
        Holder.objects.filter(holds_now(), holds_now("mandate__"), mandate__body=body)
        .select_related("person", "mandate__organisation")
        .order_by("person__last_name", "person__first_name", "pk")
    )
    withheld = withheld_from(actor, body, restricted_among(holders))
    holders = [one for one in holders if one.person_id not in withheld]
    people = {one.person_id for one in holders}
    shown = set(
        visible("parties.person.view", actor, Person.objects.filter(pk__in=people))
        .values_list("pk", flat=True)
    )  # fmt: skip
    functions: dict[tuple[int, int | None], str] = {
        (row[0], row[1]): row[2]
        for row in Affiliation.objects.filter(
            holds_on(clock.today()), person__in=people
        ).values_list("person_id", "organisation_id", "function")
    }
    cards, seen = [], set()
    for one in holders:
        if one.person_id in seen:
            continue
        seen.add(one.person_id)
        function = functions.get((one.person_id, one.mandate.organisation_id), "")
        cards.append(_card(one, body, function, contact=one.person_id in shown))
    return "".join(cards).encode()


def _card(holder: Holder, body: Body, function: str, *, contact: bool) -> str:
    person, organisation = holder.person, holder.mandate.organisation
    names = vcard.compound(person.last_name, person.first_name, "", person.title, "")
    lines = ["KIND:individual", f"UID:urn:uuid:{person.uuid}", f"FN:{plain(person.name)}",
             f"N:{names}"]  # fmt: skip
    if organisation is not None:
        lines.append(f"ORG:{plain(organisation.name)}")
    if function:
        lines.append(f"TITLE:{plain(function)}")
    lines.append(f"ROLE:{plain(f'{holder.get_part_display()}: {body.name}')}")
    if contact and person.email:
        lines.append(f"EMAIL;TYPE=work:{plain(person.email)}")
    if contact and person.phone:
        lines.append(f"TEL;TYPE=work:{plain(person.phone)}")
    return vcard.card(lines)
