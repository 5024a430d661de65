"""Passing a message on: it reaches the person or the organisation, its address stays here."""

from django.db import transaction
from django.utils.translation import gettext as _

from lotse.foundation.core import actionlog, once
from lotse.foundation.core.actor import Actor
from lotse.foundation.core.errors import Refused
from lotse.foundation.core.models import OutboxMail
from lotse.foundation.core.permissions import require
from lotse.foundation.parties.models import Person
from lotse.rooms.directory import mails_message
from lotse.rooms.directory.models import Entry
from lotse.rooms.directory.queries.reading import Seen
from lotse.rooms.directory.queries.relay import address_of, recipients_of

_LOST = (OutboxMail.State.STOPPED, OutboxMail.State.FAILED)


def scope_of(entry: Entry) -> str:
    """What the key of a form counts for."""
    return f"directory.message:{entry.uuid}"


@transaction.atomic
def send_message(
    seen: Seen, *, actor: Actor, key: str, name: str, email: str, subject: str, message: str
) -> int:
    """Sends a message to whom the entry is about, and says to how many it goes.

    The log keeps that it was sent, neither words nor writer. Raises NotAllowed, and Refused where
    nobody can be reached. At most 8 queries for one recipient.
    """
    entry = seen.entry
    require("directory.entry.view", actor, entry)
    claim = once.claim(key, scope=scope_of(entry))
    if claim.repeated:
        return int(claim.answer or 0)
    people = recipients_of(seen)
    addresses: list[tuple[str, Person | None]] = [(person.email, person) for person in people]
    if not addresses and (address := address_of(seen)):
        addresses = [(address, None)]
    about = _about(seen)
    sent = [
        mails_message.send_message(
            network=entry.network, address=address, person=person, about=about, name=name,
            email=email, subject=subject, message=message, known=actor.signed_in,
        )
        for address, person in addresses
    ]  # fmt: skip
    reached = [one for one in sent if one.state not in _LOST]
    if not reached:
        raise Refused(_("Hier kommen zurzeit keine Nachrichten an. Die Geschäftsstelle hilft Ihnen "
                        "weiter."))  # fmt: skip
    actionlog.record(
        "directory.message.sent", entry, actor=actor, after={"to": len(reached)},
        subject=entry.person.uuid if entry.person else None,
    )  # fmt: skip
    claim.remember(len(reached))
    return len(reached)


def _about(seen: Seen) -> str:
    if seen.entry.kind == Entry.Kind.PERSON and seen.entry.person is not None:
        return seen.entry.person.name
    return str(seen.content.get("name", ""))
