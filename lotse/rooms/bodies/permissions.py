"""Who may do what with bodies, their meetings and minutes: roles held in the body, the office."""

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from lotse.foundation.core import clock
from lotse.foundation.core.actor import Actor
from lotse.foundation.core.permissions import EVERYBODY, NOBODY, rule
from lotse.foundation.parties.models import Body
from lotse.foundation.parties.standing import holds_on
from lotse.rooms.bodies.models import (
    Appointment,
    Attendance,
    Charter,
    Idea,
    Mandate,
    Meeting,
    Minutes,
    Presence,
)

INSIDE = ("chair", "minute_taker", "delegate")
RUNNING = ("chair", "minute_taker")
OFFICE = ("office",)
OVERSEEING = ("office", "auditor")
LEVEL = Charter.Level


def of_bodies(actor: Actor, prefix: str, held: tuple[str, ...], at_large: tuple[str, ...]) -> Q:
    """Things whose body (reached by `prefix`, as "meeting__body__") the actor holds one of the
    roles in, or whose network one of the roles at large; all for the operator and commands."""
    if actor.operates:
        return EVERYBODY
    found = NOBODY
    if bodies := actor.things_as(*held):
        found = Q(**{f"{prefix}uuid__in": bodies})
    if networks := actor.networks_as(*at_large):
        found |= Q(**{f"{prefix}network__in": networks})
    return found


def _by_level(actor: Actor, prefix: str, level: str) -> Q:
    """Things that their level opens to everybody or to the actor's networks."""
    found = Q(**{level: LEVEL.PUBLIC})
    if networks := actor.own_networks:
        found |= Q(**{level: LEVEL.NETWORK, f"{prefix}network__in": networks})
    return found


@rule(
    "bodies.body.view",
    model=Body,
    title=_("Gremium ansehen"),
    sentence=_(
        "Ein öffentliches Gremium sehen alle, eines des Netzwerks alle, die dazugehören, jedes "
        "andere seine Mitglieder, Geschäftsstelle, Revision und Betrieb."
    ),
)
def view_body(actor: Actor) -> Q:
    return of_bodies(actor, "", INSIDE, OVERSEEING) | _by_level(actor, "", "charter__level")


@rule(
    "bodies.body.inside",
    model=Body,
    title=_("Inneres eines Gremiums lesen"),
    sentence=_(
        "Mitgliederliste, Sitzungen und Themenspeicher lesen die Mitglieder des Gremiums, "
        "Geschäftsstelle, Revision und Betrieb."
    ),
    known_by="bodies.body.view",
)
def inside_body(actor: Actor) -> Q:
    return of_bodies(actor, "", INSIDE, OVERSEEING)


@rule(
    "bodies.body.run",
    model=Body,
    title=_("Sitzungen eines Gremiums führen"),
    sentence=_(
        "Sitzungen anlegen, einladen und protokollieren Vorsitz, Schriftführung und "
        "Geschäftsstelle."
    ),
    known_by="bodies.body.view",
)
def run_body(actor: Actor) -> Q:
    return of_bodies(actor, "", RUNNING, OFFICE)


@rule(
    "bodies.body.manage",
    model=Body,
    title=_("Gremium verwalten"),
    sentence=_("Aufgabe, Regeln und Mandate eines Gremiums ändert die Geschäftsstelle."),
    known_by="bodies.body.view",
)
def manage_body(actor: Actor) -> Q:
    return of_bodies(actor, "", (), OFFICE)


@rule(
    "bodies.body.join",
    model=Body,
    title=_("Offenem Gremium beitreten"),
    sentence=_("Einem offenen Gremium treten Personen bei, die zum Netzwerk gehören."),
    known_by="bodies.body.view",
)
def join_body(actor: Actor) -> Q:
    if actor.person is None or not actor.own_networks:
        return NOBODY
    return Q(charter__is_open=True, network__in=actor.own_networks, state=Body.State.ACTIVE)


