"""Who may read the action log."""

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from lotse.foundation.core.actor import Actor
from lotse.foundation.core.models import LogEntry
from lotse.foundation.core.permissions import EVERYBODY, NOBODY, rule
from lotse.foundation.parties.models import (
    Affiliation,
    Invitation,
    MailClosing,
    Network,
    NetworkPage,
    Organisation,
    Person,
    Report,
    RoleGrant,
)
from lotse.foundation.parties.permissions import READERS
from lotse.rooms.directory.models import (
    Announcement,
    Application,
    Entry,
    Joining,
    OfficeNote,
    Template,
)

_OWN: tuple[tuple[type, str], ...] = (
    (Organisation, "network__in"),
    (Affiliation, "organisation__network__in"),
    (RoleGrant, "network__in"),
    (Invitation, "network__in"),
    (NetworkPage, "network__in"),
    (MailClosing, "network__in"),
    (Report, "network__in"),
    (Entry, "network__in"),
    (Announcement, "entry__network__in"),
    (OfficeNote, "entry__network__in"),
    (Template, "network__in"),
    (Joining, "network__in"),
    (Application, "network__in"),
    (Person, "home__in"),
    (Person, "affiliations__organisation__network__in"),
    (Person, "grants__network__in"),
)


@rule(
    "desk.log.view",
    model=LogEntry,
    title=_("Protokoll lesen"),
    sentence=_(
        "Das Protokoll eines Netzwerks, seiner Organisationen, Personen, Rollen, Einladungen, "
        "Seiten, Mailtexte, Steckbriefe und Bewerbungen und das der Themen lesen Geschäftsstelle, "
        "Koordination und Revision, alles der Betrieb. Was jemand in einer Bewertung tut, lesen "
        "sie nicht."
    ),
)
def view_log(actor: Actor) -> Q:
    if actor.operates:
        return EVERYBODY
    held = actor.networks_as(*READERS)
    if not held:
        return NOBODY
    networks = Network.objects.filter(pk__in=held).values("uuid")
    found = Q(object_type="topics.topic") | Q(object_uuid__in=networks)
    for model, field in _OWN:
        rows = model._default_manager.filter(**{field: held})  # type: ignore[attr-defined]  # a model
        found |= Q(object_uuid__in=rows.values("uuid"))
    return found
