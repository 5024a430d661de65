"""Which Steckbriefe, applications and objections wait for the office: for the list, for the
desk's front page and for "Heute"."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, F, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import ngettext

from lotse.foundation.core import clock
from lotse.foundation.core.actor import Actor
from lotse.foundation.core.hooks import Card
from lotse.foundation.parties.models import Network
from lotse.rooms.directory.content import freshness
from lotse.rooms.directory.models import Announcement, Application, Channel, Entry, Publication
from lotse.rooms.directory.permissions import let_through
from lotse.rooms.directory.queries.joining import open_applications

State = Announcement.State


def objections(now: datetime) -> QuerySet[Announcement]:
    """Objections nobody dealt with: since then nothing of the entry was announced or published."""
    newer = Announcement.objects.filter(
        entry=OuterRef("entry"), created_at__gt=OuterRef("created_at")
    )
    since = Publication.objects.filter(
        entry=OuterRef("entry"), created_at__gte=OuterRef("answered_at"), effective_at__lte=now
    )
    return Announcement.objects.filter(~Exists(newer), ~Exists(since), state=State.OBJECTED)


def running(now: datetime) -> QuerySet[Announcement]:
    """Announcements that can still be answered, of the entry of the query around."""
    return Announcement.objects.filter(entry=OuterRef("pk"), state=State.OPEN, deadline__gt=now)


def held(now: datetime) -> QuerySet[Publication]:
    """What is let through now, of the entry of the query around."""
    return Publication.objects.filter(
        Q(ended_at=None) | Q(ended_at__gt=now), entry=OuterRef("pk"), effective_at__lte=now
    )


def never_confirmed() -> Q:
    """Entries of which nobody with the right ever said that they are true: `was_assured` for many
    rows."""
    return Q(assured_at__lte=F("created_at") + freshness.SAME_MOMENT)


def state_q(state: str) -> Q | None:
    """Entries in a state of the list; None for one that is no such state."""
    now = clock.now()
    if state == "faellig":
        return Q(Exists(held(now)), assured_at__lte=now - freshness.DUE_AFTER)
    if state == "unbestaetigt":
        return Q(Exists(held(now)), assured_at__lte=now - freshness.UNCONFIRMED_AFTER)
    if state == "niebestaetigt":
        return never_confirmed()
    if state == "einwilligung":
        return Q(kind=Entry.Kind.PERSON) & ~(
            let_through(Channel.WEB) | let_through(Channel.MEMBERS)
        )
    if state == "angekuendigt":
        return Q(Exists(running(now)))
    if state == "widersprochen":
        return Q(Exists(objections(now).filter(entry=OuterRef("pk"))))
    if state == "nie":
        ever = Publication.objects.filter(entry=OuterRef("pk"), effective_at__lte=now)
        return ~Q(Exists(ever))
    return None


# What of these waits for the office, in the order it is told.
_WAITING = ("widersprochen", "faellig", "unbestaetigt", "einwilligung")


def counted(network: Any) -> dict[str, Any]:
    """Annotations of a network, in its one query: applications that wait, objections nobody dealt
    with, entries to be confirmed (all, and long ago), people whose consent is awaited."""
    entries = Entry.objects.filter(network=network, archived_at=None)
    waiting = Application.objects.filter(open_applications(), network=network)
    return {
        "n_applications": _number(waiting),
        **{f"n_{state}": _number(entries.filter(state_q(state))) for state in _WAITING},
    }


def _number(rows: Any) -> Any:
    counting = rows.order_by().values("network").annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counting, output_field=IntegerField()), 0)


@dataclass(frozen=True)
class Waiting:
    """One line of what waits, with its list and what it means; `group` as on "Heute"."""

    text: str
    url: str
    sub: str = ""
    group: str = "waiting"


def lines_of(found: Mapping[str, Any]) -> list[Waiting]:
    """What waits in a network, from its annotations. No query."""
    lines = []
    if n := found.get("n_applications"):
        words = ngettext("%(n)s Bewerbung wartet", "%(n)s Bewerbungen warten", n) % {"n": n}
        lines.append(Waiting(words, reverse("desk:applications") + "?stand=offen"))
    if n := found.get("n_widersprochen"):
        words = ngettext("%(n)s Ankündigung wurde widersprochen",
                         "%(n)s Ankündigungen wurde widersprochen", n) % {"n": n}  # fmt: skip
        lines.append(Waiting(words, _list("widersprochen")))
    if n := found.get("n_faellig"):
        words = ngettext("%(n)s Steckbrief ist zu bestätigen",
                         "%(n)s Steckbriefe sind zu bestätigen", n) % {"n": n}  # fmt: skip
        lines.append(Waiting(words, _list("faellig"), _unconfirmed(found), "due"))
    if n := found.get("n_einwilligung"):
        words = ngettext("%(n)s Steckbrief wartet auf Einwilligung",
                         "%(n)s Steckbriefe warten auf Einwilligung", n) % {"n": n}  # fmt: skip
        lines.append(Waiting(words, _list("einwilligung")))
    return lines


def _unconfirmed(found: Mapping[str, Any]) -> str:
    if not (n := found.get("n_unbestaetigt")):
        return ""
    words = ngettext("%(n)s davon seit mehr als 14 Monaten nicht bestätigt",
                     "%(n)s davon seit mehr als 14 Monaten nicht bestätigt", n)  # fmt: skip
    return words % {"n": n}


def _list(state: str) -> str:
    return reverse("desk:entries") + f"?stand={state}"


def cards_of(actor: Actor) -> list[Card]:
    """What waits for the office on "Heute": one card for each kind of work. One query for people
    of an office, none for others."""
    networks = actor.networks_as("office")
    if actor.person is None or not networks:
        return []
    rows = Network.objects.filter(pk__in=networks).exclude(state=Network.State.ENDED)
    found = rows.order_by("name").values("name", **counted(OuterRef("pk")))
    return [card for one in found for card in _cards(one, one["name"] if len(networks) > 1 else "")]


def _cards(found: Mapping[str, Any], network: str) -> Iterable[Card]:
    for line in lines_of(found):
        text = " · ".join(filter(None, [line.sub, network]))
        yield Card(group=line.group, title=line.text, url=line.url, text=text)