@rule(
    "bodies.mandate.view",
    model=Mandate,
    title=_("Mandat ansehen"),
    sentence=_(
        "Ein Mandat sehen die Mitglieder des Gremiums, Geschäftsstelle, Revision und Betrieb, und "
        "wer seine Organisation vertritt."
    ),
)
def view_mandate(actor: Actor) -> Q:
    found = of_bodies(actor, "body__", INSIDE, OVERSEEING)
    if seats := actor.organisations(represent=True):
        found |= Q(organisation__in=seats)
    return found


@rule(
    "bodies.mandate.fill",
    model=Mandate,
    title=_("Mandat besetzen"),
    sentence=_(
        "Wer auf einem Mandat sitzt und wer vertritt, bestimmt die Geschäftsstelle, und wer die "
        "Organisation des Mandats vertreten darf."
    ),
    known_by="bodies.mandate.view",
)
def fill_mandate(actor: Actor) -> Q:
    found = of_bodies(actor, "body__", (), OFFICE)
    if seats := actor.organisations(represent=True):
        found |= Q(organisation__in=seats)
    return found


@rule(
    "bodies.meeting.view",
    model=Meeting,
    title=_("Sitzung ansehen"),
    sentence=_(
        "Eine Sitzung mit Tagesordnung und Unterlagen sehen die Mitglieder des Gremiums, wer als "
        "Gast eingeladen ist, Geschäftsstelle, Revision und Betrieb."
    ),
)
def view_meeting(actor: Actor) -> Q:
    return of_bodies(actor, "body__", INSIDE, OVERSEEING) | _invited(actor)


# Who comes as a guest holds no seat: the invitation alone lets them in. Everybody else is let in
# by the seat or the office they hold now, so that who left is out (T05).
AS_GUEST = Q(part=Attendance.Part.GUEST, mandate=None)


def _invited(actor: Actor) -> Q:
    if actor.person is None:
        return NOBODY
    own = Attendance.objects.filter(
        AS_GUEST, meeting=OuterRef("pk"), person=actor.person, invited_at__isnull=False
    )
    return Q(Exists(own))


def was_there(actor: Actor) -> Q:
    """Places on lists of those present of the person as a guest, or where the person was there:
    they read the minutes of that meeting for good."""
    return (AS_GUEST | Q(presences__isnull=False)) & Q(person=actor.person)


@rule(
    "bodies.meeting.attend",
    model=Meeting,
    title=_("An einer Sitzung teilnehmen"),
    sentence=_(
        "In der laufenden Sitzung melden sich zu Wort und schreiben mit, wer im Gremium sitzt oder "
        "eingeladen ist, und die Geschäftsstelle."
    ),
    known_by="bodies.meeting.view",
)
def attend_meeting(actor: Actor) -> Q:
    return of_bodies(actor, "body__", INSIDE, OFFICE) | _invited(actor)


@rule(
    "bodies.meeting.run",
    model=Meeting,
    title=_("Sitzung führen"),
    sentence=_(
        "Tagesordnung, Einladung, Anwesenheit und Ergebnisse einer Sitzung ändern Vorsitz, "
        "Schriftführung und Geschäftsstelle."
    ),
    known_by="bodies.meeting.view",
)
def run_meeting(actor: Actor) -> Q:
    return of_bodies(actor, "body__", RUNNING, OFFICE)


@rule(
    "bodies.minutes.view",
    model=Minutes,
    title=_("Protokoll einer Sitzung lesen"),
    sentence=_(
        "Ein Protokoll lesen von der Verschickung an die Mitglieder und Gäste der Sitzung, "
        "Geschäftsstelle, Revision und Betrieb; ein veröffentlichtes alle, für die es freigegeben "
        "ist. Den Entwurf sehen nur, wer die Sitzung führt, und die Revision."
    ),
)
def view_minutes(actor: Actor) -> Q:
    if actor.operates:
        return EVERYBODY
    out = ~Q(state=Minutes.State.DRAFT)
    inside = of_bodies(actor, "meeting__body__", INSIDE, OVERSEEING) & out
    level = _by_level(actor, "meeting__body__", "level") & Q(state=Minutes.State.PUBLISHED)
    found = inside | level | of_bodies(actor, "meeting__body__", RUNNING, OVERSEEING)
    if actor.person is not None:
        guest = Attendance.objects.filter(was_there(actor), meeting=OuterRef("meeting"))
        found |= Q(Exists(guest)) & out
    return found


