"""One-time links to the people who speak for an entry (S1-14).

The token is a keyed hash of the letter's uuid and end: database and outbox hold only its SHA-256,
the sent mail alone shows it (rulings 19). What the holder may do is worked out when the link is
used: a seat that ended takes the link with it (T05, T06).
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from allauth.account.models import EmailAddress
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.urls import reverse
from django.utils.translation import gettext as _

from lotse.foundation.core import clock, keys
from lotse.foundation.core.actor import Actor, Seat
from lotse.foundation.core.errors import Refused
from lotse.foundation.parties.links import base_url
from lotse.foundation.parties.models import Affiliation, Person
from lotse.foundation.parties.standing import holds_on
from lotse.rooms.directory.models import Announcement, Entry, Letter
from lotse.rooms.directory.queries import addresses

MAIL_SECRET = "directory.letter"  # noqa: S105  the name of a hook
KIND = "letter"
_PURPOSE = b"lotse.directory.letter"
_SPEAKS = Q(may_publish=True) | Q(may_represent=True)


@dataclass(frozen=True)
class Recipient:
    """Who is written to; without a person it is the organisation's own address."""

    address: str
    lang: str = "de"
    person: int | None = None
    person_uuid: UUID | None = None
    name: str = ""


def hash_of(letter: Letter) -> str:
    """What is kept of the link that goes with this letter."""
    return keys.digest_of(keys.token_of(_PURPOSE, _about(letter)))


def _about(letter: Letter) -> bytes:
    return letter.uuid.bytes + int(letter.expires_at.timestamp()).to_bytes(8)


def issue(
    entry: Entry,
    to: Recipient,
    *,
    purpose: str,
    expires_at: datetime,
    announcement: Announcement | None = None,
) -> Letter:
    """The letter to this person at this address: the one that still runs, else a new one. Two
    people may share an address, and each speaks by the own seat. Two queries. Call it inside the
    transaction that writes the mail."""
    found = Letter.objects.filter(
        entry=entry,
        purpose=purpose,
        announcement=announcement,
        person=to.person,
        address__iexact=to.address,
        used_at=None,
        expires_at__gt=clock.now(),
    ).first()
    if found is not None:
        return found
    letter = Letter(
        entry=entry,
        purpose=purpose,
        announcement=announcement,
        person_id=to.person,
        address=to.address,
        expires_at=expires_at,
    )
    letter.token_hash = hash_of(letter)
    letter.save()
    return letter


def address_of(ref: str) -> str | None:
    """The address in the mail of a letter, by its uuid; None once it is used or over, or was made
    with a secret key that is gone. One query."""
    found = (
        Letter.objects.select_related("entry__network")
        .filter(uuid=ref, used_at=None, expires_at__gt=clock.now())
        .first()
    )
    if found is None:
        return None
    token = keys.token_with(found.token_hash, _PURPOSE, _about(found))
    if not token:
        return None
    return base_url(found.entry.network) + reverse("directory:letter-open", args=[token])


def find(token: str) -> Letter | None:
    """The letter behind a token, whether it runs or not. One query."""
    return Letter.objects.filter(token_hash=keys.digest_of(token)).first()


def holder_of(letter: Letter) -> Actor | None:
    """Who speaks with the link, as able as at this moment; None for somebody who no longer does.
    The letter comes with entry, organisation and person. At most two queries.

    The organisation's own address speaks for the organisation. A person speaks by the own seat,
    a contact person only where nobody publishes or represents; for the own Steckbrief by being
    that person.
    """
    entry, person = letter.entry, letter.person
    if person is None:
        # A person who was erased leaves a letter without person: it is not the organisation's.
        return _organisation(letter) if _is_of_organisation(letter) else None
    if not _may_be_written_to(person):
        return None
    holder = Actor(
        KIND, letter.uuid, label=letter.address, person=person.pk, person_uuid=person.uuid
    )
    if entry.kind == Entry.Kind.PERSON:
        return holder if entry.person_id == person.pk else None
    seats = Affiliation.objects.filter(
        holds_on(clock.today()), person=person, organisation=entry.organisation_id
    ).filter(_SPEAKS | Q(is_contact=True))
    held = list(seats.values_list("may_publish", "may_represent"))
    if not held or entry.organisation_id is None:
        return None
    if not any(publish or represent for publish, represent in held) and _has_speaker(entry):
        return None
    seat = Seat(
        entry.organisation_id,
        entry.network_id,
        may_edit=True,
        may_publish=any(publish for publish, _represent in held),
        may_represent=any(represent for _publish, represent in held),
    )
    return replace(holder, seats=frozenset([seat]))


def _organisation(letter: Letter) -> Actor | None:
    entry = letter.entry
    if entry.organisation_id is None:
        return None
    seat = Seat(entry.organisation_id, entry.network_id, True, True, True)
    return Actor(KIND, uuid=letter.uuid, label=letter.address, seats=frozenset([seat]))


