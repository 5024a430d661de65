"""Starting, finishing, repeating and deleting an assessment."""

from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from lotse.foundation.core import actionlog, clock, once, trash
from lotse.foundation.core.actor import EDIT, READ, SYSTEM, Actor
from lotse.foundation.core.db import update_versioned
from lotse.foundation.core.errors import Refused
from lotse.foundation.core.permissions import require
from lotse.foundation.core.ref import Ref
from lotse.foundation.documents import services as documents
from lotse.foundation.measures import services as measures
from lotse.foundation.parties.models import Network, Organisation
from lotse.rooms.checks.models import Assessment, Check
from lotse.rooms.checks.services import links


@transaction.atomic
def start_assessment(
    check: Check,
    *,
    actor: Actor,
    key: str,
    network: Network | None,
    organisation_name: str = "",
    scope: str = Assessment.Scope.ORGANISATION,
    unit: str = "",
    organisation: Organisation | None = None,
) -> Assessment:
    """A new assessment of the current revision with its two secret links.

    It belongs to the person who is signed in, and to `organisation` where the person edits it.
    The same form sent twice gives the same assessment. Raises Refused when the check is not
    published, NotAllowed for somebody else's organisation.
    """
    if organisation is not None:
        require("parties.organisation.edit", actor, organisation)
    claim = once.claim(key, scope=f"checks.start:{check.uuid}")
    if claim.repeated:
        return _first(claim.answer)
    if check.current_id is None:
        raise Refused(_("Dieser Check ist nicht veröffentlicht."))
    assessment = Assessment.objects.create(
        network=network,
        revision_id=check.current_id,
        organisation_name=organisation_name,
        scope=scope,
        unit=unit if scope == Assessment.Scope.TEAM else "",
        owner_id=actor.person,
        organisation=organisation,
    )
    _give_links(assessment)
    claim.remember(str(assessment.uuid))
    actionlog.record("checks.assessment.started", assessment, actor=actor, subject=assessment.uuid)
    return assessment


def _give_links(assessment: Assessment) -> None:
    links.create_link(assessment, EDIT)
    links.create_link(assessment, READ)


def _first(uuid: str) -> Assessment:
    found = Assessment.objects.filter(uuid=uuid).first()
    if found is None:
        raise Refused(_("Diese Bewertung wurde inzwischen gelöscht."))
    return found


@transaction.atomic
def start_next_round(assessment: Assessment, *, actor: Actor, key: str) -> Assessment:
    """A new round of the same check: same scope, newest revision, empty answers.

    It gets the next free number of the series, also when two begin one at the same time.
    """
    authorise(assessment, actor)
    claim = once.claim(key, scope=f"checks.round:{assessment.uuid}")
    if claim.repeated:
        return _first(claim.answer)
    current = assessment.revision.check_ref.current
    following = Assessment.objects.create(
        network_id=assessment.network_id,
        revision=current or assessment.revision,
        organisation_id=assessment.organisation_id,
        owner_id=assessment.owner_id,
        organisation_name=assessment.organisation_name,
        scope=assessment.scope,
        unit=assessment.unit,
        series=assessment.series,
        previous=assessment,
        round=_next_number(assessment.series),
        is_demo=assessment.is_demo,
    )
    _give_links(following)
    claim.remember(str(following.uuid))
    actionlog.record("checks.assessment.repeated", following, actor=actor, subject=following.uuid)
    return following


def _next_number(series: UUID) -> int:
    """Holds the first round until the new one is stored: whoever comes at the same time waits and
    then counts it (on SQLite the transaction itself waits). Answers can go on. Two queries."""
    rounds = Assessment.objects.filter(series=series)
    list(rounds.select_for_update(no_key=True).order_by("pk").values_list("pk", flat=True)[:1])
    newest = rounds.aggregate(newest=Max("round"))["newest"]
    return int(newest or 0) + 1


@transaction.atomic
def change_scope(
    assessment: Assessment,
    *,
    actor: Actor,
    key: str,
    expected: int,
    organisation_name: str,
    scope: str,
    unit: str,
) -> None:
    """Names for whom the check is done. Raises Conflict, NotAllowed."""
    authorise(assessment, actor)
    if once.claim(key, scope=f"checks.scope:{assessment.uuid}").repeated:
        return
    changes = {
        "organisation_name": organisation_name,
        "scope": scope,
        "unit": unit if scope == Assessment.Scope.TEAM else "",
    }
    before = {name: getattr(assessment, name) for name in changes}
    update_versioned(assessment, expected=expected, **changes)
    actionlog.record(
        "checks.assessment.scope_changed",
        assessment,
        actor=actor,
        before=before,
        after=changes,
        subject=assessment.uuid,
    )


def touch(assessment: Assessment) -> bool:
    """Remembers that the series was opened today; whether that was news. One query a day.

    The whole series: the plan of a round shows what is still open of the rounds before it.
    """
    today = clock.today()
    if assessment.opened_on == today:
        return False
    Assessment.objects.filter(series=assessment.series).update(opened_on=today)
    return True


@transaction.atomic
def delete_assessment(assessment: Assessment, *, actor: Actor) -> None:
    """Deletes answers, notes, measures, files and links; one log line without content stays.

    Later rounds stay and lose their link to this one. Raises NotAllowed.
    """
    authorise_owner(assessment, actor)
    uuid = assessment.uuid
    documents.delete_of_subject(uuid)
    measures.delete_of_origin(Ref.to(assessment))
    trash.forget(uuid)
    actionlog.forget(uuid)
    actionlog.record("checks.assessment.deleted", assessment, actor=actor)
    assessment.delete()


@transaction.atomic
def delete_rounds(found: list[Assessment], *, actor: Actor) -> None:
    """Deletes several rounds, or none. Raises NotAllowed."""
    # The newest last: its link is what opens the others.
    for assessment in sorted(found, key=lambda each: each.round):
        delete_assessment(assessment, actor=actor)


def delete_expired() -> int:
    """Deletes guests' assessments not opened for 24 months (rulings); returns how many."""
    border = clock.today() - timedelta(days=settings.GUEST_RETENTION_MONTHS * 30.4375 // 1)
    expired = Assessment.objects.filter(
        opened_on__lt=border, is_demo=False, owner=None, organisation=None
    )
    count = 0
    for assessment in expired.iterator(chunk_size=100):
        delete_assessment(assessment, actor=SYSTEM)
        count += 1
    return count


def authorise_owner(assessment: Assessment, actor: Actor) -> None:
    """Raises NotAllowed unless the actor decides about it: the owner, where there is one; whoever
    may edit, where it is a guest's."""
    if assessment.owner_id is None and assessment.organisation_id is None:
        authorise(assessment, actor)
    else:
        require("checks.assessment.own", actor, assessment)


def authorise(assessment: Assessment, actor: Actor) -> None:
    """Raises NotAllowed unless the actor may edit; no query for what a view loaded to edit."""
    require("checks.assessment.edit", actor, assessment)
