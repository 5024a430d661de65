"""Who may read, edit, publish and look after entries of the directory."""

from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from lotse.foundation.core import clock
from lotse.foundation.core.actor import Actor
from lotse.foundation.core.permissions import EVERYBODY, NOBODY, rule
from lotse.foundation.parties.models import Consent, Network, Person
from lotse.foundation.parties.permissions import in_networks, of_networks
from lotse.rooms.directory.models import (
    Application,
    Channel,
    Entry,
    Publication,
    SavedSearch,
    Template,
)

READERS = ("office", "coordinator", "auditor")


def let_through(channel: str) -> Q:
    """Entries of which a revision is let through for the channel at this moment: of people only
    with their consent (product rule 2), of services only with their organisation."""
    now = clock.now()
    own = _effective(now, channel, OuterRef("pk"))
    carrier = _effective(
        now,
        channel,
        Entry.objects.filter(
            kind=Entry.Kind.ORGANISATION,
            organisation=OuterRef(OuterRef("organisation")),
            archived_at=None,
        ).values("pk")[:1],
    )
    return Q(Exists(own), archived_at=None) & ~Q(network__state=Network.State.ENDED) & (
        Q(kind=Entry.Kind.ORGANISATION)
        | Q(Exists(carrier), kind=Entry.Kind.SERVICE)
        | Q(_consented(channel), kind=Entry.Kind.PERSON)
    )  # fmt: skip


def _effective(now: datetime, channel: str, entry: Any) -> QuerySet[Publication]:
    return Publication.objects.filter(
        Q(ended_at=None) | Q(ended_at__gt=now),
        entry=entry,
        channel=channel,
        effective_at__lte=now,
    )


def _consented(channel: str) -> Q:
    given = Consent.objects.filter(
        Q(network=None) | Q(network=OuterRef("network")),
        person=OuterRef("person"),
        purpose="profile",
        channel=channel,
        withdrawn_at=None,
    )
    return Q(Exists(given)) & _SHOWABLE


# What is restricted rests with the person and the office (GDPR art. 18), what is erased with
# nobody. Holds for entries of organisations, too.
_SHOWABLE = Q(person__erased_at=None, person__restricted_at=None, person__merged_into=None)


def is_withheld(person: Person) -> bool:
    """Whether entries of the person are shown to nobody who only reads. No query."""
    return bool(person.erased_at or person.restricted_at or person.merged_into_id)


def looks_after(actor: Actor, entry: Entry) -> bool:
    """Whether the actor reads drafts and earlier revisions as office, coordinator or auditor, the
    last two not of people who are restricted or erased. No query."""
    if actor.operates or entry.network.pk in actor.networks_as("office"):
        return True
    withheld = entry.person is not None and is_withheld(entry.person)
    return not withheld and entry.network.pk in actor.networks_as(*READERS)


@rule(
    "directory.entry.view",
    model=Entry,
    title=_("Steckbrief lesen"),
    sentence=_(
        "Öffentliche Steckbriefe lesen alle; die für Mitglieder, wer zum Netzwerk gehört; alle "
        "anderen nur, wer sie bearbeiten oder veröffentlichen darf, und Geschäftsstelle, "
        "Koordination, Revision. Den einer Person mit eingeschränkten Angaben lesen nur sie "
        "selbst und die Geschäftsstelle."
    ),
)
def view_entry(actor: Actor) -> Q:
    if actor.operates:
        return EVERYBODY
    seen = let_through(Channel.WEB)
    if actor.own_networks:
        seen |= let_through(Channel.MEMBERS) & Q(network__in=actor.own_networks)
    own = edit_entry(actor) | publish_entry(actor)
    return seen | own | (of_networks(actor, "network", *READERS) & _SHOWABLE)


@rule(
    "directory.entry.edit",
    model=Entry,
    title=_("Steckbrief bearbeiten"),
    sentence=_(
        "Steckbriefe einer Organisation bearbeiten ihre Personen mit dem Recht „darf bearbeiten“, "
        "den eigenen jede Person, alle im Auftrag die Geschäftsstelle."
    ),
    known_by="directory.entry.view",
)
def edit_entry(actor: Actor) -> Q:
    own = actor.organisations(edit=True)
    return (
        (of_networks(actor, "network", "office") & Q(person__erased_at=None))
        | (Q(organisation__in=own) if own else NOBODY)
        | (Q(person=actor.person) if actor.person else NOBODY)
    )


@rule(
    "directory.entry.publish",
    model=Entry,
    title=_("Steckbrief veröffentlichen"),
    sentence=_(
        "Veröffentlichen und zurückziehen darf für eine Organisation, wer dort das Recht „darf "
        "veröffentlichen“ hat, für sich selbst jede Person. Die Geschäftsstelle darf nur "
        "ankündigen."
    ),
    known_by="directory.entry.view",
)
def publish_entry(actor: Actor) -> Q:
    if actor.trusted:
        return EVERYBODY
    own = actor.organisations(publish=True)
    return (Q(organisation__in=own) if own else NOBODY) | (
        Q(person=actor.person) if actor.person else NOBODY
    )


@rule(
    "directory.entry.manage",
    model=Entry,
    title=_("Steckbriefe betreuen"),
    sentence=_(
        "Ankündigen, kennzeichnen, archivieren und intern notieren darf nur die Geschäftsstelle."
    ),
    known_by="directory.entry.view",
)
def manage_entry(actor: Actor) -> Q:
    return of_networks(actor, "network", "office")


@rule(
    "directory.template.view",
    model=Template,
    title=_("Vorlagen ansehen"),
    sentence=_("Vorlagen für Steckbriefe sieht, wer zum Netzwerk gehört."),
)
def view_template(actor: Actor) -> Q:
    if actor.operates:
        return EVERYBODY
    return Q(network__in=actor.own_networks) if actor.own_networks else NOBODY


@rule(
    "directory.template.manage",
    model=Template,
    title=_("Vorlagen festlegen"),
    sentence=_("Vorlagen für Steckbriefe legt die Geschäftsstelle fest."),
    known_by="directory.template.view",
)
def manage_template(actor: Actor) -> Q:
    return of_networks(actor, "network", "office")


@rule(
    "directory.network.manage",
    model=Network,
    title=_("Verzeichnis betreuen"),
    sentence=_(
        "Vorlagen, Regeln für neue Partner und Steckbriefe im Auftrag legt die Geschäftsstelle an."
    ),
    known_by="parties.network.view",
)
def manage_network(actor: Actor) -> Q:
    return in_networks(actor, "office")


@rule(
    "directory.application.manage",
    model=Application,
    title=_("Bewerbungen bearbeiten"),
    sentence=_("Bewerbungen neuer Partner sieht und entscheidet die Geschäftsstelle."),
)
def manage_application(actor: Actor) -> Q:
    return of_networks(actor, "network", "office")


@rule(
    "directory.search.own",
    model=SavedSearch,
    title=_("Gespeicherte Suchen"),
    sentence=_("Gespeicherte Suchen sieht und ändert nur, wem sie gehören."),
)
def own_search(actor: Actor) -> Q:
    return Q(person=actor.person) if actor.person else NOBODY
