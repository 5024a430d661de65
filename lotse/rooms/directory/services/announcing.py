"""Announcing an organisation's facts: published when the time is over and nobody objected (S1-14).

Three answers: approve, change, object. Effect is by the clock: the publications stand from the
beginning with the day on which they take effect, and an objection ends them before. Personal data
are never announced (rulings 6).
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from lotse.foundation.core import actionlog, clock, once, text
from lotse.foundation.core.actor import Actor
from lotse.foundation.core.db import update_versioned
from lotse.foundation.core.errors import Refused
from lotse.foundation.core.models import OutboxMail
from lotse.foundation.core.permissions import require
from lotse.foundation.parties.models import Network
from lotse.rooms.directory import mails, searching
from lotse.rooms.directory.content.deadlines import end_of
from lotse.rooms.directory.models import (
    Announcement,
    Channel,
    Entry,
    Letter,
    Publication,
    Revision,
)
from lotse.rooms.directory.queries import addresses
from lotse.rooms.directory.services import editing, letters
from lotse.rooms.directory.services.letters import Recipient

DAYS, LEAST_DAYS, MOST_DAYS = 28, 14, 180
NOTE_MOST = 2000
REASON_MOST = 1000
State = Announcement.State


@transaction.atomic
def announce(
    entry: Entry,
    *,
    actor: Actor,
    channels: Iterable[str],
    days: int = DAYS,
    note: str = "",
    key: str = "",
) -> Announcement:
    """Announces the latest revision for the channels and writes to those who speak for the entry.

    It takes effect at the end of the day that is `days` days from today (Europe/Berlin). Raises
    NotAllowed, and Refused for a person's Steckbrief, a wrong span, nothing new to announce, an
    announcement that still runs, a network at rest, and where nobody can be reached.
    """
    require("directory.entry.manage", actor, entry)
    claim = once.claim(key or once.new_key(), scope=f"directory.announce:{entry.uuid}")
    if claim.repeated:
        return Announcement.objects.get(uuid=claim.answer)
    chosen = _checked_channels(channels)
    revision = _announced(_lock(entry), chosen, days)
    announcement = Announcement.objects.create(
        entry=entry,
        revision=revision,
        channels=chosen,
        note=text.shorten(text.clean(note), NOTE_MOST),
        deadline=end_of(clock.today() + timedelta(days=days)),
        announced_by=actor.ref,
    )
    _put_publications(announcement, actor)
    reached = write_letters(announcement, _recipients(entry))
    if not reached:
        raise Refused(*_nobody(entry))
    claim.remember(str(announcement.uuid))
    actionlog.record(
        "directory.announcement.made",
        announcement,
        actor=actor,
        after={"entry": str(entry.uuid), "channels": chosen, "letters": reached,
               "deadline": announcement.deadline.isoformat()},
    )  # fmt: skip
    searching.reindex(searching.touched_by([entry]))
    return announcement


def _checked_channels(channels: Iterable[str]) -> list[str]:
    wanted = set(channels)
    if not wanted or not wanted <= set(Channel.values):
        raise Refused(_("Bitte wählen Sie, wo die Angaben erscheinen sollen."))
    return [channel for channel in Channel.values if channel in wanted]


def _announced(entry: Entry, channels: Sequence[str], days: int) -> Revision:
    """The revision to announce. Raises Refused with the reason why not."""
    if entry.kind == Entry.Kind.PERSON:
        raise Refused(
            _("Angaben zu Personen lassen sich nicht ankündigen: Sie erscheinen nur mit der "
              "Einwilligung der Person.")
        )  # fmt: skip
    if not LEAST_DAYS <= days <= MOST_DAYS:
        raise Refused(
            _("Die Frist ist mindestens %(least)s und höchstens %(most)s Tage lang.")
            % {"least": LEAST_DAYS, "most": MOST_DAYS}
        )
    if entry.archived_at is not None:
        raise Refused(_("Dieser Steckbrief ist archiviert."))
    if entry.network.state != Network.State.ACTIVE:
        raise Refused(_("Dieses Netzwerk ruht oder ist beendet: Es sendet keine Mails."))
    if entry.latest is None:
        raise Refused(_("Dieser Steckbrief hat noch keinen Inhalt."))
    _close_effective(entry)
    if entry.announcements.filter(state=State.OPEN).exists():
        raise Refused(
            _("Für diesen Steckbrief läuft schon eine Ankündigung. Ziehen Sie sie zuerst zurück.")
        )
    if {*channels} <= {*channels_showing(entry, entry.latest)}:
        raise Refused(_("Genau diese Angaben sind dort schon veröffentlicht."))
    return entry.latest


def _close_effective(entry: Entry) -> None:
    """What took effect by the clock makes room for another announcement."""
    over = entry.announcements.filter(state=State.OPEN, deadline__lte=clock.now())
    over.update(state=State.EFFECTIVE, version=F("version") + 1, updated_at=clock.now())


def channels_showing(entry: Entry, revision: Revision) -> list[str]:
    """Channels whose readers see this revision now. One query."""
    now = clock.now()
    rows = (
        Publication.objects.filter(Q(ended_at=None) | Q(ended_at__gt=now), entry=entry)
        .filter(effective_at__lte=now)
        .order_by("effective_at", "pk")
        .values_list("channel", "revision")
    )
    shown = dict(rows)  # the one that took effect last wins
    return [channel for channel, seen in shown.items() if seen == revision.pk]


def _put_publications(announcement: Announcement, actor: Actor) -> None:
    Publication.objects.bulk_create(
        Publication(
            entry=announcement.entry,
            channel=channel,
            revision=announcement.revision,
            effective_at=announcement.deadline,
            via=Publication.Via.ANNOUNCED,
            by=actor.ref,
            announcement=announcement,
        )
        for channel in announcement.channels
    )


def _recipients(entry: Entry) -> list[Recipient]:
    found = letters.recipients_of([entry.organisation_id or 0])
    return found[entry.organisation_id or 0]


def write_letters(
    announcement: Announcement, recipients: Iterable[Recipient], *, stage: str = mails.FIRST
) -> int:
    """A letter and a mail to each; how many were written now and are on their way. What an address
    has switched off or does not receive any more is not counted (rulings 12)."""
    sent = 0
    for to in recipients:
        letter = letters.issue(
            announcement.entry,
            to,
            purpose=Letter.Purpose.ANNOUNCEMENT,
            expires_at=announcement.deadline,
            announcement=announcement,
        )
        if mails.was_written(mails.name_of_mail(letter, stage)):
            continue
        mail = mails.send_announcement(announcement, letter, to, stage=stage)
        sent += mail.state not in (OutboxMail.State.STOPPED, OutboxMail.State.FAILED)
    return sent


def _nobody(entry: Entry) -> tuple[str, ...]:
    named = addresses.named_by([entry.organisation_id or 0])
    if addresses.of_the_office(named):
        return (
            _("Diese Adresse gehört jemandem aus der Geschäftsstelle. Wer ankündigt, kann nicht "
              "für die Organisation antworten. Laden Sie eine Person der Organisation ein."),
        )  # fmt: skip
    return (
        _("Für diese Organisation ist niemand erreichbar, der zustimmen oder widersprechen könnte. "
          "Ohne das gibt es keine Ankündigung."),
        _("Laden Sie eine Person der Organisation ein. Ist von ihr noch nichts veröffentlicht, "
          "genügt auch ihre E-Mail-Adresse im Steckbrief."),
    )  # fmt: skip


def is_running(announcement: Announcement) -> bool:
    """Whether it can still be answered: not answered, not withdrawn, the time not over. No
    query."""
    return announcement.state == State.OPEN and announcement.deadline > clock.now()


def state_at(announcement: Announcement, now: datetime) -> str:
    """Its state as the clock tells it. No query."""
    if announcement.state == State.OPEN and announcement.deadline <= now:
        return str(State.EFFECTIVE)
    return str(announcement.state)


@transaction.atomic
def approve(
    announcement: Announcement, *, actor: Actor, expected: int, note: str = "", key: str = ""
) -> None:
    """Publishes at once what was announced, for those who speak for the entry: by their link, or
    with the right to publish. Raises NotAllowed, Conflict, Refused once it is over or answered."""
    claim = once.claim(key or once.new_key(), scope=f"directory.answer:{announcement.uuid}")
    if claim.repeated:
        return
    entry = _lock(announcement.entry)
    _close(announcement, State.APPROVED, actor=actor, expected=expected, note=note)
    now = clock.now()
    announcement.publications.filter(ended_at=None, effective_at__gt=now).update(
        effective_at=now, by=actor.ref, version=F("version") + 1, updated_at=now
    )
    update_versioned(entry, expected=entry.version, assured_at=now)
    claim.remember(State.APPROVED)
    _record("directory.announcement.approved", announcement, actor)
    searching.reindex(searching.touched_by([entry]))


@transaction.atomic
def object_to(
    announcement: Announcement, *, actor: Actor, expected: int, reason: str, key: str = ""
) -> None:
    """Nothing of it is published; readers see what was let through before. The office is told the
    reason. Raises NotAllowed, Conflict, Refused without a reason, once it is over or answered."""
    claim = once.claim(key or once.new_key(), scope=f"directory.answer:{announcement.uuid}")
    if claim.repeated:
        return
    if not text.clean(reason):
        raise Refused(
            _("Bitte schreiben Sie kurz, was nicht stimmt: Die Geschäftsstelle liest es.")
        )
    _lock(announcement.entry)
    _close(announcement, State.OBJECTED, actor=actor, expected=expected, note=reason)
    _end_publications(announcement)
    claim.remember(State.OBJECTED)
    _record("directory.announcement.objected", announcement, actor)
    mails.send_answer(announcement)
    searching.reindex(searching.touched_by([announcement.entry]))


@transaction.atomic
def change(
    announcement: Announcement,
    *,
    actor: Actor,
    expected: int,
    content: Mapping[str, Any],
    entry_version: int,
    note: str = "",
    key: str = "",
) -> bool:
    """Another text takes the place of the announced one: a revision by whoever answers, published
    at once where they may publish; else it waits. Returns whether it was published.

    Raises NotAllowed, Conflict (of the announcement, or holding the entry that somebody else
    saved), Faulty, Refused once it is over or answered.
    """
    claim = once.claim(key or once.new_key(), scope=f"directory.answer:{announcement.uuid}")
    if claim.repeated:
        return bool(claim.answer)
    entry = _lock(announcement.entry)
    _close(announcement, State.CHANGED, actor=actor, expected=expected, note=note)
    _end_publications(announcement)
    reason = note or str(_("Antwort auf die Ankündigung"))
    published = letters.may_publish(actor, entry)
    editing.save_and_publish(
        entry,
        actor=actor,
        expected=entry_version,
        content=content,
        channels=announcement.channels if published else [],
        reason=reason,
    )
    claim.remember(published)
    _record("directory.announcement.changed", announcement, actor)
    mails.send_answer(announcement, published=published)
    searching.reindex(searching.touched_by([entry]))
    return published


@transaction.atomic
def withdraw_announcement(announcement: Announcement, *, actor: Actor) -> None:
    """The office takes an announcement back before it takes effect; who got a letter is told.
    Raises NotAllowed, Conflict, Refused once it is over or answered."""
    require("directory.entry.manage", actor, announcement.entry)
    _lock(announcement.entry)
    _require_running(announcement)
    update_versioned(
        announcement,
        expected=announcement.version,
        state=State.WITHDRAWN,
        answered_at=clock.now(),
        answered_by=actor.ref,
    )
    _end_publications(announcement)
    _record("directory.announcement.withdrawn", announcement, actor)
    if announcement.entry.network.state == Network.State.ACTIVE:
        _tell_withdrawn(announcement)
    searching.reindex(searching.touched_by([announcement.entry]))


def _tell_withdrawn(announcement: Announcement) -> None:
    running = announcement.letters.filter(used_at=None, expires_at__gt=clock.now())
    # Of somebody erased the address is gone.
    for letter in running.exclude(address="").select_related("person"):
        if letters.holder_of(letter) is not None:
            mails.send_withdrawn(announcement, letter)


def _lock(entry: Entry) -> Entry:
    """The entry, held until the end of the act and with the version it has now: always before its
    announcement, as publishing does, so that no two acts wait for each other. One query."""
    rows = Entry.objects.select_for_update(no_key=True).filter(pk=entry.pk)
    entry.version = rows.values_list("version", flat=True).get()
    return entry


def _close(
    announcement: Announcement, state: str, *, actor: Actor, expected: int, note: str
) -> None:
    """The first answer counts: of two at once the second meets a Conflict."""
    letter = _require_answerer(announcement, actor)
    update_versioned(
        announcement,
        expected=expected,
        state=state,
        answered_at=clock.now(),
        answered_by=actor.ref,
        answer_note=text.shorten(text.clean(note), REASON_MOST),
    )
    if letter is not None:
        update_versioned(letter, expected=letter.version, used_at=clock.now())


def _require_answerer(announcement: Announcement, actor: Actor) -> Letter | None:
    """The letter somebody answers with, None for a signed-in person with the right to publish.
    Raises NotAllowed, Refused."""
    _require_running(announcement)
    if actor.kind != letters.KIND:
        require("directory.entry.publish", actor, announcement.entry)
        return None
    return letters.require_running(
        actor, announcement=announcement.pk, purpose=Letter.Purpose.ANNOUNCEMENT
    )


def _require_running(announcement: Announcement) -> None:
    if announcement.state != State.OPEN:
        raise Refused(_("Diese Ankündigung ist schon beantwortet oder zurückgezogen."))
    if announcement.deadline <= clock.now():
        raise Refused(_("Die Frist ist abgelaufen. Die Angaben sind veröffentlicht."))


def _end_publications(announcement: Announcement) -> None:
    now = clock.now()
    announcement.publications.filter(ended_at=None, effective_at__gt=now).update(
        ended_at=now, version=F("version") + 1, updated_at=now
    )


def _record(code: str, announcement: Announcement, actor: Actor) -> None:
    actionlog.record(
        code,
        announcement,
        actor=actor,
        after={"entry": str(announcement.entry.uuid), "channels": announcement.channels},
    )


def running_of(entry: UUID) -> Announcement | None:
    """The announcement of an entry that waits for an answer. One query."""
    return (
        Announcement.objects.select_related("entry__network", "entry__organisation", "revision")
        .filter(entry__uuid=entry, state=State.OPEN, deadline__gt=clock.now())
        .first()
    )
