"""Once a year: whoever speaks for an entry says that all of it is still true.

Nothing is set or deleted by a job but the memory of having asked; how fresh an entry is, the clock
tells (`content.freshness`).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Q, QuerySet

from lotse.foundation.core import actionlog, clock, once
from lotse.foundation.core.actor import Actor
from lotse.foundation.core.db import update_versioned
from lotse.foundation.core.permissions import require
from lotse.foundation.parties.models import Network
from lotse.rooms.directory import mails, searching
from lotse.rooms.directory.content.freshness import DUE_AFTER
from lotse.rooms.directory.models import Channel, Entry, Letter
from lotse.rooms.directory.permissions import let_through
from lotse.rooms.directory.services import editing, letters
from lotse.rooms.directory.services.entries import subject_of
from lotse.rooms.directory.services.letters import Recipient

REMIND_AFTER = timedelta(days=28)
CATCH_UP = timedelta(days=14)
LETTER_RUNS = timedelta(days=120)
MOST = 2000


@transaction.atomic
def confirm(entry: Entry, *, actor: Actor, expected: int, key: str = "") -> None:
    """All of it is still true, as of now. For who may publish the entry, and for the holder of a
    letter about it. Raises NotAllowed, Refused for a letter that is used or over, Conflict where
    somebody changed the entry since it was shown."""
    claim = once.claim(key or once.new_key(), scope=f"directory.confirm:{entry.uuid}")
    if claim.repeated:
        return
    letter = None
    if actor.kind == letters.KIND:
        letter = _letter_of(actor, entry)
    else:
        require("directory.entry.publish", actor, entry)
    before = entry.assured_at
    now = clock.now()
    update_versioned(entry, expected=expected, assured_at=now)
    if letter is not None:
        update_versioned(letter, expected=letter.version, used_at=now)
    # The question was answered: the links of the others have nothing left to ask.
    entry.letters.filter(purpose=Letter.Purpose.CONFIRMATION, used_at=None).update(
        used_at=now, version=F("version") + 1, updated_at=now
    )
    actionlog.record(
        "directory.entry.confirmed",
        entry,
        actor=actor,
        before={"assured_at": before.isoformat()},
        after={"assured_at": now.isoformat()},
        subject=subject_of(entry),
    )
    searching.reindex([entry])


@transaction.atomic
def change(
    entry: Entry,
    *,
    actor: Actor,
    expected: int,
    content: Mapping[str, Any],
    note: str = "",
    key: str = "",
) -> bool:
    """The answer that something is different now: a revision by the holder of a letter, published
    where the entry can be read, if they may publish; else it waits. Returns whether it was
    published. Raises NotAllowed, Conflict with the entry, Faulty, Refused."""
    claim = once.claim(key or once.new_key(), scope=f"directory.confirm:{entry.uuid}")
    if claim.repeated:
        return bool(claim.answer)
    letter = _letter_of(actor, entry)
    channels = channels_of(entry) if letters.may_publish(actor, entry) else []
    editing.save_and_publish(
        entry, actor=actor, expected=expected, content=content, channels=channels, reason=note
    )
    update_versioned(letter, expected=letter.version, used_at=clock.now())
    claim.remember(bool(channels))
    return bool(channels)


def _letter_of(actor: Actor, entry: Entry) -> Letter:
    """The letter that asked this; one about an announcement answers something else."""
    return letters.require_running(actor, entry=entry.pk, purpose=Letter.Purpose.CONFIRMATION)


def channels_of(entry: Entry) -> list[str]:
    """Where readers see the entry now. One query for each channel."""
    own = Entry.objects.filter(pk=entry.pk)
    return [channel for channel in Channel.values if own.filter(let_through(channel)).exists()]


def to_ask(now: datetime) -> QuerySet[Entry]:
    """Entries that are read somewhere, were last confirmed a year ago, and of which nobody was
    asked since. Networks at rest ask nobody."""
    long_ago = now - DUE_AFTER
    return _read_somewhere().filter(
        Q(asked_at=None) | Q(asked_at__lt=F("assured_at")) | Q(asked_at__lte=long_ago),
        assured_at__lte=long_ago,
    )


def to_remind(now: datetime) -> QuerySet[Entry]:
    """Entries somebody was asked about four weeks ago, and nobody answered."""
    return _read_somewhere().filter(
        asked_at__gte=F("assured_at"),
        asked_at__lte=now - REMIND_AFTER,
        asked_at__gt=now - REMIND_AFTER - CATCH_UP,
        assured_at__lte=now - DUE_AFTER,
    )


def _read_somewhere() -> QuerySet[Entry]:
    read = let_through(Channel.WEB) | let_through(Channel.MEMBERS) | let_through(Channel.BROCHURE)
    return (
        Entry.objects.filter(read, network__state=Network.State.ACTIVE)
        .select_related("network", "organisation", "latest")
        .order_by("pk")
    )


def send_due() -> int:
    """The daily job: asks, and asks again after four weeks; returns how many mails were written.
    Running twice writes none twice. One transaction per organisation or person."""
    now = clock.now()
    again = _ask(list(to_remind(now)[:MOST]), again=True)
    return again + _ask(list(to_ask(now)[:MOST]), again=False)


def _ask(entries: Iterable[Entry], *, again: bool) -> int:
    groups: dict[tuple[int, int], list[Entry]] = defaultdict(list)
    for entry in entries:
        groups[entry.organisation_id or 0, entry.person_id or 0].append(entry)
    told = letters.recipients_of({key for key, _person in groups if key})
    people = letters.people_of({key for _organisation, key in groups if key})
    sent = 0
    for (organisation, person), own in groups.items():
        if person:
            recipients = [people[person]] if person in people else []
        else:
            recipients = told[organisation]
        with transaction.atomic():
            sent += _write(own, recipients, again=again)
    return sent


def _write(entries: list[Entry], recipients: Iterable[Recipient], *, again: bool) -> int:
    """The mails of one organisation or person about its entries, and the memory of them."""
    now = clock.now()
    if not again:
        # The memory first: of two workers the second finds nothing left to ask. Also where nobody
        # can be reached: the desk shows those, and asking them anew each day changes nothing.
        won = Entry.objects.filter(pk__in=[entry.pk for entry in entries]).filter(
            Q(asked_at=None) | Q(asked_at__lte=now - DUE_AFTER) | Q(asked_at__lt=F("assured_at"))
        )
        if not won.update(asked_at=now):
            return 0
    sent = 0
    for to in recipients:
        questions = [mails.Question(entry, _letter(entry, to)) for entry in entries]
        name = f"{mails.CONFIRMATION.code}:{questions[0].letter.uuid}:{'2' if again else '1'}"
        if not mails.was_written(name):
            mails.send_questions(to, questions, entries[0].network, once=name, again=again)
            sent += 1
    return sent


def _letter(entry: Entry, to: Recipient) -> Letter:
    return letters.issue(
        entry,
        to,
        purpose=Letter.Purpose.CONFIRMATION,
        expires_at=clock.now() + LETTER_RUNS,
    )
