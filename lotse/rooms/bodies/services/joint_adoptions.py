"""Writes to joint adoptions: a decision that several adopt, each on its own day (S1-18)."""

from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from lotse.foundation.core import actionlog, once, text
from lotse.foundation.core.actor import Actor
from lotse.foundation.core.db import update_versioned
from lotse.foundation.core.errors import Refused
from lotse.foundation.core.permissions import require
from lotse.foundation.parties.models import Body, Organisation
from lotse.rooms.bodies.models import JointAdoption, Outcome
from lotse.rooms.bodies.services import live
from lotse.rooms.bodies.services.locking import hold
from lotse.rooms.bodies.services.writing import check_open

RIGHT = "bodies.meeting.run"


@transaction.atomic
def add_adoption(
    outcome: Outcome, *, actor: Actor, who: str, adopted_on: date | None = None, key: str = ""
) -> JointAdoption:
    """Somebody else who adopts a decision: an organisation or body of the network by its name,
    else in words. Raises NotAllowed, Refused (no decision, nobody named, named already, closed)."""
    meeting = outcome.item.meeting
    require(RIGHT, actor, meeting)
    check_open(meeting)
    if outcome.kind != Outcome.Kind.DECISION:
        raise Refused(_("Gemeinsam verabschiedet werden nur Beschlüsse."))
    who = text.clean_line(who)
    if not who:
        raise Refused(_("Bitte nennen Sie, wer den Beschluss mit verabschiedet."))
    claim = once.claim(key or once.new_key(), scope=f"bodies.adoption:{outcome.uuid}")
    if claim.repeated:
        return JointAdoption.objects.get(uuid=claim.answer)
    network = meeting.body.network
    organisation = Organisation.objects.filter(network=network, name__iexact=who).first()
    body = None
    if organisation is None:
        body = Body.objects.filter(network=network, name__iexact=who).first()
    words = text.shorten(who, 200) if organisation is None and body is None else ""
    same = outcome.adoptions.filter(organisation=organisation, body=body, words=words)
    if same.exists():
        raise Refused(_("%(who)s steht schon in der Liste.") % {"who": who})
    adoption = JointAdoption.objects.create(
        outcome=outcome, organisation=organisation, body=body, words=words, adopted_on=adopted_on
    )
    _record("bodies.adoption.added", adoption, actor)
    live.touch(meeting.pk)
    claim.remember(str(adoption.uuid))
    return adoption


@transaction.atomic
def date_adoption(
    adoption: JointAdoption, *, actor: Actor, expected: int, adopted_on: date | None
) -> None:
    """The day on which it was adopted there. Also after the minutes went out: the other house
    decides later, and the minutes as they were sent stay. Raises NotAllowed, Conflict."""
    meeting = adoption.outcome.item.meeting
    require(RIGHT, actor, meeting)
    hold(meeting)
    before = adoption.adopted_on
    update_versioned(adoption, expected=expected, adopted_on=adopted_on)
    actionlog.record(
        "bodies.adoption.dated", adoption, actor=actor,
        subject=meeting.body.uuid,
        before={"adopted_on": before and before.isoformat()},
        after={"adopted_on": adopted_on and adopted_on.isoformat()},
    )  # fmt: skip
    live.touch(meeting.pk)


@transaction.atomic
def remove_adoption(adoption: JointAdoption, *, actor: Actor) -> None:
    """Takes it off the list. Raises NotAllowed, Refused once minutes went out."""
    meeting = adoption.outcome.item.meeting
    require(RIGHT, actor, meeting)
    check_open(meeting)
    _record("bodies.adoption.removed", adoption, actor)
    adoption.delete()
    live.touch(meeting.pk)


def _record(code: str, adoption: JointAdoption, actor: Actor) -> None:
    actionlog.record(
        code, adoption, actor=actor, subject=adoption.outcome.item.meeting.body.uuid,
        after={"decision": str(adoption.outcome.uuid)},
    )  # fmt: skip
