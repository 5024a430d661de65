"""What readers see: revisions let through per channel, by those who may (issue "Publication").

Three ways, never mixed: who may publish does it at once (here); the office announces
(`announcing`); data of people only by their own consent.
"""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from lotse.foundation.core import actionlog, clock
from lotse.foundation.core.actor import Actor
from lotse.foundation.core.db import update_versioned
from lotse.foundation.core.errors import Refused
from lotse.foundation.core.permissions import require
from lotse.foundation.parties.privacy import consents
from lotse.rooms.directory import searching
from lotse.rooms.directory.models import Announcement, Channel, Entry, Publication, Revision
from lotse.rooms.directory.services import base_data
from lotse.rooms.directory.services.entries import subject_of


@transaction.atomic
def publish(
    entry: Entry,
    *,
    actor: Actor,
    channels: Iterable[str],
    expected: int,
    revision: Revision | None = None,
) -> None:
    """Lets a revision through for channels at once; without one the latest.

    Whoever publishes says that it is true, so the entry counts as confirmed. What the office had
    announced for these channels is settled by it. Raises NotAllowed, Conflict, and Refused for an
    archived entry, a channel there is not, and a person without consent for the channel.
    """
    require("directory.entry.publish", actor, entry)
    wanted = _checked_channels(channels)
    shown = revision or entry.latest
    if entry.archived_at is not None or shown is None or shown.entry_id != entry.pk:
        raise Refused(_("Dieser Steckbrief lässt sich so nicht veröffentlichen."))
    _check_consent(entry, wanted)
    now = clock.now()
    confirmed = {} if actor.trusted else {"assured_at": now, "asked_at": None}
    update_versioned(entry, expected=expected, **confirmed)
    _end(entry, wanted, now)
    _settle(entry, shown, wanted, actor, now)
    Publication.objects.bulk_create(
        Publication(
            entry=entry,
            channel=channel,
            revision=shown,
            effective_at=now,
            via=Publication.Via.RELEASED,
            by=actor.ref,
        )
        for channel in wanted
    )
    if entry.kind == Entry.Kind.ORGANISATION and entry.organisation is not None:
        base_data.write(entry.organisation, shown.content, actor=actor)
    _log("directory.entry.published", entry, actor, wanted, shown)
    searching.reindex([entry])


@transaction.atomic
def unpublish(entry: Entry, *, actor: Actor, channel: str, expected: int) -> None:
    """Takes an entry out of a channel at once, what is announced for it included.

    Raises NotAllowed, Conflict, Refused.
    """
    require("directory.entry.publish", actor, entry)
    wanted = _checked_channels([channel])
    update_versioned(entry, expected=expected)
    now = clock.now()
    _end(entry, wanted, now)
    _settle(entry, None, wanted, actor, now)
    _log("directory.entry.unpublished", entry, actor, wanted, None)
    searching.reindex([entry])


def shown_in(entries: Iterable[Entry]) -> dict[tuple[int, str], int]:
    """(entry, channel) -> revision let through there at this moment, whatever else may hide the
    entry. One query."""
    now = clock.now()
    rows = Publication.objects.filter(
        Q(ended_at=None) | Q(ended_at__gt=now),
        entry__in=[entry.pk for entry in entries],
        effective_at__lte=now,
    ).order_by("effective_at", "pk")
    return {
        (entry, channel): revision
        for entry, channel, revision in rows.values_list("entry", "channel", "revision")
    }


def _checked_channels(channels: Iterable[str]) -> list[str]:
    wanted = list(dict.fromkeys(channels))
    if not wanted or not set(wanted) <= set(Channel.values):
        raise Refused(_("Bitte wählen Sie, wo der Steckbrief zu lesen sein soll."))
    return wanted


def _check_consent(entry: Entry, channels: list[str]) -> None:
    """Of people nothing without their yes for this channel (product rule 2). A query a channel."""
    if entry.person is None:
        return
    lacking = [
        str(Channel(channel).label)
        for channel in channels
        if not consents.holds(entry.person.pk, "profile", channel, entry.network)
    ]
    if lacking:
        raise Refused(
            _("Dafür fehlt die Einwilligung der Person: %(channels)s")
            % {"channels": ", ".join(lacking)}
        )


def _end(entry: Entry, channels: list[str], now: datetime) -> None:
    """Ends what holds or is to come in these channels. One query."""
    Publication.objects.filter(
        Q(ended_at=None) | Q(ended_at__gt=now), entry=entry, channel__in=channels
    ).update(ended_at=now, updated_at=now)


def _settle(
    entry: Entry, revision: Revision | None, channels: list[str], actor: Actor, now: datetime
) -> None:
    """An open announcement that this touches has its answer: the same text leaves the other
    channels to the deadline, another text or none at all ends the whole of it. Three queries at
    most."""
    state = Announcement.State
    running = Announcement.objects.filter(entry=entry, state=state.OPEN, deadline__gt=now)
    for announced in running:
        if not set(announced.channels) & set(channels):
            continue
        same = revision is not None and announced.revision_id == revision.pk
        if same and not set(announced.channels) <= set(channels):
            continue
        update_versioned(
            announced,
            expected=announced.version,
            state=state.APPROVED if same else state.CHANGED if revision else state.OBJECTED,
            answered_at=now,
            answered_by=actor.ref,
        )
        announced.publications.filter(ended_at=None, effective_at__gt=now).update(
            ended_at=now, updated_at=now
        )


def _log(
    code: str, entry: Entry, actor: Actor, channels: list[str], revision: Revision | None
) -> None:
    after = {"channels": channels} | ({"revision": revision.number} if revision else {})
    actionlog.record(code, entry, actor=actor, after=after, subject=subject_of(entry))
