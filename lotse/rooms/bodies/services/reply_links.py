"""The personal link of whoever is invited: a keyed hash of the attendance's uuid.

Database and outbox hold only its SHA-256 (rulings 19). Whether it still opens anything is worked
out when it is used. A browser that opened it holds the uuid of the attendance among its keys.
"""

from uuid import UUID

from django.urls import reverse

from lotse.foundation.core import keys
from lotse.foundation.parties.links import base_url
from lotse.rooms.bodies.models import Attendance

_PURPOSE = b"lotse.bodies.reply"


def digest_of(row: Attendance) -> str:
    """What the database keeps of the link of an attendance."""
    return keys.digest_of(keys.token_of(_PURPOSE, row.uuid.bytes))


def address_of(ref: str) -> str | None:
    """The address in the mail of an attendance, by its uuid; None once it is gone or was made with
    a secret key that is gone. One query."""
    found = (
        Attendance.objects.select_related("meeting__body__network")
        .filter(uuid=ref).exclude(token_hash="").first()
    )  # fmt: skip
    if found is None:
        return None
    token = keys.token_with(found.token_hash, _PURPOSE, UUID(ref).bytes)
    if not token:
        return None
    network = found.meeting.body.network
    return base_url(network) + reverse("bodies:reply-open", args=[token])


def find(token: str) -> Attendance | None:
    """Who is invited by this link. One query."""
    return Attendance.objects.filter(token_hash=keys.digest_of(token)).first()
