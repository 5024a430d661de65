"""Everything of a person out of the directory in one act."""

from collections.abc import Iterable

from django.db import transaction
from django.db.models import Q

from lotse.foundation.core.actor import Actor
from lotse.foundation.core.errors import NotAllowed
from lotse.foundation.core.permissions import require
from lotse.foundation.parties.models import Consent
from lotse.foundation.parties.privacy import consents
from lotse.rooms.directory.models import Entry


@transaction.atomic
def withdraw_everywhere(entry: Entry, *, actor: Actor, purposes: Iterable[str]) -> int:
    """Ends every consent to these purposes that holds in the network of a person's entry, those
    given without a network too; how many there were. All or none.

    What was let through stays let through, and is seen again with a new consent. Raises NotAllowed
    for anybody but the person, Conflict. A query, and those of a withdrawal for each.
    """
    if entry.person is None:
        raise NotAllowed("parties.person.own")
    require("parties.person.own", actor, entry.person)
    rows = Consent.objects.select_related("person").filter(
        Q(network=None) | Q(network=entry.network),
        person=entry.person,
        purpose__in=list(purposes),
        withdrawn_at=None,
    )
    held = list(rows.order_by("pk"))
    for one in held:
        consents.withdraw(one, actor=actor)
    return len(held)
