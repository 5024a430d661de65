"""Who may see checks, and who may see and change an assessment."""

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from lotse.foundation.core.actor import EDIT, READ, Actor
from lotse.foundation.core.permissions import EVERYBODY, NOBODY, rule
from lotse.rooms.checks.models import AccessLink, Assessment, Check, Share


@rule(
    "checks.check.view",
    model=Check,
    title=_("Check ansehen und beginnen"),
    sentence=_("Veröffentlichte Checks sehen und beginnen alle, auch ohne Konto."),
)
def view_check(actor: Actor) -> Q:
    return Q(current__isnull=False)


@rule(
    "checks.check.manage",
    model=Check,
    title=_("Checks einlesen und veröffentlichen"),
    sentence=_(
        "Checks gelten für alle Netzwerke dieser Installation: Einlesen, veröffentlichen und "
        "zurückziehen darf sie nur der Betrieb."
    ),
    known_by="checks.check.view",
)
def manage_check(actor: Actor) -> Q:
    return EVERYBODY if actor.operates else NOBODY


@rule(
    "checks.assessment.view",
    model=Assessment,
    title=_("Bewertung lesen"),
    sentence=_(
        "Eine Bewertung liest, wer ihren geheimen Link geöffnet hat, wem sie gehört, wer die "
        "Organisation bearbeiten darf und mit wem sie geteilt wurde. Sonst niemand, auch nicht die "
        "Geschäftsstelle."
    ),
)
def view_assessment(actor: Actor) -> Q:
    return _opened(actor, READ, EDIT) | _held(actor, READ, EDIT)


@rule(
    "checks.assessment.edit",
    model=Assessment,
    title=_("Bewertung bearbeiten"),
    sentence=_(
        "Eine Bewertung bearbeitet, wer ihren Link zum Bearbeiten geöffnet hat, wem sie gehört, "
        "wer die Organisation bearbeiten darf und mit wem sie zum Bearbeiten geteilt wurde."
    ),
    known_by="checks.assessment.view",
)
def edit_assessment(actor: Actor) -> Q:
    return _opened(actor, EDIT) | _held(actor, EDIT)


@rule(
    "checks.assessment.own",
    model=Assessment,
    title=_("Bewertung teilen und zuordnen"),
    sentence=_(
        "Mit wem eine Bewertung geteilt wird, entscheidet, wem sie gehört, und wer die "
        "Organisation bearbeiten darf."
    ),
    known_by="checks.assessment.view",
)
def own_assessment(actor: Actor) -> Q:
    if actor.trusted:
        return EVERYBODY
    return _owned(actor)


def _opened(actor: Actor, *levels: str) -> Q:
    """Assessments of which the visitor opened a link of one of these levels that still holds; the
    link of a round opens the rounds before it."""
    if actor.trusted:
        return EVERYBODY
    if not actor.keys:
        return NOBODY
    return Q(
        Exists(
            AccessLink.objects.filter(
                uuid__in=actor.keys,
                level__in=levels,
                revoked_at=None,
                assessment__series=OuterRef("series"),
                assessment__round__gte=OuterRef("round"),
            )
        )
    )


def _owned(actor: Actor) -> Q:
    """What the person claimed, and what belongs to organisations the person edits; what belongs
    to an organisation is nobody's any more who has left it (T05)."""
    if actor.person is None:
        return NOBODY
    found = Q(owner=actor.person) & _of_nobody_or(actor.organisations())
    organisations = actor.organisations(edit=True)
    return found | Q(organisation__in=organisations) if organisations else found


def _of_nobody_or(organisations: frozenset[int]) -> Q:
    free = Q(organisation=None)
    return free | Q(organisation__in=organisations) if organisations else free


def _held(actor: Actor, *levels: str) -> Q:
    """What the person owns, and what others shared with the person."""
    if actor.trusted or actor.person is None:
        return NOBODY
    shares = Share.objects.filter(
        series=OuterRef("series"), person=actor.person, level__in=levels, ended_at=None
    )
    return _owned(actor) | Q(Exists(shares))
