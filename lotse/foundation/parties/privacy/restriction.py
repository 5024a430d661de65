"""Restriction of processing (GDPR art. 18): the person's data stay and are shown to the office
only, until the question is settled."""

from django.db import transaction
from django.utils.translation import gettext as _

from lotse.foundation.core import actionlog, clock, text
from lotse.foundation.core.actor import Actor
from lotse.foundation.core.db import update_versioned
from lotse.foundation.core.errors import Refused
from lotse.foundation.core.permissions import require
from lotse.foundation.parties.models import Person
from lotse.foundation.parties.services import people


@transaction.atomic
def restrict(person: Person, *, actor: Actor, expected: int, reason: str) -> None:
    """Hides the person from lists, search and suggestions at the next request.

    Raises NotAllowed, Conflict, Refused without a reason. The reason stays out of the log of
    contents: it is about the person, so an erasure removes it.
    """
    require("parties.person.protect", actor, person)
    reason = text.clean_line(reason)
    if not reason:
        raise Refused(_("Bitte nennen Sie den Grund: er steht später im Protokoll."))
    if person.restricted_at is not None:
        return
    update_versioned(person, expected=expected, restricted_at=clock.now())
    _log("parties.person.restricted", person, actor, reason)
    people.tell_of(person.pk)


@transaction.atomic
def lift(person: Person, *, actor: Actor, expected: int, reason: str) -> None:
    """Shows the person again. The person has to be told before (art. 18(3)): the page says so.
    Raises NotAllowed, Conflict, Refused."""
    require("parties.person.protect", actor, person)
    reason = text.clean_line(reason)
    if not reason:
        raise Refused(_("Bitte nennen Sie den Grund: er steht später im Protokoll."))
    if person.restricted_at is None:
        return
    update_versioned(person, expected=expected, restricted_at=None)
    _log("parties.person.unrestricted", person, actor, reason)
    people.tell_of(person.pk)


def _log(code: str, person: Person, actor: Actor, reason: str) -> None:
    actionlog.record(code, person, actor=actor, after={"reason": reason}, subject=person.uuid)