def _is_of_organisation(letter: Letter) -> bool:
    """Whether it is the organisation's own address: of an announcement as it was when the letter
    was written, whatever the office wrote since; of the yearly question as let through now. One
    query."""
    key = letter.entry.organisation_id or 0
    if letter.purpose == Letter.Purpose.ANNOUNCEMENT:
        named = addresses.named_by([key], at=letter.created_at)
    else:
        named = addresses.named_by([key], drafts=False)
    if not letter.address or key not in named:
        return False
    return named[key].address.lower() == letter.address.lower()


def _has_speaker(entry: Entry) -> bool:
    """Whether somebody who can be reached publishes or represents. One query."""
    rows = _seats({entry.organisation_id or 0})
    return any(row["may_publish"] or row["may_represent"] for row in rows)


def _may_be_written_to(person: Person) -> bool:
    closed = person.account is not None and not person.account.is_active
    gone = person.erased_at or person.restricted_at or person.merged_into_id
    return not (closed or gone)


def recipients_of(organisations: Iterable[int]) -> dict[int, list[Recipient]]:
    """Who is written to about organisations, by their keys: whoever may publish or represent, else
    the contact persons, else the organisation's address, unless it is the office's; the list is
    empty where there is nobody. At most two queries, four for organisations without people.

    Nobody is written to who is erased, restricted (GDPR art. 18), merged or suspended, and nobody
    with an account at an address that was not confirmed.
    """
    wanted = set(organisations)
    found: dict[int, list[Recipient]] = {key: [] for key in wanted}
    contacts: dict[int, list[Recipient]] = defaultdict(list)
    for row in _seats(wanted):
        to = Recipient(row["reach"], row["person__lang"], row["person"], row["person__uuid"],
                       " ".join(filter(None, (row["person__first_name"],
                                              row["person__last_name"]))))  # fmt: skip
        speaks = row["may_publish"] or row["may_represent"]
        _add(found[row["organisation"]] if speaks else contacts[row["organisation"]], to)
    for key in wanted:
        found[key] = found[key] or contacts[key]
    named = addresses.named_by(key for key in wanted if not found[key])
    asking = addresses.of_the_office(named)
    for key, one in named.items():
        found[key] = [] if key in asking else [Recipient(one.address)]
    return found


def _add(people: list[Recipient], to: Recipient) -> None:
    if all(to.address.lower() != one.address.lower() for one in people):
        people.append(to)


def _seats(organisations: set[int]) -> list[dict[str, Any]]:
    """Seats of today with an address to write to. One query."""
    rows: Any = (
        Affiliation.objects.filter(holds_on(clock.today()), organisation__in=organisations)
        .filter(_SPEAKS | Q(is_contact=True))
        .filter(reachable("person__"))
        .annotate(verified=Subquery(_verified("person__account").values("email")[:1]))
        .order_by("pk")
        .values("organisation", "may_publish", "may_represent", "verified", "person",
                "person__uuid", "person__lang", "person__email", "person__account",
                "person__first_name", "person__last_name")
    )  # fmt: skip
    for row in rows:
        row["reach"] = row["verified"] if row["person__account"] else row["person__email"]
    return [row for row in rows if row["reach"]]


def reachable(prefix: str = "") -> Q:
    """People who may be written to at all."""
    values: dict[str, Any] = {"erased_at": None, "restricted_at": None, "merged_into": None}
    own = Q(**{f"{prefix}{name}": value for name, value in values.items()})
    return own & ~Q(**{f"{prefix}account__is_active": False})


def _verified(account: str) -> QuerySet[EmailAddress]:
    held: QuerySet[EmailAddress] = EmailAddress.objects.filter(
        user=OuterRef(account), verified=True
    )
    return held.order_by("-primary", "pk")


def people_of(persons: Iterable[int]) -> dict[int, Recipient]:
    """The same for people about themselves, by their keys; who cannot be reached is missing. One
    query."""
    rows: Any = (
        Person.objects.filter(reachable(), pk__in=set(persons))
        .annotate(verified=Subquery(_verified("account").values("email")[:1]))
        .values("pk", "uuid", "lang", "email", "account", "verified", "first_name", "last_name")
    )
    found = {}
    for row in rows:
        address = row["verified"] if row["account"] else row["email"]
        if address:
            name = " ".join(filter(None, (row["first_name"], row["last_name"])))
            found[row["pk"]] = Recipient(address, row["lang"], row["pk"], row["uuid"], name)
    return found


def may_publish(actor: Actor, entry: Entry) -> bool:
    """Whether the holder of a link may publish what the letter is about. No query."""
    if entry.kind == Entry.Kind.PERSON:
        return actor.person is not None and actor.person == entry.person_id
    return entry.organisation_id in actor.organisations(publish=True)


def require_running(actor: Actor, **about: Any) -> Letter:
    """The letter the holder of a link answers with. Raises Refused where it is used or over."""
    running = Letter.objects.filter(used_at=None, expires_at__gt=clock.now(), **about)
    found = running.filter(uuid=actor.uuid).first() if actor.uuid else None
    if found is None:
        raise Refused(_("Dieser Link wurde schon benutzt oder gilt nicht mehr."))
    return found
