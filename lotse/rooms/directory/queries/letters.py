"""What pages of announcements and of the yearly question show, and what "Heute" says of them."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import F, OuterRef, Q, Subquery
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from lotse.foundation.core import clock
from lotse.foundation.core.actor import Actor
from lotse.foundation.core.hooks import Card
from lotse.foundation.core.models import OutboxMail
from lotse.foundation.core.permissions import visible
from lotse.rooms.directory import mails
from lotse.rooms.directory.content import freshness
from lotse.rooms.directory.content.deadlines import deadline_words, last_day
from lotse.rooms.directory.models import Announcement, Channel, Entry, Letter, Publication, Revision
from lotse.rooms.directory.queries.own import author_in, names_of
from lotse.rooms.directory.queries.reading import current_revision

MOST = 200
# The widest readers first: what members read is more than what the public does.
_ORDER = (Channel.MEMBERS, Channel.WEB, Channel.BROCHURE)


@dataclass(frozen=True)
class Reached:
    """One letter of an announcement: to whom, what became of the mail, whether it was answered."""

    name: str
    address: str
    state: str
    reached: bool
    used: bool


def letters_of(announcement: Announcement) -> list[Reached]:
    """Who was written to about an announcement, for the desk. Two queries."""
    rows = list(announcement.letters.select_related("person").order_by("pk"))
    names = {mails.name_of_mail(one, mails.FIRST): one.pk for one in rows}
    found = OutboxMail.objects.filter(once__in=names).only("once", "state")
    states = {names[mail.once]: mail for mail in found}
    lost = (OutboxMail.State.STOPPED, OutboxMail.State.FAILED, OutboxMail.State.BOUNCED)
    return [
        Reached(
            name=one.person.name if one.person else "",
            address=one.address,
            state=str(states[one.pk].get_state_display()) if one.pk in states else "",
            reached=one.pk not in states or states[one.pk].state not in lost,
            used=one.used_at is not None,
        )
        for one in rows
    ]


def answerer_of(announcement: Announcement) -> str:
    """Who answered an announcement, in words: a name, or the link of which letter. One query."""
    kind, _sep, key = announcement.answered_by.partition(":")
    if kind != "letter":
        return (
            author_in(names_of([announcement.answered_by]), announcement.answered_by)
            if kind
            else ""
        )
    letter = Letter.objects.select_related("person").filter(uuid=key).first()
    if letter is None:
        return _("über einen Link aus einer Mail")
    link = _("über den Link an %(address)s") % {"address": letter.address}
    return f"{letter.person.name}, {link}" if letter.person else link


def published_of(entry: Entry) -> Revision | None:
    """What readers see of an entry now, of the widest channel that has something. One query."""
    now = clock.now()
    rows = (
        Publication.objects.filter(Q(ended_at=None) | Q(ended_at__gt=now), entry=entry)
        .filter(effective_at__lte=now)
        .order_by("effective_at", "pk")
        .select_related("revision")
    )
    shown = {row.channel: row.revision for row in rows}
    return next((shown[channel] for channel in _ORDER if channel in shown), None)


def cards_of(actor: Actor) -> list[Card]:
    """What waits for the person in the directory: announcements to answer, entries to confirm, and
    what the office wrote for them. One query."""
    if actor.person is None:
        return []
    running = Announcement.objects.filter(
        entry=OuterRef("pk"), state=Announcement.State.OPEN, deadline__gt=clock.now()
    )
    rows = (
        visible("directory.entry.publish", actor, Entry.objects.filter(archived_at=None))
        .select_related("latest", "organisation")
        .annotate(
            deadline=Subquery(running.values("deadline")[:1]),
            **{f"on_{channel}": current_revision(channel) for channel in Channel.values},
        )
        .order_by(F("deadline").asc(nulls_last=True), "assured_at", "pk")[:MOST]
    )
    return [card for entry in rows if (card := _card(entry))]


def _card(entry: Any) -> Card | None:
    """The most urgent thing about one entry; None for nothing."""
    shown = {getattr(entry, f"on_{channel}") for channel in Channel.values} - {None}
    fresh = freshness.freshness_of(entry, clock.now())
    if entry.deadline is not None:
        return _announced(entry)
    if _is_written_for_them(entry) and entry.latest_id not in shown:
        return _waiting(entry)
    if shown and fresh != freshness.FRESH:
        return _due(entry)
    return None


def _is_written_for_them(entry: Entry) -> bool:
    """Whether the office wrote what the entry says now. The first revision is made by the product
    from the base data, except of a service."""
    latest = entry.latest
    if latest is None or not latest.on_behalf:
        return False
    return latest.number > 1 or entry.kind == Entry.Kind.SERVICE


def _announced(entry: Any) -> Card:
    return Card(
        group="waiting",
        title=_("Ankündigung prüfen: %(name)s") % {"name": mails.name_of(entry)},
        url=reverse("directory:announcement", args=[entry.uuid]),
        text=_("Ohne Widerspruch veröffentlicht nach dem %(until)s")
        % {"until": deadline_words(entry.deadline)},
        due_on=last_day(entry.deadline),
        actor_for=_whose(entry),
    )


def _waiting(entry: Any) -> Card:
    return Card(
        group="waiting",
        title=_("Prüfen und freigeben: %(name)s") % {"name": mails.name_of(entry)},
        url=reverse("directory:state", args=[entry.uuid]),
        text=_("Die Geschäftsstelle hat etwas für Sie eingetragen. Ohne Ihre Freigabe ist es nicht "
               "zu lesen."),
        actor_for=_whose(entry),
    )  # fmt: skip


def _due(entry: Any) -> Card:
    assured = timezone.localtime(entry.assured_at)
    day = date_format(assured, "SHORT_DATE_FORMAT")
    return Card(
        group="due",
        title=_("Stimmt noch alles? %(name)s") % {"name": mails.name_of(entry)},
        url=reverse("directory:confirm", args=[entry.uuid]),
        text=_("zuletzt bestätigt am %(day)s") % {"day": day},
        due_on=(assured + timedelta(days=freshness.DUE_AFTER.days)).date(),
        late=freshness.freshness_of(entry, clock.now()) != freshness.DUE,
        actor_for=_whose(entry),
    )


def _whose(entry: Entry) -> str:
    return entry.organisation.name if entry.organisation else ""
