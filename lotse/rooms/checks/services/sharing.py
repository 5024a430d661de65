"""Whose an assessment is, and who else sees it: claiming, giving to an organisation, sharing."""

from collections.abc import Iterable
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from lotse.foundation.core import actionlog, clock, once
from lotse.foundation.core.actor import EDIT, READ, Actor
from lotse.foundation.core.db import update_versioned
from lotse.foundation.core.errors import NotAllowed, Refused
from lotse.foundation.core.permissions import require
from lotse.foundation.parties.models import Organisation, Person
from lotse.rooms.checks.models import AccessLink, Assessment, Share


@transaction.atomic
def claim_assessment(assessment: Assessment, *, actor: Actor) -> bool:
    """The signed-in person takes a guest's assessment, with all rounds, into the own account.

    Only what nobody owns yet and the person may edit. False where it already is the person's own.
    Raises NotAllowed, Refused where it belongs to somebody else.
    """
    require("checks.assessment.edit", actor, assessment)
    if actor.person is None:
        raise NotAllowed("checks.assessment.own")
    if assessment.owner_id == actor.person:
        return False
    if assessment.owner_id is not None or assessment.organisation_id is not None:
        raise Refused(_("Diese Bewertung gehört schon zu einem anderen Konto."))
    series = Assessment.objects.filter(series=assessment.series, owner=None, organisation=None)
    series.update(owner=actor.person, version=F("version") + 1)
    actionlog.record("checks.assessment.claimed", assessment, actor=actor, subject=assessment.uuid)
    return True


def claim_started(series: Iterable[UUID], *, actor: Actor) -> int:
    """Claims what this browser started before its person signed in; returns how many series."""
    if actor.person is None:
        return 0
    count = 0
    newest = Assessment.objects.filter(series__in=list(series), owner=None, organisation=None)
    for assessment in newest.order_by("series", "-round").iterator(chunk_size=100):
        try:
            count += claim_assessment(assessment, actor=actor)
        except (NotAllowed, Refused):
            continue  # its link was replaced, or another round of it was just claimed
    return count


@transaction.atomic
def give_to_organisation(
    assessment: Assessment, organisation: Organisation | None, *, actor: Actor, expected: int
) -> None:
    """All rounds belong to an organisation from now on: whoever may edit it shares them; None
    takes them back to the owner alone. Raises NotAllowed, Conflict, Refused."""
    require("checks.assessment.own", actor, assessment)
    if organisation is not None:
        require("parties.organisation.edit", actor, organisation)
    elif assessment.owner_id is None:
        raise Refused(_("Diese Bewertung hat noch keine Person, der sie gehört."))
    before = assessment.organisation
    update_versioned(assessment, expected=expected, organisation=organisation)
    rest = Assessment.objects.filter(series=assessment.series).exclude(pk=assessment.pk)
    rest.update(organisation=organisation, version=F("version") + 1)
    actionlog.record(
        "checks.assessment.given",
        assessment,
        actor=actor,
        before={"organisation": str(before.uuid) if before else None},
        after={"organisation": str(organisation.uuid) if organisation else None},
        subject=assessment.uuid,
    )


@transaction.atomic
def share(assessment: Assessment, person: Person, level: str, *, actor: Actor, key: str) -> Share:
    """Shares all rounds with one person. Sharing again changes the level. Raises NotAllowed."""
    require("checks.assessment.own", actor, assessment)
    if level not in (READ, EDIT):
        raise Refused(_("Bitte wählen Sie, ob die Person lesen oder auch bearbeiten darf."))
    if person.pk == actor.person:
        raise Refused(_("Mit sich selbst müssen Sie nicht teilen."))
    claim = once.claim(key, scope=f"checks.share:{assessment.series}")
    if claim.repeated:
        return Share.objects.get(uuid=claim.answer)
    found = Share.objects.filter(series=assessment.series, person=person, ended_at=None).first()
    if found is None:
        found = Share.objects.create(series=assessment.series, person=person, level=level)
    elif found.level != level:
        update_versioned(found, expected=found.version, level=level)
    claim.remember(str(found.uuid))
    actionlog.record(
        "checks.assessment.shared",
        found,
        actor=actor,
        after={"person": str(person.uuid), "level": level},
        subject=assessment.uuid,
    )
    return found


@transaction.atomic
def end_share(assessment: Assessment, share: Share, *, actor: Actor) -> None:
    """Ends it: the person sees nothing more at the next request. The person may end it too."""
    if share.person_id != actor.person:
        require("checks.assessment.own", actor, assessment)
    if share.series != assessment.series:
        raise NotAllowed("checks.assessment.own")
    if share.ended_at is None:
        update_versioned(share, expected=share.version, ended_at=clock.now())
        if share.level == EDIT:
            _replace_links(assessment)
    actionlog.record("checks.share.ended", share, actor=actor, subject=assessment.uuid)


def _replace_links(assessment: Assessment) -> None:
    """Links the person may have seen before the assessment was owned open nothing any more."""
    AccessLink.objects.filter(assessment__series=assessment.series, revoked_at=None).update(
        revoked_at=clock.now(), version=F("version") + 1
    )


def take_over(keep: int, other: int) -> None:
    """Two people are one: what the second owned or was shown is the first one's."""
    Assessment.objects.filter(owner=other).update(owner=keep)
    held = Share.objects.filter(person=keep, ended_at=None).values("series")
    Share.objects.filter(person=other, ended_at=None, series__in=held).update(ended_at=clock.now())
    Share.objects.filter(person=other).update(person=keep)


def hand_over(person: int, successor: int, organisation: int) -> int:
    """A contact person leaves: what they own of the organisation is the successor's."""
    return Assessment.objects.filter(owner=person, organisation=organisation).update(
        owner=successor
    )