@rule(
    "bodies.minutes.write",
    model=Minutes,
    title=_("Protokoll führen"),
    sentence=_(
        "Ein Protokoll bearbeiten, verschicken und genehmigen lassen Vorsitz, Schriftführung und "
        "Geschäftsstelle."
    ),
    known_by="bodies.minutes.view",
)
def write_minutes(actor: Actor) -> Q:
    return of_bodies(actor, "meeting__body__", RUNNING, OFFICE)


@rule(
    "bodies.minutes.object",
    model=Minutes,
    title=_("Einwand gegen ein Protokoll erheben"),
    sentence=_("Einwände erhebt, wer in der Sitzung anwesend war, solange die Frist läuft."),
    known_by="bodies.minutes.view",
)
def object_to_minutes(actor: Actor) -> Q:
    if actor.person is None:
        return NOBODY
    there = Presence.objects.filter(
        attendance__meeting=OuterRef("meeting"), attendance__person=actor.person
    )
    return Q(Exists(there)) & ~Q(state=Minutes.State.DRAFT)


@rule(
    "bodies.idea.view",
    model=Idea,
    title=_("Themenspeicher lesen"),
    sentence=_("Den Themenspeicher lesen die Mitglieder des Gremiums und wer alle liest."),
)
def view_idea(actor: Actor) -> Q:
    return of_bodies(actor, "body__", INSIDE, OVERSEEING)


@rule(
    "bodies.idea.sort",
    model=Idea,
    title=_("Themenspeicher ordnen"),
    sentence=_("Über den Weg eines Themas entscheiden Vorsitz, Schriftführung, Geschäftsstelle."),
    known_by="bodies.idea.view",
)
def sort_idea(actor: Actor) -> Q:
    return of_bodies(actor, "body__", RUNNING, OFFICE)


@rule(
    "bodies.appointment.view",
    model=Appointment,
    title=_("Gemeinsamen Termin ansehen"),
    sentence=_("Gemeinsame Termine von Partnern sehen alle, die zum Netzwerk gehören."),
)
def view_appointment(actor: Actor) -> Q:
    if actor.operates:
        return EVERYBODY
    return Q(network__in=actor.own_networks) if actor.own_networks else NOBODY


@rule(
    "bodies.appointment.edit",
    model=Appointment,
    title=_("Gemeinsamen Termin ändern"),
    sentence=_(
        "Gemeinsame Termine ändern Geschäftsstelle und Koordination, und wer eine beteiligte "
        "Organisation bearbeiten darf."
    ),
    known_by="bodies.appointment.view",
)
def edit_appointment(actor: Actor) -> Q:
    if actor.operates:
        return EVERYBODY
    found = NOBODY
    if networks := actor.networks_as("office", "coordinator"):
        found |= Q(network__in=networks)
    if seats := actor.organisations(edit=True):
        taking_part = Appointment.organisations.through.objects.filter(
            appointment=OuterRef("pk"), organisation__in=seats
        )
        found |= Q(Exists(taking_part))
    return found


def holds_now(prefix: str = "") -> Q:
    """Mandates and holders of today."""
    return holds_on(clock.today(), prefix)


def not_over(prefix: str = "") -> Q:
    """Mandates, holders and roles of today and of later."""
    return Q(**{f"{prefix}ends_on": None}) | Q(**{f"{prefix}ends_on__gte": clock.today()})
